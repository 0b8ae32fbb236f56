//! Ends a backend's work from outside: the driver has no cancel, and a dropped connection alone leaves a query running.

use super::connect::connect;
use crate::domain::side::Side;
use crate::ports::connection::PostgresConnection;
use sqlx::Row as _;
use sqlx::postgres::PgConnection;
use std::time::Duration;
use tokio::time::Instant;

/// Longest we look after a backend we stopped.
const PATIENCE: Duration = Duration::from_secs(2);
/// After this a cancel becomes a termination.
const HARDER_AFTER: Duration = Duration::from_millis(700);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(20);

/// Cancels what backend `pid` does, closes our connection to it and waits, at most two seconds, until the backend is gone.
/// Says whether it is.
pub async fn stop(side: Side, to: &PostgresConnection, pid: i32, ours: PgConnection) -> bool {
    let deadline = Instant::now() + PATIENCE;
    tokio::time::timeout_at(deadline, end(side, to, pid, ours)).await.unwrap_or(false)
}

async fn end(side: Side, to: &PostgresConnection, pid: i32, ours: PgConnection) -> bool {
    let started = Instant::now();
    let mut ours = Some(ours);
    let mut second = loop {
        match connect(side, to).await {
            Ok(connection) => break connection,
            // No seat left: ours is freed when its backend notices that we are gone.
            Err(_) => drop(ours.take()),
        }
        tokio::time::sleep(PAUSE).await;
    };
    // While ours is open the pid is surely ours.
    let _ = signal(&mut second, "SELECT pg_catalog.pg_cancel_backend($1)", pid).await;
    drop(ours.take());
    let mut harder = false;
    loop {
        match present(&mut second, pid).await {
            Ok(true) => {}
            Ok(false) => return true,
            Err(_) => return false,
        }
        if !harder && started.elapsed() > HARDER_AFTER {
            harder = true;
            let _ = signal(&mut second, "SELECT pg_catalog.pg_terminate_backend($1)", pid).await;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn signal(connection: &mut PgConnection, sql: &'static str, pid: i32) -> Result<bool, sqlx::Error> {
    sqlx::query(sql).bind(pid).fetch_one(connection).await?.try_get(0)
}

async fn present(connection: &mut PgConnection, pid: i32) -> Result<bool, sqlx::Error> {
    let sql = "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_stat_activity WHERE pid = $1)";
    sqlx::query(sql).bind(pid).fetch_one(connection).await?.try_get(0)
}

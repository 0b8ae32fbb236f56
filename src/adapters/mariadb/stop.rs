//! Ends a statement's work from outside: the driver has no cancel, and these servers do not notice a client that is gone
//! until they have a row for it.

use super::ask;
use super::connect::connect;
use crate::domain::side::Side;
use crate::ports::connection::MariaDbConnection;
use sqlx::AssertSqlSafe;
use sqlx::mysql::MySqlConnection;
use std::time::Duration;
use tokio::time::Instant;

/// Longest we look after a connection we stopped.
const PATIENCE: Duration = Duration::from_secs(2);
/// After this the connection is ended where its statement was before.
const HARDER_AFTER: Duration = Duration::from_millis(700);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(20);

/// Kills what connection `id` does, closes our end of it and waits, at most two seconds, until the server has let go of it.
/// Says whether it has.
pub async fn stop(side: Side, to: &MariaDbConnection, id: u64, ours: MySqlConnection) -> bool {
    tokio::time::timeout_at(Instant::now() + PATIENCE, end(side, to, id, ours)).await.unwrap_or(false)
}

async fn end(side: Side, to: &MariaDbConnection, id: u64, ours: MySqlConnection) -> bool {
    let started = Instant::now();
    let mut ours = Some(ours);
    let mut second = loop {
        match connect(side, to).await {
            Ok(connection) => break connection,
            // No seat left: ours is freed when its thread notices that we are gone.
            Err(_) => drop(ours.take()),
        }
        tokio::time::sleep(PAUSE).await;
    };
    // An account may always kill what is its own. While ours is open the id is surely ours.
    let _ = ask::run(&mut second, AssertSqlSafe(format!("KILL QUERY {id}"))).await;
    drop(ours.take());
    let mut harder = false;
    loop {
        match present(&mut second, id).await {
            Ok(true) => {}
            Ok(false) => return true,
            Err(_) => return false,
        }
        if !harder && started.elapsed() > HARDER_AFTER {
            harder = true;
            let _ = ask::run(&mut second, AssertSqlSafe(format!("KILL {id}"))).await;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn present(connection: &mut MySqlConnection, id: u64) -> Result<bool, sqlx::Error> {
    let sql = AssertSqlSafe(format!("SELECT COUNT(*) FROM information_schema.processlist WHERE id = {id}"));
    Ok(ask::row(connection, sql).await?.text(0) != "0")
}

/// A connection at work. A caller that drops the work half-way leaves a server that goes on: it is stopped then.
pub struct AtWork {
    side: Side,
    to: MariaDbConnection,
    id: u64,
    connection: Option<MySqlConnection>,
}

impl AtWork {
    /// Watches over a connection.
    pub fn new(side: Side, to: &MariaDbConnection, id: u64, connection: MySqlConnection) -> Self {
        Self { side, to: to.clone(), id, connection: Some(connection) }
    }

    /// The connection to work on.
    pub fn connection(&mut self) -> Option<&mut MySqlConnection> {
        self.connection.as_mut()
    }

    /// The work came to an end: the connection is the caller's again.
    pub fn done(mut self) -> Option<MySqlConnection> {
        self.connection.take()
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        let (side, to, id) = (self.side, self.to.clone(), self.id);
        // Without a runtime the program ends, and the server's own statement timeout is what is left.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { stop(side, &to, id, connection).await });
        }
    }
}

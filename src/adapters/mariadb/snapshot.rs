//! Opens the read-only snapshot, proves that it is one, and names it.

use super::ask;
use super::fault::{Blame, number};
use super::product::Product;
use crate::domain::text::shown;
use crate::ports::clock::Clock;
use crate::ports::database::{Fault, FaultKind};
use chrono::{DateTime, NaiveDateTime, Utc};
use sqlx::mysql::MySqlConnection;
use std::fmt::Write as _;

/// "Cannot execute statement in a READ ONLY transaction".
pub const READ_ONLY: u16 = 1792;
/// What the server says where the account may not, before it comes to the transaction.
const DENIED: [u16; 2] = [1044, 1142];

/// A snapshot's first facts.
#[derive(Debug)]
pub struct First {
    /// The connection's id at the server.
    pub id: u64,
    /// The server's own name of it, as far as it has one.
    pub name: String,
    /// Whether the server takes no writes at all, as a replica does.
    pub read_only_server: bool,
    /// The server's clock.
    pub server_clock: DateTime<Utc>,
    /// This machine's at the same moment.
    pub local_clock: DateTime<Utc>,
}

/// How a write that was tried ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tried {
    /// Refused, with the server's number.
    Refused(u16),
    /// Not refused.
    Done,
}

/// Starts the transaction. Its snapshot is taken now, not with the first query.
pub async fn begin(connection: &mut MySqlConnection, blame: Blame<'_>) -> Result<(), Fault> {
    ask::run(connection, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY").await.map_err(|e| blame.driver(&e))
}

/// Tries a write where it must fail. The server has no word for whether a transaction is read-only; only this shows it. What
/// is tried is a temporary table: it would be this session's alone and end with it, and it commits nothing.
pub async fn try_write(connection: &mut MySqlConnection, blame: Blame<'_>) -> Result<Tried, Fault> {
    match ask::run(connection, "CREATE TEMPORARY TABLE dualrun_write_probe (i INT)").await {
        Ok(()) => Ok(Tried::Done),
        Err(error) => match number(&error) {
            Some(code) if code == READ_ONLY || DENIED.contains(&code) => Ok(Tried::Refused(code)),
            _ => Err(blame.driver(&error)),
        },
    }
}

/// Opens the snapshot of a session, sees that a write is refused in it, and sets the mark by which the tripwires know the
/// transaction again: a savepoint, which no other transaction has.
pub async fn open(connection: &mut MySqlConnection, blame: Blame<'_>, product: &Product, clock: &dyn Clock) -> Result<First, Fault> {
    begin(connection, blame).await?;
    let before = clock.now();
    let row = ask::row(connection, "SELECT CONNECTION_ID(), UTC_TIMESTAMP(6), @@global.read_only").await.map_err(|e| blame.driver(&e))?;
    let after = clock.now();
    let not_read_only = |what: &str| blame.fault(FaultKind::NotReadOnly, what, "connect to the server itself, not through a proxy");
    if try_write(connection, blame).await? == Tried::Done {
        return Err(not_read_only("a write in the read-only transaction was not refused"));
    }
    ask::run(connection, "SAVEPOINT dualrun").await.map_err(|e| blame.driver(&e))?;
    let id = row.text(0).parse().map_err(|_| not_read_only("the server does not tell the connection's id"))?;
    let taken = NaiveDateTime::parse_from_str(row.text(1), "%Y-%m-%d %H:%M:%S%.f");
    let taken = taken.map_err(|_| blame.fault(FaultKind::Failed, "the server's clock cannot be read", "set its clock"))?.and_utc();
    let mut name = format!("connection {id} at {}", taken.format("%Y-%m-%dT%H:%M:%S%.6fZ"));
    for place in places(connection, product).await {
        let _ = write!(name, ", {}", shown(&place, 200));
    }
    let read_only_server = !matches!(row.text(2), "" | "0" | "OFF");
    Ok(First { id, name, read_only_server, server_clock: taken, local_clock: before + (after - before) / 2 })
}

/// Where the snapshot stands in the binary log, as far as the account may see it and the server keeps one.
async fn places(connection: &mut MySqlConnection, product: &Product) -> Vec<String> {
    let mut places = Vec::new();
    let status = ask::rows(connection, "SHOW STATUS LIKE 'Binlog_snapshot_%'").await.unwrap_or_default();
    let of = |name: &str| status.iter().find(|r| r.text(0).eq_ignore_ascii_case(name)).map_or("", |r| r.text(1));
    if !of("Binlog_snapshot_file").is_empty() {
        places.push(format!("binlog {}:{}", of("Binlog_snapshot_file"), of("Binlog_snapshot_position")));
    }
    let gtid = if product.mariadb { "SELECT @@global.gtid_binlog_pos" } else { "SELECT @@global.gtid_executed" };
    if let Ok(row) = ask::row(connection, gtid).await
        && !row.text(0).is_empty()
    {
        places.push(format!("gtid {}", row.text(0)));
    }
    places
}

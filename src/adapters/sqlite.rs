//! A side that is an SQLite file: opened read-only, judged by its own one-statement check, read in one transaction.
//!
//! # How values become text
//! SQLite types values, not columns, so each value is printed by its own storage class:
//!
//! | stored as | delivered as |
//! |---|---|
//! | NULL | NULL |
//! | INTEGER | its decimal digits |
//! | INTEGER beyond 53 bits in a DECIMAL or NUMERIC column, if a REAL can be it | `≈9007199254740994 (REAL)` |
//! | TEXT | its bytes as they are: no trimming, no cut at NUL, no check for UTF-8 (a UTF-16 file is read as UTF-8) |
//! | REAL that a decimal of at most 15 digits names | that decimal: `10.1`, `0.0075`, `-5`; negative zero is `0` |
//! | any other REAL | `≈9007199254740994 (REAL)`, which no decoder takes for a number: the row is an error that shows why |
//! | infinite REAL | `Infinity`, `-Infinity` |
//! | BLOB | `<blob 2 bytes>`, which is no number, date or boolean |
//!
//! A `DECIMAL(12,2)` column keeps `10.10` as the REAL 10.1. Every decimal of up to 15 digits survives the way into a REAL
//! and back, so the shortest decimal is the one that was meant; past 15 digits nobody can tell, and nothing is guessed.
//! Such a column also turns `9007199254740993.01` into the INTEGER 9007199254740994, hence the third line.
//! Columns declared REAL, FLOAT, DOUBLE, DECIMAL or NUMERIC are marked [`approximate`](crate::domain::decode::ResultColumn).
//!
//! # How parameters are bound
//! `:name` is always bound, never pasted: a day as the text `2026-05-01`, an instant as RFC 3339 in UTC with whole seconds
//! (`2026-05-01T04:00:00Z`; fractions are kept when there are any), an integer as INTEGER, text as TEXT.
//!
//! # What keeps the file unchanged
//! Read-only open, `query_only` set and read back, the check of `sqlite/statement.rs`, no extension loading, never
//! `immutable` (it would pass over the rows of a `-wal` without a word), ROLLBACK at the end. Beside a file
//! in WAL mode SQLite itself keeps its `-shm` index and may leave it with an empty `-wal`: the one thing that can appear.
//! The file is never opened by other means than SQLite: closing any descriptor of it would drop the locks this process
//! holds on it. For the same reason a snapshot is named by data version, pages, size and time of change, and not by the
//! change counter, which stands in the file's first bytes.

mod fault;
mod file;
mod inspect;
mod session;
mod statement;
mod token;
mod value;
mod watch;

use crate::domain::side::Side;
use crate::domain::text::shown;
use crate::ports::clock::Clock;
use crate::ports::connection::SqliteConnection;
use crate::ports::database::{Database, DatabaseKind, DoctorFinding, Fault, Limits, Session};
use async_trait::async_trait;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// A side's SQLite file, not yet opened.
#[derive(Debug, Clone)]
pub struct Sqlite {
    side: Side,
    connection: SqliteConnection,
    clock: Arc<dyn Clock>,
}

impl Sqlite {
    /// Names the file of a side; nothing is opened.
    pub fn new(side: Side, connection: SqliteConnection, clock: Arc<dyn Clock>) -> Self {
        Self { side, connection, clock }
    }
}

#[async_trait]
impl Database for Sqlite {
    fn kind(&self) -> DatabaseKind {
        DatabaseKind::Sqlite
    }

    fn place(&self) -> String {
        shown(&self.connection.path.to_string_lossy(), 200)
    }

    async fn open(&self, limits: &Limits, cancel: &CancellationToken) -> Result<Box<dyn Session>, Fault> {
        Ok(Box::new(session::SqliteSession::open(self, limits, cancel).await?))
    }

    async fn inspect(&self, limits: &Limits, cancel: &CancellationToken) -> Vec<DoctorFinding> {
        inspect::inspect(self, limits, cancel).await
    }
}

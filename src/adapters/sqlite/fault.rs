//! SQLite's errors in plain words, with the remedy. Its numeric codes are at sqlite.org/rescode.html.

use super::watch::{Stop, Watch};
use crate::domain::side::Side;
use crate::domain::text::shown;
use crate::ports::database::{Fault, FaultKind, Query};

/// What to do about a file that cannot be read as it lies there.
pub(super) const COPY_REMEDY: &str = "make a copy with `sqlite3 file '.backup copy.db'` in a private directory (as a user who may read and write beside the file) and name the copy in `path`";
const DAMAGE_REMEDY: &str = "restore the file from a backup; `sqlite3 file 'pragma integrity_check'` lists the damage, and `sqlite3 file '.backup copy.db'` in a private directory makes a consistent copy of a file that is in use";
const JOURNAL_REMEDY: &str = "let the application that owns the file open it once, which rolls the half-done change back; or copy the file together with its -journal into a private directory, make a copy with `sqlite3 file '.backup copy.db'` there and name that copy in `path`";
const QUOTES_REMEDY: &str = "check the spelling; text is written in 'single quotes', names in \"double quotes\"";

/// When an error happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// The file is opened.
    Connecting,
    /// The first query takes the snapshot.
    Snapshot,
    /// A query is prepared.
    Preparing,
    /// Its rows are read.
    Running,
}

/// A fault with no query to blame.
pub(super) fn fault(side: Side, kind: FaultKind, what: impl Into<String>, remedy: impl Into<String>) -> Fault {
    Fault { side, kind, query: None, what: what.into(), remedy: remedy.into() }
}

/// A fault of a query.
pub(super) fn of_query(query: &Query, kind: FaultKind, what: impl Into<String>, remedy: impl Into<String>) -> Fault {
    Fault { side: query.side, kind, query: Some(query.name.clone()), what: what.into(), remedy: remedy.into() }
}

/// What the driver said, as a fault.
pub(super) fn from_driver(side: Side, error: &sqlx::Error, moment: Moment, watch: &Watch) -> Fault {
    match error {
        sqlx::Error::Database(e) => {
            let code = e.code().and_then(|c| c.parse::<u32>().ok()).unwrap_or(1);
            let message = shown(e.message(), 200);
            from_code(side, code, &message, moment, watch)
        }
        sqlx::Error::Io(e) => fault(side, FaultKind::Unreachable, shown(&e.to_string(), 200), "check `path`"),
        sqlx::Error::WorkerCrashed => fault(
            side,
            FaultKind::ConnectionLost,
            "SQLite's thread ended",
            "run again; if it stays, check the file's table and column names for bytes that are no UTF-8",
        ),
        other => fault(side, FaultKind::Failed, shown(&other.to_string(), 200), ""),
    }
}

fn from_code(side: Side, code: u32, message: &str, moment: Moment, watch: &Watch) -> Fault {
    let said = format!("{message} (SQLite {code})");
    let damaged = |what: String, remedy: &str| fault(side, FaultKind::Damaged, what, remedy);
    match (code & 0xff, code) {
        (9, _) => stopped(side, watch),
        (5 | 6 | 15, _) => {
            fault(side, FaultKind::Timeout, format!("a writer holds the file: {said}"), "run again when the writer is done, or name a copy in `path`")
        }
        (11, _) => damaged(format!("the file is damaged or truncated: {said}"), DAMAGE_REMEDY),
        (26, _) => damaged(format!("the file is no SQLite database: {said}"), "name the database file in `path`; an encrypted file cannot be read"),
        (8, 776) => damaged(format!("a change was cut off half-way and its rollback journal is still there: {said}"), JOURNAL_REMEDY),
        (8, 264 | 520 | 1288 | 1544) => {
            damaged(format!("the file is in WAL mode and its -wal or -shm cannot be made in this directory: {said}"), COPY_REMEDY)
        }
        (8, _) if moment == Moment::Snapshot => damaged(format!("it cannot be read without writing beside it: {said}"), COPY_REMEDY),
        (8 | 23, _) => fault(side, FaultKind::Refused, format!("this would write: {said}"), "only queries that read are run"),
        (14, _) if moment == Moment::Connecting => {
            fault(side, FaultKind::PermissionDenied, format!("the file cannot be opened: {said}"), "let this user read the file")
        }
        (14, _) => damaged(format!("the file is in WAL mode and its -wal or -shm cannot be opened in this directory: {said}"), COPY_REMEDY),
        (10, _) => damaged(format!("the file cannot be read to its end: {said}"), DAMAGE_REMEDY),
        (7 | 18, _) => fault(side, FaultKind::Limit, format!("a value is too large: {said}"), "select less, or cut the value in the query"),
        (1, _) => of_sql(side, message, &said, moment),
        _ => fault(side, FaultKind::Failed, said, ""),
    }
}

fn of_sql(side: Side, message: &str, said: &str, moment: Moment) -> Fault {
    if message.starts_with("no such table") {
        fault(side, FaultKind::NoSuchTable, said, "check the name, and that `path` is the right file")
    } else if message.starts_with("no such column") {
        fault(side, FaultKind::NoSuchColumn, said, QUOTES_REMEDY)
    } else if moment == Moment::Running {
        fault(side, FaultKind::Failed, said, "no row of this query counts; correct the query or the data it fails on")
    } else {
        fault(side, FaultKind::InvalidQuery, said, "correct the query; it is SQLite's dialect")
    }
}

/// Why the watchdog ended a statement.
pub(super) fn stopped(side: Side, watch: &Watch) -> Fault {
    match watch.stop() {
        Some(Stop::StatementTime) => fault(
            side,
            FaultKind::Timeout,
            format!("stopped after {}, the longest one statement may run", humantime::format_duration(watch.statement_timeout())),
            "make the query select less, or raise `statement_timeout`",
        ),
        Some(Stop::SnapshotBudget) => fault(
            side,
            FaultKind::Timeout,
            format!("the snapshot was held for {}, the longest it may be", humantime::format_duration(watch.snapshot_budget())),
            "run again when the file is less busy, name a copy in `path`, or raise `snapshot_budget`",
        ),
        Some(Stop::Cancelled | Stop::Abandoned) | None => fault(side, FaultKind::Cancelled, "cancelled", ""),
    }
}

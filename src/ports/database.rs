//! A side's database: reached, proven read-only, judged query by query, streamed row by row, always rolled back.
//!
//! One story test (`tests/story.rs`) runs on every implementation. The way through:
//! `Database::open` → `Session::info` → per query `judge`, then `stream` → `close`, which reports the tripwires.

use crate::domain::contract::Entity;
use crate::domain::decode::{Batch, ResultColumn};
pub use crate::domain::parameter::Parameter;
use crate::domain::run::UsageRule;
pub use crate::domain::run::{DatabaseKind, SnapshotInfo};
use crate::domain::side::Side;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// One read-only query of a side and the values of its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Which side.
    pub side: Side,
    /// What it delivers; `None` for a check that is no entity.
    pub entity: Option<Entity>,
    /// Name for messages: `source.invoices`, with the file it came from where it has one: `source.invoices (sql/invoices.sql)`.
    pub name: String,
    /// The operator's SQL, with `:period_start`, `:period_end`, `:period_start_at`, `:period_end_at` and own `:parameters`.
    pub sql: String,
    /// Values by name. A name used in the SQL and absent here is an error that says so.
    pub parameters: BTreeMap<String, Parameter>,
}

/// Bounds a session keeps.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Longest one statement may run on the server.
    pub statement_timeout: Duration,
    /// Longest it may wait for a lock.
    pub lock_timeout: Duration,
    /// Longest the snapshot may be held; past it the session is closed and the run is incomplete.
    pub snapshot_budget: Duration,
    /// Most rows one query may deliver.
    pub max_rows: u64,
    /// Most bytes one field may have before its row is an error.
    pub max_field_bytes: usize,
    /// Most parallel sessions on the side.
    pub max_streams: usize,
    /// Whether usage may be read as the server's sums.
    pub usage_sums: UsageRule,
}

impl Default for Limits {
    /// 10 minutes a statement, 2 s a lock, 15 minutes a snapshot, 2 thousand million rows, 16 MiB a field, 4 streams.
    fn default() -> Self {
        Self {
            statement_timeout: Duration::from_mins(10),
            lock_timeout: Duration::from_secs(2),
            snapshot_budget: Duration::from_mins(15),
            max_rows: 2_000_000_000,
            max_field_bytes: 16 << 20,
            max_streams: 4,
            usage_sums: UsageRule::Auto,
        }
    }
}

/// How grave a doctor's finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know, or proven good.
    Info,
    /// Look at it before the flip.
    Warning,
    /// Blocks.
    Error,
}

/// One finding of `doctor` about a connection, role or query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoctorFinding {
    /// How grave.
    pub severity: Severity,
    /// Which side; `None` for the project itself.
    pub side: Option<Side>,
    /// Stable word: `role_superuser`, `no_such_table`, `write_refused` …
    pub code: String,
    /// What is so, with names.
    pub message: String,
    /// What to do; empty for what is good.
    pub remedy: String,
}

/// What went wrong at a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// Nobody answers, or the file is not there.
    Unreachable,
    /// The password or role is refused.
    Authentication,
    /// TLS cannot be verified, or is not offered where it must be.
    Tls,
    /// The role can write (or more) and was not let in by name.
    WritableRole,
    /// The session could not be proven read-only.
    NotReadOnly,
    /// The statement is no single read-only query, or calls a function on the block list.
    Refused,
    /// A table or view does not exist.
    NoSuchTable,
    /// A column does not exist, or the contract's is not delivered.
    NoSuchColumn,
    /// The role may not read it.
    PermissionDenied,
    /// The server found the SQL wrong in another way.
    InvalidQuery,
    /// The server ended the statement while it ran: a division by zero, an overflow.
    Failed,
    /// Statement, lock or snapshot time ran out.
    Timeout,
    /// Row or byte limit reached.
    Limit,
    /// The connection or stream ended half-way.
    ConnectionLost,
    /// The file is damaged, is no database, or cannot be read consistently.
    Damaged,
    /// The operator cancelled.
    Cancelled,
}

impl FaultKind {
    /// The stable word, in files and as a finding's code.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Authentication => "authentication",
            Self::Tls => "tls",
            Self::WritableRole => "writable_role",
            Self::NotReadOnly => "not_read_only",
            Self::Refused => "refused",
            Self::NoSuchTable => "no_such_table",
            Self::NoSuchColumn => "no_such_column",
            Self::PermissionDenied => "permission_denied",
            Self::InvalidQuery => "invalid_query",
            Self::Failed => "failed",
            Self::Timeout => "timeout",
            Self::Limit => "limit",
            Self::ConnectionLost => "connection_lost",
            Self::Damaged => "damaged",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A database error in plain words: what failed, on which side, on which query, and what to do next.
/// Holds no secret and no raw data; text from the server is neutralised and cut.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{side}: {}{what}{}", query.as_deref().map(|q| format!("{q}: ")).unwrap_or_default(), if remedy.is_empty() { String::new() } else { format!(" — {remedy}") })]
pub struct Fault {
    /// Which side.
    pub side: Side,
    /// What kind.
    pub kind: FaultKind,
    /// The query's name, where one is to blame.
    pub query: Option<String>,
    /// What happened, in words, with the server's code: `no such table "billing.invoice" (42P01)`.
    pub what: String,
    /// What to do next.
    pub remedy: String,
}

/// Takes the rows of a stream as they arrive. Nothing taken counts until the stream ended well.
pub trait RowSink: Send {
    /// The result's columns, once, before any row. An error ends the stream with it.
    fn columns(&mut self, columns: &[ResultColumn]) -> Result<(), Fault>;
    /// Some rows. The batch is reused afterwards.
    fn rows(&mut self, batch: &Batch) -> Result<(), Fault>;
    /// The stream waits, and why; `None` when it goes on. For whoever watches: nothing is lost meanwhile.
    fn paused(&mut self, _why: Option<&str>) {}
}

/// How a query's rows are to be added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summing {
    /// Columns whose values tell the sums apart, byte by byte.
    pub by: [&'static str; 3],
    /// The column that is added up.
    pub of: &'static str,
}

impl Summing {
    /// Where a row of sums says how many records it is of: behind the columns of [`Summing::by`] and [`Summing::of`].
    pub const RECORDS: usize = 4;
    /// Where it says how many of them are of a number that is not below nought.
    pub const SOUND: usize = 5;
}

/// How a stream of sums ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Summed {
    /// Well.
    Whole,
    /// The server or its kind does not give them, and why. What was handed over does not count; the session goes on.
    Refused(String),
}

/// What a database is told apart by, as its server says it itself: where somebody wrote it down as lies elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Its kind.
    pub kind: DatabaseKind,
    /// What is said, each by its name, the same names for all of a kind; `None` where this role is not told.
    pub said: Vec<(&'static str, Option<String>)>,
    /// Whether it follows another server, and has only what is done there.
    pub follows: bool,
}

impl Identity {
    /// Whether both can be one database: nothing that both say differs.
    pub fn may_be(&self, other: &Self) -> bool {
        let agree = |name: &str, said: &Option<String>| {
            let there = other.said.iter().find(|(of, _)| *of == name).and_then(|(_, said)| said.as_ref());
            said.as_ref().zip(there).is_none_or(|(here, there)| here == there)
        };
        self.kind == other.kind && self.said.iter().all(|(name, said)| agree(name, said))
    }
}

/// A side's database, not yet connected.
#[async_trait]
pub trait Database: Send + Sync + std::fmt::Debug {
    /// Its kind.
    fn kind(&self) -> DatabaseKind;

    /// Host and database, or file, for people; no secret.
    fn place(&self) -> String;

    /// Connects, pins and reads back the session's settings, refuses a role that can write (unless let in by name),
    /// opens the snapshot (REPEATABLE READ, READ ONLY) with a first query at once.
    async fn open(&self, limits: &Limits, cancel: &CancellationToken) -> Result<Box<dyn Session>, Fault>;

    /// Inspects the connection and the role as far as it can get, proving that a write is refused. Never fails: what fails is a finding.
    async fn inspect(&self, limits: &Limits, cancel: &CancellationToken) -> Vec<DoctorFinding>;
}

/// One read-only session on one snapshot.
#[async_trait]
pub trait Session: Send {
    /// Where it reads from.
    fn info(&self) -> &SnapshotInfo;

    /// Lets the server judge a query: one statement, only a SELECT, its tables and columns exist and may be read. Runs nothing.
    async fn judge(&mut self, query: &Query) -> Result<Vec<ResultColumn>, Fault>;

    /// What its server says it is.
    async fn identity(&mut self) -> Result<Identity, Fault>;

    /// Judges a query, then streams its rows. Cancelling really stops the server's work. Returns the rows delivered.
    async fn stream(&mut self, query: &Query, sink: &mut dyn RowSink) -> Result<u64, Fault>;

    /// Streams, instead of a query's rows, exact sums of them, each with two counts (see [`Summing`]). Refused where the kind or the
    /// types of the columns would not give exactly what adding up the rows gives.
    async fn stream_sums(&mut self, _query: &Query, _summing: Summing, _sink: &mut dyn RowSink) -> Result<Summed, Fault> {
        Ok(Summed::Refused("this kind of database is not asked to add up".to_owned()))
    }

    /// Another session on the same snapshot, where the kind can and the limits allow; `None` where it cannot.
    async fn fork(&mut self) -> Result<Option<Box<dyn Session>>, Fault>;

    /// Checks the tripwires (still read-only, same backend, nothing was written, settings unchanged), rolls back and disconnects.
    async fn close(self: Box<Self>) -> Result<(), Fault>;
}

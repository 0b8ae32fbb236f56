//! What was seen when a check was made, before it is judged: programs, files, rows, jobs and figures as plain values.

use super::digest::digest_of;
use crate::domain::currency::Currency;
use crate::domain::exact::Exact;
use crate::domain::text::Untrusted;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// What a query gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SqlSeen {
    /// Rows, their stream having ended well.
    Rows {
        /// Names of the columns.
        columns: Vec<String>,
        /// How many rows.
        rows: u64,
        /// The first of them, each field with its bytes; `None` is NULL.
        first: Vec<Vec<Option<Vec<u8>>>>,
    },
    /// The server does not take it as it is written, and why.
    Invalid(String),
    /// It was taken, or could not even be asked, and broke; why.
    Broke(String),
}

/// How a program ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// By itself, with this code.
    Exit(i32),
    /// By this signal, which nobody here sent.
    Signal(i32),
    /// It took longer than it may, and was ended.
    Timeout,
    /// It wrote more than it may, and was ended.
    Flood,
    /// The operator stopped it.
    Stopped,
    /// It did not start, and why.
    NotStarted(String),
}

/// One run of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramRun {
    /// How it ended.
    pub ended: Ended,
    /// How long it took.
    pub took: Duration,
    /// The file that was started, absolute, with its digest; `None` where none was found.
    pub program: Option<(String, String)>,
    /// What it wrote, in lines that hold no secret it was given.
    pub output: Vec<Said>,
    /// Processes it left behind, in words; what could be ended was.
    pub left_behind: Vec<String>,
}

/// What a program wrote to one of its two outputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// `stdout`, `stderr`.
    pub on: &'static str,
    /// Bytes it wrote.
    pub bytes: u64,
    /// The first of them.
    pub head: Vec<u8>,
    /// The last of them, where there are more.
    pub tail: Vec<u8>,
}

/// A file as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSeen {
    /// Its path, as it was named.
    pub path: String,
    /// BLAKE3 of its bytes, hex.
    pub digest: String,
    /// When it was last written.
    pub modified: DateTime<Utc>,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A scheduled job of a side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobSeen {
    /// Its name.
    pub name: Untrusted,
    /// When it runs, as the side writes it.
    pub cron: Option<Untrusted>,
    /// Whether it runs.
    pub active: bool,
    /// When it ran last, as the side writes it.
    pub last_run: Option<Untrusted>,
    /// When it runs next, as the side writes it.
    pub next_run: Option<Untrusted>,
}

/// Jobs of a side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobsSeen {
    /// Them all.
    Jobs(Vec<JobSeen>),
    /// The side maps no `jobs`.
    Unmapped,
    /// They cannot be read as the mapping says; why.
    Invalid(String),
    /// They could not be read now; why.
    Broke(String),
}

/// The figures of a service that a metric is taken from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Figures {
    /// The month that was compared last; `None` where no run counts.
    pub newest: Option<MonthFigures>,
    /// Every month with a run that counts, oldest first, the newest among them.
    pub months: Vec<MonthStanding>,
    /// Rows that could not be read in the newest run that looked at a whole month and ended; with the number of that run.
    pub rejected: Option<(u64, i64)>,
    /// The newest look at inertness with the checks as they are now: when, and how many do not hold.
    pub inertness: Option<(DateTime<Utc>, u64)>,
}

/// What the newest month came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthFigures {
    /// The run.
    pub run: i64,
    /// When it ended.
    pub at: DateTime<Utc>,
    /// Whether the configuration is still the one it was made with, and nothing acted on the target since.
    pub is_fresh: bool,
    /// Rows that match, within tolerance or not at all counted apart: only `match`.
    pub matching: u64,
    /// Rows that are compared: all but unlinked documents.
    pub compared: u64,
    /// By currency: Σ |delta| of rows with no confirmed cause and no waiver, in major units.
    pub unexplained: BTreeMap<Currency, Exact>,
    /// By currency: money covered ÷ money invoiced, in per cent; absent where nothing was invoiced.
    pub coverage: BTreeMap<Currency, Exact>,
}

/// How a month stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonthStanding {
    /// Its first day.
    pub first: NaiveDate,
    /// The first day after it.
    pub end: NaiveDate,
    /// Rows of its run.
    pub rows: u64,
    /// Rows that are open.
    pub open: u64,
    /// Whether its run is of the configuration as it is now, and of these databases.
    pub is_fresh: bool,
}

/// What the figures of a month stood on: evidence of a metric is of exactly that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MonthStood {
    /// Digest of its run.
    pub run: String,
    /// Digest of the configuration the run was made with.
    pub config: String,
    /// Digest of how its rows stand by what people decided, at a moment; `None` where nobody decided.
    pub decided: Option<String>,
}

impl MonthStood {
    /// As evidence keeps it.
    pub fn digest(&self) -> String {
        digest_of("month v1", self)
    }
}

//! A run: one reconciliation of one month over one snapshot of each side, and what it came to.

use super::currency::Currency;
use super::period::Month;
use super::profile::BasisRule;
use super::side::Side;
use super::verdict::Verdict;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The kinds of database a side can live in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DatabaseKind {
    /// PostgreSQL 12 or newer.
    Postgres,
    /// MariaDB 10.5 or newer, MySQL 5.7 or newer; which of the two, the server's version says.
    #[serde(rename = "mariadb")]
    MariaDb,
    /// An SQLite file.
    Sqlite,
}

impl DatabaseKind {
    /// The word in configuration and files.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::MariaDb => "mariadb",
            Self::Sqlite => "sqlite",
        }
    }
}

/// What a session knows about where it reads from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotInfo {
    /// Which side.
    pub side: Side,
    /// The kind of database.
    pub kind: DatabaseKind,
    /// `PostgreSQL 15.18`, `SQLite 3.51.3`.
    pub server: String,
    /// Host and database, or the file: never a user, password or token.
    pub place: String,
    /// How the connection is protected: `local socket`, `TLS verify-full`, `file`; `plaintext (loopback)` only for a local host.
    pub transport: String,
    /// The server's own name of the snapshot (PostgreSQL: exported snapshot id and LSN; MariaDB and MySQL: connection, time and place in the binary log; SQLite: data version).
    pub snapshot: String,
    /// The server's clock when the snapshot was taken.
    pub server_clock: DateTime<Utc>,
    /// This machine's clock at the same moment.
    pub local_clock: DateTime<Utc>,
    /// True when the role could write and was let in by name (`--allow-writable-role`): stamped on reports, blocks the flip.
    pub writable_role: bool,
}

/// How far a run came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// It is being computed now.
    Running,
    /// Every row of both sides was read.
    Complete,
    /// Some rows could not be read; each is listed. Counts for nothing.
    Incomplete,
    /// Stopped by the operator or a crash. Counts for nothing.
    Interrupted,
    /// Ended by an error before it had a result.
    Failed,
}

impl RunState {
    /// The word in files and JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Complete => "complete",
            Self::Incomplete => "incomplete",
            Self::Interrupted => "interrupted",
            Self::Failed => "failed",
        }
    }
}

/// Rows by verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Counts([u64; 8]);

impl Counts {
    /// Counts one row.
    pub fn add(&mut self, verdict: Verdict) {
        if let Some(n) = self.0.get_mut(usize::from(verdict.code())) {
            *n += 1;
        }
    }

    /// So many rows of one verdict get another.
    pub fn moved(&mut self, from: Verdict, to: Verdict, rows: u64) {
        if let Some(n) = self.0.get_mut(usize::from(from.code())) {
            *n = n.saturating_sub(rows);
        }
        if let Some(n) = self.0.get_mut(usize::from(to.code())) {
            *n = n.saturating_add(rows);
        }
    }

    /// Counts the rows of another.
    pub fn absorb(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(all, n)| *all += n);
    }

    /// Rows of a verdict.
    pub fn of(&self, verdict: Verdict) -> u64 {
        self.0.get(usize::from(verdict.code())).copied().unwrap_or(0)
    }

    /// All rows.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }
}

/// Rows by basis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BasisCounts {
    /// By the target's own document.
    pub draft: u64,
    /// By dualrun's rating.
    pub rated: u64,
    /// Without an expected amount (unlinked rows are not counted at all).
    pub none: u64,
}

impl BasisCounts {
    /// Counts the rows of another.
    pub const fn absorb(&mut self, other: &Self) {
        self.draft += other.draft;
        self.rated += other.rated;
        self.none += other.none;
    }
}

/// Money of one currency, in whole minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MoneyTotals {
    /// Billed by the source in paired and missing rows.
    pub actual: i64,
    /// Would be billed by the target in the same rows.
    pub expected: i64,
    /// Σ delta, signed.
    pub net: i64,
    /// Σ |delta|.
    pub gross: i64,
    /// Billed with no subscription.
    pub unlinked: i64,
    /// Actual of rows that cannot be compared; in no other sum.
    pub not_comparable_actual: i64,
    /// Expected of rows that cannot be compared; in no other sum.
    pub not_comparable_expected: i64,
    /// Σ |actual| of rows that have both sides: the part of coverage above the line.
    pub covered: i64,
    /// Σ |actual| of every billable document, unlinked included: the part below the line.
    pub invoiced: i64,
    /// |delta| that tolerance keeps out of `delta`.
    pub tolerated: i64,
}

impl MoneyTotals {
    /// covered ÷ invoiced in ten-thousandths, rounded down, so that 10000 means all; `None` where nothing was invoiced.
    pub fn coverage(&self) -> Option<i64> {
        (self.invoiced > 0).then(|| i64::try_from(i128::from(self.covered) * 10_000 / i128::from(self.invoiced)).unwrap_or(0))
    }
}

/// What a run was asked to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunRequest {
    /// The service.
    pub service: String,
    /// The month whose starting periods are compared.
    pub month: Month,
    /// Only these subscriptions (normalised keys); empty is all. A run of a few never counts as evidence.
    pub only: Vec<String>,
    /// Shown, kept apart, never current.
    pub dry_run: bool,
    /// The run this one checks again over a new snapshot.
    pub recheck_of: Option<i64>,
    /// Which of draft and rating decides.
    pub basis: BasisRule,
    /// Who asked: `--as`, `DUALRUN_OPERATOR`, or the login name; not signed.
    pub actor: String,
    /// Version of this program.
    pub program: String,
    /// Digest of the configuration that decides numbers.
    pub config_digest: String,
}

/// What a run came to, whatever the state.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Rows by verdict.
    pub counts: Counts,
    /// Subscription rows by basis.
    pub basis: BasisCounts,
    /// Money by currency.
    pub money: BTreeMap<Currency, MoneyTotals>,
    /// Every source invoice read, in exactly one bucket: `read`, `other_period`, `void`, `draft`, `zero`, `unlinked`, `linked` …
    pub source_invoices: BTreeMap<String, u64>,
    /// The same for the target's documents.
    pub target_invoices: BTreeMap<String, u64>,
    /// Every usage record read: `read`, `in_period`, `other_period`, `repeated` …
    pub usage: BTreeMap<String, u64>,
    /// How usage was read; `None` where none is mapped, and of runs that did not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage_reading: Option<UsageReading>,
    /// Rows that could not be read.
    pub rejected: u64,
}

/// Whether usage may be read as sums: what is configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UsageRule {
    /// By what an earlier run counted.
    #[default]
    Auto,
    /// Never.
    Records,
    /// Wherever sums tell all that records do.
    Sums,
}

/// How usage is read. What it comes to is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UsageWay {
    /// Record by record, added up here.
    Records,
    /// As sums of the server.
    Sums,
}

/// How a run read usage, and what was counted: told with the run, and what a later run chooses by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageReading {
    /// The way.
    pub way: UsageWay,
    /// Why that way, in words.
    pub why: String,
    /// Records of the query, in whatever period.
    pub records: u64,
    /// Sums they make by subscription, metric and `period_start`; `None` where a sum would not tell all that its records do.
    pub sums: Option<u64>,
    /// True where the server's sums were asked for and could not be taken.
    #[serde(default)]
    pub refused: bool,
}

/// Digests of a run, hex, each independent of row order, clock and database kind.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Digests {
    /// Over the source's inputs.
    pub source: String,
    /// Over the target's inputs.
    pub target: String,
    /// Over configuration, both inputs and results.
    pub run: String,
}

/// How a recheck compares to its parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RecheckOutcome {
    /// Rows of the parent that differed and match now.
    pub now_matches: u64,
    /// Rows that still differ.
    pub still_differs: u64,
    /// Rows that are not there any more: nobody can say that they match.
    #[serde(default)]
    pub gone: u64,
}

/// A run as the workspace keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Its number, from 1.
    pub id: i64,
    /// What was asked.
    pub request: RunRequest,
    /// How far it came.
    pub state: RunState,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// What it came to.
    pub tally: Tally,
    /// Its digests; empty unless it ended.
    pub digests: Digests,
    /// Both sides' snapshots, source first.
    pub snapshots: Vec<SnapshotInfo>,
    /// Why it failed, in words.
    pub failure: Option<String>,
    /// For a recheck.
    pub recheck: Option<RecheckOutcome>,
    /// True for the newest complete, full run of its month: the one that counts.
    pub current: bool,
}

/// Of current runs, oldest month first, that of the newest month in which anything was compared (a month without a row hides none
/// before it), else the newest.
pub fn newest_compared(current: &[Run]) -> Option<&Run> {
    current.iter().rfind(|run| run.tally.counts.total() > 0).or_else(|| current.last())
}

impl Run {
    /// Whether it looked at everything of its month: only such a run, whatever became of it, says how the month stands.
    pub fn is_full(&self) -> bool {
        self.request.only.is_empty() && !self.request.dry_run
    }

    /// What the journal keeps of its end, with how many findings and rows it has.
    pub fn journal_facts(&self, findings: usize, rows: u64) -> Value {
        let counts: Map<String, Value> = Verdict::ALL.iter().map(|v| (v.word().to_owned(), json!(self.tally.counts.of(*v)))).collect();
        let r = &self.request;
        json!({
            "run": self.id, "service": r.service, "month": r.month, "config": r.config_digest, "program": r.program,
            "digest": self.digests.run, "source": self.digests.source, "target": self.digests.target,
            "rows": rows, "counts": counts, "findings": findings, "rejected": self.tally.rejected,
            "current": self.current, "dry_run": r.dry_run, "only": r.only.len(), "recheck_of": r.recheck_of,
        })
    }

    /// Whether it may become current and count as evidence.
    pub fn counts_as_evidence(&self) -> bool {
        self.state == RunState::Complete && self.is_full() && self.snapshots.iter().all(|s| !s.writable_role)
    }
}

//! dualrun's own store: runs, rows, findings and the journal. Many readers, one writer at a time.
//!
//! Readers page by keyset, so a table of ten million rows opens as fast as one of ten. A run's rows are seen by
//! readers only through its [`Run::state`]; nothing becomes current before [`RunWriter::finish`] returned.

use crate::domain::currency::Currency;
use crate::domain::decode::RowError;
use crate::domain::evidence::{Evidence, Shelf};
use crate::domain::exact::Exact;
use crate::domain::explanation::{Certainty, Explanation};
use crate::domain::finding::Finding;
pub use crate::domain::journal::{JournalEntry, JournalHead};
use crate::domain::period::Period;
use crate::domain::row::{ReconRow, Subject, Terms};
use crate::domain::run::{Digests, RecheckOutcome, Run, RunRequest, RunState, SnapshotInfo, Tally};
use crate::domain::side::Side;
use crate::domain::text::Untrusted;
use crate::domain::verdict::{Basis, Review, Verdict};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;

/// What went wrong in the store, in words with a remedy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Another program writes; who it is, as far as it said.
    #[error("the workspace is being written by {holder} — wait for it, or stop it")]
    Locked {
        /// `dualrun reconcile (pid 4711) by ana since 10:42:00Z`.
        holder: String,
    },
    /// Made by a newer dualrun.
    #[error("the workspace has schema {found}, this dualrun knows {known} — use the newer dualrun that wrote it")]
    Newer {
        /// Its schema version.
        found: i64,
        /// The newest this program knows.
        known: i64,
    },
    /// No space, no permission, an I/O error: nothing was acknowledged.
    #[error("workspace: {what} — {remedy}")]
    Io {
        /// What failed.
        what: String,
        /// What to do.
        remedy: String,
    },
    /// Something stored is not what was written.
    #[error("the workspace is damaged: {what} — restore a copy; reports already written stay valid")]
    Damaged {
        /// What and where.
        what: String,
    },
    /// Somebody else acted after what was looked at; nothing was kept.
    #[error("{by} was first ({what}, {at}) — look again, then decide")]
    Overtaken {
        /// Who.
        by: String,
        /// What was done.
        what: String,
        /// When.
        at: DateTime<Utc>,
    },
    /// No such run or row.
    #[error("{what} is not in the workspace")]
    Absent {
        /// What was asked for.
        what: String,
    },
}

/// A row as lists show it: everything a table needs, nothing that costs a decode.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowLine {
    /// Place in the run, in byte order of (key, period); stable.
    pub seq: i64,
    /// What it is about.
    pub subject: Subject,
    /// Key, order or document id.
    pub key: Untrusted,
    /// Its period.
    pub period: Period,
    /// Customer for people.
    pub customer: Untrusted,
    /// Plan for people.
    pub plan: Untrusted,
    /// The verdict.
    pub verdict: Verdict,
    /// Where `expected` came from.
    pub basis: Option<Basis>,
    /// Net actual, minor units of `actual_currency`.
    pub actual: Option<i64>,
    /// Currency of the actual.
    pub actual_currency: Option<Currency>,
    /// Net expected, minor units of `expected_currency`.
    pub expected: Option<i64>,
    /// Currency of the expected.
    pub expected_currency: Option<Currency>,
    /// expected − actual, minor units.
    pub delta: Option<i64>,
    /// The same before rounding, as text.
    pub exact_delta: Option<String>,
    /// Tax actual, minor units.
    pub actual_tax: Option<i64>,
    /// Tax expected, minor units.
    pub expected_tax: Option<i64>,
    /// Rating, minor units of `expected_currency`.
    pub rated: Option<i64>,
    /// Drafts, minor units of `expected_currency`.
    pub drafted: Option<i64>,
    /// `S:INV-77 T:DR-5`, source first, byte order of ids.
    pub documents: Untrusted,
    /// Named cause, as [`Explanation::label`] says it; `None` is unexplained (or nothing to explain).
    pub cause: Option<String>,
    /// What people made of it.
    pub review: Review,
}

/// Columns a table can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SortColumn {
    /// Byte order of the key: the stored order.
    #[default]
    Key,
    /// Money at stake: |delta|, or |actual| of unlinked rows.
    AtStake,
    /// Signed delta.
    Delta,
    /// Actual.
    Actual,
    /// Expected.
    Expected,
    /// Verdict, in the order of reports.
    Verdict,
    /// Customer.
    Customer,
    /// Plan.
    Plan,
}

/// A sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Sort {
    /// By what.
    pub column: SortColumn,
    /// Greatest first.
    pub descending: bool,
}

/// Which rows are wanted; every part that is set must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RowFilter {
    /// One of these verdicts; empty is any.
    pub verdicts: Vec<Verdict>,
    /// Money at stake above this, in major units of the row's currency.
    pub money_above: Option<Exact>,
    /// Money at stake below this, in major units of the row's currency.
    pub money_below: Option<Exact>,
    /// This text in key, customer, plan or documents, whatever its case (ASCII).
    pub text: Option<String>,
    /// This key, letter by letter.
    pub key: Option<String>,
    /// This text in the customer.
    pub customer: Option<String>,
    /// This text in the plan.
    pub plan: Option<String>,
    /// This currency.
    pub currency: Option<Currency>,
    /// This basis.
    pub basis: Option<Basis>,
    /// This review state.
    pub review: Option<Review>,
    /// This text in the named cause; [`UNEXPLAINED`] is for rows that ask for one and have none.
    pub cause: Option<String>,
}

/// The word for rows that differ and name no cause.
pub const UNEXPLAINED: &str = Certainty::Unexplained.word();

impl RowFilter {
    /// Whether rows without a cause are asked for.
    pub fn wants_unexplained(&self) -> bool {
        self.cause.as_deref().is_some_and(|cause| cause.eq_ignore_ascii_case(UNEXPLAINED))
    }
}

/// A place in a sorted table: the row it is at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The row's number in the run.
    pub seq: i64,
    /// Its value in the sort column, as stored.
    pub value: CursorValue,
}

/// The stored value of a sort column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum CursorValue {
    /// A number (minor units, verdict code).
    Integer(i64),
    /// Text.
    Text(String),
    /// NULL: sorts before everything.
    Null,
}

/// From where a page is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageFrom {
    /// The first rows.
    Start,
    /// The last rows.
    End,
    /// The rows after that one.
    After(Cursor),
    /// The rows before that one.
    Before(Cursor),
    /// The rows from that one on, itself included.
    At(Cursor),
}

/// A page asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// Of which run.
    pub run: i64,
    /// Which rows.
    pub filter: RowFilter,
    /// In which order.
    pub sort: Sort,
    /// From where.
    pub from: PageFrom,
    /// At most so many.
    pub limit: usize,
}

/// A page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RowPage {
    /// Its rows in the asked order, whatever the direction it was fetched in, each with its cursor.
    pub rows: Vec<(Cursor, RowLine)>,
    /// True when there are rows before the first.
    pub more_before: bool,
    /// True when there are rows after the last.
    pub more_after: bool,
}

/// What a filter comes to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FilterTotals {
    /// Rows that pass it.
    pub rows: u64,
    /// By currency: Σ delta and Σ |at stake| in minor units.
    pub money: Vec<(Currency, i64, i64)>,
}

/// A row with all that is kept of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowDetail {
    /// Its place.
    pub seq: i64,
    /// The row.
    pub row: ReconRow,
    /// The terms its ratings used, one for each of `row.inputs` where known.
    pub terms: Vec<Option<Terms>>,
    /// What happened to it when checked again: verdicts by later recheck run.
    pub rechecks: Vec<(i64, Option<Verdict>)>,
    /// Why it differs, where that was looked for.
    pub explanation: Option<Explanation>,
    /// What may explain it beside its own numbers.
    pub evidence: Option<Evidence>,
}

/// Hears how far a look at many rows has come: rows looked at, of how many.
pub type Looking<'a> = &'a (dyn Fn(u64, u64) + Send + Sync);

/// Hears what a filter comes to so far: that, of so many rows looked at, of how many.
pub type Adding<'a> = &'a (dyn Fn(FilterTotals, u64, u64) + Send + Sync);

/// Takes rows, and says when it is enough.
pub type Taking<'a> = &'a mut (dyn FnMut(&[RowLine]) -> ControlFlow<()> + Send);

/// Reads the workspace. Cheap to share; every call sees the newest acknowledged state.
#[async_trait]
pub trait Workspace: super::staging::Staging + super::explanations::Explanations + super::reviews::Reviews + super::gates::Gates {
    /// All runs, newest first, at most `limit`.
    async fn runs(&self, limit: usize) -> Result<Vec<Run>, StoreError>;
    /// One run.
    async fn run(&self, id: i64) -> Result<Run, StoreError>;
    /// The current run of each month that has one, oldest month first.
    async fn current_runs(&self) -> Result<Vec<Run>, StoreError>;
    /// The newest run of each month of a service that looked at the whole month, whatever became of it, oldest month first.
    async fn newest_runs(&self, service: &str) -> Result<Vec<Run>, StoreError>;
    /// A page of rows.
    async fn page(&self, request: &PageRequest) -> Result<RowPage, StoreError>;
    /// The same, telling how far it has come where rows must be looked through first.
    async fn page_telling(&self, request: &PageRequest, tell: Looking<'_>) -> Result<RowPage, StoreError> {
        let _ = tell;
        self.page(request).await
    }
    /// Shows all rows that pass a filter in stored order, some at a time (none, where none of some passes), until it is enough. Causes and
    /// decisions are those of the moment; where the filter asks for them and they change meanwhile, it is an error. A run without a result has
    /// no rows.
    async fn each_row(&self, run: i64, filter: &RowFilter, look: Taking<'_>) -> Result<(), StoreError>;
    /// How many rows a filter passes, and their money.
    async fn totals(&self, run: i64, filter: &RowFilter) -> Result<FilterTotals, StoreError>;
    /// The same, telling what they come to so far where rows must be looked through.
    async fn totals_telling(&self, run: i64, filter: &RowFilter, tell: Adding<'_>) -> Result<FilterTotals, StoreError> {
        let _ = tell;
        self.totals(run, filter).await
    }
    /// A row whole.
    async fn detail(&self, run: i64, seq: i64) -> Result<RowDetail, StoreError>;
    /// The row of a key and period in a run, for history and `--recheck`.
    async fn find(&self, run: i64, key: &str, period: Option<Period>) -> Result<Option<RowLine>, StoreError>;
    /// A run's findings, blocking first.
    async fn findings(&self, run: i64) -> Result<Vec<Finding>, StoreError>;
    /// Rows that could not be read, at most `limit` of them.
    async fn rejected(&self, run: i64, limit: usize) -> Result<Vec<RowError>, StoreError>;
    /// The newest journal entries, newest first.
    async fn journal(&self, limit: usize) -> Result<Vec<JournalEntry>, StoreError>;
    /// Journal entries after a place, in their order, at most `limit`.
    async fn journal_after(&self, seq: i64, limit: usize) -> Result<Vec<JournalEntry>, StoreError> {
        let mut all = self.journal(usize::MAX).await?;
        all.reverse();
        Ok(all.into_iter().filter(|entry| entry.seq > seq).take(limit).collect())
    }
    /// The newest journal entry of a kind.
    async fn newest_entry(&self, kind: &str) -> Result<Option<JournalEntry>, StoreError> {
        Ok(self.journal(usize::MAX).await?.into_iter().find(|entry| entry.kind == kind))
    }
    /// Head of the journal.
    async fn journal_head(&self) -> Result<JournalHead, StoreError>;
    /// Walks the chain, and holds the decisions and the acts about gates against it: each has its entry, and each entry its own, with the
    /// same content.
    /// `Err(Damaged)` names the first that does not hold.
    async fn verify_journal(&self) -> Result<JournalHead, StoreError>;
    /// The digest of the configuration last adopted.
    async fn adopted_config(&self) -> Result<Option<String>, StoreError>;
    /// Who adopted a configuration, each time one was adopted, oldest first.
    async fn config_adopters(&self) -> Result<Vec<String>, StoreError>;
}

/// What a finished run hands over to be published in one transaction.
#[derive(Debug, Clone)]
pub struct RunEnd {
    /// Complete or incomplete (others end through [`RunWriter::abandon`]).
    pub state: RunState,
    /// What it came to.
    pub tally: Tally,
    /// Its digests.
    pub digests: Digests,
    /// Its findings.
    pub findings: Vec<Finding>,
    /// Rows that could not be read.
    pub rejected: Vec<RowError>,
    /// For a recheck.
    pub recheck: Option<RecheckOutcome>,
}

/// Rows on their way to a run, packed on whatever thread makes them while they are still warm.
pub trait RowBundle: std::any::Any + Send {
    /// Another one of its kind, empty.
    fn another(&self) -> Box<dyn RowBundle>;
    /// Takes the next row, which must not be before the last one in byte order of (key, period), and what is kept beside it.
    fn take(&mut self, row: &ReconRow, evidence: Option<&Evidence>) -> Result<(), StoreError>;
    /// How many rows are in it.
    fn rows(&self) -> u64;
    /// Whether it should be handed over before it takes another row.
    fn is_full(&self) -> bool;
}

/// Writes one run. Dropping it without ending leaves the run for recovery to mark interrupted.
#[async_trait]
pub trait RunWriter: Send {
    /// Its number.
    fn id(&self) -> i64;
    /// Notes the snapshots read.
    async fn snapshots(&mut self, snapshots: &[SnapshotInfo]) -> Result<(), StoreError>;
    /// Keeps what a side sells: the target's terms for traces, both sides' for explanations.
    async fn shelf(&mut self, side: Side, shelf: &Shelf) -> Result<(), StoreError>;
    /// What its rows are to be put into, empty.
    fn bundle(&self) -> Box<dyn RowBundle>;
    /// Appends the rows of a bundle, which must not be before those of the last one. They are stored behind the call: that it
    /// failed may be said by a later call or by [`RunWriter::finish`].
    async fn rows(&mut self, bundle: Box<dyn RowBundle>) -> Result<(), StoreError>;
    /// Publishes: state, findings, rejected rows, becoming current, and the journal entry, in one transaction.
    async fn finish(self: Box<Self>, end: RunEnd) -> Result<Run, StoreError>;
    /// Ends without a result: interrupted or failed. Its rows are dropped, its header and why stay.
    async fn abandon(self: Box<Self>, state: RunState, why: &str) -> Result<Run, StoreError>;
}

/// Writes the workspace while it holds the one lock; dropping it frees the lock.
#[async_trait]
pub trait WorkspaceWriter:
    Workspace + super::staging::StagingWriter + super::explanations::ExplanationsWriter + super::reviews::ReviewsWriter + super::gates::GatesWriter
{
    /// Begins a run: header stored as running, journalled.
    async fn begin(&self, request: &RunRequest) -> Result<Box<dyn RunWriter>, StoreError>;
    /// Appends to the journal. `facts` must be canonical JSON without secrets.
    async fn append(&self, actor: &str, kind: &str, facts: &str) -> Result<JournalEntry, StoreError>;
    /// Adopts a configuration digest, journalled with its actor.
    async fn adopt_config(&self, actor: &str, digest: &str) -> Result<(), StoreError>;
    /// Runs that recovery marked interrupted when this writer was opened.
    fn recovered(&self) -> &[i64];
}

/// Opens the workspace of a project.
#[async_trait]
pub trait WorkspaceDoor: Send + Sync {
    /// Room for what does not fit in memory. The workspace must have been opened for writing before.
    fn scratch(&self) -> Result<Box<dyn super::scratch::Scratch>, StoreError>;
    /// For reading; `None` where there is none yet.
    async fn read(&self) -> Result<Option<std::sync::Arc<dyn Workspace>>, StoreError>;
    /// The one turn at changing who bills, held until it is dropped or the process is gone. It is no turn at writing the workspace, so
    /// that whoever must hold or abort a flip can do so while it runs. `Locked` where another has it.
    async fn turn(&self, purpose: &str, _actor: &str) -> Result<Box<dyn std::any::Any + Send>, StoreError> {
        Err(StoreError::Io { what: format!("no turn at {purpose} can be taken here"), remedy: "use a workspace on disk".to_owned() })
    }
    /// For writing: makes it where there is none, takes the lock (waiting at most `wait`), migrates, recovers.
    async fn write(&self, purpose: &str, actor: &str, wait: std::time::Duration) -> Result<std::sync::Arc<dyn WorkspaceWriter>, StoreError>;
}

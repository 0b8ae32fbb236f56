//! A workspace in memory, with the rows of the known dual run.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use dualrun::domain::currency::Currency;
use dualrun::domain::decode::RowError;
use dualrun::domain::evidence::{Evidence, Shelf};
use dualrun::domain::exact::Exact;
use dualrun::domain::explanation::Explanation;
use dualrun::domain::finding::Finding;
use dualrun::domain::gate::GateAct;
use dualrun::domain::glance::Glance;
use dualrun::domain::import::{Delivery, Import, Inertness, MappedId, Staged};
use dualrun::domain::money::Money;
use dualrun::domain::period::Period;
use dualrun::domain::review::{Act, ReviewTally, Standing, Subject};
use dualrun::domain::row::ReconRow;
use dualrun::domain::run::Run;
use dualrun::domain::shadow::RecordId;
use dualrun::domain::side::Side;
use dualrun::domain::text::Untrusted;
use dualrun::domain::verdict::Verdict;
use dualrun::ports::explanations::Explanations;
use dualrun::ports::gates::Gates;
use dualrun::ports::reviews::Reviews;
use dualrun::ports::staging::Staging;
use dualrun::ports::workspace::{
    Cursor, CursorValue, FilterTotals, JournalEntry, JournalHead, PageFrom, PageRequest, RowDetail, RowFilter, RowLine, RowPage, Sort, SortColumn,
    StoreError, Taking, Workspace, WorkspaceDoor, WorkspaceWriter,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The workspace.
#[derive(Debug, Clone, Default)]
pub struct FakeWorkspace {
    pub runs: Vec<Run>,
    pub rows: BTreeMap<i64, Vec<ReconRow>>,
    pub findings: BTreeMap<i64, Vec<Finding>>,
    pub rejected: BTreeMap<i64, Vec<RowError>>,
    pub journal: Vec<JournalEntry>,
    /// Newest first.
    pub imports: Vec<Import>,
    pub deliveries: BTreeMap<RecordId, Delivery>,
    pub inertness: Option<Inertness>,
    /// By run.
    pub reviews: BTreeMap<i64, ReviewTally>,
    /// By run and side.
    pub shelves: BTreeMap<(i64, Side), Shelf>,
    /// By run and row.
    pub evidence: BTreeMap<(i64, i64), Evidence>,
    /// By run and row.
    pub explanations: BTreeMap<(i64, i64), Explanation>,
    pub clusters: BTreeMap<i64, String>,
    /// About gates and the flip, oldest first.
    pub gate_acts: Vec<GateAct>,
}

/// Opens it, or fails.
#[derive(Debug, Clone)]
pub enum FakeDoor {
    Holds(Arc<FakeWorkspace>),
    Empty,
    Broken(StoreError),
}

#[async_trait]
impl WorkspaceDoor for FakeDoor {
    fn scratch(&self) -> Result<Box<dyn dualrun::ports::scratch::Scratch>, StoreError> {
        Err(StoreError::Absent { what: "room in a fake".to_owned() })
    }
    async fn read(&self) -> Result<Option<Arc<dyn Workspace>>, StoreError> {
        match self {
            Self::Holds(workspace) => Ok(Some(workspace.clone())),
            Self::Empty => Ok(None),
            Self::Broken(error) => Err(error.clone()),
        }
    }

    async fn write(&self, _: &str, _: &str, _: std::time::Duration) -> Result<Arc<dyn WorkspaceWriter>, StoreError> {
        Err(StoreError::Absent { what: "a writer".to_owned() })
    }
}

pub fn line(seq: i64, row: &ReconRow) -> RowLine {
    let documents: Vec<String> =
        row.documents.iter().map(|d| format!("{}:{}", if d.side.word() == "source" { "S" } else { "T" }, d.id.raw())).collect();
    RowLine {
        seq,
        subject: row.subject,
        key: row.key.clone(),
        period: row.period,
        customer: row.customer.clone(),
        plan: row.plan.clone(),
        verdict: row.verdict,
        basis: row.basis,
        actual: row.actual.map(|m| m.minor),
        actual_currency: row.actual.map(|m| m.currency),
        expected: row.expected.map(|m| m.minor),
        expected_currency: row.expected.map(|m| m.currency),
        delta: row.delta.map(|m| m.minor),
        exact_delta: row.exact_delta.map(|e| e.to_string()),
        actual_tax: row.actual_tax.map(|m| m.minor),
        expected_tax: row.expected_tax.map(|m| m.minor),
        rated: row.rated.map(|m| m.minor),
        drafted: row.drafted.map(|m| m.minor),
        documents: Untrusted::new(documents.join(" ")),
        cause: None,
        review: row.review,
    }
}

impl FakeWorkspace {
    /// A row as lists show it, with its cause.
    fn line(&self, run: i64, seq: i64, row: &ReconRow) -> RowLine {
        RowLine { cause: self.explanations.get(&(run, seq)).and_then(Explanation::label), ..line(seq, row) }
    }

    fn lines(&self, run: i64, filter: &RowFilter, sort: Sort) -> Vec<(Cursor, RowLine)> {
        let rows = self.rows.get(&run).map(Vec::as_slice).unwrap_or_default();
        let all = rows.iter().zip(0..).filter(|(row, seq)| passes(row, filter) && names(&self.line(run, *seq, row), filter));
        let mut lines: Vec<(Cursor, RowLine)> =
            all.map(|(row, seq)| (Cursor { seq, value: CursorValue::Integer(value(row, sort.column, seq)) }, self.line(run, seq, row))).collect();
        lines.sort_by_key(|(cursor, _)| order(cursor));
        if sort.descending {
            lines.reverse();
        }
        lines
    }
}

fn order(cursor: &Cursor) -> (i64, i64) {
    match cursor.value {
        CursorValue::Integer(n) => (n, cursor.seq),
        _ => (i64::MIN, cursor.seq),
    }
}

fn value(row: &ReconRow, column: SortColumn, seq: i64) -> i64 {
    match column {
        SortColumn::AtStake => row.at_stake(),
        SortColumn::Delta => row.delta.map_or(i64::MIN, |m| m.minor),
        SortColumn::Actual => row.actual.map_or(i64::MIN, |m| m.minor),
        SortColumn::Expected => row.expected.map_or(i64::MIN, |m| m.minor),
        SortColumn::Verdict => i64::from(row.verdict.code()),
        SortColumn::Key | SortColumn::Customer | SortColumn::Plan => seq,
    }
}

fn passes(row: &ReconRow, filter: &RowFilter) -> bool {
    let has = |text: &Untrusted, part: &str| text.raw().to_ascii_lowercase().contains(&part.to_ascii_lowercase());
    let stake = row.currency().and_then(|c| Money::new(row.at_stake(), c).exact().ok()).unwrap_or(Exact::ZERO);
    (filter.verdicts.is_empty() || filter.verdicts.contains(&row.verdict))
        && filter.money_above.is_none_or(|m| stake > m)
        && filter.money_below.is_none_or(|m| stake < m)
        && filter.text.as_ref().is_none_or(|t| has(&row.key, t) || has(&row.customer, t) || has(&row.plan, t))
        && filter.key.as_ref().is_none_or(|key| row.key.raw() == key)
        && filter.customer.as_ref().is_none_or(|t| has(&row.customer, t))
        && filter.plan.as_ref().is_none_or(|t| has(&row.plan, t))
        && filter.currency.is_none_or(|c| row.currency() == Some(c))
        && filter.basis.is_none_or(|b| row.basis == Some(b))
        && filter.review.is_none_or(|r| row.review == r)
}

/// Whether a line names the cause a filter asks for.
fn names(line: &RowLine, filter: &RowFilter) -> bool {
    match (&filter.cause, &line.cause) {
        (None, _) => true,
        (Some(_), None) => filter.wants_unexplained() && line.verdict.asks_for_cause(),
        (Some(asked), Some(cause)) => cause.to_ascii_lowercase().contains(&asked.to_ascii_lowercase()),
    }
}

#[async_trait]
impl Explanations for FakeWorkspace {
    async fn shelf(&self, run: i64, side: Side) -> Result<Shelf, StoreError> {
        Ok(self.shelves.get(&(run, side)).cloned().unwrap_or_default())
    }

    async fn evidence(&self, run: i64, seq: i64) -> Result<Option<Evidence>, StoreError> {
        Ok(self.evidence.get(&(run, seq)).cloned())
    }

    async fn differing(&self, run: i64) -> Result<Vec<i64>, StoreError> {
        let rows = self.rows.get(&run).into_iter().flatten().zip(0..);
        Ok(rows.filter(|(row, _)| row.verdict.differs()).map(|(_, seq)| seq).collect())
    }

    async fn glances(&self, run: i64) -> Result<Vec<Glance>, StoreError> {
        Ok(self.rows.get(&run).into_iter().flatten().filter(|row| row.verdict.differs()).map(Glance::at).collect())
    }

    async fn rows_at(&self, run: i64, seqs: &[i64]) -> Result<Vec<(i64, ReconRow, Option<Evidence>)>, StoreError> {
        let rows = self.rows.get(&run).into_iter().flatten().zip(0..).filter(|(_, seq)| seqs.contains(seq));
        Ok(rows.map(|(row, seq)| (seq, row.clone(), self.evidence.get(&(run, seq)).cloned())).collect())
    }

    async fn whole_rows(&self, run: i64, after: Option<i64>, limit: usize) -> Result<Vec<(i64, ReconRow)>, StoreError> {
        let rows = self.rows.get(&run).into_iter().flatten().zip(0..).filter(|(_, seq)| after.is_none_or(|after| *seq > after));
        Ok(rows.take(limit).map(|(row, seq)| (seq, row.clone())).collect())
    }

    async fn explanation(&self, run: i64, seq: i64) -> Result<Option<Explanation>, StoreError> {
        Ok(self.explanations.get(&(run, seq)).cloned())
    }

    async fn explanations(&self, run: i64, after: Option<i64>, limit: usize) -> Result<Vec<(i64, Explanation)>, StoreError> {
        let of_run = self.explanations.range((run, after.map_or(i64::MIN, |after| after + 1))..(run + 1, i64::MIN));
        Ok(of_run.take(limit).map(|((_, seq), explanation)| (*seq, explanation.clone())).collect())
    }

    async fn clusters(&self, run: i64) -> Result<Option<String>, StoreError> {
        Ok(self.clusters.get(&run).cloned())
    }
}

/// Nobody has decided anything yet.
#[async_trait]
impl Reviews for FakeWorkspace {
    async fn acts(&self, _: &str) -> Result<Vec<Act>, StoreError> {
        Ok(Vec::new())
    }
    async fn subjects(&self, _: &str) -> Result<Vec<(i64, Subject)>, StoreError> {
        Ok(Vec::new())
    }
    async fn acts_on(&self, _: &str, _: &str) -> Result<Vec<Act>, StoreError> {
        Ok(Vec::new())
    }
    async fn standing(&self, _: i64, _: i64) -> Result<Option<Standing>, StoreError> {
        Ok(None)
    }
    async fn review(&self, run: i64) -> Result<Option<ReviewTally>, StoreError> {
        Ok(self.reviews.get(&run).cloned())
    }
}

#[async_trait]
impl Staging for FakeWorkspace {
    async fn imports(&self, _: &str, limit: usize) -> Result<Vec<Import>, StoreError> {
        Ok(self.imports.iter().take(limit).cloned().collect())
    }

    async fn staged(&self, _: &str) -> Result<BTreeMap<RecordId, Staged>, StoreError> {
        Ok(BTreeMap::new())
    }

    async fn deliveries(&self, _: &str) -> Result<BTreeMap<RecordId, Delivery>, StoreError> {
        Ok(self.deliveries.clone())
    }

    async fn mapping(&self, _: &str) -> Result<Vec<MappedId>, StoreError> {
        Ok(Vec::new())
    }

    async fn inertness(&self, _: &str) -> Result<Option<Inertness>, StoreError> {
        Ok(self.inertness.clone())
    }
}

#[async_trait]
impl Gates for FakeWorkspace {
    async fn gate_acts(&self, _: &str) -> Result<Vec<GateAct>, StoreError> {
        Ok(self.gate_acts.clone())
    }
}

#[async_trait]
impl Workspace for FakeWorkspace {
    async fn runs(&self, limit: usize) -> Result<Vec<Run>, StoreError> {
        Ok(self.runs.iter().rev().take(limit).cloned().collect())
    }

    async fn run(&self, id: i64) -> Result<Run, StoreError> {
        self.runs.iter().find(|r| r.id == id).cloned().ok_or_else(|| StoreError::Absent { what: format!("run #{id}") })
    }

    async fn newest_runs(&self, service: &str) -> Result<Vec<Run>, StoreError> {
        let full = self.runs.iter().filter(|run| run.request.service == service && run.is_full());
        let mut newest: BTreeMap<_, &Run> = BTreeMap::new();
        for run in full {
            newest.entry(run.request.month).and_modify(|other| *other = if run.id > other.id { run } else { *other }).or_insert(run);
        }
        Ok(newest.into_values().cloned().collect())
    }

    async fn current_runs(&self) -> Result<Vec<Run>, StoreError> {
        let mut runs: Vec<Run> = self.runs.iter().filter(|r| r.current).cloned().collect();
        runs.sort_by_key(|r| r.request.month);
        Ok(runs)
    }

    async fn page(&self, request: &PageRequest) -> Result<RowPage, StoreError> {
        let lines = self.lines(request.run, &request.filter, request.sort);
        let at = |cursor: &Cursor| lines.iter().position(|(c, _)| c == cursor).unwrap_or(0);
        let from = match &request.from {
            PageFrom::Start => 0,
            PageFrom::End => lines.len().saturating_sub(request.limit),
            PageFrom::After(cursor) => (at(cursor) + 1).min(lines.len()),
            PageFrom::Before(cursor) => at(cursor).saturating_sub(request.limit),
            PageFrom::At(cursor) => at(cursor),
        };
        let to = match &request.from {
            PageFrom::Before(cursor) => at(cursor),
            _ => (from + request.limit).min(lines.len()),
        };
        Ok(RowPage { rows: lines[from..to].to_vec(), more_before: from > 0, more_after: to < lines.len() })
    }

    async fn each_row(&self, run: i64, filter: &RowFilter, look: Taking<'_>) -> Result<(), StoreError> {
        let lines: Vec<RowLine> = self.lines(run, filter, Sort::default()).into_iter().map(|(_, line)| line).collect();
        // Some at a time, until it is enough.
        let _ = lines.chunks(3).try_for_each(look);
        Ok(())
    }

    async fn totals(&self, run: i64, filter: &RowFilter) -> Result<FilterTotals, StoreError> {
        let mut money: BTreeMap<Currency, (i64, i64)> = BTreeMap::new();
        let all = self.rows.get(&run).into_iter().flatten().zip(0..);
        let rows: Vec<&ReconRow> = all.filter(|(r, seq)| passes(r, filter) && names(&self.line(run, *seq, r), filter)).map(|(r, _)| r).collect();
        for row in &rows {
            if let Some(currency) = row.currency() {
                let sums = money.entry(currency).or_default();
                sums.0 += row.delta.map_or(0, |m| m.minor);
                sums.1 += row.at_stake();
            }
        }
        Ok(FilterTotals { rows: rows.len() as u64, money: money.into_iter().map(|(c, (net, stake))| (c, net, stake)).collect() })
    }

    async fn detail(&self, run: i64, seq: i64) -> Result<RowDetail, StoreError> {
        let row = usize::try_from(seq).ok().and_then(|i| self.rows.get(&run)?.get(i)).cloned();
        let row = row.ok_or_else(|| StoreError::Absent { what: format!("row {seq} of run #{run}") })?;
        let (explanation, evidence) = (self.explanations.get(&(run, seq)).cloned(), self.evidence.get(&(run, seq)).cloned());
        let shelf = self.shelves.get(&(run, Side::Target));
        let terms = row.inputs.iter().map(|inputs| shelf?.plan(&inputs.plan_id).cloned()).collect();
        Ok(RowDetail { seq, row, terms, rechecks: Vec::new(), explanation, evidence })
    }

    async fn find(&self, run: i64, key: &str, _: Option<Period>) -> Result<Option<RowLine>, StoreError> {
        let rows = self.rows.get(&run).into_iter().flatten().zip(0..);
        Ok(rows.filter(|(r, _)| r.key.raw() == key).map(|(r, seq)| self.line(run, seq, r)).next())
    }

    async fn findings(&self, run: i64) -> Result<Vec<Finding>, StoreError> {
        Ok(self.findings.get(&run).cloned().unwrap_or_default())
    }

    async fn rejected(&self, run: i64, limit: usize) -> Result<Vec<RowError>, StoreError> {
        Ok(self.rejected.get(&run).into_iter().flatten().take(limit).cloned().collect())
    }

    async fn journal(&self, limit: usize) -> Result<Vec<JournalEntry>, StoreError> {
        Ok(self.journal.iter().rev().take(limit).cloned().collect())
    }

    async fn journal_head(&self) -> Result<JournalHead, StoreError> {
        Ok(JournalHead {
            length: self.journal.iter().zip(1..).map(|(_, n)| n).last().unwrap_or(0),
            hash: self.journal.last().map_or_else(|| "0".repeat(64), |j| j.hash.clone()),
        })
    }

    async fn verify_journal(&self) -> Result<JournalHead, StoreError> {
        self.journal_head().await
    }

    async fn adopted_config(&self) -> Result<Option<String>, StoreError> {
        Ok(Some("config-1".to_owned()))
    }

    async fn config_adopters(&self) -> Result<Vec<String>, StoreError> {
        Ok(Vec::new())
    }
}

/// The moment all tests stand at.
pub fn now() -> DateTime<Utc> {
    "2026-06-01T10:46:30Z".parse().unwrap()
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn cad(minor: i64) -> Money {
    Money::new(minor, Currency::known("CAD").unwrap())
}

/// What the rows of a run come to, counted from the rows themselves.
pub fn tally(rows: &[ReconRow]) -> dualrun::domain::run::Tally {
    let mut tally = dualrun::domain::run::Tally::default();
    for row in rows {
        tally.counts.add(row.verdict);
        let Some(currency) = row.currency() else { continue };
        let sums = tally.money.entry(currency).or_default();
        let (actual, expected) = (row.actual.map_or(0, |m| m.minor), row.expected.map_or(0, |m| m.minor));
        if row.verdict == Verdict::NotComparable {
            sums.not_comparable_actual += actual;
            sums.invoiced += actual.abs();
        } else if row.subject.is_unlinked() {
            sums.unlinked += actual;
            sums.invoiced += actual.abs();
        } else {
            sums.actual += actual;
            sums.expected += expected;
            sums.net += expected - actual;
            sums.gross += (expected - actual).abs();
            sums.invoiced += actual.abs();
            sums.covered += if row.actual.is_some() && row.expected.is_some() { actual.abs() } else { 0 };
        }
    }
    tally
}

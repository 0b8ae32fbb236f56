//! What several commands ask of a stored run: its findings and unreadable rows, its worst rows, its exit code.

use crate::app::explain::together;
use crate::app::standing::{Assessment, Standing, assess, imports};
use crate::cli::error::CliError;
use crate::cli::{Exit, out, period};
use crate::config::Settings;
use crate::domain::decode::RowError;
use crate::domain::finding::{Finding, Weight};
use crate::domain::import::{ImportStanding, Inertness};
use crate::domain::period::{Month, Zone};
use crate::domain::run::{Run, RunState};
use crate::domain::together::Together;
use crate::domain::verdict::Verdict;
use crate::ports::workspace::{JournalHead, PageFrom, PageRequest, RowFilter, Sort, SortColumn, Workspace, WorkspaceDoor};
use crate::present::numbers;
use crate::report::{Facts, text};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// Unreadable rows listed in a report; the tally counts them all.
const REJECTED_LISTED: usize = 10_000;
/// Rows shown after a reconciliation.
const WORST: usize = 15;

/// A run and what belongs to it.
pub struct Loaded {
    /// The run.
    pub run: Run,
    /// Its findings, blocking first.
    pub findings: Vec<Finding>,
    /// Its unreadable rows.
    pub rejected: Vec<RowError>,
    /// Head of the journal now.
    pub journal: JournalHead,
    /// What its explanations come to together.
    pub together: Option<Together>,
}

impl Loaded {
    /// As a report takes it.
    pub fn facts(&self) -> Facts<'_> {
        Facts {
            run: &self.run,
            findings: &self.findings,
            rejected: &self.rejected,
            journal: &self.journal,
            together: self.together.as_ref(),
            filter: None,
        }
    }
}

/// The run asked for: by number, else the current one of the period, else of the newest month that has one.
pub async fn chosen(store: &dyn Workspace, id: Option<i64>, period: Option<&str>, now: (Zone, DateTime<Utc>)) -> Result<Run, CliError> {
    if let Some(id) = id {
        return Ok(store.run(id).await?);
    }
    let mut current = store.current_runs().await?;
    let run = match period {
        None => current.pop(),
        Some(text) => {
            let month = period::month(text, now.0, now.1).map_err(CliError::Usage)?;
            current.into_iter().find(|r| r.request.month == month)
        }
    };
    run.ok_or_else(|| CliError::Usage("no complete run to report — dualrun reconcile makes one, --run N reports any other".to_owned()))
}

/// Loads what belongs to a run.
pub async fn load(store: &dyn Workspace, run: Run) -> Result<Loaded, CliError> {
    let findings = store.findings(run.id).await?;
    let rejected = store.rejected(run.id, REJECTED_LISTED).await?;
    let journal = store.journal_head().await?;
    let together = together(store, run.id).await?;
    Ok(Loaded { run, findings, rejected, journal, together })
}

/// Clean only where everything was read, something was compared, every row matches and nothing blocks.
pub fn exit_of(run: &Run, findings: &[Finding]) -> Exit {
    let counts = &run.tally.counts;
    let clean = counts.of(Verdict::Match) + counts.of(Verdict::WithinTolerance);
    if run.state != RunState::Complete {
        Exit::Incomplete
    } else if counts.total() == 0 || counts.total() != clean || findings.iter().any(|f| f.weight == Weight::Blocking) {
        Exit::Differences
    } else {
        Exit::Clean
    }
}

/// The rows with most money at stake that do not match, as a table under a blank line; empty where all match.
pub async fn worst_rows(store: &dyn Workspace, run: &Run) -> Result<Vec<String>, CliError> {
    let differing: Vec<Verdict> = Verdict::ALL.into_iter().filter(|v| !matches!(v, Verdict::Match | Verdict::WithinTolerance)).collect();
    let all: u64 = differing.iter().map(|v| run.tally.counts.of(*v)).sum();
    if all == 0 || !matches!(run.state, RunState::Complete | RunState::Incomplete) {
        return Ok(Vec::new());
    }
    let filter = RowFilter { verdicts: differing, ..RowFilter::default() };
    let sort = Sort { column: SortColumn::AtStake, descending: true };
    let page = store.page(&PageRequest { run: run.id, filter, sort, from: PageFrom::Start, limit: WORST }).await?;
    let rows: Vec<_> = page.rows.into_iter().map(|(_, row)| row).collect();
    let columns = text::columns(&rows, out::width());
    let mut lines = vec![String::new(), text::heading(&columns)];
    lines.extend(rows.iter().map(|row| text::line(row, &columns)));
    let left = all.saturating_sub(u64::try_from(rows.len()).unwrap_or(u64::MAX));
    if left > 0 {
        lines.push(format!("and {} with no more money at stake", numbers::counted(left, "row", "rows")));
    }
    Ok(lines)
}

/// A month that has runs.
pub struct MonthRuns {
    /// Which.
    pub month: Month,
    /// The run that counts.
    pub current: Option<Run>,
    /// The newest, whatever its state.
    pub newest: Option<Run>,
    /// The newest that looked at the whole month, whatever its state.
    pub newest_full: Option<Run>,
}

/// Every month that has runs, and what is known of the newest of them.
#[derive(Default)]
pub struct Months {
    /// Newest month first.
    pub all: Vec<MonthRuns>,
    /// Findings of the newest month's current run (of its newest, where none counts).
    pub findings: Vec<Finding>,
    /// Head of the journal.
    pub journal: Option<JournalHead>,
    /// Digest of the configuration last adopted.
    pub adopted: Option<String>,
    /// Where the imports stand.
    pub imports: ImportStanding,
    /// The newest look at inertness.
    pub inertness: Option<Inertness>,
}

/// Runs looked through for each month's newest; older ones only matter where they are current.
const RUNS_LOOKED_AT: usize = 1_000;

impl Months {
    /// Reads those of a service; none where there is no workspace yet.
    pub async fn load(door: &dyn WorkspaceDoor, service: &str) -> Result<Self, CliError> {
        let Some(store) = door.read().await? else { return Ok(Self::default()) };
        let mut months: BTreeMap<Month, MonthRuns> = BTreeMap::new();
        let empty = |month| MonthRuns { month, current: None, newest: None, newest_full: None };
        let of_service = |run: &Run| run.request.service == service;
        for run in store.runs(RUNS_LOOKED_AT).await?.into_iter().filter(of_service) {
            let month = run.request.month;
            let entry = months.entry(month).or_insert_with(|| empty(month));
            if run.is_full() && entry.newest_full.is_none() {
                entry.newest_full = Some(run.clone());
            }
            entry.newest.get_or_insert(run);
        }
        for run in store.current_runs().await?.into_iter().filter(of_service) {
            let month = run.request.month;
            months.entry(month).or_insert_with(|| empty(month)).current = Some(run);
        }
        let all: Vec<MonthRuns> = months.into_values().rev().collect();
        let deliveries = store.deliveries(service).await?;
        let mut months = Self {
            all,
            findings: Vec::new(),
            journal: Some(store.journal_head().await?),
            adopted: store.adopted_config().await?,
            imports: imports(store.as_ref(), service, &deliveries).await?,
            inertness: store.inertness(service).await?,
        };
        if let Some(run) = months.newest().and_then(MonthRuns::telling).map(|r| r.id) {
            months.findings = store.findings(run).await?;
        }
        Ok(months)
    }

    /// The newest month that anything was compared in: a month without a row hides none before it.
    pub fn newest(&self) -> Option<&MonthRuns> {
        let compared = |m: &&MonthRuns| m.current.as_ref().is_some_and(|r| r.tally.counts.total() > 0);
        self.all.iter().find(compared).or_else(|| self.all.first())
    }
}

impl MonthRuns {
    /// The run that tells how the month stands.
    pub fn telling(&self) -> Option<&Run> {
        self.current.as_ref().or(self.newest.as_ref())
    }
}

/// What blocks the flip, by the newest month.
pub fn assessed(months: &Months, settings: &Settings) -> Assessment {
    let newest = months.newest();
    assess(&Standing {
        latest: newest.and_then(|m| m.newest_full.as_ref()),
        current: newest.and_then(|m| m.current.as_ref()),
        findings: &months.findings,
        imports: &months.imports,
        inertness: months.inertness.as_ref(),
        inertness_digest: &settings.inertness_digest,
        is_checked: !settings.inertness.is_empty(),
        config_digest: &settings.digest,
        coverage_floor: settings.coverage_floor,
    })
}

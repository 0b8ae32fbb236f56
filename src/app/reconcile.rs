//! The main job: read both sides in one snapshot each, rate, pair, judge, store, publish.

use super::error::AppError;
use super::inertness;
use super::progress::{Observer, Progress};
use super::project::Project;
use super::read::{Reading, Wanted, check_mapping, read};
use crate::domain::key::Key;
use crate::domain::period::Month;
use crate::domain::row::{ReconRow, Terms};
use crate::domain::run::{RecheckOutcome, Run, RunRequest, RunState};
use crate::domain::text::Untrusted;
use crate::domain::verdict::Verdict;
use crate::integrity::Inspection;
use crate::ledger::scope::Slot;
use crate::ports::workspace::{PageFrom, PageRequest, RowFilter, RunEnd, RunWriter, Sort, WorkspaceWriter};
use crate::reconcile::digest::{self, SetDigest};
use crate::reconcile::month::{Books, MonthPlan};
use crate::reconcile::tally::{Tallier, Unbalanced};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// What a reconciliation is asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReconcileOptions {
    /// Months whose starting periods are compared, ascending and without gaps: one run each, over one snapshot.
    pub months: Vec<Month>,
    /// Only these subscriptions, as typed; empty is all. Such a run never counts as evidence.
    pub only: Vec<String>,
    /// Kept apart, never current.
    pub dry_run: bool,
    /// Check the current run of the month again over a new snapshot, and note what changed.
    pub recheck: bool,
    /// Longest wait for another program that writes the workspace.
    pub wait: Duration,
}

/// Rows handed to the workspace at once.
const BATCH: usize = 500;

/// Runs it. Cancelling leaves the runs `interrupted` and publishes nothing. The returned runs are what was stored, one a month.
pub async fn reconcile(
    project: &Project,
    options: &ReconcileOptions,
    observer: Arc<dyn Observer>,
    cancel: CancellationToken,
) -> Result<Vec<Run>, AppError> {
    let wanted = wanted(project, options)?;
    check_mapping(project)?;
    let store = enter(project, options, &cancel).await?;
    if store.adopted_config().await?.as_deref() != Some(project.config_digest.as_str()) {
        store.adopt_config(&project.actor, &project.config_digest).await?;
    }
    let mut requests = Vec::new();
    for month in &options.months {
        requests.push(request(project, options, store.as_ref(), *month, &wanted.only).await?);
    }
    let Some(first) = requests.first() else { return Ok(Vec::new()) };
    // The first run is begun before anything is read, so that a failure leaves its trace.
    let mut writer = Some(store.begin(first).await?);
    let reading = match read(project, wanted, &observer, &cancel).await {
        Ok(reading) => reading,
        Err(error) => return Err(give_up(writer.take(), error, &cancel).await),
    };
    if let Err(error) = check_only(&reading.books, &options.only) {
        return Err(give_up(writer.take(), error, &cancel).await);
    }
    let mut runs = Vec::new();
    for (slot, request) in requests.iter().enumerate() {
        let mut open = match writer.take() {
            Some(open) => open,
            None => store.begin(request).await?,
        };
        let slot = Slot::try_from(slot).map_err(|_| AppError::Usage("too many months at once".to_owned()))?;
        let month = MonthRun { reading: &reading, request, slot, observer: &observer, cancel: &cancel };
        match month.publish(open.as_mut(), store.as_ref()).await {
            Ok(end) => {
                let run = open.finish(end).await?;
                inertness::note(project, store.as_ref(), &reading.inertness, run.id).await?;
                runs.push(run);
            }
            Err(error) => return Err(give_up(Some(open), error, &cancel).await),
        }
    }
    Ok(runs)
}

/// Takes the workspace. Whoever is stopped while another program has it does not wait on.
async fn enter(project: &Project, options: &ReconcileOptions, cancel: &CancellationToken) -> Result<Arc<dyn WorkspaceWriter>, AppError> {
    tokio::select! {
        entered = project.door.write("reconcile", &project.actor, options.wait) => Ok(entered?),
        () = cancel.cancelled() => Err(AppError::Stopped("another dualrun wrote the workspace; nothing was begun".to_owned())),
    }
}

fn wanted(project: &Project, options: &ReconcileOptions) -> Result<Wanted, AppError> {
    let Some(first) = options.months.first().copied() else { return Err(AppError::Usage("no month is asked for".to_owned())) };
    let gap = options.months.iter().enumerate().any(|(i, m)| usize::try_from(m.months_since(first)) != Ok(i));
    if gap || options.months.len() > 120 {
        return Err(AppError::Usage("months must follow one another, 120 of them at most".to_owned()));
    }
    let profile = &project.profile.source;
    let mut only = BTreeSet::new();
    for raw in &options.only {
        let key = Key::normalised(raw, profile.key, profile.key_normaliser)
            .map_err(|e| AppError::Usage(format!("--only {}: {e}", Untrusted::new(raw.as_str()).shown(60))))?;
        only.insert(key);
    }
    Ok(Wanted { first, months: options.months.len(), only })
}

/// An id of `--only` that is nowhere is a slip of the fingers, and no clean result.
fn check_only(books: &Books, typed: &[String]) -> Result<(), AppError> {
    let unknown: Vec<&str> = books.scope.only().filter(|k| !books.knows(k)).map(Key::as_str).collect();
    if unknown.is_empty() || typed.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = unknown.iter().map(|k| crate::domain::text::shown(k, 60)).collect();
    Err(AppError::Usage(format!(
        "--only {}: no subscription, document or usage of that id on either side — check the id, letter by letter",
        names.join(",")
    )))
}

async fn request(
    project: &Project,
    options: &ReconcileOptions,
    store: &dyn WorkspaceWriter,
    month: Month,
    only: &BTreeSet<Key>,
) -> Result<RunRequest, AppError> {
    let recheck_of = if options.recheck {
        let of_month = |r: &Run| r.request.month == month && r.request.service == project.profile.service;
        let parent = store.current_runs().await?.into_iter().find(of_month);
        Some(parent.ok_or_else(|| AppError::Usage(format!("{month} has no current run to check again — reconcile it first")))?.id)
    } else {
        None
    };
    Ok(RunRequest {
        service: project.profile.service.clone(),
        month,
        only: only.iter().map(|k| k.as_str().to_owned()).collect(),
        dry_run: options.dry_run,
        recheck_of,
        basis: project.profile.basis,
        actor: project.actor.clone(),
        program: project.program.clone(),
        config_digest: project.config_digest.clone(),
    })
}

/// Ends a run without a result and hands back why. What the workspace says about ending it does not hide the first error.
async fn give_up(writer: Option<Box<dyn RunWriter>>, error: AppError, cancel: &CancellationToken) -> AppError {
    let state = if cancel.is_cancelled() { RunState::Interrupted } else { RunState::Failed };
    if let Some(writer) = writer {
        let _ = writer.abandon(state, &error.to_string()).await;
    }
    error
}

/// One month of a reading on its way into the workspace.
struct MonthRun<'a> {
    reading: &'a Reading,
    request: &'a RunRequest,
    slot: Slot,
    observer: &'a Arc<dyn Observer>,
    cancel: &'a CancellationToken,
}

impl MonthRun<'_> {
    async fn publish(&self, writer: &mut dyn RunWriter, store: &dyn WorkspaceWriter) -> Result<RunEnd, AppError> {
        let books = &self.reading.books;
        let month = self.request.month;
        self.observer.hear(Progress::Phase(format!("judging {month}")));
        writer.snapshots(&self.reading.snapshots).await?;
        writer.terms(&books.target.plans.values().cloned().collect::<Vec<Terms>>()).await?;
        let plan = MonthPlan::new(books, self.slot, month);
        let mut inspection = Inspection::new(books, &plan, self.slot);
        let mut tallier = Tallier::default();
        let mut results = SetDigest::default();
        let mut recheck = Recheck::of(self.request.recheck_of, store).await?;
        let of = u64::try_from(plan.len()).unwrap_or(u64::MAX);
        let mut done = 0u64;
        let mut batch: Vec<ReconRow> = Vec::with_capacity(BATCH);
        for row in plan.rows() {
            tallier.add(&row).map_err(|e| unbalanced(e, month, Some(&row)))?;
            inspection.row(&row);
            results.add(&digest::row(&row));
            recheck.compare(&row);
            batch.push(row);
            if batch.len() == BATCH {
                self.stop_if_cancelled()?;
                done += u64::try_from(batch.len()).unwrap_or(0);
                writer.rows(std::mem::replace(&mut batch, Vec::with_capacity(BATCH))).await?;
                self.observer.hear(Progress::Judged { month, rows: done, of });
            }
        }
        writer.rows(batch).await?;
        self.observer.hear(Progress::Judged { month, rows: of, of });
        self.stop_if_cancelled()?;
        let mut tally = tallier.finish(books, &plan, self.slot).map_err(|e| unbalanced(e, month, None))?;
        let (rejected, count) = rejected(books);
        tally.rejected = count;
        let (source, target) =
            [crate::domain::side::Side::Source, crate::domain::side::Side::Target].map(|s| digest::side_inputs(books, s, self.slot)).into();
        self.observer.hear(Progress::Phase(format!("publishing {month}")));
        let mut findings = inspection.finish();
        findings.extend(inertness::finding(&self.reading.inertness));
        Ok(RunEnd {
            state: if count == 0 { RunState::Complete } else { RunState::Incomplete },
            tally,
            digests: digest::digests(self.request, &source, &target, &results),
            findings,
            rejected,
            recheck: recheck.outcome,
        })
    }

    fn stop_if_cancelled(&self) -> Result<(), AppError> {
        if !self.cancel.is_cancelled() {
            return Ok(());
        }
        Err(AppError::Stopped(format!("judging {}; nothing of that month was published", self.request.month)))
    }
}

/// Sums that disagree are a bug; a sum that does not fit is the data's fault, and said with the row that filled it.
fn unbalanced(error: Unbalanced, month: Month, row: Option<&ReconRow>) -> AppError {
    match error {
        Unbalanced::Overflow => {
            let at = row.map_or_else(String::new, |r| format!(" at {}", r.key.shown(60)));
            AppError::TooMuch(format!(
                "{month}: the money of its rows does not fit a total{at} — check money_unit of both sides and the amounts of that row; nothing was published"
            ))
        }
        other => AppError::Bug(other.to_string()),
    }
}

fn rejected(books: &Books) -> (Vec<crate::domain::decode::RowError>, u64) {
    let mut all = books.source.errors.clone();
    for errors in [&books.target.errors, &books.actual.errors, &books.drafts.errors, &books.usage.errors] {
        all.absorb(errors.clone());
    }
    let count = all.count();
    (all.sorted(), count)
}

/// The parent's rows that did not match, and what became of them.
struct Recheck {
    open: HashMap<(String, String), Verdict>,
    outcome: Option<RecheckOutcome>,
}

impl Recheck {
    async fn of(parent: Option<i64>, store: &dyn WorkspaceWriter) -> Result<Self, AppError> {
        let Some(run) = parent else { return Ok(Self { open: HashMap::new(), outcome: None }) };
        let verdicts = Verdict::ALL.into_iter().filter(|v| *v != Verdict::Match).collect();
        let filter = RowFilter { verdicts, ..RowFilter::default() };
        let mut open = HashMap::new();
        let mut from = PageFrom::Start;
        loop {
            let page = store.page(&PageRequest { run, filter: filter.clone(), sort: Sort::default(), from, limit: 1000 }).await?;
            for (_, line) in &page.rows {
                open.insert((line.key.raw().to_owned(), line.period.to_string()), line.verdict);
            }
            match page.rows.last() {
                Some((cursor, _)) if page.more_after => from = PageFrom::After(cursor.clone()),
                _ => break,
            }
        }
        let gone = u64::try_from(open.len()).unwrap_or(u64::MAX);
        Ok(Self { open, outcome: Some(RecheckOutcome { now_matches: 0, still_differs: 0, gone }) })
    }

    fn compare(&mut self, row: &ReconRow) {
        let Some(outcome) = &mut self.outcome else { return };
        let was_open = self.open.contains_key(&(row.key.raw().to_owned(), row.period.to_string()));
        if !was_open {
            return;
        }
        // Each is taken off the gone ones as it is met again.
        outcome.gone = outcome.gone.saturating_sub(1);
        if row.verdict == Verdict::Match {
            outcome.now_matches += 1;
        } else {
            outcome.still_differs += 1;
        }
    }
}

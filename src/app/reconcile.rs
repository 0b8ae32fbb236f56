//! The main job: read both sides in one snapshot each, rate, pair, judge, store, publish.

mod desk;
mod judging;
mod month;
mod recheck;

use super::error::AppError;
use super::explain::{History, explain_run};
use super::inertness;
use super::progress::{Observer, Progress};
use super::project::Project;
use super::read::{Reading, Wanted, check_mapping, read};
use super::review::carry_over;
use crate::domain::key::Key;
use crate::domain::period::Month;
use crate::domain::run::{Run, RunRequest, RunState};
use crate::domain::side::Side;
use crate::domain::text::Untrusted;
use crate::integrity::of_catalogues;
use crate::ledger::summing::{Choice, choose};
use crate::ports::workspace::{RunWriter, WorkspaceWriter};
use judging::judge_all;
use month::MonthRun;
use recheck::Recheck;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
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
    let runs = inside(project, options, wanted, store.as_ref(), &observer, &cancel).await?;
    explained(project, &runs, &store, &observer, &cancel).await?;
    carry_over(store.as_ref(), &runs, (project.profile.zone, project.clock.now())).await?;
    Ok(runs)
}

/// Reads a few subscriptions of one month anew, over fresh snapshots, for whoever holds the workspace already: a run that is kept apart
/// and never counts.
pub(super) async fn reread(
    project: &Project,
    (month, only): (Month, Vec<String>),
    store: &dyn WorkspaceWriter,
    observer: &Arc<dyn Observer>,
    cancel: &CancellationToken,
) -> Result<Run, AppError> {
    let options = ReconcileOptions { months: vec![month], only, dry_run: true, recheck: false, wait: Duration::ZERO };
    let wanted = wanted(project, &options)?;
    check_mapping(project)?;
    let runs = inside(project, &options, wanted, store, observer, cancel).await?;
    runs.into_iter().next().ok_or_else(|| AppError::Bug("a reading of one month made no run".to_owned()))
}

/// Reads, judges and publishes while the workspace is held.
async fn inside(
    project: &Project,
    options: &ReconcileOptions,
    mut wanted: Wanted,
    store: &dyn WorkspaceWriter,
    observer: &Arc<dyn Observer>,
    cancel: &CancellationToken,
) -> Result<Vec<Run>, AppError> {
    wanted.usage = usage(project, store).await;
    if store.adopted_config().await?.as_deref() != Some(project.config_digest.as_str()) {
        store.adopt_config(&project.actor, &project.config_digest).await?;
    }
    let mut requests = Vec::new();
    for month in &options.months {
        requests.push(request(project, options, store, *month, &wanted.only).await?);
    }
    let Some(first) = requests.first() else { return Ok(Vec::new()) };
    // The first run is begun before anything is read, so that a failure leaves its trace.
    let mut writers = vec![store.begin(first).await?];
    match make(project, options, wanted, &requests, store, &mut writers, observer, cancel).await {
        Ok(runs) => Ok(runs),
        Err(error) => {
            let state = if cancel.is_cancelled() { RunState::Interrupted } else { RunState::Failed };
            // What the workspace says about ending a run does not hide the first error.
            for writer in writers {
                let _ = writer.abandon(state, &error.to_string()).await;
            }
            Err(error)
        }
    }
}

/// Explains what was published. The runs stand whatever comes of it; where it is stopped, their causes are not told.
async fn explained(
    project: &Project,
    runs: &[Run],
    store: &Arc<dyn WorkspaceWriter>,
    observer: &Arc<dyn Observer>,
    cancel: &CancellationToken,
) -> Result<(), AppError> {
    let history = Arc::new(History::near(store.as_ref(), runs).await?);
    let mut under_way = JoinSet::new();
    let mut waiting = runs.iter();
    loop {
        let free = if cancel.is_cancelled() { 0 } else { RUNS_AT_ONCE - under_way.len() };
        for run in waiting.by_ref().take(free) {
            let (store, profile, history) = (Arc::clone(store), project.profile.clone(), Arc::clone(&history));
            let (run, observer, cancel) = (run.clone(), Arc::clone(observer), cancel.clone());
            under_way.spawn(async move { explain_run(store.as_ref(), &run, (&profile, &history), &observer, &cancel).await });
        }
        let Some(ended) = under_way.join_next().await else { return Ok(()) };
        match ended.map_err(|e| AppError::Bug(format!("explaining ended: {e}")))? {
            Err(AppError::Stopped(_)) | Ok(_) => {}
            Err(other) => return Err(other),
        }
    }
}

/// Runs explained side by side: one reads while the other thinks.
const RUNS_AT_ONCE: usize = 2;

/// Reads, judges all months key by key, and publishes them. Writers of runs that have not ended stay in `writers`.
#[expect(clippy::too_many_arguments, reason = "one step of a job, split off for its error's sake")]
async fn make(
    project: &Project,
    options: &ReconcileOptions,
    wanted: Wanted,
    requests: &[RunRequest],
    store: &dyn WorkspaceWriter,
    writers: &mut Vec<Box<dyn RunWriter>>,
    observer: &Arc<dyn Observer>,
    cancel: &CancellationToken,
) -> Result<Vec<Run>, AppError> {
    let (reading, gathered) = read(project, wanted, observer, cancel).await?;
    check_only(&reading, &options.only)?;
    for request in requests.iter().skip(writers.len()) {
        writers.push(store.begin(request).await?);
    }
    observer.hear(Progress::Phase("judging".to_owned()));
    let reading = Arc::new(reading);
    let noticed = of_catalogues(&reading.books);
    let shelves = Side::BOTH.map(|side| reading.books.catalogue(side).shelf());
    let (mut months, mut rechecks) = (Vec::with_capacity(requests.len()), Vec::with_capacity(requests.len()));
    for (slot, (request, writer)) in (0u16..).zip(requests.iter().zip(writers.iter_mut())) {
        writer.snapshots(&reading.snapshots).await?;
        for (side, shelf) in Side::BOTH.into_iter().zip(&shelves) {
            writer.shelf(side, shelf).await?;
        }
        months.push(MonthRun::begin(&reading, &noticed, slot, request));
        rechecks.push(Recheck::of(request.recheck_of, store).await?);
    }
    let ends = judge_all(&reading, gathered, (months, rechecks), writers, observer, cancel).await?;
    // The catalogues are most of what is held, and nothing asks for them any more.
    let inertness = reading.inertness.clone();
    drop(reading);
    let mut runs = Vec::with_capacity(ends.len());
    for end in ends {
        observer.hear(Progress::Phase(format!("publishing {}", requests[runs.len()].month)));
        let writer = writers.remove(0);
        let run = writer.finish(end).await?;
        inertness::note(project, store, &inertness, run.id).await?;
        runs.push(run);
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
    Ok(Wanted { first, months: options.months.len(), only, usage: choose(project.limits.usage_sums, None) })
}

/// How usage is to be read, by what the newest run that counts told of this service under this configuration. Runs that cannot be read
/// choose nothing, and do not keep the next one from being made.
async fn usage(project: &Project, store: &dyn WorkspaceWriter) -> Choice {
    let mut runs = store.current_runs().await.unwrap_or_default();
    runs.retain(|run| run.request.service == project.profile.service && run.request.config_digest == project.config_digest);
    let told = runs.iter().filter_map(|run| Some((run.id, run.tally.usage_reading.as_ref()?)));
    choose(project.limits.usage_sums, told.max_by_key(|(id, _)| *id))
}

/// An id of `--only` that is nowhere is a slip of the fingers, and no clean result.
fn check_only(reading: &Reading, typed: &[String]) -> Result<(), AppError> {
    let books = &reading.books;
    let is_met = |key: &Key| {
        let (documents, drafts) = (&reading.actual.documents, &reading.drafts.documents);
        books.lists(key.as_ref()) || documents.names(key) || drafts.names(key) || reading.usage.usage.names(key)
    };
    let unknown: Vec<&str> = books.scope.only().filter(|key| !is_met(key)).map(Key::as_str).collect();
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

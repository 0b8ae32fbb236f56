//! Every check before a wave is applied, over fresh snapshots: what a dry run shows, and what an apply does once more before it begins.

use super::billing::{OfSource, OfTarget, of_source, of_target};
use super::candidates::{Billing, Known, Rows, carried, look, moved, rows_of};
use super::plan::today;
use super::{Standing, WaveStanding, setup, standing_in, wave_of, writer};
use crate::app::error::AppError;
use crate::app::progress::{Observer, Progress};
use crate::app::project::Project;
use crate::app::reconcile::reread;
use crate::domain::flip::{Direction, PackLine, SourceBilling, TargetBilling};
use crate::domain::run::RunState;
use crate::domain::text::shown;
use crate::flip::{Changed, LineState, Rhythm, as_planned, changed, simulate};
use crate::ports::workspace::WorkspaceWriter;
use async_trait::async_trait;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// What the gates say: the digest of what they certify, or what blocks, a sentence each.
pub type Certified = Result<String, Vec<String>>;

/// Says whether the gates hold, anew each time it is asked. Without its certificate nothing begins.
#[async_trait]
pub trait Gatekeeper: Send + Sync {
    /// Asks.
    async fn certify(&self) -> Result<Certified, AppError>;

    /// Makes the checks of the gates anew, where they have any, so that what is asked for next stands on what is so now. One that
    /// sees the same again leaves what was signed as it is.
    async fn make_anew(&self, store: &dyn WorkspaceWriter, cancel: &CancellationToken) -> Result<(), AppError> {
        let _ = (store, cancel);
        Ok(())
    }
}

/// What the checks of a wave came to.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The wave.
    pub wave: u32,
    /// What is typed to apply it.
    pub phrase: String,
    /// Digest of its pack.
    pub pack: String,
    /// Whether something of it was done already.
    pub begun: bool,
    /// What is in the way, most urgent first; empty only where it may be applied.
    pub blockers: Vec<String>,
    /// What the gates certify, where they hold.
    pub certificate: Option<String>,
    /// The run over fresh snapshots its amounts were held against, where it came so far.
    pub run: Option<i64>,
}

/// Shows whether a wave could be applied now. Changes nothing but the workspace, where the fresh run is kept apart.
pub async fn check(
    project: &Project,
    wave: u32,
    gates: &dyn Gatekeeper,
    observer: Arc<dyn Observer>,
    cancel: CancellationToken,
) -> Result<Checked, AppError> {
    let store = writer(project, Duration::from_secs(5)).await?;
    let standing = standing_in(store.as_ref(), &project.profile.service).await?;
    checked((project, store.as_ref()), &standing, wave, gates, (&observer, &cancel)).await
}

/// The checks, while the workspace is held.
pub(super) async fn checked(
    ground: (&Project, &dyn WorkspaceWriter),
    standing: &Standing,
    number: u32,
    gates: &dyn Gatekeeper,
    (observer, cancel): (&Arc<dyn Observer>, &CancellationToken),
) -> Result<Checked, AppError> {
    let rules = &setup(ground.0)?.rules;
    let wave = wave_of(standing, number)?;
    let (phrase, pack) = (wave.pack.phrase(Direction::Forward), wave.pack.digest());
    let begun = wave.lines.values().any(|line| line.state != LineState::Planned);
    let all = wave.pack.lines.iter().map(|line| line.subscription.clone()).collect();
    let InTheWay { certificate, run, of_all, of_one, near } = in_the_way(ground, (standing, wave), &all, gates, (observer, cancel)).await?;
    let mut blockers = of_all;
    blockers.extend(of_one.iter().map(ToString::to_string));
    if let Some(first) = near.first() {
        blockers.push(format!(
            "{} of {} renew within {} hours, {} among them — another day: dualrun flip simulate, or buffer_hours in [flip]",
            near.len(),
            wave.pack.lines.len(),
            rules.buffer_hours,
            shown(first, 60)
        ));
    }
    Ok(Checked { wave: number, phrase, pack, begun, blockers, certificate, run })
}

/// What is in the way of some lines of a wave.
pub(super) struct InTheWay {
    pub certificate: Option<String>,
    pub run: Option<i64>,
    /// Of all of them, most urgent first.
    pub of_all: Vec<String>,
    /// Of one, with what.
    pub of_one: Vec<Changed>,
    /// Those that renew too soon, or have just renewed.
    pub near: Vec<String>,
}

/// Makes every check for some lines of a wave: the gates, the plan, and each line over fresh snapshots.
pub(super) async fn in_the_way(
    (project, store): (&Project, &dyn WorkspaceWriter),
    (standing, wave): (&Standing, &WaveStanding),
    subscriptions: &BTreeSet<String>,
    gates: &dyn Gatekeeper,
    (observer, cancel): (&Arc<dyn Observer>, &CancellationToken),
) -> Result<InTheWay, AppError> {
    let setup = setup(project)?;
    let mut of_all = Vec::new();
    observer.hear(Progress::Phase("making the checks of the gates anew".to_owned()));
    gates.make_anew(store, cancel).await?;
    let certificate = match gates.certify().await? {
        Ok(certificate) => Some(certificate),
        Err(blockers) => {
            of_all.extend(blockers);
            if of_all.is_empty() {
                of_all.push("the gates do not hold, and do not say why".to_owned());
            }
            None
        }
    };
    of_all.extend(standing.allowed(wave.pack.wave, today(project)).apply.err());
    if standing.plan.as_ref().is_none_or(|p| p.flip_digest != setup.digest || p.config_digest != project.config_digest) {
        of_all.push("the configuration changed since the waves were planned — dualrun flip plan".to_owned());
    }
    if setup.target.is_none() {
        of_all.push("no loader is named in [import] of dualrun.toml: nobody makes the changes in the target".to_owned());
    }
    let fresh = Fresh::read((project, store), subscriptions.iter().cloned().collect(), (observer, cancel)).await?;
    of_all.extend(fresh.blockers.iter().cloned());
    of_all.extend(unflipped(standing, &fresh.target));
    let mut of_one = fresh.changed(wave, subscriptions);
    let lines = wave.pack.lines.iter().filter(|line| subscriptions.contains(&line.subscription));
    for flaw in lines.flat_map(|line| days(line, &fresh.source, &fresh.target)) {
        if !of_one.contains(&flaw) {
            of_one.push(flaw);
        }
    }
    let near = simulate(&fresh.rhythms, today(project), 1, setup.rules.buffer_hours).candidates.into_iter().next();
    Ok(InTheWay { certificate, run: fresh.run, of_all, of_one, near: near.map(|day| day.near).unwrap_or_default() })
}

/// What is so now, over fresh snapshots.
pub(super) struct Fresh {
    pub run: Option<i64>,
    pub source: OfSource,
    pub target: OfTarget,
    /// Each subscription's line as it would be planned now.
    pub lines: BTreeMap<String, Result<PackLine, Vec<String>>>,
    pub rhythms: Vec<Rhythm>,
    pub blockers: Vec<String>,
    /// Subscriptions whose rows are not those that were compared and signed.
    pub moved: Vec<Changed>,
}

impl Fresh {
    /// Reads some subscriptions anew: their rows in a run kept apart, and who bills them.
    pub async fn read(
        (project, store): (&Project, &dyn WorkspaceWriter),
        subscriptions: Vec<String>,
        (observer, cancel): (&Arc<dyn Observer>, &CancellationToken),
    ) -> Result<Self, AppError> {
        let setup = setup(project)?;
        let known = Known::load(project, store).await?;
        observer.hear(Progress::Phase("reading both sides anew".to_owned()));
        let run = reread(project, (known.run.request.month, subscriptions.clone()), store, observer, cancel).await?;
        let (source, target) = tokio::join!(of_source(project, setup, cancel), of_target(project, setup, cancel));
        let (source, target) = (source?, target?);
        let mut blockers = Vec::new();
        if run.state != RunState::Complete {
            blockers.push(format!("run #{} over fresh snapshots is {}: {} rows cannot be read", run.id, run.state.word(), run.tally.rejected));
        }
        let snapshots = run.snapshots.iter().chain([&source.snapshot, &target.snapshot]);
        let writable: BTreeSet<&str> = snapshots.filter(|s| s.writable_role).map(|s| s.side.word()).collect();
        blockers.extend(writable.into_iter().map(|side| format!("the {side} is read with a role that can write")));
        let rows = carried(rows_of(store, run.id).await?, &known);
        let (rows, billing) = (Rows { run: run.id, of: &rows }, Billing { source: &source, target: &target });
        let (mut lines, mut rhythms, mut rows_moved) = (BTreeMap::new(), Vec::new(), Vec::new());
        for subscription in subscriptions {
            let looked = look((project, store), &known, rows, billing, &subscription).await?;
            rhythms.extend(looked.rhythm);
            rows_moved.extend(moved(&subscription, rows.of, &known).map(|what| Changed { subscription: subscription.clone(), what }));
            lines.insert(subscription, looked.candidate.ready.map(|ready| ready.line));
        }
        Ok(Self { run: Some(run.id), source, target, lines, rhythms, blockers, moved: rows_moved })
    }

    /// Everything in which some lines are not what they were planned as.
    pub fn changed(&self, wave: &WaveStanding, subscriptions: &BTreeSet<String>) -> Vec<Changed> {
        let mut changes = changed(&wave.pack, |id| self.lines.get(id));
        changes.extend(self.moved.iter().cloned());
        changes.retain(|change| subscriptions.contains(&change.subscription));
        changes
    }
}

/// Whoever the target can bill must have been flipped: the shadow must be inert but for that.
fn unflipped(standing: &Standing, target: &OfTarget) -> Vec<String> {
    let can = |b: &TargetBilling| [b.billing, b.has_payment_token, b.charge_linked].iter().any(|is| *is != Some(false));
    let flipped = standing.flipped();
    let strays: Vec<&String> = target.of.iter().filter(|(id, b)| can(b) && !flipped.has(id)).map(|(id, _)| id).collect();
    match strays.as_slice() {
        [] => Vec::new(),
        [first, rest @ ..] => {
            let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
            vec![format!("the target can bill {}{more}, which no wave flipped, or does not say that it cannot — stop it there", shown(first, 60))]
        }
    }
}

/// The interval proof of a line.
fn days(line: &PackLine, source: &OfSource, target: &OfTarget) -> Vec<Changed> {
    let of_source: SourceBilling = source.of.get(&line.subscription).copied().unwrap_or_default();
    let of_target: TargetBilling = target.of.get(&line.subscription).copied().unwrap_or_default();
    let flaws = as_planned(line.expected.period, of_source, of_target);
    flaws.into_iter().map(|what| Changed { subscription: line.subscription.clone(), what }).collect()
}

//! Planning waves, and looking for a date.

use super::billing::{of_source, of_target};
use super::candidates::{Billing, Known, Looked, Rows, look};
use super::{keep, setup, standing_in, writer};
use crate::app::error::AppError;
use crate::app::progress::{Observer, Progress};
use crate::app::project::Project;
use crate::domain::flip::{FlipDeed, FlipPlan};
use crate::domain::key::Key;
use crate::domain::text::shown;
use crate::flip::{List, Simulation, Standing, cut, simulate as simulated};
use chrono::NaiveDate;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// What a plan is asked to be.
#[derive(Debug, Clone, Default)]
pub struct PlanOptions {
    /// Waves as somebody wrote them, ids as typed; everything else is cut after them.
    pub lists: Vec<List>,
    /// Longest wait for another program that writes the workspace.
    pub wait: Duration,
}

/// A plan that was kept.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The plan.
    pub plan: FlipPlan,
    /// False where it is the very plan that stood before.
    pub is_new: bool,
    /// The flip as it stands now.
    pub standing: Standing,
}

/// Reads the newest run that counts, what was imported, and who bills on either side; cuts waves, makes their packs and keeps them.
/// Waves that have begun stay as they are, and nobody in them is planned again.
pub async fn plan(project: &Project, options: &PlanOptions, observer: Arc<dyn Observer>, cancel: CancellationToken) -> Result<Planned, AppError> {
    let setup = setup(project)?;
    let lists = normalised(project, &options.lists)?;
    let store = writer(project, options.wait).await?;
    let standing = standing_in(store.as_ref(), &project.profile.service).await?;
    let known = Known::load(project, store.as_ref()).await?;
    let looked = everybody((project, store.as_ref()), &known, &standing, &observer, &cancel).await?;
    let candidates = looked.into_iter().map(|l| l.candidate).collect();
    let postponed = standing.postponed_lists(today(project));
    let cut = cut(candidates, &setup.rules, (&lists, &postponed), standing.next_number()).map_err(|e| AppError::Usage(e.to_string()))?;
    let plan = FlipPlan {
        month: known.run.request.month,
        run: known.run.id,
        run_digest: known.run.digests.run.clone(),
        config_digest: project.config_digest.clone(),
        flip_digest: setup.digest.clone(),
        rules: setup.rules.clone(),
        waves: cut.waves,
        left_out: cut.left_out,
    };
    if standing.plan_digest == plan.digest() {
        return Ok(Planned { plan, is_new: false, standing });
    }
    keep(store.as_ref(), project, FlipDeed::Planned(Box::new(plan.clone())), Some(standing.seen)).await?;
    let standing = standing_in(store.as_ref(), &project.profile.service).await?;
    Ok(Planned { plan, is_new: true, standing })
}

/// Looks at every date from tomorrow on: which one flips what is not flipped yet with the least trouble.
pub async fn simulate(project: &Project, observer: Arc<dyn Observer>, cancel: CancellationToken) -> Result<Simulation, AppError> {
    let rules = &setup(project)?.rules;
    let store = project.door.read().await?.ok_or_else(|| AppError::Usage("nothing was compared yet — dualrun reconcile".to_owned()))?;
    let standing = standing_in(store.as_ref(), &project.profile.service).await?;
    let known = Known::load(project, store.as_ref()).await?;
    let looked = everybody((project, store.as_ref()), &known, &standing, &observer, &cancel).await?;
    let rhythms: Vec<_> = looked.into_iter().filter_map(|l| l.rhythm).collect();
    let first = today(project).succ_opt().unwrap_or(NaiveDate::MAX);
    Ok(simulated(&rhythms, first, rules.candidate_days, rules.buffer_hours))
}

/// Today in the service's zone.
pub(super) fn today(project: &Project) -> NaiveDate {
    project.profile.zone.day_of(project.clock.now())
}

async fn everybody<S: crate::ports::workspace::Workspace + ?Sized>(
    (project, store): (&Project, &S),
    known: &Known,
    standing: &Standing,
    observer: &Arc<dyn Observer>,
    cancel: &CancellationToken,
) -> Result<Vec<Looked>, AppError> {
    let setup = setup(project)?;
    observer.hear(Progress::Phase("reading who bills".to_owned()));
    let (source, target) = tokio::join!(of_source(project, setup, cancel), of_target(project, setup, cancel));
    let (source, target) = (source?, target?);
    observer.hear(Progress::Phase("looking at each subscription".to_owned()));
    let rows = Rows { run: known.run.id, of: &known.rows };
    let billing = Billing { source: &source, target: &target };
    let mut looked = Vec::new();
    for subscription in known.everybody(&source).iter().filter(|id| standing.wave_of(id).is_none()) {
        if cancel.is_cancelled() {
            return Err(AppError::Stopped("looking at each subscription; nothing was planned".to_owned()));
        }
        looked.push(look((project, store), known, rows, billing, subscription).await?);
    }
    Ok(looked)
}

/// The lists with their ids as the service writes keys.
fn normalised(project: &Project, lists: &[List]) -> Result<Vec<List>, AppError> {
    let profile = &project.profile.source;
    let key = |list: &List, raw: &String| {
        let key = Key::normalised(raw, profile.key, profile.key_normaliser);
        key.map(|key| key.as_str().to_owned()).map_err(|e| AppError::Usage(format!("{}: {}: {e}", shown(&list.name, 60), shown(raw, 60))))
    };
    let list = |list: &List| {
        let subscriptions = list.subscriptions.iter().map(|raw| key(list, raw)).collect::<Result<_, _>>()?;
        Ok(List { name: list.name.clone(), subscriptions })
    };
    lists.iter().map(list).collect()
}

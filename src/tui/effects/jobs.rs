//! Does a job: the one long thing that works at a time.

use super::writing;
use crate::app::error::AppError;
use crate::app::explain::{Explainer, History, fixes};
use crate::app::flip::{self, Apply, Gates, PlanOptions};
use crate::app::gates::{Asking, observe, runbook_of, select};
use crate::app::import::{apply_import, plan_import};
use crate::app::inertness::look_now;
use crate::app::progress::{Observer, Progress};
use crate::app::project::Project;
use crate::app::reconcile::reconcile;
use crate::domain::fixes::Fixes;
use crate::tui::effects::Copies;
use crate::tui::model::job::{FlipAsked, FlipDone, JobAsked, JobDone};
use crate::tui::update::LOCK_WAIT;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Does it.
pub(super) async fn work(
    (project, copies): (&Project, Option<&Copies>),
    asked: &JobAsked,
    observer: Arc<dyn Observer>,
    cancel: CancellationToken,
) -> Result<JobDone, AppError> {
    Ok(match asked {
        JobAsked::Reconcile(options) => JobDone::Runs(reconcile(project, options, observer, cancel).await?),
        JobAsked::Plan(options) => JobDone::Planned(Box::new(plan_import(project, options, observer, cancel).await?)),
        JobAsked::Apply(options) => JobDone::Applied(Box::new(apply_import(project, options, observer, cancel).await?)),
        JobAsked::Inertness => JobDone::Inertness(look_now(project, LOCK_WAIT, &cancel).await?),
        JobAsked::Checks(names) => {
            let runbook = runbook_of(project.gates.runbook.as_ref())?;
            let chosen = select(runbook, names)?;
            let asking = Asking { environment: &runbook.environment, wait: LOCK_WAIT };
            let all = chosen.len();
            let mut kept = 0;
            let mut tell = |made: &crate::app::gates::Made| {
                kept += 1;
                observer.hear(Progress::Phase(format!("{kept} of {all}: {} kept", made.check.id)));
            };
            JobDone::Checked(observe(project, &chosen, asking, &cancel, &mut tell).await?)
        }
        JobAsked::Fixes(run) => JobDone::Fixes(*run, Box::new(corrections(project, *run, &observer, &cancel).await?)),
        JobAsked::Write(asked) => {
            let (rows, path) = writing::write(project, asked, &observer, &cancel).await?;
            JobDone::Written(rows, path)
        }
        JobAsked::Flip(asked) => JobDone::Flip(flipped((project, copies), asked, observer, cancel).await?),
    })
}

async fn corrections(project: &Project, run: i64, observer: &Arc<dyn Observer>, cancel: &CancellationToken) -> Result<Fixes, AppError> {
    let store = project.door.read().await?.ok_or_else(|| AppError::Usage("nothing was compared yet — r reconciles".to_owned()))?;
    let run = store.run(run).await?;
    observer.hear(Progress::Phase("reading what it sold".to_owned()));
    let history = Arc::new(History::near(store.as_ref(), std::slice::from_ref(&run)).await?);
    let explainer = Explainer::open(store.as_ref(), &run, &project.profile, history).await?;
    observer.hear(Progress::Phase("weighing each correction on every row".to_owned()));
    fixes(store.as_ref(), &run, explainer, cancel).await
}

async fn flipped(
    (project, copies): (&Project, Option<&Copies>),
    asked: &FlipAsked,
    observer: Arc<dyn Observer>,
    cancel: CancellationToken,
) -> Result<FlipDone, AppError> {
    let gates = Gates(project);
    let typed = |wave: u32, phrase: &String| Apply { wave, phrase: phrase.clone(), wait: LOCK_WAIT };
    Ok(match asked {
        FlipAsked::Plan => {
            let options = PlanOptions { lists: Vec::new(), wait: LOCK_WAIT };
            FlipDone::Planned(Box::new(flip::plan(project, &options, observer, cancel).await?))
        }
        FlipAsked::Check(wave) => FlipDone::Checked(Box::new(flip::check(project, *wave, &gates, observer, cancel).await?)),
        FlipAsked::Apply(wave, phrase) => {
            FlipDone::Came(Box::new(Box::pin(flip::apply(project, &typed(*wave, phrase), &gates, observer, cancel)).await?))
        }
        FlipAsked::BackOut(wave, phrase) => {
            FlipDone::Came(Box::new(Box::pin(flip::back_out(project, &typed(*wave, phrase), observer, cancel)).await?))
        }
        FlipAsked::Simulate => FlipDone::Simulated(Box::new(flip::simulate(project, observer, cancel).await?)),
        FlipAsked::Rehearse(wave, dir) => {
            let copy = copies.ok_or_else(|| AppError::Usage("no copy can be opened here".to_owned()))?(dir).map_err(AppError::Usage)?;
            let (rehearsal, standing) = Box::pin(flip::rehearse(project, &copy, *wave, observer, cancel)).await?;
            FlipDone::Rehearsed(Box::new(rehearsal), Box::new(standing))
        }
        FlipAsked::Complete(reason) => FlipDone::Completed(Box::new(flip::complete(project, reason, LOCK_WAIT, cancel).await?)),
        FlipAsked::Care(wave) => FlipDone::Cared(Box::new(flip::hypercare(project, *wave, LOCK_WAIT, observer, cancel).await?)),
    })
}

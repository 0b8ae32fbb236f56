//! A rehearsal: the very pack of a wave applied and backed out on a copy, each step timed, and kept with the real flip.

use super::apply::{Apply, Came, apply, back_out};
use super::check::{Certified, Gatekeeper};
use super::plan::{PlanOptions, plan};
use super::{Standing, keep, setup, standing, standing_in, wave_of, writer};
use crate::app::error::AppError;
use crate::app::progress::Observer;
use crate::app::project::Project;
use crate::domain::flip::{Direction, FlipDeed, FlipPack, Rehearsal, Timed};
use crate::domain::side::Side;
use crate::domain::text::shown;
use crate::flip::List;
use crate::ports::database::Identity;
use crate::ports::loader::FlipLoader;
use async_trait::async_trait;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// On a copy nothing is signed: its gates are these.
struct OnACopy;

#[async_trait]
impl Gatekeeper for OnACopy {
    async fn certify(&self) -> Result<Certified, AppError> {
        Ok(Ok("rehearsal".to_owned()))
    }
}

/// Applies a wave on a copy and backs it out again. The copy is a project of its own whose sides lie elsewhere, with runs and imports
/// of its own; its wave must come to the very pack of the real one.
pub async fn rehearse(
    project: &Project,
    copy: &Project,
    number: u32,
    observer: Arc<dyn Observer>,
    cancel: CancellationToken,
) -> Result<(Rehearsal, Standing), AppError> {
    setup(project)?;
    apart(project, copy, &cancel).await?;
    let real = standing(project).await?;
    let pack = wave_of(&real, number)?.pack.clone();
    let began_at = project.clock.now();
    let mut steps = Vec::new();
    let result = on_the_copy(copy, &pack, &mut steps, &observer, &cancel).await;
    let failure = match result {
        Ok(failure) => failure,
        Err(error) => Some(error.to_string()),
    };
    let place = shown(&copy.dir.to_string_lossy(), 200);
    let rehearsal = Rehearsal { wave: number, pack: pack.digest(), place, whole: failure.is_none(), failure, steps, began_at };
    let store = writer(project, Duration::from_secs(30)).await?;
    keep(store.as_ref(), project, FlipDeed::Rehearsed(Box::new(rehearsal.clone())), None).await?;
    Ok((rehearsal, standing_in(store.as_ref(), &project.profile.service).await?))
}

/// A copy that shares a side or a loader with the real one is none: by what each server says of itself, not by what is written down.
async fn apart(project: &Project, copy: &Project, cancel: &CancellationToken) -> Result<(), AppError> {
    if project.profile.service != copy.profile.service {
        return Err(AppError::Usage("the rehearsal is of another service".to_owned()));
    }
    let same = |a: &Project, b: &Project| std::fs::canonicalize(&a.dir).ok() == std::fs::canonicalize(&b.dir).ok();
    if same(project, copy) {
        return Err(AppError::Usage("the rehearsal's directory is the project's own — name a copy".to_owned()));
    }
    alike(project, copy)?;
    let before = identities(project, cancel).await?;
    let there = identities(copy, cancel).await?;
    let after = identities(project, cancel).await?;
    if before != after {
        // Whatever was read of the copy in between proves nothing: it may have been the same server, before or after.
        return Err(AppError::Changed("a server of the real flip was started anew, or is another one, just now — rehearse again".to_owned()));
    }
    for (side, of) in Side::BOTH.iter().zip(&there) {
        let place = shown(&copy.side(*side).database.place(), 120);
        if of.follows {
            let words = format!("the rehearsal's {side} ({place}) follows another server and takes no change — name a copy that stands alone");
            return Err(AppError::Usage(words));
        }
        if let Some(other) = Side::BOTH.iter().zip(&before).find(|(_, real)| real.may_be(of)).map(|(other, _)| other) {
            let words = format!(
                "the rehearsal's {side} ({place}) is the real flip's {other}, or its server does not say that it is not — name a copy on a server of its own"
            );
            return Err(AppError::Usage(words));
        }
    }
    Ok(())
}

/// What both sides' servers say they are, the source first.
async fn identities(project: &Project, cancel: &CancellationToken) -> Result<Vec<Identity>, AppError> {
    let mut all = Vec::new();
    for side in Side::BOTH {
        let mut session = project.side(side).database.open(&project.limits, cancel).await?;
        all.push(session.identity().await?);
        session.close().await?;
    }
    Ok(all)
}

/// A loader of the copy that is the real one acts on what that acts on.
fn alike(project: &Project, copy: &Project) -> Result<(), AppError> {
    let loaders = |of: &Project| -> Vec<(&'static str, Arc<dyn FlipLoader>)> {
        let flip = of.flip.iter();
        flip.flat_map(|flip| {
            let source = ("source_program in [flip]", Arc::clone(&flip.source));
            std::iter::once(source).chain(flip.target.clone().map(|target| ("program in [import]", target)))
        })
        .collect()
    };
    let real: Vec<_> = loaders(project).into_iter().map(|(name, loader)| (name, loader.likeness())).collect();
    for (name, loader) in loaders(copy) {
        let of = loader.likeness();
        if let Some((other, _)) = real.iter().find(|(_, real)| *real == of) {
            let place = shown(&loader.place(), 120);
            let words = format!(
                "{name} of the rehearsal ({place}) is {other} of the real flip: the same program, with the same words, on the same files — give it the copy's own"
            );
            return Err(AppError::Usage(words));
        }
    }
    Ok(())
}

/// Plans, applies and backs out there; why it is not whole, where it is not.
async fn on_the_copy(
    copy: &Project,
    pack: &FlipPack,
    steps: &mut Vec<Timed>,
    observer: &Arc<dyn Observer>,
    cancel: &CancellationToken,
) -> Result<Option<String>, AppError> {
    let subscriptions = pack.lines.iter().map(|line| line.subscription.clone()).collect();
    let options = PlanOptions { lists: vec![List { name: pack.from.clone(), subscriptions }], wait: Duration::from_secs(5) };
    let planned = timed(copy, "plan", steps, plan(copy, &options, Arc::clone(observer), cancel.clone())).await?;
    let Some(there) = planned.plan.waves.first() else { return Ok(Some("the copy has no wave to flip".to_owned())) };
    // Waves of a copy are numbered by what it rehearsed before; everything else must be the same.
    if there.lines != pack.lines {
        let differs = crate::flip::changed(pack, |_| None).len();
        let (ours, theirs) = (pack.totals().words(), there.totals().words());
        return Ok(Some(format!("the copy's pack is another one: {theirs}, and not {ours} ({differs} subscriptions to be compared)")));
    }
    let asked = |direction| Apply { wave: there.wave, phrase: there.phrase(direction), wait: Duration::from_secs(5) };
    let applied = apply(copy, &asked(Direction::Forward), &OnACopy, Arc::clone(observer), cancel.clone()).await?;
    steps.extend(applied.steps.iter().cloned());
    let back = back_out(copy, &asked(Direction::Back), Arc::clone(observer), cancel.clone()).await?;
    steps.extend(back.steps.iter().cloned());
    Ok(failure("applied", &applied).or_else(|| failure("backed out", &back)))
}

async fn timed<T>(copy: &Project, what: &str, steps: &mut Vec<Timed>, work: impl Future<Output = T>) -> T {
    let began = copy.clock.now();
    let out = work.await;
    let took = (copy.clock.now() - began).num_milliseconds();
    steps.push(Timed { what: what.to_owned(), milliseconds: u64::try_from(took).unwrap_or(0) });
    out
}

fn failure(what: &str, came: &Came) -> Option<String> {
    if came.whole {
        return None;
    }
    let stuck = came.stuck.first().map(|(id, why)| format!("{}: {why}", shown(id, 60)));
    let why = came.stopped.clone().or(stuck).unwrap_or_else(|| "it cannot be told why".to_owned());
    Some(format!("it was not {what} whole: {why}"))
}

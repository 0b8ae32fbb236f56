//! Looking at a stage as somebody who may sign it: all that the sign-off will be bound to, and what stands against it.

use super::{GateDesk, newest};
use crate::app::error::AppError;
use crate::app::gates::{gated, place_now};
use crate::domain::gate::{Place, RunbookStage};
use crate::domain::run::{Run, newest_compared};
use crate::domain::text::shown;
use crate::gates::{GatesStanding, Refusal, SignOrder, StageStanding, barred, refusals, role_for};
use crate::ports::workspace::Workspace;

/// A stage as it was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// The stage.
    pub stage: RunbookStage,
    /// Where it is signed.
    pub environment: String,
    /// How it stands; a sign-off is bound to what its binding says.
    pub standing: StageStanding,
    /// The role the person would sign in; none where the stage asks for nobody.
    pub role: Option<String>,
    /// What the project would act on.
    pub place: Place,
    /// What stands against signing.
    pub refusals: Vec<Refusal>,
    /// The newest act when this was looked at.
    pub newest: i64,
}

/// Looks at a stage.
pub async fn look(desk: &GateDesk<'_>, stage: &str, environment: Option<&str>, role: Option<&str>) -> Result<View, AppError> {
    let stage = desk.stage(stage)?;
    desk.signed_in(environment)?;
    look_by(desk, desk.reader().await?.as_ref(), stage, role).await
}

/// The same by an open workspace.
pub(super) async fn look_by<W: Workspace + ?Sized>(
    desk: &GateDesk<'_>,
    store: &W,
    stage: &RunbookStage,
    role: Option<&str>,
) -> Result<View, AppError> {
    let run = counting(store, desk.service).await?;
    let all = standing_by(desk, store, run.as_ref()).await?;
    let acts = store.gate_acts(desk.service).await?;
    let missing = || AppError::Bug(format!("stage {} has no standing", shown(&stage.id, 60)));
    let standing = all.stages.into_iter().find(|of| of.id == stage.id).ok_or_else(missing)?;
    let barred = barred(&store.config_adopters().await?, &store.acts(desk.service).await?, &acts);
    let order = SignOrder {
        stage,
        standing: &standing,
        person: desk.actor,
        operators: &desk.setup.operators,
        barred: &barred,
        is_run_current: run.is_some_and(|run| run.request.config_digest == desk.setup.config),
    };
    let role = role.or_else(|| role_for(&order)).map(str::to_owned);
    let refusals = role.as_ref().map_or_else(Vec::new, |role| refusals(&order, role));
    let (environment, place) = (desk.signed_in(None)?.to_owned(), place_now(&desk.setup.place, desk.outside));
    Ok(View { stage: stage.clone(), environment, place, role, refusals, newest: newest(&acts), standing })
}

/// How all gates stand now.
pub async fn standing(desk: &GateDesk<'_>) -> Result<GatesStanding, AppError> {
    let store = desk.reader().await?;
    let run = counting(store.as_ref(), desk.service).await?;
    standing_by(desk, store.as_ref(), run.as_ref()).await
}

pub(super) async fn standing_by<W: Workspace + ?Sized>(desk: &GateDesk<'_>, store: &W, run: Option<&Run>) -> Result<GatesStanding, AppError> {
    desk.runbook()?;
    let gated = gated(store, desk.service, (desk.setup, desk.outside), run, desk.clock.now()).await?;
    gated.map(|gated| gated.standing).ok_or_else(|| AppError::Bug("a runbook that is there does not stand".to_owned()))
}

/// The run that counts of the newest month in which anything was compared.
pub(super) async fn counting<W: Workspace + ?Sized>(store: &W, service: &str) -> Result<Option<Run>, AppError> {
    let mut current = store.current_runs().await?;
    current.retain(|run| run.request.service == service);
    Ok(newest_compared(&current).cloned())
}

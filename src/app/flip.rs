//! The flip: waves planned, checked, applied and backed out, each step an act before it is taken. What changes anything goes through
//! loaders; dualrun itself reads, tells them what to do, and reads again.

mod apply;
mod billing;
mod candidates;
mod care;
mod check;
mod decide;
mod drive;
mod gatekeeper;
mod plan;
mod rehearse;

pub use apply::{Apply, Came, apply, back_out};
pub use care::{Cared, complete, hypercare};
pub use check::{Certified, Checked, Gatekeeper, check};
pub use decide::{Decision, decide};
pub use gatekeeper::{Configured, Gates, Way, way};
pub use plan::{PlanOptions, Planned, plan, simulate};
pub use rehearse::rehearse;

use super::error::AppError;
use super::project::{FlipSetup, Project};
use crate::domain::flip::FlipDeed;
use crate::domain::gate::{GateAct, GateDeed};
use crate::flip::fold;
pub use crate::flip::{Allowed, CandidateDay, Cut, LineStanding, LineState, List, Simulation, Standing, WaveStanding, WaveState, cost};
use crate::ports::workspace::{StoreError, Workspace, WorkspaceWriter};
use std::time::Duration;

/// Where the flip stands; nothing is read but the workspace.
pub async fn standing(project: &Project) -> Result<Standing, AppError> {
    let Some(store) = project.door.read().await? else { return Ok(Standing::default()) };
    Ok(standing_in(store.as_ref(), &project.profile.service).await?)
}

/// Where the flip of a service stands by the acts of a workspace.
pub async fn standing_in<W: Workspace + ?Sized>(store: &W, service: &str) -> Result<Standing, StoreError> {
    Ok(fold(&store.gate_acts(service).await?))
}

/// What is configured about the flip; an error that says what to write where nothing is.
fn setup(project: &Project) -> Result<&FlipSetup, AppError> {
    project.flip.as_ref().ok_or_else(|| {
        let words = "nothing is configured about the flip — write [flip] with its three queries in dualrun.toml (dualrun init shows how)";
        AppError::Usage(words.to_owned())
    })
}

/// Takes the workspace for one act. While a flip runs, others may write in between.
async fn writer(project: &Project, wait: Duration) -> Result<std::sync::Arc<dyn WorkspaceWriter>, AppError> {
    Ok(project.door.write("flip", &project.actor, wait).await?)
}

/// Keeps a step. `seen` is the newest act that was known when it was decided on; `None` for what happened whatever anybody decided.
async fn keep(store: &dyn WorkspaceWriter, project: &Project, deed: FlipDeed, seen: Option<i64>) -> Result<GateAct, AppError> {
    Ok(store.gate_act(&project.profile.service, &project.actor, &GateDeed::Flip(Box::new(deed)), seen).await?)
}

fn wave_of(standing: &Standing, number: u32) -> Result<&WaveStanding, AppError> {
    let there_is_none = || AppError::Usage(format!("there is no wave {number} — dualrun flip shows which there are, flip plan makes them"));
    standing.waves.get(&number).ok_or_else(there_is_none)
}

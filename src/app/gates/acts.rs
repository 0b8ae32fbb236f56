//! Acts about gates: signing a stage, a no-go, taking acts back, accepting a check that does not pass, and breaking the glass. Each is
//! decided on what was looked at: where somebody else changed that meanwhile, nothing is kept and it is said who did.

mod glass;
mod look;
mod refuse;
mod seal;
mod sign;
mod verify;
mod waive;

pub use glass::{Break, break_glass};
pub use look::{View, look, standing};
pub use refuse::{no_go, withdraw};
pub use seal::Sealing;
pub use sign::{SignedOff, ready, sign};
pub use verify::{Kept, holds, vouched, vouched_act};
pub use waive::{CheckWaiver, confirm, waive_check};

use super::{GateSetup, Outside};
use crate::app::error::AppError;
use crate::app::project::Project;
use crate::domain::gate::{GateAct, GateDeed, Runbook, RunbookStage};
use crate::domain::person::{Operator, same_person};
use crate::domain::text::shown;
use crate::gates::Refusal;
use crate::ports::clock::Clock;
use crate::ports::workspace::{StoreError, Workspace, WorkspaceDoor, WorkspaceWriter};
use std::sync::Arc;
use std::time::Duration;

/// Who acts, where, and what is configured.
#[derive(Clone, Copy)]
pub struct GateDesk<'a> {
    /// The workspace.
    pub door: &'a dyn WorkspaceDoor,
    /// The clock.
    pub clock: &'a dyn Clock,
    /// The service.
    pub service: &'a str,
    /// Who acts.
    pub actor: &'a str,
    /// What gates stand on, as it is configured.
    pub setup: &'a GateSetup,
    /// What they stand on elsewhere.
    pub outside: &'a dyn Outside,
    /// Longest wait for another program that writes the workspace.
    pub wait: Duration,
}

impl<'a> GateDesk<'a> {
    /// The desk of a project, for whoever acts in it.
    pub fn of(project: &'a Project, wait: Duration) -> Self {
        Self {
            door: project.door.as_ref(),
            clock: project.clock.as_ref(),
            service: &project.profile.service,
            actor: &project.actor,
            setup: &project.gates,
            outside: project.outside.as_ref(),
            wait,
        }
    }
}

impl GateDesk<'_> {
    async fn enter(&self, purpose: &str) -> Result<Arc<dyn WorkspaceWriter>, AppError> {
        Ok(self.door.write(purpose, self.actor, self.wait).await?)
    }

    async fn reader(&self) -> Result<Arc<dyn Workspace>, AppError> {
        let store = self.door.read().await?;
        store.ok_or_else(|| AppError::Usage("there is no run yet — dualrun reconcile makes the first".to_owned()))
    }

    fn runbook(&self) -> Result<&Runbook, AppError> {
        let none = || AppError::Usage("there is no runbook: its stages are what is signed — write runbook.toml".to_owned());
        self.setup.runbook.as_ref().ok_or_else(none)
    }

    /// The stage of an id.
    fn stage(&self, id: &str) -> Result<&RunbookStage, AppError> {
        let runbook = self.runbook()?;
        let known = || runbook.stages.iter().map(|stage| shown(&stage.id, 60)).collect::<Vec<_>>().join(", ");
        let unknown = || AppError::Usage(format!("the runbook has no stage {} — its stages: {}", shown(id, 60), known()));
        runbook.stage(id).ok_or_else(unknown)
    }

    /// Where people sign: where the flip happens. Evidence of other environments is part of what is signed there.
    fn signed_in(&self, named: Option<&str>) -> Result<&str, AppError> {
        let own = self.runbook()?.environment.as_str();
        match named {
            Some(other) if other != own => {
                let (own, other) = (shown(own, 60), shown(other, 60));
                Err(AppError::Usage(format!("stages are signed for {own}, where the flip happens, not for {other} — leave --environment out")))
            }
            _ => Ok(own),
        }
    }

    /// Who acts, as one of the people listed.
    fn operator(&self) -> Option<&Operator> {
        self.setup.operators.iter().find(|operator| same_person(&operator.id, self.actor))
    }

    /// Who is not listed does not open anything.
    fn listed(&self) -> Result<(), AppError> {
        self.operator().map(drop).ok_or_else(|| AppError::Usage(Refusal::NotListed(self.actor.to_owned()).to_string()))
    }
}

fn reason_of(text: &str, what: &str) -> Result<String, AppError> {
    let text = text.trim();
    if text.is_empty() { Err(AppError::Usage(format!("{what} has a reason — write --reason"))) } else { Ok(text.to_owned()) }
}

/// The number of the newest act.
fn newest(acts: &[GateAct]) -> i64 {
    acts.last().map_or(0, |act| act.id)
}

/// The act that took another back.
fn withdrawal(acts: &[GateAct], id: i64) -> Option<&GateAct> {
    acts.iter().find(|act| matches!(&act.deed, GateDeed::Withdraw { act, .. } if *act == id))
}

/// Somebody acted after what was looked at.
fn overtaken(act: &GateAct) -> AppError {
    StoreError::Overtaken { by: act.actor.clone(), what: act.deed.journal_kind().replace('_', " "), at: act.at }.into()
}

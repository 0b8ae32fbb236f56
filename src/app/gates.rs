//! Acts about gates: looking at a stage and signing it, a no-go, taking acts back, accepting a check that does not pass, and breaking
//! the glass. Each is decided on what was looked at: where somebody else changed that meanwhile, nothing is kept and it is said who did.

mod binding;
mod glass;
mod look;
mod refuse;
mod sign;
mod verify;
mod waive;

pub use crate::gates::{ANYBODY, SeenCheck};
pub use binding::binding;
pub use glass::{Break, break_glass};
pub use look::{Earlier, View, look, signoff_of};
pub use refuse::{no_go, withdraw};
pub use sign::{Sealing, SignedOff, sign};
pub use verify::{Kept, holds, signoffs, statement};
pub use waive::{CheckWaiver, confirm, waive_check};

use super::error::AppError;
use crate::domain::gate::{GateAct, GateDeed, Runbook, RunbookStage};
use crate::domain::person::Person;
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
    /// The people there are; empty where none are listed.
    pub people: &'a [Person],
    /// The gates.
    pub runbook: &'a Runbook,
    /// Digest of the configuration that decides numbers.
    pub config_digest: &'a str,
    /// This program's version.
    pub program: &'a str,
    /// Longest wait for another program that writes the workspace.
    pub wait: Duration,
}

impl GateDesk<'_> {
    async fn enter(&self, purpose: &str) -> Result<Arc<dyn WorkspaceWriter>, AppError> {
        Ok(self.door.write(purpose, self.actor, self.wait).await?)
    }

    async fn reader(&self) -> Result<Arc<dyn Workspace>, AppError> {
        let store = self.door.read().await?;
        store.ok_or_else(|| AppError::Usage("there is no run yet — dualrun reconcile makes the first".to_owned()))
    }

    /// The stage of an id.
    fn stage(&self, id: &str) -> Result<&RunbookStage, AppError> {
        let known = || self.runbook.stages.iter().map(|stage| shown(&stage.id, 60)).collect::<Vec<_>>().join(", ");
        let unknown = || AppError::Usage(format!("the runbook has no stage {} — its stages: {}", shown(id, 60), known()));
        self.runbook.stage(id).ok_or_else(unknown)
    }

    /// The environment meant: the one that is named, else the runbook's, else the stage's only one.
    fn environment<'s>(&self, stage: &'s RunbookStage, named: Option<&str>) -> Result<&'s str, AppError> {
        let of = |name: &str| stage.environments.iter().find(|e| *e == name).map(String::as_str);
        let only = || if let [only] = stage.environments.as_slice() { Some(only.as_str()) } else { None };
        let found = named.map_or_else(|| of(&self.runbook.environment).or_else(only), of);
        let known = || stage.environments.iter().map(|e| shown(e, 60)).collect::<Vec<_>>().join(", ");
        found.ok_or_else(|| AppError::Usage(format!("stage {} is held in {} — write --environment with one of these", shown(&stage.id, 60), known())))
    }

    /// Who is not listed does not open anything. Where nobody is listed, whoever acts is taken at their word.
    fn listed(&self) -> Result<(), AppError> {
        if self.people.is_empty() || Person::named(self.people, self.actor).is_some() {
            return Ok(());
        }
        Err(AppError::Usage(Refusal::NotListed(self.actor.to_owned()).to_string()))
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

//! Gates: how they stand now, and the checks of the runbook, made: each is asked, judged, and kept as evidence; one that breaks stops
//! no other.

mod acts;
mod asking;
mod exposure;
mod figures;
mod jobs;
mod making;
mod months;
mod now;
mod outside;
mod preparing;
mod selection;

pub use acts::{
    Break, CheckWaiver, GateDesk, Kept, Sealing, SignedOff, View, break_glass, confirm, holds, look, no_go, ready, sign, standing, vouched,
    vouched_act, waive_check, withdraw,
};
pub use asking::query_of;
pub use exposure::exposure;
pub use making::attest;
pub(super) use months::months_used;
pub use now::{GateSetup, gated, glass_ever};
pub use outside::Outside;
pub(super) use outside::{EvidenceFiles, evidence_files, place_now};
pub use preparing::{Prepared, prepare};
pub use selection::{Chosen, select};

use super::error::AppError;
use super::project::{CheckSetup, Project};
use crate::domain::gate::{Check, CheckEvidence, CheckKind, GateAct, GateDeed, Runbook, StandsOn};
pub use crate::gates::checks::Attestation;
use crate::gates::checks::Judged;
use crate::ports::workspace::WorkspaceWriter;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// A check that was made, and how it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The check as it was asked.
    pub check: Check,
    /// What was seen.
    pub evidence: CheckEvidence,
    /// The act it is kept as: who, when, under which number.
    pub act: GateAct,
}

/// Who asks, and where.
#[derive(Debug, Clone, Copy)]
pub struct Asking<'a> {
    /// The environment the evidence is of.
    pub environment: &'a str,
    /// How long another program that writes the workspace is waited for, for each check.
    pub wait: Duration,
}

/// Makes checks, one after another, each kept before the next is begun. `tell` hears of each as it is kept.
///
/// Manual checks are not made: they are a person's word, see [`attest`]. The workspace is held only while evidence is written, so that
/// a program of a check may be dualrun itself.
pub async fn observe(
    project: &Project,
    chosen: &[Chosen<'_>],
    asking: Asking<'_>,
    cancel: &CancellationToken,
    tell: &mut (dyn FnMut(&Made) + Send),
) -> Result<Vec<Made>, AppError> {
    let setup = setup(project)?;
    let mut all = Vec::new();
    for Chosen { stage, check } in chosen.iter().filter(|c| !matches!(c.check.kind, CheckKind::Manual(_))) {
        let (judged, stands_on) = making::make(project, setup, (&stage.id, check), cancel).await?;
        if cancel.is_cancelled() {
            return Err(AppError::Stopped(format!("making {}/{}; the checks before it are kept", stage.id, check.id)));
        }
        let made = keep(project, (&stage.id, check), asking, (judged, stands_on)).await?;
        tell(&made);
        all.push(made);
    }
    Ok(all)
}

/// Makes every check anew that the flip stands on and no person has to state, while the workspace is held.
pub async fn make_anew(project: &Project, store: &dyn WorkspaceWriter, cancel: &CancellationToken) -> Result<(), AppError> {
    let (Some(runbook), Some(setup)) = (&project.gates.runbook, &project.checks) else { return Ok(()) };
    for stage in runbook.stages.iter().filter(|stage| stage.environments.contains(&runbook.environment)) {
        for check in stage.checks.iter().filter(|check| !check.observe_only && !matches!(check.kind, CheckKind::Manual(_))) {
            let made = making::make(project, setup, (&stage.id, check), cancel).await?;
            let evidence = evidence(project, (&stage.id, check), &runbook.environment, made);
            store.gate_act(&project.profile.service, &project.actor, &GateDeed::Observe(Box::new(evidence)), None).await?;
        }
    }
    Ok(())
}

fn setup(project: &Project) -> Result<&CheckSetup, AppError> {
    project.checks.as_ref().ok_or_else(|| AppError::Bug("this project is wired without what checks are made with".to_owned()))
}

/// What was seen of a check, with all it stands on.
fn evidence(project: &Project, (stage, check): (&str, &Check), environment: &str, (judged, mut stands_on): (Judged, StandsOn)) -> CheckEvidence {
    stands_on.check = check.digest();
    stands_on.config.clone_from(&project.config_digest);
    stands_on.program.clone_from(&project.program);
    let Judged { outcome, summary, observed } = judged;
    let (environment, stage, id) = (environment.to_owned(), stage.to_owned(), check.id.clone());
    CheckEvidence { stage, check: id, environment, outcome, summary, observed, stands_on }
}

/// Keeps evidence.
async fn keep(project: &Project, (stage, check): (&str, &Check), asking: Asking<'_>, seen: (Judged, StandsOn)) -> Result<Made, AppError> {
    let evidence = evidence(project, (stage, check), asking.environment, seen);
    let store = project.door.write("gates", &project.actor, asking.wait).await?;
    let deed = GateDeed::Observe(Box::new(evidence.clone()));
    // Evidence depends on no other act.
    let act = store.gate_act(&project.profile.service, &project.actor, &deed, None).await?;
    Ok(Made { check: check.clone(), evidence, act })
}

/// The runbook a project must have for this.
pub fn runbook_of(runbook: Option<&Runbook>) -> Result<&Runbook, AppError> {
    runbook.ok_or_else(|| AppError::Usage("there is no runbook.toml beside dualrun.toml — dualrun init --help says how to get one".to_owned()))
}

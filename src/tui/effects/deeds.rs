//! Does what a person does at once: looks at a stage, signs, says no, states, decides.

use super::{Services, no_project};
use crate::app::error::AppError;
use crate::app::flip::{Decision, decide};
use crate::app::gates::{Asking, GateDesk, Sealing, attest, look, no_go, ready, runbook_of, select, sign};
use crate::app::project::Project;
use crate::domain::gate::{GateAct, GateDeed, Seal, SignatureRule};
use crate::domain::text::shown;
use crate::present::words::outcome_label;
use crate::tui::model::Trouble;
use crate::tui::model::deed::{DeedAsked, SealBy, SignLook};
use crate::tui::update::LOCK_WAIT;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

/// How long a word about the flip waits for a flip that is at work: it lets go of the workspace between two steps.
const HOLD_WAIT: Duration = Duration::from_secs(30);

/// Looks at a stage as whoever acts here.
pub(super) async fn look_to_sign(services: &Services, stage: &str) -> Result<Box<SignLook>, Trouble> {
    let (services, stage) = (services.clone(), stage.to_owned());
    blocking(move |handle| {
        let project = services.project.as_ref().ok_or_else(no_project)?;
        let desk = GateDesk::of(project, LOCK_WAIT);
        let view = handle.block_on(look(&desk, &stage, None, None)).map_err(|e| Trouble::of(&e))?;
        let by_key = services.agent.as_deref().map(|agent| ready(&desk, &view, agent));
        let by = match (by_key, view.stage.signature) {
            (Some(Ok(())), _) => Ok(SealBy::Agent),
            (_, SignatureRule::Attested) => Ok(SealBy::Name),
            (Some(Err(why)), SignatureRule::Signed) => Err(why.to_string()),
            (None, SignatureRule::Signed) => Err("no ssh-agent runs here".to_owned()),
        };
        Ok(Box::new(SignLook { view, by }))
    })
    .await
}

/// Does it; what became of it, in words, with who did it.
pub(super) async fn act(services: &Services, asked: DeedAsked) -> Result<String, Trouble> {
    let services = services.clone();
    // A signature may wait for a person, and the workspace for another program: the loop must not.
    blocking(move |handle| {
        let project = services.project.as_ref().ok_or_else(no_project)?;
        handle.block_on(done(&services, project, &asked)).map_err(|e| Trouble::of(&e))
    })
    .await
}

async fn blocking<T: Send + 'static>(work: impl FnOnce(&Handle) -> Result<T, Trouble> + Send + 'static) -> Result<T, Trouble> {
    let handle = Handle::current();
    spawn_blocking(move || work(&handle)).await.map_err(|e| Trouble::of(&e))?
}

async fn done(services: &Services, project: &Project, asked: &DeedAsked) -> Result<String, AppError> {
    let desk = GateDesk::of(project, LOCK_WAIT);
    match asked {
        DeedAsked::Sign(view, by) => {
            let agent = services.agent.as_deref().filter(|_| *by == SealBy::Agent);
            let signed = sign(&desk, view, agent.map_or(Sealing::Attested, Sealing::Signed)).await?;
            Ok(signed_words(&signed.act))
        }
        DeedAsked::NoGo { stage, reason } => {
            let act = no_go(&desk, stage, None, reason).await?;
            Ok(format!("act {}: no-go for {} by {}: it does not pass until that is taken back", act.id, shown(stage, 40), shown(&act.actor, 40)))
        }
        DeedAsked::Attest { name, environment, note } => {
            let runbook = runbook_of(project.gates.runbook.as_ref())?;
            let chosen = select(runbook, std::slice::from_ref(name))?;
            let of = chosen.first().ok_or_else(|| AppError::Usage(format!("there is no check {}", shown(name, 80))))?;
            let asking = Asking { environment, wait: LOCK_WAIT };
            let made = attest(project, (&of.stage.id, of.check), (note, true, None), asking).await?;
            let (outcome, by) = (outcome_label(made.evidence.outcome.word()), shown(&made.act.actor, 40));
            Ok(format!("act {}: {} stated by {by}: {outcome}", made.act.id, shown(name, 80)))
        }
        DeedAsked::Decide(decision, reason) => {
            decide(project, decision, reason, HOLD_WAIT).await?;
            let what = if *decision == Decision::Hold { "held: nothing of it is done until somebody resumes it" } else { "may go on" };
            Ok(format!("the flip {what} · by {}", shown(&project.actor, 40)))
        }
    }
}

fn signed_words(act: &GateAct) -> String {
    let who = shown(&act.actor, 40);
    let GateDeed::Sign(signoff) = &act.deed else { return format!("act {}: kept by {who}", act.id) };
    let seal = match &signoff.seal {
        Seal::Attested => "ATTESTED by name only".to_owned(),
        Seal::Ssh { fingerprint, .. } => format!("by key {}", shown(fingerprint, 60)),
    };
    format!("act {}: {who} signed {} as {} · {seal}", act.id, shown(&signoff.stage, 40), shown(&signoff.role, 40))
}

//! Signing a stage: first the signature, which may wait for a person, then, under the workspace's lock, whether all is still as it was seen.

use super::look::look_by;
use super::seal::{Sealing, principal, sealed};
use super::verify::statement;
use super::{GateDesk, View, overtaken};
use crate::app::error::AppError;
use crate::domain::gate::{GateAct, GateDeed, Seal, SignOff};
use crate::domain::person::same_person;
use crate::domain::text::shown;
use crate::gates::Refusal;
use crate::ports::signer::Signer;

/// A sign-off that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedOff {
    /// It.
    pub act: GateAct,
    /// What others did between the look and the signing, that changed nothing of what was seen.
    pub meanwhile: Vec<GateAct>,
}

/// Signs what was looked at. Nothing is kept where anything of it is another by now, or where anything stands against it.
pub async fn sign(desk: &GateDesk<'_>, view: &View, sealing: Sealing<'_>) -> Result<SignedOff, AppError> {
    refused(&view.refusals)?;
    let stage = desk.stage(&view.stage.id)?;
    let deed = sealed(desk, GateDeed::Sign(Box::new(view.signoff()?)), stage.signature, sealing)?;
    let store = desk.enter("sign").await?;
    let now = look_by(desk, store.as_ref(), stage, view.role.as_deref()).await?;
    let acts = store.gate_acts(desk.service).await?;
    let meanwhile: Vec<GateAct> = acts.iter().filter(|act| act.id > view.newest).cloned().collect();
    let changed = view.standing.binding.changed(&now.standing.binding);
    if !changed.is_empty() {
        let parts = changed.iter().map(|part| part.word()).collect::<Vec<_>>().join(", ");
        return Err(AppError::Changed(format!("{parts}: another now than what was looked at; nothing was signed — look again, then sign")));
    }
    if let Some(first) = meanwhile.iter().find(|act| !matches!(act.deed, GateDeed::Sign(_) | GateDeed::Observe(_))) {
        return Err(overtaken(first));
    }
    refused(&now.refusals)?;
    if let Some(other) = same_key(&acts, &deed, desk.actor) {
        let by = shown(&other.actor, 60);
        return Err(AppError::Usage(format!("{by} signed this stage with the same key (act {}) — two people have two keys", other.id)));
    }
    let act = store.gate_act(desk.service, desk.actor, &deed, Some(now.newest)).await?;
    Ok(SignedOff { act, meanwhile })
}

impl View {
    /// What would be signed, without its seal.
    pub fn signoff(&self) -> Result<SignOff, AppError> {
        let asks_nobody = || AppError::Usage(format!("stage {} asks for no sign-off", shown(&self.stage.id, 60)));
        let role = self.role.clone().ok_or_else(asks_nobody)?;
        let (stage, environment, binding) = (self.stage.id.clone(), self.environment.clone(), self.standing.binding.clone());
        Ok(SignOff { stage, environment, role, binding, seal: Seal::Attested })
    }
}

/// All that stands against it, a line each.
fn refused(refusals: &[Refusal]) -> Result<(), AppError> {
    if refusals.is_empty() {
        return Ok(());
    }
    Err(AppError::Usage(refusals.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))
}

/// Whether a signer has a key for what would be signed. Nobody is asked for anything.
pub fn ready(desk: &GateDesk<'_>, view: &View, signer: &dyn Signer) -> Result<(), AppError> {
    let (principal, message) = (principal(desk)?, view.signoff()?.message(desk.service, desk.actor));
    Ok(signer.ready(&statement(&principal, &message, desk.clock.now()))?)
}

/// Another person's sign-off of the same by the same key: two people with one key are one.
fn same_key<'a>(acts: &'a [GateAct], deed: &GateDeed, person: &str) -> Option<&'a GateAct> {
    let GateDeed::Sign(signoff) = deed else { return None };
    let key = signoff.seal.key()?;
    acts.iter().rev().find(|act| match &act.deed {
        GateDeed::Sign(other) => {
            let is_it = (&other.stage, &other.environment) == (&signoff.stage, &signoff.environment) && other.seal.key() == Some(key);
            is_it && !same_person(&act.actor, person)
        }
        _ => false,
    })
}

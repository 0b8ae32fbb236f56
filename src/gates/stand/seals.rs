//! Whether a word that opens something is vouched for as the runbook asks: by a signature that holds, or by a name where that will do.

use super::Known;
use crate::domain::gate::{GateAct, GateDeed, Runbook, Seal, SignatureRule};
use crate::domain::person::{Operator, same_person};

/// What the runbook asks of the seal of a deed about a stage's check, or of one that opens all of it.
pub fn signature_rule(runbook: &Runbook, deed: &GateDeed) -> SignatureRule {
    match deed {
        GateDeed::WaiveCheck { stage, .. } => runbook.stage(stage).map_or(SignatureRule::Signed, |stage| stage.signature),
        // It opens every stage: the strictest of them asks.
        _ if runbook.stages.iter().all(|stage| stage.signature == SignatureRule::Attested) => SignatureRule::Attested,
        _ => SignatureRule::Signed,
    }
}

/// Why an act is not vouched for; `None` where it is.
pub(super) fn unsealed(known: &Known<'_>, (act, seal): (&GateAct, &Seal), operator: &Operator, rule: SignatureRule) -> Option<String> {
    match (seal, rule) {
        (Seal::Attested, SignatureRule::Signed) => Some("is only attested, and the stage asks for a signature".to_owned()),
        (Seal::Attested, SignatureRule::Attested) => None,
        (Seal::Ssh { principal, .. }, _) if operator.ssh_principal.as_ref() != Some(principal) => {
            Some(format!("is signed as {principal}, which is not the operator's"))
        }
        (Seal::Ssh { .. }, _) => match known.signatures.get(&act.id) {
            Some(Ok(())) => None,
            Some(Err(why)) => Some(format!("its signature does not hold: {why}")),
            None => Some("its signature was not looked at".to_owned()),
        },
    }
}

/// Whether a waiver, broken glass, or an agreement to one counts. An agreement is to what was read then, and to nothing else.
pub(super) fn vouched(known: &Known<'_>, act: &GateAct, about: &GateAct) -> bool {
    let (Some(seal), Some(operator)) = (act.deed.seal(), known.operators.iter().find(|o| same_person(&o.id, &act.actor))) else { return false };
    let is_of = match &act.deed {
        GateDeed::Confirm { of, .. } if !seal.is_attested() => *of == about.deed.digest(),
        _ => true,
    };
    is_of && unsealed(known, (act, seal), operator, signature_rule(known.runbook, &about.deed)).is_none()
}

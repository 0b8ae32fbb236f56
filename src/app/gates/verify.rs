//! The sign-offs that are kept, and verifying them: each signature anew, by `allowed_signers` as it is now and the moment it was made at.

use super::look::principal;
use super::{GateDesk, withdrawal};
use crate::app::error::AppError;
use crate::domain::gate::{GateAct, GateDeed, Seal, SignOff};
use crate::domain::text::shown;
use crate::ports::signer::{SignatureFault, SignatureFaultKind, Statement, Verifier};
use chrono::{DateTime, Utc};

/// A sign-off that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its act.
    pub act: GateAct,
    /// It.
    pub signoff: SignOff,
    /// Who took it back, and why.
    pub withdrawn: Option<(String, String)>,
}

/// What a sign-off's signature is over.
pub const fn statement<'a>(principal: &'a str, message: &'a str, at: DateTime<Utc>) -> Statement<'a> {
    Statement { principal, namespace: SignOff::NAMESPACE, message, at }
}

/// Every sign-off of the service, oldest first.
pub async fn signoffs(desk: &GateDesk<'_>) -> Result<Vec<Kept>, AppError> {
    let acts = desk.reader().await?.gate_acts(desk.service).await?;
    let kept = |act: &GateAct| {
        let GateDeed::Sign(signoff) = &act.deed else { return None };
        let withdrawn = withdrawal(&acts, act.id).and_then(|by| match &by.deed {
            GateDeed::Withdraw { reason, .. } => Some((by.actor.clone(), reason.clone())),
            _ => None,
        });
        Some(Kept { act: act.clone(), signoff: SignOff::clone(signoff), withdrawn })
    };
    Ok(acts.iter().filter_map(kept).collect())
}

/// Whether a sign-off's signature holds; `None` for one by name only. The principal must be the person's own, and the key the one that
/// was noted.
pub fn holds(desk: &GateDesk<'_>, kept: &Kept, verifier: &dyn Verifier) -> Option<Result<(), SignatureFault>> {
    let Seal::Ssh { principal: signed_as, fingerprint, signature } = &kept.signoff.seal else { return None };
    let (act, fault) = (&kept.act, |kind, what: String, remedy: &str| Some(Err(SignatureFault::new(kind, what, remedy))));
    if principal(desk.people, &act.actor).as_ref() != Some(signed_as) {
        let what = format!("{} is not the principal of {}", shown(signed_as, 80), shown(&act.actor, 60));
        return fault(SignatureFaultKind::UnknownPrincipal, what, "look at ssh_principal in [[operators]]");
    }
    let message = kept.signoff.message(&act.service, &act.actor);
    match verifier.verify(&statement(signed_as, &message, act.at), signature) {
        Ok(found) if found == *fingerprint => Some(Ok(())),
        Ok(found) => fault(SignatureFaultKind::OtherKey, format!("it was made by key {found}, not by the one noted"), "sign anew"),
        Err(why) => Some(Err(why)),
    }
}

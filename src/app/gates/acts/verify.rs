//! The sign-offs that are kept, and verifying them: each signature anew, by `allowed_signers` as it is now and the moment it was made at.

use super::{GateDesk, withdrawal};
use crate::app::error::AppError;
use crate::domain::gate::{GateAct, GateDeed, Seal, SignOff};
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
pub(super) const fn statement<'a>(principal: &'a str, message: &'a str, at: DateTime<Utc>) -> Statement<'a> {
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

/// A sign-off that is kept, by the number of its act.
pub async fn signoff_of(desk: &GateDesk<'_>, id: i64) -> Result<Kept, AppError> {
    let found = signoffs(desk).await?.into_iter().find(|kept| kept.act.id == id);
    found.ok_or_else(|| AppError::Usage(format!("act {id} is no sign-off — dualrun sign list shows them")))
}

/// Whether a sign-off's signature holds, by the key that was noted; `None` for one by name only.
pub fn holds(act: &GateAct, signoff: &SignOff, verifier: &dyn Verifier) -> Option<Result<(), SignatureFault>> {
    let Seal::Ssh { principal, fingerprint, signature } = &signoff.seal else { return None };
    let message = signoff.message(&act.service, &act.actor);
    let found = verifier.verify(&statement(principal, &message, act.at), signature);
    Some(found.and_then(|found| {
        let another = || SignatureFault::new(SignatureFaultKind::OtherKey, format!("it was made by key {found}, not by the one noted"), "sign anew");
        if found == *fingerprint { Ok(()) } else { Err(another()) }
    }))
}

//! The words that are kept and vouched for, and verifying them: each signature anew, by `allowed_signers` as it is now and the moment it was made at.

use super::{GateDesk, withdrawal};
use crate::app::error::AppError;
use crate::domain::gate::{GateAct, GateDeed, Seal, SignOff};
use crate::ports::signer::{SignatureFault, SignatureFaultKind, Statement, Verifier};
use chrono::{DateTime, Utc};

/// A word that opens something, as it is kept: a sign-off, a waiver of a check, broken glass, an agreement to one of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its act.
    pub act: GateAct,
    /// How it is vouched for.
    pub seal: Seal,
    /// Who took it back, and why.
    pub withdrawn: Option<(String, String)>,
}

impl Kept {
    /// It, where it is a sign-off.
    pub fn signoff(&self) -> Option<&SignOff> {
        if let GateDeed::Sign(signoff) = &self.act.deed { Some(signoff) } else { None }
    }
}

/// What a signature is over.
pub(super) const fn statement<'a>(principal: &'a str, message: &'a str, at: DateTime<Utc>) -> Statement<'a> {
    Statement { principal, namespace: SignOff::NAMESPACE, message, at }
}

/// Every such word of the service, oldest first.
pub async fn vouched(desk: &GateDesk<'_>) -> Result<Vec<Kept>, AppError> {
    let acts = desk.reader().await?.gate_acts(desk.service).await?;
    let kept = |act: &GateAct| {
        let seal = act.deed.seal()?.clone();
        let withdrawn = withdrawal(&acts, act.id).and_then(|by| match &by.deed {
            GateDeed::Withdraw { reason, .. } => Some((by.actor.clone(), reason.clone())),
            _ => None,
        });
        Some(Kept { act: act.clone(), seal, withdrawn })
    };
    Ok(acts.iter().filter_map(kept).collect())
}

/// One of them, by the number of its act.
pub async fn vouched_act(desk: &GateDesk<'_>, id: i64) -> Result<Kept, AppError> {
    let found = vouched(desk).await?.into_iter().find(|kept| kept.act.id == id);
    found.ok_or_else(|| AppError::Usage(format!("act {id} is no sign-off, and nothing else that is signed — dualrun sign list shows them")))
}

/// Whether an act's signature holds, by the key that was noted; `None` for one by name only, and for what nobody signs.
pub fn holds(act: &GateAct, verifier: &dyn Verifier) -> Option<Result<(), SignatureFault>> {
    let Some(Seal::Ssh { principal, fingerprint, signature }) = act.deed.seal() else { return None };
    let message = act.deed.message(&act.service, &act.actor)?;
    let found = verifier.verify(&statement(principal, &message, act.at), signature);
    Some(found.and_then(|found| {
        let another = || SignatureFault::new(SignatureFaultKind::OtherKey, format!("it was made by key {found}, not by the one noted"), "sign anew");
        if found == *fingerprint { Ok(()) } else { Err(another()) }
    }))
}

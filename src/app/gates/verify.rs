//! Verifying sign-offs that are kept: each signature anew, by `allowed_signers` as it is now and the moment it was made at.

use super::GateDesk;
use super::look::principal;
use crate::app::error::AppError;
use crate::domain::gate::{GateAct, GateDeed, Seal, SignOff};
use crate::ports::signer::{SignatureFault, SignatureFaultKind, Statement, Verifier};
use chrono::{DateTime, Utc};

/// A sign-off that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Its act.
    pub act: GateAct,
    /// It.
    pub signoff: SignOff,
    /// `None` for one that is attested only; else whether its signature holds.
    pub signature: Option<Result<(), SignatureFault>>,
    /// Who took it back, and why.
    pub withdrawn: Option<(String, String)>,
}

/// What a sign-off's signature is over.
pub const fn statement<'a>(principal: &'a str, message: &'a str, at: DateTime<Utc>) -> Statement<'a> {
    Statement { principal, namespace: SignOff::NAMESPACE, message, at }
}

/// Verifies every sign-off of the service, oldest first.
pub async fn verify_all(desk: &GateDesk<'_>, verifier: &dyn Verifier) -> Result<Vec<Checked>, AppError> {
    let acts = desk.reader().await?.gate_acts(desk.service).await?;
    let signoffs = acts.iter().filter_map(|act| match &act.deed {
        GateDeed::Sign(signoff) => Some((act, SignOff::clone(signoff))),
        _ => None,
    });
    let checked = |(act, signoff): (&GateAct, SignOff)| {
        let signature = match &signoff.seal {
            Seal::Attested => None,
            Seal::Ssh { .. } => Some(holds(desk, act, &signoff, verifier)),
        };
        let withdrawn = super::withdrawal(&acts, act.id).and_then(|by| match &by.deed {
            GateDeed::Withdraw { reason, .. } => Some((by.actor.clone(), reason.clone())),
            _ => None,
        });
        Checked { act: act.clone(), signoff, signature, withdrawn }
    };
    Ok(signoffs.map(checked).collect())
}

/// The signature holds, by the key that was noted, and the principal is the person's own.
fn holds(desk: &GateDesk<'_>, act: &GateAct, signoff: &SignOff, verifier: &dyn Verifier) -> Result<(), SignatureFault> {
    let Seal::Ssh { principal: signed_as, fingerprint, signature } = &signoff.seal else { return Ok(()) };
    if principal(desk.people, &act.actor).as_ref() != Some(signed_as) {
        let what = format!("{} is not the principal of {}", crate::domain::text::shown(signed_as, 80), crate::domain::text::shown(&act.actor, 60));
        return Err(SignatureFault::new(SignatureFaultKind::UnknownPrincipal, what, "look at ssh_principal in [[operators]]"));
    }
    let message = signoff.message(&act.service, &act.actor);
    let found = verifier.verify(&statement(signed_as, &message, act.at), signature)?;
    if found == *fingerprint {
        return Ok(());
    }
    let what = format!("it was made by key {found}, not by the one noted");
    Err(SignatureFault::new(SignatureFaultKind::OtherKey, what, "sign anew"))
}

//! Vouching for a word that opens something: by a signature, or by the name alone where the runbook lets it.

use super::GateDesk;
use super::verify::statement;
use crate::app::error::AppError;
use crate::domain::gate::{GateDeed, Seal, SignatureRule};
use crate::domain::text::shown;
use crate::ports::signer::Signer;

/// How it is vouched for.
#[derive(Clone, Copy)]
pub enum Sealing<'a> {
    /// By the name alone.
    Attested,
    /// By a signature.
    Signed(&'a dyn Signer),
    /// By a signature where one is asked for, if there is what signs; else by the name alone.
    WhereAsked(Option<&'a dyn Signer>),
}

/// A deed with its seal. A signature may wait for a person: nothing must be held meanwhile.
pub(super) fn sealed(desk: &GateDesk<'_>, deed: GateDeed, rule: SignatureRule, sealing: Sealing<'_>) -> Result<GateDeed, AppError> {
    let signer = match (sealing, rule) {
        (Sealing::Signed(signer), _) | (Sealing::WhereAsked(Some(signer)), SignatureRule::Signed) => signer,
        (Sealing::Attested | Sealing::WhereAsked(_), SignatureRule::Attested) => return Ok(deed.sealed(Seal::Attested)),
        (Sealing::Attested, SignatureRule::Signed) => {
            let what = "a name alone is not enough for this stage: its runbook asks for a signature — leave --attested out, and sign with a key";
            return Err(AppError::Usage(what.to_owned()));
        }
        (Sealing::WhereAsked(None), SignatureRule::Signed) => {
            let what = "a name alone is not enough for this: the runbook asks for a signature, and no ssh-agent runs here — write --key FILE";
            return Err(AppError::Usage(what.to_owned()));
        }
    };
    let principal = principal(desk)?;
    let nothing = || AppError::Bug(format!("{} has nothing that is signed", deed.journal_kind()));
    let message = deed.message(desk.service, desk.actor).ok_or_else(nothing)?;
    let signed = signer.sign(&statement(&principal, &message, desk.clock.now()))?;
    Ok(deed.sealed(Seal::Ssh { principal, fingerprint: signed.fingerprint, signature: signed.signature }))
}

/// The principal of who acts.
pub(super) fn principal(desk: &GateDesk<'_>) -> Result<String, AppError> {
    let principal = desk.operator().and_then(|operator| operator.ssh_principal.clone());
    principal.ok_or_else(|| {
        let who = shown(desk.actor, 60);
        AppError::Usage(format!("{who} has no key — write ssh_principal in that entry of [[operators]], and the key in allowed_signers"))
    })
}

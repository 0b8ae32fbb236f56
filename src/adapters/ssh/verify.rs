//! Verifying a signature: the text, the namespace, the principal, the key and its validity at that moment.

use super::allowed::{self, Line};
use super::{fingerprint, private_file};
use crate::domain::text::shown;
use crate::ports::signer::{SignatureFault, SignatureFaultKind as Kind, Statement, Verifier};
use ssh_key::public::KeyData;
use ssh_key::{Algorithm, PublicKey, SshSig};
use std::path::PathBuf;

/// Largest file that is read.
const LONGEST: u64 = 1 << 20;
/// RSA keys are this long at least.
const RSA_BITS: usize = 2048;
/// In the flags of a security key's signature: somebody touched it.
const TOUCHED: u8 = 1;
/// Bytes of flags and counter at the end of such a signature.
const TRAILER: usize = 5;

/// The file of `allowed_signers`, read anew at each use.
#[derive(Debug, Clone)]
pub struct AllowedSigners {
    path: PathBuf,
}

impl AllowedSigners {
    /// At that path; nothing is read yet.
    pub const fn new(path: PathBuf) -> Self {
        Self { path }
    }

    fn lines(&self) -> Result<Vec<Line>, SignatureFault> {
        let name = private_file::name(&self.path);
        let fault = |what: String, remedy: &str| SignatureFault::new(Kind::Signers, what, remedy);
        let unread = |e: std::io::Error| {
            let missing = "make it: a line per person, as `ana@example.org ssh-ed25519 AAAA…`; [signing] allowed_signers names it";
            fault(format!("{name}: {e}"), if e.kind() == std::io::ErrorKind::NotFound { missing } else { "check its owner and mode" })
        };
        if std::fs::metadata(&self.path).map_err(unread)?.len() > LONGEST {
            return Err(fault(format!("{name} is larger than 1 MiB"), "name another file in [signing] allowed_signers"));
        }
        let text = std::fs::read_to_string(&self.path).map_err(unread)?;
        allowed::parse(&text)
            .map_err(|(line, what)| fault(format!("{name} line {line}: {what}"), "mend the line; ssh-keygen(1) says how they are written"))
    }

    /// Whether a key may sign a statement; the fault says why not.
    pub(super) fn may_sign(&self, statement: &Statement<'_>, key: &KeyData) -> Result<(), SignatureFault> {
        let name = private_file::name(&self.path);
        strong(key)?;
        let lines = self.lines()?;
        let who = shown(statement.principal, 80);
        let of_principal: Vec<&Line> = lines.iter().filter(|line| line.is_for(statement.principal)).collect();
        if of_principal.is_empty() {
            let remedy = "add the person's line there, or mend ssh_principal in [[operators]]";
            return Err(SignatureFault::new(Kind::UnknownPrincipal, format!("{name} has no line for {who}"), remedy));
        }
        let mut refusal = None;
        for line in of_principal.iter().filter(|line| line.key.key_data() == key) {
            match line.refusal(statement.namespace, statement.at) {
                None => return Ok(()),
                Some((kind, what)) => {
                    refusal = Some(SignatureFault::new(kind, format!("{name} line {}: {what}", line.number), "ask who keeps that file"));
                }
            }
        }
        Err(refusal.unwrap_or_else(|| {
            let authority = of_principal.iter().find(|line| line.options.is_authority);
            let what = authority.map_or_else(
                || format!("key {} is not {who}'s by {name}", fingerprint(key)),
                |line| format!("{name} line {}: a cert-authority vouches for {who}, and certificates are not accepted", line.number),
            );
            SignatureFault::new(Kind::OtherKey, what, "sign with a key that is listed there, or have this one added")
        }))
    }
}

impl Verifier for AllowedSigners {
    fn verify(&self, statement: &Statement<'_>, signature: &str) -> Result<String, SignatureFault> {
        let none = |what: String| SignatureFault::new(Kind::NoSignature, what, "sign again");
        let signature = SshSig::from_pem(signature.trim()).map_err(|e| none(format!("this is no SSH signature: {e}")))?;
        let (asked, found) = (shown(statement.namespace, 60), shown(signature.namespace(), 60));
        if signature.namespace() != statement.namespace {
            let what = format!("it is a signature in namespace {found}, not {asked}");
            return Err(SignatureFault::new(Kind::OtherNamespace, what, format!("sign with ssh-keygen -Y sign -n {asked}")));
        }
        let key = signature.public_key();
        if matches!(signature.algorithm(), Algorithm::SkEd25519 | Algorithm::SkEcdsaSha2NistP256) {
            let bytes = signature.signature_bytes();
            let flags = bytes.len().checked_sub(TRAILER).and_then(|at| bytes.get(at)).copied().unwrap_or(0);
            if flags & TOUCHED == 0 {
                return Err(none("the security key signed without being touched".to_owned()));
            }
        }
        self.may_sign(statement, key)?;
        PublicKey::from(key.clone()).verify(statement.namespace, statement.message.as_bytes(), &signature).map_err(|_| {
            let what = "the signature is of another text: something it is bound to is another now, or was another then";
            SignatureFault::new(Kind::OtherMessage, what, "look again, then sign again")
        })?;
        Ok(fingerprint(key))
    }
}

/// Keys that are too weak, or of a kind that is not checked here.
fn strong(key: &KeyData) -> Result<(), SignatureFault> {
    let other = |what: String| Err(SignatureFault::new(Kind::NoSignature, what, "use an ed25519, ecdsa or rsa key"));
    match key {
        KeyData::Ed25519(_) | KeyData::Ecdsa(_) | KeyData::SkEd25519(_) | KeyData::SkEcdsaSha2NistP256(_) => Ok(()),
        KeyData::Rsa(rsa) => {
            let bits = rsa.n.as_positive_bytes().map_or(0, |n| n.len() * 8);
            if bits >= RSA_BITS { Ok(()) } else { other(format!("its RSA key has {bits} bits, and {RSA_BITS} are the least")) }
        }
        kind => other(format!("its key is of a kind that is not accepted: {}", shown(kind.algorithm().as_str(), 40))),
    }
}

//! Signatures of people over texts, as `ssh-keygen -Y` makes and checks them.

use chrono::{DateTime, Utc};
use std::path::PathBuf;

/// A text somebody stands for with a key.
#[derive(Debug, Clone, Copy)]
pub struct Statement<'a> {
    /// Who: the principal in `allowed_signers`.
    pub principal: &'a str,
    /// What kind of text it is; a signature in one namespace is none in another.
    pub namespace: &'a str,
    /// The text, byte by byte.
    pub message: &'a str,
    /// When: the key must be valid then.
    pub at: DateTime<Utc>,
}

/// A signature that was made, and verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// The key's fingerprint, `SHA256:…`.
    pub fingerprint: String,
    /// The signature, armoured.
    pub signature: String,
}

/// Signs with one person's key. May wait for that person (a passphrase, a confirmation by the agent).
pub trait Signer: Send + Sync {
    /// Signs a statement. Only with a key that `allowed_signers` gives the principal for it; what is returned verifies.
    fn sign(&self, statement: &Statement<'_>) -> Result<Signed, SignatureFault>;

    /// Whether it has a key for the statement, as far as that can be told without asking anybody for anything.
    fn ready(&self, statement: &Statement<'_>) -> Result<(), SignatureFault>;
}

/// Verifies signatures by `allowed_signers` as the file is now.
pub trait Verifier: Send + Sync {
    /// The fingerprint of the key that signed the statement. Anything but a signature of that text, in that namespace, by a key of
    /// that principal that was valid then is a fault.
    fn verify(&self, statement: &Statement<'_>, signature: &str) -> Result<String, SignatureFault>;
}

/// Where a signature comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyFrom {
    /// A private key's file.
    File {
        /// It.
        path: PathBuf,
        /// Where its passphrase comes from, should it be encrypted.
        passphrase: PassphraseFrom,
    },
    /// The ssh-agent that `SSH_AUTH_SOCK` names.
    Agent {
        /// Its socket.
        socket: PathBuf,
    },
    /// Made elsewhere, by `ssh-keygen -Y sign`.
    Made {
        /// The signature, armoured.
        signature: String,
    },
}

/// Where the passphrase of a key comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PassphraseFrom {
    /// Typed at the terminal, unseen.
    Terminal,
    /// The first line of a file nobody else can read.
    File(PathBuf),
}

/// What kind of fault a [`SignatureFault`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureFaultKind {
    /// `allowed_signers` is not there, or a line of it cannot be read.
    Signers,
    /// The private key cannot be used.
    Key,
    /// The passphrase is wrong, or there was nobody to ask.
    Passphrase,
    /// The agent does not answer, or does not sign.
    Agent,
    /// The text is no signature, or one of a kind that is not accepted.
    NoSignature,
    /// It was made for something else.
    OtherNamespace,
    /// No line of `allowed_signers` is for the principal.
    UnknownPrincipal,
    /// The principal is there, with other keys, or for other namespaces.
    OtherKey,
    /// The key was not valid yet.
    NotYetValid,
    /// The key was not valid any more.
    Expired,
    /// The text is another than the one that was signed.
    OtherMessage,
}

/// Why there is no signature, or none that counts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} — {remedy}")]
pub struct SignatureFault {
    /// Its kind.
    pub kind: SignatureFaultKind,
    /// What is wrong, safe to be shown.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

impl SignatureFault {
    /// A fault.
    pub fn new(kind: SignatureFaultKind, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { kind, what: what.into(), remedy: remedy.into() }
    }

    /// There is a name, and no signature to verify.
    pub fn by_name_only() -> Self {
        Self::new(SignatureFaultKind::NoSignature, "it is by name only", "sign with a key")
    }
}

//! SSH signatures (the `SSHSIG` format of `ssh-keygen -Y`): made with a key's file or an agent, verified by `allowed_signers`.
//! Every signature that is made is verified before it is handed out: what cannot be checked later is never kept.

mod agent;
mod allowed;
mod key_file;
mod passphrase;
mod private_file;
mod rsa_key;
mod short_scalar;
mod verify;

pub use verify::AllowedSigners;

use crate::ports::signer::{KeyFrom, SignatureFault, Signed, Signer, Statement, Verifier as _};
use crate::ports::signer::{PassphraseFrom, SignatureFaultKind as Kind};
use rsa::signature::Signer as _;
use ssh_key::private::KeypairData;
use ssh_key::public::KeyData;
use ssh_key::{HashAlg, LineEnding, SshSig};
use std::path::Path;

/// What texts are hashed by, as ssh-keygen does.
const HASH: HashAlg = HashAlg::Sha512;

/// Signs with what a person has.
#[derive(Debug, Clone)]
pub struct SshSigner {
    from: KeyFrom,
    allowed: AllowedSigners,
}

impl SshSigner {
    /// With a key from there, by those signers; nothing is read yet.
    pub const fn new(from: KeyFrom, allowed: AllowedSigners) -> Self {
        Self { from, allowed }
    }
}

impl Signer for SshSigner {
    fn sign(&self, statement: &Statement<'_>) -> Result<Signed, SignatureFault> {
        let signature = match &self.from {
            KeyFrom::Made { signature } => signature.clone(),
            KeyFrom::File { path, passphrase } => armoured(&with_file(path, passphrase, &self.allowed, statement)?)?,
            KeyFrom::Agent { socket } => armoured(&agent::sign(socket, &self.allowed, statement)?)?,
        };
        let fingerprint = self.allowed.verify(statement, &signature)?;
        Ok(Signed { fingerprint, signature })
    }

    fn ready(&self, statement: &Statement<'_>) -> Result<(), SignatureFault> {
        match &self.from {
            KeyFrom::Made { signature } => self.allowed.verify(statement, signature).map(drop),
            KeyFrom::File { path, .. } => self.allowed.may_sign(statement, key_file::read(path)?.public_key().key_data()),
            KeyFrom::Agent { socket } => agent::ready(socket, &self.allowed, statement),
        }
    }
}

/// The key is looked for among those of the principal before it is opened: nobody types a passphrase in vain.
fn with_file(path: &Path, passphrase: &PassphraseFrom, allowed: &AllowedSigners, statement: &Statement<'_>) -> Result<SshSig, SignatureFault> {
    let key = key_file::read(path)?;
    allowed.may_sign(statement, key.public_key().key_data())?;
    let key = key_file::opened(key, path, passphrase)?;
    let fault = |e: ssh_key::Error| SignatureFault::new(Kind::Key, format!("the key does not sign: {e}"), "use an ed25519, ecdsa or rsa key");
    let bytes = SshSig::signed_data(statement.namespace, HASH, statement.message.as_bytes()).map_err(fault)?;
    let signature = match key.key_data() {
        KeypairData::Rsa(rsa) => rsa_key::sign(rsa, &bytes)?,
        _ => key.try_sign(&bytes).map_err(|e| fault(e.into()))?,
    };
    SshSig::new(key.public_key().key_data().clone(), statement.namespace, HASH, signature).map_err(fault)
}

fn armoured(signature: &SshSig) -> Result<String, SignatureFault> {
    let text = signature.to_pem(LineEnding::LF);
    text.map_err(|e| SignatureFault::new(Kind::NoSignature, format!("the signature cannot be written: {e}"), "sign with another key"))
}

/// A key's fingerprint.
fn fingerprint(key: &KeyData) -> String {
    key.fingerprint(HashAlg::Sha256).to_string()
}

//! A private key's file, as `ssh-keygen` writes it.

use super::{passphrase, private_file, short_scalar};
use crate::ports::signer::{PassphraseFrom, SignatureFault, SignatureFaultKind as Kind};
use ssh_key::PrivateKey;
use std::path::Path;

/// Reads it; encrypted where it is. Its public part is readable either way.
pub(super) fn read(path: &Path) -> Result<PrivateKey, SignatureFault> {
    let bytes = private_file::read(path).map_err(|(what, remedy)| SignatureFault::new(Kind::Key, what, remedy))?;
    PrivateKey::from_openssh(&bytes[..]).ok().or_else(|| short_scalar::read(&bytes)).ok_or_else(|| {
        let name = private_file::name(path);
        let remedy = if bytes.starts_with(b"ssh-") || bytes.starts_with(b"ecdsa-") {
            "this is the public key: name the private one, without .pub".to_owned()
        } else {
            format!("name a key that ssh-keygen made; an older form is rewritten by ssh-keygen -p -f {name}")
        };
        SignatureFault::new(Kind::Key, format!("{name} is no private key in OpenSSH's form"), remedy)
    })
}

/// The key, decrypted where it was encrypted.
pub(super) fn opened(key: PrivateKey, path: &Path, from: &PassphraseFrom) -> Result<PrivateKey, SignatureFault> {
    if !key.is_encrypted() {
        return Ok(key);
    }
    let passphrase = passphrase::fetch(from, path)?;
    let opened = key.decrypt(passphrase.as_bytes()).ok().or_else(|| short_scalar::decrypt(&key, passphrase.as_bytes()));
    opened.ok_or_else(|| {
        let what = format!("the passphrase does not open {}", private_file::name(path));
        SignatureFault::new(Kind::Passphrase, what, "sign again with the right one")
    })
}

//! Signing by ssh-agent: the first of its keys that `allowed_signers` gives the principal.

use super::HASH;
use super::verify::AllowedSigners;
use crate::domain::text::shown;
use crate::ports::signer::{SignatureFault, SignatureFaultKind as Kind, Statement};
use ssh_agent_client_rs::{Client, Identity};
use ssh_key::{PublicKey, SshSig};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// Longest an agent may think: somebody may have to confirm, or to touch a token.
const PATIENCE: Duration = Duration::from_mins(1);

/// What helps where the agent does not.
const OTHER_WAY: &str = "start ssh-agent and ssh-add your key, or name its file: --key FILE";

fn fault(what: String, remedy: &str) -> SignatureFault {
    SignatureFault::new(Kind::Agent, what, remedy)
}

/// The agent, and the keys it holds.
fn held(socket: &Path) -> Result<(Client, Vec<PublicKey>), SignatureFault> {
    let silent = |e: &dyn std::error::Error| fault(format!("ssh-agent does not answer: {}", shown(&e.to_string(), 160)), OTHER_WAY);
    let stream = UnixStream::connect(socket).map_err(|e| silent(&e))?;
    stream.set_read_timeout(Some(PATIENCE)).and_then(|()| stream.set_write_timeout(Some(PATIENCE))).map_err(|e| silent(&e))?;
    let mut client = Client::with_read_write(Box::new(stream));
    let held = client.list_all_identities().map_err(|e| silent(&e))?;
    let keys = held.into_iter().filter_map(|identity| match identity {
        Identity::PublicKey(key) => Some(PublicKey::clone(&key)),
        Identity::Certificate(_) => None,
    });
    let keys = keys.collect();
    Ok((client, keys))
}

/// The first of some keys that the principal may sign with.
fn allowed_of<'a>(keys: &'a [PublicKey], allowed: &AllowedSigners, statement: &Statement<'_>) -> Result<&'a PublicKey, SignatureFault> {
    let mut refusal = fault("ssh-agent holds no key".to_owned(), OTHER_WAY);
    for key in keys {
        match allowed.may_sign(statement, key.key_data()) {
            Ok(()) => return Ok(key),
            Err(why) => refusal = why,
        }
    }
    Err(refusal)
}

/// Whether it holds a key for a statement; nobody is asked.
pub(super) fn ready(socket: &Path, allowed: &AllowedSigners, statement: &Statement<'_>) -> Result<(), SignatureFault> {
    allowed_of(&held(socket)?.1, allowed, statement).map(drop)
}

/// Signs a statement.
pub(super) fn sign(socket: &Path, allowed: &AllowedSigners, statement: &Statement<'_>) -> Result<SshSig, SignatureFault> {
    let (mut client, keys) = held(socket)?;
    let key = allowed_of(&keys, allowed, statement)?;
    let signed = SshSig::signed_data(statement.namespace, HASH, statement.message.as_bytes());
    let signed = signed.map_err(|e| fault(format!("nothing to sign: {e}"), "this is a bug in dualrun: please report it"))?;
    let refused = |e: ssh_agent_client_rs::Error| {
        fault(format!("ssh-agent does not sign: {}", shown(&e.to_string(), 160)), "confirm its question, or name the key's file: --key FILE")
    };
    let signature = client.sign(key, &signed).map_err(refused)?;
    let whole = SshSig::new(key.key_data().clone(), statement.namespace, HASH, signature);
    whole.map_err(|e| fault(format!("ssh-agent gave no signature: {e}"), OTHER_WAY))
}

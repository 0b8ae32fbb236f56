//! The passphrase of a key: typed unseen at the terminal, or the first line of a private file. Wiped when it is dropped.

use super::private_file;
use crate::ports::signer::{PassphraseFrom, SignatureFault, SignatureFaultKind as Kind};
use std::path::Path;
use zeroize::Zeroizing;

/// Fetches it. `key` is for the question.
pub(super) fn fetch(from: &PassphraseFrom, key: &Path) -> Result<Zeroizing<String>, SignatureFault> {
    let fault = |what: String, remedy: String| SignatureFault::new(Kind::Passphrase, what, remedy);
    match from {
        PassphraseFrom::Terminal => {
            let typed = rpassword::prompt_password(format!("passphrase of {}: ", private_file::name(key)));
            let unasked =
                |e| fault(format!("nobody could be asked for the passphrase: {e}"), "use a terminal, ssh-agent or --passphrase-file".to_owned());
            typed.map(Zeroizing::new).map_err(unasked)
        }
        PassphraseFrom::File(path) => {
            let bytes = private_file::read(path).map_err(|(what, remedy)| fault(what, remedy))?;
            let text = std::str::from_utf8(&bytes).ok().and_then(|text| text.lines().next());
            let no_text =
                || fault(format!("{} holds no line of text", private_file::name(path)), "write the passphrase on its first line".to_owned());
            text.map(|line| Zeroizing::new(line.to_owned())).ok_or_else(no_text)
        }
    }
}

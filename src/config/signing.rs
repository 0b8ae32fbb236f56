//! `[signing]`: whose keys sign.

use super::document::Findings;
use super::keys::SIGNING;
use super::section::{Section, Value};
use std::path::{Path, PathBuf};

/// The file where nothing else is said.
const ALLOWED_SIGNERS: &str = "allowed_signers";

/// The path of `allowed_signers`. Whether it is there matters only where somebody signs.
pub(super) fn signing(value: Option<&Value<'_>>, dir: &Path, findings: &mut Findings<'_>) -> PathBuf {
    let section = value.and_then(|v| Section::checked(v, "[signing]".to_owned(), SIGNING, findings));
    dir.join(section.as_ref().and_then(|s| s.text(ALLOWED_SIGNERS)).unwrap_or(ALLOWED_SIGNERS))
}

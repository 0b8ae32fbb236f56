//! What gates stand on beside the workspace: files of the project as they are now, and signatures.

use crate::adapters::ssh::AllowedSigners;
use crate::app::gates::{Outside, holds};
use crate::domain::gate::{GateAct, SignOff};
use crate::ports::signer::SignatureFault;
use std::path::PathBuf;

/// Looks from a project's directory.
#[derive(Debug)]
pub struct FromProject {
    /// The project's directory.
    pub dir: PathBuf,
    /// Whose keys sign.
    pub signers: AllowedSigners,
}

impl Outside for FromProject {
    fn digest(&self, path: &str) -> Option<String> {
        let mut hasher = blake3::Hasher::new();
        let mut file = std::fs::File::open(self.dir.join(path)).ok()?;
        std::io::copy(&mut file, &mut hasher).ok()?;
        Some(hasher.finalize().to_hex().to_string())
    }

    fn signature(&self, act: &GateAct, sign: &SignOff) -> Result<(), String> {
        holds(act, sign, &self.signers).unwrap_or_else(|| Err(SignatureFault::by_name_only())).map_err(|fault| fault.to_string())
    }
}

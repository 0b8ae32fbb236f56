//! What gates stand on beside the workspace: files of the project as they are now, programs, and signatures.

use crate::adapters::evidence_files::EvidenceFiles;
use crate::adapters::found;
use crate::adapters::ssh::AllowedSigners;
use crate::app::gates::{Outside, holds};
use crate::domain::gate::GateAct;
use crate::ports::files::Files as _;
use crate::ports::signer::SignatureFault;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Looks from a project's directory.
#[derive(Debug)]
pub struct FromProject {
    /// The project's directory.
    pub dir: PathBuf,
    /// The file of keys that sign.
    pub allowed_signers: PathBuf,
}

impl Outside for FromProject {
    fn digest(&self, path: &str) -> Option<String> {
        found::digest(&self.dir.join(path)).ok()
    }

    fn names(&self, pattern: &str) -> Option<Vec<String>> {
        EvidenceFiles::new(&self.dir).names(pattern).ok()
    }

    fn programs(&self, argv: &[String]) -> BTreeMap<String, String> {
        let (Some(name), more) = (argv.first(), argv.get(1..).unwrap_or_default()) else { return BTreeMap::new() };
        // By the name that is written: how the project's directory is named now is no part of what is started.
        let program = found::program(name, &self.dir).ok().map(|(_, digest)| (name.clone(), digest));
        let mut found: BTreeMap<String, String> = program.into_iter().collect();
        // What is not of the project runs what is: the first word after it that names a file is its script, whatever options stand before.
        if Path::new(name).is_absolute() || !name.contains('/') {
            found.extend(more.iter().find_map(|word| Some((word.clone(), self.digest(word)?))));
        }
        found
    }

    fn signers(&self) -> Option<String> {
        found::digest(&self.allowed_signers).ok()
    }

    fn signature(&self, act: &GateAct) -> Result<(), String> {
        let signers = AllowedSigners::new(self.allowed_signers.clone());
        holds(act, &signers).unwrap_or_else(|| Err(SignatureFault::by_name_only())).map_err(|fault| fault.to_string())
    }
}

//! What gates stand on that is neither configured nor in the workspace: files, programs, keys. Looked at anew each time.

use crate::domain::gate::{CheckEvidence, GateAct, GateDeed, LoaderPlace, Place};
use std::collections::{BTreeMap, BTreeSet};

/// Looks at it.
pub trait Outside: Sync {
    /// Digest of a file now; `None` where it cannot be read.
    fn digest(&self, path: &str) -> Option<String>;
    /// Names that a pattern of files matches now; `None` where that cannot be told.
    fn names(&self, pattern: &str) -> Option<Vec<String>>;
    /// The files a command starts, with their digests: the program, and the script of one that runs scripts. As far as they are found.
    fn programs(&self, argv: &[String]) -> BTreeMap<String, String>;
    /// Digest of the file of keys that sign; `None` where it cannot be read.
    fn signers(&self) -> Option<String>;
    /// Whether an act's signature holds; else why not.
    fn signature(&self, act: &GateAct) -> Result<(), String>;
}

/// Files that evidence stands on, as they are now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::app) struct EvidenceFiles {
    /// Digests by path; one that cannot be read is not here.
    pub files: BTreeMap<String, String>,
    /// Names by pattern.
    pub matched: BTreeMap<String, Vec<String>>,
}

/// The newest evidence of each check: only it stands for the check, and what older looks stood on need not be read again.
pub(in crate::app) fn newest_evidence(acts: &[GateAct]) -> impl Iterator<Item = &CheckEvidence> {
    let mut newest: BTreeMap<_, &CheckEvidence> = BTreeMap::new();
    for act in acts {
        if let GateDeed::Observe(evidence) = &act.deed {
            newest.insert((&evidence.stage, &evidence.check, &evidence.environment), evidence);
        }
    }
    newest.into_values()
}

/// Looks at the files of the newest evidence.
pub(in crate::app) fn evidence_files(acts: &[GateAct], outside: &dyn Outside) -> EvidenceFiles {
    let (mut paths, mut patterns) = (BTreeSet::new(), BTreeSet::new());
    for evidence in newest_evidence(acts) {
        paths.extend(evidence.stands_on.files.keys());
        patterns.extend(evidence.stands_on.matched.keys());
    }
    EvidenceFiles {
        files: paths.into_iter().filter_map(|path| outside.digest(path).map(|digest| (path.clone(), digest))).collect(),
        matched: patterns.into_iter().filter_map(|pattern| outside.names(pattern).map(|names| (pattern.clone(), names))).collect(),
    }
}

/// Whether each signature of an act holds.
pub(super) fn signatures(acts: &[GateAct], outside: &dyn Outside) -> BTreeMap<i64, Result<(), String>> {
    let signed = acts.iter().filter(|act| act.deed.seal().is_some_and(|seal| seal.key().is_some()));
    signed.map(|act| (act.id, outside.signature(act))).collect()
}

/// What the project would act on, its programs and keys as they are now.
pub(in crate::app) fn place_now(written: &Place, outside: &dyn Outside) -> Place {
    let mut place = Place { signers: outside.signers(), ..written.clone() };
    for loader in place.loaders.values_mut() {
        if let LoaderPlace::Command { argv, files, .. } = loader {
            *files = outside.programs(argv);
        }
    }
    place
}

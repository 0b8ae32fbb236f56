//! What was observed when a check was made, and what that stands on.

use super::digest::digest_of;
use super::outcome::Outcome;
use crate::domain::side::Side;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The evidence of a check in an environment. Who observed it and when is said by its act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckEvidence {
    /// Of which stage.
    pub stage: String,
    /// Which check of it.
    pub check: String,
    /// Where.
    pub environment: String,
    /// What it came to.
    pub outcome: Outcome,
    /// In a few words: `0 rows`, `exit code 3`.
    pub summary: String,
    /// What was seen, a line each: bounded, without secrets, to be shown as text from outside.
    pub observed: Vec<String>,
    /// What it stands on.
    pub stands_on: StandsOn,
}

/// What evidence stands on: where any of it is another now, the evidence is stale.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StandsOn {
    /// Digest of the check as it was asked.
    pub check: String,
    /// Digest of the configuration.
    pub config: String,
    /// Version of this program.
    pub program: String,
    /// Digest of the run a metric was read from.
    pub run: Option<String>,
    /// The snapshots that were read, as their servers name them.
    pub snapshots: Vec<String>,
    /// Files by path, with their digests: programs, reports, logs, attachments.
    pub files: BTreeMap<String, String>,
    /// Names that each pattern of files matched: one more of them is other evidence.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub matched: BTreeMap<String, Vec<String>>,
    /// Months a metric used, each with a digest of how it stood: its run, and what people had decided about its rows.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub months: BTreeMap<String, String>,
    /// Where both databases were, in words, for what asks one of them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub place: BTreeMap<Side, String>,
}

impl CheckEvidence {
    /// Digest of what was seen and what that stands on. Not of the snapshots: a look that sees the same again, as the one before a
    /// flip, leaves what was signed as it is.
    pub fn digest(&self) -> String {
        let stands_on = StandsOn { snapshots: Vec::new(), ..self.stands_on.clone() };
        digest_of("check evidence v1", &Self { stands_on, ..self.clone() })
    }
}

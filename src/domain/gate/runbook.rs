//! The runbook: stages in fixed order, each with what must be so, what proves it, who signs, and the way back.

use super::check::Check;
use super::digest::digest_of;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A runbook as it was read; its ids are unique, and every reference in it names something that is there.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Runbook {
    /// Its name, for people.
    pub name: String,
    /// The environment the flip happens in: where nothing else is said, checks must pass there.
    pub environment: String,
    /// Its stages, in order: one passes only after the one before it.
    pub stages: Vec<RunbookStage>,
}

/// A stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunbookStage {
    /// Its id: what commands and acts name it by.
    pub id: String,
    /// Its title, for people.
    pub title: String,
    /// What must be so, a sentence each.
    pub requires: Vec<String>,
    /// Where its checks must have passed, each environment with evidence of its own. Never empty.
    pub environments: Vec<String>,
    /// What proves it. A stage without a check that counts is inconclusive.
    pub checks: Vec<Check>,
    /// The role of each person who must sign, two at least; `any` is anybody's. As many different people sign.
    pub signers: Vec<String>,
    /// Whether a sign-off, and a waiver of one of its checks, needs a signature.
    pub signature: SignatureRule,
    /// What must not be done before it passed.
    pub forbids: Vec<Forbidden>,
    /// Checks (`stage/check`) that open it again while they do not pass, wherever they stand.
    pub reopened_by: Vec<String>,
    /// How to go back, step by step.
    pub back_out: Vec<String>,
    /// Seconds between the last sign-off and the opening of the gate.
    pub wait_seconds: u64,
    /// Seconds a sign-off counts; `None` as long as nothing changes.
    pub expires_seconds: Option<u64>,
    /// Times in which the gate stays shut.
    pub freezes: Vec<Freeze>,
}

/// Whether a name alone is enough of a sign-off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignatureRule {
    /// Only a signature by a key in `allowed_signers`.
    #[default]
    Signed,
    /// A name as typed will do, and is shown as such.
    Attested,
}

/// What must not be done before a stage passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forbidden {
    /// What, in words.
    pub action: String,
    /// Where; empty is everywhere.
    pub environments: Vec<String>,
}

/// A time in which a gate stays shut, however it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freeze {
    /// From this moment on.
    pub from: DateTime<Utc>,
    /// Up to this moment, which is open again.
    pub until: DateTime<Utc>,
    /// Why.
    pub why: String,
}

impl Runbook {
    /// The stage of an id.
    pub fn stage(&self, id: &str) -> Option<&RunbookStage> {
        self.stages.iter().find(|stage| stage.id == id)
    }
}

impl RunbookStage {
    /// The check of an id.
    pub fn check(&self, id: &str) -> Option<&Check> {
        self.checks.iter().find(|check| check.id == id)
    }

    /// Digest of everything its gate is defined by.
    pub fn digest(&self) -> String {
        digest_of("runbook stage v1", self)
    }
}

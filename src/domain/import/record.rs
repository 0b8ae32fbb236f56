//! An import that acted: what was asked, how far it came, what the load came to.

use super::plan::EntityPlan;
use crate::domain::contract::Entity;
use crate::domain::run::SnapshotInfo;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a load came to. Every record that was to be handed over, and every one that an earlier load handed over and was found to be
/// as it should be by now, is in exactly one of these.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LoadTally {
    /// All of them: to be handed over, left alone because they wait for somebody's word, not to be told, or found in the target.
    pub of: u64,
    /// Read back as sent, by this load or an earlier one.
    pub verified: u64,
    /// Written to a pack.
    pub handed_over: u64,
    /// Read back otherwise.
    pub mismatched: u64,
    /// Refused by the target, parked.
    pub rejected: u64,
    /// Parked after their tries.
    pub parked: u64,
    /// Given up by somebody, and not as they should be in the target.
    #[serde(default)]
    pub dropped: u64,
    /// Not sent, because what they refer to is not there, or because it cannot be told whether they are.
    pub held: u64,
    /// Not sent, or not known to have arrived, when the load was stopped.
    pub unsent: u64,
    /// Fields the target's queries do not deliver, so that nobody has seen them.
    pub unread_fields: u64,
    /// Of these, fields that decide what is billed.
    pub unread_deciding: u64,
}

impl LoadTally {
    /// Whether everything that was asked for is proven to be there.
    pub const fn is_whole(&self) -> bool {
        self.mismatched == 0 && self.rejected == 0 && self.parked == 0 && self.held == 0 && self.unsent == 0
    }
}

/// How far an import came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportState {
    /// Begun.
    Running,
    /// Staged; no loader is configured, or loading was not asked for.
    Staged,
    /// Staged, loaded, and everything that was sent is verified (or handed over as a pack).
    Complete,
    /// Staged; something of the load is refused, parked, held, unsent or not as it was sent.
    Incomplete,
    /// Stopped by the operator, a signal or a crash.
    Interrupted,
    /// Ended with an error.
    Failed,
}

impl ImportState {
    /// The word in files and on screens.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Staged => "staged",
            Self::Complete => "complete",
            Self::Incomplete => "incomplete",
            Self::Interrupted => "interrupted",
            Self::Failed => "failed",
        }
    }
}

/// What was asked of an import.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ImportRequest {
    /// The service.
    pub service: String,
    /// Only these subscriptions, normalised, with what they need; empty is all.
    pub only: Vec<String>,
    /// Inactive records too.
    pub all: bool,
    /// Stage, and hand nothing to a loader.
    pub stage_only: bool,
    /// That only because no loader was configured.
    #[serde(default)]
    pub no_loader: bool,
    /// Retire what should not be in the target.
    pub retire: bool,
    /// Who acts.
    pub actor: String,
    /// Version of this program.
    pub program: String,
    /// Digest of the configuration that decides numbers.
    pub config_digest: String,
}

/// An import that acted, as the workspace keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// Its number, from 1.
    pub id: i64,
    /// What was asked.
    pub request: ImportRequest,
    /// How far it came.
    pub state: ImportState,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// Both sides' snapshots, source first; empty until staged.
    pub snapshots: Vec<SnapshotInfo>,
    /// What was planned, counted; empty until staged.
    pub entities: BTreeMap<Entity, EntityPlan>,
    /// What the load came to.
    pub load: LoadTally,
    /// The pack that was written or found written.
    pub pack: Option<String>,
    /// Why it failed or was stopped, in words.
    pub failure: Option<String>,
}

impl Import {
    /// Whether it handed something to the target, or may have: of one that broke off nobody knows.
    pub fn may_have_acted(&self) -> bool {
        let has_loader = !self.request.stage_only && !self.request.no_loader;
        match self.state {
            ImportState::Running => has_loader,
            ImportState::Failed | ImportState::Interrupted => has_loader && !self.snapshots.is_empty(),
            ImportState::Staged | ImportState::Complete | ImportState::Incomplete => self.load.of > 0,
        }
    }

    /// Whether the target's queries leave out fields that decide what is billed, of records that were there or were sent.
    pub fn unread_deciding(&self) -> bool {
        self.load.unread_deciding > 0 || self.entities.values().any(|e| e.unread.values().any(|n| *n > 0))
    }
}

//! The flip: what is done wave by wave, and every step of it as an act.

use serde::{Deserialize, Serialize};

/// A step of the flip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum FlipDeed {
    /// Nothing of the flip is done until somebody resumes it.
    Hold {
        /// Why.
        reason: String,
    },
    /// It may go on.
    Resume {
        /// Why.
        reason: String,
    },
}

impl FlipDeed {
    /// The kind of its journal entry.
    pub const fn journal_kind(&self) -> &'static str {
        match self {
            Self::Hold { .. } => "flip_held",
            Self::Resume { .. } => "flip_resumed",
        }
    }
}

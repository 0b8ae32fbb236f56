//! Records on their way through a loader: what was asked, what was answered, how far it came; and the staged copy they come from.

use crate::domain::shadow::{RecordId, Shadow};
use serde::{Deserialize, Serialize};

/// What a loader is asked to do with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Have it there with this content, created or changed; never a second one.
    Put,
    /// Have it bill nothing any more: a plan off sale, a subscription over, a charge gone.
    Retire,
}

impl Act {
    /// The word in files and on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Put => "put",
            Self::Retire => "retire",
        }
    }
}

/// How far a delivery came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Handed to the loader; no answer is stored. After a crash nobody knows whether it arrived.
    Sending,
    /// The loader does not know, or did not say. It is looked for in the target before anything is sent again.
    Unknown,
    /// Written to a pack; whether the target took it is seen when it is read.
    HandedOver,
    /// The loader says it did it; not read back yet.
    Answered,
    /// Read back from the target, field by field.
    Verified,
    /// Read back, and not as it was sent.
    Mismatch,
    /// Not tried again until somebody says so: the target refused it, or three tries came to nothing.
    Parked,
    /// Somebody gave it up; not tried again unless its content changes.
    Dropped,
}

impl DeliveryState {
    /// All of them.
    pub const ALL: [Self; 8] =
        [Self::Sending, Self::Unknown, Self::HandedOver, Self::Answered, Self::Verified, Self::Mismatch, Self::Parked, Self::Dropped];

    /// The word in files and on screens.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sending => "sending",
            Self::Unknown => "unknown",
            Self::HandedOver => "handed_over",
            Self::Answered => "answered",
            Self::Verified => "verified",
            Self::Mismatch => "mismatch",
            Self::Parked => "parked",
            Self::Dropped => "dropped",
        }
    }

    /// The state of that word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.word() == word)
    }
}

/// The newest delivery of a record and how far it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Entity and the source's id.
    pub id: RecordId,
    /// What was asked.
    pub act: Act,
    /// Names act, record and content: the same delivery has the same key, whenever it is sent.
    pub key: String,
    /// How far it came.
    pub state: DeliveryState,
    /// Times it was handed over.
    pub tries: u32,
    /// Why it is where it is; empty where there is nothing to say. From outside, neutralised.
    pub reason: String,
    /// The target's own id, as answered or read back.
    pub target_id: Option<String>,
}

impl Delivery {
    /// The key of an act on a record with this content.
    pub fn key_of(act: Act, id: &RecordId, content: &str) -> String {
        let mut hasher = blake3::Hasher::new_derive_key("dualrun delivery v1");
        for part in [act.word(), id.entity.word(), &id.external_id, content] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        hasher.finalize().to_hex().as_str().get(..32).unwrap_or_default().to_owned()
    }
}

/// What a loader says of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Done; with the target's own id where it says it.
    Ok {
        /// The target's own id.
        target_id: Option<String>,
    },
    /// Written to a pack.
    HandedOver,
    /// The target refuses it; why.
    Rejected {
        /// Why, in the target's words, neutralised.
        reason: String,
    },
    /// It says that it does not know; why.
    Unknown {
        /// Why.
        reason: String,
    },
    /// It said nothing of this record; what happened to the batch.
    Silent {
        /// What happened.
        reason: String,
    },
}

/// A record of the staged copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staged {
    /// What it is.
    pub shadow: Shadow,
    /// The import that staged this content.
    pub import: i64,
}

/// Which target record stands for a source record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappedId {
    /// Entity and the source's id.
    pub id: RecordId,
    /// The target's own id.
    pub target_id: String,
}

//! What a long job says while it works.

use crate::domain::contract::Entity;
use crate::domain::side::Side;

/// One thing that happened in a job. Cheap; sent often; a front end keeps the newest of each kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// A new phase began: `connecting`, `reading catalogue`, `reading documents`, `judging`, `publishing 2026-05`.
    Phase(String),
    /// Rows of an entity read so far.
    Read {
        /// Which side.
        side: Side,
        /// Which entity.
        entity: Entity,
        /// Rows so far.
        rows: u64,
        /// Bytes of text so far.
        bytes: u64,
        /// True once its stream ended well.
        done: bool,
    },
    /// Keys judged so far, in every month asked for.
    Judged {
        /// So many.
        keys: u64,
        /// Of so many.
        of: u64,
        /// Rows they came to, over all months.
        rows: u64,
    },
    /// Records handed to the loader so far.
    Loaded {
        /// Arrived, refused or parked.
        done: u64,
        /// Of so many.
        of: u64,
        /// Of these refused by the target.
        rejected: u64,
        /// Of these parked after their tries.
        parked: u64,
    },
}

/// Hears progress. Called from worker tasks; must not block.
pub trait Observer: Send + Sync {
    /// Something happened.
    fn hear(&self, progress: Progress);
}

/// Hears nothing.
#[derive(Debug, Clone, Copy)]
pub struct Silent;

impl Observer for Silent {
    fn hear(&self, _: Progress) {}
}

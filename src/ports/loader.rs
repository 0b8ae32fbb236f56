//! A loader: what hands shadows to the target through the target's own interface. dualrun itself never writes there.
//!
//! A loader is handed drafts only: a [`Parcel`] holds a [`Shadow`], which has no field for a payment method or an active charge.
//! It must take a record by its external id, so that the same parcel handed over twice leaves one record.
//! What makes a subscription bill is a [`FlipParcel`], a type of its own, which only the flip hands to a [`FlipLoader`].

use crate::domain::flip::{Change, Direction};
use crate::domain::import::{Act, Answer};
use crate::domain::shadow::{RecordId, Shadow};
use async_trait::async_trait;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// One record on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parcel {
    /// Names act, record and content; the answer carries it.
    pub key: String,
    /// Which record.
    pub id: RecordId,
    /// What is to be done with it.
    pub act: Act,
    /// The target's own id, where it is known.
    pub target_id: Option<String>,
    /// Its content; `None` where it is to be retired.
    pub record: Option<Shadow>,
}

/// Why a loader did nothing at all, or cannot go on. What was handed over before is not in doubt through it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoaderFault {
    /// It cannot be used as it is configured.
    #[error("loader: {what} — {remedy}")]
    Unusable {
        /// What is wrong.
        what: String,
        /// What to do.
        remedy: String,
    },
    /// A program of an earlier load still runs, and may still change the target.
    #[error("loader: {what} — {remedy}")]
    Busy {
        /// Which.
        what: String,
        /// What to do.
        remedy: String,
    },
    /// Its files cannot be written.
    #[error("loader: {what} — {remedy}")]
    Io {
        /// What failed.
        what: String,
        /// What to do.
        remedy: String,
    },
}

/// What a loader is told apart by. Two that are alike do the same to the same target, wherever they are configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Likeness {
    /// The program by digest of its file, or what else hands records over.
    pub what: String,
    /// Its arguments, those that name files of its directory by where the file really is.
    pub words: Vec<String>,
    /// The variables it gets by name, each with a digest of its value where it has one.
    pub env: Vec<(String, Option<String>)>,
}

/// Hands records over.
#[async_trait]
pub trait Loader: Send + Sync + std::fmt::Debug {
    /// What it is and where, for people; no secret.
    fn place(&self) -> String;

    /// What it is told apart by.
    fn likeness(&self) -> Likeness;

    /// Most records handed over at once; `None` where all of a load must be handed over as one.
    fn batch(&self) -> Option<usize>;

    /// Pause before a record is handed over a second time; before the third it is four times as long.
    fn pause(&self) -> Duration {
        Duration::from_secs(1)
    }

    /// Whether it can be used, and nothing of an earlier load is still at work in the target. Call before the target is read:
    /// only then is what is read all that will ever come of that load. Waits up to `wait` for it.
    async fn ready(&self, wait: Duration) -> Result<(), LoaderFault>;

    /// Whether nothing of what was handed over is still at work in the target. Call before the target is read again: what a program
    /// left behind does there afterwards would be missed.
    async fn quiet(&self) -> Result<(), LoaderFault> {
        Ok(())
    }

    /// Hands a batch over, all of one entity and act where [`Loader::batch`] has a bound. Gives one answer for each parcel, in their order; an error where nothing was
    /// handed over. Returns when the loader is done with the batch, or was ended for taking too long or because of `cancel`.
    async fn deliver(&self, parcels: &[Parcel], cancel: &CancellationToken) -> Result<Vec<Answer>, LoaderFault>;

    /// The name of what it wrote, where it writes a pack.
    fn pack(&self) -> Option<String> {
        None
    }
}

/// A change of the flip on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlipParcel {
    /// Names direction, subscription and content; the answer carries it.
    pub key: String,
    /// What.
    pub change: Change,
    /// Done, or undone.
    pub direction: Direction,
}

/// Hands changes of the flip over, in the target or in the source.
#[async_trait]
pub trait FlipLoader: Loader {
    /// Hands a batch over, all of one step and direction. As [`Loader::deliver`] otherwise: one answer for each parcel, in their order;
    /// an error where nothing was handed over.
    async fn change(&self, parcels: &[FlipParcel], cancel: &CancellationToken) -> Result<Vec<Answer>, LoaderFault>;
}

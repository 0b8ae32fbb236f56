//! The workspace's part of decisions: acts, which are only ever added to and belong to no run, and what they make of the rows of a
//! run, which is derived and made anew.

use super::workspace::StoreError;
use crate::domain::review::{Act, ReviewTally, Standing, Subject};
use async_trait::async_trait;

/// Reads it.
#[async_trait]
pub trait Reviews: Send + Sync {
    /// Every act of a service, oldest first, without the rows they are about.
    async fn acts(&self, service: &str) -> Result<Vec<Act>, StoreError>;
    /// The rows those acts are about, each with the number of its act, by act.
    async fn subjects(&self, service: &str) -> Result<Vec<(i64, Subject)>, StoreError>;
    /// The acts about a key, oldest first, each with what it says of that key only.
    async fn acts_on(&self, service: &str, key: &str) -> Result<Vec<Act>, StoreError>;
    /// How a row stands now, where decisions say so.
    async fn standing(&self, run: i64, seq: i64) -> Result<Option<Standing>, StoreError>;
    /// What the rows of a run come to now, where decisions were looked at since they last changed.
    async fn review(&self, run: i64) -> Result<Option<ReviewTally>, StoreError>;
}

/// Writes it, while the workspace's one lock is held. Every call is one transaction.
#[async_trait]
pub trait ReviewsWriter: Reviews {
    /// Keeps an act, journalled, and gives it its number: the next, of all services in one row. `Absent` where its run is not of its
    /// service and month. Where it decides how rows stand, what was made of the current runs of
    /// its service and of the run it looked at counts no more until it is made anew.
    async fn decide(&self, act: &Act) -> Result<Act, StoreError>;
    /// Keeps how rows of a run with a result stand and what they come to, in place of what was kept before.
    async fn keep_review(&self, run: i64, standings: &[(i64, Standing)], tally: &ReviewTally) -> Result<(), StoreError>;
}

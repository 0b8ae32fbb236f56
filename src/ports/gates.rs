//! The workspace's part of gates: acts, which are only ever added to.

use super::workspace::StoreError;
use crate::domain::gate::{GateAct, GateDeed};
use async_trait::async_trait;

/// Reads it.
#[async_trait]
pub trait Gates: Send + Sync {
    /// Every act of a service, oldest first.
    async fn gate_acts(&self, service: &str) -> Result<Vec<GateAct>, StoreError>;
}

/// Writes it, while the workspace's one lock is held.
#[async_trait]
pub trait GatesWriter: Gates {
    /// Keeps an act of a service, journalled in the same transaction, and gives it its number and time. `seen` is the number of the
    /// service's newest act when it was decided on (0 where there was none): where another act came in between that was not seen,
    /// nothing is kept and the error says who was first. `None` is for what does not depend on other acts, as evidence does not.
    async fn gate_act(&self, service: &str, actor: &str, deed: &GateDeed, seen: Option<i64>) -> Result<GateAct, StoreError>;
}

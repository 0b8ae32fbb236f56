//! Where the flip stands, from what the workspace knows: front ends ask here and name no engine.

use crate::domain::import::{Delivery, DeliveryState, ImportStanding, OpenDeliveries};
use crate::domain::shadow::RecordId;
pub use crate::gates::{
    Assessment, Blocker, CheckStanding, Gated, GatesStanding, Glass, Outcome, Seat, Stage, StageStanding, StageState, Standing, Waiting,
};
use crate::ports::staging::Staging;
use crate::ports::workspace::StoreError;
use std::collections::BTreeMap;

/// Assesses the way to the flip.
pub fn assess(standing: &Standing<'_>) -> Assessment {
    crate::gates::assess(standing)
}

/// Imports looked through at first; more where none of them staged everything.
const LOOKED_THROUGH: usize = 100;

/// Where the imports of a service stand, given its deliveries.
pub async fn imports<S: Staging + ?Sized>(store: &S, service: &str, deliveries: &BTreeMap<RecordId, Delivery>) -> Result<ImportStanding, StoreError> {
    let mut limit = LOOKED_THROUGH;
    let imports = loop {
        let imports = store.imports(service, limit).await?;
        if imports.len() < limit || ImportStanding::is_told_by(&imports) {
            break imports;
        }
        limit = limit.saturating_mul(10);
    };
    // Whoever has nothing open need not read the staged copy.
    let is_open = deliveries.values().any(|d| d.state != DeliveryState::Verified);
    let open = if is_open { OpenDeliveries::of(deliveries, &store.staged(service).await?) } else { OpenDeliveries::default() };
    Ok(ImportStanding::of(&imports, open))
}

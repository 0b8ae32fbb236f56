//! Where the imports of a service stand together: the one everything is measured by, those after it, and deliveries that are open.

use super::delivery::{Act, Delivery, DeliveryState, Staged};
use super::record::{Import, ImportState};
use crate::domain::shadow::RecordId;
use std::collections::BTreeMap;

/// Deliveries of what is staged now that nobody has verified, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OpenDeliveries {
    /// Waiting for somebody's word.
    pub parked: u64,
    /// Given up.
    pub dropped: u64,
    /// In the target otherwise than sent.
    pub mismatched: u64,
    /// Written to a pack.
    pub handed_over: u64,
    /// Handed over, and not known to have arrived; or to be handed over again.
    pub unknown: u64,
}

impl OpenDeliveries {
    /// Counts those that are of what is staged: a delivery of other content, or of a record that is not wanted any more, says nothing
    /// of what is there now.
    pub fn of(deliveries: &BTreeMap<RecordId, Delivery>, staged: &BTreeMap<RecordId, Staged>) -> Self {
        let is_current = |d: &&Delivery| match (d.act, staged.get(&d.id)) {
            (Act::Put, Some(staged)) => d.key == Delivery::key_of(Act::Put, &d.id, &staged.shadow.digest()),
            (Act::Retire, None) => true,
            (Act::Put, None) | (Act::Retire, Some(_)) => false,
        };
        let mut out = Self::default();
        for delivery in deliveries.values().filter(is_current) {
            match delivery.state {
                DeliveryState::Parked => out.parked += 1,
                DeliveryState::Dropped => out.dropped += 1,
                DeliveryState::Mismatch => out.mismatched += 1,
                DeliveryState::HandedOver => out.handed_over += 1,
                DeliveryState::Sending | DeliveryState::Unknown | DeliveryState::Answered => out.unknown += 1,
                DeliveryState::Verified => {}
            }
        }
        out
    }
}

/// The imports of a service.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImportStanding {
    /// The newest import of everything, whatever became of it.
    pub last: Option<Import>,
    /// The newest import of everything that did something (the newest at all, where none did): one of a few subscriptions says nothing
    /// of the whole, and one that ended before anything was staged changed nothing.
    pub full: Option<Import>,
    /// The newest import that staged everything: the staged copy as it is, but for imports of a few since.
    pub staged: Option<Import>,
    /// The newest import of a few subscriptions, where there is none of everything.
    pub partial: Option<Import>,
    /// Newer imports that did something and did not end well, newest first.
    pub newer: Vec<Import>,
    /// The newest import, of everything or of a few, that handed something over or may have: what was read of the target before it is
    /// not what is there now.
    pub acted: Option<Import>,
    /// Deliveries that are open.
    pub open: OpenDeliveries,
}

impl ImportStanding {
    /// By the newest imports, newest first.
    pub fn of(imports: &[Import], open: OpenDeliveries) -> Self {
        let is_full = |i: &&Import| i.request.only.is_empty();
        let did_something = |i: &&Import| i.state == ImportState::Running || !i.snapshots.is_empty();
        let last = imports.iter().find(is_full);
        let full = imports.iter().filter(is_full).find(did_something).or(last);
        let is_newer = |i: &&Import| full.is_some_and(|f| i.id > f.id);
        let is_well = |i: &Import| matches!(i.state, ImportState::Complete | ImportState::Staged);
        Self {
            last: last.cloned(),
            full: full.cloned(),
            staged: imports.iter().filter(is_full).find(|i| !i.snapshots.is_empty()).cloned(),
            partial: imports.iter().find(did_something).filter(|_| full.is_none()).cloned(),
            newer: imports.iter().filter(|i| is_newer(i) && did_something(i) && !is_well(i)).cloned().collect(),
            acted: imports.iter().find(|i| i.may_have_acted()).cloned(),
            open,
        }
    }

    /// Whether these imports say where the newest of everything stands, and which acted last, or older ones have to be asked for.
    pub fn is_told_by(imports: &[Import]) -> bool {
        imports.iter().any(|i| i.request.only.is_empty() && !i.snapshots.is_empty()) && imports.iter().any(Import::may_have_acted)
    }
}

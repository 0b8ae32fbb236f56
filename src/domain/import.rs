//! What an import comes to: one line for every record of either side, what became of each that was handed to a loader, and whether
//! the target stayed inert.

mod delivery;
mod inertness;
mod plan;
mod record;
mod standing;

pub use delivery::{Act, Answer, Delivery, DeliveryState, MappedId, Staged};
pub use inertness::{Inertness, InertnessCheck, Light, NOT_INERT, Occasion};
pub use plan::{EntityPlan, Fate, FieldDifference, Group, ImportPlan, InTarget, PlanLine, TargetRecord, singular};
pub use record::{Import, ImportRequest, ImportState, LoadTally};
pub use standing::{ImportStanding, OpenDeliveries};

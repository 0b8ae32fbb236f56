//! Whether the way to the flip is open, and if not, what blocks it: stages, outcomes and the shortest list of acts.
//! Fails closed: what is not known, not run or stale does not pass.

mod assess;
pub mod checks;
mod signing;
mod staging;
mod stand;

pub use crate::domain::gate::Outcome;
pub use assess::{Assessment, Blocker, Stage, StageState, Standing, assess};
pub use signing::{ANYBODY, Refusal, SignOrder, refusals, role_for};
pub use stand::{Bases, CheckStanding, Gated, GatesStanding, Glass, Known, Seat, Signed, StageStanding, Void, barred, glass_ever, look};

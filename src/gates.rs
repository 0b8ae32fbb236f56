//! Whether the way to the flip is open, and if not, what blocks it: stages, outcomes and the shortest list of acts.
//! Fails closed: what is not known, not run or stale does not pass.

mod assess;
pub mod checks;
mod signing;
mod staging;
mod stand;

pub use crate::domain::gate::{CheckStanding, Glass, Outcome, Seat, Signed, Void};
pub use assess::{Assessment, Blocker, Stage, StageState, Standing, assess, stakes};
pub use signing::{Refusal, SignOrder, refusals, role_for};
pub use stand::{Bases, Gated, GatesStanding, Known, StageStanding, Waiting, barred, glass_ever, look, signature_rule};

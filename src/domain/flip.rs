//! The flip: which subscriptions move together, exactly what is changed for each and how it is undone, what the target is expected
//! to bill first, and every step as an act.

mod billing;
mod change;
mod cost;
mod deed;
mod hypercare;
mod pack;
mod rules;

pub use billing::{Payment, SourceBilling, TargetBilling};
pub use change::{Change, Content, Direction, FlipAct, Step};
pub use cost::Cost;
pub use deed::{Begun, FlipDeed, Point, Rehearsal, Seen, Timed, Told};
pub use hypercare::{CareLine, CareState, Look};
pub use pack::{Expected, FlipPack, FlipPlan, LeftOut, PackLine, Totals};
pub use rules::FlipRules;

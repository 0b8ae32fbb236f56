//! The import's engine: what of the source is carried over, what that changes in the staged copy and in the target, and in which
//! steps it is handed to a loader. Data in, decisions out: the rows come from `app`, the acts are `app`'s to do.

pub mod compare;
pub mod holding;
pub mod loading;
pub mod plan;
pub mod select;
pub mod target;

pub use holding::Holding;
pub use loading::{Item, Loading, Seen, Step};
pub use plan::{Known, NoPlan, plan};
pub use select::{Selection, Wanted, select};
pub use target::TargetHolding;

//! Gates: how the runbook stands now, by what the workspace holds and by what lies outside of it.

mod now;

pub use now::{GateSetup, Outside, gated};

//! Where the flip stands, from what the workspace knows: front ends ask here and name no engine.

pub use crate::gates::{Assessment, Blocker, Outcome, Stage, StageState, Standing};

/// Assesses the way to the flip.
pub fn assess(standing: &Standing<'_>) -> Assessment {
    crate::gates::assess(standing)
}

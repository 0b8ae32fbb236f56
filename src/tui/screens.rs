//! One file a screen: each draws itself from the model.

pub mod activity;
pub mod causes;
pub mod flip;
pub mod gates;
pub mod import;
pub mod overview;
pub mod reconcile;
mod working;

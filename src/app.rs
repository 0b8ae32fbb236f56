//! Use cases: load, compute, store, tell how it goes. Front ends call these and nothing below them.

pub mod error;
pub mod progress;
pub mod project;
pub mod reconcile;
pub mod standing;

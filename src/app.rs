//! Use cases: load, compute, store, tell how it goes. Front ends call these and nothing below them.

pub mod audit;
pub mod doctor;
pub mod dossier;
pub mod error;
pub mod explain;
pub mod flip;
pub mod gates;
pub mod import;
pub mod inertness;
pub mod parameters;
pub mod probe;
pub mod progress;
pub mod project;
mod read;
pub mod reconcile;
pub mod review;
pub mod rows;
pub mod standing;
pub mod told;
pub mod trace;
pub mod views;

//! What the program needs from outside, as contracts: the two databases, the workspace, the clock.
//! Each method says when it may be called and what comes back; adapters implement them, `wire` chooses.

pub mod clock;
pub mod connection;
pub mod database;
pub mod dossier;
pub mod explanations;
pub mod files;
pub mod gates;
pub mod loader;
pub mod loader_lines;
pub mod memory;
pub mod reviews;
pub mod runner;
pub mod scratch;
pub mod signer;
pub mod staging;
pub mod workspace;

//! The dossier: written from a reconciled, signed project, verified with nothing but its files, and every tampering with it found.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking, its helpers too")]

#[path = "dossier/edits.rs"]
mod edits;
#[path = "dossier/project.rs"]
mod project;
#[path = "support/ssh_keygen.rs"]
mod ssh_keygen;
#[path = "dossier/stamp.rs"]
mod stamp;
#[path = "support/stated.rs"]
mod stated;
#[path = "dossier/tampering.rs"]
mod tampering;
#[path = "dossier/whole.rs"]
mod whole;

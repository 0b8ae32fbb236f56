//! The dossier: written from the workspace as plain files, and verified with nothing but those files.

mod flip;
mod pen;
mod read;
mod readme;
mod verify;
mod write;

pub use verify::{NoDossier, Witnesses, verify};
pub use write::{Contents, Written, write};

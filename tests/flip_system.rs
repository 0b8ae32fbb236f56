//! The flip as its operator meets it, with the demo's programs and with ones that die, lie, refuse and fall silent: nobody is billed
//! by both sides, nothing is sent twice without having been looked for, and what was done can be undone.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

#[allow(dead_code, reason = "shared with the tests of a reconciliation")]
#[path = "support/postgres.rs"]
mod cluster;
#[allow(dead_code, reason = "shared with the tests of a reconciliation")]
#[path = "system/harness.rs"]
mod harness;
#[path = "flip_system/project.rs"]
mod project;
#[allow(dead_code, reason = "shared with the tests of the terminal")]
#[path = "pty/terminal.rs"]
mod pty;

#[path = "flip_system/after.rs"]
mod after;
#[path = "flip_system/by_hand.rs"]
mod by_hand;
#[path = "flip_system/changed.rs"]
mod changed;
#[path = "flip_system/command.rs"]
mod command;
#[path = "flip_system/dossier.rs"]
mod dossier;
#[path = "flip_system/glass.rs"]
mod glass;
#[path = "flip_system/inert.rs"]
mod inert;
#[path = "flip_system/postgres.rs"]
mod postgres;
#[path = "flip_system/programs.rs"]
mod programs;
#[path = "flip_system/rehearsed.rs"]
mod rehearsed;
#[path = "flip_system/resumed.rs"]
mod resumed;
#[path = "flip_system/terminal.rs"]
mod terminal;
#[path = "flip_system/whole.rs"]
mod whole;

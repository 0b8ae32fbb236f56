//! Sign-offs: who may sign, what a signature is bound to, and that ssh-keygen and dualrun believe each other.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed expectation of a test is a failed test")]

#[path = "sign/at_once.rs"]
mod at_once;
#[path = "sign/commands.rs"]
mod commands;
#[path = "sign/keys.rs"]
mod keys;
#[path = "sign/others.rs"]
mod others;
#[path = "sign/project.rs"]
mod project;
#[allow(dead_code, reason = "shared with the tests of the terminal")]
#[path = "pty/terminal.rs"]
mod pty;
#[path = "sign/rules.rs"]
mod rules;
#[path = "sign/signatures.rs"]
mod signatures;
#[path = "support/ssh_keygen.rs"]
mod ssh_keygen;
#[path = "support/stated.rs"]
mod stated;
#[path = "sign/terminal.rs"]
mod terminal;
#[path = "sign/witness.rs"]
mod witness;

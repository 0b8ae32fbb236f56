//! The program as its operator meets it: the real binary on real databases, killed, stopped, cut off, out of space, fed with
//! bad data. What a single command prints is in `cli.rs`; here stands what must survive.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

#[path = "support/postgres.rs"]
mod cluster;
#[path = "system/harness.rs"]
mod harness;

#[path = "system/bad.rs"]
mod bad;
#[path = "system/cut.rs"]
mod cut;
#[path = "system/determinism.rs"]
mod determinism;
#[path = "system/disk.rs"]
mod disk;
#[path = "system/kill.rs"]
mod kill;
#[path = "system/months.rs"]
mod months;
#[path = "system/paths.rs"]
mod paths;
#[path = "system/stop.rs"]
mod stop;
#[path = "system/together.rs"]
mod together;

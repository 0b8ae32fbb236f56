//! Checks of the runbook from outside: reports of tests and programs as the nasty corpus has them, and the commands of the real binary.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking, its helpers too")]

#[path = "checks/cli.rs"]
mod cli;
#[path = "checks/metric.rs"]
mod metric;
#[path = "checks/places.rs"]
mod places;
#[path = "checks/programs.rs"]
mod programs;
#[path = "checks/reports.rs"]
mod reports;

use std::path::{Path, PathBuf};

fn nasty(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/nasty").join(path)
}

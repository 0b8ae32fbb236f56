//! The nasty corpus through whole runs: each case of `tests/nasty` as a record of a side, reconciled on a real server, with
//! the outcome its table names. Values on their way in are held by `tests/postgres.rs` and `tests/sqlite.rs`; here is what
//! an operator gets to see of them: listed rows, verdicts, sums, findings, reports.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

#[path = "support/postgres.rs"]
mod cluster;
#[path = "nasty_runs/desk.rs"]
mod desk;
#[path = "support/memory.rs"]
mod memory;
#[path = "nasty_runs/outcome.rs"]
mod outcome;

#[path = "nasty_runs/amounts.rs"]
mod amounts;
#[path = "nasty_runs/documents.rs"]
mod documents;
#[path = "nasty_runs/keys.rs"]
mod keys;
#[path = "nasty_runs/shown.rs"]
mod shown;
#[path = "nasty_runs/sqlite.rs"]
mod sqlite;
#[path = "nasty_runs/subscriptions.rs"]
mod subscriptions;
#[path = "nasty_runs/usage.rs"]
mod usage;

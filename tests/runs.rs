//! Whole runs on real databases: the specimen book, properties on random books, the differential test.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

#[path = "support/postgres.rs"]
mod cluster;
#[path = "runs/compare.rs"]
mod compare;
#[path = "support/memory.rs"]
mod memory;
#[path = "support/on_mariadb.rs"]
mod on_mariadb;
#[path = "support/on_postgres.rs"]
mod on_postgres;
#[path = "support/project.rs"]
mod project;
#[path = "support/random_book.rs"]
mod random_book;
#[path = "support/mariadb.rs"]
mod server;
#[path = "support/standby.rs"]
mod standby;

#[path = "runs/changed_book.rs"]
mod changed_book;
#[path = "runs/differential.rs"]
mod differential;
#[path = "runs/evidence.rs"]
mod evidence;
#[path = "runs/fixes.rs"]
mod fixes;
#[path = "runs/fixes_changes.rs"]
mod fixes_changes;
#[path = "runs/golden.rs"]
mod golden;
#[path = "runs/inertness.rs"]
mod inertness;
#[path = "runs/integrity.rs"]
mod integrity;
#[path = "runs/merged_keys.rs"]
mod merged_keys;
#[path = "runs/on_program.rs"]
mod on_program;
#[path = "runs/properties.rs"]
mod properties;
#[path = "runs/since.rs"]
mod since;
#[path = "runs/specimen.rs"]
mod specimen;
#[path = "runs/story.rs"]
mod story;
#[path = "runs/unusual.rs"]
mod unusual;
#[path = "runs/usage_sums.rs"]
mod usage_sums;
#[path = "runs/usage_zone.rs"]
mod usage_zone;
#[path = "runs/votes.rs"]
mod votes;
#[path = "runs/zero_dates.rs"]
mod zero_dates;

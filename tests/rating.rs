//! The rating engine: the properties it must have, held against slow oracles in whole numbers, and charges of every model through
//! whole runs.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking, its helpers too")]

#[path = "support/memory.rs"]
mod memory;
#[path = "support/project.rs"]
#[allow(dead_code, reason = "the specimen book is another program's")]
mod project;
#[path = "support/side_profile.rs"]
mod side_profile;

#[path = "rating/bill.rs"]
mod bill;
#[path = "rating/book.rs"]
mod book;
#[path = "rating/changed.rs"]
mod changed;
#[path = "rating/changes.rs"]
mod changes;
#[path = "rating/charges.rs"]
mod charges;
#[path = "rating/days.rs"]
mod days;
#[path = "rating/money.rs"]
mod money;
#[path = "rating/oracle.rs"]
mod oracle;
#[path = "rating/whole.rs"]
mod whole;

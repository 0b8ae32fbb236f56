//! The import's engine and its staged copy: the steps of a load under any answers, and the staged copy against a plain oracle.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed expectation of a test is a failed test")]

#[path = "support/memory.rs"]
#[allow(dead_code, reason = "only its clock is used here")]
mod memory;
#[path = "support/project.rs"]
#[allow(dead_code, reason = "only the wiring is used here")]
mod project;
#[path = "support/random_book.rs"]
#[allow(dead_code, reason = "only the tables are used here")]
mod random_book;

#[path = "import/loading.rs"]
mod loading;
#[path = "import/staged.rs"]
mod staged;

//! The engine of the flip: waves, single writer, where lines stand and what comes next, dates, first invoices.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking, its helpers too")]

#[path = "flip/made.rs"]
mod made;

#[path = "flip/care.rs"]
mod care;
#[path = "flip/course.rs"]
mod course;
#[path = "flip/days.rs"]
mod days;
#[path = "flip/lawful.rs"]
mod lawful;
#[path = "flip/packs.rs"]
mod packs;
#[path = "flip/paid.rs"]
mod paid;
#[path = "flip/pretend.rs"]
mod pretend;
#[path = "flip/waves.rs"]
mod waves;
#[path = "flip/when.rs"]
mod when;

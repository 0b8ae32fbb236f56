//! The explainer from outside: labelled books through the program, properties on made-up rows, rows that tempt to a wrong answer, and
//! three sides.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "support/side_profile.rs"]
mod side_profile;

#[path = "explain/book.rs"]
mod book;
#[path = "explain/exchange.rs"]
mod exchange;
#[path = "explain/made.rs"]
mod made;
#[path = "explain/own_evidence.rs"]
mod own_evidence;
#[path = "explain/properties.rs"]
mod properties;
#[path = "explain/sides.rs"]
mod sides;
#[path = "explain/tempting.rs"]
mod tempting;

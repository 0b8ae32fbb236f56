//! How gates stand: the rules one by one, and against a model that forgets nothing.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking, its helpers too")]

#[path = "gates/book.rs"]
mod book;
#[path = "gates/flips.rs"]
mod flips;
#[allow(dead_code, reason = "shared with the tests of the flip's engine")]
#[path = "flip/made.rs"]
mod made;
#[path = "gates/model.rs"]
mod model;
#[path = "gates/places.rs"]
mod places;
#[path = "gates/rules.rs"]
mod rules;
#[path = "gates/seals.rs"]
mod seals;

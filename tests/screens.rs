//! The terminal: pictures of every screen, what must hold of every picture, and what each message does.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what it expects by failing")]

#[path = "support/demo_book.rs"]
mod demo_book;
#[path = "support/demo_flip.rs"]
mod demo_flip;
#[path = "support/demo_import.rs"]
mod demo_import;
#[path = "support/driver.rs"]
mod driver;
#[path = "support/fake_workspace.rs"]
mod fake_workspace;

#[path = "screens/acts.rs"]
mod acts;
#[path = "screens/assistant.rs"]
mod assistant;
#[path = "screens/beside.rs"]
mod beside;
#[path = "screens/charts.rs"]
mod charts;
#[path = "screens/decide.rs"]
mod decide;
#[path = "screens/flip.rs"]
mod flip;
#[path = "screens/import.rs"]
mod import;
#[path = "screens/import_pictures.rs"]
mod import_pictures;
#[path = "screens/invariants.rs"]
mod invariants;
#[path = "screens/keys.rs"]
mod keys;
#[path = "screens/monkey.rs"]
mod monkey;
#[path = "screens/palette.rs"]
mod palette;
#[path = "screens/pictures.rs"]
mod pictures;
#[path = "screens/remembered.rs"]
mod remembered;
#[path = "screens/rules.rs"]
mod rules;
#[path = "screens/themes.rs"]
mod themes;
#[path = "screens/update.rs"]
mod update;
#[path = "screens/views.rs"]
mod views;

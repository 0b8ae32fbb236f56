//! The terminal: `Msg → update(&mut Model, Msg) → Vec<Effect>`, and `view(&Model)`.
//!
//! `update` is synchronous and does no I/O; effects are data, done by [`effects`] as tasks that answer with a message.
//! `view` is pure. One table of keys ([`keymap`]) dispatches and writes footer and help. Deliberately absent here:
//! SQL, rules of reconciliation, arithmetic on money (that is `present` and below).

pub mod assistant;
pub mod effects;
mod events;
pub mod keymap;
pub mod layout;
pub mod model;
pub mod msg;
mod paint;
pub mod screens;
mod sheet;
mod terminal;
pub mod theme;
mod update;
mod view;

pub use effects::Services;
pub use events::{TuiError, run};
pub use model::{Model, Setup};
pub use msg::{Effect, Msg};
pub use update::update;
pub use view::view;

//! Pairing by the bytes of the key, period by period, and judging each row. Nothing vanishes: every subscription that is due,
//! every billable document and every unlinked cent ends in exactly one row or finding, and [`tally::Tallier`] proves it.

pub mod cell;
pub mod digest;
pub mod evidence;
mod expected;
pub mod known;
pub mod month;
pub mod orders;
mod redo;
mod settle;
pub mod slice;
pub mod tally;

pub use expected::{Expected, Unknown, worth};
pub use redo::redo;

//! What a system would bill, exact until [`crate::domain::rounding`] is asked. Pure: every step is a fraction.
//!
//! [`rate`] bills one subscription: `flat × quantity × days ÷ days of the interval + Σ charges(usage)`, discounted, rounded by the
//! side's declared profile, then taxed. It is made of the functions below, which stand for themselves too: where systems
//! differ, the difference is an option of one function.

pub mod allocation;
mod changes;
pub mod cycles;
pub mod discount;
mod due;
pub mod metered;
pub mod percentage;
pub mod proration;
mod rate;
pub mod spend;
mod summed;
pub mod tax;
pub mod tiers;
mod trace;

pub use changes::{Changes, Held};
pub use due::{Due, due};
pub use rate::{FlatLine, Ground, LineOf, PricedLine, RatedLine, Rating, RatingError, UsageLine, rate, rate_charges, rate_lines};
pub use summed::Summed;
pub use trace::steps;

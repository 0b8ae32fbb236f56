//! What the target would bill: `flat × quantity × days ÷ days of the interval + Σ charges(usage)`, discounted, rounded by the
//! side's declared profile, then taxed. Pure and exact: every step is a fraction until [`crate::domain::rounding`] is asked.

mod due;
mod rate;
mod tax;
mod trace;

pub use due::{Due, due};
pub use rate::{FlatLine, LineOf, RatedLine, Rating, RatingError, UsageLine, rate, rate_lines};
pub use trace::steps;

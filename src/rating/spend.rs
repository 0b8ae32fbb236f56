//! What a period comes to at least and at most.

use super::proration::prorate;
use crate::domain::exact::{Exact, NumberError};

/// Raised to the least, then cut to the most.
#[inline]
pub fn clamp(amount: Exact, least: Option<Exact>, most: Option<Exact>) -> Exact {
    let amount = least.map_or(amount, |least| amount.max(least));
    most.map_or(amount, |most| amount.min(most))
}

/// Commitment and cap of a period, less what was billed of it before.
pub fn still_to_bill(amount: Exact, least: Option<Exact>, most: Option<Exact>, billed: Exact) -> Result<Exact, NumberError> {
    clamp(amount, least, most).sub(billed)
}

/// What is missing to a minimum commitment, which counts for the days it was in force.
pub fn true_up(minimum: Exact, days: i64, of_days: i64, fees: &[Exact]) -> Result<Exact, NumberError> {
    prorate(minimum, days, of_days)?.sub(Exact::sum(fees.iter().copied())?)
}

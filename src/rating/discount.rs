//! Discounts and coupons: per cent or fixed, in the order they are stacked.

use super::allocation;
use super::tax::share;
use crate::domain::exact::{Exact, NumberError};

/// What one coupon takes off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Discount {
    /// Per cent of what is left by those before it.
    Percent(Exact),
    /// An amount, at most what is left.
    Fixed(Exact),
}

/// An amount less so many per cent.
pub fn less_percent(amount: Exact, percent: Exact) -> Result<Exact, NumberError> {
    amount.mul(keep(percent)?)
}

/// The part that a percentage off leaves.
#[inline]
pub fn keep(percent: Exact) -> Result<Exact, NumberError> {
    if percent.is_zero() { Ok(Exact::ONE) } else { Exact::whole(100).sub(percent)?.div(Exact::whole(100)) }
}

/// What each coupon takes off an amount, in their order; the order decides (10 % then 5 off is not 5 off then 10 %).
/// A fixed one never takes more than is left, and nothing from a credit.
pub fn stacked(amount: Exact, discounts: &[Discount]) -> Result<Vec<Exact>, NumberError> {
    let mut left = amount;
    let off = discounts.iter().map(|discount| {
        let off = match discount {
            Discount::Percent(percent) => share(left, *percent)?,
            Discount::Fixed(fixed) => (*fixed).min(left.max(Exact::ZERO)),
        };
        left = left.sub(off)?;
        Ok(off)
    });
    off.collect()
}

/// What is left after all of them.
pub fn after(amount: Exact, discounts: &[Discount]) -> Result<Exact, NumberError> {
    amount.sub(Exact::sum(stacked(amount, discounts)?)?)
}

/// A fixed coupon spread over fees by their amounts, exactly.
pub fn spread(coupon: Exact, fees: &[Exact]) -> Result<Vec<Exact>, NumberError> {
    allocation::shares(coupon, fees)
}

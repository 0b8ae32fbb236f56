//! Splitting an amount so that nothing is lost.

use crate::domain::exact::{Exact, NumberError};

/// Whole units by weight, their sum the whole. From the last part to the first each gets the whole part of its share of what is
/// left, so odd units gather at the front (RubyMoney); a weight of nought gets nought.
pub fn allocate(total: Exact, weights: &[Exact]) -> Result<Vec<Exact>, NumberError> {
    let mut weight_left = Exact::sum(weights.iter().copied())?;
    let mut left = total;
    let mut parts = vec![Exact::ZERO; weights.len()];
    for (part, weight) in parts.iter_mut().zip(weights).rev() {
        if !weight.is_zero() {
            *part = left.mul(*weight)?.div(weight_left)?.floor();
            left = left.sub(*part)?;
            weight_left = weight_left.sub(*weight)?;
        }
    }
    // Nobody has a weight, and there is something to split.
    if left.is_zero() { Ok(parts) } else { Err(NumberError::DivisionByZero) }
}

/// Exact shares by weight.
pub fn shares(total: Exact, weights: &[Exact]) -> Result<Vec<Exact>, NumberError> {
    let sum = Exact::sum(weights.iter().copied())?;
    weights.iter().map(|weight| total.mul(*weight)?.div(sum)).collect()
}

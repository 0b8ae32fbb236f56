//! Tolerance as amounts written by hand imply it: half the last digit of the coarsest of them that has a fraction (beancount).

use super::exact::{Exact, NumberError};

/// `None` where no amount has a fraction: only equality will do. Noughts at the end count, so it takes texts.
pub fn inferred(amounts: &[&str]) -> Result<Option<Exact>, NumberError> {
    let mut coarsest: Option<u32> = None;
    for amount in amounts {
        Exact::parse(amount.as_bytes())?;
        if let Some((_, fraction)) = amount.split_once('.') {
            let digits = u32::try_from(fraction.len()).map_err(|_| NumberError::TooManyDigits)?;
            coarsest = Some(coarsest.map_or(digits, |c| c.min(digits)));
        }
    }
    coarsest.map(|digits| Exact::scaled(5, digits.saturating_add(1))).transpose()
}

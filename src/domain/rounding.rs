//! The one place where an exact number becomes whole minor units.

use super::currency::Currency;
use super::exact::{Exact, NumberError};
use super::money::Money;
use serde::{Deserialize, Serialize};

/// How a tie or a rest is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoundMode {
    /// Ties away from zero (Odoo, Kill Bill, PostgreSQL's `round(numeric)`).
    HalfUp,
    /// Ties to the even digit.
    HalfEven,
    /// Away from zero whenever anything is left (AlgaPSA's usage and tax).
    Up,
    /// Towards zero.
    Down,
}

/// Rounds to the minor unit of a currency.
pub fn to_minor(value: Exact, currency: Currency, mode: RoundMode) -> Result<Money, NumberError> {
    Ok(Money::new(to_units(value, currency.exponent(), mode)?, currency))
}

/// Rounds to whole units of `10^-digits`.
pub fn to_units(value: Exact, digits: u32, mode: RoundMode) -> Result<i64, NumberError> {
    let factor = 10i128.checked_pow(digits).ok_or(NumberError::Overflow)?;
    let value = if value.num().checked_mul(factor).is_some() { value } else { value.reduced() };
    let num = value.num().checked_mul(factor).ok_or(NumberError::Overflow)?;
    let den = value.den();
    let (whole, rest) = divided(num, den);
    let double = rest.checked_mul(2).ok_or(NumberError::Overflow)?;
    let den = den.unsigned_abs();
    let away = match mode {
        RoundMode::HalfUp => double >= den,
        RoundMode::HalfEven => double > den || (double == den && whole % 2 != 0),
        RoundMode::Up => rest != 0,
        RoundMode::Down => false,
    };
    let step = if num < 0 { -1 } else { 1 };
    let rounded = if away { whole.checked_add(step).ok_or(NumberError::Overflow)? } else { whole };
    i64::try_from(rounded).map_err(|_| NumberError::Overflow)
}

/// Quotient and what is left of it, without its sign. Nearly every amount fits 64 bits, where dividing is one instruction.
fn divided(num: i128, den: i128) -> (i128, u128) {
    match (i64::try_from(num), i64::try_from(den)) {
        (Ok(num), Ok(den)) => (i128::from(num / den), u128::from((num % den).unsigned_abs())),
        _ => (num / den, (num % den).unsigned_abs()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_by_mode() {
        let table = [
            ("0.125", 13, 12, 13, 12),
            ("2.675", 268, 268, 268, 267),
            ("-0.005", -1, 0, -1, 0),
            ("1.005", 101, 100, 101, 100),
            ("12.345", 1235, 1234, 1235, 1234),
        ];
        for (text, half_up, half_even, up, down) in table {
            let value: Exact = text.parse().unwrap();
            let all = [RoundMode::HalfUp, RoundMode::HalfEven, RoundMode::Up, RoundMode::Down].map(|m| to_units(value, 2, m).unwrap());
            assert_eq!(all, [half_up, half_even, up, down], "{text}");
        }
    }
}

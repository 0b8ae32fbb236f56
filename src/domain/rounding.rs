//! The one place where an exact number becomes a shorter one: minor units of a currency, so many decimals, a multiple of a step.

use super::currency::Currency;
use super::exact::{Exact, NumberError};
use super::money::Money;
use serde::{Deserialize, Serialize};

/// How a tie or a rest is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoundMode {
    /// Ties away from zero (Odoo, Kill Bill, PostgreSQL's `round(numeric)`).
    HalfUp,
    /// Ties to the even digit.
    HalfEven,
    /// Ties towards zero.
    HalfDown,
    /// Away from zero whenever anything is left (AlgaPSA's usage and tax).
    Up,
    /// Towards zero: what is left is cut off.
    Down,
    /// Towards +∞.
    Ceil,
    /// Towards −∞.
    Floor,
}

impl RoundMode {
    /// Every mode with its word in files.
    pub const WORDS: [(&'static str, Self); 7] = [
        ("half_up", Self::HalfUp),
        ("half_even", Self::HalfEven),
        ("half_down", Self::HalfDown),
        ("up", Self::Up),
        ("down", Self::Down),
        ("ceil", Self::Ceil),
        ("floor", Self::Floor),
    ];
}

/// To how many decimals, and how: a stage that is named rounds, one that is not stays exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rounding {
    /// Decimals.
    pub digits: u32,
    /// How a tie or a rest is decided.
    pub mode: RoundMode,
}

impl Rounding {
    /// To so many decimals, ties away from zero.
    pub const fn half_up(digits: u32) -> Self {
        Self { digits, mode: RoundMode::HalfUp }
    }

    /// The rounded number.
    pub fn of(self, value: Exact) -> Result<Exact, NumberError> {
        Exact::scaled(units(value, self.digits, self.mode)?, self.digits)
    }

    /// The rounded number, or the exact one where nothing rounds.
    pub fn maybe(this: Option<Self>, value: Exact) -> Result<Exact, NumberError> {
        this.map_or(Ok(value), |rounding| rounding.of(value))
    }
}

/// Rounds to whole multiples of a step: 0.05 of a currency without smaller coins.
pub fn to_increment(value: Exact, increment: Exact, mode: RoundMode) -> Result<Exact, NumberError> {
    Exact::whole(units(value.div(increment)?, 0, mode)?).mul(increment)
}

/// An amount in whole units of a system's own: `10^digits` of them make one major unit, and the result is a multiple of `multiple`
/// (Stripe: a króna has two digits and ends in noughts, a dinar three of which the last is nought).
pub fn to_system_units(value: Exact, digits: u32, multiple: u32) -> Result<Exact, NumberError> {
    let unit = Exact::whole(10i128.checked_pow(digits).ok_or(NumberError::Overflow)?);
    to_increment(value.mul(unit)?, Exact::whole(i128::from(multiple)), RoundMode::HalfUp)
}

/// Rounds to the minor unit of a currency.
pub fn to_minor(value: Exact, currency: Currency, mode: RoundMode) -> Result<Money, NumberError> {
    Ok(Money::new(to_units(value, currency.exponent(), mode)?, currency))
}

/// Rounds to whole units of `10^-digits`.
pub fn to_units(value: Exact, digits: u32, mode: RoundMode) -> Result<i64, NumberError> {
    i64::try_from(units(value, digits, mode)?).map_err(|_| NumberError::Overflow)
}

#[inline]
fn units(value: Exact, digits: u32, mode: RoundMode) -> Result<i128, NumberError> {
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
        RoundMode::HalfDown => double > den,
        RoundMode::Up => rest != 0,
        RoundMode::Down => false,
        RoundMode::Ceil => rest != 0 && num > 0,
        RoundMode::Floor => rest != 0 && num < 0,
    };
    let step = if num < 0 { -1 } else { 1 };
    if away { whole.checked_add(step).ok_or(NumberError::Overflow) } else { Ok(whole) }
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
        // half_up, half_even, half_down, up, down, ceil, floor
        let table = [
            ("0.125", [13, 12, 12, 13, 12, 13, 12]),
            ("2.675", [268, 268, 267, 268, 267, 268, 267]),
            ("-0.005", [-1, 0, 0, -1, 0, 0, -1]),
            ("-1.0049", [-100, -100, -100, -101, -100, -100, -101]),
            ("1.005", [101, 100, 100, 101, 100, 101, 100]),
            ("12.345", [1235, 1234, 1234, 1235, 1234, 1235, 1234]),
        ];
        for (text, wanted) in table {
            let value: Exact = text.parse().unwrap();
            assert_eq!(RoundMode::WORDS.map(|(_, mode)| to_units(value, 2, mode).unwrap()), wanted, "{text}");
        }
    }

    #[test]
    fn a_step_and_a_system_s_units() {
        let number = |text: &str| text.parse::<Exact>().unwrap();
        assert_eq!(to_increment(number("0.025"), number("0.05"), RoundMode::HalfUp).unwrap(), number("0.05"));
        assert_eq!(to_increment(number("1"), Exact::ZERO, RoundMode::HalfUp), Err(NumberError::DivisionByZero));
        assert_eq!(to_system_units(number("12.3456"), 3, 10).unwrap(), Exact::whole(12_350));
    }
}

//! PostgreSQL's own digits of a `numeric`: how many, the place of the first, the sign, the decimals it prints; then the
//! digits to base 10,000 (`numeric_send` in the server's `numeric.c`).

use crate::domain::exact::{Exact, MAX_DIGITS, MAX_SCALE, NumberError};
use std::fmt;

/// A `numeric` as the server sends it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Numeric<'a> {
    sign: Sign,
    /// Power of 10,000 of the first digit.
    weight: i32,
    /// Decimals it prints.
    decimals: u32,
    digits: &'a [[u8; 2]],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Plus,
    Minus,
    NaN,
    Infinity,
    MinusInfinity,
}

const BASE: u16 = 10_000;
/// Digits to base 10,000 beyond which [`MAX_DIGITS`] decimal ones are surely passed.
const MOST: usize = 8;

impl<'a> Numeric<'a> {
    /// `None` where the bytes are no numeric.
    pub(super) fn of(bytes: &'a [u8]) -> Option<Self> {
        let (head, rest) = bytes.split_first_chunk::<8>()?;
        let [count, weight, sign, decimals] = [[head[0], head[1]], [head[2], head[3]], [head[4], head[5]], [head[6], head[7]]];
        let (digits, odd) = rest.as_chunks::<2>();
        let sign = match u16::from_be_bytes(sign) {
            0x0000 => Sign::Plus,
            0x4000 => Sign::Minus,
            0xC000 => Sign::NaN,
            0xD000 => Sign::Infinity,
            0xF000 => Sign::MinusInfinity,
            _ => return None,
        };
        let decimals = u32::from(u16::from_be_bytes(decimals));
        let whole = odd.is_empty() && digits.len() == usize::from(u16::from_be_bytes(count)) && decimals <= 0x3FFF;
        if !whole || digits.iter().any(|d| u16::from_be_bytes(*d) >= BASE) {
            return None;
        }
        Some(Self { sign, weight: i32::from(i16::from_be_bytes(weight)), decimals, digits })
    }

    /// Its value, with the column's own decimals where they fit: so that a column's numbers add up in one step. `None`
    /// where it holds digits beyond those it prints, which no server sends.
    pub(super) fn value(self) -> Option<Result<Exact, NumberError>> {
        match self.sign {
            Sign::NaN => return Some(Err(NumberError::NotANumber)),
            Sign::Infinity | Sign::MinusInfinity => return Some(Err(NumberError::Infinite)),
            Sign::Plus | Sign::Minus => {}
        }
        self.short().map(Ok).or_else(|| self.long())
    }

    /// Its value in 64 bits, as nearly every amount is: read by the million.
    fn short(self) -> Option<Exact> {
        let places = i32::try_from(self.digits.len()).ok().filter(|n| (1..=4).contains(n))? - 1;
        let number = self.digits.iter().fold(0u64, |n, d| n * u64::from(BASE) + u64::from(u16::from_be_bytes(*d)));
        // What the last digit is to be multiplied with, to count in units of the last decimal that is printed.
        let power = 4 * (self.weight - places) + i32::try_from(self.decimals).ok()?;
        let ten = |power: u32| 10u64.checked_pow(power);
        let factor = ten(power.unsigned_abs())?;
        let mantissa = if power < 0 { number.is_multiple_of(factor).then(|| number / factor)? } else { number.checked_mul(factor)? };
        let mantissa = i128::from(i64::try_from(mantissa).ok()?);
        Exact::scaled(if self.sign == Sign::Minus { -mantissa } else { mantissa }, Some(self.decimals).filter(|d| *d <= MAX_DIGITS)?).ok()
    }

    fn long(self) -> Option<Result<Exact, NumberError>> {
        let leading = self.digits.iter().take_while(|d| **d == [0, 0]).count();
        let digits = &self.digits[leading..];
        let digits = &digits[..digits.iter().rposition(|d| *d != [0, 0]).map_or(0, |last| last + 1)];
        let Some(last) = digits.last() else { return Some(Exact::decimal(0, 0, 0, self.decimals)) };
        let places = i32::try_from(leading + digits.len()).ok()? - 1;
        let power = 4 * (self.weight - places);
        // Decimals without the noughts at their end.
        let noughts = noughts(u16::from_be_bytes(*last));
        let scale = if power < 0 { power.unsigned_abs() - noughts } else { 0 };
        if scale > self.decimals {
            return None;
        }
        if digits.len() > MOST || scale > MAX_SCALE {
            return Some(Err(NumberError::TooManyDigits));
        }
        let number = digits.iter().fold(0u128, |n, d| n * u128::from(BASE) + u128::from(u16::from_be_bytes(*d)));
        let (number, significant) = match u32::try_from(power) {
            Ok(power) if digits_of(number) + power > MAX_DIGITS => return Some(Err(NumberError::TooManyDigits)),
            Ok(power) => (number * 10u128.pow(power), digits_of(number) + power),
            Err(_) => (without(number, noughts), digits_of(number) - noughts),
        };
        if significant > MAX_DIGITS {
            return Some(Err(NumberError::TooManyDigits));
        }
        let mantissa = i128::try_from(number).ok()?;
        Some(Exact::decimal(if self.sign == Sign::Minus { -mantissa } else { mantissa }, significant, scale, self.decimals))
    }

    fn digit(self, at: i32) -> u16 {
        usize::try_from(at).ok().and_then(|at| self.digits.get(at)).map_or(0, |d| u16::from_be_bytes(*d))
    }
}

/// Decimal noughts at the end of a digit that is none itself.
const fn noughts(digit: u16) -> u32 {
    match digit {
        d if d % 10 != 0 => 0,
        d if d % 100 != 0 => 1,
        d if d % 1000 != 0 => 2,
        _ => 3,
    }
}

/// Decimal digits of a number; one instruction's worth of work where it fits 64 bits.
fn digits_of(number: u128) -> u32 {
    1 + u64::try_from(number).map_or_else(|_| number.ilog10(), u64::ilog10)
}

fn without(number: u128, noughts: u32) -> u128 {
    match (noughts, u64::try_from(number)) {
        (0, _) => number,
        (_, Ok(small)) => u128::from(small / 10u64.pow(noughts)),
        (_, Err(_)) => number / 10u128.pow(noughts),
    }
}

/// As the server prints it (`get_str_from_var`).
impl fmt::Display for Numeric<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.sign {
            Sign::NaN => return f.write_str("NaN"),
            Sign::Infinity => return f.write_str("Infinity"),
            Sign::MinusInfinity => return f.write_str("-Infinity"),
            Sign::Minus => f.write_str("-")?,
            Sign::Plus => {}
        }
        if self.weight < 0 {
            f.write_str("0")?;
        }
        for at in 0..=self.weight {
            if at == 0 { write!(f, "{}", self.digit(at))? } else { write!(f, "{:04}", self.digit(at))? }
        }
        let mut left = usize::try_from(self.decimals).unwrap_or(0);
        if left > 0 {
            f.write_str(".")?;
        }
        let mut at = self.weight + 1;
        while left > 0 {
            let four = format!("{:04}", self.digit(at));
            f.write_str(&four[..left.min(4)])?;
            left = left.saturating_sub(4);
            at += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bytes(weight: i16, sign: u16, decimals: u16, digits: &[u16]) -> Vec<u8> {
        let count = u16::try_from(digits.len()).unwrap();
        let head = [count, weight.cast_unsigned(), sign, decimals];
        head.iter().chain(digits).flat_map(|n| n.to_be_bytes()).collect()
    }

    /// The stored form too: a column's numbers have one denominator, read from text or from digits.
    fn alike(bytes: &[u8]) {
        let numeric = Numeric::of(bytes).unwrap();
        let by_text = Exact::parse(numeric.to_string().as_bytes());
        let Some(by_digits) = numeric.value() else { return };
        let form = |n: Result<Exact, NumberError>| n.map(|n| (n.num(), n.den()));
        assert_eq!(form(by_digits), form(by_text), "{numeric}");
    }

    #[test]
    fn digits_print_as_the_server_prints_them() {
        for (raw, text) in [
            (bytes(0, 0, 0, &[]), "0"),
            (bytes(0, 0, 4, &[]), "0.0000"),
            (bytes(1, 0x4000, 2, &[12, 3456, 7800]), "-123456.78"),
            (bytes(-2, 0, 7, &[1000]), "0.0000100"),
            (bytes(7, 0, 0, &[1]), "10000000000000000000000000000"),
            (bytes(0, 0xC000, 0, &[]), "NaN"),
            (bytes(0, 0xF000, 0, &[]), "-Infinity"),
        ] {
            assert_eq!(Numeric::of(&raw).unwrap().to_string(), text);
            alike(&raw);
        }
    }

    #[test]
    fn what_is_no_numeric_is_none() {
        let good = bytes(0, 0, 2, &[1, 2500]);
        for cut in 0..good.len() {
            assert!(Numeric::of(&good[..cut]).is_none(), "{cut}");
        }
        for bad in [bytes(0, 1, 0, &[1]), bytes(0, 0, 0, &[10_000]), bytes(0, 0, 0x4000, &[1]), [&good[..], &[0]].concat()] {
            assert!(Numeric::of(&bad).is_none());
        }
    }

    proptest! {
        #[test]
        fn digits_are_what_their_text_is(
            weight in -12i16..12, sign in prop::sample::select(vec![0u16, 0x4000]), decimals in 0u16..40,
            digits in prop::collection::vec(prop_oneof![Just(0u16), Just(1), Just(1000), Just(500), 0u16..10_000], 0..12),
        ) {
            alike(&bytes(weight, sign, decimals, &digits));
        }
    }
}

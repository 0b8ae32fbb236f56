//! Exact numbers: decimals as they were read, and the fractions that dividing them makes.
//!
//! An [`Exact`] is `num / den` in checked 128-bit integers. Decimals keep a power of ten as `den`, so the
//! common sum is one addition; only a division (days of a period, a package size) brings in another divisor.
//! Nothing here rounds: that is [`crate::domain::rounding`]'s work. What does not fit is an error, never a cut.

mod text;

pub use text::{decimal_text, push_decimal};

use std::cmp::Ordering;

/// A number that is exactly `num / den`, `den > 0`. Not always in lowest terms; equality and order are by value.
#[derive(Clone, Copy, Debug)]
pub struct Exact {
    num: i128,
    den: i128,
}

/// Why a text is no exact number, or a sum does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// `NaN`, words, blanks, thousands commas, hex, an exponent in a decimal column.
    #[error("not a number")]
    NotANumber,
    /// `Infinity`, `-Infinity`.
    #[error("infinite")]
    Infinite,
    /// More significant digits, or more decimals, than are computed with.
    #[error("more digits than fit")]
    TooManyDigits,
    /// A sum or product beyond 128 bits.
    #[error("overflow in exact arithmetic")]
    Overflow,
    /// A division by nothing.
    #[error("division by zero")]
    DivisionByZero,
}

/// Significant digits a read number may have: what a 96-bit decimal holds, so that every side can store it.
pub const MAX_DIGITS: u32 = 28;
/// Decimals a read number may have.
pub const MAX_SCALE: u32 = 30;

impl Exact {
    /// Nought.
    pub const ZERO: Self = Self { num: 0, den: 1 };
    /// One.
    pub const ONE: Self = Self { num: 1, den: 1 };

    /// A whole number.
    pub const fn whole(n: i128) -> Self {
        Self { num: n, den: 1 }
    }

    /// `mantissa / 10^scale`.
    pub fn scaled(mantissa: i128, scale: u32) -> Result<Self, NumberError> {
        Ok(Self { num: mantissa, den: pow10(scale)? })
    }

    /// `mantissa / 10^scale`, written with `wanted` decimals where that many fit: the numbers of a column then have one
    /// denominator, whatever noughts they end in. `significant` are the digits of the mantissa, all of them within [`MAX_DIGITS`].
    pub fn decimal(mantissa: i128, significant: u32, scale: u32, wanted: u32) -> Result<Self, NumberError> {
        let noughts = wanted.saturating_sub(scale);
        if noughts == 0 || wanted > MAX_SCALE || significant + noughts > MAX_DIGITS {
            return Self::scaled(mantissa, scale);
        }
        Self::scaled(mantissa * pow10(noughts)?, wanted)
    }

    /// `num / den`, with the sign in `num`.
    pub fn ratio(num: i128, den: i128) -> Result<Self, NumberError> {
        match den.cmp(&0) {
            Ordering::Equal => Err(NumberError::DivisionByZero),
            Ordering::Greater => Ok(Self { num, den }),
            Ordering::Less => Ok(Self { num: num.checked_neg().ok_or(NumberError::Overflow)?, den: den.checked_neg().ok_or(NumberError::Overflow)? }),
        }
    }

    /// Reads a plain decimal: an optional minus, digits, at most one point. Nothing else is a number:
    /// no blanks, plus signs, commas, exponents or hex.
    pub fn parse(text: &[u8]) -> Result<Self, NumberError> {
        let (negative, digits) = match text.split_first() {
            Some((b'-', rest)) => (true, rest),
            _ => (false, text),
        };
        let mut num: i128 = 0;
        let mut significant = 0u32;
        let mut scale = 0u32;
        let mut pending_zeros = 0u32;
        let mut point = false;
        let mut any = false;
        for &b in digits {
            match b {
                b'0'..=b'9' => {
                    any = true;
                    if point {
                        // Zeros at the end of the decimals carry no value: they wait for a digit after them.
                        if b == b'0' {
                            pending_zeros += 1;
                            continue;
                        }
                        for _ in 0..pending_zeros {
                            push_digit(&mut num, &mut significant, 0)?;
                            scale += 1;
                        }
                        pending_zeros = 0;
                        scale += 1;
                    }
                    push_digit(&mut num, &mut significant, b - b'0')?;
                }
                b'.' if !point && any => point = true,
                _ => return Err(word_error(text)),
            }
            if scale > MAX_SCALE {
                return Err(NumberError::TooManyDigits);
            }
        }
        if !any || digits.last() == Some(&b'.') {
            return Err(word_error(text));
        }
        if scale > MAX_SCALE {
            return Err(NumberError::TooManyDigits);
        }
        Self::decimal(if negative { -num } else { num }, significant, scale, scale.saturating_add(pending_zeros))
    }

    /// Reads what a binary floating-point column prints, exponent included (`1e-05`): exact for the text, approximate for the world.
    pub fn parse_float_text(text: &[u8]) -> Result<Self, NumberError> {
        let Some(at) = text.iter().position(|b| matches!(b, b'e' | b'E')) else { return Self::parse(text) };
        let mantissa = Self::parse(&text[..at])?;
        let exponent = std::str::from_utf8(&text[at + 1..]).map_err(|_| NumberError::NotANumber)?;
        let exponent: i32 = exponent.trim_start_matches('+').parse().map_err(|_| NumberError::NotANumber)?;
        let factor = Self::whole(pow10(exponent.unsigned_abs().min(60))?);
        if exponent < 0 { mantissa.div(factor) } else { mantissa.mul(factor) }
    }

    /// The numerator of the stored form.
    #[inline]
    pub const fn num(self) -> i128 {
        self.num
    }

    /// The denominator of the stored form, above nought.
    #[inline]
    pub const fn den(self) -> i128 {
        self.den
    }

    /// Decimals of the stored form; `None` for one whose denominator is no power of ten a decimal may have.
    pub fn decimals(self) -> Option<u8> {
        let scale = match u64::try_from(self.den) {
            Ok(small) => small.checked_ilog10()?,
            Err(_) => self.den.checked_ilog10()?,
        };
        (POWERS[scale as usize] == self.den).then(|| u8::try_from(scale).ok()).flatten()
    }

    /// As a decimal with as few decimals as it has: mantissa and scale; `None` for one that does not end, or not soon enough.
    pub fn shortest_decimal(self) -> Option<(i128, u8)> {
        let (mut mantissa, mut scale) = match self.decimals() {
            Some(scale) => (self.num, scale),
            None => self.reduced().as_decimal()?,
        };
        // Nearly every number fits 64 bits, where dividing is one instruction.
        if let Ok(mut small) = i64::try_from(mantissa) {
            while scale > 0 && small % 10 == 0 {
                (small, scale) = (small / 10, scale - 1);
            }
            return Some((i128::from(small), scale));
        }
        while scale > 0 && mantissa % 10 == 0 {
            (mantissa, scale) = (mantissa / 10, scale - 1);
        }
        Some((mantissa, scale))
    }

    /// Mantissa and scale of a fraction in lowest terms.
    fn as_decimal(self) -> Option<(i128, u8)> {
        let (mut den, mut twos, mut fives) = (self.den, 0u8, 0u8);
        while den % 2 == 0 {
            (den, twos) = (den / 2, twos + 1);
        }
        while den % 5 == 0 {
            (den, fives) = (den / 5, fives + 1);
        }
        let scale = twos.max(fives);
        let power = (den == 1).then(|| pow10(u32::from(scale)).ok()).flatten()?;
        Some((self.num.checked_mul(power / self.den)?, scale))
    }

    /// Numerator and denominator, where both fit 64 bits.
    #[inline]
    fn small(self) -> Option<[i128; 2]> {
        Some([i128::from(i64::try_from(self.num).ok()?), i128::from(i64::try_from(self.den).ok()?)])
    }

    /// Whether it is written as that whole number.
    const fn is_plain(self, whole: i128) -> bool {
        self.num == whole && self.den == 1
    }

    /// True for nought.
    #[inline]
    pub const fn is_zero(self) -> bool {
        self.num == 0
    }

    /// True below nought.
    #[inline]
    pub const fn is_negative(self) -> bool {
        self.num < 0
    }

    /// Sum.
    #[inline]
    pub fn add(self, other: Self) -> Result<Self, NumberError> {
        if self.is_plain(0) {
            return Ok(other);
        }
        if self.den == other.den
            && let Some(num) = self.num.checked_add(other.num)
        {
            return Ok(Self { num, den: self.den });
        }
        self.add_unlike(other).or_else(|_| self.reduced().add_unlike(other.reduced()))
    }

    fn add_unlike(self, other: Self) -> Result<Self, NumberError> {
        let (a, b) = cofactors(self.den, other.den);
        let left = self.num.checked_mul(a).ok_or(NumberError::Overflow)?;
        let right = other.num.checked_mul(b).ok_or(NumberError::Overflow)?;
        Ok(Self { num: left.checked_add(right).ok_or(NumberError::Overflow)?, den: self.den.checked_mul(a).ok_or(NumberError::Overflow)? })
    }

    /// Difference.
    #[inline]
    pub fn sub(self, other: Self) -> Result<Self, NumberError> {
        self.add(other.neg()?)
    }

    /// The same with the other sign.
    #[inline]
    pub fn neg(self) -> Result<Self, NumberError> {
        Ok(Self { num: self.num.checked_neg().ok_or(NumberError::Overflow)?, den: self.den })
    }

    /// Without its sign.
    pub fn abs(self) -> Result<Self, NumberError> {
        if self.num < 0 { self.neg() } else { Ok(self) }
    }

    /// Product.
    #[inline]
    pub fn mul(self, other: Self) -> Result<Self, NumberError> {
        if other.is_plain(1) {
            return Ok(self);
        }
        // The product of what fits 64 bits fits 128, and is one instruction.
        if let (Some([num, den]), Some([by, over])) = (self.small(), other.small()) {
            return Ok(Self { num: num * by, den: den * over });
        }
        if let (Some(num), Some(den)) = (self.num.checked_mul(other.num), self.den.checked_mul(other.den)) {
            return Ok(Self { num, den });
        }
        let (a, b) = (self.reduced(), other.reduced());
        let (g, h) = (gcd(a.num, b.den), gcd(b.num, a.den));
        let num = (a.num / g).checked_mul(b.num / h).ok_or(NumberError::Overflow)?;
        let den = (a.den / h).checked_mul(b.den / g).ok_or(NumberError::Overflow)?;
        Ok(Self { num, den })
    }

    /// Quotient.
    pub fn div(self, other: Self) -> Result<Self, NumberError> {
        self.mul(Self::ratio(other.den, other.num)?)
    }

    /// The greater of two.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        if other > self { other } else { self }
    }

    /// The lesser of two.
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        if other < self { other } else { self }
    }

    /// The smallest whole number not below it.
    #[must_use]
    pub fn ceil(self) -> Self {
        let up = i128::from(self.num.rem_euclid(self.den) != 0);
        Self::whole(self.num.div_euclid(self.den) + up)
    }

    /// The greatest whole number not above it.
    #[must_use]
    pub fn floor(self) -> Self {
        Self::whole(self.num.div_euclid(self.den))
    }

    /// As a whole number; `None` for one that is none.
    pub fn as_whole(self) -> Option<i128> {
        (self.num % self.den == 0).then(|| self.num / self.den)
    }

    /// The sum of several.
    pub fn sum(all: impl IntoIterator<Item = Self>) -> Result<Self, NumberError> {
        all.into_iter().try_fold(Self::ZERO, Self::add)
    }

    /// In lowest terms.
    #[must_use]
    pub fn reduced(self) -> Self {
        let g = gcd(self.num, self.den);
        Self { num: self.num / g, den: self.den / g }
    }
}

fn push_digit(num: &mut i128, significant: &mut u32, digit: u8) -> Result<(), NumberError> {
    if *significant > 0 || digit != 0 {
        *significant += 1;
    }
    if *significant > MAX_DIGITS {
        return Err(NumberError::TooManyDigits);
    }
    *num = *num * 10 + i128::from(digit);
    Ok(())
}

fn word_error(text: &[u8]) -> NumberError {
    let word = text.strip_prefix(b"-").unwrap_or(text);
    if word.eq_ignore_ascii_case(b"infinity") || word.eq_ignore_ascii_case(b"inf") { NumberError::Infinite } else { NumberError::NotANumber }
}

/// The powers of ten that fit.
const POWERS: [i128; 39] = {
    let mut all = [1i128; 39];
    let mut at = 1;
    while at < all.len() {
        all[at] = all[at - 1] * 10;
        at += 1;
    }
    all
};

fn pow10(exponent: u32) -> Result<i128, NumberError> {
    POWERS.get(exponent as usize).copied().ok_or(NumberError::Overflow)
}

/// What each denominator is to be multiplied with for both to become their least common multiple: first `self`'s, then `other`'s.
fn cofactors(own: i128, other: i128) -> (i128, i128) {
    // Decimals of two columns: the longer denominator is a multiple of the other, and both fit 64 bits.
    if let (Ok(x), Ok(y)) = (u64::try_from(own), u64::try_from(other)) {
        let g = if y.is_multiple_of(x) { x } else { gcd64(x, y) };
        return (i128::from(y / g), i128::from(x / g));
    }
    let g = gcd(own, other);
    (other / g, own / g)
}

/// Greatest common divisor, at least 1.
fn gcd(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a.unsigned_abs(), b.unsigned_abs());
    // Most numbers here fit 64 bits, where division is one instruction.
    while b != 0 {
        if let (Ok(x), Ok(y)) = (u64::try_from(a), u64::try_from(b)) {
            return i128::from(gcd64(x, y).max(1));
        }
        (a, b) = (b, a % b);
    }
    i128::try_from(a.max(1)).unwrap_or(1)
}

fn gcd64(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

impl Default for Exact {
    fn default() -> Self {
        Self::ZERO
    }
}

impl PartialEq for Exact {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        (self.num == other.num && self.den == other.den) || (self.den != other.den && self.cmp(other) == Ordering::Equal)
    }
}

impl Eq for Exact {}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Exact {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.den == other.den {
            return self.num.cmp(&other.num);
        }
        if let (Some([num, den]), Some([other, over])) = (self.small(), other.small()) {
            return (num * over).cmp(&(other * den));
        }
        if let (Some(a), Some(b)) = (self.num.checked_mul(other.den), other.num.checked_mul(self.den)) {
            return a.cmp(&b);
        }
        // Too big to cross-multiply: compare the whole parts, then the reciprocals of what is left.
        let (mut a, mut b, mut turned) = (*self, *other, false);
        loop {
            let (wa, wb) = (a.num.div_euclid(a.den), b.num.div_euclid(b.den));
            let order = match wa.cmp(&wb) {
                Ordering::Equal => {
                    let (ra, rb) = (a.num.rem_euclid(a.den), b.num.rem_euclid(b.den));
                    match (ra == 0, rb == 0) {
                        (true, true) => Ordering::Equal,
                        (true, false) => Ordering::Less,
                        (false, true) => Ordering::Greater,
                        (false, false) => {
                            (a, b) = (Self { num: a.den, den: ra }, Self { num: b.den, den: rb });
                            turned = !turned;
                            continue;
                        }
                    }
                }
                unequal => unequal,
            };
            return if turned { order.reverse() } else { order };
        }
    }
}

#[cfg(test)]
mod tests;

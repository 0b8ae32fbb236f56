//! Exact sums of any many amounts. An amount of thirty decimals beside one of ten whole digits leaves 128 bits as one fraction;
//! whole units and what is below one are therefore added apart, so that no single record can end a run.

use crate::domain::exact::{Exact, NumberError};
use std::fmt;

/// An exact sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Total {
    whole: i128,
    /// At least nought and below one, so that equal sums are equal part by part.
    rest: Exact,
}

impl Total {
    /// Adds an amount.
    pub(super) fn add(&mut self, amount: Exact) -> Result<(), NumberError> {
        let (num, den) = (amount.num(), amount.den());
        self.add_total(Self { whole: num.div_euclid(den), rest: Exact::ratio(num.rem_euclid(den), den)? })
    }

    /// Adds another sum.
    pub(super) fn add_total(&mut self, other: Self) -> Result<(), NumberError> {
        let mut whole = self.whole.checked_add(other.whole).ok_or(NumberError::Overflow)?;
        let mut rest = self.rest.add(other.rest)?;
        if rest >= Exact::ONE {
            rest = rest.sub(Exact::ONE)?;
            whole = whole.checked_add(1).ok_or(NumberError::Overflow)?;
        }
        (self.whole, self.rest) = (whole, rest);
        Ok(())
    }
}

impl fmt::Display for Total {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Exact::whole(self.whole).add(self.rest) {
            Ok(sum) => sum.fmt(f),
            Err(_) => write!(f, "{} + {}", self.whole, self.rest),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total(amounts: &[&str]) -> Total {
        let mut total = Total::default();
        for text in amounts {
            total.add(text.parse().unwrap()).unwrap();
        }
        total
    }

    #[test]
    fn tiny_and_huge_amounts_add_up_together() {
        let tiny = "0.000000000000000000000000000001";
        let sum = total(&["92233720368547758.07", tiny, "-92233720368547758.07"]);
        assert_eq!(sum, total(&[tiny]));
        assert_eq!(total(&["92233720368547758.07", tiny]).to_string(), "92233720368547758 + 0.070000000000000000000000000001");
        assert_eq!(total(&["0.5", "0.5", "-3"]).to_string(), "-2");
        assert_eq!(total(&["-0.25", "1/3", "2/3"]).to_string(), "0.75");
    }
}

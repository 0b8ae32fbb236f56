//! Rounded money: whole minor units of one currency.

use super::currency::Currency;
use super::exact::{Exact, NumberError, decimal_text};
use serde::{Deserialize, Serialize};

/// An amount at its currency's minor unit. Made only by [`crate::domain::rounding`] or by adding others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Whole minor units: cents, yen, fils.
    pub minor: i64,
    /// What they are units of.
    pub currency: Currency,
}

impl Money {
    /// Nothing, in a currency.
    pub const fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }

    /// So many minor units.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Sum of two amounts of one currency; of two currencies it is `None`: they are never added.
    pub fn plus(self, other: Self) -> Option<Self> {
        (self.currency == other.currency).then(|| self.minor.checked_add(other.minor)).flatten().map(|minor| Self { minor, ..self })
    }

    /// Difference of two amounts of one currency.
    pub fn minus(self, other: Self) -> Option<Self> {
        (self.currency == other.currency).then(|| self.minor.checked_sub(other.minor)).flatten().map(|minor| Self { minor, ..self })
    }

    /// Reads `5.00 CAD`: a known currency and whole minor units of it, never rounded.
    pub fn named(text: &str) -> Option<Self> {
        let (amount, currency) = text.trim().rsplit_once(char::is_whitespace)?;
        let currency = Currency::known(currency)?;
        let units = amount.trim().parse::<Exact>().ok()?.mul(Exact::whole(10i128.pow(currency.exponent()))).ok()?;
        Some(Self { minor: i64::try_from(units.as_whole()?).ok()?, currency })
    }

    /// The same value as an exact number in major units.
    pub fn exact(self) -> Result<Exact, NumberError> {
        Exact::scaled(i128::from(self.minor), self.currency.exponent())
    }
}

/// Plain machine text with exactly the currency's decimals: `-20.00`, `575`.
impl std::fmt::Display for Money {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&decimal_text(i128::from(self.minor), self.currency.exponent()))
    }
}

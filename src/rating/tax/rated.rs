//! Tax of a rating: on each line, or once on the rounded net; each rate rounded in the side's mode.

use super::share;
use crate::domain::currency::Currency;
use crate::domain::exact::{Exact, NumberError};
use crate::domain::money::Money;
use crate::domain::profile::{SideProfile, Stage};
use crate::domain::rounding::to_minor;
use crate::domain::row::AppliedTax;

/// The tax of a rating while its lines are made.
pub struct Taxes<'a> {
    taxes: &'a [AppliedTax],
    profile: &'a SideProfile,
    total: Money,
}

impl<'a> Taxes<'a> {
    /// None so far.
    pub fn new(taxes: &'a [AppliedTax], currency: Currency, profile: &'a SideProfile) -> Self {
        Self { taxes, profile, total: Money::zero(currency) }
    }

    /// Takes a line, where tax is counted by line: as it stands, rounded when lines are rounded.
    pub fn line(&mut self, exact: Exact, rounded: Money) -> Result<(), NumberError> {
        match (self.profile.tax_per, self.profile.round_per) {
            (Stage::Invoice, _) => Ok(()),
            (Stage::Line, Stage::Line) => self.add(rounded.exact()?),
            (Stage::Line, Stage::Invoice) => self.add(exact),
        }
    }

    /// All of it, of a rounded net.
    pub fn total(mut self, net: Money) -> Result<Money, NumberError> {
        if self.profile.tax_per == Stage::Invoice {
            self.add(net.exact()?)?;
        }
        Ok(self.total)
    }

    fn add(&mut self, base: Exact) -> Result<(), NumberError> {
        for tax in self.taxes {
            let part = to_minor(share(base, tax.rate)?, self.total.currency, self.profile.round_mode)?;
            self.total = self.total.plus(part).ok_or(NumberError::Overflow)?;
        }
        Ok(())
    }
}

//! Tax of a rating: on each line, or on the rounded net, each rate by itself or all together; rounded in the side's mode.

use super::share;
use crate::domain::currency::Currency;
use crate::domain::exact::{Exact, NumberError};
use crate::domain::money::Money;
use crate::domain::profile::{SideProfile, Stage, TaxStage};
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
            (TaxStage::Invoice | TaxStage::Once, _) => Ok(()),
            (TaxStage::Line, Stage::Line) => self.add(rounded.exact()?),
            (TaxStage::Line, Stage::Invoice) => self.add(exact),
        }
    }

    /// All of it, of a rounded net.
    pub fn total(mut self, net: Money) -> Result<Money, NumberError> {
        match self.profile.tax_per {
            TaxStage::Line => {}
            TaxStage::Invoice => self.add(net.exact()?)?,
            TaxStage::Once => {
                let rate = Exact::sum(self.taxes.iter().map(|tax| tax.rate))?;
                self.part(net.exact()?, rate)?;
            }
        }
        Ok(self.total)
    }

    fn add(&mut self, base: Exact) -> Result<(), NumberError> {
        self.taxes.iter().try_for_each(|tax| self.part(base, tax.rate))
    }

    fn part(&mut self, base: Exact, rate: Exact) -> Result<(), NumberError> {
        let part = to_minor(share(base, rate)?, self.total.currency, self.profile.round_mode)?;
        self.total = self.total.plus(part).ok_or(NumberError::Overflow)?;
        Ok(())
    }
}

//! The ratings of one row added up: an order has one for each of its subscriptions.

use super::Rating;
use crate::domain::exact::Exact;
use crate::domain::money::Money;

/// Ratings added up.
#[derive(Debug, Clone, Copy, Default)]
pub struct Summed {
    /// Net, rounded; `None` as long as nothing was added.
    pub net: Option<Money>,
    /// Net before rounding.
    pub exact: Exact,
    tax: Option<Money>,
    tax_unknown: bool,
}

impl Summed {
    /// Adds a rating; fails, in words for the row, where there is no sum.
    pub fn add(&mut self, rating: &Rating) -> Result<(), &'static str> {
        self.net = match self.net {
            None => Some(rating.net),
            Some(net) => Some(net.plus(rating.net).ok_or("its deployments are in several currencies")?),
        };
        self.exact = self.exact.add(rating.exact).map_err(|_| "the sum of its ratings does not fit")?;
        match rating.tax {
            Some(tax) => self.tax = Some(self.tax.and_then(|sum| sum.plus(tax)).unwrap_or(tax)),
            None => self.tax_unknown = true,
        }
        Ok(())
    }

    /// The tax; `None` where that of one rating is not known.
    pub fn tax(&self) -> Option<Money> {
        self.tax.filter(|_| !self.tax_unknown)
    }
}

//! Tax of a rating: on each line, or once on the rounded net; each rate rounded in the side's mode.

use super::rate::RatedLine;
use crate::domain::exact::{Exact, NumberError};
use crate::domain::money::Money;
use crate::domain::profile::{SideProfile, Stage};
use crate::domain::rounding::to_minor;
use crate::domain::row::AppliedTax;

/// The tax of a rating. Per line, the line counts as it stands: rounded when lines are rounded.
pub(super) fn tax_of(lines: &[RatedLine], net: Money, taxes: &[AppliedTax], profile: &SideProfile) -> Result<Money, NumberError> {
    let mut total = Money::zero(net.currency);
    for tax in taxes {
        let rate = tax.rate.div(Exact::whole(100))?;
        let bases = match (profile.tax_per, profile.round_per) {
            (Stage::Invoice, _) => vec![net.exact()?],
            (Stage::Line, Stage::Line) => lines.iter().map(|l| l.rounded.exact()).collect::<Result<_, _>>()?,
            (Stage::Line, Stage::Invoice) => lines.iter().map(|l| l.exact).collect(),
        };
        for base in bases {
            let part = to_minor(base.mul(rate)?, net.currency, profile.round_mode)?;
            total = total.plus(part).ok_or(NumberError::Overflow)?;
        }
    }
    Ok(total)
}

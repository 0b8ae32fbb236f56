//! Taxes on top: of lines, of one net, of an invoice.

use super::share;
use crate::domain::exact::{Exact, NumberError};
use crate::domain::rounding::{RoundMode, Rounding, to_increment};
use crate::rating::discount::less_percent;
use crate::rating::metered::linear;

/// Where tax is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Per {
    /// On each line.
    Line,
    /// Once for each rate.
    Rate,
    /// Once for the whole.
    Invoice,
}

/// A net and the rate on it, in per cent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaxedLine {
    /// Net.
    pub net: Exact,
    /// Per cent.
    pub rate: Exact,
}

/// What is added up of lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sum {
    /// Σ net.
    pub net: Exact,
    /// Tax by the stage that was asked for.
    pub tax: Exact,
    /// Both.
    pub total: Exact,
}

fn sum(net: Exact, tax: Exact) -> Result<Sum, NumberError> {
    Ok(Sum { net, tax, total: net.add(tax)? })
}

/// The tax of lines, rounded at each line, once for each rate, or once for all of them.
pub fn on_lines(lines: &[TaxedLine], per: Per, rounding: Rounding) -> Result<Sum, NumberError> {
    let net = Exact::sum(lines.iter().map(|line| line.net))?;
    let of_line = |line: &TaxedLine| share(line.net, line.rate);
    let add = |sum: Exact, line: &TaxedLine| sum.add(of_line(line)?);
    let tax = match per {
        Per::Line => lines.iter().try_fold(Exact::ZERO, |sum, line| sum.add(rounding.of(of_line(line)?)?))?,
        Per::Rate => {
            let mut rates: Vec<Exact> = lines.iter().map(|line| line.rate).collect();
            rates.sort();
            rates.dedup();
            rates.iter().try_fold(Exact::ZERO, |sum, rate| {
                let exact = lines.iter().filter(|line| line.rate == *rate).try_fold(Exact::ZERO, add)?;
                sum.add(rounding.of(exact)?)
            })?
        }
        Per::Invoice => rounding.of(lines.iter().try_fold(Exact::ZERO, add)?)?,
    };
    sum(net, tax)
}

/// Several taxes on one net, none on another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Components {
    /// Each rounded by itself.
    pub taxes: Vec<Exact>,
    /// Their sum.
    pub tax: Exact,
    /// Net and tax.
    pub total: Exact,
}

impl Components {
    /// Of a net and its taxes as they are.
    pub(super) fn of(net: Exact, taxes: Vec<Exact>) -> Result<Self, NumberError> {
        let tax = Exact::sum(taxes.iter().copied())?;
        Ok(Self { taxes, tax, total: net.add(tax)? })
    }
}

/// Taxes of several rates on one net: GST and QST, or the two parts of an HST. A rate below nought is withheld.
pub fn components(net: Exact, rates: &[Exact], rounding: Rounding) -> Result<Components, NumberError> {
    let taxes: Result<Vec<Exact>, NumberError> = rates.iter().map(|rate| rounding.of(share(net, *rate)?)).collect();
    Components::of(net, taxes?)
}

/// The tax of a fee less its part of a coupon, exact.
pub fn of_discounted(fee: Exact, coupon: Exact, rate: Exact) -> Result<Exact, NumberError> {
    share(fee.sub(coupon)?, rate)
}

/// The tax of fees `(fee, coupon, rate)` less their coupons: the sum of what is rounded, and the sum rounded once.
pub fn coupon_taxes(fees: &[(Exact, Exact, Exact)], rounding: Rounding) -> Result<[Exact; 2], NumberError> {
    let taxes: Vec<Exact> = fees.iter().map(|(fee, coupon, rate)| of_discounted(*fee, *coupon, *rate)).collect::<Result<_, NumberError>>()?;
    let each = taxes.iter().try_fold(Exact::ZERO, |sum, tax| sum.add(rounding.of(*tax)?))?;
    Ok([each, rounding.of(Exact::sum(taxes)?)?])
}

/// A line of an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvoiceLine {
    /// Units.
    pub quantity: Exact,
    /// Price of one.
    pub unit: Exact,
    /// Per cent off.
    pub discount: Exact,
}

/// An invoice of one rate: each line is rounded, they add up, and the tax of their sum is rounded once.
pub fn invoice(lines: &[InvoiceLine], rate: Exact, rounding: Rounding) -> Result<Sum, NumberError> {
    let net = lines.iter().try_fold(Exact::ZERO, |sum, line| {
        let amount = less_percent(linear(line.quantity, line.unit)?, line.discount)?;
        sum.add(rounding.of(amount)?)
    })?;
    sum(net, rounding.of(share(net, rate)?)?)
}

/// Total of net prices with their tax, rounded once to cents; and what of it is paid where the smallest coin is five cents (Canada).
/// The tax is not touched by the coins.
pub fn cash(items: &[Exact], rate: Exact) -> Result<[Exact; 2], NumberError> {
    let net = Exact::sum(items.iter().copied())?;
    let total = Rounding::half_up(2).of(net.add(share(net, rate)?)?)?;
    Ok([total, to_increment(total, Exact::ratio(5, 100)?, RoundMode::HalfUp)?])
}

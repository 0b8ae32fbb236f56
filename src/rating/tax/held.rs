//! Taxes a price holds: which part is rounded first decides where the odd cent goes.

use super::share;
use crate::domain::exact::{Exact, NumberError};
use crate::domain::rounding::{RoundMode, Rounding, to_increment};

/// Which part of a gross price is rounded; the other is what is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoundedPart {
    /// The tax (Odoo).
    Tax,
    /// The net (Zuora unless told otherwise).
    Net,
}

/// What a part is rounded to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing: both parts stay exact.
    Exact,
    /// So many decimals.
    Digits(u32),
    /// A multiple of the currency's smallest coin.
    Increment(Exact),
}

impl Step {
    fn of(self, value: Exact) -> Result<Exact, NumberError> {
        match self {
            Self::Exact => Ok(value),
            Self::Digits(digits) => Rounding::half_up(digits).of(value),
            Self::Increment(increment) => to_increment(value, increment, RoundMode::HalfUp),
        }
    }
}

/// A gross price taken apart; net + tax is the price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// Without tax.
    pub net: Exact,
    /// The tax.
    pub tax: Exact,
}

/// What one unit of a price that holds these taxes is net of them: `100 ÷ (100 + Σ rates)`.
pub fn net_share(rates: impl IntoIterator<Item = Exact>) -> Result<Exact, NumberError> {
    Exact::whole(100).div(Exact::sum(rates)?.add(Exact::whole(100))?)
}

/// One tax held by a gross price.
pub fn held(total: Exact, rate: Exact, step: Step, part: RoundedPart) -> Result<Held, NumberError> {
    let exact = total.mul(net_share([rate])?)?;
    match part {
        RoundedPart::Tax => {
            let tax = step.of(total.sub(exact)?)?;
            Ok(Held { net: total.sub(tax)?, tax })
        }
        RoundedPart::Net => {
            let net = step.of(exact)?;
            Ok(Held { net, tax: total.sub(net)? })
        }
    }
}

/// A price that holds one tax and bears another on top.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldAndAdded {
    /// What the price holds.
    pub held: Held,
    /// The tax on top, of the net.
    pub added: Exact,
    /// The price and the tax on top.
    pub total: Exact,
}

/// Takes the held tax out, then adds the other one to its net.
pub fn held_and_added(total: Exact, held_rate: Exact, added_rate: Exact, digits: u32) -> Result<HeldAndAdded, NumberError> {
    let held = held(total, held_rate, Step::Digits(digits), RoundedPart::Tax)?;
    let added = Rounding::half_up(digits).of(share(held.net, added_rate)?)?;
    Ok(HeldAndAdded { held, added, total: total.add(added)? })
}

/// Several taxes on one net, all held by the gross: the net and each tax, each rounded by itself, so that they need not add up.
pub fn held_together(total: Exact, rates: &[Exact], rounding: Rounding) -> Result<(Exact, Vec<Exact>), NumberError> {
    let net = total.mul(net_share(rates.iter().copied())?)?;
    let taxes: Result<Vec<Exact>, NumberError> = rates.iter().map(|rate| rounding.of(share(net, *rate)?)).collect();
    Ok((rounding.of(net)?, taxes?))
}

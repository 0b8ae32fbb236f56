//! Usage at one price: by unit, by package, beyond a quota, and what is rounded before it is multiplied.

use crate::domain::exact::{Exact, NumberError};
use crate::domain::rounding::{RoundMode, Rounding};

/// A quantity at a price.
pub type Line = (Exact, Exact);

/// Quantity × price.
pub fn linear(quantity: Exact, unit: Exact) -> Result<Exact, NumberError> {
    quantity.mul(unit)
}

/// Σ quantity × price.
pub fn linear_sum(lines: &[Line]) -> Result<Exact, NumberError> {
    lines.iter().try_fold(Exact::ZERO, |sum, (quantity, unit)| sum.add(linear(*quantity, *unit)?))
}

/// What is used beyond what is free; never below nought.
#[inline]
pub fn beyond(used: Exact, free: Exact) -> Result<Exact, NumberError> {
    let over = used.sub(free)?;
    Ok(if over.is_negative() { Exact::ZERO } else { over })
}

/// What becomes of a package that is not full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Started {
    /// It is charged by its part: the price is one of so many units.
    ByPart,
    /// It costs its whole price.
    Up,
    /// It is free.
    Down,
}

/// The packages a quantity comes to. What is free comes off first.
#[inline]
pub fn packages(over: Exact, size: Exact, started: Started) -> Result<Exact, NumberError> {
    let packages = over.div(size)?;
    Ok(match started {
        Started::ByPart => packages,
        Started::Up => packages.ceil(),
        Started::Down => packages.floor(),
    })
}

/// A flat fee with a quota, and a price for each unit beyond.
pub fn overage(flat: Exact, included: Exact, unit: Exact, used: Exact) -> Result<Exact, NumberError> {
    beyond(used, included)?.mul(unit)?.add(flat)
}

/// Started units of several runs, each rounded up by itself, then added: five runs of five minutes are five hours.
pub fn started_units(durations: &[Exact], per: Exact) -> Result<Exact, NumberError> {
    durations.iter().try_fold(Exact::ZERO, |sum, duration| sum.add(duration.div(per)?.ceil()))
}

/// The price of a small unit, rounded before it is used: 0.38 a minute is 0.0063 a second, and 220 of those cost less than they should.
pub fn small_unit_price(price: Exact, covers: Exact, digits: u32) -> Result<Exact, NumberError> {
    Rounding { digits, mode: RoundMode::HalfUp }.of(price.div(covers)?)
}

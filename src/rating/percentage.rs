//! A share of what is transacted, by total or by event.

use super::spend::clamp;
use super::tax::share;
use crate::domain::exact::{Exact, NumberError};

/// What a percentage of a turnover is made of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Percentage {
    /// Per cent.
    pub rate: Exact,
    /// Fee of each event that pays one.
    pub fixed: Exact,
    /// Turnover free of the charge.
    pub free_base: Exact,
    /// Events free of the charge, from the first.
    pub free_events: u64,
    /// Least an event that pays is charged.
    pub minimum: Option<Exact>,
    /// Most an event is charged.
    pub maximum: Option<Exact>,
}

impl Percentage {
    /// Of a turnover whose events are only counted: bounds of single events cannot act.
    pub fn of_total(&self, base: Exact, paid_events: Exact) -> Result<Exact, NumberError> {
        share(base.sub(self.free_base)?, self.rate)?.add(self.fixed.mul(paid_events)?)
    }

    /// Of single events in the order of their time. The first free events use up no free turnover; an event wholly within the
    /// free turnover pays nothing at all, neither the fee nor the minimum.
    pub fn of_events(&self, events: &[Exact]) -> Result<Exact, NumberError> {
        let mut free = self.free_base;
        let paying = usize::try_from(self.free_events).map_or(&[][..], |n| events.get(n..).unwrap_or_default());
        paying.iter().try_fold(Exact::ZERO, |sum, event| {
            if free > Exact::ZERO && *event <= free {
                free = free.sub(*event)?;
                return Ok(sum);
            }
            let left = event.sub(free)?;
            free = Exact::ZERO;
            sum.add(clamp(share(left, self.rate)?.add(self.fixed)?, self.minimum, self.maximum))
        })
    }
}

//! Part of a period: by days under each convention, by seconds, with the daily price or the ratio rounded first; and what
//! changes within a period. The product is taken before the quotient, and nothing is rounded that is not named.

use super::tax;
use crate::domain::calendar::{days_of_month, is_last_of_month};
use crate::domain::exact::{Exact, NumberError};
use crate::domain::period::{Month, Period};
use crate::domain::rounding::{RoundMode, Rounding};
use chrono::{Datelike as _, NaiveDate};

/// `num / den` of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Days (or seconds) billed.
    pub num: i64,
    /// Days (or seconds) of the period.
    pub den: i64,
}

impl Share {
    /// The days of a part of a period.
    pub fn of_days(period: Period, part: Period) -> Self {
        Self { num: part.days(), den: period.days() }
    }

    /// The seconds between two instants of a period, each counted from one beginning.
    pub fn of_seconds(period: [i64; 2], part: [i64; 2]) -> Result<Self, NumberError> {
        let span = |[from, to]: [i64; 2]| to.checked_sub(from).ok_or(NumberError::Overflow);
        Ok(Self { num: span(part)?, den: span(period)? })
    }

    /// That share of an amount, exact.
    pub fn of(self, amount: Exact) -> Result<Exact, NumberError> {
        prorate(amount, self.num, self.den)
    }

    /// The share as a number.
    pub fn ratio(self) -> Result<Exact, NumberError> {
        prorate(Exact::ONE, self.num, self.den)
    }
}

/// `amount × num ÷ den`, exact.
#[inline]
pub fn prorate(amount: Exact, num: i64, den: i64) -> Result<Exact, NumberError> {
    amount.mul(Exact::ratio(i128::from(num), i128::from(den))?)
}

/// How the days of a service period are counted (Zuora's three).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayCount {
    /// Its days, of those of the month it begins in.
    Actual,
    /// Its days, of 30.
    Fixed30,
    /// Days of a year of twelve months of 30 days: the last day of a month is its 30th.
    Strict30,
}

impl DayCount {
    /// The share of a month that a service from one day to another makes, both included.
    pub fn share(self, first: NaiveDate, last: NaiveDate) -> Share {
        let days = (last - first).num_days() + 1;
        match self {
            Self::Actual => Share { num: days, den: days_of_month(first) },
            Self::Fixed30 => Share { num: days, den: 30 },
            Self::Strict30 => {
                let end = if is_last_of_month(last) { 30 } else { i64::from(last.day()) };
                let months = i64::from(Month::of(first).months_to(last));
                Share { num: end - i64::from(first.day()) + 1 + 30 * months, den: 30 }
            }
        }
    }
}

/// The price of a day is rounded, then multiplied; the product is not rounded.
pub fn daily_price_first(amount: Exact, days: i64, of_days: i64, rounding: Rounding) -> Result<Exact, NumberError> {
    rounding.of(amount.div(Exact::whole(i128::from(of_days)))?)?.mul(Exact::whole(i128::from(days)))
}

/// The ratio is rounded, then multiplied (Kill Bill: nine decimals).
pub fn ratio_first(amount: Exact, share: Share, rounding: Rounding) -> Result<Exact, NumberError> {
    amount.mul(rounding.of(share.ratio()?)?)
}

/// Change of plan, price or seats within a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Swap {
    /// The unused part of the old plan, given back: not above nought for a price that is not below it.
    pub credit: Exact,
    /// The rest of the period on the new plan.
    pub charge: Exact,
    /// Both, and what else is on the same invoice.
    pub net: Exact,
}

/// Changes from one plan to another with so much of the period left. Each line is rounded by itself, where a rounding is named: the
/// net is the sum of what is rounded. `next` is the next period's charge where it is billed in advance on the same invoice.
pub fn swap(old: Exact, new: Exact, left: Share, rounding: Option<Rounding>, next: Exact) -> Result<Swap, NumberError> {
    let credit = Rounding::maybe(rounding, left.of(old)?)?.neg()?;
    let charge = Rounding::maybe(rounding, left.of(new)?)?;
    Ok(Swap { credit, charge, net: credit.add(charge)?.add(next)? })
}

/// What a period costs whose price (or seats) changes on some of its days: each amount counts from its day until the next one.
/// Days before the first change cost nothing, changes outside the period count as far as they reach into it.
pub fn stepwise(period: Period, steps: &[(NaiveDate, Exact)]) -> Result<Exact, NumberError> {
    let ends = steps.iter().skip(1).map(|(from, _)| *from).chain([period.end]);
    steps.iter().zip(ends).try_fold(Exact::ZERO, |sum, ((from, amount), until)| {
        let days = period.overlap_days(Period { start: *from, end: until });
        sum.add(prorate(*amount, days, period.days())?)
    })
}

/// Days of a period that are billed: those of the subscription's life, out of trial, and not paused. Pauses may overlap.
pub fn billed_days(period: Period, active: Period, trial_end: Option<NaiveDate>, pauses: &[Period]) -> i64 {
    let billed = billed_part(period, active, trial_end);
    // From the first pause to the last: days that two of them hold are taken off once.
    let mut pauses: Vec<Period> = pauses.iter().copied().filter(|pause| pause.start < pause.end).collect();
    pauses.sort_unstable();
    let mut from = billed.start;
    let paused = pauses.into_iter().map(|pause| {
        let pause = Period { start: pause.start.max(from), end: pause.end };
        from = from.max(pause.end);
        billed.overlap_days(pause)
    });
    billed.days().max(0) - paused.sum::<i64>()
}

/// The part of a period that is billed: of the subscription's life, and out of trial. It ends before it starts where there is none.
pub fn billed_part(period: Period, active: Period, trial_end: Option<NaiveDate>) -> Period {
    let start = trial_end.map_or(active.start, |end| end.max(active.start)).max(period.start);
    Period { start, end: active.end.min(period.end) }
}

/// A prorated amount with its tax.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taxed {
    /// Rounded.
    pub net: Exact,
    /// Of the rounded net, rounded.
    pub tax: Exact,
    /// Both.
    pub total: Exact,
}

/// A credit of part of a period with its tax: the net is rounded, and the tax is taken of what was rounded.
pub fn prorated_with_tax(amount: Exact, share: Share, rate: Exact, rounding: Rounding) -> Result<Taxed, NumberError> {
    let net = rounding.of(share.of(amount)?)?;
    let tax = rounding.of(tax::share(net, rate)?)?;
    Ok(Taxed { net, tax, total: net.add(tax)? })
}

/// Days a credit pays for.
pub fn days_of_credit(credit: Exact, price_per_day: Exact, mode: RoundMode) -> Result<Exact, NumberError> {
    Rounding { digits: 0, mode }.of(credit.div(price_per_day)?)
}

//! Billing cycles as Kill Bill counts them: whole cycles in advance, and a fragment before the first billing day and after the last.
//! A fragment before is measured against the cycle that ends there, one after against the cycle that begins there; each ratio is
//! rounded to nine decimals by itself.

use super::proration::{Share, ratio_first};
use crate::domain::calendar::{Cycle, billing_day_after, first_billing_day, months_after};
use crate::domain::exact::{Exact, NumberError};
use crate::domain::rounding::Rounding;
use chrono::{Datelike as _, NaiveDate};

/// Decimals of a ratio.
pub const RATIO: Rounding = Rounding::half_up(9);

/// Why cycles cannot be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CycleError {
    /// The numbers do not fit.
    #[error(transparent)]
    Number(#[from] NumberError),
    /// A day is no day of the calendar.
    #[error("a date beyond the calendar")]
    Date,
    /// More cycles than anybody is billed for at once.
    #[error("more than {MOST} cycles")]
    TooMany,
}

/// Cycles counted at most: a thousand years of months.
pub const MOST: i32 = 12_000;

fn ratio(num: i64, den: i64) -> Result<Exact, NumberError> {
    ratio_first(Exact::ONE, Share { num, den }, RATIO)
}

/// Days and ratio of a fragment where every month has so many days. The end is exclusive, less than two months after the start.
pub fn fixed_ratio(start: NaiveDate, end: NaiveDate, month_days: i64) -> Result<(i64, Exact), NumberError> {
    let (first, last) = (i64::from(start.day()), i64::from(end.day()));
    let same = start.month() == end.month() && start.year() == end.year();
    let days = if same { last - first } else { month_days.checked_sub(first).and_then(|d| d.checked_add(last)).ok_or(NumberError::Overflow)? };
    Ok((days, ratio(days, month_days)?))
}

/// The ratio of what lies before a billing day, of the month that ends there.
pub fn ratio_before(start: NaiveDate, billing_day: NaiveDate) -> Result<Exact, CycleError> {
    let month_start = months_after(billing_day, -1).ok_or(CycleError::Date)?;
    Ok(ratio(days(start, billing_day), days(month_start, billing_day))?)
}

/// The ratio of what lies after a billing day, of the month that begins there.
pub fn ratio_after(billing_day: NaiveDate, end: NaiveDate) -> Result<Exact, CycleError> {
    let month_end = months_after(billing_day, 1).ok_or(CycleError::Date)?;
    Ok(ratio(days(billing_day, end), days(billing_day, month_end))?)
}

fn days(start: NaiveDate, end: NaiveDate) -> i64 {
    (end - start).num_days()
}

/// What is billed in cycles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Billed {
    /// Length of a cycle.
    pub cycle: Cycle,
    /// First day.
    pub start: NaiveDate,
    /// First day after the last; `None` is open.
    pub end: Option<NaiveDate>,
    /// Billing day of the month, 1 to 31.
    pub billing_day: u8,
}

impl Billed {
    /// Cycles invoiced in advance up to a day and including it.
    pub fn cycles_until(&self, target: NaiveDate) -> Result<Exact, CycleError> {
        let first = first_billing_day(self.start, self.billing_day, self.cycle).ok_or(CycleError::Date)?;
        let boundary = |k: i32| billing_day_after(first, self.billing_day, self.cycle, k).ok_or(CycleError::Date);
        let end = self.end.unwrap_or(NaiveDate::MAX);
        let mut sum = Exact::ZERO;
        if self.start < first && self.start <= target {
            sum = sum.add(ratio(days(self.start, first.min(end)), days(boundary(-1)?, first))?)?;
        }
        for k in 0.. {
            let from = boundary(k)?;
            if from > target || from >= end {
                return Ok(sum);
            }
            if k >= MOST {
                return Err(CycleError::TooMany);
            }
            let until = boundary(k + 1)?;
            let part = if end < until { ratio(days(from, end), days(from, until))? } else { Exact::ONE };
            sum = sum.add(part)?;
        }
        Ok(sum)
    }
}

//! When to flip: for each candidate date what is near a renewal, what would be billed twice or by nobody, and whose money comes earlier
//! or later. Recommends one.

use crate::domain::currency::Currency;
use crate::domain::money::Money;
use crate::domain::period::{Grid, Month, Period};
use chrono::{Days, NaiveDate};
use std::collections::BTreeMap;

/// How a subscription is billed, as far as a date hangs on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rhythm {
    /// The external subscription id.
    pub subscription: String,
    /// Its row of periods.
    pub grid: Grid,
    /// Whole months between two bills.
    pub months: u32,
    /// Whether the source bills before the period.
    pub source_in_advance: bool,
    /// Whether the target will.
    pub target_in_advance: bool,
    /// The first day the source has not billed, today.
    pub billed_through: NaiveDate,
    /// The first day the target is set to bill, where it says one; else it takes the one it is told.
    pub target_first: Option<NaiveDate>,
    /// A bill.
    pub bill: Money,
}

/// A date and what a flip on it comes to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Candidate {
    /// The date.
    pub on: NaiveDate,
    /// Subscriptions that renew within the buffer.
    pub near: Vec<String>,
    /// Days billed by both sides, over all subscriptions.
    pub twice: i64,
    /// Days billed by nobody.
    pub nobody: i64,
    /// Bills that come earlier than the source would make them, by currency, minor units.
    pub earlier: BTreeMap<Currency, i64>,
    /// Bills that come later.
    pub later: BTreeMap<Currency, i64>,
    /// Subscriptions whose periods cannot be told on that date.
    pub unknown: u64,
}

/// Every candidate, and the one to take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Simulation {
    /// In order of their dates.
    pub candidates: Vec<Candidate>,
    /// The recommended one; `None` where there is none without a day billed twice or by nobody.
    pub recommended: Option<NaiveDate>,
    /// Why that one, or why none.
    pub why: String,
}

/// Looks at every date from `first` on.
pub fn simulate(rhythms: &[Rhythm], first: NaiveDate, days: u32, buffer_hours: u32) -> Simulation {
    let dates = (0..u64::from(days)).filter_map(|n| first.checked_add_days(Days::new(n)));
    let candidates: Vec<Candidate> = dates.map(|on| candidate(rhythms, on, buffer_hours)).collect();
    let moved = |c: &Candidate| c.earlier.values().chain(c.later.values()).fold(0i64, |sum, m| sum.saturating_add(m.saturating_abs()));
    let is_sound = |c: &&Candidate| c.twice == 0 && c.nobody == 0 && c.unknown == 0;
    let best = candidates.iter().filter(is_sound).min_by_key(|c| (c.near.len(), moved(c), c.on));
    let (recommended, why) = match best {
        _ if rhythms.is_empty() => (None, "there is nothing to flip".to_owned()),
        None => (None, "on every date some day would be billed twice, by nobody, or by whom cannot be told".to_owned()),
        Some(best) => {
            let near = match best.near.len() {
                0 => format!("none of {} renews within {buffer_hours} hours of it", rhythms.len()),
                n => format!("{n} of {} renew within {buffer_hours} hours of it, fewer than on any other date", rhythms.len()),
            };
            let cash = if moved(best) == 0 { "no bill comes earlier or later" } else { "the least money comes earlier or later" };
            (Some(best.on), format!("{near}; no day is billed twice or by nobody; {cash}"))
        }
    };
    Simulation { candidates, recommended, why }
}

fn candidate(rhythms: &[Rhythm], on: NaiveDate, buffer_hours: u32) -> Candidate {
    let mut out = Candidate { on, ..Candidate::default() };
    for rhythm in rhythms {
        let Some(at) = around(rhythm, on) else {
            out.unknown += 1;
            continue;
        };
        // A renewal is a midnight; a flip is some time of its day, so that the nearest of the day's hours counts.
        let until = (at.end - on).num_days().saturating_sub(1).max(0) * 24;
        let since = (on - at.start).num_days() * 24;
        if until.min(since) < i64::from(buffer_hours) {
            out.near.push(rhythm.subscription.clone());
        }
        // By that date the source has billed what its rhythm has it bill, and never less than it has billed today.
        let through = if rhythm.source_in_advance { at.end } else { at.start }.max(rhythm.billed_through);
        let from = rhythm.target_first.unwrap_or(through);
        let days = (from - through).num_days();
        out.nobody += days.max(0);
        out.twice += (-days).max(0);
        let shift = match (rhythm.source_in_advance, rhythm.target_in_advance) {
            (false, true) => &mut out.earlier,
            (true, false) => &mut out.later,
            _ => continue,
        };
        let sum = shift.entry(rhythm.bill.currency).or_default();
        *sum = sum.saturating_add(rhythm.bill.minor);
    }
    out
}

/// The billing interval a date lies in, counted in whole intervals from what the source has billed up to.
fn around(rhythm: &Rhythm, on: NaiveDate) -> Option<Period> {
    let months = i32::try_from(rhythm.months).ok().filter(|m| *m > 0)?;
    let origin = Month::of(rhythm.billed_through);
    if rhythm.grid.period_in(origin).start != rhythm.billed_through {
        return None;
    }
    let within = Month::of(rhythm.grid.period_of(on).start).months_since(origin);
    let begins = origin.plus(within - within.rem_euclid(months));
    Some(Period { start: rhythm.grid.period_in(begins).start, end: rhythm.grid.period_in(begins.plus(months)).start })
}

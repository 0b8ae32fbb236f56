//! Section 2 of the format: proration.

use super::Operation;
use super::answer::Answer;
use super::charges::rounded;
use super::fields::{Fault, Fields};
use crate::domain::calendar::Cycle;
use crate::domain::period::Period;
use crate::domain::rounding::{RoundMode, Rounding};
use crate::rating::cycles::{Billed, fixed_ratio, ratio_after, ratio_before};
use crate::rating::proration::{DayCount, Share, daily_price_first, days_of_credit, prorate, prorated_with_tax, swap};

const STRATEGIES: [(&str, DayCount); 3] = [("actual", DayCount::Actual), ("actual/360", DayCount::Fixed30), ("strict30/360", DayCount::Strict30)];

/// The billing periods of calendar months.
pub(super) const MONTHS: [(&str, Cycle); 3] = [("MONTHLY", Cycle::Months(1)), ("QUARTERLY", Cycle::Months(3)), ("ANNUAL", Cycle::Months(12))];

pub(super) const OPERATIONS: &[(&str, Operation)] = &[
    ("prorate", |f| {
        let amount = prorate(f.dec("amount")?, f.int("num")?, f.int("den")?)?;
        rounded(f, amount)
    }),
    ("prorate_dates", |f| {
        let period = Period { start: f.date("period_start")?, end: f.date("period_end")? };
        let share = Share::of_days(period, Period { start: f.date("from")?, end: f.date("to")? });
        let amount = share.of(f.dec("amount")?)?;
        Ok(rounded(f, amount)?.and("num", share.num).and("den", share.den))
    }),
    ("prorate_seconds", |f| {
        let period = [f.int("period_start")?, f.int("period_end")?];
        let amount = Share::of_seconds(period, [f.int("from")?, f.int("to")?])?.of(f.dec("amount")?)?;
        rounded(f, amount)
    }),
    ("prorate_strategy", |f| {
        let share = f.choice("strategy", &STRATEGIES)?.share(f.date("start")?, f.date("end")?);
        Ok(Answer::one("num", share.num).and("den", share.den))
    }),
    ("daily_rate_first", |f| {
        let rounding = Rounding::half_up(f.int("rate_dp")?);
        Ok(Answer::one("amount", daily_price_first(f.dec("amount")?, f.int("num")?, f.int("den")?, rounding)?))
    }),
    ("swap", |f| {
        let (old, new) = (f.dec("old")?, f.dec("new")?);
        let swap = swap(old, new, share(f)?, f.optional_rounding()?, f.dec_or_nought("next_period")?)?;
        Ok(Answer::one("credit", swap.credit).and("charge", swap.charge).and("net", swap.net))
    }),
    ("credit_with_tax", |f| {
        let taxed = prorated_with_tax(f.dec("amount")?, share(f)?, f.dec("rate")?, Rounding::half_up(0))?;
        Ok(Answer::one("net", taxed.net).and("tax", taxed.tax).and("total", taxed.total))
    }),
    ("convert_days", |f| {
        let mode = f.choice("mode", &RoundMode::WORDS)?;
        Ok(Answer::one("days", days_of_credit(f.dec("credit")?, f.dec("price_per_day")?, mode)?))
    }),
    ("kb_ratio_fixed", |f| {
        let (days, ratio) = fixed_ratio(f.date("start")?, f.date("end")?, f.int("fixed")?)?;
        Ok(Answer::one("days", days).and("ratio", ratio))
    }),
    ("kb_ratio_actual_before", |f| Ok(Answer::one("ratio", ratio_before(f.date("start")?, f.date("end")?)?))),
    ("kb_ratio_actual_after", |f| Ok(Answer::one("ratio", ratio_after(f.date("start")?, f.date("end")?)?))),
    ("kb_cycles", |f| {
        let cycle = f.choice("period", &MONTHS)?;
        let billed = Billed { cycle, start: f.date("start")?, end: f.optional_date("end")?, billing_day: billing_day(f)? };
        Ok(Answer::one("cycles", billed.cycles_until(f.date("target")?)?))
    }),
];

fn share(f: &mut Fields<'_>) -> Result<Share, Fault> {
    Ok(Share { num: f.int("num")?, den: f.int("den")? })
}

/// A billing day of the month.
pub(super) fn billing_day(f: &mut Fields<'_>) -> Result<u8, Fault> {
    let day = f.int("bcd")?;
    if (1..=31).contains(&day) { Ok(day) } else { Err(Fault::wrong("bcd", day)) }
}

//! Section 3 of the format: periods and dates.

use super::Operation;
use super::answer::Answer;
use super::fields::{Fault, Fields};
use super::proration::{MONTHS, billing_day};
use crate::domain::calendar::{Cycle, anniversaries, billed_on, days_after, days_between, first_billing_day};
use crate::domain::period::{Grid, Zone};
use chrono::{Datelike as _, NaiveDate};

pub(super) const OPERATIONS: &[(&str, Operation)] = &[
    ("kb_first_bcd", |f| {
        let [monthly, quarterly, annual] = MONTHS;
        let cycle = f.choice("period", &[monthly, quarterly, annual, ("THIRTY_DAYS", Cycle::Days(30))])?;
        Ok(Answer::one("date", known(first_billing_day(f.date("from")?, billing_day(f)?, cycle))?))
    }),
    ("anchor_series", |f| {
        let dates = anniversaries(f.date("anchor")?, f.int("n")?);
        Ok(Answer::one("dates", dates.ok_or_else(Fault::beyond_the_calendar)?))
    }),
    ("add_days", |f| Ok(Answer::one("date", known(days_after(f.date("date")?, f.int("days")?))?))),
    ("whole_periods", |f| {
        let cycle = f.choice("period", &[("MONTHLY", Cycle::Months(1)), ("WEEKLY", Cycle::Days(7)), ("THIRTY_DAYS", Cycle::Days(30))])?;
        let n = cycle.whole(f.date("start")?, f.date("end")?).ok_or_else(Fault::beyond_the_calendar)?;
        Ok(Answer::one("n", i64::from(n)))
    }),
    ("calendar_days_tz", |f| {
        let name = f.text("tz")?;
        let zone = Zone::named(name).ok_or_else(|| Fault::wrong("tz", name))?;
        Ok(Answer::one("days", days_between(zone, f.time("start")?, f.time("end")?)))
    }),
    ("lago_period", lago_period),
];

fn known(date: Option<NaiveDate>) -> Result<NaiveDate, Fault> {
    date.ok_or_else(Fault::beyond_the_calendar)
}

/// The last day is the last that counts.
fn lago_period(f: &mut Fields<'_>) -> Result<Answer, Fault> {
    let anchored = f.choice("billing_time", &[("calendar", false), ("anniversary", true)])?;
    let anchor = u8::try_from(f.date("subscription_at")?.day()).ok().and_then(Grid::anchored);
    let grid = anchor.filter(|_| anchored).unwrap_or(Grid::CALENDAR);
    let period = billed_on(grid, f.date("billing_at")?, f.flag("in_advance")?);
    Ok(Answer::one("from", period.start).and("to", period.last()))
}

//! The first invoice the target is expected to make: a whole period from the day the source has not billed any more, rated by the
//! target's own terms, with the usage of the month that was compared (of the coming one nobody knows any yet).

use crate::domain::flip::Expected;
use crate::domain::period::{Grid, Month, Period};
use crate::domain::profile::SideProfile;
use crate::domain::row::{RatingInputs, Terms};
use crate::rating::rate;
use chrono::{Datelike as _, NaiveDate};

/// What the first invoice hangs on beside the terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct First {
    /// The first day the source has not billed.
    pub from: NaiveDate,
    /// Its row of periods.
    pub grid: Grid,
    /// Whether it is billed before the period, where the source says so.
    pub in_advance: Option<bool>,
    /// The day of the first invoice, where the target says one.
    pub bill_day: Option<NaiveDate>,
}

/// The row of periods a monthly period is of: the anchor shows in its longer end.
pub fn grid_of(period: Period) -> Grid {
    let day = period.start.day().max(period.end.day());
    u8::try_from(day).ok().and_then(Grid::anchored).unwrap_or(Grid::CALENDAR)
}

/// What the first invoice comes to, or why that cannot be said.
pub fn expected_first(first: &First, inputs: &RatingInputs, terms: &Terms, profile: &SideProfile) -> Result<Expected, String> {
    let First { from, grid, in_advance, bill_day } = *first;
    let months = i32::try_from(terms.plan.interval.months).ok().filter(|m| *m > 0);
    let months = months.ok_or_else(|| "its plan is billed by an interval that is not rated".to_owned())?;
    let month = Month::of(from);
    if grid.period_in(month).start != from {
        return Err(format!("the source has billed up to {from}, which is no boundary of its periods (day {})", grid.anchor()));
    }
    let period = Period { start: from, end: grid.period_in(month.plus(months)).start };
    let bill_on = bill_day.or_else(|| in_advance.map(|ahead| if ahead { period.start } else { period.end }));
    let bill_on = bill_on.ok_or_else(|| "neither side says whether it is billed before or after its period".to_owned())?;
    // What changed within the month that was compared is over.
    let whole = RatingInputs { days: period.days(), of_days: period.days(), stretches: Vec::new(), ..inputs.clone() };
    let rating = rate(&whole, terms, profile).map_err(|e| format!("its first invoice cannot be rated: {e}"))?;
    Ok(Expected { period, bill_on, net: rating.net, tax: rating.tax })
}

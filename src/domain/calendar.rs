//! Dates that billing reckons with: months from an anchor, billing days, whole periods, the days a bill covers.
//!
//! Everything is reckoned from the anchor, never from a day that was already cut to a short month: 31 January, 28 February, 31 March.
//! A day beyond the calendar is `None`.

use super::period::{Grid, Month, Period, Zone};
use chrono::{DateTime, Datelike as _, Days, Months, NaiveDate, Utc};

/// How long a billing period is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cycle {
    /// Calendar months.
    Months(u32),
    /// Days, whatever the month.
    Days(u32),
}

impl Cycle {
    /// So many periods after a day; before it, below nought.
    pub fn after(self, start: NaiveDate, n: i32) -> Option<NaiveDate> {
        match self {
            Self::Months(months) => months_after(start, n.checked_mul(i32::try_from(months).ok()?)?),
            Self::Days(days) => days_after(start, i64::from(n) * i64::from(days)),
        }
    }

    /// The greatest number of whole periods that fit between two days; reaching the last day exactly counts.
    pub fn whole(self, start: NaiveDate, end: NaiveDate) -> Option<i32> {
        let n = match self {
            Self::Months(months) => Month::of(start).months_to(end).checked_div_euclid(i32::try_from(months).ok()?)?,
            Self::Days(days) => i32::try_from((end - start).num_days().checked_div_euclid(i64::from(days))?).ok()?,
        };
        Some(if self.after(start, n)? > end { n - 1 } else { n })
    }
}

/// That many months after a day (before it, below nought), cut to the last day of a shorter month.
pub fn months_after(anchor: NaiveDate, n: i32) -> Option<NaiveDate> {
    let months = Months::new(n.unsigned_abs());
    if n < 0 { anchor.checked_sub_months(months) } else { anchor.checked_add_months(months) }
}

/// That many calendar days after a day.
pub fn days_after(day: NaiveDate, n: i64) -> Option<NaiveDate> {
    let days = Days::new(n.unsigned_abs());
    if n < 0 { day.checked_sub_days(days) } else { day.checked_add_days(days) }
}

/// The first `n` monthly anniversaries of a day.
pub fn anniversaries(anchor: NaiveDate, n: u32) -> Option<Vec<NaiveDate>> {
    (1..=i32::try_from(n).ok()?).map(|k| months_after(anchor, k)).collect()
}

/// A billing day of the month, cut to the length of the month a day lies in.
pub fn billing_day_in(day: NaiveDate, billing_day: u8) -> Option<NaiveDate> {
    Some(Grid::anchored(billing_day)?.period_in(Month::of(day)).start)
}

/// The first billing day on or after a day, looked for in that day's month and every cycle after it (Kill Bill).
/// A cycle of days has no billing day of the month: it begins at once.
pub fn first_billing_day(from: NaiveDate, billing_day: u8, cycle: Cycle) -> Option<NaiveDate> {
    let Cycle::Months(_) = cycle else { return Some(from) };
    let here = billing_day_in(from, billing_day)?;
    if here >= from { Some(here) } else { billing_day_after(here, billing_day, cycle, 1) }
}

/// The billing day so many cycles after another one.
pub fn billing_day_after(first: NaiveDate, billing_day: u8, cycle: Cycle, n: i32) -> Option<NaiveDate> {
    match cycle {
        Cycle::Months(_) => billing_day_in(cycle.after(first.with_day(1)?, n)?, billing_day),
        Cycle::Days(_) => cycle.after(first, n),
    }
}

/// The monthly period a bill made on a day covers: in advance the one it lies in, in arrears the one before (Lago).
pub fn billed_on(grid: Grid, day: NaiveDate, in_advance: bool) -> Period {
    let current = grid.period_of(day);
    if in_advance { current } else { grid.period_in(Month::of(current.start).plus(-1)) }
}

/// Calendar days between two instants as the zone's own dates have it: a day of 23 or 25 hours is a day.
pub fn days_between(zone: Zone, start: DateTime<Utc>, end: DateTime<Utc>) -> i64 {
    (zone.day_of(end) - zone.day_of(start)).num_days()
}

/// The last day of the month a day lies in.
pub fn is_last_of_month(day: NaiveDate) -> bool {
    day.succ_opt().is_none_or(|next| next.month() != day.month())
}

/// Days of the month a day lies in.
pub fn days_of_month(day: NaiveDate) -> i64 {
    Grid::CALENDAR.period_in(Month::of(day)).days()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn whole_periods_count_what_is_reached() {
        let months = |start, end| Cycle::Months(1).whole(day(start), day(end)).unwrap();
        assert_eq!(months("2012-01-31", "2012-02-29"), 1);
        assert_eq!(months("2012-01-31", "2012-03-30"), 1);
        assert_eq!(months("2012-03-01", "2012-01-31"), -2);
        assert_eq!(Cycle::Days(7).whole(day("2012-07-16"), day("2012-07-29")), Some(1));
        assert_eq!(Cycle::Days(7).whole(day("2012-07-29"), day("2012-07-16")), Some(-2));
    }

    #[test]
    fn a_billing_day_is_cut_each_month_anew() {
        let cycle = Cycle::Months(1);
        let first = first_billing_day(day("2012-02-01"), 31, cycle).unwrap();
        let all: Vec<String> = (0..3).map(|k| billing_day_after(first, 31, cycle, k).unwrap().to_string()).collect();
        assert_eq!(all, ["2012-02-29", "2012-03-31", "2012-04-30"]);
    }
}

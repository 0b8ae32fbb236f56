//! The local day of an instant, found once a day and zone: asking the time zone's tables for every row costs more than
//! all the rest of reading it.

use crate::domain::period::Zone;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use std::cell::{Cell, RefCell};

const DAY: i64 = 86_400;
const HOURS: i64 = 24;
/// Days remembered at once: a year and more.
const PLACES: i64 = 512;
/// Dates remembered at once: a column's, and those of the others.
const DATES: usize = 32;

/// What was found of the days of one zone so far. By the day in UTC, since all its instants have one offset on all days but those of a
/// clock change.
#[derive(Debug, Clone, Default)]
pub(super) struct LocalDays {
    zone: Cell<Option<Zone>>,
    found: RefCell<Vec<Found>>,
    /// Dates by the number they came as.
    dates: [Cell<Option<(i32, NaiveDate)>>; DATES],
}

#[derive(Debug, Clone, Copy)]
struct Found {
    /// Day in UTC, since 1970.
    day: i64,
    /// Seconds to add for the local time of all its instants; `None` where the clock changes on it.
    offset: Option<i64>,
}

impl LocalDays {
    /// The local day an instant falls on: what [`Zone::day_of`] says.
    pub(super) fn day_of(&self, at: DateTime<Utc>, zone: Zone) -> NaiveDate {
        let utc = at.timestamp().div_euclid(DAY);
        match self.offset_on(utc, zone) {
            Some(offset) => (at.naive_utc() + TimeDelta::seconds(offset)).date(),
            None => zone.day_of(at),
        }
    }

    /// The day of a date by its number, as `find` finds it.
    #[inline]
    pub(super) fn date<E>(&self, number: i32, find: impl FnOnce() -> Result<NaiveDate, E>) -> Result<NaiveDate, E> {
        let place = &self.dates[number.unsigned_abs() as usize % DATES];
        match place.get() {
            Some((known, day)) if known == number => Ok(day),
            _ => {
                let day = find()?;
                place.set(Some((number, day)));
                Ok(day)
            }
        }
    }

    fn offset_on(&self, day: i64, zone: Zone) -> Option<i64> {
        let mut found = self.found.borrow_mut();
        if self.zone.replace(Some(zone)) != Some(zone) {
            found.clear();
            found.resize(usize::try_from(PLACES).unwrap_or_default(), Found { day: i64::MIN, offset: None });
        }
        let place = found.get_mut(usize::try_from(day.rem_euclid(PLACES)).ok()?)?;
        if place.day != day {
            *place = Found { day, offset: one_offset(day, zone) };
        }
        place.offset
    }
}

/// The offset all instants of a UTC day have. Looked at hour by hour: no zone changes its clock there and back within one.
fn one_offset(day: i64, zone: Zone) -> Option<i64> {
    let at = |hour: i64| DateTime::from_timestamp(day * DAY + hour * DAY / HOURS, 0).map(|at| zone.offset_at(at));
    let first = at(0)?;
    (1..=HOURS).all(|hour| at(hour) == Some(first)).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every half hour of a year and a half, forwards and backwards, where clocks change at midnight, by half an hour, never, and
    /// across the date line.
    #[test]
    fn a_remembered_day_is_the_zones_own() {
        let memo = LocalDays::default();
        for name in ["America/Toronto", "Asia/Beirut", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia", "UTC", "Asia/Kathmandu"] {
            let zone = Zone::named(name).unwrap();
            for start in [1_300_000_000i64, 1_760_000_000] {
                for step in (0..26_000).chain((0..26_000).rev()) {
                    let at = DateTime::from_timestamp(start + step * 1_799, 999_999_999).unwrap();
                    assert_eq!(memo.day_of(at, zone), zone.day_of(at), "{name} {at}");
                }
            }
        }
    }
}

//! Billing periods: half-open spans of local days in the service's time zone.

use super::calendar::months_after;
use chrono::{DateTime, Datelike, Days, NaiveDate, Offset as _, TimeZone, Utc};
use serde::{Deserialize, Serialize};

/// The service's time zone, by its IANA name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Zone(chrono_tz::Tz);

impl Zone {
    /// Universal time.
    pub const UTC: Self = Self(chrono_tz::Tz::UTC);

    /// The zone of that IANA name.
    pub fn named(name: &str) -> Option<Self> {
        name.parse().ok().map(Self)
    }

    /// Its IANA name.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// The local day an instant falls on.
    pub fn day_of(self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.0).date_naive()
    }

    /// Seconds the local clock is ahead of UTC at an instant.
    pub fn offset_at(self, at: DateTime<Utc>) -> i64 {
        i64::from(at.with_timezone(&self.0).offset().fix().local_minus_utc())
    }

    /// The instant a local day begins: midnight, or the first moment after a clock change that skips it.
    pub fn start_of(self, day: NaiveDate) -> DateTime<Utc> {
        let midnight = day.and_time(chrono::NaiveTime::MIN);
        let mut local = midnight;
        for _ in 0..8 {
            if let Some(at) = self.0.from_local_datetime(&local).earliest() {
                return at.with_timezone(&Utc);
            }
            local += chrono::TimeDelta::minutes(30);
        }
        Utc.from_utc_datetime(&midnight)
    }

    /// The instant of a local wall-clock time; `None` where the clock skips it.
    pub fn instant_of(self, local: chrono::NaiveDateTime) -> Option<DateTime<Utc>> {
        self.0.from_local_datetime(&local).earliest().map(|at| at.with_timezone(&Utc))
    }
}

impl Serialize for Zone {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let name = String::deserialize(d)?;
        Self::named(&name).ok_or_else(|| serde::de::Error::custom(format!("unknown time zone {name:?}")))
    }
}

/// A calendar month: what a run is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Month {
    first: NaiveDate,
}

impl Month {
    /// Month 1 to 12 of a year between 1970 and 9998.
    pub fn new(year: i32, month: u32) -> Option<Self> {
        (1970..=9998).contains(&year).then(|| NaiveDate::from_ymd_opt(year, month, 1)).flatten().map(|first| Self { first })
    }

    /// The month a day lies in.
    pub fn of(day: NaiveDate) -> Self {
        Self { first: day.with_day(1).unwrap_or(day) }
    }

    /// Reads `2026-05`.
    pub fn parse(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-')?;
        let digits = |t: &str, n: usize| t.len() == n && t.bytes().all(|b| b.is_ascii_digit());
        (digits(year, 4) && digits(month, 2)).then(|| Self::new(year.parse().ok()?, month.parse().ok()?)).flatten()
    }

    /// Its first day.
    pub const fn first_day(self) -> NaiveDate {
        self.first
    }

    /// The month `n` later (or earlier, below nought).
    #[must_use]
    pub fn plus(self, n: i32) -> Self {
        Self { first: months_after(self.first, n).unwrap_or(self.first) }
    }

    /// How many months from this one to the one a day lies in.
    #[inline]
    pub fn months_to(self, day: NaiveDate) -> i32 {
        (day.year() - self.first.year()) * 12 + day.month0().cast_signed() - self.first.month0().cast_signed()
    }

    /// How many months from `other` to this one.
    pub fn months_since(self, other: Self) -> i32 {
        other.months_to(self.first)
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}", self.first.year(), self.first.month())
    }
}

impl Serialize for Month {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("a month is written 2026-05"))
    }
}

/// A half-open span of local days `[start, end)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Period {
    /// First day in it.
    pub start: NaiveDate,
    /// First day after it.
    pub end: NaiveDate,
}

impl Period {
    /// Its length in days; a day of 23 or 25 hours is a day.
    pub fn days(self) -> i64 {
        (self.end - self.start).num_days()
    }

    /// The last day in it.
    pub fn last(self) -> NaiveDate {
        self.end - Days::new(1)
    }

    /// Whether a day lies in it.
    pub fn contains(self, day: NaiveDate) -> bool {
        self.start <= day && day < self.end
    }

    /// Days that lie in both.
    pub fn overlap_days(self, other: Self) -> i64 {
        (self.end.min(other.end) - self.start.max(other.start)).num_days().max(0)
    }
}

/// `2026-05` for a calendar month, the first day (`2026-05-15`) for an anchored period.
impl std::fmt::Display for Period {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.start.day() == 1 { Month::of(self.start).fmt(f) } else { self.start.fmt(f) }
    }
}

/// A subscription's row of monthly periods: from its anchor day, or calendar months. It never drifts:
/// an anchor on the 31st starts on the last day of shorter months and comes back. The default is calendar months, unsaid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Grid {
    anchor: u8,
}

impl Grid {
    /// Calendar months.
    pub const CALENDAR: Self = Self { anchor: 1 };

    /// Months from an anchor day 1 to 31.
    pub fn anchored(day: u8) -> Option<Self> {
        (1..=31).contains(&day).then_some(Self { anchor: day })
    }

    /// True where periods are calendar months.
    pub const fn is_calendar(self) -> bool {
        self.anchor <= 1
    }

    /// False where nothing was said: then it is calendar months for want of better.
    pub const fn is_said(self) -> bool {
        self.anchor != 0
    }

    /// The anchor day.
    pub const fn anchor(self) -> u8 {
        if self.anchor == 0 { 1 } else { self.anchor }
    }

    /// The period that starts in a month.
    pub fn period_in(self, month: Month) -> Period {
        Period { start: self.start_in(month), end: self.start_in(month.plus(1)) }
    }

    /// The period that holds a day.
    pub fn period_of(self, day: NaiveDate) -> Period {
        let month = Month::of(day);
        if day >= self.start_in(month) { self.period_in(month) } else { self.period_in(month.plus(-1)) }
    }

    fn start_in(self, month: Month) -> NaiveDate {
        let first = month.first_day();
        let last = month.plus(1).first_day() - Days::new(1);
        first.with_day(u32::from(self.anchor()).min(last.day())).unwrap_or(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn anchors_never_drift() {
        let grid = Grid::anchored(31).unwrap();
        let starts: Vec<String> = (1..=4).map(|m| grid.period_in(Month::new(2028, m).unwrap()).start.to_string()).collect();
        assert_eq!(starts, ["2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30"]);
        assert_eq!(grid.period_of(day("2028-03-30")).to_string(), "2028-02-29");
    }

    #[test]
    fn a_local_day_starts_at_local_midnight() {
        let zone = Zone::named("America/Toronto").unwrap();
        assert_eq!(zone.start_of(day("2026-05-01")).to_rfc3339(), "2026-05-01T04:00:00+00:00");
        assert_eq!(zone.day_of("2026-05-01T03:59:59.999999Z".parse().unwrap()), day("2026-04-30"));
        // Midnight does not exist on this day in Beirut (clock change): the day starts at 01:00.
        assert_eq!(Zone::named("Asia/Beirut").unwrap().start_of(day("2026-03-29")).to_rfc3339(), "2026-03-28T22:00:00+00:00");
    }

    #[test]
    fn months_are_strict() {
        assert!(Month::parse("2026-5").is_none() && Month::parse("2026-13").is_none() && Month::parse("+026-05").is_none());
        assert_eq!(Month::parse("2026-01").unwrap().plus(-1).to_string(), "2025-12");
    }
}

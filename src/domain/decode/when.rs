//! Dates and instants, read from text.

use super::Reason;
use crate::domain::period::Zone;
use crate::domain::profile::NaiveTimestamps;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use serde::{Deserialize, Serialize};

/// A local day, or an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum When {
    /// A plain date: a day of the service's zone.
    Day(NaiveDate),
    /// A moment.
    At(DateTime<Utc>),
}

impl When {
    /// The local day.
    pub fn day(self, zone: Zone) -> NaiveDate {
        match self {
            Self::Day(day) => day,
            Self::At(at) => zone.day_of(at),
        }
    }
}

/// Reads `2026-05-01`, `2026-05-01T04:00:00Z`, `2026-05-01 04:00:00.5+00`. Nothing else is a date: no day-first forms,
/// no bare numbers, no years beyond 9998.
pub fn parse_when(bytes: &[u8], zone: Zone, naive: NaiveTimestamps) -> Result<When, Reason> {
    let text = std::str::from_utf8(bytes).map_err(|_| Reason::NotUtf8)?;
    if text.eq_ignore_ascii_case("infinity") || text.eq_ignore_ascii_case("-infinity") {
        return Err(Reason::Infinite);
    }
    let (date, rest) = text.split_at_checked(10).ok_or(Reason::NotADate)?;
    let year_digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if text.ends_with(" BC") || (year_digits > 4 && text.as_bytes().get(year_digits) == Some(&b'-')) {
        return Err(Reason::DateOutOfRange);
    }
    let day = parse_day(date)?;
    if rest.is_empty() {
        return Ok(When::Day(day));
    }
    let clock = rest.strip_prefix(['T', ' ']).ok_or(Reason::NotADate)?;
    let zone_at = clock.find(['Z', 'z', '+', '-']);
    let (clock, offset) = zone_at.map_or((clock, None), |at| {
        let (c, o) = clock.split_at(at);
        (c, Some(o))
    });
    let time = parse_time(clock.trim_end()).ok_or(Reason::NotADate)?;
    let local = NaiveDateTime::new(day, time);
    match offset {
        Some(offset) => {
            let seconds = offset_seconds(offset).ok_or(Reason::NotADate)?;
            let at = local.checked_sub_signed(chrono::TimeDelta::seconds(seconds)).ok_or(Reason::DateOutOfRange)?;
            Ok(When::At(at.and_utc()))
        }
        None => match naive {
            NaiveTimestamps::Utc => Ok(When::At(local.and_utc())),
            NaiveTimestamps::Local => zone.instant_of(local).map(When::At).ok_or(Reason::NotADate),
            NaiveTimestamps::Refuse => Err(Reason::NoZone),
        },
    }
}

fn parse_day(text: &str) -> Result<NaiveDate, Reason> {
    let b = text.as_bytes();
    let number = |range: std::ops::Range<usize>| -> Option<u32> {
        b.get(range)?.iter().try_fold(0u32, |n, d| d.is_ascii_digit().then(|| n * 10 + u32::from(d - b'0')))
    };
    if b.get(4) != Some(&b'-') || b.get(7) != Some(&b'-') {
        return Err(Reason::NotADate);
    }
    let (Some(y), Some(m), Some(d)) = (number(0..4), number(5..7), number(8..10)) else { return Err(Reason::NotADate) };
    let day = i32::try_from(y).ok().and_then(|y| NaiveDate::from_ymd_opt(y, m, d)).ok_or(Reason::NotADate)?;
    if (1970..=9998).contains(&y) { Ok(day) } else { Err(Reason::DateOutOfRange) }
}

fn parse_time(text: &str) -> Option<NaiveTime> {
    let format = match text.len() {
        5 => "%H:%M",
        _ => "%H:%M:%S%.f",
    };
    NaiveTime::parse_from_str(text, format).ok()
}

fn offset_seconds(text: &str) -> Option<i64> {
    if text == "Z" || text == "z" {
        return Some(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits: String = text.get(1..)?.chars().filter(|c| *c != ':').collect();
    if !digits.bytes().all(|b| b.is_ascii_digit()) || !matches!(digits.len(), 2 | 4 | 6) {
        return None;
    }
    let part = |at: usize| digits.get(at..at + 2).map_or(Some(0), |t| t.parse::<i64>().ok());
    let (h, m, s) = (part(0)?, part(2)?, part(4)?);
    (h <= 18 && m < 60 && s < 60).then_some(sign * (h * 3600 + m * 60 + s))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn when(text: &str) -> Result<When, Reason> {
        parse_when(text.as_bytes(), Zone::named("America/Toronto").unwrap(), NaiveTimestamps::Refuse)
    }

    #[test]
    fn dates_and_instants() {
        let zone = Zone::named("America/Toronto").unwrap();
        assert_eq!(when("2026-05-01").unwrap().day(zone).to_string(), "2026-05-01");
        assert_eq!(when("2026-05-01T03:59:59.999999Z").unwrap().day(zone).to_string(), "2026-04-30");
        assert_eq!(when("2026-05-01 00:30:00-04").unwrap().day(zone).to_string(), "2026-05-01");
        assert_eq!(when("2026-05-31T23:00:00-04:00").unwrap().day(zone).to_string(), "2026-05-31");
    }

    #[test]
    fn what_is_no_date_says_why() {
        let table = [
            ("31/01/2026", Reason::NotADate),
            ("1775001600", Reason::NotADate),
            ("2461131.5", Reason::NotADate),
            ("2026-13-45", Reason::NotADate),
            ("0000-00-00", Reason::NotADate),
            ("", Reason::NotADate),
            ("infinity", Reason::Infinite),
            ("-infinity", Reason::Infinite),
            ("0044-03-15 BC", Reason::DateOutOfRange),
            ("5874897-12-31", Reason::DateOutOfRange),
            ("294276-12-31 00:00:00+00", Reason::DateOutOfRange),
            ("2026-05-01 04:00:00", Reason::NoZone),
        ];
        for (text, reason) in table {
            assert_eq!(when(text), Err(reason), "{text:?}");
        }
    }
}

//! The forms a field's bytes may have: the server's text, or its own binary digits, and how the one is told as the other.
//!
//! Whatever the form, a field means what its text means. Bytes that are no value of their column's form are taken for
//! text: so arrives what stands for a value that was held back for its length.

use super::numeric::Numeric;
use super::{Reason, When};
use crate::domain::exact::{Exact, NumberError};
use crate::domain::key::{KeyRef, UUID_TEXT};
use chrono::{DateTime, NaiveDate, Utc};
use std::borrow::Cow;

/// The form of a column's fields. Numbers stand with their highest byte first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Wire {
    /// As the server prints it.
    #[default]
    Text,
    /// The sixteen bytes of a UUID.
    Uuid,
    /// Days since 2000-01-01 in four bytes; the least and the greatest are the infinite ones.
    Date,
    /// Microseconds since 2000-01-01 UTC in eight bytes; the least and the greatest are the infinite ones.
    Instant,
    /// PostgreSQL's digits to base 10,000.
    Numeric,
    /// A whole number of two, four or eight bytes.
    Integer,
    /// One byte, nought or one.
    Bool,
}

/// 2000-01-01 in days since 1970-01-01.
const EPOCH_DAYS: i64 = 10_957;
const DAY_MICROS: i64 = 86_400_000_000;
/// Days since 1970-01-01 of 9998-12-31, the last day that is read.
const LAST_DAY: i64 = 2_932_531;
/// `NaiveDate` counts from the day before 0001-01-01.
const FROM_CE: i64 = 719_163;

impl Wire {
    /// The field as the server would print it.
    pub fn printed(self, bytes: &[u8]) -> Cow<'_, [u8]> {
        let text = match self {
            Self::Text => None,
            Self::Uuid => uuid(bytes).map(|uuid| KeyRef::Uuid(uuid).as_str(&mut [0; UUID_TEXT]).to_owned()),
            Self::Date => days(bytes).map(|days| match days {
                i32::MIN => "-infinity".to_owned(),
                i32::MAX => "infinity".to_owned(),
                days => date_text(i64::from(days) + EPOCH_DAYS, ""),
            }),
            Self::Instant => micros(bytes).map(|micros| match micros {
                i64::MIN => "-infinity".to_owned(),
                i64::MAX => "infinity".to_owned(),
                micros => date_text(micros.div_euclid(DAY_MICROS) + EPOCH_DAYS, &clock_text(micros.rem_euclid(DAY_MICROS))),
            }),
            Self::Numeric => Numeric::of(bytes).map(|n| n.to_string()),
            Self::Integer => integer(bytes).map(|n| n.to_string()),
            Self::Bool => boolean(bytes).map(|is| if is { "t" } else { "f" }.to_owned()),
        };
        text.map_or(Cow::Borrowed(bytes), |text| Cow::Owned(text.into_bytes()))
    }

    /// Prints the field behind what a buffer holds.
    pub fn print(self, bytes: &[u8], out: &mut Vec<u8>) {
        match (self, integer(bytes)) {
            (Self::Integer, Some(n)) => out.extend_from_slice(itoa::Buffer::new().format(n).as_bytes()),
            _ => out.extend_from_slice(&self.printed(bytes)),
        }
    }

    /// The number, where the form is one.
    #[inline]
    pub(super) fn number(self, bytes: &[u8]) -> Option<Result<Exact, NumberError>> {
        match self {
            Self::Numeric => Numeric::of(bytes)?.value(),
            Self::Integer => integer(bytes).map(|n| Ok(Exact::whole(i128::from(n)))),
            _ => None,
        }
    }

    /// The date or instant, where the form is one.
    #[inline]
    pub(super) fn when(self, bytes: &[u8]) -> Option<Result<When, Reason>> {
        match self {
            Self::Date => Some(match days(bytes)? {
                i32::MIN | i32::MAX => Err(Reason::Infinite),
                days => day(i64::from(days) + EPOCH_DAYS).map(When::Day),
            }),
            Self::Instant => Some(match micros(bytes)? {
                i64::MIN | i64::MAX => Err(Reason::Infinite),
                micros => instant(micros).map(When::At),
            }),
            _ => None,
        }
    }

    /// The number of a date, where the form is one.
    #[inline]
    pub(super) fn date(self, bytes: &[u8]) -> Option<i32> {
        if self == Self::Date { days(bytes) } else { None }
    }

    /// True or false, where the form is that.
    pub(super) fn boolean(self, bytes: &[u8]) -> Option<bool> {
        if self == Self::Bool { boolean(bytes) } else { None }
    }

    /// The sixteen bytes, where the form is a UUID.
    #[inline]
    pub(super) fn uuid(self, bytes: &[u8]) -> Option<[u8; 16]> {
        if self == Self::Uuid { uuid(bytes) } else { None }
    }

    /// The whole number, where the form is one.
    #[inline]
    pub(super) fn integer(self, bytes: &[u8]) -> Option<i64> {
        if self == Self::Integer { integer(bytes) } else { None }
    }

    /// Whether it says `infinity`, in any case; not the one below all.
    pub(super) fn is_infinity(self, bytes: &[u8]) -> bool {
        match self {
            Self::Date => days(bytes) == Some(i32::MAX),
            Self::Instant => micros(bytes) == Some(i64::MAX),
            _ => self.printed(bytes).eq_ignore_ascii_case(b"infinity"),
        }
    }
}

fn uuid(bytes: &[u8]) -> Option<[u8; 16]> {
    bytes.try_into().ok()
}

fn days(bytes: &[u8]) -> Option<i32> {
    bytes.try_into().ok().map(i32::from_be_bytes)
}

fn micros(bytes: &[u8]) -> Option<i64> {
    bytes.try_into().ok().map(i64::from_be_bytes)
}

fn integer(bytes: &[u8]) -> Option<i64> {
    match bytes.len() {
        2 => bytes.try_into().ok().map(|b| i64::from(i16::from_be_bytes(b))),
        4 => bytes.try_into().ok().map(|b| i64::from(i32::from_be_bytes(b))),
        _ => bytes.try_into().ok().map(i64::from_be_bytes),
    }
}

const fn boolean(bytes: &[u8]) -> Option<bool> {
    match bytes {
        [0] => Some(false),
        [1] => Some(true),
        _ => None,
    }
}

/// A day by its number since 1970-01-01, between 1970 and 9998.
fn day(number: i64) -> Result<NaiveDate, Reason> {
    if !(0..=LAST_DAY).contains(&number) {
        return Err(Reason::DateOutOfRange);
    }
    i32::try_from(number + FROM_CE).ok().and_then(NaiveDate::from_num_days_from_ce_opt).ok_or(Reason::DateOutOfRange)
}

fn instant(micros: i64) -> Result<DateTime<Utc>, Reason> {
    if !(0..=LAST_DAY).contains(&(micros.div_euclid(DAY_MICROS) + EPOCH_DAYS)) {
        return Err(Reason::DateOutOfRange);
    }
    DateTime::from_timestamp_micros(micros + EPOCH_DAYS * DAY_MICROS).ok_or(Reason::DateOutOfRange)
}

/// `2026-05-01`, the clock after it, and ` BC` at the end where it is before our era. Of any year, unlike [`NaiveDate`].
fn date_text(day: i64, clock: &str) -> String {
    // From a civil calendar whose years begin in March (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
    let z = day + 719_468;
    let era = z.div_euclid(146_097);
    let of_era = z.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march = (5 * of_year + 2) / 153;
    let (d, m) = (of_year - (153 * march + 2) / 5 + 1, if march < 10 { march + 3 } else { march - 9 });
    let year = year_of_era + era * 400 + i64::from(m <= 2);
    if year > 0 { format!("{year:04}-{m:02}-{d:02}{clock}") } else { format!("{:04}-{m:02}-{d:02}{clock} BC", 1 - year) }
}

/// ` 04:05:06.789+00` of the microseconds of a day, without noughts at the end of a fraction.
fn clock_text(micros: i64) -> String {
    let (seconds, fraction) = (micros / 1_000_000, micros % 1_000_000);
    let fraction = if fraction == 0 { String::new() } else { format!(".{fraction:06}").trim_end_matches('0').to_owned() };
    format!(" {:02}:{:02}:{:02}{fraction}+00", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::decode::parse_when;
    use crate::domain::period::Zone;
    use crate::domain::profile::NaiveTimestamps;

    fn printed(wire: Wire, bytes: &[u8]) -> String {
        String::from_utf8_lossy(&wire.printed(bytes)).into_owned()
    }

    #[test]
    fn days_and_instants_mean_what_they_print() {
        let zone = Zone::named("America/Toronto").unwrap();
        let edges = [
            i64::from(i32::MIN),
            -3_000_000,
            -730_120,
            -730_119,
            -10_958,
            -10_957,
            0,
            59,
            9_617,
            2_921_574,
            2_921_575,
            2_921_939,
            2_921_940,
            9_000_000,
        ];
        for day in edges {
            let bytes = i32::try_from(day).unwrap().to_be_bytes();
            let text = Wire::Date.printed(&bytes);
            assert_eq!(Wire::Date.when(&bytes).unwrap(), parse_when(&text, zone, NaiveTimestamps::Refuse), "{day}");
            for micros in [0, 1, 999_990, DAY_MICROS - 1] {
                let Some(at) = day.checked_mul(DAY_MICROS).and_then(|d| d.checked_add(micros)) else { continue };
                let bytes = at.to_be_bytes();
                let text = Wire::Instant.printed(&bytes);
                assert_eq!(Wire::Instant.when(&bytes).unwrap(), parse_when(&text, zone, NaiveTimestamps::Refuse), "{day} {micros}");
            }
        }
        assert_eq!(printed(Wire::Date, &i32::MAX.to_be_bytes()), "infinity");
        assert_eq!(printed(Wire::Date, &(-746_764i32).to_be_bytes()), "0046-06-07 BC");
        assert_eq!(printed(Wire::Instant, &831_189_906_789_000i64.to_be_bytes()), "2026-05-04 06:05:06.789+00");
        assert!(Wire::Instant.is_infinity(&i64::MAX.to_be_bytes()) && !Wire::Instant.is_infinity(&i64::MIN.to_be_bytes()));
    }

    #[test]
    fn what_is_no_value_of_its_form_stays_text() {
        for wire in [Wire::Uuid, Wire::Date, Wire::Instant, Wire::Numeric, Wire::Integer, Wire::Bool] {
            let held = b"\xFF value of 4711 bytes";
            assert_eq!(wire.printed(held), Cow::Borrowed(&held[..]));
            assert!(wire.number(held).is_none() && wire.when(held).is_none() && wire.boolean(held).is_none() && wire.uuid(held).is_none());
        }
        assert_eq!((printed(Wire::Bool, &[1]), printed(Wire::Bool, &[0])), ("t".to_owned(), "f".to_owned()));
        assert_eq!(printed(Wire::Integer, &i64::MIN.to_be_bytes()), "-9223372036854775808");
    }
}

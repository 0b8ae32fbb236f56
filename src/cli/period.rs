//! `2026-05`, `previous` or `2026-01..2026-05`: the months a reconciliation is for.

use crate::domain::period::{Month, Zone};
use crate::domain::text::shown;
use chrono::{DateTime, Utc};

/// Most months of one reconciliation: ten years.
const MOST: i32 = 120;

/// Months as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Months {
    /// Ascending, at least one.
    pub months: Vec<Month>,
    /// True where `FROM..TO` was typed: the result is a list, even of one.
    pub range: bool,
}

/// Reads what was typed. `previous` is the month before the one it is now in the service's zone; both ends of a range are in it.
pub fn months(text: &str, zone: Zone, now: DateTime<Utc>) -> Result<Months, String> {
    let Some((from, to)) = text.split_once("..") else { return Ok(Months { months: vec![month(text, zone, now)?], range: false }) };
    let (from, to) = (month(from, zone, now)?, month(to, zone, now)?);
    let length = to.months_since(from) + 1;
    if !(1..=MOST).contains(&length) {
        return Err(format!("--period {}: {length} months — write the earlier month first, at most {MOST} of them", shown(text, 40)));
    }
    Ok(Months { months: (0..length).map(|n| from.plus(n)).collect(), range: true })
}

/// One month as typed.
pub fn month(text: &str, zone: Zone, now: DateTime<Utc>) -> Result<Month, String> {
    let text = text.trim();
    if text == "previous" {
        return Ok(Month::of(zone.day_of(now)).plus(-1));
    }
    Month::parse(text).ok_or_else(|| format!("--period {}: no month — write 2026-05, previous, or 2026-01..2026-05", shown(text, 40)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<String>, String> {
        let zone = Zone::named("America/Toronto").unwrap();
        // Still May in Toronto.
        let now = "2026-06-01T03:00:00Z".parse().unwrap();
        months(text, zone, now).map(|m| m.months.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn months_are_read_in_the_services_zone() {
        assert_eq!(read("previous").unwrap(), ["2026-04"]);
        assert_eq!(read("2026-05").unwrap(), ["2026-05"]);
        assert_eq!(read("2025-12..2026-02").unwrap(), ["2025-12", "2026-01", "2026-02"]);
        assert_eq!(read("2026-05..2026-05").unwrap(), ["2026-05"]);
        for wrong in ["", "2026-13", "05-2026", "2026-05..2026-04", "2026-05..", "1990-01..2026-01", "next"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}

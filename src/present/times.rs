//! Moments, ages and durations as text. Now is always given.

use chrono::{DateTime, Utc};

/// A moment to the minute: `2026-05-01 10:42Z`.
pub fn absolute(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%MZ").to_string()
}

/// A moment to the second, for journals: `2026-05-01 10:42:07Z`.
pub fn to_the_second(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// How long ago: `just now`, `4 min ago`, `3 h ago`, `2 days ago`; a moment to come is `in 4 min` (clocks differ).
pub fn relative(now: DateTime<Utc>, at: DateTime<Utc>) -> String {
    let seconds = (now - at).num_seconds();
    let length = coarse(seconds.unsigned_abs());
    match (seconds, length) {
        (_, None) => "just now".to_owned(),
        (0.., Some(length)) => format!("{length} ago"),
        (_, Some(length)) => format!("in {length}"),
    }
}

/// The largest unit alone; `None` below a minute.
fn coarse(seconds: u64) -> Option<String> {
    match seconds {
        0..60 => None,
        60..3600 => Some(format!("{} min", seconds / 60)),
        3600..172_800 => Some(format!("{} h", seconds / 3600)),
        _ => Some(format!("{} days", seconds / 86_400)),
    }
}

/// A duration in milliseconds: `0.4 s`, `12 s`, `3 min 05 s`, `2 h 07 min`.
pub fn duration(milliseconds: u64) -> String {
    let seconds = milliseconds / 1000;
    match seconds {
        0..10 => format!("{}.{} s", seconds, milliseconds % 1000 / 100),
        10..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// Milliseconds left at the pace so far; `None` before anything is done or when all is.
pub fn eta(done: u64, of: u64, milliseconds: u64) -> Option<u64> {
    if done == 0 || done >= of {
        return None;
    }
    u64::try_from(u128::from(milliseconds) * u128::from(of - done) / u128::from(done)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_short() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let now = at("2026-06-01T10:46:30Z");
        assert_eq!(relative(now, at("2026-06-01T10:42:00Z")), "4 min ago");
        assert_eq!(relative(now, at("2026-06-01T10:46:00Z")), "just now");
        assert_eq!(relative(now, at("2026-05-31T10:42:00Z")), "24 h ago");
        assert_eq!(relative(now, at("2026-05-20T10:42:00Z")), "12 days ago");
        assert_eq!(relative(now, at("2026-06-01T10:50:00Z")), "in 3 min");
        assert_eq!(absolute(at("2026-05-01T10:42:59Z")), "2026-05-01 10:42Z");
    }

    #[test]
    fn durations_keep_two_units() {
        assert_eq!(duration(430), "0.4 s");
        assert_eq!(duration(12_900), "12 s");
        assert_eq!(duration(185_000), "3 min 05 s");
        assert_eq!(duration(7_620_000), "2 h 07 min");
        assert_eq!(eta(250, 1000, 1000), Some(3000));
        assert_eq!(eta(0, 1000, 1000), None);
    }
}

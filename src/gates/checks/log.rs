//! Log evidence: the expected event names occur, as whole words, in files that are not too old.

use super::{Clock, Judged, files};
use crate::domain::gate::{FileSeen, LogCheck, Outcome};

/// Judges log files.
pub fn log(check: &LogCheck, seen: &Result<Vec<FileSeen>, String>, clock: &Clock) -> Judged {
    let found = match files::there("log file", seen) {
        Ok(found) => found,
        Err(judged) => return judged,
    };
    let counts: Vec<(&str, u64)> = check.events.iter().map(|event| (event.as_str(), found.iter().map(|f| count(&f.bytes, event)).sum())).collect();
    let absent: Vec<&str> = counts.iter().filter(|(_, n)| *n == 0).map(|(event, _)| *event).collect();
    let lines = counts.iter().map(|(event, n)| format!("{event}: {n} times")).chain(found.iter().map(files::line));
    let judged = if absent.is_empty() {
        Judged::new(Outcome::Pass, format!("{} of {} events occur", counts.len(), counts.len()))
    } else {
        Judged::new(Outcome::Fail, format!("{} of {} events never occur: {}", absent.len(), counts.len(), absent.join(", ")))
    };
    // What does not hold is told before its age; a future file and an old one prove nothing that holds.
    let fault = found.iter().filter_map(|file| clock.fault(&file.path, file.modified)).max_by_key(|judged| judged.outcome);
    match fault {
        Some(fault) if judged.outcome == Outcome::Pass => fault.seeing(lines),
        _ => judged.seeing(lines),
    }
}

/// How often a name stands in a text as a whole word: `contract.ensured` is neither in `contract.ensured_again`, in
/// `old.contract.ensured` nor in `contract.ensured.failed`.
fn count(text: &[u8], name: &str) -> u64 {
    let name = name.as_bytes();
    if name.is_empty() {
        return 0;
    }
    let mut found = 0;
    let mut from = 0;
    while let Some(at) = find(text.get(from..).unwrap_or_default(), name).map(|at| at + from) {
        let before = text.get(..at).unwrap_or_default();
        let behind = text.get(at + name.len()..).unwrap_or_default();
        found += u64::from(!goes_on(before.iter().rev()) && !goes_on(behind.iter()));
        from = at + 1;
    }
    found
}

/// Whether a word goes on: a letter, a digit, or a sign inside words with one of those behind it.
fn goes_on<'a>(mut bytes: impl Iterator<Item = &'a u8>) -> bool {
    let is_letter = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_' || *b >= 0x80;
    match bytes.next() {
        Some(b) if is_letter(b) => true,
        Some(b'.' | b'-' | b':' | b'/') => bytes.next().is_some_and(is_letter),
        _ => false,
    }
}

fn find(text: &[u8], name: &[u8]) -> Option<usize> {
    let first = *name.first()?;
    let mut from = 0;
    loop {
        let at = from + text.get(from..)?.iter().position(|b| *b == first)?;
        if text.get(at..)?.starts_with(name) {
            return Some(at);
        }
        from = at + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, TimeDelta, Utc};

    #[test]
    fn names_count_as_whole_words_only() {
        let line = |text: &str| count(text.as_bytes(), "contract.ensured");
        for whole in ["contract.ensured", "x contract.ensured.", "{\"event\":\"contract.ensured\"}", "e=contract.ensured,", "contract.ensured: 3"] {
            assert_eq!(line(whole), 1, "{whole}");
        }
        for other in ["contract.ensured_again", "old.contract.ensured", "contract.ensured.failed", "precontract.ensured", "contract.ensure", ""] {
            assert_eq!(line(other), 0, "{other}");
        }
        assert_eq!(line("contract.ensured contract.ensured"), 2);
    }

    #[test]
    fn logs_are_judged() {
        let now: DateTime<Utc> = "2026-06-01T12:00:00Z".parse().unwrap();
        let clock = Clock { now, max_age_seconds: 3600 };
        let file = |age: i64| FileSeen { path: "a.log".into(), digest: "d".into(), modified: now - TimeDelta::seconds(age), bytes: b"a b".to_vec() };
        let check = |events: &[&str]| LogCheck { files: vec!["*.log".into()], events: events.iter().map(|e| (*e).to_owned()).collect() };
        let outcome = |events: &[&str], files: Result<Vec<FileSeen>, String>| log(&check(events), &files, &clock).outcome;
        assert_eq!(outcome(&["a", "b"], Ok(vec![file(0)])), Outcome::Pass);
        assert_eq!(outcome(&["a", "c"], Ok(vec![file(0)])), Outcome::Fail);
        assert_eq!(outcome(&["a", "c"], Ok(vec![file(9999)])), Outcome::Fail);
        assert_eq!(outcome(&["a"], Ok(vec![file(0), file(9999)])), Outcome::Stale);
        assert_eq!(outcome(&["a"], Ok(vec![file(-9999)])), Outcome::Invalid);
        assert_eq!(outcome(&["a"], Ok(Vec::new())), Outcome::Fail);
        assert_eq!(outcome(&["a"], Err("too large".into())), Outcome::Error);
    }
}

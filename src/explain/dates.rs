//! Days within a period on which something began or ended, by the data; and the parts of the period they make.

use super::case::Case;
use super::datum::Datum;
use crate::domain::evidence::{Change, Event};
use crate::domain::period::{Grid, Month, Period};
use crate::domain::profile::SubscriptionState;
use crate::domain::side::Side;
use crate::domain::text::Untrusted;
use chrono::{DateTime, Datelike, NaiveDate, Utc};

/// A day that a row of the data names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Boundary {
    /// The first day it holds.
    pub day: NaiveDate,
    /// The moment, where the data has one.
    pub at: Option<DateTime<Utc>>,
    /// Whose row.
    pub side: Side,
    /// Whether billing begins there; else it ends.
    pub begins: bool,
    /// The row, in words.
    pub words: String,
}

/// A part of an interval by some convention of counting days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub of: i64,
    pub whole: i64,
    /// The row that names its day.
    pub words: String,
    /// The days it begins or ends on by that row.
    pub data: Vec<Datum>,
}

impl Boundary {
    /// Which datum it is.
    pub const fn datum(&self) -> Datum {
        Datum::Boundary { side: self.side, day: self.day, begins: self.begins }
    }
}

/// Whether an interval holds a day, its first excepted: nothing is cut off before it.
fn cuts(period: Period, day: NaiveDate) -> bool {
    period.start < day && day < period.end
}

/// Subscriptions' first and last days, and changes of status, that fall within the interval.
pub(super) fn boundaries(case: &Case<'_>) -> Vec<Boundary> {
    let interval = interval(case);
    let mut found: Vec<Boundary> = Vec::new();
    let mut add = |boundary: Boundary| {
        if cuts(interval, boundary.day)
            && !found.iter().any(|b| {
                (b.side, b.day, b.begins) == (boundary.side, boundary.day, boundary.begins) && (b.at == boundary.at || boundary.at.is_none())
            })
        {
            found.push(boundary);
        }
    };
    for side in Side::BOTH {
        if let Some(facts) = case.facts(side) {
            let begun = format!("{side} subscription started on {}", facts.started_on);
            add(Boundary { day: facts.started_on, at: None, side, begins: true, words: begun });
            if let Some(end) = facts.ended_on {
                add(Boundary { day: end, at: None, side, begins: false, words: format!("{side} subscription ended before {end}") });
            }
        }
        for event in case.evidence.of(side).events.iter().filter(|e| e.what == Change::Status) {
            let words = format!("{side} event of {}: {}", event.day, event_words(event));
            match state_after(case, side, event) {
                Some(SubscriptionState::Active) => add(Boundary { day: event.day, at: moment(event), side, begins: true, words }),
                Some(_) => add(Boundary { day: event.day, at: moment(event), side, begins: false, words }),
                None => {}
            }
        }
    }
    found
}

/// What a subscription is after a change of its status: by the word it became, or where there is none by the word of the change.
pub fn state_after(case: &Case<'_>, side: Side, event: &Event) -> Option<SubscriptionState> {
    state(case, side, event.to.as_ref().unwrap_or(&event.word).raw())
}

/// What a status word means on a side: by its vocabulary, else, in a change where it can decide no amount, as the word is used.
fn state(case: &Case<'_>, side: Side, word: &str) -> Option<SubscriptionState> {
    let known = &case.profile().side(side).vocabulary.subscriptions;
    let plain = word.trim();
    let declared = known.get(word).or_else(|| known.iter().find(|(other, _)| other.trim().eq_ignore_ascii_case(plain)).map(|(_, state)| state));
    declared.copied().or_else(|| match plain.rsplit(['.', ':']).next().unwrap_or(plain).to_ascii_lowercase().as_str() {
        "active" | "activate" | "activated" | "reactivated" | "resume" | "resumed" | "running" | "start" | "started" | "created" => {
            Some(SubscriptionState::Active)
        }
        "pause" | "paused" | "suspend" | "suspended" | "on_hold" | "on hold" | "inactive" => Some(SubscriptionState::Inactive),
        "cancel" | "cancelled" | "canceled" | "closed" | "end" | "ended" | "expired" | "terminated" | "churned" => Some(SubscriptionState::Ended),
        _ => None,
    })
}

/// What held on some day of a span, by the changes of a kind: within it what each was and became, at its start what the last change
/// before it became, or what the first after it was. A change of another time says nothing else of the span.
pub fn held(events: &[Event], what: Change, span: Period) -> Vec<(&Event, &Untrusted)> {
    let of_kind = || events.iter().filter(move |e| e.what == what);
    let before = of_kind().rfind(|e| e.day <= span.start).and_then(|e| Some((e, e.to.as_ref()?)));
    let within = of_kind().filter(|e| cuts(span, e.day)).flat_map(|e| [&e.from, &e.to].into_iter().flatten().map(move |word| (e, word)));
    let after = of_kind().find(|e| e.day >= span.end).and_then(|e| Some((e, e.from.as_ref()?)));
    before.into_iter().chain(within).chain(after).collect()
}

/// The moment of an event, where it has one.
pub fn moment(event: &Event) -> Option<DateTime<Utc>> {
    match event.at {
        crate::domain::decode::When::At(at) => Some(at),
        crate::domain::decode::When::Day(_) => None,
    }
}

/// `status active → paused`.
pub fn event_words(event: &Event) -> String {
    let word = |w: Option<&Untrusted>| w.map_or_else(|| "?".to_owned(), |w| w.shown(30));
    format!("{} {} → {}", event.word.shown(20), word(event.from.as_ref()), word(event.to.as_ref()))
}

/// The interval that is billed, as long as its plan says: the period, or several months from its start.
pub fn interval(case: &Case<'_>) -> Period {
    let period = case.period();
    let months = case.base.as_ref().map_or(1, |view| view.terms.plan.interval.months);
    // Of a period's two ends a short month cuts one at most: the other is the day of its grid.
    let anchor = period.start.day().max(period.end.day());
    let grid = u8::try_from(anchor).ok().and_then(Grid::anchored);
    match (grid, i32::try_from(months)) {
        (Some(grid), Ok(months @ 2..)) => Period { end: grid.period_in(Month::of(period.start).plus(months)).start, ..period },
        _ => period,
    }
}

/// The parts that the boundaries of the data make, by actual days, months of 30 days, and 30/360; each with its end counted and
/// not. The interval's own whole is not among them.
pub(super) fn parts(case: &Case<'_>) -> Vec<Part> {
    let (interval, boundaries) = (interval(case), case.boundaries());
    let begins: Vec<Option<&Boundary>> = std::iter::once(None).chain(boundaries.iter().filter(|b| b.begins).map(Some)).collect();
    let ends: Vec<Option<&Boundary>> = std::iter::once(None).chain(boundaries.iter().filter(|b| !b.begins).map(Some)).collect();
    let mut parts: Vec<Part> = Vec::new();
    for begin in &begins {
        for end in &ends {
            let words = match (begin, end) {
                (None, None) => continue,
                (Some(b), None) | (None, Some(b)) => b.words.clone(),
                (Some(b), Some(e)) => format!("{}; {}", b.words, e.words),
            };
            let span = Period { start: begin.map_or(interval.start, |b| b.day), end: end.map_or(interval.end, |b| b.day) };
            // What ends and begins again later is billed around the gap.
            let ways = if span.start < span.end {
                counted(span, interval)
            } else {
                let gap = Period { start: span.end, end: span.start };
                counted(gap, interval).into_iter().map(|(of, whole)| (whole - of, whole)).collect()
            };
            for (of, whole) in ways {
                if of > 0 && of < whole && !parts.iter().any(|p| (p.of, p.whole) == (of, whole)) {
                    let data = begin.iter().chain(end).map(|b| b.datum()).collect();
                    parts.push(Part { of, whole, words: words.clone(), data });
                }
            }
        }
    }
    parts
}

/// Amounts one boundary can make: two ways to count its end, three lengths of a month.
pub const PART_CHOICES: u32 = 6;

/// Ways to count a span of an interval.
pub fn counted(span: Period, interval: Period) -> Vec<(i64, i64)> {
    let (actual, of_30) = (interval.days(), days_360(interval));
    let days = span.days();
    let mut ways = vec![(days, actual), (days + 1, actual), (days, of_30), (days + 1, of_30)];
    let strict = days_360(span);
    ways.extend([(strict, of_30), (strict + 1, of_30)]);
    ways.dedup();
    ways
}

/// Days of a span when every month has 30.
fn days_360(span: Period) -> i64 {
    let day = |d: NaiveDate| i64::from(d.year()) * 360 + i64::from(d.month()) * 30 + i64::from(d.day().min(30));
    day(span.end) - day(span.start)
}

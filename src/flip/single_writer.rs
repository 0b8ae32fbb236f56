//! One writer: each day of a subscription is billed by exactly one side. The source's days and the target's together cover time
//! without a gap and without a day twice, or the flaws are listed.

use crate::domain::flip::{SourceBilling, TargetBilling};
use crate::domain::period::Period;
use chrono::NaiveDate;

/// What is wrong with some days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlawKind {
    /// More than one bill has them.
    Twice,
    /// Nobody bills them.
    Nobody,
}

/// Days that are not billed exactly once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flaw {
    /// What is wrong.
    pub kind: FlawKind,
    /// With which days.
    pub days: Period,
}

impl std::fmt::Display for Flaw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let what = match self.kind {
            FlawKind::Twice => "billed by both sides",
            FlawKind::Nobody => "billed by nobody",
        };
        let days = self.days.days();
        let unit = if days == 1 { "day" } else { "days" };
        write!(f, "{days} {unit} from {} {what}", self.days.start)
    }
}

/// The days within `over` that are not in exactly one of all the spans, whosever they are.
pub fn flaws(source: &[Period], target: &[Period], over: Period) -> Vec<Flaw> {
    let clipped = source.iter().chain(target).map(|p| Period { start: p.start.max(over.start), end: p.end.min(over.end) });
    let spans: Vec<Period> = clipped.filter(|p| p.start < p.end).collect();
    let mut edges: Vec<NaiveDate> = spans.iter().flat_map(|p| [p.start, p.end]).chain([over.start, over.end]).collect();
    edges.sort_unstable();
    edges.dedup();
    let mut out: Vec<Flaw> = Vec::new();
    for pair in edges.windows(2) {
        let &[start, end] = pair else { continue };
        if start < over.start || end > over.end {
            continue;
        }
        let kind = match spans.iter().filter(|p| p.contains(start)).count() {
            1 => continue,
            0 => FlawKind::Nobody,
            _ => FlawKind::Twice,
        };
        match out.last_mut() {
            Some(last) if last.kind == kind && last.days.end == start => last.days.end = end,
            _ => out.push(Flaw { kind, days: Period { start, end } }),
        }
    }
    out
}

/// Days around a first period that are looked at.
fn around(first: Period) -> Period {
    let back = first.start.checked_sub_days(chrono::Days::new(400)).unwrap_or(first.start);
    Period { start: back, end: first.end }
}

/// Whether time is billed once when the source is off at what it has billed and the target begins its first period: before anything
/// is done. A target that says no first day yet takes the one it is told.
pub fn as_planned(first: Period, source: SourceBilling, target: TargetBilling) -> Vec<String> {
    let Some(through) = source.billed_through else { return vec!["the source does not say up to when it has billed".to_owned()] };
    let over = around(first);
    // A day before the window is outside it, and leaves nothing to the source in it.
    let until = through.max(over.start);
    let from = target.first_period_start.unwrap_or(first.start).max(over.start);
    let of_source = Period { start: over.start, end: until };
    let of_target = Period { start: from, end: over.end.max(from) };
    let over = Period { start: over.start, end: over.end.max(until).max(from) };
    let of_target = Period { end: over.end, ..of_target };
    flaws(&[of_source], &[of_target], over).iter().map(ToString::to_string).collect()
}

/// Whether time is billed once as both sides say it is now. What a side does not say is a flaw.
pub fn as_it_is(first: Period, source: SourceBilling, target: TargetBilling) -> Vec<String> {
    let (Some(of_source), Some(through)) = (source.billing, source.billed_through) else {
        return vec!["the source does not say whether it bills, and up to when".to_owned()];
    };
    let Some(of_target) = target.billing else { return vec!["the target does not say whether it bills".to_owned()] };
    let over = around(first);
    let over = Period { end: over.end.max(through), ..over };
    let billed = Period { start: over.start, end: if of_source { over.end } else { through.max(over.start) } };
    let from = match (of_target, target.first_period_start) {
        (true, None) => return vec!["the target bills, and does not say from when".to_owned()],
        (true, Some(from)) => Some(from),
        (false, _) => None,
    };
    let claims: Vec<Period> = from.map(|from| Period { start: from.max(over.start), end: over.end.max(from) }).into_iter().collect();
    flaws(&[billed], &claims, over).iter().map(ToString::to_string).collect()
}

//! The interval proof against an oracle that counts day by day.

use crate::made::{OFF, day, source};
use chrono::{Days, NaiveDate};
use dualrun::domain::flip::{SourceBilling, TargetBilling};
use dualrun::domain::period::Period;
use dualrun::flip::{Flaw, FlawKind, as_it_is, as_planned, flaws};
use proptest::prelude::*;

fn at(n: u64) -> NaiveDate {
    day("2026-01-01") + Days::new(n)
}

fn span((start, length): (u64, u64)) -> Period {
    Period { start: at(start), end: at(start + length) }
}

/// Each day by itself: how often it is billed.
fn oracle(spans: &[Period], over: Period) -> Vec<(NaiveDate, FlawKind)> {
    over.start
        .iter_days()
        .take_while(|d| *d < over.end)
        .filter_map(|d| match spans.iter().filter(|s| s.contains(d)).count() {
            0 => Some((d, FlawKind::Nobody)),
            1 => None,
            _ => Some((d, FlawKind::Twice)),
        })
        .collect()
}

fn by_day(flaws: &[Flaw]) -> Vec<(NaiveDate, FlawKind)> {
    flaws.iter().flat_map(|f| f.days.start.iter_days().take_while(|d| *d < f.days.end).map(|d| (d, f.kind))).collect()
}

proptest! {
    #[test]
    fn every_day_is_told_as_it_is(
        of_source in prop::collection::vec((0u64..80, 0u64..40), 0..5),
        of_target in prop::collection::vec((0u64..80, 0u64..40), 0..5),
        over in (0u64..60, 0u64..60),
    ) {
        let (of_source, of_target): (Vec<_>, Vec<_>) = (of_source.into_iter().map(span).collect(), of_target.into_iter().map(span).collect());
        let over = span(over);
        let found = flaws(&of_source, &of_target, over);
        let all: Vec<Period> = of_source.iter().chain(&of_target).copied().collect();
        prop_assert_eq!(by_day(&found), oracle(&all, over));
        // Neighbours of one kind are one flaw, and none is empty.
        prop_assert!(found.iter().all(|f| f.days.start < f.days.end));
        prop_assert!(found.windows(2).all(|p| p[0].days.end < p[1].days.start || p[0].kind != p[1].kind));
    }

    /// The plan is sound exactly where the target begins on the day the source stops.
    #[test]
    fn a_plan_holds_only_at_one_day(through in 0u64..60, from in prop::option::of(0u64..60)) {
        let first = Period { start: at(through), end: at(through + 30) };
        let target = TargetBilling { first_period_start: from.map(at), ..OFF };
        let words = as_planned(first, SourceBilling { billing: Some(true), billed_through: Some(at(through)) }, target);
        prop_assert_eq!(words.is_empty(), from.is_none_or(|from| from == through), "{:?}", words);
    }
}

const FIRST: &str = "2026-06-01";

fn june() -> Period {
    Period { start: day(FIRST), end: day("2026-07-01") }
}

fn on(from: Option<&str>) -> TargetBilling {
    TargetBilling { billing: Some(true), first_period_start: from.map(day), ..OFF }
}

#[test]
fn as_both_sides_say_it_is() {
    let table = [
        (source(true, FIRST), OFF, vec![]),
        (source(false, FIRST), on(Some(FIRST)), vec![]),
        (source(true, FIRST), on(Some(FIRST)), vec!["30 days from 2026-06-01 billed by both sides"]),
        (source(false, FIRST), OFF, vec!["30 days from 2026-06-01 billed by nobody"]),
        (source(false, FIRST), on(Some("2026-06-11")), vec!["10 days from 2026-06-01 billed by nobody"]),
        (source(false, "2026-06-02"), on(Some(FIRST)), vec!["1 day from 2026-06-01 billed by both sides"]),
        (source(false, "2026-08-01"), on(Some(FIRST)), vec!["61 days from 2026-06-01 billed by both sides"]),
        (source(false, FIRST), on(None), vec!["the target bills, and does not say from when"]),
        (SourceBilling { billing: None, ..source(true, FIRST) }, OFF, vec!["the source does not say whether it bills, and up to when"]),
        (SourceBilling { billed_through: None, ..source(true, FIRST) }, OFF, vec!["the source does not say whether it bills, and up to when"]),
        (source(false, FIRST), TargetBilling { billing: None, ..OFF }, vec!["the target does not say whether it bills"]),
    ];
    for (of_source, of_target, wanted) in table {
        assert_eq!(as_it_is(june(), of_source, of_target), wanted, "{of_source:?} {of_target:?}");
    }
}

//! Metrics by table: within bounds or not, of a run that is fresh, outdated or old, and of none at all.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use dualrun::domain::currency::Currency;
use dualrun::domain::exact::Exact;
use dualrun::domain::gate::{Bound, Figures, Metric, MetricCheck, MonthFigures, MonthStanding, Outcome};
use dualrun::gates::checks::{Clock, metric, months_of};

fn now() -> DateTime<Utc> {
    "2026-06-10T12:00:00Z".parse().unwrap()
}

fn exact(text: &str) -> Exact {
    Exact::parse(text.as_bytes()).unwrap()
}

fn cad() -> Currency {
    Currency::known("CAD").unwrap()
}

fn standing(year: i32, month: u32, rows: u64, open: u64) -> MonthStanding {
    let first = NaiveDate::from_ymd_opt(year, month, 1).unwrap();
    MonthStanding { first, end: first + chrono::Months::new(1), rows, open, is_fresh: true }
}

fn figures() -> Figures {
    Figures {
        newest: Some(MonthFigures {
            run: 7,
            at: now() - TimeDelta::hours(1),
            is_fresh: true,
            matching: 95,
            compared: 100,
            unexplained: [(cad(), exact("12.34"))].into(),
            coverage: [(cad(), exact("99.5"))].into(),
        }),
        months: vec![standing(2026, 2, 100, 0), standing(2026, 3, 100, 3), standing(2026, 4, 100, 0), standing(2026, 5, 100, 0)],
        rejected: Some((0, 8)),
        inertness: Some((now() - TimeDelta::hours(2), 0)),
    }
}

fn outcome(asked: Metric, least: Option<&str>, most: Option<&str>, figures: &Figures) -> Outcome {
    let check = MetricCheck { metric: asked, bound: Bound { at_least: least.map(exact), at_most: most.map(exact) } };
    let judged = metric(&check, figures, &Clock { now: now(), max_age_seconds: 24 * 3600 });
    assert!(!judged.summary.is_empty());
    judged.outcome
}

#[test]
fn figures_are_held_against_their_bounds() {
    use Outcome::{Fail, Inconclusive, Pass};
    let all = figures();
    let cycles = |least_rows, least_days| Metric::CleanCycles { least_rows, least_days };
    let eur = Currency::known("EUR").unwrap();
    let table = [
        (Metric::MatchRate, Some("95"), None, Pass),
        (Metric::MatchRate, Some("95.01"), None, Fail),
        (Metric::UnexplainedGross { currency: cad() }, None, Some("12.34"), Pass),
        (Metric::UnexplainedGross { currency: cad() }, None, Some("12.33"), Fail),
        (Metric::UnexplainedGross { currency: eur }, None, Some("0"), Inconclusive),
        (Metric::Coverage { currency: cad() }, Some("99"), None, Pass),
        (Metric::Coverage { currency: cad() }, Some("99.6"), None, Fail),
        (Metric::Coverage { currency: eur }, Some("1"), None, Inconclusive),
        (cycles(1, 0), Some("2"), None, Pass),
        (cycles(1, 0), Some("3"), None, Fail),
        (cycles(1, 61), Some("2"), None, Pass),
        (cycles(1, 62), Some("2"), None, Fail),
        (cycles(101, 0), Some("1"), None, Fail),
        (Metric::RejectedRows, None, Some("0"), Pass),
        (Metric::NotInert, None, Some("0"), Pass),
        (Metric::MatchRate, None, None, Fail),
    ];
    for (asked, least, most, wanted) in table {
        assert_eq!(outcome(asked.clone(), least, most, &all), wanted, "{asked:?} {least:?} {most:?}");
    }
}

#[test]
fn what_is_not_known_or_not_of_now_never_passes() {
    let none = Figures::default();
    let every = [Metric::MatchRate, Metric::CleanCycles { least_rows: 0, least_days: 0 }, Metric::RejectedRows, Metric::NotInert];
    for asked in every {
        assert_eq!(outcome(asked, None, Some("1000"), &none), Outcome::Inconclusive);
    }
    let changed = |change: &dyn Fn(&mut MonthFigures)| {
        let mut all = figures();
        change(all.newest.as_mut().unwrap());
        all
    };
    let rate = |figures: &Figures, least: &str| outcome(Metric::MatchRate, Some(least), None, figures);
    assert_eq!(rate(&changed(&|m| m.is_fresh = false), "95"), Outcome::Stale);
    assert_eq!(rate(&changed(&|m| m.at = now() - TimeDelta::days(2)), "95"), Outcome::Stale);
    assert_eq!(rate(&changed(&|m| m.at = now() + TimeDelta::days(2)), "95"), Outcome::Invalid);
    // What does not hold is told as that, however old it is.
    assert_eq!(rate(&changed(&|m| m.is_fresh = false), "96"), Outcome::Fail);
    assert_eq!(rate(&changed(&|m| m.compared = 0), "0"), Outcome::Inconclusive);
    let mut old = figures();
    old.inertness = Some((now() - TimeDelta::days(3), 0));
    assert_eq!(outcome(Metric::NotInert, None, Some("0"), &old), Outcome::Stale);
}

#[test]
fn a_month_that_is_missing_ends_the_row() {
    let mut gap = figures();
    gap.months = vec![standing(2026, 3, 100, 0), standing(2026, 5, 100, 0)];
    let asked = || Metric::CleanCycles { least_rows: 1, least_days: 0 };
    assert_eq!(outcome(asked(), Some("2"), None, &gap), Outcome::Fail);
    assert_eq!(outcome(asked(), Some("1"), None, &gap), Outcome::Pass);
    gap.months = vec![standing(2026, 5, 0, 0)];
    assert_eq!(outcome(asked(), Some("1"), None, &gap), Outcome::Fail);
}

#[test]
fn a_month_of_another_configuration_ends_the_row_and_evidence_names_every_month_it_used() {
    let mut all = figures();
    let asked = |least_rows| Metric::CleanCycles { least_rows, least_days: 0 };
    let used = |metric: &Metric, figures: &Figures| months_of(metric, figures).iter().map(ToString::to_string).collect::<Vec<_>>();
    // The two that are clean, and the one that ended the row: when that one is mended, there are more.
    assert_eq!(used(&asked(1), &all), ["2026-05-01", "2026-04-01", "2026-03-01"]);
    assert_eq!(used(&Metric::MatchRate, &all), ["2026-05-01"]);
    assert!(used(&Metric::RejectedRows, &all).is_empty() && used(&Metric::MatchRate, &Figures::default()).is_empty());
    all.months[2].is_fresh = false;
    assert_eq!(outcome(asked(1), Some("2"), None, &all), Outcome::Fail);
    assert_eq!(outcome(asked(1), Some("1"), None, &all), Outcome::Pass);
    assert_eq!(used(&asked(1), &all), ["2026-05-01", "2026-04-01"]);
}

//! First invoices against what was expected.

use crate::made::{cad, day, line, pack};
use dualrun::domain::currency::Currency;
use dualrun::domain::exact::Exact;
use dualrun::domain::flip::{CareState, FlipPack, FlipRules, Look};
use dualrun::domain::money::Money;
use dualrun::flip::{Actual, care};

fn rules(amount: &str, percent: &str) -> FlipRules {
    FlipRules { band_amount: amount.parse::<Exact>().unwrap(), band_percent: percent.parse::<Exact>().unwrap(), ..FlipRules::default() }
}

fn state(expected: i64, actual: &Actual, rules: &FlipRules, today: &str) -> &'static str {
    let of = FlipPack { lines: vec![line("a", cad(expected))], ..pack(1, &[]) };
    match care(&of, rules, day(today), |_| actual.clone()).remove(0).state {
        CareState::Clean { .. } => "clean",
        CareState::Held { .. } => "held",
        CareState::Awaited => "awaited",
        CareState::Missing => "missing",
        CareState::Unknown { .. } => "unknown",
    }
}

#[test]
fn the_band_is_the_wider_of_the_two() {
    let exact = rules("0", "0");
    let table = [
        (1000, 1000, &exact, "clean"),
        (1000, 1001, &exact, "held"),
        (1000, 999, &exact, "held"),
        (1000, 1050, &rules("0.50", "0"), "clean"),
        (1000, 1051, &rules("0.50", "0"), "held"),
        (1000, 949, &rules("0.50", "0"), "held"),
        (100_000, 100_500, &rules("0.50", "0.5"), "clean"),
        (100_000, 100_501, &rules("0.50", "0.5"), "held"),
        (0, 50, &rules("0.50", "99"), "clean"),
        (0, 51, &rules("0.50", "99"), "held"),
        (-1000, -1005, &rules("0", "0.5"), "clean"),
    ];
    for (expected, actual, rules, wanted) in table {
        assert_eq!(state(expected, &Actual::Billed(cad(actual)), rules, "2026-07-02"), wanted, "{expected} {actual}");
    }
}

#[test]
fn what_is_not_there_is_awaited_up_to_its_day_and_missing_after_it() {
    let rules = rules("100", "100");
    assert_eq!(state(1, &Actual::Nothing, &rules, "2026-06-30"), "awaited");
    assert_eq!(state(1, &Actual::Nothing, &rules, "2026-07-01"), "awaited");
    assert_eq!(state(1, &Actual::Nothing, &rules, "2026-07-02"), "missing");
    assert_eq!(state(1, &Actual::Unknown("unreadable".to_owned()), &rules, "2026-06-30"), "unknown");
    assert_eq!(state(1, &Actual::Billed(Money::new(1, Currency::known("USD").unwrap())), &rules, "2026-06-30"), "held", "another currency");
}

#[test]
fn clean_is_all_of_them_and_nobody_is_not_clean() {
    let look = |lines| Look { wave: 1, on: day("2026-07-02"), snapshot: String::new(), band_amount: Exact::ZERO, band_percent: Exact::ZERO, lines };
    assert!(!look(Vec::new()).is_clean());
    let lines =
        care(&pack(1, &["a", "b"]), &rules("0", "0"), day("2026-06-02"), |id| if id == "a" { Actual::Billed(cad(1000)) } else { Actual::Nothing });
    let look = look(lines);
    assert!(!look.is_clean() && look.alarms().count() == 0, "awaited is no alarm, and not clean");
}

//! Properties every run must have, on random small books read through real SQLite files.

use crate::memory::{Kept, Memory};
use crate::project::{project, whole};
use crate::random_book::{PROFILE, RandomBook};
use dualrun::adapters::book_files::write_project;
use dualrun::app::progress::Silent;
use dualrun::app::reconcile::reconcile;
use dualrun::domain::exact::{Exact, decimal_text};
use dualrun::domain::key::{Key, KeyKind, KeyNormaliser};
use dualrun::domain::money::Money;
use dualrun::domain::profile::BasisRule;
use dualrun::domain::rounding::{RoundMode, to_units};
use dualrun::domain::verdict::Verdict;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

async fn run(book: &RandomBook, basis: BasisRule) -> Kept {
    run_with(book, basis, PROFILE).await
}

pub async fn run_with(book: &RandomBook, basis: BasisRule, profile: &str) -> Kept {
    let dir = tempfile::tempdir().expect("a folder");
    write_project(&book.book(profile), dir.path()).await.unwrap_or_else(|e| panic!("{e}"));
    let memory = Memory::default();
    let mut project = project(dir.path(), Arc::new(memory.clone()));
    project.profile.basis = basis;
    reconcile(&project, &whole(&["2026-05"]), Arc::new(Silent), CancellationToken::new()).await.unwrap_or_else(|e| panic!("{e}"));
    memory.kept().pop().expect("a run")
}

/// Conservation is checked in the program at every run (an imbalance is `AppError::Bug`); here it is checked again from outside,
/// together with: net = expected − actual, every row has one verdict, and gross is never below |net|.
#[tokio::test(flavor = "multi_thread")]
async fn sums_hold_and_order_changes_nothing() {
    for seed in 0..40 {
        let book = RandomBook::new(seed);
        let kept = run(&book, BasisRule::DraftFirst).await;
        let totals = kept.run.tally.money.values().next().copied().unwrap_or_default();
        assert_eq!(totals.net, totals.expected - totals.actual, "seed {seed}");
        assert!(totals.gross >= totals.net.abs(), "seed {seed}");
        assert_eq!(kept.run.tally.counts.total(), kept.rows.len() as u64);
        let deltas: i64 = kept.rows.iter().filter_map(|r| r.delta).map(|m| m.minor).sum();
        assert_eq!(deltas, totals.net, "seed {seed}");
        let mut keys: Vec<_> = kept.rows.iter().filter(|r| !r.subject.is_unlinked()).map(|r| (r.key.clone(), r.period)).collect();
        let rows = keys.len();
        keys.dedup();
        assert_eq!(keys.len(), rows, "one row a key and period, seed {seed}");
        let again = run(&book.shuffled(seed), BasisRule::DraftFirst).await;
        assert_eq!(again.run.digests, kept.run.digests, "seed {seed}");
        assert_eq!(again.rows, kept.rows, "seed {seed}");
        assert_eq!(again.findings, kept.findings, "seed {seed}");
    }
}

/// With documents on both sides, read by the same words and rounded alike, swapping the sides turns every delta round.
#[tokio::test(flavor = "multi_thread")]
async fn swapping_the_sides_turns_deltas_round() {
    let alike = PROFILE
        .replace(r#"billable = ["paid", "open", "posted"]"#, r#"billable = ["paid", "open", "posted", "draft"]"#)
        .replace(r#"left_out = { void = "void", draft = "draft", cancel = "void" }"#, r#"left_out = { void = "void", cancel = "void" }"#);
    let mut seen = 0;
    for seed in 100..130 {
        let book = RandomBook::new(seed);
        let forward = run_with(&book, BasisRule::Draft, &alike).await;
        let back = run_with(&book.swapped(), BasisRule::Draft, &alike).await;
        let of = |kept: &Kept| -> BTreeMap<String, (Verdict, Option<i64>, Option<i64>)> {
            let rows = kept.rows.iter().filter(|r| !r.documents.is_empty() && !r.subject.is_unlinked());
            rows.map(|r| (r.key.raw().to_owned(), (r.verdict, r.delta.map(|m| m.minor), r.delta_tax.map(|m| m.minor)))).collect()
        };
        let (forward, back) = (of(&forward), of(&back));
        assert_eq!(forward.keys().collect::<Vec<_>>(), back.keys().collect::<Vec<_>>(), "seed {seed}");
        for (key, (verdict, delta, tax)) in forward {
            let (other, other_delta, other_tax) = back[&key];
            assert_eq!((delta, tax), (other_delta.map(|d| -d), other_tax.map(|d| -d)), "seed {seed} {key}");
            // Several equal documents are a duplicate only on the side that bills; one side of nothing agrees with nothing.
            if verdict == Verdict::Duplicate || other == Verdict::Duplicate || delta == Some(0) {
                continue;
            }
            let turned = match verdict {
                Verdict::MissingInSource => Verdict::MissingInTarget,
                Verdict::MissingInTarget => Verdict::MissingInSource,
                same => same,
            };
            assert_eq!(other, turned, "seed {seed} {key}");
            seen += 1;
        }
    }
    assert!(seen > 100, "only {seen} rows were held against each other");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn money_prints_and_parses_to_itself(mantissa in -9_999_999_999_999_999_999_999_999_999i128..=9_999_999_999_999_999_999_999_999_999, scale in 0u32..=12) {
        let text = decimal_text(mantissa, scale);
        let value = Exact::parse(text.as_bytes()).unwrap();
        prop_assert_eq!(value, Exact::scaled(mantissa, scale).unwrap());
        let printed = value.to_string();
        prop_assert_eq!(Exact::parse(printed.as_bytes()).unwrap(), value);
        prop_assert_eq!(&value.to_string(), &printed);
    }

    #[test]
    fn parsing_never_panics_and_never_shortens(text in "\\PC{0,50}|-?[0-9]{0,45}\\.?[0-9]{0,45}") {
        if let Ok(value) = Exact::parse(text.as_bytes()) {
            let digits = |t: &str| t.trim_start_matches(['-', '0']).replace('.', "").trim_start_matches('0').trim_end_matches('0').to_owned();
            prop_assert_eq!(digits(&value.to_string()), digits(&text));
        }
    }

    #[test]
    fn arithmetic_agrees_with_itself(a in -10i128.pow(12)..10i128.pow(12), b in 1i128..10i128.pow(6), c in -10i128.pow(12)..10i128.pow(12), d in 1i128..10i128.pow(6)) {
        let (x, y) = (Exact::ratio(a, b).unwrap(), Exact::ratio(c, d).unwrap());
        prop_assert_eq!(x.add(y).unwrap().sub(y).unwrap(), x);
        prop_assert_eq!(x.add(y).unwrap(), y.add(x).unwrap());
        if !y.is_zero() {
            prop_assert_eq!(x.mul(y).unwrap().div(y).unwrap(), x);
        }
        prop_assert_eq!(x.cmp(&y), (a * d).cmp(&(c * b)));
        prop_assert_eq!(x.to_string().parse::<Exact>().unwrap(), x);
    }

    #[test]
    fn rounding_is_near_symmetric_and_idempotent(num in -10i128.pow(15)..10i128.pow(15), den in 1i128..100_000) {
        let value = Exact::ratio(num, den).unwrap();
        for mode in [RoundMode::HalfUp, RoundMode::HalfEven, RoundMode::Up, RoundMode::Down] {
            let units = to_units(value, 2, mode).unwrap();
            let back = Exact::scaled(i128::from(units), 2).unwrap();
            prop_assert_eq!(to_units(back, 2, mode).unwrap(), units);
            prop_assert_eq!(to_units(value.neg().unwrap(), 2, mode).unwrap(), -units);
            let off = back.sub(value).unwrap().abs().unwrap();
            let most = if matches!(mode, RoundMode::HalfUp | RoundMode::HalfEven) { Exact::ratio(1, 200).unwrap() } else { Exact::ratio(1, 100).unwrap() };
            prop_assert!(off <= most);
        }
    }

    #[test]
    fn uuid_spellings_meet_and_other_keys_stay(bytes in any::<[u8; 16]>(), other in "[a-zA-Z0-9_ -]{1,31}") {
        let hex = format!("{:032x}", u128::from_be_bytes(bytes));
        let hyphens = format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]);
        let key = |text: &str| Key::normalised(text, KeyKind::Text, KeyNormaliser::Uuid).unwrap();
        for spelling in [hex.clone(), hyphens.to_uppercase(), format!("{{{hyphens}}}"), format!("urn:uuid:{hyphens}")] {
            prop_assert_eq!(key(&spelling), key(&hyphens));
        }
        if !other.trim().is_empty() {
            let stays = key(&other);
            prop_assert_eq!(stays.as_str(), other.as_str());
        }
    }

    #[test]
    fn money_of_a_currency_keeps_its_digits(minor in any::<i64>()) {
        for (code, digits) in [("CAD", 2usize), ("JPY", 0), ("KWD", 3)] {
            let text = Money::new(minor, dualrun::domain::currency::Currency::known(code).unwrap()).to_string();
            prop_assert_eq!(text.split_once('.').map_or(0, |(_, d)| d.len()), digits);
            prop_assert_eq!(text.replace('.', "").parse::<i64>().unwrap(), minor);
        }
    }
}

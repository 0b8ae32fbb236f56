//! Whole ratings: what they do not hang on, and how a side's declared ways change them.

use crate::side_profile::plain;
use chrono::NaiveDate;
use dualrun::domain::currency::Currency;
use dualrun::domain::exact::Exact;
use dualrun::domain::period::{Grid, Month};
use dualrun::domain::profile::{Proration, SideProfile, SubscriptionState, ZeroUsage};
use dualrun::domain::records::tiers::{Tier, Tiers};
use dualrun::domain::records::{Charge, ChargeModel, Interval, Plan, Subscription, SubscriptionStatus, SubscriptionTerms};
use dualrun::domain::row::{RatingInputs, Terms};
use dualrun::domain::text::Untrusted;
use dualrun::rating::{RatingError, due, rate, steps};

fn number(text: &str) -> Exact {
    text.parse().unwrap()
}

fn charge(metric: &str, model: &str, unit_price: Option<&str>) -> Charge {
    Charge {
        plan_id: "p".to_owned(),
        metric: metric.to_owned(),
        model: ChargeModel::of(model),
        model_word: model.to_owned(),
        included: Exact::ZERO,
        package_size: Exact::ONE,
        unit_price: unit_price.map(number),
        tiers: Tiers::None,
        minimum: None,
        maximum: None,
    }
}

fn tiered(metric: &str, model: &str) -> Charge {
    let tier = |up_to: Option<&str>, unit: &str, flat: &str| Tier { up_to: up_to.map(number), unit: number(unit), flat: number(flat) };
    Charge { tiers: Tiers::Units(vec![tier(Some("100"), "0.5", "2"), tier(None, "0.25", "0")]), ..charge(metric, model, None) }
}

fn terms(charges: Vec<Charge>) -> Terms {
    let plan = Plan {
        id: "p".to_owned(),
        name: Untrusted::new("P"),
        currency: Currency::known("CAD").unwrap(),
        interval: Interval { months: 1 },
        flat_price: number("10.00"),
        active: true,
    };
    Terms { plan, charges }
}

fn inputs(usage: &[(&str, &str)]) -> RatingInputs {
    RatingInputs {
        plan_id: "p".to_owned(),
        quantity: Exact::ONE,
        price_override: None,
        discount_percent: Exact::ZERO,
        days: 31,
        of_days: 31,
        usage: usage.iter().map(|(metric, used)| ((*metric).to_owned(), number(used))).collect(),
        taxes: None,
        stretches: Vec::new(),
    }
}

fn net(inputs: &RatingInputs, terms: &Terms, profile: &SideProfile) -> String {
    rate(inputs, terms, profile).unwrap().net.to_string()
}

#[test]
fn the_order_of_what_was_used_changes_nothing() {
    let terms = terms(vec![charge("a", "standard", Some("0.1")), tiered("b", "graduated"), tiered("c", "volume")]);
    let forward = inputs(&[("a", "3"), ("b", "150"), ("c", "99.5")]);
    let back = inputs(&[("c", "99.5"), ("b", "150"), ("a", "3")]);
    assert_eq!(rate(&forward, &terms, &plain()), rate(&back, &terms, &plain()));
    assert_eq!(steps(&forward, &terms, &plain()), steps(&back, &terms, &plain()));
    assert_eq!(net(&forward, &terms, &plain()), "126.55", "10 + 0.3 + 64.5 + 51.75");
}

#[test]
fn nothing_used_costs_what_is_declared() {
    let terms = terms(vec![tiered("b", "graduated"), charge("c", "package", Some("3"))]);
    let free = SideProfile { zero_usage: ZeroUsage::Free, ..plain() };
    assert_eq!((net(&inputs(&[]), &terms, &plain()), net(&inputs(&[]), &terms, &free)), ("12.00".to_owned(), "10.00".to_owned()));
    assert_eq!(net(&inputs(&[("b", "0.1")]), &terms, &free), "12.05", "used at all, its fee is due");
    let none: Vec<String> = steps(&inputs(&[("b", "0")]), &terms, &free).unwrap();
    assert!(none.iter().all(|s| !s.starts_with('b')), "{none:?}");
}

#[test]
fn a_charge_is_redone_by_hand() {
    let mut volume = tiered("c", "volume");
    volume.included = number("10");
    volume.maximum = Some(number("20"));
    let mut percentage = charge("d", "percentage", Some("1.3"));
    percentage.included = number("250");
    let terms = terms(vec![tiered("b", "graduated"), volume, percentage, charge("e", "package_down", Some("3"))]);
    let inputs = RatingInputs { discount_percent: number("10"), ..inputs(&[("b", "150"), ("c", "110"), ("d", "800"), ("e", "2.5")]) };
    let lines = steps(&inputs, &terms, &plain()).unwrap();
    let wanted = [
        "flat 10 × 1 − 10 % = 9",
        "b in the tier to 100: 100 × 0.5 + 2",
        "b in the last tier: 50 × 0.25",
        "b (150 used, 0 included) 150 over by graduated, the sum of its tiers − 10 % = 58.05",
        "c in the tier to 100: 100 × 0.5 + 2",
        "c (110 used, 10 included) 100 over by volume, the sum of its tiers − 10 %, at most 20 = 20",
        "d (800 used, 250 included) 550 over × 1.3 % − 10 % = 6.435",
        "e (2.5 used, 0 included) 2.5 over = 2 full packages × 3 − 10 % = 5.4",
        "net 98.89 = 98.885 rounded half-up, the sum",
    ];
    assert_eq!(lines[..wanted.len()], wanted);
}

#[test]
fn a_model_nobody_knows_is_not_rated() {
    let terms = terms(vec![charge("a", "bespoke", Some("1"))]);
    let error = rate(&inputs(&[]), &terms, &plain()).unwrap_err();
    assert!(matches!(&error, RatingError::Model { model, .. } if model == "bespoke"), "{error}");
}

#[test]
fn part_of_a_month_by_every_convention() {
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let subscription = Subscription::<(), &str> {
        key: (),
        customer_id: "c",
        plan_id: "p",
        started_on: day("2026-05-17"),
        terms: SubscriptionTerms {
            status: SubscriptionStatus::Known(SubscriptionState::Active),
            ended_on: None,
            trial_end: None,
            quantity: Exact::ONE,
            price_override: None,
            discount_percent: Exact::ZERO,
            grid: Grid::CALENDAR,
            currency: None,
        },
    };
    let may = Grid::CALENDAR.period_in(Month::parse("2026-05").unwrap());
    let due = due(&subscription, Interval { months: 1 }, may).unwrap();
    let of = |proration| {
        let (days, of_days) = due.counted(proration);
        let inputs = RatingInputs { days, of_days, ..inputs(&[]) };
        let profile = SideProfile { proration, ..plain() };
        let rating = rate(&inputs, &terms(Vec::new()), &profile).unwrap();
        (rating.exact.to_string(), steps(&inputs, &terms(Vec::new()), &profile).unwrap().swap_remove(0))
    };
    assert_eq!(of(Proration::Day), ("150/31".to_owned(), "flat 10 × 1 × 15/31 days = 4.838709… (150/31)".to_owned()));
    assert_eq!(of(Proration::Fixed30), ("5".to_owned(), "flat 10 × 1 × 15/30 days = 5".to_owned()));
    assert_eq!(of(Proration::Days30360).1, "flat 10 × 1 × 14/30 days = 4.666666… (14/3)");
    assert_eq!(of(Proration::DailyPrice).1, "(flat 10 × 1 ÷ 31 days, rounded half-up to 2 decimals) × 15 days = 4.8");
    assert_eq!(of(Proration::Ratio9).1, "flat 10 × 1 × (15/31 days, rounded half-up to 9 decimals) = 4.83870968");
    assert_eq!(of(Proration::None).0, "10");
}

/// What older versions stored reads as it did, and is rated as it was.
#[test]
fn terms_stored_before_there_were_tiers_are_read() {
    let old = r#"{"plan":{"id":"p","name":"P","currency":"CAD","interval":1,"flat_price":"10","active":true},"charges":[
        {"plan_id":"p","metric":"a","model":"package","model_word":"package","included":"0","package_size":"10","unit_price":"3","minimum":null,"maximum":null},
        {"plan_id":"p","metric":"b","model":"unsupported","model_word":"graduated","included":"0","package_size":"1","unit_price":null,"minimum":null,"maximum":null}]}"#;
    let old: Terms = serde_json::from_str(old).unwrap();
    assert!(old.charges.iter().all(|c| c.tiers.is_none()));
    assert!(matches!(rate(&inputs(&[]), &old, &plain()), Err(RatingError::Model { .. })));
    let new = terms(vec![tiered("b", "graduated"), charge("a", "package", Some("3"))]);
    let stored = serde_json::to_string(&new).unwrap();
    assert_eq!(serde_json::from_str::<Terms>(&stored).unwrap(), new);
    assert_eq!(stored.matches("tiers").count(), 1, "a charge without tiers is stored as before");
}

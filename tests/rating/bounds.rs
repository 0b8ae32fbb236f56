//! Whole ratings at the edges of what numbers can be, their scale and their digits, and what is printed of them.

use crate::oracle;
use crate::side_profile::plain;
use dualrun::domain::currency::Currency;
use dualrun::domain::exact::Exact;
use dualrun::domain::money::Money;
use dualrun::domain::profile::{Proration, SideProfile, Stage};
use dualrun::domain::records::tiers::{Tier, Tiers};
use dualrun::domain::records::{Charge, ChargeModel, Interval, Plan};
use dualrun::domain::rounding::{RoundMode, to_minor};
use dualrun::domain::row::{AppliedTax, RatingInputs, Stretch, Terms};
use dualrun::domain::text::Untrusted;
use dualrun::rating::{RatingError, rate, steps};
use proptest::prelude::*;

/// Any number that can be read: up to 38 digits, up to 12 of them behind the point.
fn any_number() -> impl Strategy<Value = Exact> {
    let mantissa = prop_oneof![any::<i128>(), -10i128.pow(15)..10i128.pow(15), Just(0i128), Just(i128::MAX), Just(i128::MIN)];
    (mantissa, 0u32..=12).prop_map(|(mantissa, scale)| Exact::scaled(mantissa, scale).unwrap_or(Exact::ONE))
}

fn charge(model: &str, [included, size, unit, bound, fee]: [Exact; 5]) -> Charge {
    let tiers = [Tier { up_to: Some(bound), unit, flat: fee }, Tier { up_to: None, unit: fee, flat: unit }];
    Charge {
        plan_id: "plan-7".to_owned(),
        metric: model.to_owned(),
        model: ChargeModel::of(model),
        model_word: model.to_owned(),
        included,
        package_size: size,
        unit_price: Some(unit),
        tiers: Tiers::Units(tiers.into()),
        minimum: Some(fee),
        maximum: None,
    }
}

fn terms(currency: &str, flat_price: Exact, charges: Vec<Charge>) -> Terms {
    let currency = Currency::known(currency).unwrap();
    let plan = Plan { id: "plan-7".to_owned(), name: Untrusted::new("P"), currency, interval: Interval { months: 1 }, flat_price, active: true };
    Terms { plan, charges }
}

fn inputs(quantity: Exact, discount_percent: Exact, days: i64, of_days: i64, usage: Vec<(String, Exact)>) -> RatingInputs {
    let taxes = Some(vec![AppliedTax { name: Untrusted::new("t"), rate: Exact::whole(13) }]);
    RatingInputs {
        plan_id: "plan-7".to_owned(),
        quantity,
        price_override: None,
        discount_percent,
        days,
        of_days,
        usage,
        taxes,
        stretches: Vec::new(),
    }
}

const MODELS: [&str; 6] = ["standard", "package", "graduated", "volume", "graduated_percentage", "percentage"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// §5, 18. Whatever the numbers, there is an amount, or an error that names the plan or the charge it is of.
    #[test]
    fn a_rating_is_an_amount_or_an_error_that_names_its_plan(
        numbers in proptest::collection::vec(any_number(), 9),
        (days, of_days) in prop_oneof![(any::<i64>(), any::<i64>()), (0i64..40, 0i64..40)],
        (model, rule, per_line, inclusive) in (0usize..6, 0usize..6, any::<bool>(), any::<bool>()),
        stretched in any::<bool>(),
    ) {
        let [price, quantity, discount, used, included, size, unit, bound, fee] = numbers[..] else { return Ok(()) };
        let terms = terms("CAD", price, vec![charge(MODELS[model], [included, size, unit, bound, fee])]);
        let mut inputs = inputs(quantity, discount, days, of_days, vec![(MODELS[model].to_owned(), used)]);
        if stretched {
            let from = "2026-05-01".parse().unwrap();
            let stretch = |price, days| Stretch { from, plan_id: "plan-7".to_owned(), price, overridden: false, quantity, days };
            inputs.stretches = vec![stretch(price, days), stretch(unit, of_days)];
        }
        let profile = SideProfile {
            proration: Proration::WORDS[rule].1,
            round_per: if per_line { Stage::Line } else { Stage::Invoice },
            tax_inclusive: inclusive,
            ..plain()
        };
        match rate(&inputs, &terms, &profile) {
            Ok(rating) => prop_assert_eq!(rating.net.currency, terms.plan.currency),
            Err(RatingError::Number(of)) => prop_assert!(of.starts_with("plan-7"), "{}", of),
            Err(other) => prop_assert!(false, "{other}"),
        }
        let _ = steps(&inputs, &terms, &profile);
    }

    /// §5, 16. Prices ten times as high are amounts ten times as high before rounding, and the currency's digits change the last stage only.
    #[test]
    fn prices_scale_and_a_currency_rounds_only_at_the_end(
        price in 0i128..100_000, unit in 0i128..10_000, fee in 0i128..5_000, used in 0i128..2_000, days in 0i64..=31, model in 0usize..4, k in 1u32..4,
    ) {
        let cents = |n: i128| Exact::ratio(n, 100).unwrap();
        let of = |code: &str, up: i128| {
            let charge = charge(MODELS[model], [Exact::whole(10), Exact::whole(7), cents(unit * up), Exact::whole(100), cents(fee * up)]);
            let inputs = inputs(Exact::ONE, Exact::whole(5), days, 31, vec![(MODELS[model].to_owned(), Exact::whole(used))]);
            rate(&inputs, &terms(code, cents(price * up), vec![charge]), &plain()).unwrap()
        };
        let up = 10i128.pow(k);
        prop_assert_eq!(of("CAD", 1).exact.mul(Exact::whole(up)).unwrap(), of("CAD", up).exact);
        for code in ["JPY", "CAD", "KWD"] {
            let rating = of(code, 1);
            prop_assert_eq!(rating.exact, of("CAD", 1).exact);
            prop_assert_eq!(rating.net, to_minor(rating.exact, Currency::known(code).unwrap(), RoundMode::HalfUp).unwrap());
        }
    }

    /// §5, 21. What is written of an amount is the amount rounded, never cut, and reads back as what it was.
    #[test]
    fn what_is_printed_is_rounded_and_reads_back(num in -10i128.pow(14)..10i128.pow(14), den in 1i128..100_000) {
        let exact = Exact::ratio(num, den).unwrap();
        for (code, digits) in [("JPY", 0usize), ("CAD", 2), ("KWD", 3)] {
            let money = to_minor(exact, Currency::known(code).unwrap(), RoundMode::HalfUp).unwrap();
            let minor = oracle::rounded(num * 10i128.pow(u32::try_from(digits).unwrap()), den, "half_up");
            let (sign, plain) = (if minor < 0 { "-" } else { "" }, format!("{:0width$}", minor.abs(), width = digits + 1));
            let (whole, rest) = plain.split_at(plain.len() - digits);
            let wanted = if digits == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest}") };
            prop_assert_eq!(money.to_string(), wanted);
            let stored = serde_json::to_string(&money).unwrap();
            prop_assert_eq!(serde_json::from_str::<Money>(&stored).unwrap(), money);
        }
        // As text, so that no reader's binary floats come near it; a fraction that ends nowhere stays one.
        let stored = serde_json::to_value(exact).unwrap();
        prop_assert!(stored.is_string());
        let back: Exact = serde_json::from_value(stored.clone()).unwrap();
        prop_assert_eq!((back, serde_json::to_value(back).unwrap()), (exact, stored));
    }
}

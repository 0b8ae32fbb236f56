//! Whole bills against whole numbers: flat price, charges by four models, discount, bounds, rounding and tax, every way a side may
//! declare them.

use crate::oracle::{self, Frac, OracleTier};
use crate::side_profile::plain;
use dualrun::cases::{self, RatingCase};
use dualrun::domain::currency::Currency;
use dualrun::domain::exact::Exact;
use dualrun::domain::period::{Grid, Month};
use dualrun::domain::profile::{SideProfile, Stage, TaxStage, ZeroUsage};
use dualrun::domain::records::tiers::{Tier, Tiers};
use dualrun::domain::records::{Charge, ChargeModel, Interval, Plan};
use dualrun::domain::rounding::RoundMode;
use dualrun::domain::row::{AppliedTax, RatingInputs, Terms};
use dualrun::domain::text::Untrusted;
use dualrun::rating::rate;
use proptest::prelude::*;

/// A charge in tenths of units and thousandths of money.
#[derive(Debug, Clone)]
struct Metered {
    model: usize,
    used: i128,
    included: i128,
    size: i128,
    unit: i128,
    tiers: [OracleTier; 2],
    least: Option<i128>,
    most: Option<i128>,
}

fn metered() -> impl Strategy<Value = Metered> {
    let bounds = (proptest::option::of(0i128..20_000), proptest::option::of(0i128..20_000));
    let tiers = (1i128..300, 0i128..900, 0i128..2_000, 0i128..900, 0i128..2_000);
    (0usize..4, 0i128..800, 0i128..200, 1i128..100, 0i128..900, tiers, bounds).prop_map(
        |(model, used, included, size, unit, tiers, (least, most))| {
            let (bound, first, flat, second, later) = tiers;
            let tiers = [OracleTier { up_to: Some(bound), unit: first, flat }, OracleTier { up_to: None, unit: second, flat: later }];
            Metered { model, used, included, size, unit, tiers, least, most }
        },
    )
}

const MODELS: [&str; 4] = ["standard", "package", "graduated", "volume"];

fn ratio(num: i128, den: i128) -> Exact {
    Exact::ratio(num, den).unwrap()
}

fn charge(at: usize, of: &Metered) -> Charge {
    let tier = |t: &OracleTier| Tier { up_to: t.up_to.map(|b| ratio(b, 10)), unit: ratio(t.unit, 1000), flat: ratio(t.flat, 1000) };
    let tiered = of.model >= 2;
    Charge {
        plan_id: "p".to_owned(),
        metric: format!("m{at}"),
        model: ChargeModel::of(MODELS[of.model]),
        model_word: MODELS[of.model].to_owned(),
        included: ratio(of.included, 10),
        package_size: ratio(of.size, 10),
        unit_price: Some(ratio(of.unit, 1000)),
        tiers: if tiered { Tiers::Units(of.tiers.iter().map(tier).collect()) } else { Tiers::None },
        minimum: of.least.map(|n| ratio(n, 1000)),
        maximum: of.most.map(|n| ratio(n, 1000)),
    }
}

/// What a charge comes to after the discount and within its bounds; `None` where it makes no line.
fn line(of: &Metered, kept: Frac, free: bool) -> Option<Frac> {
    let over = (of.used - of.included).max(0);
    let full = match of.model {
        0 => Frac::new(over * of.unit, of.size * 1000),
        1 => Frac::new(oracle::packages(of.used, of.included, of.size, true) * of.unit, 1000),
        _ if over == 0 && free => Frac::ZERO,
        2 => oracle::graduated(&of.tiers, over),
        _ => oracle::volume(&of.tiers, over),
    };
    let clamped = |amount: Frac| {
        let amount = of.least.map(|n| Frac::new(n, 1000)).filter(|least| amount.at_most(*least)).unwrap_or(amount);
        of.most.map(|n| Frac::new(n, 1000)).filter(|most| most.at_most(amount)).unwrap_or(amount)
    };
    if of.used == 0 && clamped(full).num == 0 { None } else { Some(clamped(full.times(kept))) }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_bill_is_what_whole_numbers_say(
        price in 0i128..100_000,
        quantity in 0i128..5,
        days in 0i64..=31,
        discount in 0i128..=100,
        all in proptest::collection::vec(metered(), 0..4),
        (mode, per_line, stage, free) in (0usize..7, any::<bool>(), 0usize..3, any::<bool>()),
        rates in proptest::collection::vec(0i128..20_000, 0..3),
        (digits, code) in proptest::sample::select(vec![(0u32, "JPY"), (2, "CAD"), (3, "KWD")]),
    ) {
        let (word, round_mode) = RoundMode::WORDS[mode];
        let profile = SideProfile {
            round_mode,
            round_per: if per_line { Stage::Line } else { Stage::Invoice },
            tax_per: [TaxStage::Line, TaxStage::Invoice, TaxStage::Once][stage],
            zero_usage: if free { ZeroUsage::Free } else { ZeroUsage::Charged },
            ..plain()
        };
        let currency = Currency::known(code).unwrap();
        let plan = Plan { id: "p".to_owned(), name: Untrusted::new("P"), currency, interval: Interval { months: 1 }, flat_price: ratio(price, 100), active: true };
        let terms = Terms { plan, charges: all.iter().enumerate().map(|(at, of)| charge(at, of)).collect() };
        let inputs = RatingInputs {
            plan_id: "p".to_owned(),
            quantity: Exact::whole(quantity),
            price_override: None,
            discount_percent: Exact::whole(discount),
            days,
            of_days: 31,
            usage: all.iter().enumerate().map(|(at, of)| (format!("m{at}"), ratio(of.used, 10))).collect(),
            taxes: Some(rates.iter().map(|r| AppliedTax { name: Untrusted::new("t"), rate: ratio(*r, 1000) }).collect()),
            stretches: Vec::new(),
        };

        let unit = 10i128.pow(digits);
        let minor = |amount: Frac| oracle::rounded(amount.num * unit, amount.den, word);
        let kept = Frac::new(100 - discount, 100);
        let flat = Frac::new(price * quantity * i128::from(days), 3_100).times(kept);
        let lines: Vec<Frac> = std::iter::once(flat).chain(all.iter().filter_map(|of| line(of, kept, free))).collect();
        let exact = lines.iter().fold(Frac::ZERO, |sum, line| sum.plus(*line));
        let net: i128 = if per_line { lines.iter().map(|line| minor(*line)).sum() } else { minor(exact) };
        let tax = |base: Frac, rate: i128| minor(base.times(Frac::new(rate, 100_000)));
        let of_net = Frac::new(net, unit);
        let taxes: i128 = match stage {
            0 => {
                let base = |line: &Frac| if per_line { Frac::new(minor(*line), unit) } else { *line };
                lines.iter().flat_map(|line| rates.iter().map(move |rate| tax(base(line), *rate))).sum()
            }
            1 => rates.iter().map(|rate| tax(of_net, *rate)).sum(),
            _ => tax(of_net, rates.iter().sum()),
        };

        let rating = rate(&inputs, &terms, &profile).unwrap();
        prop_assert_eq!(rating.exact, exact.exact());
        prop_assert_eq!((i128::from(rating.net.minor), rating.tax.map(|t| i128::from(t.minor))), (net, Some(taxes)));
        let case = RatingCase {
            id: "x".to_owned(),
            source: "x".to_owned(),
            note: None,
            subscription: "x",
            period: Grid::CALENDAR.period_in(Month::parse("2026-05").unwrap()),
            inputs: &inputs,
            terms: &terms,
            profile: &profile,
            actual: Some(rating.net),
            actual_tax: rating.tax,
            cause: None,
        };
        let case = case.to_value().unwrap();
        let outcome = cases::run(&cases::read(&case.to_string()).unwrap());
        prop_assert!(outcome.holds(), "{:?}", outcome.fail);
        prop_assert_eq!((&case["expected"]["net"], &case["expected"]["delta"]), (&rating.net.to_string().into(), &"0".into()));
        // Prices that hold their tax come to the same for the customer, and net and tax are all of it.
        let inclusive = rate(&inputs, &terms, &SideProfile { tax_inclusive: true, ..profile }).unwrap();
        let paid = inclusive.net.plus(inclusive.tax.unwrap()).unwrap();
        prop_assert_eq!(i128::from(paid.minor), minor(exact));
    }
}

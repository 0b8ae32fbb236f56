//! Charge models against their oracles: quotas, packages, tiers, per cent, bounds.

use crate::oracle::{self, Frac, OracleTier};
use dualrun::domain::exact::Exact;
use dualrun::domain::records::tiers::{BlockTier, Tier, ascending};
use dualrun::rating::metered::{Started, beyond, linear, overage, packages, started_units};
use dualrun::rating::percentage::Percentage;
use dualrun::rating::spend::{clamp, still_to_bill, true_up};
use dualrun::rating::tiers::{BlockPolicy, graduated, graduated_between, graduated_percentage, package_tiers, volume};
use proptest::prelude::*;

fn tenths(n: i128) -> Exact {
    Exact::ratio(n, 10).unwrap()
}

fn thousandths(n: i128) -> Exact {
    Exact::ratio(n, 1000).unwrap()
}

fn number(text: &str) -> Exact {
    text.parse().unwrap()
}

/// Up to four tiers with fractional bounds, the last one open.
fn tiers() -> impl Strategy<Value = Vec<OracleTier>> {
    let tier = (1i128..300, 0i128..5_000, 0i128..3_000);
    proptest::collection::vec(tier, 1..5).prop_map(|steps| {
        let last = steps.len() - 1;
        let mut bound = 0;
        let tier = |(at, (step, unit, flat)): (usize, (i128, i128, i128))| {
            bound += step;
            OracleTier { up_to: (at < last).then_some(bound), unit, flat }
        };
        steps.into_iter().enumerate().map(tier).collect()
    })
}

fn real(tiers: &[OracleTier]) -> Vec<Tier> {
    let tiers: Vec<Tier> = tiers.iter().map(|t| Tier { up_to: t.up_to.map(tenths), unit: thousandths(t.unit), flat: thousandths(t.flat) }).collect();
    assert!(ascending(&tiers));
    tiers
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn tiers_are_what_counting_says(tiers in tiers(), quantity in 0i128..1_200) {
        let real = real(&tiers);
        prop_assert_eq!(graduated(&real, tenths(quantity)).unwrap(), oracle::graduated(&tiers, quantity).exact());
        prop_assert_eq!(volume(&real, tenths(quantity)).unwrap(), oracle::volume(&tiers, quantity).exact());
        // Per cent is a hundredth of a price.
        let bare: Vec<OracleTier> = tiers.iter().map(|t| OracleTier { flat: 0, ..*t }).collect();
        let whole = oracle::graduated(&bare, quantity).times(Frac::new(1, 100));
        prop_assert_eq!(graduated_percentage(&self::real(&bare), tenths(quantity)).unwrap(), whole.exact());
    }

    #[test]
    fn graduated_rises_adds_up_and_steps_only_by_fees(tiers in tiers(), mut points in [0i128..1_000, 0i128..1_000]) {
        points.sort_unstable();
        let (real, [a, b]) = (real(&tiers), points.map(tenths));
        let (to_a, to_b) = (graduated(&real, a).unwrap(), graduated(&real, b).unwrap());
        prop_assert!(!to_a.is_negative() && to_a <= to_b);
        prop_assert_eq!(to_a.add(graduated_between(&real, a, b).unwrap()).unwrap(), to_b);
        for (at, tier) in real.iter().enumerate().take(real.len() - 1) {
            // A little beyond a bound costs the next fee, and the little itself.
            let (bound, little) = (tier.up_to.unwrap(), Exact::ratio(1, 1_000_000).unwrap());
            let step = graduated_between(&real, bound, bound.add(little).unwrap()).unwrap();
            let next = &real[at + 1];
            prop_assert_eq!(step, next.flat.add(next.unit.mul(little).unwrap()).unwrap());
        }
        let first = real[0].up_to.unwrap_or(b);
        prop_assert_eq!(graduated(&real, first).unwrap(), volume(&real, first).unwrap());
        let one = [Tier { up_to: None, flat: Exact::ZERO, ..real[0] }];
        prop_assert_eq!(graduated(&one, b).unwrap(), linear(b, real[0].unit).unwrap());
    }

    #[test]
    fn packages_are_counted(quantity in 0i128..2_000, free in 0i128..500, size in 1i128..300, price in 0i128..10_000) {
        let over = beyond(tenths(quantity), tenths(free)).unwrap();
        let of = |started| packages(over, tenths(size), started).unwrap();
        prop_assert_eq!(of(Started::Up), Exact::whole(oracle::packages(quantity, free, size, true)));
        prop_assert_eq!(of(Started::Down), Exact::whole(oracle::packages(quantity, free, size, false)));
        prop_assert!(of(Started::Down) <= of(Started::ByPart) && of(Started::ByPart) <= of(Started::Up));
        // More is never cheaper; within the quota it is the flat price alone.
        let price = thousandths(price);
        let bill = |quantity| overage(Exact::whole(19), tenths(free), price, tenths(quantity)).unwrap();
        prop_assert!(bill(quantity) <= bill(quantity + 1));
        prop_assert_eq!(bill(quantity.min(free)), Exact::whole(19));
        let more = packages(beyond(tenths(quantity + 1), tenths(free)).unwrap(), tenths(size), Started::Up).unwrap();
        prop_assert!(of(Started::Up) <= more);
    }

    #[test]
    fn blocks_are_counted(quantity in 0i128..400, sizes in [1i128..40, 1i128..40], most in 1i128..8, prices in [0i128..100, 0i128..100]) {
        let tier = |at: usize, max_blocks| BlockTier { block: tenths(sizes[at]), max_blocks, price: Exact::whole(prices[at]) };
        let tiers = [tier(0, Some(u64::try_from(most).unwrap())), tier(1, None)];
        let (mut rest, mut first, mut second) = (quantity, 0, 0);
        while rest > 0 {
            if first < most {
                (rest, first) = (rest - sizes[0], first + 1);
            } else {
                (rest, second) = (rest - sizes[1], second + 1);
            }
        }
        let all = package_tiers(&tiers, tenths(quantity), BlockPolicy::AllTiers).unwrap();
        prop_assert_eq!(all, Exact::whole(first * prices[0] + second * prices[1]));
        let blocks = oracle::packages(quantity, 0, sizes[0], true);
        let top = if blocks <= most { blocks * prices[0] } else { oracle::packages(quantity, 0, sizes[1], true) * prices[1] };
        prop_assert_eq!(package_tiers(&tiers, tenths(quantity), BlockPolicy::TopTier).unwrap(), Exact::whole(top));
    }

    /// A pool is never dearer than each for itself, and as dear where all are over, or none is.
    #[test]
    fn a_pooled_quota_never_costs_more(used in proptest::collection::vec(0i128..1_000, 1..8), quota in 0i128..1_000, how in 0..3) {
        let used: Vec<i128> = used.iter().map(|u| match how { 0 => u + quota, 1 => u.min(&quota).to_owned(), _ => *u }).collect();
        let apart = Exact::sum(used.iter().map(|u| beyond(tenths(*u), tenths(quota)).unwrap())).unwrap();
        let all = i128::try_from(used.len()).unwrap();
        let pooled = beyond(tenths(used.iter().sum()), tenths(quota * all)).unwrap();
        prop_assert!(pooled <= apart);
        if how < 2 {
            prop_assert_eq!(pooled, apart);
        }
    }

    #[test]
    fn a_percentage_by_event_is_the_total_where_nothing_bounds_it(events in proptest::collection::vec(1i128..100_000, 0..8), rate in 0i128..500, fixed in 0i128..300, free in 0i128..50_000) {
        let terms = Percentage { rate: tenths(rate), fixed: thousandths(fixed), free_base: thousandths(free), ..Percentage::default() };
        let mut left = free;
        let mut wanted = Frac::ZERO;
        for event in &events {
            let taken = left.min(*event);
            left -= taken;
            if taken < *event {
                wanted = wanted.plus(Frac::new((event - taken) * rate, 1_000_000)).plus(Frac::new(fixed, 1000));
            }
        }
        let reals: Vec<Exact> = events.iter().map(|e| thousandths(*e)).collect();
        prop_assert_eq!(terms.of_events(&reals).unwrap(), wanted.exact());
        let base: i128 = events.iter().sum();
        let paid = events.iter().scan(free, |left, e| { let before = *left; *left -= (*left).min(*e); Some(before < *e) }).filter(|p| *p).count();
        if base > free {
            prop_assert_eq!(terms.of_total(thousandths(base), Exact::whole(i128::try_from(paid).unwrap())).unwrap(), wanted.exact());
        }
        // Bounds of an event hold for each that pays.
        let bounded = Percentage { minimum: Some(number("0.5")), maximum: Some(number("2")), ..terms }.of_events(&reals).unwrap();
        let paid = Exact::whole(i128::try_from(paid).unwrap());
        prop_assert!(bounded >= paid.mul(number("0.5")).unwrap() && bounded <= paid.mul(number("2")).unwrap());
    }

    #[test]
    fn a_commitment_holds_both_ways(amount in -1_000i128..1_000, least in 0i128..500, more in 0i128..500, billed in 0i128..500) {
        let [amount, least, most, billed] = [amount, least, least + more, billed].map(tenths);
        let held = clamp(amount, Some(least), Some(most));
        prop_assert!(held >= least && held <= most && (held == amount || amount < least || amount > most));
        prop_assert_eq!(still_to_bill(amount, Some(least), Some(most), billed).unwrap().add(billed).unwrap(), held);
        // What is missing to a minimum that holds all days brings the fees up to it.
        let missing = true_up(most, 31, 31, &[amount, billed]).unwrap();
        prop_assert_eq!(Exact::sum([missing, amount, billed]).unwrap(), most);
    }
}

#[test]
fn what_volume_is_known_to_do() {
    let tier = |up_to: Option<&str>, unit: &str, flat: &str| Tier { up_to: up_to.map(number), unit: number(unit), flat: number(flat) };
    let tiers = [tier(Some("100"), "2", "10"), tier(Some("200"), "1", "0"), tier(None, "0.5", "50")];
    assert_eq!(volume(&tiers, number("100")).unwrap(), number("210"));
    assert_eq!(volume(&tiers, number("100.5")).unwrap(), number("100.5"), "more costs less");
    assert_eq!((graduated(&tiers, Exact::ZERO).unwrap(), volume(&tiers, Exact::ZERO).unwrap()), (number("10"), number("10")));
    assert_eq!(started_units(&[5, 5, 5].map(Exact::whole), Exact::whole(60)).unwrap(), Exact::whole(3));
    assert_eq!((graduated(&[], Exact::ONE).unwrap(), volume(&[], Exact::ONE).unwrap()), (Exact::ZERO, Exact::ZERO));
}

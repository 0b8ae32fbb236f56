//! Each cause needs a row of the data of its own: one datum that would have to speak for two causes confirms neither.

use super::made::{Made, day, exact, money};
use dualrun::domain::evidence::{Change, DiscountKind};
use dualrun::domain::exact::Exact;
use dualrun::domain::explanation::{Cause, Certainty, Explanation};
use dualrun::domain::records::tiers::Tiers;
use dualrun::domain::records::{Charge, ChargeModel};
use proptest::prelude::*;

const BOTH: [Cause; 2] = [Cause::ProrationByDay, Cause::ProratedQuota];

/// 310 calls included and 0.50 for each beyond; 1,000 were used. The price falls by part of the month, the quota by another.
fn metered(list: i64, price_days: i64, quota_days: i64) -> Made {
    let mut made = Made::new(list);
    let charge = Charge {
        plan_id: "p-1".to_owned(),
        metric: "calls".to_owned(),
        model: ChargeModel::Standard,
        model_word: "standard".to_owned(),
        included: Exact::whole(310),
        package_size: Exact::ONE,
        unit_price: Some(exact(50)),
        tiers: Tiers::None,
        minimum: None,
        maximum: None,
    };
    for shelf in &mut made.shelves {
        shelf.terms[0].charges = vec![charge.clone()];
    }
    made.row.inputs[0].usage = vec![("calls".to_owned(), Exact::whole(1_000))];
    (made.row.expected, made.row.rated) = (Some(money(list + 690 * 50)), Some(money(list + 690 * 50)));
    made.billed(list * price_days / 31 + (1_000 - 10 * quota_days) * 50)
}

/// Whether price or quota alone, by a start on that day, makes what both make by months of 31 days: counted by months of 30 or 31, with
/// the first day or without it.
fn made_by_one(list: i64, start: i64) -> bool {
    let (days, full) = (32 - start, (1_000 - 310) * 50);
    let both = list * days / 31 + (1_000 - 10 * days) * 50;
    let near = |twice: i64, amount: i64| (twice - 2 * amount).abs() <= 1;
    [30, 31].into_iter().flat_map(|month| [days - 1, days, days + 1].map(|n| (n, month))).any(|(n, month)| {
        let (price, quota) = (2 * list * n / month + 2 * full, 2 * list + 2 * (1_000 * 50) - 2 * 310 * 50 * n / month);
        near(price, both) || near(quota, both)
    })
}

fn started(made: &mut Made, price: &str, quota: &str) {
    made.source().started_on = day(price);
    made.target().started_on = day(quota);
}

fn first(told: &Explanation) -> Vec<Cause> {
    told.hypotheses.first().map(|h| h.causes.clone()).unwrap_or_default()
}

#[test]
fn one_start_does_not_confirm_both_a_prorated_price_and_a_prorated_quota() {
    let mut one = metered(31_000, 19, 19);
    started(&mut one, "2026-05-13", "2025-05-01");
    let told = one.told().unwrap();
    assert_eq!((told.certainty, first(&told).as_slice()), (Certainty::Candidate, &BOTH[..]), "{told:#?}");
    assert_eq!(told.hypotheses[0].evidence.as_deref(), Some("source subscription started on 2026-05-13"));
    assert!(told.wanted.unwrap().starts_with("a row of its own for each of"));
    // The source's own quota is a row of its own beside the start.
    let mut two = metered(31_000, 19, 21);
    two.shelves[0].terms[0].charges[0].included = Exact::whole(210);
    started(&mut two, "2026-05-13", "2025-05-01");
    assert_eq!(two.confirmed(), Some(vec![Cause::OtherPrice, Cause::ProrationByDay]), "{:#?}", two.told());
    // Any one of the two alone is confirmed by the one start.
    for (price_days, quota_days, cause) in [(19, 31, BOTH[0]), (31, 19, BOTH[1])] {
        let mut alone = metered(31_000, price_days, quota_days);
        started(&mut alone, "2026-05-13", "2025-05-01");
        assert_eq!(alone.confirmed(), Some(vec![cause]), "{:#?}", alone.told());
    }
}

#[test]
fn a_day_that_two_rows_tell_is_one_datum() {
    // The column and the change of the status say the same of the same subscription.
    let mut made = metered(31_000, 12, 12);
    made.source().ended_on = Some(day("2026-05-13"));
    made.event("2026-05-13", Change::Status, "active", "cancelled");
    assert_eq!(made.told().unwrap().certainty, Certainty::Candidate, "{:#?}", made.told());
}

#[test]
fn causes_with_a_row_each_are_confirmed_together() {
    let mut made = Made::new(31_000).billed(31_000 * 19 / 31 * 90 / 100);
    made.source().started_on = day("2026-05-13");
    made.coupon(DiscountKind::Percent, Exact::whole(10), Some("2026-05-01"), None);
    assert_eq!(made.confirmed(), Some(vec![Cause::Coupon, Cause::ProrationByDay]), "{:#?}", made.told());
}

/// Days may be counted in full or by a price of a day that was rounded first: where both come to the amount by one start, neither is sure.
#[test]
fn rivals_on_one_datum_are_ambiguous() {
    let mut rivals = 0;
    for list in 100..1_500 {
        let daily = (2 * list + 31) / 62;
        let mut made = Made::new(list).billed(daily * 19);
        made.source().started_on = day("2026-05-13");
        let Some(told) = made.told() else { continue };
        let causes: Vec<_> = told.hypotheses.iter().map(|h| (&h.causes, &h.evidence)).collect();
        let Some((first, evidence)) = causes.first() else { continue };
        if causes[1..].iter().any(|(other, said)| other != first && evidence.is_some() && said == evidence) {
            rivals += 1;
            assert_eq!(told.certainty, Certainty::Ambiguous, "{told:#?}");
        }
    }
    assert!(rivals > 3, "{rivals}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever days the price and the quota are charged by, and whatever else the data says: two causes are sure by two rows only.
    #[test]
    fn two_causes_are_confirmed_by_two_rows_only(list in 20i64..3_000, price in 2i64..31, quota in 2i64..31, same in any::<bool>(), paused in 2i64..31, beside in any::<bool>()) {
        let quota = if same { price } else { quota };
        let mut made = metered(31 * list, 32 - price, 32 - quota);
        started(&mut made, &format!("2026-05-{price:02}"), &format!("2026-05-{quota:02}"));
        if beside {
            made.event(&format!("2026-05-{paused:02}"), Change::Status, "active", "paused");
        }
        if same {
            made.target().started_on = day("2025-05-01");
        }
        let told = made.told().unwrap();
        let sure = told.hypotheses.first().filter(|h| told.certainty == Certainty::Confirmed && h.causes.len() > 1);
        if let Some(sure) = sure {
            let mut rows: Vec<&str> = sure.evidence.as_ref().unwrap().split("; ").collect();
            let all = rows.len();
            rows.sort_unstable();
            rows.dedup();
            prop_assert!(all > 1 && rows.len() == all, "{:#?}", told);
        }
        // One of the two alone, by a month of its own, can make the same amount: then that one is sure, and it is true of the data.
        if same && !beside && !made_by_one(31 * list, price) {
            prop_assert_ne!(told.certainty, Certainty::Confirmed, "{:#?}", told);
        }
    }
}

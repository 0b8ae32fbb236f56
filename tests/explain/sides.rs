//! Source, the target's own document and the rating: which of three disagrees, and what the explanation then is of.

use super::made::{Made, day, document, exact, money, part_of};
use dualrun::domain::evidence::Change;
use dualrun::domain::exact::Exact;
use dualrun::domain::explanation::{Cause, Certainty, OddOne};
use dualrun::domain::fixes::Fix;
use dualrun::domain::records::DocumentKind;
use dualrun::domain::row::{DocumentPart, LinePart};
use dualrun::domain::side::Side;
use dualrun::explain::fixes::{Corrected, Left};
use std::sync::Arc;

#[test]
fn the_source_invoiced_off_its_list() {
    let mut made = Made::new(20_000).billed(18_000).drafted(20_000);
    made.source().price_override = Some(exact(18_000));
    let told = made.told().unwrap();
    assert_eq!((told.odd_one, made.confirmed()), (Some(OddOne::SourceOffList), Some(vec![Cause::OtherPrice])));
}

#[test]
fn the_targets_engine_bills_otherwise_than_its_catalogue() {
    // Source and rating agree; the draft is of nineteen days, which is when the target has it start.
    let mut made = Made::new(20_000).drafted(part_of(20_000, 19, 31));
    made.target().started_on = day("2026-05-13");
    let told = made.told().unwrap();
    assert_eq!((told.odd_one, made.confirmed()), (Some(OddOne::TargetEngine), Some(vec![Cause::ProrationByDay])));
    assert!(told.bridge[0].amount.is_negative() && told.residual.is_zero(), "{told:?}");
}

#[test]
fn an_unexplained_draft_leaves_its_delta_as_residual() {
    let made = Made::new(20_000).drafted(17_777);
    let told = made.told().unwrap();
    assert_eq!((told.odd_one, told.certainty), (Some(OddOne::TargetEngine), Certainty::Unexplained));
    assert_eq!(told.residual, made.row.delta.unwrap().exact().unwrap());
}

#[test]
fn where_all_differ_the_source_is_held_against_the_rating_and_the_draft_is_a_step() {
    let mut made = Made::new(20_000).billed(15_000).drafted(21_000);
    made.source().price_override = Some(exact(15_000));
    let told = made.told().unwrap();
    assert_eq!((told.odd_one, made.confirmed()), (Some(OddOne::All), Some(vec![Cause::OtherPrice])));
    let steps: Vec<String> = told.bridge.iter().map(|s| s.amount.to_string()).collect();
    assert_eq!((steps, told.residual.is_zero()), (vec!["50".to_owned(), "10".to_owned()], true), "{told:?}");
}

#[test]
fn a_draft_that_agrees_with_the_source_leaves_nothing_to_explain() {
    let made = Made::new(20_000).billed(18_000).drafted(18_000);
    assert_eq!(made.told(), None);
    assert_eq!(Made::new(20_000).drafted(20_000).told(), None);
    assert_eq!(Made::new(20_000).billed(18_000).told().unwrap().odd_one, None);
}

/// A document of the target.
fn draft(id: &str, cents: i64) -> DocumentPart {
    DocumentPart { side: Side::Target, ..document(id, DocumentKind::Charge, cents) }
}

#[test]
fn a_document_is_a_reason_for_the_amount_of_its_own_side_only() {
    // The source bills in two equal invoices what the rating says; the draft is twice that, and not since the source has two.
    let mut twice = Made::new(20_000).drafted(40_000);
    twice.row.documents =
        vec![document("INV-1", DocumentKind::Charge, 10_000), document("INV-2", DocumentKind::Charge, 10_000), draft("DR-1", 40_000)];
    assert_eq!((twice.told().unwrap().odd_one, twice.confirmed()), (Some(OddOne::TargetEngine), None));
    twice.row.documents = vec![document("INV-1", DocumentKind::Charge, 20_000), draft("DR-1", 20_000), draft("DR-2", 20_000)];
    assert_eq!(twice.confirmed(), Some(vec![Cause::DuplicateInvoice]));

    // The fee stands in the source's invoice, which agrees with the rating: the draft's fee is none that anybody can read.
    let lines = |plan: i64| {
        let line = |cents: i64, one_off: bool| LinePart { description: None, quantity: None, amount: exact(cents), one_off };
        vec![line(plan, false), line(3_500, true)]
    };
    let mut fee = Made::new(20_000).drafted(23_500);
    fee.row.documents[0].lines = lines(16_500);
    assert_eq!(fee.confirmed(), None, "{:#?}", fee.told());
    (fee.row.documents[0].lines, fee.row.documents[1].lines) = (Vec::new(), lines(20_000));
    assert_eq!(fee.confirmed(), Some(vec![Cause::OneOffLine]));

    // What the source stores as its tax is not what a draft holds in its subtotal.
    let mut taxed = Made::new(20_000).drafted(22_600);
    taxed.row.inputs[0].taxes = Some(vec![dualrun::domain::row::AppliedTax { name: "HST".into(), rate: Exact::whole(13) }]);
    taxed.row.actual_tax = Some(money(2_600));
    assert_eq!(taxed.confirmed(), None, "{:#?}", taxed.told());
    taxed.row.expected_tax = Some(money(2_600));
    assert_eq!(taxed.confirmed(), Some(vec![Cause::TaxInclusive]));
}

#[test]
fn an_interval_is_as_long_as_its_plan_says_however_the_target_counts_its_days() {
    // The target counts months of 30 days, the source those there are: in February, and in a quarter from May on.
    for (start, end, months, began, days, whole) in
        [("2026-02-01", "2026-03-01", 1, "2026-02-11", 18, 28), ("2026-05-01", "2026-06-01", 3, "2026-05-11", 82, 92)]
    {
        let mut made = Made::new(20_000);
        made.row.period = dualrun::domain::period::Period { start: day(start), end: day(end) };
        made.profile.target.proration = dualrun::domain::profile::Proration::Fixed30;
        made.shelves.iter_mut().for_each(|shelf| shelf.terms[0].plan.interval.months = months);
        (made.source().started_on, made.target().started_on) = (day(began), day(began));
        let of_30 = 30 * i64::from(months);
        (made.row.inputs[0].days, made.row.inputs[0].of_days) = (days, of_30);
        (made.row.expected, made.row.rated) = (Some(money(part_of(20_000, days, of_30))), Some(money(part_of(20_000, days, of_30))));
        let made = made.billed(part_of(20_000, days, whole));
        assert_eq!(made.confirmed(), Some(vec![Cause::ProrationByDay]), "{:#?}", made.told());
        assert_eq!(made.told().unwrap().hypotheses[0].parameters, format!("{days}/{whole}"));
    }
}

/// The target rates the change of plan by its own events; the source billed the new plan, or the old one, for all of the month.
#[test]
fn a_change_that_only_the_target_rates_is_named_by_its_event() {
    let stretch = |from: &str, plan: &str, cents: i64, days: i64| dualrun::domain::row::Stretch {
        from: day(from),
        plan_id: plan.to_owned(),
        price: exact(cents),
        overridden: false,
        quantity: Exact::ONE,
        days,
    };
    // 50.00 × 9/31 + 200.00 × 22/31.
    let made = |billed: i64| {
        let mut made = Made::new(20_000);
        made.row.inputs[0].stretches = vec![stretch("2026-05-01", "p-2", 5_000, 9), stretch("2026-05-10", "p-1", 20_000, 22)];
        (made.row.expected, made.row.rated) = (Some(money(15_645)), Some(money(15_645)));
        let mut made = made.billed(billed);
        made.evidence.target.events.push(dualrun::domain::evidence::Event {
            at: dualrun::domain::decode::When::Day(day("2026-05-10")),
            day: day("2026-05-10"),
            what: Change::Plan,
            word: "plan".into(),
            from: Some("p-2".into()),
            to: Some("p-1".into()),
        });
        made
    };
    for billed in [20_000, 5_000] {
        assert_eq!(made(billed).confirmed(), Some(vec![Cause::PlanChange]), "{:#?}", made(billed).told());
    }
    assert_eq!(made(19_900).confirmed(), None);
    let mut bare = made(5_000);
    bare.evidence.target.events.clear();
    assert_eq!(bare.confirmed(), None, "no event, no reason: {:#?}", bare.told());
    // A corrected price of a plan is that of its stretch; how days would be counted otherwise was not kept.
    let made = made(20_000);
    let corrected = Corrected::nothing(Arc::new(made.shelves[1].clone()), Arc::new(made.profile.clone()));
    let left = |plan: &str, to: i64| {
        let fix = Fix::FlatPrice { plan: plan.to_owned(), from: Exact::ZERO, to: exact(to) };
        let Left::Judged(judged) = corrected.with(&fix).left(&made.row, None) else { panic!("{fix:?}") };
        judged.delta.unwrap().minor
    };
    assert_eq!((left("p-2", 7_000), left("p-1", 21_000)), (16_226 - 20_000, 16_355 - 20_000));
    assert_eq!(corrected.with(&Fix::Proration { to: dualrun::domain::profile::Proration::Fixed30 }).left(&made.row, None), Left::Untold);
}

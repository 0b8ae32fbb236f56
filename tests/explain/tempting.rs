//! Rows whose data has something that fits, or nearly, and is no reason: none of them may be confirmed.

use super::made::{Made, day, document, exact, money, part_of};
use dualrun::domain::evidence::{Change, DiscountKind};
use dualrun::domain::exact::Exact;
use dualrun::domain::explanation::{Cause, Certainty};
use dualrun::domain::period::{Month, Period};
use dualrun::domain::profile::Proration;
use dualrun::domain::records::DocumentKind;
use dualrun::explain::{Agreeing, Billed};

fn refused(made: &Made) {
    assert_eq!(made.confirmed(), None, "{:#?}", made.told());
}

#[test]
fn a_coupon_of_another_time_is_no_reason() {
    for (from, until) in [(None, Some("2026-05-01")), (Some("2026-06-01"), None), (Some("2025-01-01"), Some("2025-12-31"))] {
        let mut made = Made::new(20_000).billed(18_000);
        made.coupon(DiscountKind::Percent, Exact::whole(10), from, until);
        refused(&made);
    }
    let mut made = Made::new(20_000).billed(18_000);
    made.coupon(DiscountKind::Percent, Exact::whole(10), Some("2026-05-01"), Some("2026-06-01"));
    assert_eq!(made.confirmed(), Some(vec![Cause::Coupon]));
}

#[test]
fn seats_and_plans_of_another_time_are_no_reason() {
    let mut seats = Made::new(20_000).billed(60_000);
    seats.event("2025-06-01", Change::Quantity, "1", "3");
    seats.event("2025-07-01", Change::Quantity, "3", "1");
    refused(&seats);
    let mut later = Made::new(20_000).billed(60_000);
    later.event("2026-07-01", Change::Quantity, "1", "3");
    refused(&later);
    let mut plans = Made::new(20_000).billed(61_700);
    plans.event("2025-06-01", Change::Plan, "p-2", "p-1");
    plans.event("2025-07-01", Change::Plan, "p-1", "p-1");
    refused(&plans);
    // What it was until July held in May.
    let mut until = Made::new(20_000).billed(60_000);
    until.event("2026-07-01", Change::Quantity, "3", "1");
    assert_eq!(until.confirmed(), Some(vec![Cause::Seats]));
}

#[test]
fn a_price_of_another_plan_or_time_is_no_reason() {
    let mut other = Made::new(20_000).billed(15_500);
    other.version("p-2", 15_500, None, None);
    refused(&other);
    // Neither when the subscription began nor in the period.
    let mut between = Made::new(20_000).billed(15_500);
    between.version("p-1", 15_500, Some("2025-06-01"), Some("2026-05-01"));
    refused(&between);
    let mut began = Made::new(20_000).billed(15_500);
    began.version("p-1", 15_500, None, Some("2025-06-01"));
    assert_eq!(began.confirmed(), Some(vec![Cause::OtherPrice]));
}

#[test]
fn a_pause_that_was_over_is_no_reason() {
    let mut made = Made::new(20_000);
    made.row.documents.clear();
    let mut made = made.settled(None);
    made.event("2026-02-03", Change::Status, "active", "paused");
    made.event("2026-03-03", Change::Status, "paused", "active");
    refused(&made);
    made.event("2026-04-03", Change::Status, "active", "Paused");
    assert_eq!(made.confirmed(), Some(vec![Cause::Inactive]));
}

#[test]
fn a_start_that_both_sides_have_explains_only_what_it_makes() {
    let both = |billed: i64| {
        let mut made = Made::new(20_000);
        made.profile.target.proration = Proration::Day;
        (made.row.inputs[0].days, made.row.expected) = (19, Some(money(part_of(20_000, 19, 31))));
        made.row.rated = made.row.expected;
        made.source().started_on = day("2026-05-13");
        made.target().started_on = day("2026-05-13");
        made.billed(billed)
    };
    refused(&both(10_000));
    refused(&both(18_000));
    assert_eq!(both(20_000).confirmed(), Some(vec![Cause::ProrationByDay]));
    assert_eq!(both(part_of(20_000, 12, 31)).confirmed(), Some(vec![Cause::ComplementProration]));
    // The same days of a target that says nothing of a start: there is no row that could be the reason.
    let mut silent = both(20_000);
    silent.target().started_on = day("2025-01-01");
    silent.source().started_on = day("2025-01-01");
    refused(&silent);
}

#[test]
fn one_row_of_a_hundredfold_is_not_even_a_guess() {
    let told = Made::new(20_000).billed(2_000_000).told().unwrap();
    assert_eq!(told.certainty, Certainty::Unexplained);
}

#[test]
fn lines_count_as_one_off_only_where_they_are_typed_so_and_one_set_fits() {
    let with = |lines: &[(i64, bool)]| {
        let mut made = Made::new(20_000).billed(23_500);
        made.line("plan", 20_000, false);
        for (cents, one_off) in lines {
            made.line("setup", *cents, *one_off);
        }
        made
    };
    refused(&with(&[(3_500, false)]));
    refused(&with(&[(3_500, true), (3_500, true), (-3_500, false)]));
    refused(&with(&[(3_499, true)]));
    assert_eq!(with(&[(3_500, true)]).confirmed(), Some(vec![Cause::OneOffLine]));
    assert_eq!(with(&[(3_000, true), (500, true)]).confirmed(), Some(vec![Cause::OneOffLine]));
}

#[test]
fn a_credit_note_explains_only_what_it_took_away() {
    let with = |charge: i64| {
        let mut made = Made::new(20_000);
        made.row.documents = vec![document("INV-1", DocumentKind::Charge, charge), document("CN-1", DocumentKind::Credit, -5_000)];
        made.settled(Some(charge - 5_000))
    };
    refused(&with(19_000));
    assert_eq!(with(20_000).confirmed(), Some(vec![Cause::Credited]));
}

#[test]
fn what_lasts_must_hold_in_the_neighbouring_periods() {
    let mut made = Made::new(20_000).billed(18_000);
    made.source().price_override = Some(exact(18_000));
    let may = Billed { period: made.row.period, actual: made.row.actual, expected: made.row.expected };
    made.history = vec![may];
    assert_eq!(made.confirmed(), Some(vec![Cause::OtherPrice]));
    // April was compared, and the key does not differ there.
    made.compared = vec![Month::new(2026, 4).unwrap(), Month::new(2026, 5).unwrap()];
    let told = made.told().unwrap();
    assert_eq!((told.certainty, told.hypotheses[0].causes.as_slice()), (Certainty::Candidate, &[Cause::OtherPrice][..]));
    assert!(told.wanted.unwrap().starts_with("why both sides agree in 2026-04"));
    // It differs there too, or it had not begun, or a change is on record.
    let april = Period { start: day("2026-04-01"), end: day("2026-05-01") };
    let mut differs = made.clone();
    differs.history = vec![Billed { period: april, ..may }, may];
    assert_eq!(differs.confirmed(), Some(vec![Cause::OtherPrice]));
    // There the source is off to the other side: a price that lasts moves an amount one way.
    let mut turned = made.clone();
    turned.history = vec![Billed { period: april, actual: Some(money(21_000)), expected: Some(money(20_000)) }, may];
    let told = turned.told().unwrap();
    assert_eq!((told.certainty, told.hypotheses[0].causes.as_slice()), (Certainty::Candidate, &[Cause::OtherPrice][..]));
    assert!(told.wanted.unwrap().starts_with("why the source is off to the other side in 2026-04"));
    // Off to the same side by another amount is no contradiction, and neither is a price that began in May.
    turned.history[0].actual = Some(money(19_999));
    assert_eq!(turned.confirmed(), Some(vec![Cause::OtherPrice]));
    turned.history[0].actual = Some(money(21_000));
    turned.source().price_override = None;
    turned.compared.clear();
    turned.version("p-1", 18_000, Some("2026-05-01"), None);
    turned.source().started_on = day("2026-05-01");
    turned.target().started_on = day("2026-05-01");
    assert_eq!(turned.confirmed(), Some(vec![Cause::OtherPrice]), "{:#?}", turned.told());
    let mut began = made.clone();
    began.target().started_on = day("2026-04-20");
    assert_eq!(began.confirmed(), Some(vec![Cause::OtherPrice]));
    let mut coupon = Made::new(20_000).billed(18_000);
    coupon.compared.clone_from(&made.compared);
    coupon.coupon(DiscountKind::Percent, Exact::whole(10), Some("2026-05-01"), None);
    assert_eq!(coupon.confirmed(), Some(vec![Cause::Coupon]));
    coupon.evidence.source.discounts[0].valid_from = Some(day("2026-04-01"));
    refused(&coupon);
    // What the subscription has off, undated, is its coupon of May: April refutes neither.
    let mut both = Made::new(20_000).billed(18_000);
    both.compared.clone_from(&made.compared);
    both.source().discount_percent = Exact::whole(10);
    refused(&both);
    both.coupon(DiscountKind::Percent, Exact::whole(10), Some("2026-05-01"), Some("2026-08-01"));
    let told = both.told().unwrap();
    assert_eq!(both.confirmed(), Some(vec![Cause::Coupon]), "{told:#?}");
    assert!(told.hypotheses[0].evidence.as_ref().unwrap().ends_with("; source coupon C: 10 %"), "{told:#?}");
    both.evidence.source.discounts[0].valid_from = Some(day("2026-04-01"));
    refused(&both);
}

/// A row of the same plan that agrees at a list price.
fn agreeing(list: i64, of: impl FnOnce(&mut Made)) -> Vec<Agreeing> {
    let mut made = Made::new(list);
    made.row.key = "sub-2".into();
    made.row.verdict = dualrun::domain::verdict::Verdict::Match;
    of(&mut made);
    vec![Agreeing::of(&made.row).unwrap()]
}

#[test]
fn what_is_so_for_a_plan_must_be_so_for_its_other_subscriptions() {
    let mut listed = Made::new(20_000).billed(15_500);
    listed.shelves[0].terms[0].plan.flat_price = exact(15_500);
    assert_eq!(listed.confirmed(), Some(vec![Cause::OtherPrice]));
    // Another of the plan was billed the target's price, though the source's list says 155.00.
    let with = |agreeing: Vec<Agreeing>| Made { agreeing, ..listed.clone() };
    let told = with(agreeing(20_000, |_| ())).told().unwrap();
    assert_eq!((told.certainty, told.hypotheses[0].causes.as_slice()), (Certainty::Candidate, &[Cause::OtherPrice][..]));
    assert!(told.wanted.as_ref().unwrap().starts_with("why both sides agree on sub-2, of the same plan"), "{told:?}");
    // It has a price of its own, or stands on another plan of the source: it says nothing of this one's list.
    for of in [|m: &mut Made| m.source().price_override = Some(exact(20_000)), |m: &mut Made| m.source().plan_id = "p-2".into()] {
        assert_eq!(with(agreeing(20_000, of)).confirmed(), Some(vec![Cause::OtherPrice]));
    }
    // A price of the subscription's own is of nobody else.
    let mut own = Made { agreeing: agreeing(20_000, |_| ()), ..Made::new(20_000).billed(15_500) };
    own.source().price_override = Some(exact(15_500));
    assert_eq!(own.confirmed(), Some(vec![Cause::OtherPrice]));
    // What comes to the same either way refutes nothing: half of 200.00 is half of it, however it is rounded.
    let mut cut = Made::new(10_001).billed(5_000);
    cut.profile.source.round_mode = dualrun::domain::rounding::RoundMode::Down;
    cut.row.inputs[0].discount_percent = Exact::whole(50);
    cut.row.source.as_mut().unwrap().discount_percent = Exact::whole(50);
    (cut.row.expected, cut.row.rated) = (Some(money(5_001)), Some(money(5_001)));
    let cut = cut.billed(5_000);
    assert_eq!(cut.confirmed(), Some(vec![Cause::Rounding]));
    let half = |m: &mut Made| m.row.inputs[0].discount_percent = Exact::whole(50);
    let even = Made { agreeing: agreeing(10_001, |m| m.row.actual = Some(money(10_001))), ..cut.clone() };
    assert_eq!(even.confirmed(), Some(vec![Cause::Rounding]));
    let odd = agreeing(10_001, |m| {
        half(m);
        m.row.actual = Some(money(5_001));
    });
    refused(&Made { agreeing: odd, ..cut });
}

/// Anchored on the 31st, what is billed from the 28th on has two invoices in the long period after February.
#[test]
fn two_invoices_a_month_apart_are_no_duplicate_of_a_period_at_the_months_end() {
    let drifted = |first: &str, second: &str, period: (&str, &str)| {
        let mut made = Made::new(20_000);
        made.row.period = Period { start: day(period.0), end: day(period.1) };
        (made.row.inputs[0].days, made.row.inputs[0].of_days) = (made.row.period.days(), made.row.period.days());
        let dated =
            |id: &str, on: &str| dualrun::domain::row::DocumentPart { issued_on: Some(day(on)), ..document(id, DocumentKind::Charge, 20_000) };
        made.row.documents = vec![dated("INV-1", first), dated("INV-2", second)];
        made.settled(Some(40_000))
    };
    let long = ("2026-02-28", "2026-03-31");
    assert_eq!(drifted("2026-02-28", "2026-03-28", long).confirmed(), Some(vec![Cause::MonthEndAnchor]));
    // On one day, some days apart, or in a period of another day they are the same invoice twice.
    assert_eq!(drifted("2026-02-28", "2026-02-28", long).confirmed(), Some(vec![Cause::DuplicateInvoice]));
    assert_eq!(drifted("2026-02-28", "2026-03-05", long).confirmed(), Some(vec![Cause::DuplicateInvoice]));
    assert_eq!(drifted("2026-02-15", "2026-03-15", ("2026-02-15", "2026-03-15")).confirmed(), Some(vec![Cause::DuplicateInvoice]));
    // Not twice what is due: two months' invoices explain nothing else.
    refused(&drifted("2026-02-28", "2026-03-28", long).settled(Some(39_000)));
}

/// 7,300 seconds billed as three started hours, or as two full ones; a line that counts something else says nothing.
#[test]
fn units_are_started_only_where_a_line_counts_them() {
    let with = |billed: i64, counted: &str| {
        let mut made = Made::new(20_000);
        let charge = dualrun::domain::records::Charge {
            plan_id: "p-1".to_owned(),
            metric: "seconds".to_owned(),
            model: dualrun::domain::records::ChargeModel::Standard,
            model_word: "standard".to_owned(),
            included: Exact::ZERO,
            package_size: Exact::ONE,
            unit_price: Some("0.01".parse().unwrap()),
            tiers: dualrun::domain::records::tiers::Tiers::None,
            minimum: None,
            maximum: None,
        };
        for shelf in &mut made.shelves {
            shelf.terms[0].charges = vec![charge.clone()];
        }
        made.row.inputs[0].usage = vec![("seconds".to_owned(), Exact::whole(7_300))];
        (made.row.expected, made.row.rated) = (Some(money(27_300)), Some(money(27_300)));
        let mut made = made.billed(billed);
        made.line("seconds", billed - 20_000, false);
        made.row.documents[0].lines[0].quantity = Some(counted.parse().unwrap());
        made
    };
    assert_eq!(with(30_800, "3").confirmed(), Some(vec![Cause::PartialUnits]));
    assert_eq!(with(27_200, "2").confirmed(), Some(vec![Cause::PartialUnits]));
    assert!(
        with(30_800, "3").told().unwrap().hypotheses[0].evidence.as_ref().unwrap().contains("counts 3 of seconds: 7300 in started units of 3600")
    );
    refused(&with(30_800, "2"));
    refused(&with(30_800, "7300"));
    refused(&with(30_700, "3"));
    let mut bare = with(30_800, "3");
    bare.row.documents[0].lines.clear();
    refused(&bare);
}

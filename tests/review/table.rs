//! One decision at a time: when it holds, when the row opens again, and what is told.

use crate::{Row, Terms};
use crate::{act, cad, day, month, row, terms};
use chrono::NaiveDate;
use dualrun::domain::period::{Month, Zone};
use dualrun::domain::review::{Act, Deed, Predicate, Reason, ReviewTally};
use dualrun::domain::verdict::Review;
use dualrun::review::{Ledger, Pass};

fn looked(acts: &[Act], month: Month, today: NaiveDate, rows: &[Row]) -> (Vec<(Review, String)>, ReviewTally) {
    let ledger = Ledger::of(acts, month, today);
    let mut pass = Pass::new(&ledger, Zone::UTC);
    for (seq, row) in (1..).zip(rows) {
        pass.push(seq, &row.facts());
    }
    let (standings, tally) = pass.finish();
    let of = |seq: i64| standings.iter().find(|(s, _)| *s == seq).map(|(_, s)| (s.review, s.why.clone()));
    let said = (1..).zip(rows).map(|(seq, _)| of(seq).unwrap_or((Review::Open, String::new()))).collect();
    (said, tally)
}

fn in_may(acts: &[Act], rows: &[Row]) -> (Vec<(Review, String)>, ReviewTally) {
    looked(acts, month("2026-05"), day("2026-06-10"), rows)
}

fn coupons(cap: i64) -> Terms {
    terms(Predicate { cause: Some("coupon".into()), ..Predicate::default() }, "5.00 CAD", cap)
}

fn confirmed(terms: Terms, rows: &[Row]) -> Vec<Act> {
    let subjects = rows.iter().map(Row::subject).collect();
    vec![act(1, "ana", Deed::Waive(Box::new(terms)), subjects), act(2, "bob", Deed::Confirm { waiver: 1 }, vec![])]
}

#[test]
fn a_waiver_counts_when_a_second_person_confirmed_it() {
    let rows = [row("sub-1", "Large", Some("coupon 10 %"), 500)];
    let waiver = act(1, "ana", Deed::Waive(Box::new(coupons(10_000))), vec![]);
    for (confirms, review) in [
        (vec![], Review::Open),
        (vec!["ana"], Review::Open),
        (vec![" ANA "], Review::Open),
        (vec!["bob"], Review::Waived),
        (vec!["Ana", "bob"], Review::Waived),
    ] {
        let confirm = |(id, who): (i64, &&str)| act(id, who, Deed::Confirm { waiver: 1 }, vec![]);
        let acts: Vec<Act> = std::iter::once(waiver.clone()).chain((2..).zip(&confirms).map(confirm)).collect();
        let (said, tally) = in_may(&acts, &rows);
        assert_eq!(said[0].0, review, "{confirms:?}");
        assert_eq!(tally.of(review).compared.rows, 1);
        if review == Review::Open {
            assert!(said[0].1.contains("not confirmed"), "{said:?}");
            assert_eq!(tally.waivers[0].reopened[&Reason::NotConfirmed].compared.rows, 1);
        } else {
            assert_eq!(tally.waivers[0].waived.compared.money[&cad()], (500, 500));
        }
    }
}

#[test]
fn it_opens_again_when_the_amount_moves_the_cap_is_passed_or_it_expires() {
    let rows = [row("sub-1", "Large", Some("coupon 10 %"), 500), row("sub-2", "Large", Some("coupon 10 %"), 500)];
    let acts = confirmed(coupons(1_000), &[]);
    let (said, tally) = in_may(&acts, &rows);
    assert_eq!([said[0].0, said[1].0], [Review::Waived; 2]);
    assert_eq!(tally.waived.all().money[&cad()], (1_000, 1_000));

    let moved = [rows[0].clone(), row("sub-2", "Large", Some("coupon 10 %"), 501)];
    let (said, tally) = in_may(&acts, &moved);
    assert_eq!([said[0].0, said[1].0], [Review::Waived, Review::Open]);
    assert_eq!(tally.waivers[0].reopened[&Reason::Moved].compared.money[&cad()], (501, 501));

    let third = [rows[0].clone(), rows[1].clone(), row("sub-3", "Small", Some("coupon 5 %"), 500)];
    let (said, tally) = in_may(&acts, &third);
    assert!(said.iter().all(|(review, why)| *review == Review::Open && why.contains("cap")), "{said:?}");
    assert_eq!((tally.waived.all().rows, tally.waivers[0].reopened[&Reason::CapPassed].compared.rows), (0, 3));

    let may = month("2026-05");
    assert_eq!(looked(&acts, may, day("2026-08-31"), &rows).0[0].0, Review::Waived);
    let (said, tally) = looked(&acts, may, day("2026-09-01"), &rows);
    assert_eq!((said[0].0, tally.waivers[0].reopened[&Reason::Expired].compared.rows), (Review::Open, 2));

    let mut revoked = acts.clone();
    revoked.push(act(3, "ana", Deed::Revoke { waiver: 1, reason: "wrong".into() }, vec![]));
    let (said, tally) = in_may(&revoked, &rows);
    // What is left is what the explainer says.
    assert_eq!((said[0].1.as_str(), tally.explained.compared.rows, tally.waivers.len()), ("", 2, 0));
}

#[test]
fn what_was_kept_holds_at_a_later_moment_as_far_as_it_then_does() {
    let rows = [row("sub-1", "Large", Some("coupon 10 %"), 500)];
    let (_, tally) = in_may(&confirmed(coupons(1_000), &[]), &rows);
    let moment = |text: &str| format!("{text}Z").parse().unwrap();
    assert_eq!(tally.clone().at(moment("2026-08-31T23:59:59")), tally);
    let over = tally.clone().at(moment("2026-09-01T00:00:00"));
    assert_eq!((over.waived.all().rows, over.open.compared.rows, tally.expired(moment("2026-09-01T00:00:00"))), (0, 1, 1));
    assert_eq!(over.waivers[0].reopened[&Reason::Expired].compared.money[&cad()], (500, 500));
}

#[test]
fn a_list_of_rows_holds_for_those_rows_and_those_amounts_only() {
    let rows = [row("sub-1", "Large", None, 500), row("sub-2", "Large", Some("trial?"), -300), row("sub-3", "Large", None, 500)];
    let now = terms(Predicate { plan: Some("large".into()), ..Predicate::default() }, "now", 10_000);
    let acts = confirmed(now, &rows[..2]);
    let (said, _) = in_may(&acts, &rows);
    assert_eq!([said[0].0, said[1].0, said[2].0], [Review::Waived, Review::Waived, Review::Open]);
    assert_eq!(said[2].1, "", "a row that was not looked at is not of the waiver");
    let other_cause = [rows[0].clone(), row("sub-2", "Large", Some("coupon 3 %"), -300)];
    let (said, _) = in_may(&acts, &other_cause);
    assert_eq!((said[1].0, said[1].1.contains("something else")), (Review::Open, true));
}

#[test]
fn decisions_are_carried_to_later_months_and_never_back() {
    let rows = [row("sub-1", "Large", Some("coupon 10 %"), 500), row("sub-2", "Large", Some("proration_by_day 9/31"), 700)];
    let mut acts = confirmed(coupons(1_000), &[]);
    acts.push(act(3, "ana", Deed::Resolve { reason: "credited".into() }, vec![rows[1].subject()]));
    let today = day("2026-07-10");
    let (said, _) = looked(&acts, month("2026-06"), today, &rows);
    assert_eq!([said[0].0, said[1].0], [Review::Waived, Review::Resolved]);
    let (said, tally) = looked(&acts, month("2026-04"), today, &rows);
    assert_eq!((said[0].1.as_str(), tally.explained.compared.rows), ("", 1));
    // Another cause of the same subscription is another matter; another share of the same cause is the same, moved.
    let (said, _) = looked(&acts, month("2026-06"), today, &[rows[0].clone(), row("sub-2", "Large", Some("trial"), 700)]);
    assert_eq!(said[1].1, "");
    let (said, _) = looked(&acts, month("2026-06"), today, &[rows[0].clone(), row("sub-2", "Large", Some("proration_by_day 8/30"), 650)]);
    assert!(said[1].0 == Review::Open && said[1].1.contains("moved since"), "{said:?}");
    acts.push(act(4, "bob", Deed::Reopen { reason: "not credited".into() }, vec![rows[1].subject()]));
    let (said, _) = looked(&acts, month("2026-06"), today, &rows);
    assert_eq!(said[1], (Review::Open, "reopened by bob: not credited".to_owned()));
}

#[test]
fn what_cannot_be_compared_cannot_be_accepted_and_a_match_is_never_touched() {
    use dualrun::domain::review::Facts;
    use dualrun::domain::verdict::Verdict;
    let (large, gone) = (row("sub-1", "Large", None, 500), row("sub-2", "Large", None, 0));
    let all = Predicate { plan: Some("Large".into()), ..Predicate::default() };
    let acts = confirmed(terms(all, "5.00 CAD", 10_000), &[]);
    let ledger = Ledger::of(&acts, month("2026-05"), day("2026-06-10"));
    let mut pass = Pass::new(&ledger, Zone::UTC);
    pass.push(1, &Facts { verdict: Verdict::NotComparable, ..large.facts() });
    pass.push(2, &gone.facts());
    pass.push(3, &Facts { verdict: Verdict::Unlinked, actual: Some(-500), expected: None, ..large.facts() });
    let (standings, tally) = pass.finish();
    assert_eq!(standings.iter().map(|(seq, s)| (*seq, s.review)).collect::<Vec<_>>(), [(1, Review::Open), (3, Review::Waived)]);
    assert_eq!((tally.open.compared.rows, tally.waived.unlinked.rows, tally.waived.compared.rows), (1, 1, 0));
}

//! Source, the target's own document and the rating: which of three disagrees, and what the explanation then is of.

use super::made::{Made, day, part_of};
use dualrun::domain::explanation::{Cause, Certainty, OddOne};

#[test]
fn the_source_invoiced_off_its_list() {
    let mut made = Made::new(20_000).billed(18_000).drafted(20_000);
    made.source().price_override = Some(super::made::exact(18_000));
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
    made.source().price_override = Some(super::made::exact(15_000));
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

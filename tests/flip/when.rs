//! The flip-date simulator.

use crate::made::{cad, day};
use dualrun::domain::period::Grid;
use dualrun::flip::{Rhythm, simulate};
use proptest::prelude::*;

fn rhythm(anchor: u8, through: &str) -> Rhythm {
    Rhythm {
        subscription: format!("on-{anchor}"),
        grid: Grid::anchored(anchor).unwrap(),
        months: 1,
        source_in_advance: false,
        target_in_advance: false,
        billed_through: day(through),
        target_first: None,
        bill: cad(1000),
    }
}

#[test]
fn the_farthest_from_every_renewal_is_recommended() {
    let all = [rhythm(1, "2026-06-01"), rhythm(4, "2026-06-04")];
    let out = simulate(&all, day("2026-06-01"), 30, 48);
    let near: Vec<usize> = out.candidates.iter().take(9).map(|c| c.near.len()).collect();
    assert_eq!(near, [1, 2, 1, 1, 1, 0, 0, 0, 0], "two days from and two days up to each renewal");
    assert_eq!(out.recommended, Some(day("2026-06-06")), "the first that is near to none");
    assert!(out.why.contains("none of 2 renews within 48 hours"), "{}", out.why);
    assert!(simulate(&all, day("2026-06-01"), 1, 0).candidates[0].near.is_empty());
}

#[test]
fn a_target_that_begins_on_another_day_is_seen() {
    let late = Rhythm { target_first: Some(day("2026-06-11")), ..rhythm(1, "2026-06-01") };
    let early = Rhythm { target_first: Some(day("2026-05-22")), ..rhythm(1, "2026-06-01") };
    let out = simulate(&[late, early], day("2026-06-10"), 5, 48);
    assert_eq!((out.candidates[0].nobody, out.candidates[0].twice, out.recommended), (10, 10, None));
    let elsewhere = simulate(&[rhythm(15, "2026-06-01")], day("2026-06-10"), 1, 48);
    assert_eq!((elsewhere.candidates[0].unknown, elsewhere.recommended), (1, None), "what cannot be told recommends nothing");
    assert_eq!(simulate(&[], day("2026-06-10"), 5, 48).recommended, None);
}

#[test]
fn cash_moves_where_one_side_bills_ahead_and_the_other_does_not() {
    let ahead = Rhythm { target_in_advance: true, ..rhythm(1, "2026-06-01") };
    let behind = Rhythm { source_in_advance: true, ..rhythm(1, "2026-07-01") };
    let out = simulate(&[ahead, behind], day("2026-06-10"), 1, 48);
    let sums = |of: &std::collections::BTreeMap<_, i64>| of.values().sum::<i64>();
    assert_eq!((sums(&out.candidates[0].earlier), sums(&out.candidates[0].later)), (1000, 1000));
}

proptest! {
    /// What is near by the engine is near by a count of days.
    #[test]
    fn near_is_near(anchor in 1u8..=28, ahead in 0u64..200, buffer in 0u32..200) {
        let through = format!("2026-06-{anchor:02}");
        let on = day(&through) + chrono::Days::new(ahead);
        let out = simulate(&[rhythm(anchor, &through)], on, 1, buffer);
        let renewals = (0..12).map(|n| Grid::anchored(anchor).unwrap().period_in(dualrun::domain::period::Month::parse("2026-06").unwrap().plus(n)).start);
        let hours = renewals.map(|r| if r <= on { (on - r).num_days() * 24 } else { ((r - on).num_days() - 1) * 24 }).min().unwrap();
        prop_assert_eq!(out.candidates[0].near.len() == 1, hours < i64::from(buffer));
    }
}

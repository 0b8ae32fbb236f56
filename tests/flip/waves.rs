//! Waves partition the eligible: canary first, each subscription once, everybody else listed with why.

use crate::made::{cad, line};
use dualrun::domain::flip::FlipRules;
use dualrun::flip::{Candidate, Complexity, CutError, List, Ready, cut};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn ready(id: &str, streak: u32, charges: u32, minor: i64) -> Candidate {
    let complexity = Complexity { charges, ..Complexity::default() };
    Candidate { subscription: id.to_owned(), ready: Ok(Box::new(Ready { streak, complexity, line: line(id, cad(minor)) })) }
}

fn not(id: &str, why: &str) -> Candidate {
    Candidate { subscription: id.to_owned(), ready: Err(if why.is_empty() { Vec::new() } else { vec![why.to_owned()] }) }
}

fn rules(canary: usize, growth: usize) -> FlipRules {
    FlipRules { canary, growth, ..FlipRules::default() }
}

fn ids(cut: &dualrun::flip::Cut) -> Vec<Vec<&str>> {
    cut.waves.iter().map(|wave| wave.lines.iter().map(|l| l.subscription.as_str()).collect()).collect()
}

#[test]
fn the_longest_proven_then_the_simplest_then_the_smallest_come_first() {
    let all =
        vec![ready("new", 1, 0, 1), ready("hard", 5, 4, 1), ready("large", 5, 1, 900), ready("small", 5, 1, 100), not("open", "delta 5.00 CAD")];
    let cut = cut(all, &rules(1, 2), (&[], &[]), 1).unwrap();
    assert_eq!(ids(&cut), [vec!["small"], vec!["hard", "large"], vec!["new"]], "in byte order within a wave");
    assert_eq!(cut.waves.iter().map(|w| (w.wave, w.from.as_str())).collect::<Vec<_>>(), [(1, "canary"), (2, "wave"), (3, "wave")]);
    assert_eq!(cut.left_out[0].why, ["delta 5.00 CAD"]);
}

#[test]
fn lists_come_first_and_leave_the_rest_to_be_cut() {
    let list = |name: &str, ids: &[&str]| List { name: name.to_owned(), subscriptions: ids.iter().map(|i| (*i).to_owned()).collect() };
    let all = || vec![ready("a", 1, 0, 1), ready("b", 1, 0, 1), ready("c", 1, 0, 1), not("d", "parked")];
    let both = cut(all(), &rules(5, 2), (&[list("first.txt", &["c", "d"]), list("empty.txt", &["d2"][..0])], &[]), 4).unwrap();
    assert_eq!((ids(&both), both.waves[0].wave), (vec![vec!["c"], vec!["a", "b"]], 4));
    assert_eq!(both.waves[0].from, "first.txt");
    let unknown = cut(all(), &rules(5, 2), (&[list("l", &["zz"])], &[]), 1);
    assert!(matches!(unknown, Err(CutError::Unknown { .. })), "{unknown:?}");
    let twice = cut(all(), &rules(5, 2), (&[list("l", &["a"]), list("m", &["a"])], &[]), 1);
    assert!(matches!(twice, Err(CutError::Twice { .. })), "{twice:?}");
    let one_list = cut(all(), &rules(5, 2), (&[list("l", &["a", "a"])], &[]), 1);
    assert!(matches!(one_list, Err(CutError::Twice { .. })), "{one_list:?}");
    assert!(matches!(cut(vec![ready("a", 1, 0, 1), not("a", "x")], &rules(1, 1), (&[], &[]), 1), Err(CutError::Repeated { .. })));
}

#[test]
fn nobody_is_left_out_without_a_reason() {
    let cut = cut(vec![not("a", "")], &rules(1, 1), (&[], &[]), 1).unwrap();
    assert_eq!(cut.left_out[0].why.len(), 1);
}

proptest! {
    #[test]
    fn each_eligible_subscription_is_in_exactly_one_wave(
        all in prop::collection::btree_map("[a-z]{1,6}", (any::<bool>(), 0u32..5, 0u32..5, 0i64..500), 0..60),
        canary in 0usize..8, growth in 0usize..5, first in 1u32..9,
    ) {
        let candidates: Vec<Candidate> = all.iter().map(|(id, (ok, streak, charges, minor))| if *ok { ready(id, *streak, *charges, *minor) } else { not(id, "open") }).collect();
        let cut = cut(candidates, &rules(canary, growth), (&[], &[]), first).unwrap();
        let flipped: Vec<&str> = cut.waves.iter().flat_map(|w| &w.lines).map(|l| l.subscription.as_str()).collect();
        let unique: BTreeSet<&str> = flipped.iter().copied().collect();
        prop_assert_eq!(flipped.len(), unique.len());
        let eligible: BTreeSet<&str> = all.iter().filter(|(_, of)| of.0).map(|(id, _)| id.as_str()).collect();
        prop_assert_eq!(unique, eligible);
        prop_assert_eq!(cut.left_out.len() + flipped.len(), all.len());
        let mut size = canary.max(1);
        for (n, wave) in (first..).zip(&cut.waves) {
            prop_assert_eq!(wave.wave, n);
            prop_assert!(!wave.lines.is_empty() && wave.lines.len() <= size);
            prop_assert!(wave.lines.is_sorted_by(|a, b| a.subscription < b.subscription));
            size *= growth.max(1);
        }
        // Nobody in a later wave was proven longer than somebody in an earlier one.
        let streak = |id: &str| all[id].1;
        for pair in cut.waves.windows(2) {
            let least = pair[0].lines.iter().map(|l| streak(&l.subscription)).min();
            let most = pair[1].lines.iter().map(|l| streak(&l.subscription)).max();
            prop_assert!(least >= most);
        }
    }
}

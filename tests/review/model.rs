//! Random histories of decisions against a model that looks at every act for every row, as slowly as it pleases.

use crate::{Row, act, cad, day, month, row, terms};
use dualrun::domain::period::Zone;
use dualrun::domain::person::same_person;
use dualrun::domain::review::{Act, Deed, Expected, Predicate, Standing};
use dualrun::domain::verdict::Review;
use dualrun::review::{Ledger, Pass};
use proptest::prelude::*;
use std::collections::BTreeMap;

const PEOPLE: [&str; 4] = ["ana", "Ana ", "bob", "cyd"];
const PLANS: [&str; 2] = ["Large", "Small"];
const CAUSES: [Option<&str>; 4] = [None, Some("coupon 10 %"), Some("coupon 5 %?"), Some("trial")];

#[derive(Debug, Clone)]
enum Step {
    Waive { plan: usize, now: bool, cents: i64, cap: i64, from: u32, days: i64 },
    Confirm(usize),
    Revoke(usize),
    Word { resolve: bool, row: usize, cents: i64 },
    Note,
}

fn steps() -> impl Strategy<Value = Vec<(usize, Step)>> {
    let waive = (0usize..2, any::<bool>(), 1i64..4, 0i64..8, 4u32..7, -2i64..3).prop_map(|(plan, now, cents, cap, from, days)| Step::Waive {
        plan,
        now,
        cents,
        cap,
        from,
        days,
    });
    let step = prop_oneof![
        3 => waive,
        4 => (0usize..6).prop_map(Step::Confirm),
        1 => (0usize..6).prop_map(Step::Revoke),
        2 => (any::<bool>(), 0usize..6, 1i64..4).prop_map(|(resolve, row, cents)| Step::Word { resolve, row, cents }),
        1 => Just(Step::Note),
    ];
    proptest::collection::vec((0usize..PEOPLE.len(), step), 0..14)
}

fn some_rows() -> impl Strategy<Value = Vec<Row>> {
    proptest::collection::vec((0usize..2, 0usize..4, 0i64..4), 6).prop_map(|all| {
        (0..).zip(all).map(|(i, (plan, cause, cents)): (i32, _)| row(&format!("sub-{i}"), PLANS[plan], CAUSES[cause], cents)).collect()
    })
}

fn acts(steps: &[(usize, Step)], then: &[Row]) -> Vec<Act> {
    let of = |(id, (who, step)): (i64, &(usize, Step))| {
        let (deed, subjects) = match step {
            Step::Waive { plan, now, cents, cap, from, days } => {
                let predicate = Predicate { plan: Some(PLANS[*plan].into()), ..Predicate::default() };
                let expected = if *now { "now".to_owned() } else { format!("0.0{cents} CAD") };
                let mut terms = terms(predicate.clone(), &expected, *cap);
                terms.from = month(&format!("2026-0{from}"));
                terms.expires = day("2026-06-10") + chrono::TimeDelta::days(*days);
                let pinned = then.iter().filter(|r| *now && predicate.covers(&r.facts())).map(Row::subject).collect();
                (Deed::Waive(Box::new(terms)), pinned)
            }
            Step::Confirm(waiver) => (Deed::Confirm { waiver: i64::try_from(*waiver).unwrap() }, vec![]),
            Step::Revoke(waiver) => (Deed::Revoke { waiver: i64::try_from(*waiver).unwrap(), reason: "r".into() }, vec![]),
            Step::Word { resolve, row, cents } => {
                let subject = Row { delta: *cents, ..then[*row].clone() }.subject();
                let reason = "r".to_owned();
                (if *resolve { Deed::Resolve { reason } } else { Deed::Reopen { reason } }, vec![subject])
            }
            Step::Note => (Deed::Note { text: "look".into() }, vec![then[0].subject()]),
        };
        act(id, PEOPLE[*who], deed, subjects)
    };
    (1..).zip(steps).map(of).collect()
}

/// Whether a waiver counts in May on the tenth of June, by looking at every act after it.
fn counts(acts: &[Act], waiver: &Act) -> bool {
    let Deed::Waive(terms) = &waiver.deed else { return false };
    let later = || acts.iter().filter(|a| a.id > waiver.id);
    terms.from <= month("2026-05")
        && day("2026-06-10") <= terms.expires
        && later().any(|a| matches!(a.deed, Deed::Confirm { waiver: id } if id == waiver.id) && !same_person(&a.actor, &waiver.actor))
        && !later().any(|a| matches!(a.deed, Deed::Revoke { waiver: id, .. } if id == waiver.id))
}

fn accepts(waiver: &Act, row: &Row) -> bool {
    let Deed::Waive(terms) = &waiver.deed else { return false };
    match &terms.expected {
        Expected::AsNow => waiver.subjects.contains(&row.subject()),
        Expected::Formula(formula) => terms.predicate.covers(&row.facts()) && formula.holds(&row.facts()),
    }
}

fn said(acts: &[Act], row: &Row) -> Option<bool> {
    let (key, cause) = (row.subject().key, row.subject().cause);
    let words = acts.iter().rev().filter(|a| matches!(a.deed, Deed::Resolve { .. } | Deed::Reopen { .. }));
    let newest = words.flat_map(|a| a.subjects.iter().map(move |s| (a, s))).find(|(_, s)| s.key == key && s.cause == cause)?;
    Some(matches!(newest.0.deed, Deed::Resolve { .. }) && newest.1.amounts == row.subject().amounts)
}

/// The waiver that would take a row if caps were no matter.
fn first<'a>(acts: &'a [Act], row: &Row) -> Option<&'a Act> {
    let is_resolved = said(acts, row) == Some(true);
    acts.iter().find(|w| row.delta != 0 && !is_resolved && counts(acts, w) && accepts(w, row))
}

fn model(acts: &[Act], rows: &[Row], row: &Row) -> Option<Review> {
    if row.delta == 0 {
        return None;
    }
    if said(acts, row) == Some(true) {
        return Some(Review::Resolved);
    }
    let Some(waiver) = first(acts, row) else { return Some(Review::Open) };
    let Deed::Waive(terms) = &waiver.deed else { unreachable!() };
    let total: i64 = rows.iter().filter(|r| first(acts, r).is_some_and(|w| w.id == waiver.id)).map(|r| r.delta.abs()).sum();
    Some(if total <= terms.cap[0].minor { Review::Waived } else { Review::Open })
}

proptest! {
    #[test]
    fn a_random_history_stands_as_the_slow_model_says(steps in steps(), then in some_rows(), changed in some_rows(), same in any::<[bool; 6]>()) {
        let acts = acts(&steps, &then);
        let rows: Vec<Row> = then.iter().zip(changed).zip(same).map(|((then, changed), same)| if same { then.clone() } else { changed }).collect();
        let ledger = Ledger::of(&acts, month("2026-05"), day("2026-06-10"));
        let mut pass = Pass::new(&ledger, Zone::UTC);
        for (seq, row) in (1..).zip(&rows) {
            pass.push(seq, &row.facts());
        }
        let (standings, tally) = pass.finish();
        let standings: BTreeMap<i64, Standing> = standings.into_iter().collect();
        for (seq, row) in (1..).zip(&rows) {
            let standing = standings.get(&seq);
            match model(&acts, &rows, row) {
                None => prop_assert!(standing.is_none()),
                Some(wanted) => prop_assert_eq!(standing.map_or(Review::Open, |s| s.review), wanted, "{:?}", row),
            }
        }
        // Nothing vanishes: every row that asks is in one state, and the waivers' money is that of the rows waived.
        let all = [Review::Open, Review::Explained, Review::Waived, Review::Resolved].map(|r| tally.of(r).all());
        prop_assert_eq!(all.iter().map(|s| s.rows).sum::<u64>(), rows.iter().filter(|r| r.delta != 0).count() as u64);
        let money = |sums: &[dualrun::domain::review::Sum]| sums.iter().filter_map(|s| s.money.get(&cad())).map(|m| m.1).sum::<i64>();
        prop_assert_eq!(money(&all), rows.iter().map(|r| r.delta.abs()).sum::<i64>());
        let of_waivers: Vec<_> = tally.waivers.iter().map(|w| w.waived.all()).collect();
        prop_assert_eq!(money(&of_waivers), money(&all[2..3]));
    }
}

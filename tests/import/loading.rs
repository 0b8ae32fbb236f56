//! The steps of a load, held against a world that answers as it likes: right, wrong, late, partly, not at all.

use dualrun::domain::contract::Entity;
use dualrun::domain::import::{Act, Answer};
use dualrun::domain::shadow::RecordId;
use dualrun::import::loading::{Place, TRIES};
use dualrun::import::{Item, Loading, Seen, Step};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How the world takes one record, each time it is handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    /// Takes it and says so.
    Good,
    /// Takes it and says nothing.
    TakesSilently,
    /// Takes it and says that it does not know.
    TakesDoubting,
    /// Does not take it and says so.
    Refuses,
    /// Does not take it and says nothing.
    Silent,
    /// Does not take it and says that it does not know.
    Doubts,
    /// Kills the program: nobody in the batch after it gets an answer, and what came before it was taken.
    Poison,
}

const MOODS: [Mood; 7] = [Mood::Good, Mood::TakesSilently, Mood::TakesDoubting, Mood::Refuses, Mood::Silent, Mood::Doubts, Mood::Poison];

fn moods() -> impl Strategy<Value = Vec<Mood>> {
    // Mostly good: a load in which nothing arrives is stopped, and tested apart.
    prop::collection::vec(prop_oneof![5 => Just(Mood::Good), 1 => prop::sample::select(&MOODS[..])], 1..4)
}

fn item(entity: Entity, id: usize, act: Act, needs: &[(Entity, usize)]) -> Item {
    let named = |entity, id: usize| RecordId::new(entity, format!("{id:03}"));
    Item { id: named(entity, id), act, needs: needs.iter().map(|(e, i)| named(*e, *i)).collect() }
}

/// Customers and plans, subscriptions that need one of each, and some records to retire.
fn items(count: usize) -> Vec<Item> {
    let mut all = Vec::new();
    for n in 0..count {
        all.push(item(Entity::Customers, n, Act::Put, &[]));
        all.push(item(Entity::Plans, n, Act::Put, &[]));
        all.push(item(Entity::Charges, n, Act::Put, &[(Entity::Plans, n)]));
        all.push(item(Entity::Subscriptions, n, Act::Put, &[(Entity::Customers, n), (Entity::Plans, (n * 7) % count)]));
        all.push(item(Entity::Plans, 500 + n, Act::Retire, &[]));
    }
    all
}

struct World {
    moods: BTreeMap<RecordId, Vec<Mood>>,
    handed: BTreeMap<RecordId, usize>,
    taken: BTreeSet<RecordId>,
}

impl World {
    fn mood(&mut self, id: &RecordId) -> Mood {
        let time = self.handed.entry(id.clone()).or_default();
        *time += 1;
        let all = &self.moods[id];
        all[(*time - 1).min(all.len() - 1)]
    }

    fn take(&mut self, batch: &[RecordId]) -> Vec<Answer> {
        let mut answers = Vec::new();
        let mut dead = false;
        for id in batch {
            let mood = self.mood(id);
            let silent = Answer::Silent { reason: "silent".to_owned() };
            if dead {
                answers.push(silent);
                continue;
            }
            if matches!(mood, Mood::Good | Mood::TakesSilently | Mood::TakesDoubting) {
                self.taken.insert(id.clone());
            }
            dead = mood == Mood::Poison;
            answers.push(match mood {
                Mood::Good => Answer::Ok { target_id: None },
                Mood::Refuses => Answer::Rejected { reason: "no".to_owned() },
                Mood::TakesDoubting | Mood::Doubts => Answer::Unknown { reason: "?".to_owned() },
                Mood::TakesSilently | Mood::Silent | Mood::Poison => silent,
            });
        }
        answers
    }
}

/// Runs a load to its end and checks what must hold at each step; the machine, the world and whether it was stopped.
fn run(items: Vec<Item>, moods: &[Vec<Mood>], batch: usize) -> (Loading, World, bool) {
    let chosen = items.iter().enumerate().map(|(n, i)| (i.id.clone(), moods[n % moods.len()].clone())).collect();
    let mut world = World { moods: chosen, handed: BTreeMap::new(), taken: BTreeSet::new() };
    let mut loading = Loading::new(items, BTreeSet::new(), Some(batch), Duration::from_secs(1));
    let mut unsettled: BTreeSet<usize> = BTreeSet::new();
    let mut alone: BTreeMap<usize, u32> = BTreeMap::new();
    for _ in 0..20_000 {
        match loading.next() {
            Step::Send(sent) => {
                assert!(!sent.is_empty() && sent.len() <= batch);
                let kinds: BTreeSet<_> = sent.iter().map(|at| (loading.items()[*at].act, loading.items()[*at].id.entity)).collect();
                assert_eq!(kinds.len(), 1, "one entity and act at once");
                for at in &sent {
                    assert!(!unsettled.contains(at), "sent again before it was looked for");
                    let item = &loading.items()[*at];
                    assert!(item.needs.iter().all(|need| world.taken.contains(need)), "{} before what it refers to", item.id);
                }
                if let [one] = sent[..] {
                    *alone.entry(one).or_default() += 1;
                }
                let ids: Vec<RecordId> = sent.iter().map(|at| loading.items()[*at].id.clone()).collect();
                let answers = world.take(&ids);
                unsettled.extend(
                    sent.iter().zip(&answers).filter(|(_, a)| matches!(a, Answer::Unknown { .. } | Answer::Silent { .. })).map(|(at, _)| *at),
                );
                loading.answered(&sent, answers);
            }
            Step::LookFor { items, after } => {
                assert!(after <= Duration::from_secs(4) && !items.is_empty());
                assert_eq!(items.iter().copied().collect::<BTreeSet<_>>(), unsettled, "all that is in doubt is looked for at once");
                unsettled.clear();
                let seen: Vec<Seen> =
                    items.iter().map(|at| if world.taken.contains(&loading.items()[*at].id) { Seen::AsSent } else { Seen::Not }).collect();
                loading.seen(&items, &seen);
            }
            Step::Done => {
                assert!(alone.values().all(|n| *n <= TRIES), "{alone:?}");
                return (loading, world, false);
            }
            Step::Stop(_) => return (loading, world, true),
        }
    }
    panic!("it does not end");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]
    #[test]
    fn every_record_ends_in_one_place_whatever_is_answered(all in prop::collection::vec(moods(), 1..40), count in 1usize..14, batch in 1usize..12) {
        let (loading, world, stopped) = run(items(count), &all, batch);
        for (item, place) in loading.items().iter().zip(loading.places()) {
            let taken = world.taken.contains(&item.id);
            match place {
                Place::Arrived => prop_assert!(taken, "{} is told to be there and is not", item.id),
                Place::Parked { refused, .. } => prop_assert!(!taken || *refused, "{} is parked and there", item.id),
                Place::Held(_) => prop_assert!(!taken && !world.handed.contains_key(&item.id), "{} is held and was sent", item.id),
                Place::Waiting | Place::Sent | Place::Doubtful { .. } => prop_assert!(stopped, "{} was forgotten", item.id),
                Place::HandedOver => prop_assert!(false, "nothing is handed over as a pack here"),
            }
        }
    }
}

#[test]
fn one_record_that_breaks_the_program_is_found_and_all_others_arrive() {
    let items: Vec<Item> = (0..64).map(|n| item(Entity::Plans, n, Act::Put, &[])).collect();
    let mut moods = vec![vec![Mood::Good]; 64];
    moods[37] = vec![Mood::Poison];
    let (loading, world, stopped) = run(items, &moods, 64);
    assert!(!stopped);
    assert_eq!(world.taken.len(), 63);
    let parked: Vec<&str> = loading
        .items()
        .iter()
        .zip(loading.places())
        .filter(|(_, p)| matches!(p, Place::Parked { refused: false, .. }))
        .map(|(i, _)| i.id.external_id.as_str())
        .collect();
    assert_eq!(parked, ["037"]);
}

#[test]
fn a_program_that_never_answers_is_given_up_early() {
    let items: Vec<Item> = (0..400).map(|n| item(Entity::Plans, n, Act::Put, &[])).collect();
    let (loading, world, stopped) = run(items, &[vec![Mood::Silent]], 100);
    assert!(stopped);
    let handed: usize = world.handed.values().sum();
    assert!(handed < 400, "{handed} deliveries of 400 records");
    assert_eq!(loading.places().iter().filter(|p| matches!(p, Place::Parked { .. })).count(), 3);
}

/// It answered for a while, and then for nothing any more.
#[test]
fn a_program_that_falls_silent_is_given_up_early() {
    let items: Vec<Item> = (0..400).map(|n| item(Entity::Plans, n, Act::Put, &[])).collect();
    let moods: Vec<Vec<Mood>> = (0..400).map(|n| vec![if n < 150 { Mood::Good } else { Mood::Silent }]).collect();
    let (loading, world, stopped) = run(items, &moods, 100);
    assert!(stopped && world.taken.len() == 150);
    assert_eq!(loading.places().iter().filter(|p| matches!(p, Place::Parked { .. })).count(), 5);
    assert!(world.handed.values().sum::<usize>() < 600);
}

/// Four of five may be bad: what arrives in between, or is refused, starts the count anew.
#[test]
fn bad_records_among_good_ones_stop_nothing() {
    let items: Vec<Item> = (0..60).map(|n| item(Entity::Plans, n, Act::Put, &[])).collect();
    let moods: Vec<Vec<Mood>> = (0..60)
        .map(|n| {
            vec![if n % 5 > 0 {
                Mood::Silent
            } else if n % 2 == 0 {
                Mood::Good
            } else {
                Mood::Refuses
            }]
        })
        .collect();
    let (loading, world, stopped) = run(items, &moods, 1);
    assert!(!stopped && loading.places().iter().all(|p| !matches!(p, Place::Waiting)));
    assert_eq!(world.taken.len(), 6);
}

#[test]
fn what_needs_a_refused_record_is_held_with_its_name() {
    let items = vec![item(Entity::Plans, 1, Act::Put, &[]), item(Entity::Charges, 1, Act::Put, &[(Entity::Plans, 1)])];
    let (loading, _, _) = run(items, &[vec![Mood::Refuses], vec![Mood::Good]], 10);
    assert!(matches!(&loading.places()[1], Place::Held(why) if why.contains("plan 001")), "{:?}", loading.places());
}

#[test]
fn retired_records_come_last_and_from_the_top_down() {
    let items = vec![
        item(Entity::Plans, 9, Act::Retire, &[]),
        item(Entity::Subscriptions, 9, Act::Retire, &[]),
        item(Entity::Charges, 9, Act::Retire, &[]),
        item(Entity::Customers, 1, Act::Put, &[]),
    ];
    let loading = Loading::new(items, BTreeSet::new(), Some(5), Duration::from_secs(1));
    let order: Vec<(Act, Entity)> = loading.items().iter().map(|i| (i.act, i.id.entity)).collect();
    let wanted = [(Act::Put, Entity::Customers), (Act::Retire, Entity::Subscriptions), (Act::Retire, Entity::Charges), (Act::Retire, Entity::Plans)];
    assert_eq!(order, wanted);
}

#[test]
fn a_pack_takes_everything_at_once() {
    let mut loading = Loading::new(items(3), BTreeSet::new(), None, Duration::from_secs(1));
    let Step::Send(sent) = loading.next() else { panic!("something is sent") };
    assert_eq!(sent.len(), loading.items().len());
    loading.answered(&sent, vec![Answer::HandedOver; sent.len()]);
    assert_eq!(loading.next(), Step::Done);
    assert!(loading.places().iter().all(|p| *p == Place::HandedOver));
}

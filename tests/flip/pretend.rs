//! A pretended world: programs that do, refuse, lie, fall silent and die, and an operator who applies, goes on and backs out. Whatever
//! happens, no subscription is ever billed by both sides, and what ends well is as it should be.

use crate::made::{acts, day, pack, plan};
use dualrun::domain::flip::{Begun, Direction, FlipDeed, PackLine, Point, Seen, SourceBilling, Step, TargetBilling, Told};
use dualrun::flip::{LineState, Next, Standing, WaveState, fold, seen};
use proptest::prelude::*;
use std::collections::BTreeMap;

const IDS: [&str; 3] = ["a", "b", "c"];

/// What a program makes of a change, and what it says.
#[derive(Debug, Clone, Copy)]
enum Mood {
    Does,
    DoesSilently,
    Refuses,
    Lies,
    Silent,
    /// Dies with the whole of dualrun: nothing is answered, and the operator begins again.
    Dies(bool),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Really {
    source: bool,
    linked: bool,
    confirmed: bool,
    paying: bool,
}

struct World {
    really: BTreeMap<&'static str, Really>,
    deeds: Vec<FlipDeed>,
}

impl World {
    fn new() -> Self {
        let untouched = Really { source: true, linked: false, confirmed: false, paying: false };
        let deeds = vec![FlipDeed::Planned(Box::new(plan(vec![pack(1, &IDS)])))];
        Self { really: IDS.into_iter().map(|id| (id, untouched)).collect(), deeds }
    }

    fn standing(&self) -> Standing {
        fold(&acts(self.deeds.clone()))
    }

    fn billing(&self, line: &PackLine) -> (SourceBilling, TargetBilling) {
        let is = self.really[line.subscription.as_str()];
        let source = SourceBilling { billing: Some(is.source), billed_through: Some(line.billed_through) };
        let target = TargetBilling {
            billing: Some(is.confirmed),
            first_period_start: is.confirmed.then_some(line.expected.period.start),
            first_bill_day: is.confirmed.then_some(line.expected.bill_on),
            has_payment_token: Some(is.paying),
            charge_linked: Some(is.linked),
        };
        (source, target)
    }

    fn act(&mut self, id: &str, step: Step, direction: Direction) {
        let is = self.really.get_mut(id).unwrap();
        let on = direction == Direction::Forward;
        match step {
            Step::SwitchOff => is.source = !on,
            Step::LinkCharge => is.linked = on,
            Step::Confirm => is.confirmed = on,
            Step::AttachPayment => is.paying = on,
        }
        assert!(!(is.source && is.confirmed), "{id} is billed by both sides: {:#?}", self.deeds);
    }

    fn look(&mut self, of: Point) {
        let standing = self.standing();
        let see = |id: &String| {
            let line = standing.waves[&1].pack.line(id).unwrap();
            let (source, target) = self.billing(line);
            seen(of.step, of.direction, line, Some(source), Some(target))
        };
        let seen: Vec<Seen> = of.subscriptions.iter().map(see).collect();
        self.deeds.push(FlipDeed::ReadBack { of, seen });
    }

    /// Begins and drives until it is done, stuck or dead.
    fn drive(&mut self, direction: Direction, moods: &mut impl Iterator<Item = Mood>) {
        let (pack, phrase) = (String::new(), String::new());
        self.deeds.push(FlipDeed::Begun(Box::new(Begun { wave: 1, direction, pack, phrase, certificate: None, run: None, place: None })));
        for _ in 0..200 {
            match self.standing().waves[&1].next() {
                Next::Done => return self.deeds.push(FlipDeed::Ended { wave: 1, direction }),
                Next::Stuck(left) => return assert!(!left.is_empty()),
                Next::LookFor(of) => self.look(of),
                Next::Send(of) => {
                    self.deeds.push(FlipDeed::Sending(of.clone()));
                    let mut told = Vec::new();
                    for id in &of.subscriptions {
                        let mood = moods.next().unwrap_or(Mood::Does);
                        if matches!(mood, Mood::Does | Mood::DoesSilently | Mood::Dies(true)) {
                            self.act(id, of.step, of.direction);
                        }
                        told.push(match mood {
                            Mood::Does | Mood::Lies => Told::Applied,
                            Mood::Refuses => Told::Rejected { why: "no".to_owned() },
                            Mood::DoesSilently | Mood::Silent => Told::Unknown { why: "silence".to_owned() },
                            Mood::Dies(_) => return,
                        });
                    }
                    self.deeds.push(FlipDeed::Answered { of, told });
                }
            }
        }
        panic!("it goes on for ever");
    }
}

fn mood() -> impl Strategy<Value = Mood> {
    prop_oneof![
        4 => Just(Mood::Does),
        1 => Just(Mood::DoesSilently),
        1 => Just(Mood::Refuses),
        1 => Just(Mood::Lies),
        1 => Just(Mood::Silent),
        1 => any::<bool>().prop_map(Mood::Dies),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn whatever_programs_do_nobody_is_billed_twice(
        moods in prop::collection::vec(mood(), 0..60),
        ways in prop::collection::vec(prop_oneof![3 => Just(Direction::Forward), 1 => Just(Direction::Back)], 1..6),
    ) {
        let mut world = World::new();
        let mut moods = moods.into_iter();
        for way in ways {
            let allowed = world.standing().allowed(1, day("2026-06-05"));
            let may = if way == Direction::Forward { allowed.apply } else { allowed.back_out };
            if may.is_ok() {
                world.drive(way, &mut moods);
            }
        }
        // In the end all is well again: whatever was begun can be brought to its end, forward or back.
        let way = world.standing().waves[&1].direction();
        let may = world.standing().allowed(1, day("2026-06-05"));
        if (way == Direction::Forward && may.apply.is_ok()) || (way == Direction::Back && may.back_out.is_ok()) {
            world.drive(way, &mut std::iter::empty());
        }
        let standing = world.standing();
        let wave = &standing.waves[&1];
        for (id, is) in &world.really {
            match wave.state() {
                WaveState::Applied => prop_assert_eq!(*is, Really { source: false, linked: true, confirmed: true, paying: true }, "{}", id),
                WaveState::BackedOut => prop_assert_eq!(*is, Really { source: true, linked: false, confirmed: false, paying: false }, "{}", id),
                state => prop_assert!(false, "{:?} {:#?}", state, wave.lines),
            }
        }
        // What is verified really is so.
        for ((id, step), line) in &wave.lines {
            let is = world.really[id.as_str()];
            let there = [!is.source, is.linked, is.confirmed, is.paying][*step as usize];
            prop_assert!(line.state != LineState::Verified || there);
        }
    }
}

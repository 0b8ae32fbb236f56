//! A flip, walked act by act: a whole course holds, and each step that could not be taken is named with its act.

use crate::made::{acts, cad, day, pack, plan};
use dualrun::domain::exact::Exact;
use dualrun::domain::flip::{Begun, CareLine, CareState, Direction, FlipDeed, FlipPack, Look, Payment, Point, Seen, Step, Told};
use dualrun::domain::period::Zone;
use dualrun::flip::{WaveState, walk};

fn waves() -> Vec<FlipPack> {
    vec![pack(1, &["a", "b"]), pack(2, &["c"])]
}

fn begun(pack: &FlipPack, direction: Direction) -> FlipDeed {
    let certificate = (direction == Direction::Forward).then(|| "c".to_owned());
    let (digest, phrase) = (pack.digest(), pack.phrase(direction));
    FlipDeed::Begun(Box::new(Begun { wave: pack.wave, direction, pack: digest, phrase, certificate, run: Some(1), place: None }))
}

fn step(pack: &FlipPack, direction: Direction, step: Step) -> Vec<FlipDeed> {
    let subscriptions: Vec<String> = pack.lines.iter().map(|l| l.subscription.clone()).collect();
    let (of, n) = (Point { wave: pack.wave, direction, step, subscriptions }, pack.lines.len());
    vec![
        FlipDeed::Sending(of.clone()),
        FlipDeed::Answered { of: of.clone(), told: vec![Told::Applied; n] },
        FlipDeed::ReadBack { of, seen: vec![Seen::There; n] },
    ]
}

fn whole(pack: &FlipPack, direction: Direction) -> Vec<FlipDeed> {
    let mut order = Step::ALL.to_vec();
    if direction == Direction::Back {
        order.reverse();
    }
    let mut deeds = vec![begun(pack, direction)];
    deeds.extend(order.into_iter().flat_map(|s| step(pack, direction, s)));
    deeds.push(FlipDeed::Ended { wave: pack.wave, direction });
    deeds
}

fn looked(pack: &FlipPack, off: i64, state: &CareState) -> FlipDeed {
    let line = |line: &dualrun::domain::flip::PackLine| CareLine {
        subscription: line.subscription.clone(),
        bill_on: line.expected.bill_on,
        expected: line.expected.net,
        actual: Some(cad(line.expected.net.minor + off)),
        state: state.clone(),
    };
    let (band_amount, band_percent, snapshot) = (Exact::ZERO, Exact::ZERO, "s".to_owned());
    let lines = pack.lines.iter().map(line).collect();
    FlipDeed::Looked(Box::new(Look { wave: pack.wave, on: day("2026-07-02"), snapshot, band_amount, band_percent, lines }))
}

fn planned() -> Vec<FlipDeed> {
    vec![FlipDeed::Planned(Box::new(plan(waves())))]
}

/// What does not hold of some acts.
fn wrong(deeds: Vec<FlipDeed>) -> Vec<String> {
    walk(&acts(deeds), Some(Zone::UTC)).1
}

#[test]
fn a_whole_course_holds() {
    let waves = waves();
    let mut deeds = planned();
    deeds.extend(whole(&waves[0], Direction::Forward));
    deeds.push(looked(&waves[0], 1, &CareState::Held { why: "it is off by 0.01 CAD".to_owned() }));
    deeds.extend(whole(&waves[0], Direction::Back));
    deeds.extend(whole(&waves[1], Direction::Forward));
    deeds.push(looked(&waves[1], 0, &CareState::Clean { delta: 0 }));
    let (standing, wrong) = walk(&acts(deeds), Some(Zone::UTC));
    assert_eq!(wrong, [] as [&str; 0]);
    assert_eq!((standing.waves[&1].state(), standing.waves[&2].state()), (WaveState::BackedOut, WaveState::Clean));
}

/// Some acts put in the place of the first wave's course, or after it, and the words that must be told of them.
#[test]
fn each_step_that_could_not_be_taken_is_named() {
    let waves = waves();
    let first = &waves[0];
    let after = |more: Vec<FlipDeed>| [planned(), whole(first, Direction::Forward), more].concat();
    let begin = |change: fn(&mut Begun)| {
        let FlipDeed::Begun(mut begun) = begun(first, Direction::Forward) else { panic!("it begins") };
        change(&mut begun);
        [planned(), vec![FlipDeed::Begun(begun)]].concat()
    };
    let early = [planned(), vec![begun(first, Direction::Forward)], step(first, Direction::Forward, Step::Confirm)].concat();
    let unsent = {
        let of = Point { wave: 1, direction: Direction::Forward, step: Step::SwitchOff, subscriptions: vec!["a".to_owned()] };
        [planned(), vec![begun(first, Direction::Forward), FlipDeed::ReadBack { of, seen: vec![Seen::There] }]].concat()
    };
    let paid = |of: &str| FlipDeed::PointOfNoReturn { wave: 1, payment: Payment { subscription: of.to_owned(), on: None, amount: None } };
    let held = FlipDeed::Hold { reason: "no".to_owned() };
    let again = FlipDeed::Planned(Box::new(plan(vec![pack(2, &["a"])])));
    let short = {
        let FlipDeed::Looked(mut look) = looked(first, 0, &CareState::Clean { delta: 0 }) else { panic!("a look") };
        look.lines.pop();
        FlipDeed::Looked(look)
    };
    let cases: Vec<(Vec<FlipDeed>, &str)> = vec![
        (early, "act 3: confirm of a was not what came next"),
        (unsent, "act 3: a is there, and was never sent"),
        (begin(|b| b.certificate = None), "act 2: it began with nothing that the gates certified"),
        (begin(|b| b.pack = "other".to_owned()), "act 2: the pack of wave 1 is another"),
        (begin(|b| b.phrase = "yes".to_owned()), "act 2: \"yes\" was typed"),
        ([planned(), vec![begun(&waves[1], Direction::Forward)]].concat(), "wave 1 comes first"),
        ([planned(), vec![held.clone(), begun(first, Direction::Forward)]].concat(), "act 3: it was not allowed: the flip is held"),
        ([planned(), vec![FlipDeed::Ended { wave: 1, direction: Direction::Forward }]].concat(), "act 2: wave 1 was not where it was to be brought"),
        (after(vec![paid("a"), begun(first, Direction::Back)]), "the point of no return is passed"),
        (after(vec![paid("c")]), "the payment of c is none of wave 1"),
        (after(vec![again]), "it plans a, which is in wave 1"),
        (after(vec![looked(first, 1, &CareState::Clean { delta: 1 })]), "the first invoice of a is not what was told of it"),
        (after(vec![short]), "1 of 2 first invoices were looked at"),
        (after(vec![FlipDeed::Completed { reason: "done".to_owned() }]), "it was not complete: wave 1 is applied, not clean"),
        (after(vec![FlipDeed::Aborted { wave: 1, reason: "no".to_owned() }]), "wave 1 was applied"),
        (vec![FlipDeed::Ended { wave: 7, direction: Direction::Back }], "act 1: it is of wave 7, which nobody planned"),
        (vec![FlipDeed::Resume { reason: "no".to_owned() }], "act 1: nobody held the flip"),
    ];
    for (deeds, words) in cases {
        let told = wrong(deeds);
        assert!(told.iter().any(|line| line.contains(words)), "{words}: {told:#?}");
    }
}

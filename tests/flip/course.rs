//! Where a wave stands and what comes next, act by act.

use crate::made::{acts, day, pack, plan};
use dualrun::domain::flip::{Begun, Direction, FlipDeed, Payment, Point, Seen, Step, Told};
use dualrun::flip::{LineState, Next, Standing, WaveState, cost, fold};

fn begun(wave: u32, direction: Direction) -> FlipDeed {
    let (pack, phrase) = ("p".to_owned(), "x".to_owned());
    FlipDeed::Begun(Box::new(Begun { wave, direction, pack, phrase, certificate: None, run: None, place: None }))
}

fn point(direction: Direction, step: Step, ids: &[&str]) -> Point {
    Point { wave: 1, direction, step, subscriptions: ids.iter().map(|i| (*i).to_owned()).collect() }
}

fn planned() -> Vec<FlipDeed> {
    vec![FlipDeed::Planned(Box::new(plan(vec![pack(1, &["a", "b"]), pack(2, &["c"])])))]
}

fn stands(deeds: &[FlipDeed]) -> Standing {
    fold(&acts(deeds.to_vec()))
}

fn next(deeds: &[FlipDeed]) -> Next {
    stands(deeds).waves[&1].next()
}

/// One whole step: sent, said to be done, read back.
fn step(direction: Direction, step: Step, ids: &[&str]) -> Vec<FlipDeed> {
    let of = point(direction, step, ids);
    vec![
        FlipDeed::Sending(of.clone()),
        FlipDeed::Answered { of: of.clone(), told: vec![Told::Applied; ids.len()] },
        FlipDeed::ReadBack { of, seen: vec![Seen::There; ids.len()] },
    ]
}

fn applied() -> Vec<FlipDeed> {
    let mut deeds = planned();
    deeds.push(begun(1, Direction::Forward));
    deeds.extend(Step::ALL.into_iter().flat_map(|s| step(Direction::Forward, s, &["a", "b"])));
    deeds.push(FlipDeed::Ended { wave: 1, direction: Direction::Forward });
    deeds
}

#[test]
fn the_whole_way_and_back() {
    let mut deeds = planned();
    assert_eq!(stands(&deeds).waves[&1].state(), WaveState::Planned);
    deeds.push(begun(1, Direction::Forward));
    for of in Step::ALL {
        assert_eq!(next(&deeds), Next::Send(point(Direction::Forward, of, &["a", "b"])));
        deeds.extend(step(Direction::Forward, of, &["a", "b"]));
    }
    assert_eq!((next(&deeds), stands(&deeds).waves[&1].state()), (Next::Done, WaveState::Applying));
    deeds.push(FlipDeed::Ended { wave: 1, direction: Direction::Forward });
    assert_eq!(stands(&deeds).waves[&1].state(), WaveState::Applied);
    assert_eq!(cost(&stands(&deeds).waves[&1]).changes, 8);
    deeds.push(begun(1, Direction::Back));
    for of in Step::ALL.into_iter().rev() {
        assert_eq!(next(&deeds), Next::Send(point(Direction::Back, of, &["a", "b"])));
        deeds.extend(step(Direction::Back, of, &["a", "b"]));
    }
    assert_eq!(next(&deeds), Next::Done);
    deeds.push(FlipDeed::Ended { wave: 1, direction: Direction::Back });
    let standing = stands(&deeds);
    assert_eq!((standing.waves[&1].state(), standing.wave_of("a"), standing.next_number()), (WaveState::BackedOut, None, 2));
}

/// After a crash what was about to be sent is looked for, and only what is not there is sent again.
#[test]
fn what_nobody_answered_for_is_looked_for_first() {
    let mut deeds = planned();
    deeds.push(begun(1, Direction::Forward));
    let of = point(Direction::Forward, Step::SwitchOff, &["a", "b"]);
    deeds.push(FlipDeed::Sending(of.clone()));
    assert_eq!(next(&deeds), Next::LookFor(of.clone()));
    deeds.push(FlipDeed::Answered { of: of.clone(), told: vec![Told::Unknown { why: "gone".to_owned() }, Told::Applied] });
    assert_eq!(next(&deeds), Next::LookFor(of.clone()), "what is said to be done is read back as well");
    deeds.push(FlipDeed::ReadBack { of, seen: vec![Seen::NotThere, Seen::There] });
    assert_eq!(next(&deeds), Next::Send(point(Direction::Forward, Step::SwitchOff, &["a"])), "the source comes before the target for everybody");
}

#[test]
fn three_times_and_no_more_until_somebody_begins_again() {
    let mut deeds = planned();
    deeds.push(begun(1, Direction::Forward));
    let of = point(Direction::Forward, Step::SwitchOff, &["a", "b"]);
    for _ in 0..3 {
        assert_eq!(next(&deeds), Next::Send(of.clone()));
        deeds.push(FlipDeed::Sending(of.clone()));
        deeds.push(FlipDeed::ReadBack { of: of.clone(), seen: vec![Seen::NotThere; 2] });
    }
    assert!(matches!(next(&deeds), Next::Stuck(left) if left.len() == 2));
    deeds.push(begun(1, Direction::Forward));
    assert_eq!(next(&deeds), Next::Send(of));
}

/// One that is refused keeps nobody else, and is looked at again when somebody goes on.
#[test]
fn a_refusal_is_one_line_s() {
    let mut deeds = planned();
    deeds.push(begun(1, Direction::Forward));
    let of = point(Direction::Forward, Step::SwitchOff, &["a", "b"]);
    deeds.push(FlipDeed::Sending(of.clone()));
    deeds.push(FlipDeed::Answered { of: of.clone(), told: vec![Told::Rejected { why: "no".to_owned() }, Told::Applied] });
    deeds.push(FlipDeed::ReadBack { of, seen: vec![Seen::NotThere, Seen::There] });
    assert_eq!(next(&deeds), Next::Send(point(Direction::Forward, Step::LinkCharge, &["b"])));
    for of in Step::ALL.into_iter().skip(1) {
        deeds.extend(step(Direction::Forward, of, &["b"]));
    }
    assert_eq!(next(&deeds), Next::Stuck(vec![("a".to_owned(), "switch_off rejected: no".to_owned())]));
    let mut back = deeds.clone();
    back.push(begun(1, Direction::Back));
    let of = point(Direction::Forward, Step::SwitchOff, &["a"]);
    assert_eq!(next(&back), Next::LookFor(of.clone()), "before it is said to need no undoing");
    back.push(FlipDeed::ReadBack { of: of.clone(), seen: vec![Seen::NotThere] });
    assert_eq!(next(&back), Next::Send(point(Direction::Back, Step::AttachPayment, &["b"])));
    deeds.push(begun(1, Direction::Forward));
    assert_eq!(next(&deeds), Next::LookFor(of));
}

#[test]
fn what_cannot_be_told_is_neither_sent_nor_passed() {
    let mut deeds = planned();
    deeds.push(begun(1, Direction::Forward));
    let of = point(Direction::Forward, Step::SwitchOff, &["a", "b"]);
    deeds.push(FlipDeed::Sending(of.clone()));
    let seen = vec![Seen::Unclear { why: "NULL".to_owned() }, Seen::Wrong { why: "another day".to_owned() }];
    deeds.push(FlipDeed::ReadBack { of, seen });
    let standing = stands(&deeds);
    assert_eq!(standing.waves[&1].line("a", Step::SwitchOff), LineState::Unknown);
    assert_eq!(standing.waves[&1].line("b", Step::SwitchOff), LineState::Rejected);
    assert!(matches!(next(&deeds), Next::Stuck(left) if left.len() == 2));
    deeds.push(begun(1, Direction::Back));
    assert!(matches!(next(&deeds), Next::LookFor(_)));
}

#[test]
fn who_may_do_what() {
    let today = day("2026-06-05");
    let may = |deeds: &[FlipDeed], wave: u32| {
        let allowed = stands(deeds).allowed(wave, today);
        (allowed.apply.is_ok(), allowed.back_out.is_ok())
    };
    assert_eq!((may(&planned(), 1), may(&planned(), 2), may(&planned(), 3)), ((true, false), (false, false), (false, false)));
    let with = |deed: FlipDeed| [planned(), vec![deed]].concat();
    let reason = String::new;
    assert_eq!(may(&with(FlipDeed::Hold { reason: reason() }), 1), (false, false));
    assert_eq!(may(&[with(FlipDeed::Hold { reason: reason() }), vec![FlipDeed::Resume { reason: reason() }]].concat(), 1), (true, false));
    assert_eq!(may(&with(FlipDeed::Postponed { wave: 1, until: day("2026-06-06"), reason: reason() }), 1), (false, false));
    assert_eq!(may(&with(FlipDeed::Postponed { wave: 1, until: today, reason: reason() }), 1), (true, false));
    assert_eq!(may(&with(FlipDeed::Aborted { wave: 1, reason: reason() }), 1), (false, false));
    assert_eq!((may(&applied(), 1), may(&applied(), 2)), ((false, true), (true, false)));
    let payment = Payment { subscription: "a".to_owned(), on: None, amount: None };
    let passed = [applied(), vec![FlipDeed::PointOfNoReturn { wave: 1, payment }]].concat();
    assert_eq!(may(&passed, 1), (false, false));
    assert!(stands(&passed).allowed(1, today).back_out.unwrap_err().contains("point of no return"));
}

#[test]
fn a_new_plan_leaves_begun_waves_as_they_are() {
    let mut deeds = applied();
    deeds.push(FlipDeed::Planned(Box::new(plan(vec![pack(2, &["d"]), pack(3, &["c"])]))));
    let standing = stands(&deeds);
    assert_eq!(standing.waves.keys().copied().collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!((standing.waves[&1].state(), standing.waves[&2].pack.lines[0].subscription.as_str()), (WaveState::Applied, "d"));
    assert_eq!((standing.wave_of("a"), standing.wave_of("d"), standing.incomplete().len()), (Some(1), None, 3));
}

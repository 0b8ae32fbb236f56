//! What a pack says: its phrase, its digest, and what changed since.

use crate::made::{cad, line, pack};
use dualrun::domain::currency::Currency;
use dualrun::domain::exact::Exact;
use dualrun::domain::flip::{Direction, FlipDeed, Step};
use dualrun::domain::gate::{GateAct, GateDeed};
use dualrun::domain::money::Money;
use dualrun::flip::changed;

#[test]
fn the_phrase_names_the_wave_and_its_money() {
    let mut of = pack(1, &["a", "b"]);
    assert_eq!(of.phrase(Direction::Forward), "flip wave 1: 2 subscriptions, 20.00 CAD");
    of.lines[1] = line("b", Money::new(500, Currency::known("JPY").unwrap()));
    assert_eq!(of.phrase(Direction::Back), "back out wave 1: 2 subscriptions, 10.00 CAD + 500 JPY");
    of.lines.pop();
    assert_eq!(of.phrase(Direction::Forward), "flip wave 1: 1 subscription, 10.00 CAD");
    assert_eq!(of.totals().largest.values().next(), Some(&("a".to_owned(), 1000)));
}

#[test]
fn one_cent_is_another_pack_and_is_named() {
    let of = pack(1, &["a", "b"]);
    let (same, cent) = (Ok(line("a", cad(1000))), Ok(line("b", cad(1001))));
    let mut other = of.clone();
    other.lines[1] = line("b", cad(1001));
    assert_ne!(of.digest(), other.digest());
    let found = changed(&of, |id| Some(if id == "a" { &same } else { &cent }));
    assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), ["b: the expected first invoice was 10.00 CAD and is 10.01 CAD"]);
    let gone = Err(vec!["delta 5.00 CAD, open".to_owned()]);
    let found = changed(&of, |id| if id == "a" { None } else { Some(&gone) });
    assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), ["a: it was not read", "b: delta 5.00 CAD, open"]);
}

#[test]
fn each_change_has_its_inverse_and_a_key_of_its_own() {
    let of = line("a", cad(1));
    let mut keys = std::collections::BTreeSet::new();
    for step in Step::ALL {
        let change = of.change(step).unwrap();
        for direction in [Direction::Forward, Direction::Back] {
            assert!(keys.insert(change.key(direction, "wave 1")));
            assert!(change.words(direction).starts_with(step.side().word()));
        }
        assert_ne!(step.act(Direction::Forward), step.act(Direction::Back));
        assert_ne!(change.key(Direction::Forward, "wave 1"), change.key(Direction::Forward, "wave 2"));
        assert_eq!(change.key(Direction::Forward, "wave 1"), change.clone().key(Direction::Forward, "wave 1"));
    }
}

/// Every act is read back as what it was: they are kept as JSON.
#[test]
fn acts_are_kept_as_they_are() {
    use dualrun::domain::flip::{Begun, CareLine, CareState, Look, Payment, Point, Rehearsal, Seen, Told};
    let point = Point { wave: 1, direction: Direction::Back, step: Step::Confirm, subscriptions: vec!["a".to_owned()] };
    let at = chrono::DateTime::from_timestamp(1_780_000_000, 0).unwrap();
    let day = crate::made::day("2026-07-01");
    let care = CareLine { subscription: "a".to_owned(), bill_on: day, expected: cad(5), actual: Some(cad(6)), state: CareState::Clean { delta: 1 } };
    let deeds = vec![
        FlipDeed::Planned(Box::new(crate::made::plan(vec![pack(1, &["a"])]))),
        FlipDeed::Begun(Box::new(Begun {
            wave: 1,
            direction: Direction::Forward,
            pack: "p".to_owned(),
            phrase: "x".to_owned(),
            certificate: Some("c".to_owned()),
            run: Some(3),
            place: None,
        })),
        FlipDeed::Sending(point.clone()),
        FlipDeed::Answered { of: point.clone(), told: vec![Told::Applied, Told::Unknown { why: "y".to_owned() }] },
        FlipDeed::ReadBack { of: point, seen: vec![Seen::There, Seen::Wrong { why: "z".to_owned() }] },
        FlipDeed::Ended { wave: 1, direction: Direction::Back },
        FlipDeed::Postponed { wave: 1, until: day, reason: "r".to_owned() },
        FlipDeed::Aborted { wave: 1, reason: "r".to_owned() },
        FlipDeed::PointOfNoReturn { wave: 1, payment: Payment { subscription: "a".to_owned(), on: Some(day), amount: None } },
        FlipDeed::Looked(Box::new(Look {
            wave: 1,
            on: day,
            snapshot: "s".to_owned(),
            band_amount: Exact::ZERO,
            band_percent: Exact::ZERO,
            lines: vec![care],
        })),
        FlipDeed::Rehearsed(Box::new(Rehearsal {
            wave: 1,
            pack: "p".to_owned(),
            place: "/copy".to_owned(),
            whole: true,
            failure: None,
            steps: Vec::new(),
            began_at: at,
        })),
        FlipDeed::Completed { reason: "r".to_owned() },
    ];
    for deed in deeds {
        let act = GateAct { id: 1, service: "s".to_owned(), at, actor: "ana".to_owned(), deed: GateDeed::Flip(Box::new(deed)) };
        let text = serde_json::to_string(&act).unwrap();
        assert_eq!(serde_json::from_str::<GateAct>(&text).unwrap_or_else(|e| panic!("{e}: {text}")), act);
    }
}

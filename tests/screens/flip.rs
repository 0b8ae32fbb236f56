//! The Flip screen at every point of the flip, and the signing of a stage: pictures, and what keys do.

use crate::demo_book::demo;
use crate::demo_flip::{acts, begun, gates, looked, no_return, plan, proven, steps, whole};
use crate::driver::Driver;
use crate::fake_workspace::{FakeWorkspace, now};
use chrono::TimeDelta;
use dualrun::app::flip::Decision;
use dualrun::domain::flip::{CareState, Direction, FlipDeed, Step};
use dualrun::domain::gate::{BreakGlass, Glass, Seal, SignatureRule};
use dualrun::tui::model::deed::{DeedAsked, SealBy};
use dualrun::tui::model::job::{FlipAsked, JobAsked};
use dualrun::tui::model::{Notice, Overlay};
use dualrun::tui::msg::Kept;
use dualrun::tui::theme::{Depth, Theme};
use dualrun::tui::{Effect, Msg};
use insta::assert_snapshot;
use std::collections::BTreeMap;

const SIZES: [((u16, u16), &str); 3] = [((140, 42), "140x42"), ((100, 30), "100x30"), ((80, 24), "80x24")];

fn with(deeds: Vec<FlipDeed>) -> FakeWorkspace {
    FakeWorkspace { gate_acts: acts(deeds), ..demo() }
}

/// On the Flip screen, nothing in the way but what the flip itself says.
fn open(deeds: Vec<FlipDeed>, size: (u16, u16)) -> Driver {
    let mut driver = Driver::holding(with(deeds), size);
    if let Some(way) = &mut driver.model.book.way {
        way.blockers.clear();
    }
    driver.press("6");
    driver
}

fn pictures(name: &str, deeds: &[FlipDeed], keys: &str) {
    for (size, label) in SIZES {
        let mut driver = open(deeds.to_vec(), size);
        driver.press(keys);
        assert_snapshot!(format!("{name}_{label}"), driver.picture());
    }
}

fn planned_and(more: impl IntoIterator<Item = FlipDeed>) -> Vec<FlipDeed> {
    std::iter::once(plan()).chain(more).collect()
}

fn under_way() -> Vec<FlipDeed> {
    planned_and(std::iter::once(begun(Direction::Forward)).chain(steps(Direction::Forward, &[Step::SwitchOff, Step::LinkCharge])))
}

#[test]
fn nothing_is_configured() {
    for (size, label) in SIZES {
        let mut driver = Driver::demo(size);
        driver.model.setup.can_flip = false;
        driver.press("6p");
        assert_snapshot!(format!("no_config_{label}"), driver.picture());
        assert!(driver.left.is_empty());
    }
}

#[test]
fn nothing_is_planned() {
    pictures("no_plan", &[], "");
}

#[test]
fn waves_are_planned() {
    for (size, label) in SIZES {
        let mut driver = Driver::holding(with(planned_and([])), size);
        driver.press("6G");
        assert_snapshot!(format!("planned_{label}"), driver.picture());
    }
}

#[test]
fn a_wave_is_under_way() {
    pictures("under_way", &under_way(), "");
}

#[test]
fn a_wave_opens_to_its_pack() {
    pictures("wave", &under_way(), "<enter>");
}

#[test]
fn a_wave_is_applied() {
    let held = looked(20_500, CareState::Held { why: "it is off by 5.00 CAD".to_owned() });
    pictures("applied", &planned_and(whole(Direction::Forward).into_iter().chain([held])), "");
}

#[test]
fn it_is_held() {
    pictures("held", &planned_and([FlipDeed::Hold { reason: "the bank is closed".to_owned() }]), "");
}

#[test]
fn a_wave_is_backed_out() {
    pictures("backed_out", &planned_and(whole(Direction::Forward).into_iter().chain(whole(Direction::Back))), "");
}

#[test]
fn the_point_of_no_return_is_passed() {
    pictures("no_return", &planned_and(whole(Direction::Forward).into_iter().chain([no_return()])), "b");
}

#[test]
fn it_is_complete() {
    let done = [looked(20_000, CareState::Clean { delta: 0 }), FlipDeed::Completed { reason: "all of it".to_owned() }];
    pictures("complete", &planned_and(whole(Direction::Forward).into_iter().chain(done)), "");
}

#[test]
fn what_blocks_is_said_and_nothing_is_applied() {
    for (size, label) in SIZES {
        let mut driver = Driver::holding(with(planned_and([])), size);
        driver.press("6Gka");
        assert_snapshot!(format!("blocked_{label}"), driver.picture());
        driver.press("<enter>");
        assert!(driver.left.is_empty() && driver.model.overlays.is_empty());
    }
}

#[test]
fn only_the_exact_phrase_applies() {
    for (size, label) in SIZES {
        let mut driver = open(planned_and([]), size);
        driver.press("aflip wave 1: 1 subscription, 200 CAD<enter>");
        assert_snapshot!(format!("phrase_{label}"), driver.picture());
        assert!(driver.left.is_empty());
        driver.press("<backspace><backspace><backspace><backspace>.00 CAD<enter>");
        let phrase = "flip wave 1: 1 subscription, 200.00 CAD".to_owned();
        assert_eq!(driver.left, [Effect::Start(JobAsked::Flip(FlipAsked::Apply(1, phrase)))]);
        assert!(driver.model.overlays.is_empty());
    }
}

#[test]
fn backing_out_shows_its_cost_and_asks_for_its_own_phrase() {
    let held = looked(20_500, CareState::Held { why: "it is off by 5.00 CAD".to_owned() });
    let deeds = planned_and(whole(Direction::Forward).into_iter().chain([held]));
    for (size, label) in SIZES {
        let mut driver = open(deeds.clone(), size);
        driver.press("b");
        assert_snapshot!(format!("back_out_{label}"), driver.picture());
        driver.press("flip wave 1: 1 subscription, 200.00 CAD<enter>");
        assert!(driver.left.is_empty());
        driver.press("<esc>bback out wave 1: 1 subscription, 200.00 CAD<enter>");
        assert!(matches!(&driver.left[..], [Effect::Start(JobAsked::Flip(FlipAsked::BackOut(1, _)))]));
    }
}

#[test]
fn keys_of_a_wave_ask_for_the_chosen_one() {
    let start = |asked| [Effect::Start(JobAsked::Flip(asked))];
    let mut driver = open(planned_and([]), (100, 30));
    driver.press("jd");
    assert_eq!(driver.left, start(FlipAsked::Check(2)));
    let mut driver = open(planned_and(whole(Direction::Forward)), (100, 30));
    driver.press("c");
    assert_eq!(driver.left, start(FlipAsked::Care(1)));
    // The second wave waits for nobody now; the first can still be chosen.
    let mut driver = Driver::holding(with(planned_and(whole(Direction::Forward))), (100, 30));
    driver.press("6gd");
    assert_eq!(driver.left, start(FlipAsked::Check(2)));
}

#[test]
fn a_selected_wave_stays_selected_when_reasons_come() {
    let mut driver = open(planned_and([]), (100, 30));
    driver.press("j");
    let mut book = driver.model.book.clone();
    let blocker = driver.model.assessment().blockers[0].clone();
    book.way.as_mut().unwrap().blockers.push(blocker);
    driver.send(Msg::Book(Ok(Some(Box::new(book)))));
    driver.press("d");
    assert_eq!(driver.left, [Effect::Start(JobAsked::Flip(FlipAsked::Check(2)))]);
}

#[test]
fn it_can_be_held_while_a_wave_is_applied() {
    let mut driver = open(planned_and([]), (100, 30));
    driver.press("aflip wave 1: 1 subscription, 200.00 CAD<enter>");
    driver.press("h<enter>");
    assert_eq!(driver.left.len(), 1, "a reason of no words decides nothing");
    driver.press("stop<enter>");
    assert_eq!(driver.left[1], Effect::Do(DeedAsked::Decide(Decision::Hold, "stop".to_owned())));
    driver.send(Msg::Done(Ok(Kept { words: "the flip held · by ana".to_owned(), undo: None })));
    assert!(matches!(&driver.model.notice, Some(Notice::Done(words)) if words.contains(" · journal ")), "{:?}", driver.model.notice);
}

fn run_digest() -> String {
    demo().runs.iter().find(|run| run.id == 14).unwrap().digests.run.clone()
}

/// With a runbook of which the first stage can be signed.
fn runbook(rule: SignatureRule, size: (u16, u16)) -> Driver {
    let gates = gates(rule);
    let mut workspace = FakeWorkspace { gate_acts: proven(&gates, &run_digest()), ..demo() };
    for run in &mut workspace.runs {
        run.digests.source = format!("source-{}", run.id);
        run.digests.target = format!("target-{}", run.id);
    }
    let mut driver = Driver::under(gates, workspace, size);
    driver.press("5jjjjjj");
    driver
}

#[test]
fn a_stage_of_the_runbook() {
    for (size, label) in SIZES {
        let mut driver = runbook(SignatureRule::Attested, size);
        assert_snapshot!(format!("runbook_{label}"), driver.picture());
        driver.press("<enter>j");
        assert_snapshot!(format!("checks_{label}"), driver.picture());
        driver.press("a");
        assert_snapshot!(format!("state_{label}"), driver.picture());
    }
}

#[test]
fn a_stage_is_signed_by_a_yes_to_what_is_shown() {
    for (size, label) in SIZES {
        let mut driver = runbook(SignatureRule::Attested, size);
        driver.press("s");
        assert_snapshot!(format!("sign_{label}"), driver.picture());
        driver.press("<enter>");
        assert!(driver.left.is_empty(), "Enter alone signs nothing");
        driver.press("y");
        assert!(matches!(&driver.left[..], [Effect::Do(DeedAsked::Sign(view, SealBy::Name))] if view.stage.id == "truth"));
        assert!(driver.model.overlays.is_empty());
    }
}

#[test]
fn where_no_key_is_at_hand_the_command_is_said() {
    let mut driver = runbook(SignatureRule::Signed, (100, 30));
    driver.press("s");
    assert_snapshot!("sign_by_command_100x30", driver.picture());
    driver.press("y");
    assert!(driver.left.is_empty());
}

#[test]
fn a_stage_that_does_not_hold_says_what_to_do() {
    let mut driver = runbook(SignatureRule::Attested, (100, 30));
    driver.press("js");
    assert_snapshot!("sign_refused_100x30", driver.picture());
    assert!(matches!(driver.model.overlays.last(), Some(Overlay::Text { .. })));
}

#[test]
fn a_no_go_has_a_reason() {
    let mut driver = runbook(SignatureRule::Attested, (100, 30));
    driver.press("N<enter>");
    assert_snapshot!("no_go_100x30", driver.picture());
    driver.press("not today<enter>");
    assert_eq!(driver.left, [Effect::Do(DeedAsked::NoGo { stage: "truth".to_owned(), reason: "not today".to_owned() })]);
}

#[test]
fn without_colour_everything_is_still_said() {
    let mut driver = open(under_way(), (100, 30));
    driver.model.setup.theme = Theme { depth: Depth::Mono, ..Theme::default() };
    let picture = driver.picture();
    assert!(["applying", "2 verified", "a goes on", "b backs it out"].iter().all(|word| picture.contains(word)), "{picture}");
}

#[test]
fn broken_glass_lets_a_wave_be_applied_and_is_told() {
    let mut driver = Driver::holding(with(planned_and([])), (100, 30));
    let terms = BreakGlass {
        reason: "the old system ends tonight".to_owned(),
        blockers: Vec::new(),
        stakes: BTreeMap::new(),
        configuration: None,
        place: None,
        exposure: Vec::new(),
        expires: now() + TimeDelta::hours(1),
        seal: Seal::Attested,
    };
    let glass = Glass { act: 9, by: "ana".to_owned(), confirmed_by: "ben".to_owned(), at: now(), terms, attested: (false, true) };
    driver.model.book.way.as_mut().unwrap().glass = Some(glass);
    driver.press("6Gka");
    let picture = driver.picture();
    assert!(picture.contains("Apply wave 1?") && !picture.contains("is blocked"), "{picture}");
    driver.press("<esc>");
    assert!(driver.picture().contains("GLASS BROKEN by ana and ben (attested)"));
}

//! Acts of the flip and of its gates beside applying: days, postponing, aborting, rehearsing, completing, agreeing, stating that a
//! check fails. What cannot be taken back says what it comes to, and asks for a phrase.

use crate::demo_book::demo;
use crate::demo_flip::{acts, begun, gates, looked, plan, steps, whole};
use crate::driver::Driver;
use crate::fake_workspace::{FakeWorkspace, cad, day, now};
use chrono::TimeDelta;
use dualrun::app::flip::{CandidateDay, Decision, Simulation};
use dualrun::domain::flip::{CareState, Direction, FlipDeed, Rehearsal, Step, Timed};
use dualrun::domain::gate::{BreakGlass, GateAct, GateDeed, Seal, SignatureRule};
use dualrun::tui::model::deed::{DeedAsked, Made};
use dualrun::tui::model::job::{FlipAsked, FlipDone, JobAsked, JobDone};
use dualrun::tui::model::{Overlay, Screen};
use dualrun::tui::{Effect, Msg};
use insta::assert_snapshot;
use std::collections::BTreeMap;
use std::path::PathBuf;

const SIZES: [((u16, u16), &str); 2] = [((140, 42), "140x42"), ((80, 24), "80x24")];

fn on_flip(deeds: Vec<FlipDeed>, size: (u16, u16)) -> Driver {
    let mut driver = Driver::holding(FakeWorkspace { gate_acts: acts(deeds), ..demo() }, size);
    driver.press("6");
    driver
}

fn under_way() -> Vec<FlipDeed> {
    [plan(), begun(Direction::Forward)].into_iter().chain(steps(Direction::Forward, &[Step::SwitchOff, Step::LinkCharge])).collect()
}

#[test]
fn a_wave_is_postponed_to_a_day_and_for_a_reason() {
    let mut driver = on_flip(vec![plan()], (100, 30));
    driver.press("Pnext week<enter>");
    assert!(driver.picture().contains("write a day") && driver.left.is_empty());
    let mut driver = on_flip(vec![plan()], (100, 30));
    driver.press("P2026-07-01<enter>");
    assert!(driver.picture().contains("write a day") && driver.left.is_empty(), "a day without a reason is half of it");
    driver.press(" finance is away<enter>");
    let asked = DeedAsked::Decide(Decision::Postpone(1, day("2026-07-01")), "finance is away".to_owned());
    assert_eq!(driver.left, [Effect::Do(asked)]);
}

#[test]
fn an_abort_says_what_it_leaves_and_asks_for_its_phrase() {
    for (size, label) in SIZES {
        let mut driver = on_flip(under_way(), size);
        driver.press("Xabort<enter>");
        assert_snapshot!(format!("abort_{label}"), driver.picture());
        assert!(driver.left.is_empty(), "half a phrase acted");
        driver.press(" wave 1<enter>");
        assert!(driver.left.is_empty(), "a phrase without a reason acted");
        driver.press(": the target is wrong<enter>");
        let asked = DeedAsked::Decide(Decision::Abort(1), "the target is wrong".to_owned());
        assert_eq!(driver.left, [Effect::Do(asked)]);
        assert!(driver.model.overlays.is_empty());
    }
    let mut driver = on_flip(under_way(), (100, 30));
    driver.press("Xabort wave 12 is another<enter>");
    assert!(driver.left.is_empty(), "another wave's number is another phrase");
}

#[test]
fn the_days_ahead_are_a_page() {
    for (size, label) in SIZES {
        let mut driver = on_flip(vec![plan()], size);
        driver.press("s");
        assert_eq!(driver.left, [Effect::Start(JobAsked::Flip(FlipAsked::Simulate))]);
        let on = |n: i64, near: usize, twice: i64, later: i64| CandidateDay {
            on: day("2026-06-02") + TimeDelta::days(n),
            near: vec!["sub-1001".to_owned(); near],
            twice,
            later: if later == 0 { BTreeMap::new() } else { BTreeMap::from([(cad(0).currency, later)]) },
            ..CandidateDay::default()
        };
        let candidates = vec![on(0, 2, 0, 0), on(1, 0, 3, 20_000), on(2, 0, 0, 5_000)];
        let why = "none of 3 renews within 48 hours of it; no day is billed twice or by nobody".to_owned();
        let found = Simulation { candidates, recommended: Some(day("2026-06-04")), why };
        driver.send(Msg::JobEnded(Ok(JobDone::Flip(FlipDone::Simulated(Box::new(found))))));
        assert_snapshot!(format!("days_{label}"), driver.picture());
    }
}

#[test]
fn a_rehearsal_asks_where_and_then_for_its_phrase() {
    for (size, label) in SIZES {
        let mut driver = on_flip(vec![plan()], size);
        driver.press("R");
        assert_snapshot!(format!("rehearse_{label}"), driver.picture());
        driver.press("../copy<enter>");
        assert!(driver.picture().contains("no copy can be opened here"), "the look is an effect, and answered");
        let programs = vec!["./demo-target source.db".to_owned(), "./demo-target target.db".to_owned()];
        driver.send(Msg::CopySeen(1, Ok((PathBuf::from("/srv/copy"), programs))));
        driver.press("yes<enter>");
        assert_snapshot!(format!("rehearse_phrase_{label}"), driver.picture());
        assert!(driver.left.is_empty());
        let rest = "<backspace><backspace><backspace>these programs act on the copy alone<enter>";
        driver.press(rest);
        assert_eq!(driver.left, [Effect::Start(JobAsked::Flip(FlipAsked::Rehearse(1, PathBuf::from("/srv/copy"))))]);
        let rehearsal = Rehearsal {
            wave: 1,
            pack: "pack".to_owned(),
            place: "/srv/copy".to_owned(),
            whole: true,
            failure: None,
            steps: vec![Timed { what: "switch off".to_owned(), milliseconds: 1_200 }, Timed { what: "confirm".to_owned(), milliseconds: 900 }],
            began_at: now(),
        };
        let standing = driver.model.book.flip.as_ref().clone();
        driver.send(Msg::JobEnded(Ok(JobDone::Flip(FlipDone::Rehearsed(Box::new(rehearsal), Box::new(standing))))));
        assert!(driver.picture().contains("applied and backed out whole"), "{}", driver.picture());
    }
}

#[test]
fn the_flip_is_completed_by_a_phrase_once_every_wave_is_clean() {
    let mut driver = on_flip(under_way(), (100, 30));
    driver.press("C");
    assert!(driver.model.overlays.is_empty() && driver.picture().contains("the flip is not complete"), "{}", driver.picture());
    let mut one = plan();
    if let FlipDeed::Planned(plan) = &mut one {
        plan.waves.truncate(1);
    }
    let clean = [one].into_iter().chain(whole(Direction::Forward)).chain([looked(20_000, CareState::Clean { delta: 0 })]).collect();
    for (size, label) in SIZES {
        let mut driver = on_flip(Vec::clone(&clean), size);
        driver.press("C");
        assert_snapshot!(format!("complete_phrase_{label}"), driver.picture());
        driver.press("complete the flip all first invoices are right<enter>");
        assert_eq!(driver.left, [Effect::Start(JobAsked::Flip(FlipAsked::Complete("all first invoices are right".to_owned())))]);
    }
}

/// Two acts that wait for a second person: of ben, and of ana herself.
fn waiting() -> Vec<GateAct> {
    let act = |id: i64, actor: &str| {
        let glass = BreakGlass {
            reason: "the bank closes at noon".to_owned(),
            blockers: vec!["4 rows do not match".to_owned()],
            stakes: BTreeMap::new(),
            configuration: None,
            place: None,
            exposure: vec![cad(37_868)],
            expires: now() + TimeDelta::hours(2),
            seal: Seal::Attested,
        };
        GateAct { id, service: "nexacloud".to_owned(), at: now(), actor: actor.to_owned(), deed: GateDeed::BreakGlass(Box::new(glass)) }
    };
    vec![act(7, "ben"), act(8, "ana")]
}

#[test]
fn a_second_person_agrees_by_the_phrase_of_what_waits() {
    for (size, label) in SIZES {
        let workspace = FakeWorkspace { gate_acts: waiting(), ..demo() };
        let mut driver = Driver::under(gates(SignatureRule::Attested), workspace, size);
        driver.press("5c");
        assert_snapshot!(format!("agree_{label}"), driver.picture());
        driver.press("y<enter>");
        assert!(driver.left.is_empty());
        driver.press("<backspace>agree to act 7<enter>");
        assert_eq!(driver.left, [Effect::Do(DeedAsked::Agree(Made::Act(7, 8)))]);
    }
    let mut driver = Driver::demo((100, 30));
    driver.press("5c");
    assert!(driver.picture().contains("nothing waits for a second person"));
}

#[test]
fn a_check_is_stated_to_fail_with_a_file_that_shows_it() {
    let mut driver = Driver::under(gates(SignatureRule::Attested), demo(), (100, 30));
    driver.press("5jjjjjj<enter>jA");
    assert_snapshot!("state_fails_100x30", driver.picture());
    driver.press("@calls.pdf<enter>");
    assert!(driver.left.is_empty(), "a file says nothing in words");
    driver.press("<esc>Athree agents know nothing @calls.pdf<enter>");
    let [Effect::Do(DeedAsked::Attest { name, note, holds, file, .. })] = &driver.left[..] else { panic!("{:?}", driver.left) };
    assert_eq!((name.as_str(), note.as_str(), *holds, file.clone()), ("truth/support", "three agents know nothing", false, Some("calls.pdf".into())));
}

#[test]
fn the_short_tour_goes_through_the_screens_and_any_key_leaves_it() {
    for (size, label) in SIZES {
        let mut driver = Driver::demo(size);
        driver.model.overlays.push(Overlay::Tour(0));
        assert_snapshot!(format!("tour_{label}"), driver.picture());
        let mut seen = Vec::new();
        for _ in 0..5 {
            driver.press("<right>");
            seen.push(driver.model.screen);
        }
        assert_eq!(seen, [Screen::Reconcile, Screen::Causes, Screen::Gates, Screen::Flip, Screen::Overview]);
        driver.press("<right>");
        assert!(driver.model.overlays.is_empty(), "it ends after the last station");
    }
    for key in ["q", "x", "<esc>", "3", "<pgdn>"] {
        let mut driver = Driver::demo((80, 24));
        driver.model.overlays.push(Overlay::Tour(2));
        driver.press(key);
        assert!(
            driver.model.overlays.is_empty() && driver.model.screen == Screen::Overview && driver.left.is_empty(),
            "{key} did more than leave it"
        );
    }
}

//! Programs that fall silent, refuse, lie and die.

use crate::project::{NOTHING, acts, bills, flip, is_whole, planned, program, ready, sound, stands, target, undo, with_programs};
use dualrun::app::flip::{LineState, WaveState};
use dualrun::domain::flip::Step;
use std::path::Path;
use std::process::Command;

fn sent(dir: &Path, side: &str, act: &str) -> usize {
    acts(dir, side).iter().filter(|a| a.starts_with(act)).count()
}

#[test]
fn one_that_does_it_and_says_nothing_is_read_back() {
    let folder = with_programs();
    let dir = folder.path();
    program(dir, "source", "real > /dev/null");
    program(dir, "target", "real > /dev/null; exit 3");
    is_whole(&flip(dir, 1).expect("applied"));
    assert_eq!((acts(dir, "source").len(), acts(dir, "target").len()), (2, 6), "nothing is sent a second time");
}

#[test]
fn one_that_does_nothing_is_asked_three_times_and_no_more() {
    let folder = with_programs();
    let dir = folder.path();
    program(dir, "source", "exit 1");
    let came = flip(dir, 1).expect("it ran");
    assert_eq!((came.whole, came.stuck.len(), bills(dir).as_str()), (false, 2, NOTHING));
    assert_eq!((sent(dir, "source", "switch_off"), acts(dir, "target").len()), (6, 0), "the target is told nothing");
    program(dir, "source", "real");
    // Nothing of it is there, so that it is checked as if it were new.
    target(dir, "update plans set flat_price = printf('%.2f', flat_price + 0.01)");
    let error = flip(dir, 1).expect_err("it is another wave now").to_string();
    assert!(error.contains("the expected first invoice was") || error.contains("its terms come to"), "{error}");
    target(dir, "update plans set flat_price = printf('%.2f', flat_price - 0.01)");
    is_whole(&flip(dir, 1).expect("it goes on"));
}

/// It says that the source is off, and the source bills on: the target is never switched on.
#[test]
fn a_liar_in_the_source_switches_nothing_on_in_the_target() {
    let folder = with_programs();
    let dir = folder.path();
    program(dir, "source", "sed 's/^{\"key\":\"\\([0-9a-f]*\\)\".*/{\"key\":\"\\1\",\"result\":\"ok\"}/' source.in");
    let came = flip(dir, 1).expect("it ran");
    assert_eq!((came.whole, acts(dir, "target").len(), bills(dir).as_str()), (false, 0, NOTHING));
    assert!(came.stuck.iter().all(|(_, why)| why.contains("it was said to be done, and is not there")), "{:?}", came.stuck);
    // What the source bills meanwhile is no longer what was planned.
    program(dir, "source", "real");
    is_whole(&flip(dir, 1).expect("it goes on"));
}

/// The source is switched on again behind everybody's back between two steps.
#[test]
fn a_source_that_comes_back_stops_its_line() {
    let folder = with_programs();
    let dir = folder.path();
    let back = "sed 's/\"act\":\"switch_off\"/\"act\":\"switch_on\"/' source.log | ./demo-target source.db > /dev/null";
    program(dir, "target", &format!("if grep -q link_charge target.in; then {back}; fi; real"));
    let came = flip(dir, 1).expect("it ran");
    assert_eq!((came.whole, sent(dir, "target", "confirm")), (false, 0), "{:?}", came.stuck);
    assert!(came.stuck.iter().all(|(_, why)| why.contains("the source bills it")), "{:?}", came.stuck);
    program(dir, "target", "real");
    is_whole(&undo(dir, 1).expect("backed out"));
    assert_eq!(bills(dir), NOTHING);
}

#[test]
fn a_refusal_keeps_only_its_own_line() {
    let folder = with_programs();
    let dir = folder.path();
    let first = stands(dir).waves[&1].pack.lines[0].subscription.clone();
    let refuse = format!(
        "grep -v '\"{first}\"' target.in > some || true; ./demo-target target.db < some; grep '\"{first}\"' target.in | sed 's/^{{\"key\":\"\\([0-9a-f]*\\)\".*/{{\"key\":\"\\1\",\"result\":\"rejected\",\"reason\":\"locked\"}}/'"
    );
    program(dir, "target", &refuse);
    let came = flip(dir, 1).expect("it ran");
    assert_eq!(came.stuck, [(first.clone(), "link_charge rejected: refused: locked".to_owned())]);
    let wave = stands(dir).waves[&1].clone();
    assert_eq!(
        (wave.state(), wave.line(&first, Step::SwitchOff), wave.line(&first, Step::Confirm)),
        (WaveState::Applying, LineState::Verified, LineState::Planned)
    );
    assert_eq!(bills(dir).matches("sub-").count(), 4, "one is whole, the other off in the source: {}", bills(dir));
    program(dir, "target", "real");
    is_whole(&flip(dir, 1).expect("it goes on"));
}

/// Only when it is asked for by name: the other half of the test below.
#[test]
fn as_a_child_that_is_killed() {
    if let Some(dir) = std::env::var_os("FLIP_AND_DIE") {
        let _ = flip(Path::new(&dir), 1);
    }
}

fn child(dir: &Path) -> std::process::ExitStatus {
    let name = "programs::as_a_child_that_is_killed";
    let program = std::env::current_exe().expect("this program");
    Command::new(program).args(["--exact", name, "--nocapture"]).env("FLIP_AND_DIE", dir).output().expect("it runs").status
}

/// kill -9 in the middle of each step: before the program did anything, and after it did everything but nobody heard.
#[test]
fn a_flip_that_is_killed_goes_on_by_reading_back() {
    for (side, act, does) in [
        ("source", "switch_off", "real > /dev/null"),
        ("source", "switch_off", ":"),
        ("target", "link_charge", ":"),
        ("target", "confirm", "real > /dev/null"),
    ] {
        let folder = with_programs();
        let dir = folder.path();
        program(dir, side, &format!("if grep -q {act} {side}.in && ! test -e died; then touch died; {does}; kill -9 $PPID; exit; fi; real"));
        let status = child(dir);
        assert!(!status.success(), "it died: {status}");
        let wave = stands(dir).waves[&1].clone();
        assert!(wave.lines.values().any(|l| l.state == LineState::Sending), "{act}: what may have arrived is known");
        is_whole(&flip(dir, 1).unwrap_or_else(|e| panic!("{act}: {e}")));
        let wanted = if does == ":" { 4 } else { 2 };
        assert_eq!(sent(dir, side, act), wanted, "{act} {does}: sent again only where it is not there");
        sound(dir);
    }
}

/// Whoever is at another terminal holds a flip while it runs.
#[test]
fn a_hold_is_heard_before_the_next_batch() {
    let folder = with_programs();
    let dir = folder.path();
    let hold = format!(
        "if ! test -e held; then touch held; {} -C . flip hold --reason 'wrong day' > held.out 2>&1 || exit 9; fi; real",
        env!("CARGO_BIN_EXE_dualrun")
    );
    program(dir, "source", &hold);
    let came = flip(dir, 1).expect("it ran");
    let said = std::fs::read_to_string(dir.join("held.out")).expect("words");
    assert!(came.stopped.as_deref().is_some_and(|why| why.contains("wrong day")), "{:?} {said}", came.stopped);
    assert_eq!(acts(dir, "target").len(), 0);
    assert!(flip(dir, 1).expect_err("held").to_string().contains("held"));
    assert!(undo(dir, 1).is_err(), "held is held");
    let resumed = crate::harness::said(dir, &["flip", "resume", "--reason", "right day"]);
    assert_eq!(resumed.code, 0, "{resumed:#?}");
    is_whole(&flip(dir, 1).expect("it goes on"));
    assert_eq!(sent(dir, "source", "switch_off"), 2);
}

#[test]
fn two_at_once_are_one_after_the_other() {
    let folder = with_programs();
    let dir = folder.path();
    let phrase = stands(dir).waves[&1].pack.phrase(dualrun::domain::flip::Direction::Forward);
    let binary = env!("CARGO_BIN_EXE_dualrun");
    program(dir, "source", &format!("{binary} -C . flip apply 1 --confirm '{phrase}' > second.out 2>&1; echo $? >> second.out; real"));
    is_whole(&flip(dir, 1).expect("applied"));
    let second = std::fs::read_to_string(dir.join("second.out")).expect("words");
    assert!(second.contains("flip apply") && second.trim_end().ends_with('2'), "{second}");
}

#[test]
fn what_cannot_be_started_changes_nothing() {
    let folder = ready();
    let dir = folder.path();
    crate::harness::configure(dir, &[("source_program = [\"./demo-target\", \"source.db\"]", "source_program = [\"./absent\"]")]);
    planned(dir);
    let error = flip(dir, 1).expect_err("no program").to_string();
    assert!(error.contains("source_program in [flip]"), "{error}");
    assert_eq!((bills(dir).as_str(), stands(dir).waves[&1].state()), (NOTHING, WaveState::Planned));
}

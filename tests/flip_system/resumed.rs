//! A wave that goes on: what is half done is brought to its end, and who was not begun yet gets every check of a wave that is not begun.

use crate::harness::{configure, said};
use crate::project::{Open, Shut, acts, flip, is_whole, phrase, planned, program, project, ready, silent, stands, target, wait_for};
use dualrun::app::error::AppError;
use dualrun::app::flip::{Came, Decision, Gatekeeper, LineState, PlanOptions, WaveState, apply, decide, plan};
use dualrun::domain::flip::{Direction, Step};
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// The first of two is switched off in the source and no more: somebody held the flip meanwhile. With both ids.
fn half() -> (TempDir, String, String) {
    let folder = ready();
    let dir = folder.path();
    configure(dir, &[("canary = 2\n", "canary = 2\nbatch = 1\n")]);
    let hold =
        format!("if ! test -e held; then touch held; {} -C . flip hold --reason 'wait' > held.out 2>&1; fi; real", env!("CARGO_BIN_EXE_dualrun"));
    program(dir, "source", &hold);
    program(dir, "target", "real");
    planned(dir);
    let came = flip(dir, 1).expect("it ran");
    assert!(came.stopped.is_some_and(|why| why.contains("wait")));
    assert_eq!(said(dir, &["flip", "resume", "--reason", "on"]).code, 0);
    let wave = &stands(dir).waves[&1];
    let ids: Vec<String> = wave.pack.lines.iter().map(|l| l.subscription.clone()).collect();
    assert_eq!((wave.line(&ids[0], Step::SwitchOff), wave.line(&ids[1], Step::SwitchOff)), (LineState::Verified, LineState::Planned));
    (folder, ids[0].clone(), ids[1].clone())
}

fn go_on(dir: &Path, gates: &dyn Gatekeeper) -> Result<Came, AppError> {
    let asked = dualrun::app::flip::Apply { wave: 1, phrase: phrase(dir, 1, Direction::Forward), wait: Duration::from_secs(5) };
    wait_for(apply(&project(dir), &asked, gates, silent(), CancellationToken::new()))
}

/// The first is whole, the second was left where it was, and why.
#[track_caller]
fn is_left(dir: &Path, came: &Came, (first, second): (&str, &str), words: &str) {
    let wave = &stands(dir).waves[&1];
    assert!(Step::ALL.iter().all(|step| wave.line(first, *step) == LineState::Verified), "{:?}", came.stuck);
    assert_eq!(acts(dir, "source").iter().filter(|a| a.contains(second)).count(), 0, "nothing of it was handed over");
    let [(id, why)] = came.stuck.as_slice() else { panic!("{:?} {:?}", came.stuck, came.stopped) };
    assert!(id == second && why.contains(words), "{words}: {id} {why}");
}

#[test]
fn gates_that_shut_since_leave_out_who_was_not_begun() {
    let (folder, first, second) = half();
    let dir = folder.path();
    let came = go_on(dir, &Shut).expect("what is half done goes on");
    is_left(dir, &came, (&first, &second), "it was not begun: Gates: nobody signed");
    // And once more: who was left out was still never begun.
    let came = go_on(dir, &Shut).expect("it ran");
    is_left(dir, &came, (&first, &second), "Gates: nobody signed");
    is_whole(&go_on(dir, &Open).expect("it goes on"));
    assert_eq!(stands(dir).waves[&1].state(), WaveState::Applied);
}

#[test]
fn a_target_that_can_bill_somebody_else_leaves_out_who_was_not_begun() {
    let (folder, first, second) = half();
    let dir = folder.path();
    let stray = stands(dir).waves[&2].pack.lines[0].subscription.clone();
    target(dir, &format!("update subscriptions set has_payment_token = 'true' where id = '{stray}'"));
    let came = go_on(dir, &Open).expect("it ran");
    is_left(dir, &came, (&first, &second), &format!("the target can bill {stray}"));
    target(dir, &format!("update subscriptions set has_payment_token = 'false' where id = '{stray}'"));
    is_whole(&go_on(dir, &Open).expect("it goes on"));
}

#[test]
fn a_renewal_that_is_near_by_now_leaves_out_who_was_not_begun() {
    let (folder, first, second) = half();
    let dir = folder.path();
    // Rules of the plan are what they were: what is configured now is held against them too.
    configure(dir, &[("buffer_hours = 0", "buffer_hours = 8760")]);
    let came = go_on(dir, &Open).expect("it ran");
    is_left(dir, &came, (&first, &second), "it renews within 8760 hours");
    assert!(came.stuck[0].1.contains("the configuration changed since the waves were planned"));
    configure(dir, &[("buffer_hours = 8760", "buffer_hours = 0")]);
    is_whole(&go_on(dir, &Open).expect("it goes on"));
}

/// Whoever was left out has nothing to be undone.
#[test]
fn who_was_left_out_is_not_undone() {
    let (folder, _, second) = half();
    let dir = folder.path();
    go_on(dir, &Shut).expect("it ran");
    is_whole(&crate::project::undo(dir, 1).expect("backed out"));
    assert_eq!(acts(dir, "source").iter().chain(&acts(dir, "target")).filter(|a| a.contains(&second)).count(), 0);
    assert_eq!(crate::project::bills(dir), crate::project::NOTHING);
}

#[test]
fn a_postponement_goes_with_its_subscriptions_into_another_plan() {
    let folder = ready();
    let dir = folder.path();
    let first = planned(dir).plan.waves[0].clone();
    let decided = |decision: Decision| wait_for(decide(&project(dir), &decision, "month end", Duration::ZERO)).expect("decided");
    decided(Decision::Postpone(1, "2999-01-01".parse().expect("a day")));
    let again = planned(dir).plan;
    let last = again.waves.last().expect("a wave");
    assert_eq!((&last.lines, last.from.as_str()), (&first.lines, "postponed to 2999-01-01"), "they come last and hold nobody up");
    assert_eq!(again.waves.iter().map(|w| w.lines.len()).collect::<Vec<_>>(), [2, 2, 2]);
    assert!(!planned(dir).is_new);
    is_whole(&flip(dir, 1).expect("who is not postponed goes first"));
    is_whole(&flip(dir, 2).expect("and who comes next"));
    let error = flip(dir, 3).expect_err("postponed").to_string();
    assert!(error.contains("postponed to 2999-01-01: month end"), "{error}");
    // Whoever puts one of them into a list of his own does not flip it sooner by that.
    let id = first.lines[0].subscription.clone();
    let lists = vec![dualrun::app::flip::List { name: "mine".to_owned(), subscriptions: vec![id] }];
    let options = PlanOptions { lists, wait: Duration::ZERO };
    let mine = wait_for(plan(&project(dir), &options, silent(), CancellationToken::new())).expect("planned").plan;
    assert_eq!((mine.waves[0].wave, mine.waves[0].from.as_str()), (3, "mine"));
    assert!(flip(dir, 3).expect_err("postponed").to_string().contains("postponed to 2999-01-01"));
    decided(Decision::Postpone(3, "2020-01-01".parse().expect("a day")));
    is_whole(&flip(dir, 3).expect("its day has come"));
}

//! A wave planned, checked, applied, read back, and backed out; the next one after it; a rehearsal on a copy.

use crate::harness::{said, sqlite_text, workspace};
use crate::project::{NOTHING, Open, acts, bills, flip, is_whole, planned, program, project, ready, ready_in, silent, sound, stands, undo, wait_for};
use dualrun::app::flip::{LineState, WaveState, check, rehearse};
use dualrun::domain::flip::{Direction, Step};
use tokio_util::sync::CancellationToken;

#[test]
fn a_canary_there_and_back() {
    let folder = ready();
    let dir = folder.path();
    program(dir, "source", "real");
    program(dir, "target", "real");
    let plan = planned(dir).plan;
    let sizes: Vec<usize> = plan.waves.iter().map(|w| w.lines.len()).collect();
    assert_eq!((sizes, plan.left_out.len()), (vec![2, 4], 3), "{:#?}", plan.left_out);
    assert!(!planned(dir).is_new, "the same again is no new plan");
    let canary: Vec<&str> = plan.waves[0].lines.iter().map(|l| l.subscription.as_str()).collect();

    let checked = wait_for(check(&project(dir), 1, &Open, silent(), CancellationToken::new())).expect("checked");
    assert_eq!((checked.blockers, bills(dir).as_str()), (Vec::new(), NOTHING), "a look changes nothing");
    assert!(checked.run.is_some() && checked.certificate.is_some());

    let came = flip(dir, 1).expect("applied");
    is_whole(&came);
    let ids = canary.join(" ");
    assert_eq!(bills(dir), format!("off: {ids}; on: {ids}; pays: {ids}"));
    let wave = &stands(dir).waves[&1];
    assert_eq!(wave.state(), WaveState::Applied);
    assert!(wave.lines.values().all(|l| l.state == LineState::Verified && l.tries == 1));
    let of = |act: &str| canary.iter().map(|id| format!("{act} {id}")).collect::<Vec<_>>();
    assert_eq!(acts(dir, "source"), of("switch_off"));
    assert_eq!(acts(dir, "target"), [of("link_charge"), of("confirm"), of("attach_payment")].concat(), "each step for everybody before the next");
    let first = sqlite_text(&dir.join("target.db"), "select first_period_start || ' ' || first_bill_day from billing_schedule limit 1");
    assert_eq!(first, "2026-06-01 2026-07-01");
    assert!(flip(dir, 1).is_err(), "applied is applied");

    is_whole(&undo(dir, 1).expect("backed out"));
    assert_eq!(bills(dir), NOTHING);
    assert_eq!(acts(dir, "target")[6..], [of("detach_payment"), of("redraft"), of("unlink_charge")].concat());
    assert_eq!(acts(dir, "source")[2..], of("switch_on"));
    assert_eq!(stands(dir).waves[&1].state(), WaveState::BackedOut);
    assert_eq!(sqlite_text(&dir.join("target.db"), "select cast((select count(*) from billing_schedule) as text)"), "0");

    // Whoever was backed out can be planned again, in a wave of another number.
    let again = planned(dir).plan;
    assert_eq!(again.waves.iter().map(|w| (w.wave, w.lines.len())).collect::<Vec<_>>(), [(2, 2), (3, 4)]);
    is_whole(&flip(dir, 2).expect("applied again"));
    let kinds =
        sqlite_text(&workspace(dir), "select group_concat(kind) from (select distinct kind from journal where kind like 'flip%' order by kind)");
    assert_eq!(kinds, "flip_answered,flip_begun,flip_planned,flip_read_back,flip_sending,flip_wave_applied,flip_wave_backed_out");
    sound(dir);
}

#[test]
fn one_wave_after_the_other() {
    let folder = ready();
    let dir = folder.path();
    planned(dir);
    assert!(flip(dir, 2).expect_err("the canary is first").to_string().contains("wave 1 comes first"));
    is_whole(&flip(dir, 1).expect("applied"));
    is_whole(&flip(dir, 2).expect("applied"));
    assert_eq!(bills(dir).matches("sub-").count(), 18);
    let standing = stands(dir);
    assert!(Step::ALL.iter().all(|step| standing.waves[&2].line("sub-1001", *step) == LineState::Verified));
    is_whole(&undo(dir, 2).expect("backed out"));
    assert_eq!(bills(dir).matches("sub-").count(), 6, "only what it had done is undone");
}

#[test]
fn a_rehearsal_is_on_a_copy() {
    let (folder, copy) = (ready(), tempfile::tempdir().expect("a folder"));
    let dir = folder.path();
    ready_in(copy.path());
    planned(dir);
    let rehearsed = |copy| wait_for(rehearse(&project(dir), &project(copy), 1, silent(), CancellationToken::new()));
    assert!(rehearsed(dir).is_err(), "the project itself is no copy");
    let (rehearsal, standing) = rehearsed(copy.path()).expect("rehearsed");
    assert_eq!((rehearsal.whole, &rehearsal.failure), (true, &None));
    let steps: Vec<&str> = rehearsal.steps.iter().map(|s| s.what.as_str()).collect();
    assert_eq!(steps.first(), Some(&"plan"));
    assert!(["switch_off", "read back confirm", "switch_on"].iter().all(|s| steps.contains(s)), "{steps:?}");
    assert_eq!((bills(dir).as_str(), bills(copy.path()).as_str()), (NOTHING, NOTHING));
    assert!(standing.waves[&1].rehearsal.is_some());
    // A copy that would bill another amount rehearses nothing.
    crate::project::target(copy.path(), "update plans set flat_price = '30.01' where flat_price in ('30.00', '30')");
    let (rehearsal, _) = rehearsed(copy.path()).expect("looked at");
    assert!(!rehearsal.whole, "{rehearsal:?}");
}

/// With the command as its operator types it: what is told, and the exit codes.
#[test]
fn what_is_shown_of_a_wave() {
    let folder = ready();
    let dir = folder.path();
    let plan = said(dir, &["flip", "plan", "--format", "json", "-q"]);
    assert_eq!(plan.code, 0, "{plan:#?}");
    assert_eq!((plan.json()["waves"].as_array().map(Vec::len), plan.json()["run"].as_i64()), (Some(2), Some(1)));
    let shown = said(dir, &["flip", "show", "1", "--format", "json"]).json();
    let changes = shown["lines"][0]["changes"].as_array().expect("changes").clone();
    let pairs: Vec<(&str, &str)> = changes.iter().map(|c| (c["act"].as_str().expect("an act"), c["inverse"].as_str().expect("an act"))).collect();
    assert_eq!(pairs, [("switch_off", "switch_on"), ("link_charge", "unlink_charge"), ("confirm", "redraft"), ("attach_payment", "detach_payment")]);
    assert_eq!(shown["phrase"], stands(dir).waves[&1].pack.phrase(Direction::Forward));
    let text = said(dir, &["flip", "show", "1"]).out;
    assert!(text.contains("← source: bill it again, from 2026-06-01 on") && text.contains("first invoice"), "{text}");
    assert_eq!(said(dir, &["flip", "show", "9"]).code, 2);
    let simulated = said(dir, &["flip", "simulate", "--format", "json", "-q"]);
    assert_eq!((simulated.code, simulated.json()["candidates"].as_array().map(Vec::len)), (0, Some(45)));
}

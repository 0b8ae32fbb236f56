//! A target that could bill, send or charge: nothing is handed over, whatever is not known is as bad, and the gate is blocked.

use crate::harness::{Said, configure, said};
use crate::project::{apply, complete, each, ends, fresh, held, is_blocked, is_whole, journal, load, loader, sound, target};
use std::path::Path;

fn looked(dir: &Path) -> Said {
    said(dir, &["inertness", "--format", "json"])
}

/// The light of a check as `inertness` shows it.
fn light(said: &Said, name: &str) -> serde_json::Value {
    said.json()["checks"].as_array().expect("checks").iter().find(|c| c["name"] == name).cloned().unwrap_or_else(|| panic!("{name}: {said:#?}"))
}

#[test]
fn a_breach_before_a_load_hands_nothing_over() {
    let project = fresh();
    let dir = project.path();
    target(dir, "update jobs set active = 'true' where name = 'Send queued mails'; insert into mail_queue values ('1', 'a\u{1b}[2Jb', 's', 'now')");
    let object = ends(dir, 1, "incomplete");
    assert_eq!((load(&object, "of"), held(dir)), (0, [(0, 0); 4]), "nothing was handed over");
    let failure = object["import"]["failure"].as_str().expect("why");
    assert!(failure.contains("nothing was handed over") && failure.contains("scheduler off: 1 (Send queued mails)"), "{failure}");
    assert!(journal(dir).contains(&"inertness_breached".to_owned()));
    is_blocked(dir, "the target is not inert: ");
    let text = said(dir, &["import", "--apply"]);
    assert!(text.out.contains("✗ BREACH   mail queue empty: 1") && !text.out.contains('\u{1b}'), "{text:#?}");
    let seen = looked(dir);
    assert_eq!((seen.code, light(&seen, "mail queue empty")["count"].as_i64()), (1, Some(1)));
    target(dir, "update jobs set active = 'false'; delete from mail_queue");
    assert_eq!(looked(dir).code, 0);
    complete(dir);
    is_whole(dir);
    sound(dir);
}

#[test]
fn a_breach_that_a_load_makes_is_found_after_it() {
    let project = fresh();
    let dir = project.path();
    loader(
        dir,
        "./demo-target target.db; [ -e done ] || sqlite3 target.db \"update subscriptions set has_payment_token = 'true' where id = 'sub-1002'\" && [ $(sqlite3 target.db 'select count(*) from subscriptions') = 9 ] && touch done",
        "",
    );
    let object = ends(dir, 1, "incomplete");
    assert_eq!(load(&object, "verified"), 44, "its fields are as sent, and still it is not whole");
    let failure = object["import"]["failure"].as_str().expect("why");
    assert!(failure.contains("after the load the target is not inert: no payment token: 1 (sub-1002)"), "{failure}");
    assert_eq!(object["inertness"]["holds"], false);
    is_blocked(dir, "not inert");
    assert!(journal(dir).contains(&"inertness_breached".to_owned()));
    // Nothing is sent while it lasts, and the next import is as incomplete.
    assert_eq!(ends(dir, 1, "incomplete")["import"]["load"]["of"], 0);
    target(dir, "update subscriptions set has_payment_token = 'false'");
    complete(dir);
    assert_eq!(crate::project::gate(dir).0, "pass");
}

/// A check that cannot be counted is no nought.
#[test]
fn what_cannot_be_counted_is_as_bad() {
    let project = fresh();
    let dir = project.path();
    let sound_check = "select count(*), min(recipient) from mail_queue";
    let mut now = sound_check.to_owned();
    for (sql, words) in [
        ("select count(*) from no_such_table", "no such table"),
        ("select null", "NULL"),
        ("select 0 union all select 0", "2 rows"),
        ("select 0 where 1 = 0", "0 rows"),
        ("select -1", "\\\"-1\\\" is no whole number"),
        ("select '0 or so'", "is no whole number"),
        ("select 0.5", "is no whole number"),
        ("select 1, 2, 3", "3 columns"),
        ("select 99999999999999999999", "is no whole number"),
    ] {
        configure(dir, &[(&now, sql)]);
        sql.clone_into(&mut now);
        let seen = looked(dir);
        assert_eq!((seen.code, light(&seen, "mail queue empty")["state"].as_str()), (1, Some("unknown")), "{sql}: {seen:#?}");
        assert!(seen.out.contains(words), "{sql}: {}", seen.out);
        let object = ends(dir, 1, "incomplete");
        assert_eq!((load(&object, "of"), held(dir)), (0, [(0, 0); 4]), "{sql}");
        is_blocked(dir, "not proven inert: mail queue empty: not known");
    }
    assert!(journal(dir).contains(&"inertness_unknown".to_owned()));
    configure(dir, &[(&now, sound_check)]);
    complete(dir);
}

#[test]
fn with_no_check_nothing_is_handed_over() {
    let project = fresh();
    let dir = project.path();
    let text = std::fs::read_to_string(dir.join("dualrun.toml")).expect("a file");
    let (from, to) = (text.find("[inertness.checks]").expect("checks"), text.find("[import]").expect("an import"));
    std::fs::write(dir.join("dualrun.toml"), format!("{}{}", &text[..from], &text[to..])).expect("written");
    let object = ends(dir, 1, "incomplete");
    assert!(object["import"]["failure"].as_str().is_some_and(|f| f.contains("no check of inertness is configured")));
    assert_eq!(held(dir), [(0, 0); 4]);
    looked(dir).fails(2, &["[inertness]"]);
    assert_eq!(crate::project::import(dir, &[]).code, 1, "nothing proves it, and the exit code says so");
    assert_ne!(crate::project::gate(dir).0, "pass");
}

#[test]
fn other_checks_than_were_looked_at_are_stale() {
    let project = fresh();
    let dir = project.path();
    complete(dir);
    assert_eq!(crate::project::gate(dir).0, "pass");
    configure(dir, &[("[inertness.checks]\n", "[inertness.checks]\n\"another\" = \"select 0\"\n")]);
    is_blocked(dir, "the checks of inertness changed since they were last looked at");
    assert_eq!(looked(dir).code, 0);
    let (_, blockers) = crate::project::gate(dir);
    assert!(!blockers.iter().any(|b| b.contains("checks of inertness")), "{blockers:?}");
}

#[test]
fn with_a_reconciliation_it_is_a_finding() {
    let project = crate::project::demo();
    let dir = project.path();
    target(dir, "update subscriptions set charge_linked = 'true' where id = 'sub-1003'");
    let run = said(dir, &["reconcile", "--period", "2026-05", "--format", "json", "-q"]);
    assert_eq!(run.code, 1);
    let finding = run.json()["findings"].as_array().expect("findings").iter().find(|f| f["code"] == "target_not_inert").cloned();
    let finding = finding.expect("it is a finding");
    assert_eq!((&finding["weight"], &finding["ids"][0]), (&"blocking".into(), &"charge not linked".into()), "{finding:#}");
    is_blocked(dir, "charge not linked: 1 (sub-1003)");
    assert!(journal(dir).contains(&"inertness_breached".to_owned()));
}

/// The demo's target makes drafts only, and does not touch what bills.
#[test]
fn a_record_that_bills_is_refused() {
    let project = fresh();
    let dir = project.path();
    loader(dir, &each("[ $id = sub-1009 ] && sqlite3 target.db \"update subscriptions set state = 'open' where id = 'sub-1001'\"; real"), "");
    let object = ends(dir, 1, "incomplete");
    assert!(object["import"]["failure"].as_str().is_some_and(|f| f.contains("draft: 1 (sub-1001)")), "{:#}", object["import"]);
    assert_eq!(apply(dir).code, 1);
}

/// Whoever only looks at a plan has seen the breach as well.
#[test]
fn a_breach_that_a_plan_sees_is_kept() {
    let project = fresh();
    let dir = project.path();
    complete(dir);
    assert_eq!(crate::project::gate(dir).0, "pass");
    target(dir, "update subscriptions set charge_linked = 'true' where id = 'sub-1003'");
    // Even where no plan comes of it.
    crate::project::import(dir, &["--only", "sub-9999"]).fails(2, &["sub-9999"]);
    is_blocked(dir, "the target is not inert: charge not linked: 1 (sub-1003)");
    target(dir, "update subscriptions set charge_linked = 'false'");
    assert_eq!(looked(dir).code, 0);
    assert_eq!(crate::project::gate(dir).0, "pass");
    target(dir, "update subscriptions set charge_linked = 'true' where id = 'sub-1003'");
    assert_eq!(crate::project::import(dir, &[]).code, 1);
    is_blocked(dir, "the target is not inert: ");
    assert_eq!(journal(dir).iter().filter(|k| *k == "inertness_breached").count(), 2);
    sound(dir);
}

/// Another has the workspace: that it could not be kept is said.
#[test]
fn a_breach_that_cannot_be_kept_is_told_so() {
    let project = fresh();
    let dir = project.path();
    loader(dir, "touch begun; while [ ! -e go ]; do sleep 0.05; done; ./demo-target target.db", "");
    let mut first = crate::project::applying(dir, &[]).stdout(std::process::Stdio::null()).spawn().expect("it runs");
    crate::harness::until("it hands over", std::time::Duration::from_secs(10), || dir.join("begun").exists());
    target(dir, "update jobs set active = 'true'");
    let plan = said(dir, &["import"]);
    assert!(plan.code == 1 && plan.err.contains("could not be kept") && plan.err.contains("dualrun import (pid"), "{plan:#?}");
    std::fs::write(dir.join("go"), "").expect("written");
    assert_eq!(first.wait().expect("it ends").code(), Some(1));
}

/// What is seen counts though the rest of the target could not be read.
#[test]
fn a_breach_before_a_reading_that_fails() {
    let project = fresh();
    let dir = project.path();
    complete(dir);
    target(dir, "update subscriptions set charge_linked = 'true' where id = 'sub-1003'; alter table charges rename to other");
    let failed = apply(dir);
    assert!(failed.code > 1, "{failed:#?}");
    is_blocked(dir, "the target is not inert: charge not linked: 1 (sub-1003)");
}

/// The loader's program makes it bill, and is gone before the next batch.
#[test]
fn a_breach_of_a_load_that_breaks_off() {
    let project = fresh();
    let dir = project.path();
    std::os::unix::fs::symlink("/bin/sh", dir.join("shell")).expect("a link");
    loader(dir, "./demo-target target.db; sqlite3 target.db \"update jobs set active = 'true'\"; rm shell", "batch = 3");
    configure(dir, &[("program = [\"sh\", \"loader.sh\"]", "program = [\"./shell\", \"loader.sh\"]")]);
    let failed = apply(dir);
    assert!(failed.code > 1, "{failed:#?}");
    is_blocked(dir, "the target is not inert: scheduler off");
    assert!(journal(dir).contains(&"inertness_breached".to_owned()));
}

/// Nor does it retire what bills: that is somebody's own to end.
#[test]
fn what_bills_is_not_retired() {
    let project = fresh();
    let dir = project.path();
    complete(dir);
    crate::project::source(dir, "update subscriptions set status = 'cancelled' where id = 'sub-1005'");
    loader(dir, &each("sqlite3 target.db \"update subscriptions set charge_linked = 'true' where id = '$id'\"; real"), "");
    let object = crate::project::import(dir, &["--apply", "--retire"]).json();
    assert_eq!(load(&object, "rejected"), 1, "{:#}", object["import"]);
    assert!(crate::project::parked(dir)[0].3.contains("no draft any more"));
}

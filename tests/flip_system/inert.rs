//! Inertness once something is flipped: what the flip's own record has bills as it shall, and everything else must be inert as before.

use crate::harness::{Said, configure, said};
use crate::project::{bills, flip, is_whole, planned, program, project, ready, silent, stands, target, undo, wait_for};
use dualrun::app::flip::{Gates, check};
use std::path::Path;
use tokio_util::sync::CancellationToken;

const RUNBOOK: &str = "name = \"Cutover\"\n[[stage]]\nid = \"before\"\ntitle = \"Before\"\nsigners = [\"finance\", \"engineering\"]\n\
[[stage.check]]\nid = \"inert\"\ntitle = \"Nothing else bills\"\nkind = \"metric\"\nmetric = \"not_inert\"\n";

fn looked(dir: &Path) -> Said {
    said(dir, &["inertness", "--format", "json"])
}

/// The checks that do not hold, by name.
fn broken(said: &Said) -> Vec<String> {
    let checks = said.json()["checks"].as_array().expect("checks").clone();
    checks.iter().filter(|c| c["state"] != "inert").map(|c| c["name"].as_str().expect("a name").to_owned()).collect()
}

/// What blocks of the target's inertness, by the gates.
fn blocks(dir: &Path) -> Vec<String> {
    let blockers = said(dir, &["gates", "--format", "json"]).json()["blockers"].as_array().expect("blockers").clone();
    let of_import = blockers.iter().filter(|b| b["stage"] == "import").map(|b| b["what"].as_str().expect("words").to_owned());
    of_import.filter(|what| what.contains("inert") || what.contains("flipped")).collect()
}

fn metric(dir: &Path) -> String {
    let made = said(dir, &["gates", "run", "before/inert", "--format", "json"]).json();
    made["checks"][0]["outcome"].as_str().unwrap_or_else(|| panic!("{made:#}")).to_owned()
}

#[test]
fn what_is_not_flipped_must_be_inert_as_before() {
    let folder = ready();
    let dir = folder.path();
    std::fs::write(dir.join("runbook.toml"), RUNBOOK).expect("written");
    planned(dir);
    assert_eq!((looked(dir).code, blocks(dir), metric(dir).as_str()), (0, Vec::new(), "pass"));
    is_whole(&flip(dir, 1).expect("applied"));
    // The look that was kept is of before: it says nothing of what is so now.
    let other = "other subscriptions are flipped than when the target was last looked at";
    assert_eq!((blocks(dir), metric(dir).as_str()), (vec![other.to_owned()], "inconclusive"));
    let seen = looked(dir);
    assert_eq!((seen.code, broken(&seen)), (0, Vec::new()), "{seen:#?}");
    let draft = seen.json()["checks"].as_array().expect("checks").iter().find(|c| c["name"] == "draft").cloned().expect("it is there");
    assert_eq!(draft["flipped"], 2, "the two that were flipped are told");
    assert!(said(dir, &["inertness"]).out.contains("inert    draft: inert but for 2 flipped"));
    assert_eq!((blocks(dir), metric(dir).as_str()), (Vec::new(), "pass"));

    let (flipped, idle) = (stands(dir).waves[&1].pack.lines[0].subscription.clone(), stands(dir).waves[&2].pack.lines[0].subscription.clone());
    for (breach, inverse, name) in [
        (
            format!("update subscriptions set has_payment_token = 'true' where id = '{idle}'"),
            format!("update subscriptions set has_payment_token = 'false' where id = '{idle}'"),
            "no payment token",
        ),
        (
            format!("update subscriptions set state = null where id = '{idle}'"),
            format!("update subscriptions set state = 'draft' where id = '{idle}'"),
            "draft",
        ),
        ("insert into mail_queue values ('1', 'a', 's', 'now')".to_owned(), "delete from mail_queue".to_owned(), "mail queue empty"),
        ("insert into webhook_queue values ('1', 'a', 'now')".to_owned(), "delete from webhook_queue".to_owned(), "webhook queue empty"),
        ("update jobs set active = 'true'".to_owned(), "update jobs set active = 'false'".to_owned(), "scheduler off"),
    ] {
        target(dir, &breach);
        let seen = looked(dir);
        assert_eq!((seen.code, broken(&seen)), (1, vec![name.to_owned()]), "{breach}: {seen:#?}");
        let told = blocks(dir);
        assert!(told.len() == 1 && told[0].contains(name) && metric(dir) == "fail", "{breach}: {told:?}");
        target(dir, &inverse);
    }
    assert_eq!(looked(dir).code, 0);
    // Back again it is expected inert: one that bills on is a breach.
    is_whole(&undo(dir, 1).expect("backed out"));
    assert_eq!(blocks(dir), [other]);
    assert_eq!((looked(dir).code, blocks(dir)), (0, Vec::new()));
    target(dir, &format!("update subscriptions set charge_linked = 'true' where id = '{flipped}'"));
    assert_eq!(broken(&looked(dir)), ["charge not linked"]);
}

/// A run over the flipped target finds only what is none of the flip.
#[test]
fn a_reconciliation_finds_only_what_is_none_of_the_flip() {
    let folder = ready();
    let dir = folder.path();
    planned(dir);
    is_whole(&flip(dir, 1).expect("applied"));
    let found = || {
        let run = said(dir, &["reconcile", "--period", "2026-05", "--format", "json", "-q"]).json();
        run["findings"].as_array().expect("findings").iter().any(|f| f["code"] == "target_not_inert")
    };
    assert!(!found());
    target(dir, "insert into mail_queue values ('1', 'a', 's', 'now')");
    assert!(found());
}

/// What the target needs running to bill anybody ends with the first flip, where somebody said so.
#[test]
fn what_a_flip_switches_on_is_told_and_holds_nothing_up() {
    let folder = ready();
    let dir = folder.path();
    configure(dir, &[("canary = 2\n", "canary = 2\nswitches_on = [\"scheduler off\"]\n")]);
    planned(dir);
    target(dir, "update jobs set active = 'true'");
    assert_eq!(broken(&looked(dir)), ["scheduler off"], "nothing is flipped yet");
    target(dir, "update jobs set active = 'false'");
    is_whole(&flip(dir, 1).expect("applied"));
    target(dir, "update jobs set active = 'true'");
    let seen = looked(dir);
    assert_eq!((seen.code, broken(&seen)), (0, Vec::new()), "{seen:#?}");
    target(dir, "insert into mail_queue values ('1', 'a', 's', 'now')");
    assert_eq!(broken(&looked(dir)), ["mail queue empty"]);
    configure(dir, &[("switches_on = [\"scheduler off\"]", "switches_on = [\"scheduler\"]")]);
    looked(dir).fails(2, &["there is no check of inertness \"scheduler\"", "scheduler off"]);
}

/// The checks of a wave look anew, so that the next wave stands on what is so now.
#[test]
fn the_checks_of_a_wave_look_anew() {
    let folder = ready();
    let dir = folder.path();
    program(dir, "source", "real");
    planned(dir);
    is_whole(&flip(dir, 1).expect("applied"));
    let blockers = || {
        let project = project(dir);
        wait_for(check(&project, 2, &Gates(&project), silent(), CancellationToken::new())).expect("checked").blockers
    };
    let inert = |all: &[String]| all.iter().filter(|b| b.contains("inert") || b.contains("flipped than")).cloned().collect::<Vec<_>>();
    assert_eq!(inert(&blockers()), [] as [&str; 0]);
    target(dir, "insert into mail_queue values ('1', 'a', 's', 'now')");
    let told = inert(&blockers());
    assert!(told.iter().any(|b| b.contains("mail queue empty: 1")), "{told:?}");
    assert_eq!(bills(dir).matches("sub-").count(), 6, "a look changes nothing");
}

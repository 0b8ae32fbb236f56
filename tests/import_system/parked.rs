//! What is parked waits for a word: it is listed, tried again, or given up; given up, it is still told and still blocks.

use crate::harness::said;
use crate::project::{ALL, complete, each, ends, fresh, import, is_blocked, is_whole, journal, load, loader, parked, program, sent, sound, source};
use serde_json::Value;
use std::path::Path;
use tempfile::TempDir;

const REFUSING: &str =
    r#"case $id in sub-1003|sub-1006) printf '{"key":"%s","result":"rejected","reason":"still has an open invoice"}\n' $key;; *) real;; esac"#;

/// A load of which the target refused two.
fn refused() -> TempDir {
    let project = fresh();
    loader(project.path(), &each(REFUSING), "");
    let object = ends(project.path(), 1, "incomplete");
    assert_eq!((load(&object, "rejected"), load(&object, "verified")), (2, ALL - 2));
    project
}

fn ids(list: &Value) -> Vec<&str> {
    list["records"].as_array().expect("records").iter().map(|r| r["id"].as_str().expect("an id")).collect()
}

fn states(dir: &Path) -> Vec<(String, String)> {
    parked(dir).into_iter().map(|p| (p.0, p.1)).collect()
}

#[test]
fn listed_with_its_reason() {
    let project = refused();
    let dir = project.path();
    let list = said(dir, &["import", "parked", "list"]);
    assert_eq!(list.code, 1, "{list:#?}");
    assert!(list.out.contains("put subscriptions sub-1003 · parked · 1 try · the target refuses it: still has an open invoice"), "{}", list.out);
    let json = said(dir, &["import", "parked", "list", "--format", "json"]).json();
    assert_eq!(ids(&json), ["sub-1003", "sub-1006"]);
    assert_eq!((&json["records"][0]["act"], &json["records"][0]["entity"]), (&Value::from("put"), &Value::from("subscriptions")));
    for verb in ["retry", "drop"] {
        let unknown = said(dir, &["import", "parked", verb, "sub-1003", "sub-9", "\u{1b}[2J"]);
        unknown.fails(2, &["sub-9", "u{1b}", "nothing of that id is parked"]);
    }
    assert_eq!(parked(dir).len(), 2, "an id that is not there: nothing is decided");
    assert_eq!(said(fresh().path(), &["import", "parked", "list"]).code, 0, "nothing parked, no workspace");
}

#[test]
fn tried_again_after_a_word() {
    let project = refused();
    let dir = project.path();
    program(dir, &each("real"));
    let word = said(dir, &["--as", "ana", "import", "parked", "retry", "sub-1003", "--format", "json"]);
    assert_eq!((word.code, ids(&word.json())), (0, vec!["sub-1003"]));
    let object = ends(dir, 1, "incomplete");
    assert_eq!((load(&object, "verified"), load(&object, "parked"), sent(dir, "sub-1006")), (1, 1, 1));
    assert_eq!(said(dir, &["import", "parked", "retry"]).code, 0);
    complete(dir);
    is_whole(dir);
    assert!(parked(dir).is_empty() && journal(dir).iter().filter(|k| *k == "parked_retry").count() == 2);
    sound(dir);
}

#[test]
fn given_up_is_told_and_blocks() {
    let project = refused();
    let dir = project.path();
    program(dir, &each("real"));
    assert_eq!(said(dir, &["import", "parked", "drop", "sub-1003"]).code, 0);
    assert_eq!(said(dir, &["import", "parked", "retry"]).code, 0, "all that is parked, and not what was given up");
    let object = ends(dir, 1, "complete");
    assert_eq!((load(&object, "dropped"), load(&object, "verified"), load(&object, "of"), sent(dir, "sub-1003")), (1, 1, 2, 1));
    assert_eq!(object["in_target"]["missing"], 2, "as it was before the load");
    assert_eq!(states(dir), [("sub-1003".to_owned(), "dropped".to_owned())]);
    is_blocked(dir, "1 record given up");
    let text = said(dir, &["import", "--apply"]);
    assert!(text.code == 1 && text.out.contains("1 given up") && text.err.contains("the 1 given up"), "{text:#?}");
    assert_eq!(said(dir, &["import", "parked", "retry", "sub-1003"]).code, 0, "by its id it is taken up again");
    complete(dir);
    is_whole(dir);
    assert!(parked(dir).is_empty());
    assert_eq!(crate::project::gate(dir).0, "pass");
    sound(dir);
}

/// Other content is another delivery: what was parked or given up before says nothing of it.
#[test]
fn changed_content_needs_no_word() {
    let project = refused();
    let dir = project.path();
    assert_eq!(said(dir, &["import", "parked", "drop", "sub-1006"]).code, 0);
    program(dir, &each("real"));
    source(dir, "update subscriptions set quantity = '2' where id in ('sub-1003', 'sub-1006')");
    assert_eq!(load(&complete(dir), "verified"), 2);
    is_whole(dir);
}

/// What came into the target by another way is not parked any more.
#[test]
fn found_in_the_target_it_is_done() {
    let project = refused();
    let dir = project.path();
    let request = crate::project::requests(dir).into_iter().find(|r| r["external_id"] == "sub-1003").expect("it was asked for");
    std::fs::write(dir.join("by-hand.jsonl"), format!("{request}\n")).expect("written");
    let by_hand =
        std::process::Command::new("sh").args(["-c", "./demo-target target.db < by-hand.jsonl"]).current_dir(dir).status().expect("it runs");
    assert!(by_hand.success());
    let object = ends(dir, 1, "incomplete");
    assert_eq!((load(&object, "verified"), load(&object, "parked")), (1, 1));
    assert_eq!(states(dir), [("sub-1006".to_owned(), "parked".to_owned())]);
}

/// A retirement that is parked stays so while an import of a few leaves it alone.
#[test]
fn a_parked_retirement_is_not_done_by_being_left_alone() {
    let project = fresh();
    let dir = project.path();
    loader(
        dir,
        &each(r#"case "$line" in *'"act":"retire"'*) printf '{"key":"%s","result":"rejected","reason":"in use"}\n' $key;; *) real;; esac"#),
        "",
    );
    complete(dir);
    source(dir, "update subscriptions set status = 'cancelled' where id = 'sub-1005'");
    let object = import(dir, &["--apply", "--retire"]).json();
    assert_eq!((load(&object, "rejected"), states(dir).len()), (1, 1));
    assert_eq!(import(dir, &["--apply", "--only", "sub-1001"]).code, 0);
    assert_eq!(states(dir), [("sub-1005".to_owned(), "parked".to_owned())], "it is still alive there");
}

/// Nor by a row of the target that nobody can read any more.
#[test]
fn a_parked_retirement_is_not_done_by_being_unreadable() {
    let project = fresh();
    let dir = project.path();
    loader(
        dir,
        &each(r#"case "$line" in *'"act":"retire"'*) printf '{"key":"%s","result":"rejected","reason":"in use"}\n' $key;; *) real;; esac"#),
        "",
    );
    complete(dir);
    source(dir, "update subscriptions set status = 'cancelled' where id = 'sub-1005'");
    assert_eq!(load(&import(dir, &["--apply", "--retire"]).json(), "rejected"), 1);
    crate::project::target(dir, "update subscriptions set quantity = 'NaN' where id = 'sub-1005'");
    import(dir, &["--apply"]);
    assert_eq!(states(dir), [("sub-1005".to_owned(), "parked".to_owned())], "it may be alive there");
    // Neither side has it any more: there is nothing left to retire.
    source(dir, "delete from subscriptions where id = 'sub-1005'");
    crate::project::target(dir, "delete from subscriptions where id = 'sub-1005'");
    complete(dir);
    assert!(parked(dir).is_empty(), "{:?}", parked(dir));
    assert_eq!(crate::project::gate(dir).0, "pass");
}

/// A plan that stays in the target with a wrong price is no plan to put a subscription on, in a later import as little as in the first.
#[test]
fn what_stands_on_a_parked_difference_is_held_again() {
    let project = fresh();
    let dir = project.path();
    loader(dir, &each("real"), "");
    complete(dir);
    source(
        dir,
        "update plans set flat_price = '210' where id = 'p-001'; insert into subscriptions select 'sub-2001', customer_id, plan_id, status, \
         started_on, ended_on, trial_end, quantity, price_override, discount_percent, anchor_day, in_advance, currency from subscriptions \
         where id = 'sub-1001'",
    );
    program(dir, &each(r#"case $id in p-001) printf '{"key":"%s","result":"rejected","reason":"sold"}\n' $key;; *) real;; esac"#));
    for time in ["first", "second"] {
        let object = ends(dir, 1, "incomplete");
        assert_eq!((load(&object, "held"), sent(dir, "sub-2001")), (1, 0), "{time}: {:#}", object["import"]);
    }
}

//! Imports of a few after one of everything: what they leave open blocks, and what did nothing takes nothing back.

use crate::harness::said;
use crate::project::{complete, each, fresh, gate, import, is_blocked, is_whole, load, loader, program, source};

const REFUSING: &str = r#"case $id in sub-1003) printf '{"key":"%s","result":"rejected","reason":"no"}\n' $key;; *) real;; esac"#;

#[test]
fn one_of_a_few_that_fails_blocks() {
    let project = fresh();
    let dir = project.path();
    loader(dir, &each("real"), "");
    complete(dir);
    assert_eq!(gate(dir).0, "pass");
    source(dir, "update subscriptions set quantity = '2' where id = 'sub-1003'");
    program(dir, &each(REFUSING));
    let few = import(dir, &["--apply", "--only", "sub-1003"]);
    assert_eq!((few.code, load(&few.json(), "rejected")), (1, 1));
    is_blocked(dir, "import #2, which is partial, ended incomplete");
    is_blocked(dir, "1 record parked");
    // One that goes well does not hide it; only everything does.
    program(dir, &each("real"));
    assert_eq!(import(dir, &["--apply", "--only", "sub-1001"]).code, 0);
    is_blocked(dir, "1 record parked");
    assert_eq!(said(dir, &["import", "parked", "drop"]).code, 0);
    is_blocked(dir, "1 record given up");
    assert_eq!(said(dir, &["import", "parked", "retry", "sub-1003"]).code, 0);
    is_blocked(dir, "1 record handed over, or to be handed over again");
    complete(dir);
    is_whole(dir);
    assert_eq!(gate(dir).0, "pass");
}

#[test]
fn what_did_nothing_takes_nothing_back() {
    let project = fresh();
    let dir = project.path();
    complete(dir);
    import(dir, &["--apply", "--only", "sub-9999"]).fails(2, &["sub-9999"]);
    import(dir, &["--apply", "--plan", "0123"]).fails(1, &["nothing was done"]);
    assert_eq!(gate(dir).0, "pass");
}

/// What was compared before a load is not what the target holds now.
#[test]
fn a_run_of_before_a_load_is_stale() {
    let project = fresh();
    let dir = project.path();
    let stale = || {
        let gates = said(dir, &["gates", "--format", "json"]).json();
        let stage = gates["stages"].as_array().expect("stages").iter().find(|s| s["stage"] == "reconcile").expect("the reconciliation's").clone();
        stage["outcome"] == "stale"
    };
    let reconcile = || assert!(said(dir, &["reconcile", "--period", "2026-05"]).code < 2);
    loader(dir, &each("real"), "");
    reconcile();
    assert!(!stale());
    complete(dir);
    assert!(stale(), "the import handed records over");
    reconcile();
    assert!(!stale());
    complete(dir);
    assert!(!stale(), "there was nothing to hand over");
    source(dir, "update subscriptions set quantity = '2' where id = 'sub-1003'");
    assert_eq!(import(dir, &["--apply", "--stage-only"]).code, 0);
    assert!(!stale(), "staging changes no target");
    assert_eq!(import(dir, &["--apply", "--only", "sub-1003"]).code, 0);
    assert!(stale(), "one of a few hands over as well");
}

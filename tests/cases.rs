//! Worked cases of billing arithmetic: the published ones, one of each operation they lack, what a wrong case is told, and the command.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking, its helpers too")]

use assert_cmd::Command;
use dualrun::cases::{self, Outcome};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::PathBuf;

fn asset(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("assets/cases").join(name)
}

fn outcome(text: &str) -> Outcome {
    cases::run(&cases::read(text).unwrap_or_else(|e| panic!("{e}")))
}

fn of_file(name: &str) -> Outcome {
    outcome(&std::fs::read_to_string(asset(name)).unwrap())
}

fn operations(name: &str) -> BTreeSet<String> {
    let all: Value = serde_json::from_str(&std::fs::read_to_string(asset(name)).unwrap()).unwrap();
    all.as_array().unwrap().iter().map(|case| case["input"]["op"].as_str().unwrap().to_owned()).collect()
}

/// The outcome of one case of that input.
fn one(input: &Value, expected: &Value) -> Outcome {
    outcome(&json!([{ "id": "x", "input": input, "expected": expected }]).to_string())
}

/// Why a case of that input has no results.
fn told(input: &Value, expected: &Value) -> String {
    let outcome = one(input, expected);
    let [failure] = outcome.fail.as_slice() else { panic!("{outcome:?}") };
    assert_eq!((&failure.got, outcome.hold, outcome.holds()), (&Value::Null, 0, false));
    failure.why.clone().unwrap()
}

#[test]
fn every_published_case_holds() {
    let outcome = of_file("published.json");
    assert_eq!((outcome.total, outcome.hold), (188, 188), "{:#?} {:?}", outcome.fail, outcome.unknown_operations);
}

#[test]
fn every_operation_has_a_case_that_holds() {
    let outcome = of_file("own.json");
    assert!(outcome.holds(), "{:#?} {:?}", outcome.fail, outcome.unknown_operations);
    let known: BTreeSet<String> = cases::operations().map(ToOwned::to_owned).collect();
    let used: BTreeSet<String> = operations("published.json").union(&operations("own.json")).cloned().collect();
    assert_eq!(known, used);
    assert_eq!(known.len(), 55);
    assert!(operations("own.json").is_superset(&known.difference(&operations("published.json")).cloned().collect()));
}

#[test]
fn every_operation_is_described() {
    let page = std::fs::read_to_string(asset("README.md")).unwrap();
    for name in cases::operations() {
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
}

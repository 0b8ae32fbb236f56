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
    assert_eq!(known.len(), 54);
    assert!(operations("own.json").is_superset(&known.difference(&operations("published.json")).cloned().collect()));
}

#[test]
fn every_operation_is_described() {
    let page = std::fs::read_to_string(asset("README.md")).unwrap();
    for name in cases::operations() {
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
}

#[test]
fn an_operation_nobody_knows_is_listed_and_never_skipped() {
    let outcome = one(&json!({ "op": "guess", "qty": "1" }), &json!({ "amount": "1" }));
    assert_eq!((outcome.total, outcome.hold, outcome.fail.len()), (1, 0, 0));
    assert_eq!((outcome.unknown, outcome.unknown_operations), (vec!["x".to_owned()], vec!["guess".to_owned()]));
    assert!(!self::outcome("[]").holds(), "no cases hold nothing");
}

#[test]
fn a_wrong_case_says_what_is_wrong_with_it() {
    let prorate = |key: &str, value: Value| {
        let mut input = json!({ "op": "prorate", "amount": "1.10", "num": "1", "den": "2" });
        input[key] = value;
        told(&input, &json!({ "amount": "0.55" }))
    };
    assert!(prorate("amount", json!(1.10)).starts_with("amount cannot be a JSON number"));
    assert!(prorate("num", json!(1)).starts_with("num cannot be a JSON number"));
    assert_eq!(prorate("num", json!("1.5")), "num cannot be \"1.5\"");
    assert_eq!(prorate("num", json!("+1")), "num cannot be \"+1\"");
    assert_eq!(prorate("amount", json!("1e3")), "amount cannot be \"1e3\"");
    assert_eq!(prorate("amount", json!("NaN")), "amount cannot be \"NaN\"");
    assert_eq!(prorate("amount", json!(null)), "amount cannot be null");
    assert_eq!(prorate("amount", json!(["1"])), "amount cannot be a list");
    assert_eq!(prorate("dp", json!("-2")), "dp cannot be \"-2\"");
    assert_eq!(prorate("dp", json!("99")), "overflow in exact arithmetic");
    assert_eq!(prorate("mode", json!("half")), "mode cannot be half");
    assert_eq!(prorate("days", json!("1")), "days is not known here");
    assert_eq!(prorate("den", json!("0")), "division by zero");
    let amount = json!({ "amount": "0.55" });
    assert_eq!(told(&json!({ "op": "prorate", "amount": "1.10", "num": "1" }), &amount), "no den");
    assert_eq!(told(&json!({ "amount": "1.10" }), &amount), "no op");
    assert_eq!(told(&json!(["prorate"]), &amount), "input cannot be a list");
    let halved = json!({ "op": "prorate", "amount": "1.10", "num": "1", "den": "2" });
    assert_eq!(told(&halved, &json!({})), "no expected result");
    assert_eq!(told(&halved, &json!({ "amount": "0.55", "days": "1" })), "expected days is not known here");
    assert_eq!(told(&json!({ "op": "minor_units", "currency": "XYZ" }), &json!({ "exponent": "2" })), "currency cannot be XYZ");
    for wrong in ["2024-02-30", "2024-1-031", "2024- 1-31", "+024-01-31", "2024-01-31 ", "2024-01-3", "2024-01-31T", "20240-1-31"] {
        let why = told(&json!({ "op": "add_days", "date": wrong, "days": "1" }), &json!({ "date": "2024-03-01" }));
        assert_eq!(why, format!("date cannot be {}", dualrun::domain::text::shown(wrong, 60)));
    }
    for wrong in ["2024-01-31T 8:15", "2024-01-31T08:60", "2024-01-31T08:15Z", "2024-01-31 08:15"] {
        let input = json!({ "op": "calendar_days_tz", "tz": "UTC", "start": wrong, "end": "2024-02-01T00:00" });
        assert!(told(&input, &json!({ "days": "1" })).starts_with("start cannot be"), "{wrong}");
    }
    let tiers = |tiers: Value| told(&json!({ "op": "volume", "qty": "1", "tiers": tiers }), &json!({ "amount": "1" }));
    assert_eq!(tiers(json!([{ "unit": "1" }])), "no up_to");
    assert_eq!(tiers(json!([{ "up_to": null, "unit": "1", "fee": "1" }])), "fee is not known here");
    assert!(tiers(json!([{ "up_to": "10", "unit": "1" }])).contains("the last one open"));
    assert!(tiers(json!([{ "up_to": "10", "unit": "1" }, { "up_to": "5", "unit": "1" }, { "up_to": null, "unit": "1" }])).contains("ascending"));
}

/// What is done to an input.
type Change<'a> = &'a dyn Fn(&mut Value);

#[test]
fn a_rating_takes_known_words_only() {
    let rating = |change: Change<'_>| {
        let mut input = json!({
            "op": "rating", "plan": { "id": "p", "currency": "CAD", "flat_price": "50" }, "days": "31", "of_days": "31",
            "charges": [{ "metric": "m", "model": "standard", "unit_price": "0.5" }], "usage": [{ "metric": "m", "quantity": "3" }],
            "profile": { "round_per": "line", "round_mode": "half_up" }, "cause": { "causes": ["coupon"] },
        });
        change(&mut input);
        input
    };
    assert!(one(&rating(&|_| {}), &json!({ "net": "51.50", "tax": null, "lines": ["50", "1.5"] })).holds());
    let changes: [(Change<'_>, &str); 13] = [
        (&|i| i["cause"]["causes"] = json!(["luck"]), "causes cannot be luck"),
        (&|i| i["cause"]["evidence"] = json!("INV-1"), "evidence is not known here"),
        (&|i| i["profile"]["proration"] = json!("weekly"), "proration cannot be weekly"),
        (&|i| i["profile"]["ends"] = json!("exclusive"), "ends is not known here"),
        (&|i| i["profile"] = json!({ "round_mode": "up" }), "no round_per"),
        (&|i| i["plan"]["currency"] = json!("cad"), "currency cannot be cad"),
        (&|i| i["plan"]["flat_price"] = json!(50), "flat_price cannot be a JSON number, or an object with a key twice: numbers are texts"),
        (&|i| i["charges"][0]["model"] = json!("magic"), "model cannot be magic"),
        (&|i| i["charges"][0]["model"] = json!("graduated"), "no tiers"),
        (&|i| i["charges"][0]["tiers"] = json!([]), "tiers is not known here"),
        (&|i| i["charges"][0]["package_size"] = json!("0"), "package_size cannot be 0"),
        (&|i| i["usage"] = json!([{ "metric": "m", "quantity": "1" }, { "metric": "m", "quantity": "2" }]), "usage cannot be of \"m\" twice"),
        (&|i| i["profile"]["tax_inclusive"] = json!(true), "prices include tax and no tax rate is known"),
    ];
    for (change, wanted) in changes {
        assert_eq!(told(&rating(change), &json!({ "net": "51.50" })), wanted);
    }
    assert_eq!(told(&rating(&|_| {}), &json!({ "delta": "1" })), "expected delta is not known here", "nothing was billed to differ from");
}

#[test]
fn the_frame_of_a_case_is_held_too() {
    let case = |more: &str| {
        let text = format!(r#"[{{"id":"x","input":{{"op":"add_days","date":"2024-01-01","days":"1"}},"expected":{{"date":"2024-01-02"}}{more}}}]"#);
        outcome(&text)
    };
    assert!(case("").holds());
    assert!(case(r#","kind":"period","source":"s","note":"n","verified":true,"verified_how":"h""#).holds());
    let why = |more: &str| case(more).fail[0].why.clone().unwrap();
    assert_eq!(why(r#","kind":"poem""#), "kind cannot be poem");
    assert_eq!(why(r#","author":"me""#), "author is not known here");
    assert_eq!(why(r#","verified":"yes""#), "verified cannot be \"yes\"");
    let doubled = outcome(r#"{"id":"x","input":{"op":"add_days","date":"2024-01-01","days":"1","days":"2"},"expected":{"date":"2024-01-02"}}"#);
    assert!(doubled.fail[0].why.as_ref().unwrap().contains("a key twice"), "{doubled:?}");
    for (text, told) in [("", "not JSON"), ("1", "neither a list"), ("[1]", "case 1 of the file has no id"), (r#"[{"id":" "}]"#, "has no id")] {
        let error = cases::read(text).unwrap_err().to_string();
        assert!(error.contains(told), "{text}: {error}");
    }
}

#[test]
fn figures_are_compared_by_value_and_lists_by_order() {
    let halved = json!({ "op": "prorate", "amount": "15", "num": "1", "den": "2" });
    assert!(one(&halved, &json!({ "amount": "7.50" })).holds());
    let missed = one(&halved, &json!({ "amount": "7.51" }));
    assert_eq!((missed.fail[0].got.clone(), missed.fail[0].expected.clone()), (json!({ "amount": "7.5" }), json!({ "amount": "7.51" })));
    let third = json!({ "op": "prorate", "amount": "1", "num": "1", "den": "3" });
    assert!(one(&third, &json!({ "amount": "1/3" })).holds() && !one(&third, &json!({ "amount": "0.3333333333333333333333333333" })).holds());
    let split = json!({ "op": "allocate", "total": "10", "weights": ["1", "1", "2"] });
    for (parts, holds) in [(json!(["3", "2", "5"]), true), (json!(["2", "3", "5"]), false), (json!(["3", "2"]), false), (json!("3"), false)] {
        assert_eq!(one(&split, &json!({ "parts": parts })).holds(), holds);
    }
    let none = json!({ "op": "tolerance", "amounts": ["1"] });
    assert!(one(&none, &json!({ "tolerance": null })).holds() && !one(&none, &json!({ "tolerance": "0" })).holds());
}

fn command(args: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_dualrun")).env("DUALRUN_OPERATOR", "ana").args(args).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}

#[test]
fn the_command_replays_a_file_or_a_folder() {
    let folder = asset("");
    let (code, out, err) = command(&["cases", "run", folder.to_str().unwrap(), "--format", "json"]);
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, err.as_str(), told["total"] == told["hold"], told["fail"].as_array().map(Vec::len)), (0, "", true, Some(0)));
    assert!(told["total"].as_u64() > Some(188) && told["unknown"] == json!([]));
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a.json");
    let wrong = json!([
        { "id": "off", "input": { "op": "linear", "qty": "2", "unit": "1.5" }, "expected": { "amount": "4" } },
        { "id": "new", "input": { "op": "teleport" }, "expected": { "amount": "4" } },
    ]);
    std::fs::write(&file, wrong.to_string()).unwrap();
    std::fs::write(dir.path().join("notes.txt"), "no cases").unwrap();
    // As an editor on another system saves it.
    let marked = format!("\u{feff}{}", wrong.to_string().replace("},", "},\r\n"));
    std::fs::write(dir.path().join("b.JSON"), marked).unwrap();
    let (code, out, _) = command(&["cases", "run", dir.path().to_str().unwrap()]);
    assert_eq!(code, 1);
    let off = "off: expected {\"amount\":\"4\"}, got {\"amount\":\"3\"}\n";
    assert_eq!(out, format!("4 cases: 0 hold, 2 fail, 2 unknown\n{off}{off}of operations that are not known (teleport): new, new\n"));
    let (code, out, _) = command(&["cases", "run", file.to_str().unwrap(), "--format", "json"]);
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &told["unknown"], &told["fail"][0]["got"]), (1, &json!(["new"]), &json!({ "amount": "3" })));
    let empty = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("b.json"), "{ no json").unwrap();
    for path in [empty.path(), &dir.path().join("b.json"), dir.path(), &dir.path().join("missing.json"), &dir.path().join("notes.txt")] {
        let (code, out, err) = command(&["cases", "run", path.to_str().unwrap()]);
        assert_eq!((code, out.as_str()), (2, ""), "{}", path.display());
        assert!(err.starts_with("dualrun: ") && err.lines().count() == 1, "{err}");
    }
}

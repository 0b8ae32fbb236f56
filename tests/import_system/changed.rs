//! A source that changed between two imports: what is new, other or gone is told as such, and only that is handed over.

use crate::project::{ALL, complete, ends, fresh, gate, import, load, loader, requests, sound, source};
use serde_json::{Value, json};
use std::path::Path;

const TEE: &str = "tee -a requests.log | ./demo-target target.db";

pub fn ids(list: &Value) -> Vec<&str> {
    list.as_array().expect("a list").iter().map(|r| r["id"].as_str().expect("an id")).collect()
}

/// An import of everything, then requests forgotten.
pub fn imported() -> tempfile::TempDir {
    let project = fresh();
    loader(project.path(), TEE, "");
    complete(project.path());
    std::fs::remove_file(project.path().join("requests.log")).expect("removed");
    project
}

fn asked(dir: &Path) -> Vec<String> {
    let word = |r: &Value, key: &str| r[key].as_str().expect("a word").to_owned();
    requests(dir).iter().map(|r| format!("{} {} {}", word(r, "act"), word(r, "entity"), word(r, "external_id"))).collect()
}

#[test]
fn changed_new_and_gone() {
    let project = imported();
    let dir = project.path();
    source(
        dir,
        "update plans set flat_price = '210.00' where id = 'p-001'; \
         insert into subscriptions select 'sub-2001', 'cust-2', 'p-003', status, '2026-06-01', ended_on, trial_end, quantity, price_override, \
         discount_percent, anchor_day, in_advance, currency from subscriptions where id = 'sub-1001'; \
         update subscriptions set status = 'cancelled', ended_on = '2026-05-10' where id = 'sub-1005'; \
         delete from plans where id = 'p-010'; delete from charges where plan_id = 'p-010'",
    );
    let plan = import(dir, &[]).json();
    let since = &plan["changed_since"];
    assert_eq!((&since["create"], &since["update"], &since["withdrawn"]), (&json!(1), &json!(1), &json!(4)));
    assert!(since["staged_at"].is_string());
    assert_eq!(ids(&plan["withdrawn"]), ["cust-4", "p-010", "p-010/cpu_seconds", "sub-1005"], "{}", plan["withdrawn"]);
    assert_eq!(ids(&plan["differs"]), ["p-001"]);
    let differs = &plan["differs"][0];
    assert_eq!(differs["fields"], json!([{ "field": "flat_price", "wanted": "210", "found": "200" }]));
    assert_eq!((&differs["act"], &differs["inverse"]), (&json!("update plan NC-001: flat_price = 210"), &json!("set flat_price = 200")));
    assert_eq!(ids(&plan["retire"]), ["p-010", "p-010/cpu_seconds", "sub-1005"]);

    let second = complete(dir);
    assert_eq!((load(&second, "verified"), asked(dir)), (2, vec!["put plans p-001".to_owned(), "put subscriptions sub-2001".to_owned()]));
    assert_ne!(gate(dir).0, "pass", "three should not be there any more");
    let third = import(dir, &["--apply", "--retire"]);
    assert_eq!((third.code, load(&third.json(), "verified")), (0, 3), "{third:#?}");
    assert_eq!(
        asked(dir)[2..],
        ["retire subscriptions sub-1005", "retire charges p-010/cpu_seconds", "retire plans p-010"],
        "users before what they use"
    );
    assert_eq!(gate(dir).0, "pass");
    let fourth = complete(dir);
    assert_eq!((fourth["unchanged"].as_i64(), load(&fourth, "of")), (Some(ALL + 1 - 4), 0));
    sound(dir);
}

#[test]
fn what_came_back_is_put_again() {
    let project = imported();
    let dir = project.path();
    source(dir, "update subscriptions set status = 'cancelled' where id = 'sub-1006'");
    assert_eq!(import(dir, &["--apply", "--retire"]).code, 0);
    source(dir, "update subscriptions set status = 'active' where id = 'sub-1006'");
    let back = complete(dir);
    assert_eq!((load(&back, "verified"), ids(&back["differs"])), (1, vec!["sub-1006"]));
    assert_eq!(back["differs"][0]["fields"], json!([{ "field": "status", "wanted": "active", "found": "ended" }]));
}

/// A change in the target that nobody asked for is found, told, and put right.
#[test]
fn a_target_bent_by_hand_is_put_right() {
    let project = imported();
    let dir = project.path();
    crate::project::target(dir, "update charges set unit_price = '0.0080' where plan_id = 'NC-002'; delete from subscriptions where id = 'sub-1007'");
    let plan = import(dir, &[]).json();
    assert_eq!(plan["differs"][0]["fields"], json!([{ "field": "unit_price", "wanted": "0.0075", "found": "0.008" }]));
    let second = ends(dir, 0, "complete");
    assert_eq!((second["unchanged"].as_i64(), load(&second, "verified")), (Some(ALL), 2));
    assert_eq!(asked(dir), ["put charges p-002/cpu_seconds", "put subscriptions sub-1007"]);
}

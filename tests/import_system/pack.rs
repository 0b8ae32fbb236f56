//! The loader `pack`: files for the target's own team, whole and proven, recognised when made again, and seen in the target after
//! they were taken in.

use crate::harness::configure;
use crate::project::{ALL, complete, ends, fresh, gate, import, is_blocked, is_whole, load, source, target};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A project that makes packs instead of starting a program.
fn packing() -> tempfile::TempDir {
    let project = fresh();
    to_packs(project.path(), "packs");
    project
}

pub fn to_packs(dir: &Path, place: &str) {
    let was = "loader = \"command\"\nprogram = [\"./demo-target\", \"target.db\"]";
    configure(dir, &[(was, &format!("loader = \"pack\"\ndir = \"{place}\""))]);
}

/// Imports into a pack: complete, and not in the target yet.
#[track_caller]
fn packed(dir: &Path) -> Value {
    ends(dir, 1, "complete")
}

/// The pack an import made.
fn pack_of(object: &Value) -> PathBuf {
    object["import"]["pack"].as_str().expect("a pack").into()
}

fn sh(dir: &Path, script: &str) -> String {
    let output = Command::new("sh").args(["-c", script]).current_dir(dir).output().expect("it runs");
    assert!(output.status.success(), "{script}: {output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn whole_proven_and_recognised() {
    let project = packing();
    let dir = project.path();
    source(dir, "update customers set name = '=cmd|''/c calc''!A1' where id = 'cust-2'");
    let object = packed(dir);
    assert_eq!((load(&object, "handed_over"), load(&object, "verified")), (ALL, 0));
    let pack = pack_of(&object);
    is_blocked(dir, "44 records in a pack, and not yet seen in the target");

    let names = sh(&pack, "ls | tr '\\n' ' '");
    assert_eq!(
        names,
        "README.md SHA256SUMS charges.csv charges.jsonl customers.csv customers.jsonl manifest.json plans.csv plans.jsonl subscriptions.csv subscriptions.jsonl "
    );
    assert!(!sh(&pack, "sha256sum -c SHA256SUMS").contains("FAILED"));
    let manifest: Value = serde_json::from_str(&sh(&pack, "cat manifest.json")).expect("JSON");
    assert_eq!(manifest["records"], serde_json::json!({ "customers": 7, "plans": 14, "charges": 14, "subscriptions": 9, "retire": 0 }));
    let mut lines = 0;
    for line in sh(&pack, "cat *.jsonl").lines() {
        let request: Value = serde_json::from_str(line).expect("JSON");
        assert!(request["record"]["external_id"] == request["external_id"] && request["act"] == "put");
        assert!(["token", "payment", "state", "linked"].iter().all(|w| !line.contains(&format!("{w}\""))), "{line}");
        lines += 1;
    }
    assert_eq!(lines, ALL);
    let customers = sh(&pack, "cat customers.csv");
    assert!(customers.contains("'=cmd|") && !customers.contains(",=cmd|"), "{customers}");
    assert!(sh(&pack, "cat customers.jsonl").contains(r#""=cmd|'/c calc'!A1""#));
    assert!(sh(&pack, "cat README.md").contains("customers, plans, charges, subscriptions"));

    let modes = sh(dir, "umask 022; stat -c %a packs packs/* packs/*/* | sort | uniq -c | tr -s ' ' | tr '\\n' ';'");
    assert_eq!(modes, " 11 600; 2 700;", "customers are in it");

    let stamps = sh(&pack, "stat -c '%n %y %i' *");
    let again = packed(dir);
    assert_eq!((pack_of(&again), load(&again, "handed_over"), sh(&pack, "stat -c '%n %y %i' *")), (pack.clone(), ALL, stamps), "never written twice");
    assert_eq!(sh(dir, "ls packs").lines().count(), 1);
}

#[test]
fn taken_in_by_hand_it_is_found_and_verified() {
    let project = packing();
    let dir = project.path();
    let pack = pack_of(&packed(dir));
    let by_hand = "for e in customers plans charges subscriptions; do ../../demo-target ../../target.db < $e.jsonl; done > ../../answers";
    sh(&pack, by_hand);
    let seen = complete(dir);
    assert_eq!((load(&seen, "verified"), load(&seen, "handed_over"), &seen["import"]["pack"]), (ALL, 0, &Value::Null));
    is_whole(dir);
    assert_eq!(gate(dir).0, "pass");
    // Taken in a second time, nothing is there twice.
    sh(&pack, by_hand);
    assert_eq!(load(&complete(dir), "of"), 0);
    is_whole(dir);
}

/// A customer of the target's own has an id that the source uses for another: neither is taken for the other.
#[test]
fn beside_a_record_of_the_targets_own_with_an_id_of_the_sources() {
    let project = packing();
    let dir = project.path();
    target(dir, "insert into customers (id, name) values ('cust-1', 'Own Ltd'), ('cust-2', 'Also Own Ltd')");
    let pack = pack_of(&packed(dir));
    sh(&pack, "for e in customers plans charges subscriptions; do ../../demo-target ../../target.db < $e.jsonl; done > ../../answers");
    let seen = complete(dir);
    assert_eq!((load(&seen, "verified"), load(&seen, "handed_over")), (ALL, 0));
    assert_eq!(gate(dir).0, "pass");
}

/// Only part of it was taken in, one of it otherwise: the rest makes another pack.
#[test]
fn taken_in_partly() {
    let project = packing();
    let dir = project.path();
    let first = pack_of(&packed(dir));
    sh(
        &first,
        "../../demo-target ../../target.db < customers.jsonl; sed 's/\"flat_price\":\"200\"/\"flat_price\":\"20\"/' plans.jsonl | ../../demo-target ../../target.db",
    );
    let object = packed(dir);
    assert_eq!((load(&object, "verified"), load(&object, "handed_over")), (20, ALL - 20));
    let second = pack_of(&object);
    assert!(second != first && sh(&second, "cat plans.csv").contains("p-001,NC-001,Large,CAD,1,200"));
    assert!(!second.join("customers.csv").exists());
}

#[test]
fn a_bent_pack_is_refused() {
    let project = packing();
    let dir = project.path();
    let pack = pack_of(&packed(dir));
    let whole = std::fs::read(pack.join("plans.csv")).expect("a file");
    std::fs::write(pack.join("plans.csv"), [&whole[..], b"x"].concat()).expect("written");
    crate::project::apply(dir).fails(2, &["plans.csv is not what was written", "move it away"]);
    is_blocked(dir, "failed");
    std::fs::remove_file(pack.join("plans.csv")).expect("removed");
    crate::project::apply(dir).fails(2, &["plans.csv is not what was written"]);
    std::fs::rename(&pack, dir.join("moved")).expect("moved");
    assert_eq!(pack_of(&packed(dir)), pack);
    assert_eq!(std::fs::read(pack.join("plans.csv")).expect("a file"), whole);
}

#[test]
fn what_is_to_be_retired_is_in_it() {
    let project = crate::project::demo();
    let dir = project.path();
    to_packs(dir, "packs");
    let said = import(dir, &["--apply", "--retire"]);
    let pack = pack_of(&said.json());
    assert_eq!((said.code, sh(&pack, "wc -l < retire.jsonl").trim()), (1, "436"));
    assert!(sh(&pack, "head -1 retire.csv").starts_with("entity,external_id,target_id"));
    sh(&pack, "../../demo-target ../../target.db < subscriptions.jsonl; ../../demo-target ../../target.db < retire.jsonl");
    let seen = import(dir, &["--apply", "--retire"]).json();
    assert_eq!((load(&seen, "handed_over"), gate(dir).0.as_str()), (0, "pass"), "{:#}", seen["import"]);
}

/// No room for it: nothing half is left.
#[test]
fn no_room_for_it() {
    let (project, disk) = (fresh(), crate::disk::Small::mount("64k"));
    let dir = project.path();
    to_packs(dir, disk.path().to_str().expect("a path"));
    let stuffing = disk.fill(8 << 10);
    crate::project::apply(dir).fails(3, &["space", "nothing of the pack was kept"]);
    assert_eq!(sh(disk.path(), "ls").trim(), "stuffing");
    is_blocked(dir, "failed");
    std::fs::remove_file(stuffing).expect("room again");
    let pack = pack_of(&packed(dir));
    assert!(!sh(&pack, "sha256sum -c SHA256SUMS").contains("FAILED"));
    assert_eq!(packed(dir)["import"]["load"]["handed_over"], ALL);
}

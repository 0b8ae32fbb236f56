//! A dossier of a flip: how it stands is folded anew from its acts, and what is stated otherwise is found.

use crate::harness::{Said, said};
use crate::project::{flip, is_whole, planned, ready, target, undo};
use serde_json::Value;
use std::path::Path;

/// Copies a folder of plain files, changes one JSON file of it, and verifies that.
fn changed(evidence: &Path, name: &str, change: impl FnOnce(&mut Value)) -> Said {
    let copy = tempfile::tempdir().expect("a folder");
    let place = copy.path().join("evidence");
    let done = std::process::Command::new("cp").arg("-r").arg(evidence).arg(&place).status().expect("cp can be run");
    assert!(done.success());
    let file = place.join(name);
    let mut value: Value = serde_json::from_str(&std::fs::read_to_string(&file).expect("a file")).expect("JSON");
    change(&mut value);
    std::fs::write(&file, value.to_string()).expect("written");
    said(copy.path(), &["verify", place.to_str().expect("UTF-8")])
}

#[test]
fn how_the_flip_stands_is_folded_anew() {
    let folder = ready();
    let dir = folder.path();
    let none = dir.join("before");
    let write = |out: &Path| {
        let written = said(dir, &["report", "dossier", "--out", out.to_str().expect("UTF-8")]);
        assert_eq!(written.code, 0, "{written:#?}");
    };
    write(&none);
    assert!(!none.join("flip.json").exists(), "nothing was done about it yet");
    assert_eq!(said(dir, &["verify", none.to_str().expect("UTF-8")]).code, 0);
    planned(dir);
    is_whole(&flip(dir, 1).expect("applied"));
    is_whole(&undo(dir, 1).expect("backed out"));
    planned(dir);
    is_whole(&flip(dir, 2).expect("applied"));
    target(dir, "update subscriptions set status = status");
    assert!(said(dir, &["flip", "hypercare", "2", "-q"]).code == 1, "its first invoices are missing");
    let evidence = dir.join("evidence");
    write(&evidence);
    let whole = said(dir, &["verify", evidence.to_str().expect("UTF-8")]);
    assert_eq!(whole.code, 0, "{whole:#?}");
    assert!(whole.out.contains("flip     wave 1 backed out · 2 subscriptions"), "{}", whole.out);
    assert!(whole.out.contains("flip     wave 2 applied · 2 subscriptions · first invoices not clean"), "{}", whole.out);

    let flip = |change: fn(&mut Value)| changed(&evidence, "flip.json", change);
    flip(|f| f["waves"][1]["state"] = "clean".into()).fails(1, &[]);
    for (change, words) in [
        (
            (|f: &mut Value| f["waves"][1]["state"] = "clean".into()) as fn(&mut Value),
            "waves/wave 2/state is stated as \"clean\", and is \"applied\"",
        ),
        (|f| f["waves"][0]["state"] = "applied".into(), "waves/wave 1/state is stated as \"applied\", and is \"backed_out\""),
        (|f| f["waves"][1]["lines"][0]["state"] = "planned".into(), "state is stated as \"planned\", and is \"verified\""),
        (|f| f["waves"][1]["hypercare_clean"] = true.into(), "waves/wave 2/hypercare_clean is stated as true, and is false"),
        (|f| f["waves"][1]["point_of_no_return"] = "none".into(), "waves/wave 2/point_of_no_return"),
        (|f| f["waves"][0]["pack"] = "00".into(), "waves/wave 1/pack is stated as"),
        (|f| f["incomplete"] = Value::Array(Vec::new()), "incomplete is stated as []"),
    ] {
        let told = flip(change);
        assert!(told.code == 1 && told.out.contains("flip.json: ") && told.out.contains(words), "{words}: {}", told.out);
    }
    std::fs::remove_file(evidence.join("flip.json")).expect("gone");
    assert!(said(dir, &["verify", evidence.to_str().expect("UTF-8")]).out.contains("flip.json: is gone"));
}

//! A dossier as it was written: it holds, says how much of it was looked at, and nobody needs the project for it.

use crate::project::Cutover;
use crate::ssh_keygen::key;
use dualrun::domain::gate::Outcome;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;

/// The program, nowhere near a project.
fn verify(args: &[&str]) -> (i32, String, String) {
    let empty = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_dualrun")).current_dir(empty.path()).arg("verify").args(args).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}

#[tokio::test]
async fn what_was_written_holds_without_the_project() {
    let cutover = Cutover::built().await;
    let report = cutover.dir().join("before.json");
    fs::write(&report, cutover.must(0, "ana", &["report", "json"])).unwrap();
    let dossier = cutover.dossier();
    let elsewhere = cutover.dir().join("allowed_signers").canonicalize().unwrap();
    let keys = tempfile::tempdir().unwrap();
    let (signers, stranger) = (keys.path().join("signers"), keys.path().join("stranger"));
    fs::copy(elsewhere, &signers).unwrap();
    fs::write(&stranger, format!("ana@x {0}\nben@x {0}\n", key(keys.path(), "mallory", "ed25519", "").1)).unwrap();
    let witness = keys.path().join("before.json");
    fs::copy(&report, &witness).unwrap();
    drop(cutover);

    let verified = dossier.verified().unwrap();
    assert!(verified.holds(), "{:#?}", verified.complaints);
    let c = &verified.checked;
    assert_eq!((c.runs, c.gate_acts, c.decisions, c.signatures, c.signatures_held), (2, 3, 1, 2, 2));
    assert!(c.rows > 20 && c.rows_redone > c.rows / 2 && c.rows_redone <= c.rows, "{c:?}");
    let stages: Vec<(&str, Outcome)> = verified.stages.iter().map(|s| (s.id.as_str(), s.outcome)).collect();
    assert_eq!(stages, [("agree", Outcome::Pass), ("told", Outcome::NotRun)]);
    assert!(verified.taken.iter().any(|line| line.contains("what was read from both databases")), "{:?}", verified.taken);

    let dir = dossier.path.to_str().unwrap();
    let (code, out, err) = verify(&[dir]);
    assert_eq!((code, out.starts_with("the dossier holds\n"), err.as_str()), (0, true, ""), "{out}");
    let (code, out, _) = verify(&[dir, "--format", "json", "--allowed-signers", signers.to_str().unwrap(), "--against", witness.to_str().unwrap()]);
    let said: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &said["holds"], &said["complaints"]), (0, &true.into(), &Value::Array(vec![])));

    // Keys of somebody else: the two seats are empty, whatever the dossier says.
    let (code, out, _) = verify(&[dir, "--allowed-signers", stranger.to_str().unwrap()]);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("the signature of act 2 by ana does not hold") && out.contains("stages/agree/outcome is stated as \"pass\""), "{out}");
    // A report that saw another journal.
    let mut other: Value = serde_json::from_str(&fs::read_to_string(&witness).unwrap()).unwrap();
    other["journal"]["head"] = "ab".repeat(32).into();
    fs::write(&witness, other.to_string()).unwrap();
    let (code, out, _) = verify(&[dir, "--against", witness.to_str().unwrap()]);
    assert!(code == 1 && out.contains("the chain was written anew at or before it"), "{out}");
}

#[tokio::test]
async fn what_is_no_dossier_is_told_from_one_that_does_not_hold() {
    let empty = tempfile::tempdir().unwrap();
    let (code, _, err) = verify(&[empty.path().to_str().unwrap()]);
    assert_eq!((code, err.contains("is no dossier: it has no manifest.json")), (2, true), "{err}");
    fs::write(empty.path().join("manifest.json"), "{\"name\":\"app\"}").unwrap();
    let (code, _, err) = verify(&[empty.path().to_str().unwrap()]);
    assert_eq!((code, err.contains("none of a dossier")), (2, true), "{err}");
    let (code, _, err) = verify(&["/nowhere/at/all"]);
    assert_eq!((code, err.contains("is no dossier")), (2, true), "{err}");
}

#[tokio::test]
async fn a_dossier_appears_whole_or_not_at_all() {
    let cutover = Cutover::built().await;
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    let write = |path: &Path| cutover.run("ana", &["report", "dossier", "--out", path.to_str().unwrap()]);
    fs::create_dir(&out).unwrap();
    assert_eq!(write(&out).0, 0, "an empty folder may be filled");
    let (code, _, err) = write(&out);
    assert!(code != 0 && err.contains("is not empty"), "{err}");
    let there: Vec<_> = fs::read_dir(place.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(there, ["out"], "something was left behind");
    assert_eq!(cutover.run("ana", &["report", "dossier"]).0, 2);
    assert_eq!(cutover.run("ana", &["report", "dossier", "--out", "x", "--period", "2026-05"]).0, 2);
}

#[tokio::test]
async fn a_signature_that_was_not_said_to_count_breaks_nothing() {
    let cutover = Cutover::built().await;
    // Ben left, and his key with him: his seat is empty, and the dossier says so.
    let signers = cutover.dir().join("allowed_signers");
    let left: String = fs::read_to_string(&signers).unwrap().lines().filter(|line| !line.starts_with("ben@x")).map(|l| l.to_owned() + "\n").collect();
    fs::write(&signers, left).unwrap();
    let verified = cutover.dossier().verified().unwrap();
    assert!(verified.holds(), "{:#?}", verified.complaints);
    assert_eq!((verified.checked.signatures, verified.checked.signatures_held, verified.stages[0].outcome), (2, 1, Outcome::NotRun));
    assert!(verified.notes.iter().any(|note| note.contains("the signature of act 3 by ben does not hold")), "{:?}", verified.notes);
}

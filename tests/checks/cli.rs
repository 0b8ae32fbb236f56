//! `gates run`, `gates attest` and `gates check` of the real binary on the demo.

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

pub fn dualrun(dir: &Path, args: &[&str]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dualrun"));
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).arg("--as").arg("ana").arg("-C").arg(dir).args(args);
    let output = command.stdin(Stdio::null()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Said { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

pub fn json(dir: &Path, args: &[&str]) -> (i32, Value) {
    let said = dualrun(dir, &[args, &["--format", "json"]].concat());
    (said.code, serde_json::from_str(&said.out).unwrap_or_else(|e| panic!("{e}: {} {}", said.out, said.err)))
}

/// The demo, reconciled once; each test works on a copy of its own.
pub fn demo() -> tempfile::TempDir {
    static BUILT: OnceLock<tempfile::TempDir> = OnceLock::new();
    let built = BUILT.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let built = dualrun(dir.path(), &["demo", "--setup-only", "--dir", dir.path().join("p").to_str().unwrap()]);
        assert_eq!(built.code, 0, "{}", built.err);
        assert_eq!(dualrun(&dir.path().join("p"), &["reconcile", "--period", "2026-05"]).code, 1);
        dir
    });
    let dir = tempfile::tempdir().unwrap();
    let copied = Command::new("cp").arg("-r").arg(built.path().join("p").join(".")).arg(dir.path()).status().unwrap();
    assert!(copied.success());
    dir
}

fn outcomes(object: &Value) -> Vec<(String, String)> {
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    object["checks"].as_array().unwrap().iter().map(|c| (format!("{}/{}", text(&c["stage"]), text(&c["check"])), text(&c["outcome"]))).collect()
}

#[test]
fn the_demos_checks_really_run() {
    let dir = demo();
    let (code, made) = json(dir.path(), &["gates", "run"]);
    assert_eq!(code, 1, "{made:#}");
    let got = outcomes(&made);
    let of = |name: &str| got.iter().find(|(n, _)| n == name).map(|(_, o)| o.as_str());
    let table = [
        ("connect/source-subscriptions", "pass"),
        ("connect/target-customers", "pass"),
        ("integrity/unlinked", "fail"),
        ("integrity/coverage", "fail"),
        ("import/on-sale", "fail"),
        ("import/inert", "pass"),
        ("reconcile/unread", "pass"),
        ("reconcile/match-rate", "fail"),
        ("reconcile/unexplained", "fail"),
        ("reconcile/clean-months", "fail"),
        ("reconcile/journal", "pass"),
        ("go/jobs", "pass"),
    ];
    for (name, outcome) in table {
        assert_eq!(of(name), Some(outcome), "{name} in {made:#}");
    }
    assert_eq!((got.len(), made["manual"].as_array().unwrap().len()), (12, 2));
    let unlinked = made["checks"].as_array().unwrap().iter().find(|c| c["check"] == "unlinked").unwrap();
    assert_eq!(unlinked["observed"].as_array().unwrap().len(), 3, "{unlinked:#}");
    assert!(unlinked["stands_on"]["snapshots"][0].as_str().is_some() && unlinked["actor"] == "ana");
    let verified = dualrun(dir.path(), &["audit", "verify"]);
    assert_eq!(verified.code, 0, "{}", verified.err);
    // One stage, one check; what passes is exit code 0.
    assert_eq!(json(dir.path(), &["gates", "run", "connect"]).0, 0);
    assert_eq!(outcomes(&json(dir.path(), &["gates", "run", "go/jobs"]).1), [("go/jobs".to_owned(), "pass".to_owned())]);
    let text = dualrun(dir.path(), &["gates", "run", "integrity"]);
    assert!(text.code == 1 && text.out.contains("3 rows where none may be") && text.out.contains("877.99"), "{}", text.out);
}

#[test]
fn a_person_says_what_only_a_person_can() {
    let dir = demo();
    let attest = |args: &[&str]| json(dir.path(), &[&["gates", "attest", "rehearsal/back-out"][..], args].concat());
    let (code, said) = attest(&["--note", "backed wave 1 out on the copy, 4 min"]);
    assert_eq!((code, said["outcome"].as_str(), said["kind"].as_str()), (0, Some("pass"), Some("manual")));
    assert_eq!(attest(&["--note", "two orders stayed", "--fails"]).0, 1);
    let file = dir.path().join("proof.txt");
    std::fs::write(&file, "4 min").unwrap();
    let (_, said) = attest(&["--note", "x", "--attach", file.to_str().unwrap()]);
    let digest = blake3::hash(b"4 min").to_hex().to_string();
    assert!(said["stands_on"]["files"].as_object().unwrap().values().any(|d| *d == digest.as_str()), "{said:#}");
    for wrong in [
        &["gates", "attest", "rehearsal/back-out", "--note", " "][..],
        &["gates", "attest", "rehearsal", "--note", "x"],
        &["gates", "attest", "go/jobs", "--note", "x"],
        &["gates", "attest", "rehearsal/back-out", "--note", "x", "--attach", "/nowhere/at-all"],
        &["gates", "attest", "rehearsal/back-out", "--note", "x", "--environment", "stagin"],
        &["gates", "run", "rehersal"],
        &["gates", "run", "go/job"],
    ] {
        let said = dualrun(dir.path(), wrong);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{wrong:?} {}", said.err);
    }
    // A stage of manual checks only: nothing is made, and nothing proven.
    let none = dualrun(dir.path(), &["gates", "run", "rehearsal"]);
    assert!(none.code == 1 && none.err.contains("dualrun gates attest rehearsal/back-out"), "{}", none.err);
}

const OWN: &str = r#"
name = "Own"
[[stage]]
id = "s"
title = "S"
[[stage.check]]
id = "writes"
title = "Not a question"
kind = "sql"
on = "source"
sql = "delete from customers"
[[stage.check]]
id = "no-column"
title = "A column that is not there"
kind = "sql"
on = "target"
sql = "select no_such_column from plans"
[[stage.check]]
id = "null"
title = "No value"
kind = "sql"
on = "source"
value = "1"
sql = "select null"
[[stage.check]]
id = "good"
title = "Good all the same"
kind = "sql"
on = "source"
sql = "select id from customers where 1 = 0"
[[stage.check]]
id = "program"
title = "A program of the project"
kind = "command"
command = ["./check.sh", "a b"]
[[stage.check]]
id = "absent"
title = "A program that is not there"
kind = "command"
command = ["./absent.sh"]
[[stage.check]]
id = "suite"
title = "Tests"
kind = "tests"
files = ["reports/*.xml"]
[[stage.check]]
id = "events"
title = "Events"
kind = "log"
files = ["run.log"]
events = ["plan.created"]
[[stage.check]]
id = "watched"
title = "Only watched"
kind = "sql"
on = "source"
observe_only = true
sql = "select id from customers"
"#;

#[test]
fn one_bad_check_stops_no_other_and_invalid_is_told_from_broken() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = demo();
    std::fs::write(dir.path().join("runbook.toml"), OWN).unwrap();
    let program = dir.path().join("check.sh");
    std::fs::write(&program, "#!/bin/sh\n[ \"$1\" = \"a b\" ] && pwd\n").unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::create_dir(dir.path().join("reports")).unwrap();
    std::fs::write(dir.path().join("reports/a.xml"), "<testsuite tests=\"1\"><testcase name=\"a\"/></testsuite>").unwrap();
    std::fs::write(dir.path().join("run.log"), "{\"event\":\"plan.created\"}\n").unwrap();
    let (code, made) = json(dir.path(), &["gates", "run"]);
    assert_eq!(code, 1);
    let table = [
        ("s/writes", "invalid"),
        ("s/no-column", "invalid"),
        ("s/null", "error"),
        ("s/good", "pass"),
        ("s/program", "pass"),
        ("s/absent", "error"),
        ("s/suite", "pass"),
        ("s/events", "pass"),
        ("s/watched", "fail"),
    ];
    let wanted: Vec<(String, String)> = table.iter().map(|(n, o)| ((*n).to_owned(), (*o).to_owned())).collect();
    assert_eq!(outcomes(&made), wanted, "{made:#}");
    let files = |check: &str| made["checks"].as_array().unwrap().iter().find(|c| c["check"] == check).unwrap()["stands_on"]["files"].clone();
    let digest = blake3::hash(&std::fs::read(&program).unwrap()).to_hex().to_string();
    assert!(files("program").as_object().unwrap().values().any(|d| *d == digest.as_str()), "{made:#}");
    assert!(files("suite").get("reports/a.xml").is_some() && files("events").get("run.log").is_some());
    // What is only watched neither opens nor shuts.
    assert_eq!(dualrun(dir.path(), &["gates", "run", "s/good", "s/watched"]).code, 0);
    let (code, looked) = json(dir.path(), &["gates", "check"]);
    let looked = outcomes(&looked);
    assert_eq!(code, 1, "{looked:?}");
    let invalid: Vec<&str> = looked.iter().filter(|(_, o)| o == "invalid").map(|(n, _)| n.as_str()).collect();
    assert_eq!(invalid, ["s/writes", "s/no-column", "s/absent"]);
}

#[test]
fn without_a_runbook_it_is_said_how_to_get_one() {
    let dir = demo();
    std::fs::remove_file(dir.path().join("runbook.toml")).unwrap();
    let said = dualrun(dir.path(), &["gates", "run"]);
    assert!(said.code == 2 && said.err.contains("runbook.toml"), "{}", said.err);
    assert_eq!(dualrun(dir.path(), &["init", "--runbook", "nexacloud-odoo"]).code, 0);
    let checked = dualrun(dir.path(), &["config", "check"]);
    assert_eq!(checked.code, 0, "{}", checked.err);
    let again = dualrun(dir.path(), &["init", "--runbook", "alga"]);
    assert!(again.code == 2 && again.err.contains("there already"), "{}", again.err);
}

#[test]
fn evidence_is_of_the_environment_it_was_made_in() {
    let dir = demo();
    let file = dir.path().join("runbook.toml");
    let text = std::fs::read_to_string(&file).unwrap().replace("id = \"connect\"", "id = \"connect\"\nenvironments = [\"staging\", \"production\"]");
    std::fs::write(&file, text).unwrap();
    let (code, made) = json(dir.path(), &["gates", "run", "connect", "--environment", "staging"]);
    assert_eq!((code, made["environment"].as_str(), made["checks"][0]["environment"].as_str()), (0, Some("staging"), Some("staging")));
}

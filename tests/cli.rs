//! The real binary from outside: exit codes, data on stdout, words on stderr, hostile and missing things told in one line.
//! What needs a reconciliation is in `cli_reconcile.rs`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking, its helpers too")]

use assert_cmd::Command;
use std::path::Path;
use std::time::{Duration, Instant};

fn dualrun() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dualrun"));
    command.env_remove("DUALRUN_OPERATOR").timeout(Duration::from_mins(1));
    command
}

struct Said {
    code: i32,
    out: String,
    err: String,
}

fn run(command: &mut Command) -> Said {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Said { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
}

fn said(dir: &Path, args: &[&str]) -> Said {
    run(dualrun().arg("-C").arg(dir).args(args))
}

fn demo_project() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let built = run(dualrun().args(["demo", "--setup-only", "--dir"]).arg(dir.path()));
    assert_eq!((built.code, built.out.as_str()), (0, ""), "{}", built.err);
    dir
}

fn change(file: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{from} is not in {}", file.display());
    std::fs::write(file, text.replacen(from, to, 1)).unwrap();
}

fn findings(said: &Said) -> Vec<serde_json::Value> {
    let object: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    object["findings"].as_array().unwrap().clone()
}

fn finding<'a>(all: &'a [serde_json::Value], side: &str, code: &str) -> &'a serde_json::Value {
    all.iter().find(|f| f["side"] == side && f["code"] == code).unwrap_or_else(|| panic!("no {side} {code} in {all:#?}"))
}

#[test]
fn help_is_data_and_mistakes_are_words() {
    let help = run(dualrun().arg("--help"));
    assert_eq!((help.code, help.err.as_str()), (0, ""));
    assert!(help.out.contains("reconcile") && help.out.contains("Exit codes"));
    assert!(run(dualrun().arg("--version")).out.starts_with("dualrun 0."));
    for wrong in [
        &["recncile"][..],
        &["report", "xlsx"],
        &["reconcile", "--period"],
        &["demo", "--seed", "1"],
        &["report", "csv", "--run", "1", "--period", "2026-05"],
    ] {
        let said = run(dualrun().args(wrong));
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{wrong:?}");
        assert!(!said.err.is_empty());
    }
}

#[test]
fn without_a_terminal_a_command_is_needed() {
    for args in [&[][..], &["tui"]] {
        let said = run(dualrun().args(args).current_dir(std::env::temp_dir()));
        assert_eq!((said.code, said.out.as_str()), (2, ""));
        assert!(said.err.starts_with("dualrun: "), "{}", said.err);
    }
}

#[test]
fn init_writes_a_sound_file_and_overwrites_nothing() {
    for kind in ["postgres", "sqlite"] {
        let dir = tempfile::tempdir().unwrap();
        let project = dir.path().join("new");
        let first = run(dualrun().args(["init", "--kind", kind, "--dir"]).arg(&project));
        assert_eq!((first.code, first.out.as_str()), (0, ""), "{}", first.err);
        assert_eq!(said(&project, &["config", "check"]).code, 0);
        let schema: serde_json::Value = serde_json::from_slice(&std::fs::read(project.join("dualrun.schema.json")).unwrap()).unwrap();
        assert!(schema["properties"]["service"].is_object());
        let schema: serde_json::Value = serde_json::from_slice(&std::fs::read(project.join("runbook.schema.json")).unwrap()).unwrap();
        assert!(schema["properties"]["stage"]["items"]["properties"]["check"].is_object());
        assert!(std::fs::read_to_string(project.join("runbook.toml")).unwrap().starts_with("#:schema runbook.schema.json\n"));
        std::fs::write(project.join("dualrun.toml"), "mine").unwrap();
        let again = said(&project, &["init", "--kind", kind]);
        assert_eq!(again.code, 2);
        assert!(again.err.contains("there already"), "{}", again.err);
        assert_eq!(std::fs::read_to_string(project.join("dualrun.toml")).unwrap(), "mine");
    }
}

#[test]
fn a_wrong_configuration_is_told_whole_with_its_lines() {
    let dir = demo_project();
    let file = dir.path().join("dualrun.toml");
    change(&file, "currency = \"CAD\"", "currency = 1.5");
    change(&file, "time_zone = \"America/Toronto\"", "time_zone = \"Mars/Olympus\"\ncolour = \"red\"");
    for command in [&["config", "check"][..], &["doctor"], &["reconcile"], &["status", "--format", "json"]] {
        let said = said(dir.path(), command);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{command:?}");
        assert_eq!(said.err.lines().filter(|l| l.contains("dualrun.toml:")).count(), 3, "{}", said.err);
        for word in ["Mars/Olympus", "colour"] {
            assert!(said.err.contains(word), "{}", said.err);
        }
    }
    let nowhere = said(&dir.path().join("nowhere"), &["doctor"]);
    assert_eq!(nowhere.code, 2);
    assert!(nowhere.err.contains("nowhere") && nowhere.err.lines().count() == 1, "{}", nowhere.err);
}

#[test]
fn doctor_finds_the_demo_in_place_even_with_no_environment() {
    let dir = demo_project();
    let healthy = run(dualrun().env_clear().arg("-C").arg(dir.path()).args(["doctor", "--format", "json"]));
    assert_eq!((healthy.code, healthy.err.as_str()), (0, ""), "{}", healthy.out);
    let all = findings(&healthy);
    for side in ["source", "target"] {
        assert_eq!(finding(&all, side, "write_refused")["severity"], "info");
        assert!(finding(&all, side, "query_ok")["message"].as_str().unwrap().contains("accepted"));
    }
    assert!(!dir.path().join(".dualrun").exists(), "doctor must leave nothing behind");
    let text = said(dir.path(), &["doctor"]);
    assert!(text.out.contains("query_ok") && !text.out.contains('\u{1b}') && !text.err.contains('\u{1b}'));
}

#[test]
fn doctor_tells_what_is_wrong_with_each_query() {
    let dir = demo_project();
    let file = dir.path().join("dualrun.toml");
    change(&file, " from customers\"", " from no_such_table\"");
    change(&file, "select id, customer_id, plan_id, status,", "select id, customer_id, plan_id, status as state_word,");
    change(&file, "select plan_id, metric,", "delete from charges; select plan_id, metric,");
    let said = said(dir.path(), &["doctor", "--format", "json"]);
    assert_eq!(said.code, 1, "{}", said.out);
    let all = findings(&said);
    for code in ["no_such_table", "missing_column", "refused"] {
        let f = finding(&all, "source", code);
        assert_eq!(f["severity"], "error");
        assert!(!f["remedy"].as_str().unwrap().is_empty(), "{f}");
        assert!(f["message"].as_str().unwrap().contains("source."), "{f}");
    }
    assert_eq!(finding(&all, "source", "extra_column")["severity"], "info");
    assert!(all.iter().all(|f| f["severity"] != "error" || f["side"] == "source"));
}

#[test]
fn a_side_that_is_not_there_is_exit_3_within_seconds() {
    let dir = demo_project();
    std::fs::remove_file(dir.path().join("target.db")).unwrap();
    let said_doctor = said(dir.path(), &["doctor", "--format", "json"]);
    assert_eq!(said_doctor.code, 3);
    assert!(!finding(&findings(&said_doctor), "target", "unreachable")["remedy"].as_str().unwrap().is_empty());

    let server = tempfile::tempdir().unwrap();
    assert_eq!(said(server.path(), &["init"]).code, 0);
    let file = server.path().join("dualrun.toml");
    // A port of this machine where nobody listens: it was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    change(&file, "#port = 5432", &format!("port = {port}"));
    change(&file, "#password = { env", "password = { env");
    let began = Instant::now();
    let said = run(dualrun().env("APP_DB_PASSWORD", "canary-s3cret").arg("-C").arg(server.path()).args(["doctor", "--format", "json"]));
    assert_eq!(said.code, 3, "{}", said.err);
    assert!(began.elapsed() < Duration::from_secs(15));
    assert!(finding(&findings(&said), "source", "unreachable")["message"].as_str().unwrap().contains(&port.to_string()));
    assert!(!said.out.contains("canary-s3cret") && !said.err.contains("canary-s3cret"));
}

#[test]
fn a_secret_that_cannot_be_had_is_named_and_never_shown() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(said(dir.path(), &["init"]).code, 0);
    change(&dir.path().join("dualrun.toml"), "#password = { env", "password = { env");
    let said = run(dualrun().env_remove("APP_DB_PASSWORD").arg("-C").arg(dir.path()).arg("doctor"));
    assert_eq!((said.code, said.out.as_str()), (2, ""));
    assert!(said.err.contains("APP_DB_PASSWORD"), "{}", said.err);
}

#[test]
fn nothing_run_yet_is_said_and_passes_nothing() {
    let dir = demo_project();
    let status = said(dir.path(), &["status", "--format", "json"]);
    assert_eq!((status.code, status.err.as_str()), (1, ""));
    let object: serde_json::Value = serde_json::from_str(&status.out).unwrap();
    assert_eq!(object["service"], "nexacloud");
    assert!(object["months"].as_array().unwrap().is_empty() && !object["blockers"].as_array().unwrap().is_empty());
    assert_eq!(said(dir.path(), &["gates"]).code, 1);
    for command in [&["report", "csv"][..], &["audit", "verify"]] {
        let said = said(dir.path(), command);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{command:?}");
        assert!(said.err.contains("dualrun reconcile"), "{}", said.err);
    }
    assert!(!dir.path().join(".dualrun").exists(), "reading must make nothing");
}

#[test]
fn what_is_typed_wrong_is_told_before_anything_is_opened() {
    let dir = demo_project();
    for (args, word) in [
        (&["reconcile", "--period", "2026-13"][..], "2026-13"),
        (&["reconcile", "--period", "2026-05..2026-04"], "earlier month first"),
        (&["reconcile", "--period", "2026-05", "--only", "a,,b"], "empty id"),
        (&["--as", "a\u{1b}[2Jb", "status"], "--as"),
        (&["report", "csv", "--filter", "verdict:wrong"], "verdict"),
    ] {
        let said = said(dir.path(), args);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{args:?}: {}", said.err);
        assert!(said.err.contains(word) && !said.err.contains('\u{1b}'), "{}", said.err);
    }
    assert!(!dir.path().join(".dualrun").exists());
}

#[test]
fn a_demo_is_never_built_over_something() {
    let dir = demo_project();
    let before = std::fs::read(dir.path().join("source.db")).unwrap();
    let again = run(dualrun().args(["demo", "--setup-only", "--dir"]).arg(dir.path()));
    assert_eq!(again.code, 2, "{}", again.err);
    assert_eq!(std::fs::read(dir.path().join("source.db")).unwrap(), before);
    assert_eq!(run(dualrun().args(["demo", "--setup-only"])).code, 2);
}

#[test]
fn a_large_book_says_what_it_must_come_to() {
    let dir = tempfile::tempdir().unwrap();
    let build = |name: &str| {
        let at = dir.path().join(name);
        run(dualrun().args(["demo", "--setup-only", "--subscriptions", "50", "--seed", "7", "--dir"]).arg(&at).arg("--as-sql").arg(at.join("sql")))
    };
    let (one, two) = (build("one"), build("two"));
    assert_eq!(one.code, 0, "{}", one.err);
    assert_eq!(one.out, two.out);
    let expected: serde_json::Value = serde_json::from_str(&one.out).unwrap();
    assert!(expected["counts"]["match"].as_u64().unwrap() > 0);
    assert!(dir.path().join("one/sql/source.sql").is_file() && dir.path().join("one/sql/target.sql").is_file());
    assert_eq!(std::fs::read(dir.path().join("one/sql/source.sql")).unwrap(), std::fs::read(dir.path().join("two/sql/source.sql")).unwrap());
}

#[test]
fn a_reader_who_leaves_is_no_error() {
    for args in [&["man"][..], &["config", "schema"], &["completions", "bash"], &["--help"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_dualrun")).args(args).stdout(writer).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{args:?}");
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn a_full_disk_under_stdout_is_an_error() {
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_dualrun")).arg("man").stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("dualrun: stdout: "));
}

#[test]
fn shells_and_manuals_are_served() {
    for shell in ["bash", "zsh", "fish"] {
        assert!(run(dualrun().args(["completions", shell])).out.contains("reconcile"));
    }
    let page = run(dualrun().arg("man")).out;
    assert!(page.contains(".TH dualrun") && page.contains("dualrun\\-reconcile"));
}

//! The real binary on two PostgreSQL databases filled by its own scripts: the same numbers, and roles that are refused.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking, its helpers too")]

#[path = "support/postgres.rs"]
mod cluster;

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};

const READER: &str = "cli_reader";

fn dualrun(dir: &Path, args: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dualrun"));
    let output = command.env_clear().arg("-C").arg(dir).args(args).stdin(Stdio::null()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn json(dir: &Path, args: &[&str]) -> (i32, Value) {
    let (code, out, err) = dualrun(dir, args);
    (code, serde_json::from_str(&out).unwrap_or_else(|e| panic!("{e}: {out} {err}")))
}

/// Two databases filled by the scripts of `demo --as-sql`, read by a role with SELECT only.
fn project(name: &str) -> tempfile::TempDir {
    let (dir, cluster) = (tempfile::tempdir().unwrap(), cluster::shared());
    let sql = dir.path().join("sql");
    let (code, _, err) = dualrun(dir.path(), &["demo", "--setup-only", "--as-sql", sql.to_str().unwrap()]);
    assert_eq!(code, 0, "{err}");
    cluster
        .psql("postgres", &format!("do $$ begin create role {READER} login; exception when duplicate_object or unique_violation then null; end $$"));
    for side in ["source", "target"] {
        let database = format!("{name}_{side}");
        cluster.create_database(&database);
        cluster.psql(&database, &std::fs::read_to_string(sql.join(format!("{side}.sql"))).unwrap());
        cluster.psql(&database, &format!("grant select on all tables in schema public to {READER}"));
    }
    let text = std::fs::read_to_string(sql.join("dualrun.toml")).unwrap();
    let changed: Vec<String> = text.lines().map(|line| at_cluster(line, name)).collect();
    std::fs::write(dir.path().join("dualrun.toml"), changed.join("\n")).unwrap();
    dir
}

fn at_cluster(line: &str, name: &str) -> String {
    let cluster = cluster::shared();
    match line.split(" = ").next() {
        Some("host") => format!("host = \"{}\"", cluster.socket_directory()),
        Some("port") => format!("port = {}", cluster.port()),
        Some("user") => format!("user = \"{READER}\""),
        Some("database") => format!("database = \"{name}_{}\"", if line.contains("source") { "source" } else { "target" }),
        _ => line.to_owned(),
    }
}

fn change(dir: &Path, from: &str, to: &str) {
    let file = dir.join("dualrun.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains(from), "{from} in {text}");
    std::fs::write(file, text.replace(from, to)).unwrap();
}

fn has(object: &Value, side: &str, code: &str, severity: &str) -> bool {
    object["findings"].as_array().unwrap().iter().any(|f| f["side"] == side && f["code"] == code && f["severity"] == severity)
}

#[test]
fn both_kinds_of_database_come_to_one_digest() {
    let dir = project("one_digest");
    let (code, doctor) = json(dir.path(), &["doctor", "--format", "json"]);
    assert_eq!(code, 0, "{doctor:#}");
    assert!(has(&doctor, "source", "write_refused", "info") && has(&doctor, "target", "query_ok", "info"), "{doctor:#}");
    let (code, run) = json(dir.path(), &["reconcile", "--period", "2026-05", "--format", "json"]);
    assert_eq!((code, run["rows"].as_u64(), run["money"]["CAD"]["unlinked"].as_str()), (1, Some(9), Some("1782.85")));
    let files = tempfile::tempdir().unwrap();
    assert_eq!(dualrun(files.path(), &["demo", "--setup-only", "--dir", files.path().join("p").to_str().unwrap()]).0, 0);
    let (_, same) = json(&files.path().join("p"), &["reconcile", "--period", "2026-05", "--format", "json"]);
    assert_eq!(run["digest"], same["digest"]);
    assert_eq!(run["digests"], same["digests"]);
}

#[test]
fn a_role_that_can_write_is_refused_unless_let_in_by_name() {
    let dir = project("writable");
    cluster::shared().psql("writable_target", "create role cli_writer login; grant select, insert on all tables in schema public to cli_writer");
    let file = dir.path().join("dualrun.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let at = text.find("[target]").unwrap();
    let changed = format!("{}{}", &text[..at], text[at..].replacen(READER, "cli_writer", 1));
    std::fs::write(&file, changed).unwrap();

    let (code, doctor) = json(dir.path(), &["doctor", "--format", "json"]);
    assert_eq!(code, 3, "{doctor:#}");
    assert!(has(&doctor, "target", "role_write_grant", "error"), "{doctor:#}");
    let (code, out, err) = dualrun(dir.path(), &["reconcile", "--period", "2026-05"]);
    assert_eq!((code, out.as_str()), (3, ""), "{err}");
    assert!(err.contains("target") && err.contains("cli_writer"), "{err}");

    let (code, run) = json(dir.path(), &["--allow-writable-role", "reconcile", "--period", "2026-05", "--format", "json"]);
    assert_eq!((code, run["counts_as_evidence"].as_bool(), run["current"].as_bool()), (1, Some(false), Some(false)), "{run:#}");
    assert_eq!(run["marks"][0], "WRITABLE ROLE");
    let (_, csv, _) = dualrun(dir.path(), &["report", "csv", "--run", &run["run"].to_string()]);
    assert!(csv.lines().nth(1).unwrap().contains(",complete writable_role,"), "{csv}");
    assert_eq!(dualrun(dir.path(), &["gates"]).0, 1);
    // What a check sees through such a role is told, and proves as little.
    let stage = "[[stage]]\nid = \"s\"\ntitle = \"S\"\n";
    let check =
        |id: &str, on: &str, sql: &str| format!("[[stage.check]]\nid = \"{id}\"\ntitle = \"{id}\"\nkind = \"sql\"\non = \"{on}\"\nsql = \"{sql}\"\n");
    let none = "select id from customers where 1 = 0";
    let all = [check("holds", "target", none), check("fails", "target", "select 1"), check("reader", "source", none)].concat();
    std::fs::write(dir.path().join("runbook.toml"), format!("name = \"r\"\n{stage}signature = \"attested\"\n{all}")).unwrap();
    let (code, made) = json(dir.path(), &["--allow-writable-role", "gates", "run", "--format", "json"]);
    let outcomes: Vec<_> = made["checks"].as_array().unwrap().iter().map(|c| c["outcome"].as_str().unwrap()).collect();
    assert_eq!((code, outcomes), (1, vec!["inconclusive", "fail", "pass"]), "{made:#}");
    let told = made["checks"][0].to_string();
    assert!(told.contains("0 rows, but read with a role that can write") && told.contains("*** read with a role"), "{told}");
}

#[test]
fn no_such_table_is_told_from_no_permission() {
    let dir = project("told_apart");
    cluster::shared().psql("told_apart_source", &format!("revoke select on plans from {READER}"));
    change(dir.path(), " from discounts", " from no_such_table");
    change(dir.path(), "select plan_id, metric, model, included,", "select plan_id, metric, model, now() as included,");
    let (code, doctor) = json(dir.path(), &["doctor", "--format", "json"]);
    assert_eq!(code, 3, "{doctor:#}");
    assert!(has(&doctor, "source", "permission_denied", "error") && has(&doctor, "source", "no_such_table", "error"), "{doctor:#}");
    assert!(has(&doctor, "source", "wrong_kind", "error"), "{doctor:#}");
    assert!(has(&doctor, "source", "query_ok", "info"), "one bad query must not spoil the others: {doctor:#}");
    let (code, out, err) = dualrun(dir.path(), &["reconcile", "--period", "2026-05"]);
    assert!([2, 3].contains(&code) && out.is_empty() && err.contains("source."), "{code} {err}");
}

#[test]
fn a_wrong_password_and_a_wrong_database_are_exit_3() {
    let dir = project("refused");
    change(dir.path(), "refused_target", "nobody_made_this");
    let (code, doctor) = json(dir.path(), &["doctor", "--format", "json"]);
    assert_eq!(code, 3, "{doctor:#}");
    assert!(doctor["findings"].as_array().unwrap().iter().any(|f| f["side"] == "target" && f["severity"] == "error"), "{doctor:#}");
    change(dir.path(), READER, "nobody_at_all");
    let (code, out, err) = dualrun(dir.path(), &["reconcile", "--period", "2026-05"]);
    assert_eq!((code, out.as_str()), (3, ""), "{err}");
}

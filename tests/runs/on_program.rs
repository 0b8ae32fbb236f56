//! The real program on two MariaDB databases, one under each word of its kind: doctor, then a month.

use dualrun::adapters::book_files::read_book;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};

fn json(dir: &Path, args: &[&str]) -> (i32, Value) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dualrun"));
    let output =
        command.env_clear().arg("-C").arg(dir).args(args).args(["--format", "json"]).stdin(Stdio::null()).output().expect("the program runs");
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    let read = serde_json::from_str(&out).unwrap_or_else(|e| panic!("{e}: {out}{}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code().expect("a code"), read)
}

fn change(dir: &Path, change: impl FnOnce(String) -> String) {
    let file = dir.join("dualrun.toml");
    let text = std::fs::read_to_string(&file).expect("a file");
    std::fs::write(file, change(text)).expect("written");
}

#[test]
fn the_program_reads_both_words_of_the_kind() {
    let dir = tempfile::tempdir().expect("a folder");
    let book = read_book(&crate::project::specimen(), false).unwrap_or_else(|e| panic!("{e}"));
    let server = crate::server::shared(&[]);
    crate::on_mariadb::load_book(server, &book, "program", dir.path());
    change(dir.path(), |text| text.replacen("kind = \"mariadb\"", "kind = \"mysql\"", 1));

    let (code, doctor) = json(dir.path(), &["doctor"]);
    assert_eq!(code, 0, "{doctor:#}");
    let findings = doctor["findings"].as_array().expect("findings");
    for side in ["source", "target"] {
        for code in ["connected", "write_refused", "query_ok"] {
            assert!(findings.iter().any(|f| f["side"] == side && f["code"] == code && f["severity"] == "info"), "{side} {code}: {doctor:#}");
        }
    }
    let (code, run) = json(dir.path(), &["reconcile", "--period", "2026-05"]);
    assert_eq!((code, run["state"].as_str()), (1, Some("complete")), "{run:#}");
    let snapshots = run["snapshots"].as_array().expect("snapshots");
    assert!(snapshots.iter().all(|s| s["kind"] == "mariadb" && s["server"].as_str().is_some_and(|v| v.starts_with("MariaDB 1"))), "{run:#}");

    // An account that could write is refused, and let in by name only.
    server.sql("", "create user book_writer@'%'; grant select, insert on program_source.* to book_writer@'%'; grant select on program_target.* to book_writer@'%'");
    change(dir.path(), |text| text.replace(crate::on_mariadb::READER, "book_writer"));
    let (code, told) = json(dir.path(), &["doctor"]);
    let codes: Vec<&Value> = told["findings"].as_array().expect("findings").iter().filter(|f| f["severity"] == "error").map(|f| &f["code"]).collect();
    assert!(code == 3 && codes.iter().any(|c| *c == "role_write_grant"), "{code} {told:#}");
}

//! The real binary on real books: the main job from outside, its reports, and what is left when it is stopped half-way.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking, its helpers too")]

use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

struct Said {
    code: i32,
    out: String,
    err: String,
}

fn dualrun(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dualrun"));
    command.env_remove("DUALRUN_OPERATOR").arg("-C").arg(dir).args(args).stdin(Stdio::null());
    command
}

fn run(command: &mut Command) -> Said {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Said { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
}

fn said(dir: &Path, args: &[&str]) -> Said {
    run(&mut dualrun(dir, args))
}

fn json(dir: &Path, args: &[&str]) -> (i32, Value) {
    let said = said(dir, args);
    let value = serde_json::from_str(&said.out).unwrap_or_else(|e| panic!("{e}\n{}\n{}", said.out, said.err));
    (said.code, value)
}

fn reconcile(dir: &Path, more: &[&str]) -> (i32, Value) {
    let args: Vec<&str> = ["reconcile", "--period", "2026-05", "--format", "json", "-q"].iter().chain(more).copied().collect();
    json(dir, &args)
}

fn built(args: &[&str]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let args: Vec<&str> = ["demo", "--setup-only", "--dir", "."].iter().chain(args).copied().collect();
    let said = run(dualrun(dir.path(), &args).current_dir(dir.path()));
    assert_eq!(said.code, 0, "{}", said.err);
    dir
}

fn book() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/books/specimen")
}

fn specimen(more: &[&str]) -> tempfile::TempDir {
    let folder = book();
    let args: Vec<&str> = ["--book", folder.to_str().unwrap()].iter().chain(more).copied().collect();
    built(&args)
}

fn expected(file: &str) -> Value {
    serde_json::from_slice(&std::fs::read(book().join(file)).unwrap()).unwrap()
}

#[test]
fn the_demo_comes_to_the_known_dual_run() {
    let dir = built(&[]);
    let before = [std::fs::read(dir.path().join("source.db")).unwrap(), std::fs::read(dir.path().join("target.db")).unwrap()];
    let (code, run) = reconcile(dir.path(), &[]);
    assert_eq!(code, 1);
    assert_eq!((run["state"].as_str(), run["rows"].as_u64(), run["current"].as_bool()), (Some("complete"), Some(9), Some(true)));
    assert_eq!((run["counts"]["match"].as_u64(), run["counts"]["delta"].as_u64(), run["counts"]["unlinked"].as_u64()), (Some(2), Some(4), Some(3)));
    assert_eq!(run["counts"].as_object().unwrap().len(), 8);
    let money = &run["money"]["CAD"];
    for (name, text) in [("actual", "482.27"), ("expected", "860.95"), ("net", "378.68"), ("gross", "378.68"), ("unlinked", "1782.85")] {
        assert_eq!(money[name], text, "{name}");
    }
    assert_eq!(run["coverage"]["CAD"], "0.2129");
    // The same from anywhere: another place, zone, language, no environment at all.
    let other = built(&[]);
    let args = ["reconcile", "--period", "2026-05", "--format", "json"];
    let elsewhere = self::run(dualrun(other.path(), &args).env_clear().env("TZ", "Asia/Tokyo").env("LANG", "tr_TR.UTF-8"));
    let elsewhere: Value = serde_json::from_str(&elsewhere.out).unwrap();
    assert_eq!(elsewhere["digest"], run["digest"]);
    assert_eq!(before, [std::fs::read(dir.path().join("source.db")).unwrap(), std::fs::read(dir.path().join("target.db")).unwrap()]);
}

#[test]
fn the_specimen_book_holds_from_outside() {
    let dir = specimen(&[]);
    let (code, run) = reconcile(dir.path(), &[]);
    assert_eq!(code, 1);
    let expected = expected("expected.json");
    for (key, value) in expected.as_object().unwrap().iter().filter(|(k, _)| *k != "findings" && *k != "money") {
        assert_eq!(&run[key], value, "{key}");
    }
    for (currency, sums) in expected["money"].as_object().unwrap() {
        for (name, text) in sums.as_object().unwrap() {
            assert_eq!(&run["money"][currency][name], text, "{currency} {name}");
        }
    }
    let found = run["findings"].as_array().unwrap();
    for finding in expected["findings"].as_array().unwrap() {
        let same = |f: &&Value| ["code", "side", "count", "ids"].iter().all(|k| f[k] == finding[k]);
        assert!(found.iter().any(|f| same(&f)), "{finding}");
    }
}

#[test]
fn unreadable_rows_are_listed_and_the_run_counts_for_nothing() {
    let dir = specimen(&["--bad"]);
    let (code, run) = reconcile(dir.path(), &[]);
    assert_eq!((code, run["state"].as_str(), run["counts_as_evidence"].as_bool()), (4, Some("incomplete"), Some(false)));
    let expected = expected("expected_bad.json");
    let listed = run["rejected_rows"].as_array().unwrap();
    for row in expected["rejected_rows"].as_array().unwrap() {
        let same = |r: &&Value| ["side", "entity", "id", "column", "reason"].iter().all(|k| r[k] == row[k]);
        assert!(listed.iter().any(|r| same(&r)), "{row} in {listed:#?}");
    }
    assert_eq!(said(dir.path(), &["report", "csv"]).code, 2);
    let text = said(dir.path(), &["report", "text", "--run", "1"]).out;
    assert!(text.contains("*** INCOMPLETE") && text.contains("could not be read"), "{text}");
    let rows = said(dir.path(), &["report", "csv", "--run", "1"]).out;
    assert!(rows.lines().skip(1).all(|l| l.contains(",incomplete,")), "{rows}");
    assert_eq!(said(dir.path(), &["status"]).code, 4);
}

#[test]
fn several_months_are_runs_over_one_snapshot() {
    let dir = built(&[]);
    let (code, all) = json(dir.path(), &["reconcile", "--period", "2025-11..2026-05", "--format", "json"]);
    assert_eq!(code, 1);
    let runs = all["runs"].as_array().unwrap();
    assert_eq!(
        runs.iter().map(|r| r["period"].as_str().unwrap()).collect::<Vec<_>>().join(" "),
        "2025-11 2025-12 2026-01 2026-02 2026-03 2026-04 2026-05"
    );
    assert!(runs.iter().all(|r| r["snapshots"][0]["snapshot"] == runs[0]["snapshots"][0]["snapshot"]));
    let (_, status) = json(dir.path(), &["status", "--format", "json"]);
    assert_eq!(status["months"].as_array().unwrap().len(), 7);
    assert_eq!(status["months"][0]["period"], "2026-05");
    let (_, one) = json(dir.path(), &["reconcile", "--period", "2026-05..2026-05", "--format", "json"]);
    assert_eq!(one["runs"].as_array().unwrap().len(), 1);
}

#[test]
fn dry_and_partial_runs_are_shown_and_never_count() {
    let dir = built(&[]);
    let (code, run) = reconcile(dir.path(), &["--dry-run", "--only", "sub-1005,sub-1006"]);
    assert_eq!((code, run["rows"].as_u64(), run["current"].as_bool()), (0, Some(2), Some(false)), "{run:#}");
    assert_eq!(run["marks"].as_array().unwrap().len(), 2);
    let (code, status) = json(dir.path(), &["status", "--format", "json"]);
    assert_eq!((code, status["months"][0]["current"].is_null()), (1, true), "a few rows that match are no clean month");
    assert_eq!(said(dir.path(), &["gates"]).code, 1);
    let csv = said(dir.path(), &["report", "csv", "--run", "1"]).out;
    assert!(csv.contains(",complete dry_run partial,"), "{csv}");
    let recheck = said(dir.path(), &["reconcile", "--period", "2026-05", "--recheck"]);
    assert_eq!((recheck.code, recheck.err.contains("no current run")), (2, true), "{}", recheck.err);
}

#[test]
fn a_recheck_says_what_became_of_its_parent() {
    let dir = built(&[]);
    reconcile(dir.path(), &[]);
    let (_, again) = reconcile(dir.path(), &["--recheck"]);
    assert_eq!(again["recheck_of"], 1);
    assert_eq!((again["recheck"]["now_matches"].as_u64(), again["recheck"]["still_differs"].as_u64().unwrap() >= 4), (Some(0), true), "{again:#}");
    let verified = said(dir.path(), &["audit", "verify"]);
    assert_eq!(verified.code, 0);
    assert!(verified.out.contains(again["journal"]["head"].as_str().unwrap()));
}

#[test]
fn reports_are_the_same_rows_in_every_form() {
    let dir = built(&[]);
    let (_, run) = reconcile(dir.path(), &[]);
    let csv_text = said(dir.path(), &["report", "csv"]).out;
    assert!(csv_text.ends_with("\r\n"));
    let mut reader = csv::Reader::from_reader(csv_text.as_bytes());
    let names = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let lines: Vec<Value> = said(dir.path(), &["report", "jsonl"]).out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let (_, whole) = json(dir.path(), &["report", "json"]);
    let list = whole["row_list"].as_array().unwrap();
    assert_eq!((rows.len(), lines.len(), list.len()), (9, 9, 9));
    for ((row, line), object) in rows.iter().zip(&lines).zip(list) {
        for (name, cell) in names.iter().zip(row).filter(|(name, _)| *name != "run") {
            let cell = cell.strip_prefix('\'').unwrap_or(cell);
            assert_eq!(line[name].as_str().unwrap_or_default(), cell, "{name}");
            if let Some(value) = object.get(name) {
                assert_eq!(value, &line[name], "{name}");
            }
        }
        assert_eq!(line["run_digest"], run["digest"]);
    }
    assert_eq!(whole["digest"], run["digest"]);
    let deltas = said(dir.path(), &["report", "jsonl", "--filter", "verdict:delta money:>100"]).out;
    assert_eq!(deltas.lines().count(), 2, "{deltas}");
    let text = said(dir.path(), &["report", "text"]).out;
    assert!(text.contains("+190.87") && text.contains("1,782.85") && text.contains(run["digest"].as_str().unwrap()));
}

#[test]
fn hostile_names_stay_text() {
    let folder = tempfile::tempdir().unwrap();
    copy(&book(), folder.path());
    let file = folder.path().join("source/customers.csv");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("Customer 02"));
    std::fs::write(&file, text.replace("Customer 02", "\"=HYPERLINK(\"\"http://x\"\")\u{1b}[2J\nsecond\"")).unwrap();
    let dir = built(&["--book", folder.path().to_str().unwrap()]);
    reconcile(dir.path(), &[]);
    let mut reader = csv::Reader::from_reader(std::io::Cursor::new(said(dir.path(), &["report", "csv"]).out));
    let customer = reader.headers().unwrap().iter().position(|n| n == "customer").unwrap();
    let cells: Vec<String> = reader.records().map(|r| r.unwrap()[customer].to_owned()).collect();
    assert!(cells.contains(&"'=HYPERLINK(\"http://x\")\\u{1b}[2J␊second".to_owned()), "{cells:?}");
    let lines = said(dir.path(), &["report", "jsonl"]).out;
    assert!(!lines.contains('\u{1b}'));
    assert_eq!(lines.lines().count(), 64);
    assert!(lines.lines().any(|l| serde_json::from_str::<Value>(l).unwrap()["customer"] == "=HYPERLINK(\"http://x\")\u{1b}[2J\nsecond"));
    let text = said(dir.path(), &["report", "text"]).out;
    assert!(text.contains("=HYPERLINK") && !text.contains('\u{1b}'));
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let into = to.join(entry.file_name());
        if entry.path().is_dir() { copy(&entry.path(), &into) } else { std::fs::write(&into, std::fs::read(entry.path()).unwrap()).unwrap() }
    }
}

#[test]
fn a_row_is_exported_as_a_case_that_holds_a_repair() {
    let dir = built(&[]);
    reconcile(dir.path(), &[]);
    let folder = dir.path().join("cases");
    let cases = folder.to_str().unwrap();
    let export = |more: &[&str]| said(dir.path(), &[&["explain", "sub-1002", "--export", cases], more].concat());
    let first = export(&[]);
    let file = folder.join("sub-1002-2026-05.json");
    assert_eq!((first.code, first.err.trim_end()), (0, format!("dualrun: case in {}", file.display()).as_str()), "{}", first.out);
    let text = std::fs::read_to_string(&file).unwrap();
    let case: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(case["input"]["cause"]["causes"], serde_json::json!(["proration_by_day"]));
    assert_eq!((case["input"]["actual"].as_str(), case["expected"]["delta"].as_str()), (Some("58.06"), Some("141.94")));
    assert!(!text.contains("Bolt") && !text.contains("INV") && text.contains("sub-1002"), "{text}");
    let (code, outcome) = json(dir.path(), &["cases", "run", cases, "--format", "json"]);
    assert_eq!((code, outcome["total"].as_i64(), outcome["hold"].as_i64()), (0, Some(1), Some(1)));
    // The same again is no news; a number that somebody changed fails with what it comes to, and is not written over unasked.
    assert_eq!(export(&[]).code, 0);
    std::fs::write(&file, text.replace("\"flat_price\": \"200\"", "\"flat_price\": \"199\"")).unwrap();
    let (code, outcome) = json(dir.path(), &["cases", "run", file.to_str().unwrap(), "--format", "json"]);
    assert_eq!((code, &outcome["fail"][0]["expected"]["net"], &outcome["fail"][0]["got"]["net"]), (1, &"200.00".into(), &"199".into()));
    let refused = export(&[]);
    assert_eq!((refused.code, refused.err.contains("says something else")), (2, true), "{}", refused.err);
    assert_eq!((export(&["--force"]).code, std::fs::read_to_string(&file).unwrap()), (0, text));
    let unrated = said(dir.path(), &["explain", "INV-82", "--export", cases]);
    assert_eq!((unrated.code, unrated.err.contains("has no rating")), (2, true), "{}", unrated.err);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
    assert_eq!(said(dir.path(), &["explain", "sub-1002", "--force"]).code, 2);
    assert_eq!(said(dir.path(), &["explain", "sub-1002", "--export", file.to_str().unwrap()]).code, 4);
}

#[test]
fn a_report_appears_whole_or_not_at_all() {
    let dir = built(&["--subscriptions", "300"]);
    reconcile(dir.path(), &[]);
    let file = dir.path().join("report.jsonl");
    let out = file.to_str().unwrap();
    let written = said(dir.path(), &["report", "jsonl", "--out", out]);
    assert_eq!((written.code, written.out.as_str()), (0, ""), "{}", written.err);
    let first = std::fs::read(&file).unwrap();
    assert!(first.len() > 100_000);
    // A limit of 64 KiB a file stands for a full disk; SQLite's own index beside the workspace fits.
    let limited = Command::new("bash")
        .args(["-c", "ulimit -f 64; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_dualrun"), "-C"])
        .arg(dir.path())
        .args(["report", "jsonl", "--out", out])
        .output()
        .unwrap();
    assert_eq!(limited.status.code(), Some(4), "{}", String::from_utf8_lossy(&limited.stderr));
    assert!(String::from_utf8_lossy(&limited.stderr).contains("as it was"));
    assert_eq!(std::fs::read(&file).unwrap(), first);
    let left: Vec<_> =
        std::fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).filter(|n| n.to_string_lossy().ends_with(".tmp")).collect();
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(said(dir.path(), &["report", "csv", "--out", "/dev/full"]).code, 4);
    assert_eq!(said(dir.path(), &["report", "csv", "--out", "/no/such/dir/report.csv"]).code, 2);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let closed = dualrun(dir.path(), &["report", "jsonl"]).stdout(writer).output().unwrap();
    assert_eq!((closed.status.code(), closed.stderr.len()), (Some(0), 0));
}

/// Makes one query take minutes, so that whatever interrupts it surely comes in between.
fn make_slow(dir: &Path) {
    let file = dir.join("dualrun.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let slow =
        " from customers where (with recursive c(x) as (select 1 union all select x + 1 from c limit 20000000000) select count(*) from c) > 0\"";
    assert!(text.contains(" from customers\""));
    std::fs::write(file, text.replacen(" from customers\"", slow, 1)).unwrap();
}

/// A reconciliation that has said its first word, and so holds the workspace and reads.
fn started(dir: &Path) -> (Child, BufReader<std::process::ChildStderr>) {
    let mut child =
        dualrun(dir, &["reconcile", "--period", "2026-05", "--format", "json"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut words = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    words.read_line(&mut line).unwrap();
    assert!(line.starts_with("dualrun: "), "{line}");
    (child, words)
}

#[test]
fn a_stopped_run_is_interrupted_and_publishes_nothing() {
    let dir = built(&[]);
    reconcile(dir.path(), &[]);
    make_slow(dir.path());
    for signal in ["-INT", "-TERM", "-HUP"] {
        let (mut child, _words) = started(dir.path());
        let locked = said(dir.path(), &["reconcile", "--period", "2026-05", "--wait", "0"]);
        assert_eq!((locked.code, locked.err.contains("being written by")), (2, true), "{}", locked.err);
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
        assert_eq!(child.wait().unwrap().code(), Some(4), "{signal}");
    }
    let (_, status) = json(dir.path(), &["status", "--format", "json"]);
    assert_eq!(status["months"][0]["newest"]["state"], "interrupted");
    assert_eq!((status["months"][0]["current"]["run"].as_i64(), status["months"][0]["current"]["rows"].as_u64()), (Some(1), Some(9)));
    assert_eq!(said(dir.path(), &["audit", "verify"]).code, 0);
}

#[test]
fn a_killed_run_is_found_and_told_by_the_next() {
    let dir = built(&[]);
    let config = dir.path().join("dualrun.toml");
    let sound = std::fs::read(&config).unwrap();
    make_slow(dir.path());
    let (mut child, _words) = started(dir.path());
    child.kill().unwrap();
    child.wait().unwrap();
    std::fs::write(&config, sound).unwrap();
    let (code, run) = reconcile(dir.path(), &[]);
    assert_eq!((code, run["run"].as_i64(), run["current"].as_bool()), (1, Some(2), Some(true)));
    let first = said(dir.path(), &["report", "text", "--run", "1"]);
    assert!(first.out.contains("*** INTERRUPTED"), "{} {}", first.out, first.err);
    assert_eq!(said(dir.path(), &["audit", "verify"]).code, 0);
}

#[test]
fn corrections_and_what_changed_are_told_from_outside() {
    let dir = specimen(&[]);
    let explain = |args: &[&str]| {
        let args: Vec<&str> = ["explain"].iter().chain(args).chain(&["--format", "json"]).copied().collect();
        json(dir.path(), &args)
    };
    let (_, run) = reconcile(dir.path(), &[]);
    assert_eq!(said(dir.path(), &["explain", "--since"]).code, 2);
    let (code, fixes) = explain(&["--fixes"]);
    assert_eq!((code, &fixes["run"], &fixes["before"]["rows"]), (1, &run["run"], &run["rows"]));
    assert_eq!(fixes["before"]["counts"], run["counts"]);
    for money in fixes["before"]["money"].as_array().unwrap() {
        let sums = &run["money"][money["currency"].as_str().unwrap()];
        assert_eq!((&money["net"], &money["gross"]), (&sums["net"], &sums["gross"]));
    }
    let first = &fixes["fixes"][0];
    assert!(first["fix"]["words"].is_string() && first["marginal"] == first["alone"], "{fixes:#}");
    let text = said(dir.path(), &["explain", "--fixes"]);
    assert!(text.out.contains(first["fix"]["words"].as_str().unwrap()), "{}", text.out);
    let (_, all) = explain(&["--all"]);
    assert!(all["together"]["clusters"].as_array().unwrap().iter().any(|c| c["votes"]["of"].is_u64()), "{all:#}");
    assert_eq!(all["usage"]["months"].as_array().unwrap().len(), 0);

    let (_, again) = reconcile(dir.path(), &[]);
    let (code, since) = explain(&["--since"]);
    assert_eq!((code, &since["run"], &since["since"]), (0, &again["run"], &run["run"]));
    assert_eq!((since["rows"].as_array().unwrap().len(), &since["together"]["rows"]), (0, &Value::from(0)));
    let first = run["run"].to_string();
    assert_eq!(explain(&["--since", first.as_str()]).1, since);
    assert!(said(dir.path(), &["explain", "--since"]).out.starts_with("0 rows are not what they were"));
}

//! kill -9 at any point of a reconciliation: what was printed is stored whole, what was not finished shows nothing.

use crate::harness::{RECONCILE, dualrun, generated, generated_months, reconciled, said, signal, sqlite_numbers, sqlite_text, workspace};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

const KILLS: u64 = 25;
/// Rows of a run that are there, whatever its header says.
const STORED: &str = "(select coalesce(sum(rows), 0) from row_blocks where place >> 32 = runs.id)";

/// Begins a reconciliation and sends it a signal after a while.
fn signalled_after(dir: &Path, args: &[&str], name: &str, delay: Duration) -> Output {
    let child = dualrun(dir, args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    std::thread::sleep(delay);
    signal(name, child.id());
    child.wait_with_output().expect("it ends")
}

/// The run a killed reconciliation printed, where it came to that.
fn killed_after(dir: &Path, delay: Duration) -> Option<i64> {
    let output = signalled_after(dir, &RECONCILE, "-KILL", delay);
    serde_json::from_slice::<Value>(&output.stdout).ok().and_then(|run| run["run"].as_i64())
}

/// Runs by state: number, rows stored, and rows its header says.
fn runs(dir: &Path, state: &str) -> Vec<(i64, i64, i64)> {
    let counted = STORED;
    sqlite_numbers(&workspace(dir), &format!("select id, {counted}, row_count from runs where state = '{state}' order by id"))
}

#[test]
fn nothing_printed_is_lost_and_nothing_partial_is_shown() {
    let project = generated(1_500, 7);
    let dir = project.path();
    let began = Instant::now();
    let first = reconciled(dir);
    let whole = u64::try_from(began.elapsed().as_millis()).expect("a short while");
    let rows = first["rows"].as_i64().expect("a number");
    let mut acknowledged: BTreeSet<i64> = first["run"].as_i64().into_iter().collect();
    for kill in 0..KILLS {
        // Spread over the whole of it, and past its end for some that finish.
        let delay = whole * (kill * 7 % KILLS) * 12 / (10 * KILLS) + kill % 3;
        acknowledged.extend(killed_after(dir, Duration::from_millis(delay)));
        let status = said(dir, &["status", "--format", "json"]);
        let newest = &status.json()["months"][0]["newest"]["state"];
        assert!(status.code == 1 && (newest == "complete" || newest == "interrupted"), "told right after the kill: {newest}");
    }
    let last = reconciled(dir);
    acknowledged.extend(last["run"].as_i64());
    assert_eq!(last["digest"], first["digest"]);

    assert_eq!(sqlite_text(&workspace(dir), "pragma integrity_check"), "ok");
    let complete = runs(dir, "complete");
    let interrupted = runs(dir, "interrupted");
    assert!(complete.iter().all(|(_, stored, told)| (*stored, *told) == (rows, rows)), "{complete:?}");
    assert!(interrupted.iter().all(|(_, stored, told)| (*stored, *told) == (0, 0)), "{interrupted:?}");
    let stored: BTreeSet<i64> = complete.iter().map(|r| r.0).collect();
    assert!(acknowledged.is_subset(&stored), "{acknowledged:?} {stored:?}");
    let all = sqlite_numbers(&workspace(dir), "select count(*), sum(state in ('complete', 'interrupted')), sum(current) from runs");
    assert_eq!(all, [(i64::try_from(complete.len() + interrupted.len()).expect("few"), all[0].0, 1)]);
    assert!(interrupted.len() > 5, "the kills missed the work: {} of {KILLS}", interrupted.len());
    shown(dir, interrupted[0].0, last["run"].as_i64());
}

/// What the reader sees of a killed run, and of the current one.
fn shown(dir: &Path, killed: i64, current: Option<i64>) {
    let status = said(dir, &["status", "--format", "json"]).json();
    assert_eq!(status["months"][0]["current"]["run"].as_i64(), current);
    let report = said(dir, &["report", "csv", "--run", &killed.to_string()]);
    assert_eq!((report.code, report.out.lines().count()), (0, 1), "{report:?}");
    let text = said(dir, &["report", "text", "--run", &killed.to_string()]);
    assert!(text.out.contains("*** INTERRUPTED"), "{text:?}");
    assert_eq!(said(dir, &["audit", "verify"]).code, 0);
}

/// Ctrl-C at any point of several months: each month is there whole or not at all, and what was there before stays.
#[test]
fn stopped_at_any_moment_a_month_is_whole_or_interrupted() {
    const MONTHS: [&str; 6] = ["reconcile", "--period", "2026-04..2026-05", "--format", "json", "-q"];
    let project = generated_months(700, 2, 7);
    let dir = project.path();
    let began = Instant::now();
    let first = said(dir, &MONTHS).json();
    let whole = u64::try_from(began.elapsed().as_millis()).expect("a short while");
    let rows = [0, 1].map(|n| first["runs"][n]["rows"].as_i64().expect("a number"));
    let mut stopped = 0;
    for turn in 1..=10 {
        let output = signalled_after(dir, &MONTHS, "-INT", Duration::from_millis(whole * turn / 11));
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        match output.status.code() {
            Some(1) => assert_eq!(serde_json::from_slice::<Value>(&output.stdout).expect("whole")["runs"][1]["digest"], first["runs"][1]["digest"]),
            // A signal may come before anybody listens for it: then the program just ends.
            code @ (Some(4) | None) => {
                stopped += 1;
                assert!(output.stdout.is_empty() && (code.is_none() || words.contains("stop")), "{words}");
            }
            other => panic!("{other:?}: {words}"),
        }
    }
    assert!(stopped > 2, "the signals missed the work");
    let stored = STORED;
    let wanted = format!("case state when 'complete' then case month when '2026-04' then {} else {} end else 0 end", rows[0], rows[1]);
    let told = sqlite_numbers(&workspace(dir), &format!("select id, {stored}, {wanted} from runs where state in ('complete', 'interrupted')"));
    let all = sqlite_numbers(&workspace(dir), "select count(*), sum(state = 'interrupted'), sum(current) from runs where state <> 'running'");
    assert!(told.iter().all(|(_, stored, wanted)| stored == wanted), "{told:?}");
    assert_eq!((i64::try_from(told.len()).expect("few"), 2), (all[0].0, all[0].2));
    let again = said(dir, &MONTHS).json();
    assert_eq!([&again["runs"][0]["digest"], &again["runs"][1]["digest"]], [&first["runs"][0]["digest"], &first["runs"][1]["digest"]]);
    assert_eq!(said(dir, &["audit", "verify"]).code, 0);
}

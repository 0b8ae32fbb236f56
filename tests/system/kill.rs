//! kill -9 at any point of a reconciliation: what was printed is stored whole, what was not finished shows nothing.

use crate::harness::{RECONCILE, dualrun, generated, reconciled, said, sqlite_numbers, sqlite_text, workspace};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

const KILLS: u64 = 25;

/// Begins a reconciliation and kills it after a while; the run it printed, where it came to that.
fn killed_after(dir: &Path, delay: Duration) -> Option<i64> {
    let mut child = dualrun(dir, &RECONCILE).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it runs");
    std::thread::sleep(delay);
    child.kill().expect("killed");
    let output = child.wait_with_output().expect("it ends");
    serde_json::from_slice::<Value>(&output.stdout).ok().and_then(|run| run["run"].as_i64())
}

/// Runs by state: number, rows stored, and rows its header says.
fn runs(dir: &Path, state: &str) -> Vec<(i64, i64, i64)> {
    let counted = "(select count(*) from rows where run_id = runs.id)";
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
        assert_eq!(said(dir, &["status"]).code, 1, "readable right after the kill");
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

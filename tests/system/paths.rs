//! Partial, dry and repeated runs on both kinds of database.

use crate::harness::{csv_rows, on_postgres, on_sqlite, reconcile, reconciled, said, specimen, sqlite};
use dualrun::adapters::clock::SystemClock;
use dualrun::adapters::workspace::Door;
use dualrun::domain::side::Side;
use dualrun::domain::verdict::Verdict;
use dualrun::ports::workspace::WorkspaceDoor as _;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;

fn current(dir: &Path) -> Value {
    said(dir, &["status", "--format", "json"]).json()["months"][0]["current"]["run"].clone()
}

/// Rows without the columns that name the run's state and digest.
fn only_rows(dir: &Path, run: &Value) -> Vec<Vec<String>> {
    csv_rows(dir, run).into_iter().map(|mut r| r.drain(..20).collect()).collect()
}

/// What was found out of a row of the first run by the run that checked it again.
fn rechecked(dir: &Path, key: &str) -> Vec<(i64, Option<Verdict>)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let store = Door::new(dir, Arc::new(SystemClock)).read().await.expect("it opens").expect("a workspace");
        let line = store.find(1, key, None).await.expect("looked up").expect("the row");
        store.detail(1, line.seq).await.expect("the row whole").rechecks
    })
}

fn partial_dry_and_checked_again(dir: &Path, correct: &dyn Fn(&str)) {
    let first = reconciled(dir);
    let all = only_rows(dir, &first);
    // A key by its own text or by what the normaliser makes of it.
    let only = reconcile(dir, &["--only", "sub-1103,E4B7C2D0-1A2B-4C3D-8E4F-5A6B7C8D9E0F,sub-1137"]);
    assert_eq!(only.code, 1, "{only:?}");
    let only = only.json();
    let wanted: Vec<_> =
        all.iter().filter(|r| ["sub-1103", "e4b7c2d0-1a2b-4c3d-8e4f-5a6b7c8d9e0f", "sub-1137"].contains(&r[1].as_str())).cloned().collect();
    assert_eq!((only_rows(dir, &only), wanted.len()), (wanted, 3));
    let nobody = reconcile(dir, &["--only", "no-such-subscription"]);
    assert!(nobody.code == 2 && nobody.err.contains("--only no-such-subscription: no subscription"), "{nobody:?}");
    let dry = reconcile(dir, &["--dry-run"]).json();
    assert_eq!(only_rows(dir, &dry), all);
    for run in [&only, &dry] {
        assert_eq!((run["current"].as_bool(), run["marks"].as_array().map(Vec::len)), (Some(false), Some(1)), "{run:#}");
    }
    assert_eq!(current(dir), 1);

    correct("update invoices set subtotal = '50.00', tax = '6.50', total = '56.50' where id = 'INV-5127'");
    correct("update invoice_lines set amount = '50.00', unit_price = '50.00' where invoice_id = 'INV-5127'");
    let again = reconcile(dir, &["--recheck"]);
    assert_eq!(again.code, 1, "{again:?}");
    let again = again.json();
    assert_eq!((&again["recheck_of"], &again["recheck"]), (&json!(1), &json!({ "now_matches": 1, "gone": 0, "still_differs": 25 })));
    assert_eq!(rechecked(dir, "sub-1127"), [(5, Some(Verdict::Match))]);
    assert_eq!(rechecked(dir, "sub-1103"), [(5, Some(Verdict::Delta))]);
    assert_eq!(only_rows(dir, &first), all, "the parent's own rows stay as they were");
    assert_ne!(again["digest"], first["digest"]);
}

#[test]
fn on_sqlite_files() {
    let project = on_sqlite(&specimen());
    let file = project.path().join("source.db");
    partial_dry_and_checked_again(project.path(), &|sql| sqlite(&file, sql));
}

#[test]
fn on_postgresql() {
    let project = on_postgres(&specimen(), "paths");
    partial_dry_and_checked_again(project.path(), &|sql| drop(project.psql(Side::Source, sql)));
}

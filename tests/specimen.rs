//! The specimen book holds to the last digit, on SQLite.

#[path = "specimen/compare.rs"]
mod compare;
#[path = "support/memory.rs"]
mod memory;
#[path = "support/project.rs"]
mod project;

use compare::{expected_json, expected_rows, rows_of};

#[tokio::test(flavor = "multi_thread")]
async fn every_row_of_the_book() {
    let (_dir, memory) = project::run_book(&project::specimen(), false, &["2026-05"]).await;
    let kept = memory.kept().pop().expect("a run");
    similar_asserts(&rows_of(&kept), &expected_rows(&project::specimen()));
    compare::check_run(&kept, &expected_json(&project::specimen(), "expected.json"));
}

#[tokio::test(flavor = "multi_thread")]
async fn unreadable_rows_make_it_incomplete() {
    let (_dir, memory) = project::run_book(&project::specimen(), true, &["2026-05"]).await;
    let kept = memory.kept().pop().expect("a run");
    compare::check_bad(&kept, &rows_of(&kept), &expected_rows(&project::specimen()), &expected_json(&project::specimen(), "expected_bad.json"));
}

fn similar_asserts(got: &[Vec<String>], expected: &[Vec<String>]) {
    let missing: Vec<_> = expected.iter().filter(|r| !got.contains(r)).collect();
    let extra: Vec<_> = got.iter().filter(|r| !expected.contains(r)).collect();
    assert!(missing.is_empty() && extra.is_empty(), "not there:\n{missing:#?}\nnot expected:\n{extra:#?}");
    assert_eq!(got, expected, "order");
}

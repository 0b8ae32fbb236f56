//! The specimen book holds to the last digit, on SQLite, PostgreSQL and MariaDB, with one digest.

use crate::compare::{expected_json, expected_rows, rows_of};
use crate::memory::{Kept, Memory};
use dualrun::adapters::book_files::{read_book, write_project};
use dualrun::app::progress::Silent;
use dualrun::app::reconcile::reconcile;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

#[tokio::test(flavor = "multi_thread")]
async fn every_row_of_the_book() {
    let (_dir, memory) = crate::project::run_book(&crate::project::specimen(), false, &["2026-05"]).await;
    let kept = memory.kept().pop().expect("a run");
    similar_asserts(&rows_of(&kept), &expected_rows(&crate::project::specimen()));
    crate::compare::check_run(&kept, &expected_json(&crate::project::specimen(), "expected.json"));
}

#[tokio::test(flavor = "multi_thread")]
async fn unreadable_rows_make_it_incomplete() {
    let (_dir, memory) = crate::project::run_book(&crate::project::specimen(), true, &["2026-05"]).await;
    let kept = memory.kept().pop().expect("a run");
    crate::compare::check_bad(
        &kept,
        &rows_of(&kept),
        &expected_rows(&crate::project::specimen()),
        &expected_json(&crate::project::specimen(), "expected_bad.json"),
    );
}

async fn on_postgres(name: &str, bad: bool) -> Kept {
    let dir = tempfile::tempdir().expect("a folder");
    let book = read_book(&crate::project::specimen(), bad).unwrap_or_else(|e| panic!("{e}"));
    crate::on_postgres::load_book(crate::cluster::shared(), &book, name, dir.path());
    run_in(dir.path()).await
}

async fn run_in(dir: &std::path::Path) -> Kept {
    let memory = Memory::default();
    let project = crate::on_postgres::project_in(dir, &memory);
    reconcile(&project, &crate::project::whole(&["2026-05"]), Arc::new(Silent), CancellationToken::new()).await.unwrap_or_else(|e| panic!("{e}"));
    memory.kept().pop().expect("a run")
}

/// A hot standby is as good a place to read from as its primary.
#[tokio::test(flavor = "multi_thread")]
async fn a_standby_gives_the_same_digest() {
    let dir = tempfile::tempdir().expect("a folder");
    let book = read_book(&crate::project::specimen(), false).unwrap_or_else(|e| panic!("{e}"));
    let primary = crate::cluster::Cluster::start(&[]);
    crate::on_postgres::load_with(&primary, &book, "replica", dir.path());
    let from_primary = run_in(dir.path()).await;
    let standby = crate::standby::of(&primary);
    crate::on_postgres::point_at(&standby, &book, "replica", dir.path());
    let from_standby = run_in(dir.path()).await;
    assert_eq!(from_standby.run.digests, from_primary.run.digests);
    assert!(from_standby.run.snapshots.iter().all(|s| s.server.ends_with("(standby)")), "{:?}", from_standby.run.snapshots);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_of_the_book_on_postgresql() {
    let kept = on_postgres("good", false).await;
    similar_asserts(&rows_of(&kept), &expected_rows(&crate::project::specimen()));
    crate::compare::check_run(&kept, &expected_json(&crate::project::specimen(), "expected.json"));
    let (_dir, memory) = crate::project::run_book(&crate::project::specimen(), false, &["2026-05"]).await;
    assert_eq!(memory.kept().pop().expect("a run").run.digests, kept.run.digests, "one digest whatever the kind of database");
}

#[tokio::test(flavor = "multi_thread")]
async fn unreadable_rows_make_it_incomplete_on_postgresql() {
    let kept = on_postgres("bad", true).await;
    crate::compare::check_bad(
        &kept,
        &rows_of(&kept),
        &expected_rows(&crate::project::specimen()),
        &expected_json(&crate::project::specimen(), "expected_bad.json"),
    );
}

async fn on_mariadb(name: &str, bad: bool) -> Kept {
    let dir = tempfile::tempdir().expect("a folder");
    let book = read_book(&crate::project::specimen(), bad).unwrap_or_else(|e| panic!("{e}"));
    crate::on_mariadb::load_book(crate::server::shared(&[]), &book, name, dir.path());
    crate::on_mariadb::run_in(dir.path(), "2026-05").await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_of_the_book_on_mariadb() {
    let kept = on_mariadb("good", false).await;
    similar_asserts(&rows_of(&kept), &expected_rows(&crate::project::specimen()));
    crate::compare::check_run(&kept, &expected_json(&crate::project::specimen(), "expected.json"));
    // The same queries on SQLite, and so the same configuration.
    let dir = tempfile::tempdir().expect("a folder");
    let book = read_book(&crate::project::specimen(), false).unwrap_or_else(|e| panic!("{e}"));
    write_project(&book, dir.path()).await.unwrap_or_else(|e| panic!("{e}"));
    let file = dir.path().join("dualrun.toml");
    let text = std::fs::read_to_string(&file).expect("a file");
    std::fs::write(&file, crate::on_mariadb::with_usage_quoted(&text)).expect("a file");
    let memory = Memory::default();
    let project = crate::project::project(dir.path(), Arc::new(memory.clone()));
    reconcile(&project, &crate::project::whole(&["2026-05"]), Arc::new(Silent), CancellationToken::new()).await.unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(memory.kept().pop().expect("a run").run.digests, kept.run.digests, "one digest whatever the kind of database");
}

#[tokio::test(flavor = "multi_thread")]
async fn unreadable_rows_make_it_incomplete_on_mariadb() {
    let kept = on_mariadb("bad", true).await;
    crate::compare::check_bad(
        &kept,
        &rows_of(&kept),
        &expected_rows(&crate::project::specimen()),
        &expected_json(&crate::project::specimen(), "expected_bad.json"),
    );
}

fn similar_asserts(got: &[Vec<String>], expected: &[Vec<String>]) {
    let missing: Vec<_> = expected.iter().filter(|r| !got.contains(r)).collect();
    let extra: Vec<_> = got.iter().filter(|r| !expected.contains(r)).collect();
    assert!(missing.is_empty() && extra.is_empty(), "not there:\n{missing:#?}\nnot expected:\n{extra:#?}");
    assert_eq!(got, expected, "order");
}

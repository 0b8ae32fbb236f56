//! A workspace of an older dualrun: brought up to date with every row it had, or not at all.

use crate::sample::{end, lay, request, rows};
use crate::{door, writer};
use dualrun::domain::run::RunState;
use dualrun::domain::verdict::Verdict;
use dualrun::ports::workspace::{PageFrom, PageRequest, RowFilter, Sort, SortColumn, StoreError, WorkspaceDoor};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use std::path::Path;
use std::time::Duration;

const SCHEMA_2: &str = include_str!("schema2.sql");

/// Puts the older workspace there, with a change somebody made to it.
async fn older(dir: &Path, change: &str) {
    std::fs::create_dir_all(dir.join(".dualrun")).unwrap();
    let mut conn = SqliteConnectOptions::new().filename(dir.join(".dualrun/workspace.db")).create_if_missing(true).connect().await.unwrap();
    sqlx::query(AssertSqlSafe(format!("{SCHEMA_2}{change}"))).execute(&mut conn).await.unwrap();
    conn.close().await.unwrap();
}

#[tokio::test]
async fn rows_stored_one_by_one_are_all_there_afterwards() {
    let dir = tempfile::tempdir().unwrap();
    older(dir.path(), "").await;
    let told = door(dir.path()).read().await.err().unwrap().to_string();
    assert!(told.contains("schema 2 of an older dualrun"), "{told}");
    let writer = writer(dir.path()).await;
    assert_eq!(writer.recovered(), [3]);
    let before = rows(40, 1);
    let mut after = before.clone();
    after.remove(10);
    after[20].verdict = Verdict::Match;
    for (run, rows) in [(1, &before), (2, &after)] {
        assert_eq!(writer.run(run).await.unwrap().state, RunState::Complete);
        for (seq, row) in (1..).zip(rows) {
            assert_eq!(&writer.detail(run, seq).await.unwrap().row, row, "row {seq} of run {run}");
        }
        let worst = Sort { column: SortColumn::AtStake, descending: true };
        let page = PageRequest { run, filter: RowFilter::default(), sort: worst, from: PageFrom::Start, limit: 99 };
        let found = writer.page(&page).await.unwrap().rows;
        assert_eq!(found.len(), rows.len());
        assert!(found.is_sorted_by_key(|(_, line)| -rows[usize::try_from(line.seq).unwrap() - 1].at_stake()));
    }
    assert_eq!(writer.detail(1, 22).await.unwrap().rechecks, [(2, Some(Verdict::Match))]);
    let mut run = writer.begin(&request("2026-06")).await.unwrap();
    lay(&mut *run, &before).await.unwrap();
    assert_eq!(run.finish(end(&before)).await.unwrap().id, 4);
    let kinds: Vec<String> = writer.journal(4).await.unwrap().into_iter().map(|e| e.kind).collect();
    assert_eq!(kinds, ["run_complete", "run_started", "run_recovered", "workspace_migrated"]);
    writer.verify_journal().await.unwrap();
    assert!(dir.path().join(".dualrun/workspace.schema2.db").exists(), "no copy was kept");
}

#[tokio::test]
async fn a_row_that_is_not_what_was_written_stops_the_step_and_nothing_is_changed() {
    for change in [
        "UPDATE rows SET delta = delta + 1 WHERE place = 4294967303;",
        "UPDATE row_details SET detail = replace(detail, '9.13', '9.14') WHERE place = 4294967306;",
        "DELETE FROM rows WHERE place = 4294967300;",
        "DELETE FROM rows WHERE place = 4294967336;",
        "DELETE FROM row_details WHERE place = 8589934600;",
    ] {
        let dir = tempfile::tempdir().unwrap();
        older(dir.path(), change).await;
        let refused = door(dir.path()).write("reconcile", "ana", Duration::ZERO).await.err().unwrap();
        assert!(matches!(refused, StoreError::Damaged { .. }), "{change}: {refused}");
        let mut conn = SqliteConnectOptions::new().filename(dir.path().join(".dualrun/workspace.db")).connect().await.unwrap();
        let left: (i64, i64) =
            sqlx::query_as("SELECT (SELECT count(*) FROM rows), (SELECT user_version FROM pragma_user_version)").fetch_one(&mut conn).await.unwrap();
        assert!(left.0 >= 78 && left.1 == 2, "{change}");
    }
}

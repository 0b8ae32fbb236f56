//! Runs that do not end: nothing of them is seen, and what is left says why. And a disk that is full.

use crate::child::{self, start};
use crate::sample::{end, lay, request, rows, store};
use crate::{door, writer};
use dualrun::domain::run::RunState;
use dualrun::ports::workspace::{PageFrom, PageRequest, RowFilter, Sort, StoreError, Workspace, WorkspaceDoor};
use sqlx::ConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use std::process::Command;
use std::time::Duration;

async fn seen(store: &(impl Workspace + ?Sized), run: i64) -> u64 {
    let request = PageRequest { run, filter: RowFilter::default(), sort: Sort::default(), from: PageFrom::Start, limit: 5 };
    let page = store.page(&request).await.unwrap();
    let totals = store.totals(run, &RowFilter::default()).await.unwrap();
    assert_eq!(page.rows.is_empty(), totals.rows == 0);
    totals.rows
}

#[tokio::test]
async fn a_run_is_not_seen_before_it_ended() {
    let dir = tempfile::tempdir().unwrap();
    let writer = writer(dir.path()).await;
    let rows = rows(8_500, 1);
    let mut run = writer.begin(&request("2026-05")).await.unwrap();
    lay(&mut *run, &rows).await.unwrap();
    assert_eq!(seen(&*writer, 1).await, 0);
    assert!(matches!(writer.detail(1, 1).await, Err(StoreError::Absent { .. })));
    assert_eq!(writer.find(1, "sub-0000001", None).await.unwrap(), None);
    assert_eq!(writer.current_runs().await.unwrap().len(), 0);
    run.finish(end(&rows)).await.unwrap();
    assert_eq!(seen(&*writer, 1).await, 8_500);
}

#[tokio::test]
async fn an_abandoned_run_keeps_its_header_and_why() {
    let dir = tempfile::tempdir().unwrap();
    let writer = writer(dir.path()).await;
    for (id, state, kind) in [(1, RunState::Interrupted, "run_interrupted"), (2, RunState::Failed, "run_failed")] {
        let mut run = writer.begin(&request("2026-05")).await.unwrap();
        lay(&mut *run, &rows(8_500, 1)).await.unwrap();
        let ended = run.abandon(state, "stopped by the operator").await.unwrap();
        assert_eq!(writer.run(id).await.unwrap(), ended);
        assert_eq!((ended.state, ended.failure.as_deref()), (state, Some("stopped by the operator")));
        assert_eq!(seen(&*writer, id).await, 0);
        assert_eq!(writer.journal(1).await.unwrap()[0].kind, kind);
    }
    let run = writer.begin(&request("2026-05")).await.unwrap();
    assert!(run.abandon(RunState::Complete, "no").await.is_err());
}

#[tokio::test]
async fn a_run_that_was_dropped_is_recovered_by_the_next_one() {
    let dir = tempfile::tempdir().unwrap();
    let first = writer(dir.path()).await;
    let alive = first.begin(&request("2026-04")).await.unwrap();
    let mut dropped = first.begin(&request("2026-05")).await.unwrap();
    lay(&mut *dropped, &rows(8_500, 1)).await.unwrap();
    drop(dropped);
    let third = first.begin(&request("2026-06")).await.unwrap();
    let states = async || first.runs(9).await.unwrap().iter().map(|r| r.state).collect::<Vec<_>>();
    assert_eq!(states().await, [RunState::Running, RunState::Interrupted, RunState::Running]);
    alive.finish(end(&[])).await.unwrap();
    drop(third);
    drop(first);
    let second = writer(dir.path()).await;
    assert_eq!(second.recovered(), [3]);
    let kinds: Vec<String> = second.journal(2).await.unwrap().into_iter().map(|e| e.kind).collect();
    assert_eq!(kinds, ["run_recovered", "run_complete"]);
    let mut conn = SqliteConnectOptions::new().filename(dir.path().join(".dualrun/workspace.db")).connect().await.unwrap();
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM row_blocks").fetch_one(&mut conn).await.unwrap();
    assert_eq!(left, 0, "a lot under way outlived its run");
    second.verify_journal().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_written_at_once_do_not_mix_and_an_abandoned_one_leaves_nothing() {
    const RUNS: i64 = 12;
    let dir = tempfile::tempdir().unwrap();
    let writer = writer(dir.path()).await;
    let books: Vec<_> = (0..RUNS).map(|i| rows(900 + 37 * usize::try_from(i).unwrap(), i.unsigned_abs() + 1)).collect();
    let mut runs = Vec::new();
    for i in 0..RUNS {
        runs.push(writer.begin(&request(&format!("2026-{:02}", i + 1))).await.unwrap());
    }
    for from in (0..1400).step_by(50) {
        for (run, book) in runs.iter_mut().zip(&books) {
            lay(&mut **run, &book[from.min(book.len())..(from + 50).min(book.len())]).await.unwrap();
        }
    }
    let mut kept = Vec::new();
    for (i, (run, book)) in runs.into_iter().zip(&books).enumerate() {
        match i % 4 {
            1 => drop(run.abandon(RunState::Interrupted, "enough").await.unwrap()),
            2 => drop(run),
            _ => kept.push((run.id(), run.finish(end(book)).await.unwrap(), book)),
        }
    }
    for (id, run, book) in &kept {
        assert_eq!((*id, seen(&*writer, *id).await), (run.id, book.len() as u64));
        for (seq, row) in (1..).zip(*book).step_by(31) {
            assert_eq!(&writer.detail(*id, seq).await.unwrap().row, row, "row {seq} of run {id}");
        }
    }
    // The next run finds the dropped ones and takes away what was stored of them.
    writer.begin(&request("2027-01")).await.unwrap().finish(end(&[])).await.unwrap();
    let mut conn = SqliteConnectOptions::new().filename(dir.path().join(".dualrun/workspace.db")).connect().await.unwrap();
    for table in ["row_blocks", "ranks", "glances"] {
        let sql = format!("SELECT DISTINCT place >> 32 FROM {table} ORDER BY 1");
        let of: Vec<i64> = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(&mut conn).await.unwrap();
        let mut wanted: Vec<i64> = kept.iter().map(|(id, ..)| *id).collect();
        wanted.extend((table == "ranks").then_some(RUNS + 1));
        assert_eq!(of, wanted, "{table}");
    }
    writer.verify_journal().await.unwrap();
}

/// Stores one run, then writes until the disk refuses; the first run must stay.
#[tokio::test]
async fn child_on_a_small_disk() {
    let Some(dir) = child::directory() else { return };
    let writer = writer(&dir).await;
    store(&*writer, &request("2026-05"), &rows(200, 1)).await;
    let mut run = writer.begin(&request("2026-06")).await.unwrap();
    // Rows are stored behind the call: the refusal of some comes with later ones.
    let all = rows(60_000, 2);
    let mut batches = all.chunks(500);
    let error = loop {
        let batch = batches.next().expect("the disk took everything");
        if let Err(error) = lay(&mut *run, batch).await {
            break error;
        }
    };
    assert_eq!(lay(&mut *run, &rows(1, 3)).await.unwrap_err(), error, "a run with a gap went on");
    let StoreError::Io { what, remedy } = &error else { panic!("{error}") };
    println!("\nrefused: {what} — {remedy}");
    assert_eq!(seen(&*writer, 1).await, 200);
    assert_eq!(writer.current_runs().await.unwrap().len(), 1);
    if std::fs::remove_file(dir.join("ballast")).is_ok() {
        run.abandon(RunState::Failed, "disk full").await.unwrap();
        store(&*writer, &request("2026-06"), &rows(200, 1)).await;
        println!("went on");
    }
}

#[tokio::test]
async fn a_limit_on_file_size_is_an_error_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let inner = child::command("recovery::child_on_a_small_disk", dir.path());
    // An ignored SIGXFSZ turns the limit into an error of write(), as a full disk is.
    let mut outer = Command::new("sh");
    outer.args(["-c", "trap '' XFSZ; ulimit -f 2000; exec \"$0\" \"$@\""]).arg(inner.get_program()).args(inner.get_args());
    outer.envs(inner.get_envs().filter_map(|(k, v)| v.map(|v| (k, v))));
    let (mut child, said) = start(outer);
    let said: Vec<String> = said.collect();
    assert!(child.wait().unwrap().success(), "{said:?}");
    assert!(said.iter().any(|l| l.starts_with("refused: ")), "{said:?}");
    let writer = door(dir.path()).write("reconcile", "ana", Duration::ZERO).await.unwrap();
    assert_eq!(writer.recovered(), [2]);
    assert_eq!(seen(&*writer, 1).await, 200);
    writer.verify_journal().await.unwrap();
}

/// A real full disk needs a mount of its own, which only some users may make; the limit on file size above is for all.
#[tokio::test]
async fn a_full_disk_is_an_error_and_the_writer_goes_on_once_there_is_space() {
    let dir = tempfile::tempdir().unwrap();
    let may_mount = Command::new("unshare").args(["-m", "mount", "-t", "tmpfs", "none"]).arg(dir.path()).status();
    if !may_mount.is_ok_and(|s| s.success()) {
        println!("no mount of one's own here");
        return;
    }
    let inner = child::command("recovery::child_on_a_small_disk", dir.path());
    let script = "mount -t tmpfs -o size=4m none \"$D\" && head -c 1700000 /dev/zero >\"$D/ballast\" && exec \"$0\" \"$@\"";
    let mut outer = Command::new("unshare");
    outer.args(["-m", "sh", "-c", script]).arg(inner.get_program()).args(inner.get_args()).env("D", dir.path());
    outer.envs(inner.get_envs().filter_map(|(k, v)| v.map(|v| (k, v))));
    let (mut child, said) = start(outer);
    let said: Vec<String> = said.collect();
    assert!(child.wait().unwrap().success(), "{said:?}");
    assert!(said.iter().any(|l| l.starts_with("refused: no space left")), "{said:?}");
    assert!(said.iter().any(|l| l == "went on"), "{said:?}");
}

//! kill -9 at any moment: what was acknowledged is there whole, what was not is absent or marked, and the chain holds.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed expectation of a test is a failed test")]

#[cfg(target_os = "linux")]
#[path = "crash/acts.rs"]
mod acts;
#[path = "workspace/child.rs"]
mod child;
#[path = "workspace/sample.rs"]
mod sample;

use dualrun::adapters::workspace::Door;
use dualrun::domain::gate::GateDeed;
use dualrun::domain::run::{Run, RunState};
use dualrun::ports::workspace::{RowFilter, WorkspaceDoor, WorkspaceWriter};
use sample::{Dice, Ticking, request, rows, store};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, SqliteConnection};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

const KILLS: u64 = 30;

async fn writer(dir: &Path) -> Arc<dyn WorkspaceWriter> {
    Door::new(dir, Arc::new(Ticking::default())).write("reconcile", "ana", Duration::from_secs(10)).await.unwrap()
}

/// Says so only after the store did.
fn acknowledge(what: &str, number: i64) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{what} {number}").unwrap();
    out.flush().unwrap();
}

/// Writes runs, small and large, until it is killed.
#[tokio::test]
async fn child_that_writes_until_killed() {
    let Some(dir) = child::directory() else { return };
    let writer = writer(&dir).await;
    let (small, large) = (rows(150, 1), rows(8_300, 2));
    for turn in 0..10_000u32 {
        let rows = if turn % 4 == 3 { &large } else { &small };
        let run = store(&*writer, &request("2026-05"), rows).await;
        acknowledge("run", run.id);
        let entry = writer.append("ana", "note", "{}").await.unwrap();
        acknowledge("entry", entry.seq);
    }
}

fn noted(n: u64) -> GateDeed {
    GateDeed::NoGo {
        stage: "s".into(),
        environment: "production".into(),
        reason: format!("{n} {}", "because ".repeat(usize::try_from(n % 500).unwrap())),
    }
}

/// Acts about gates until it is killed.
#[tokio::test]
async fn child_that_acts_until_killed() {
    let Some(dir) = child::directory() else { return };
    let writer = writer(&dir).await;
    for n in 0..100_000 {
        let act = writer.gate_act("nexacloud", "ana", &noted(n), None).await.unwrap();
        acknowledge("run", act.id);
        acknowledge("entry", writer.journal_head().await.unwrap().length);
    }
}

#[tokio::test]
async fn killed_while_acting_each_act_is_there_with_its_entry_or_neither_is() {
    let dir = tempfile::tempdir().unwrap();
    let mut dice = Dice::new(31);
    let mut unacknowledged = 0;
    for _ in 0..KILLS {
        let (acts, entry) = write_and_kill("child_that_acts_until_killed", dir.path(), 1 + dice.below(20), Duration::from_micros(dice.below(20_000)));
        let writer = writer(dir.path()).await;
        let there = writer.gate_acts("nexacloud").await.unwrap();
        let last = acts.last().copied().unwrap();
        assert!(there.iter().map(|act| act.id).eq(1..=i64::try_from(there.len()).unwrap()));
        assert!((last..=last + 1).contains(&there.last().unwrap().id), "{last} was acknowledged");
        unacknowledged += there.last().unwrap().id - last;
        // Walks every act beside its entry.
        let head = writer.verify_journal().await.unwrap();
        assert!(head.length >= entry && head.length == 1 + there.last().unwrap().id, "{head:?}");
    }
    println!("{KILLS} kills, {unacknowledged} acts were kept and not said yet");
}

/// Kills a child some moments after its `acks`-th acknowledged run. What it had said: runs, and the newest journal entry.
fn write_and_kill(test: &str, dir: &Path, acks: u64, after: Duration) -> (Vec<i64>, i64) {
    let (mut child, said) = child::start(child::command(test, dir));
    let (tell, told) = std::sync::mpsc::channel();
    let listening = std::thread::spawn(move || said.for_each(|line| tell.send(line).unwrap()));
    let mut lines: Vec<String> = Vec::new();
    let number = |line: &String, what: &str| line.strip_prefix(what)?.strip_prefix(' ')?.parse::<i64>().ok();
    while lines.iter().filter(|l| number(l, "run").is_some()).count() as u64 != acks {
        lines.push(told.recv().expect("the child ended by itself"));
    }
    std::thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
    lines.extend(told.iter());
    listening.join().unwrap();
    let numbers = |what: &str| lines.iter().filter_map(|l| number(l, what)).collect::<Vec<i64>>();
    (numbers("run"), numbers("entry").into_iter().max().unwrap_or(0))
}

/// Rows in the blocks of a run, and whether it is ranked.
async fn stored_rows(conn: &mut SqliteConnection, run: i64) -> (i64, bool) {
    let counted =
        "SELECT coalesce((SELECT sum(rows) FROM row_blocks WHERE place >> 32 = ?1), 0), EXISTS (SELECT 1 FROM ranks WHERE place >> 32 = ?1)";
    sqlx::query_as(counted).bind(run).fetch_one(conn).await.unwrap()
}

async fn check_run(writer: &dyn WorkspaceWriter, conn: &mut SqliteConnection, run: &Run) {
    let rows = stored_rows(conn, run.id).await;
    // Every key of the sample holds this: the blocks are read through, and not only the header's sums.
    let all = RowFilter { text: Some("sub-".into()), ..RowFilter::default() };
    let seen = writer.totals(run.id, &all).await.unwrap().rows;
    match run.state {
        RunState::Complete => {
            let promised: i64 = run.digests.run[1..].parse().unwrap();
            assert_eq!((rows, i64::try_from(seen).unwrap()), ((promised, true), promised), "run {}", run.id);
        }
        RunState::Interrupted => assert_eq!((rows, seen), ((0, false), 0), "run {}", run.id),
        other => panic!("run {} is {}", run.id, other.word()),
    }
}

#[tokio::test]
async fn killed_at_any_moment_nothing_acknowledged_is_lost_and_nothing_partial_is_published() {
    let dir = tempfile::tempdir().unwrap();
    let mut dice = Dice::new(29);
    let (mut promised, mut interrupted) = (0, 0);
    let mut checked = 0;
    for _ in 0..KILLS {
        let (runs, entry) = write_and_kill("child_that_writes_until_killed", dir.path(), dice.below(6), Duration::from_millis(dice.below(400)));
        let writer = writer(dir.path()).await;
        let mut conn = SqliteConnectOptions::new().filename(dir.path().join(".dualrun/workspace.db")).connect().await.unwrap();
        promised += runs.len();
        interrupted += writer.recovered().len();
        for id in runs {
            assert_eq!(writer.run(id).await.unwrap().state, RunState::Complete, "run {id} was acknowledged");
        }
        let new = writer.runs(10_000).await.unwrap();
        for run in new.iter().take_while(|r| r.id > checked) {
            check_run(&*writer, &mut conn, run).await;
        }
        checked = new.first().map_or(0, |r| r.id);
        assert!(writer.verify_journal().await.unwrap().length >= entry, "an acknowledged entry is gone");
        let sound: String = sqlx::query_scalar("PRAGMA quick_check").fetch_one(&mut conn).await.unwrap();
        assert_eq!(sound, "ok");
    }
    println!("{KILLS} kills: {promised} runs acknowledged, {interrupted} interrupted");
    assert!(promised > 20 && interrupted > 2, "{promised} acknowledged, {interrupted} interrupted: the kills missed the work");
    let writer = writer(dir.path()).await;
    let mut conn = SqliteConnectOptions::new().filename(dir.path().join(".dualrun/workspace.db")).connect().await.unwrap();
    for run in writer.runs(10_000).await.unwrap() {
        check_run(&*writer, &mut conn, &run).await;
    }
    let sound: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut conn).await.unwrap();
    assert_eq!(sound, "ok");
}

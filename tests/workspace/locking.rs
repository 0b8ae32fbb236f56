//! One writer at a time, in this process and across processes.

use crate::child::{self, start};
use crate::sample::{lay, request, rows, store};
use crate::{door, writer};
use dualrun::domain::run::RunState;
use dualrun::ports::workspace::{StoreError, WorkspaceDoor};
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

#[tokio::test]
async fn the_second_writer_waits_or_names_the_holder() {
    let dir = tempfile::tempdir().unwrap();
    let first = writer(dir.path()).await;
    let refused = door(dir.path()).write("import", "ben", Duration::ZERO).await.err().unwrap();
    let StoreError::Locked { holder } = &refused else { panic!("{refused}") };
    let pid = std::process::id();
    assert!(holder.starts_with(&format!("dualrun reconcile (pid {pid}) by ana since 20")), "{holder}");

    let path = dir.path().to_owned();
    let waiting = tokio::spawn(async move { door(&path).write("import", "ben", Duration::from_secs(30)).await });
    // A run that is being written keeps the lock, even when the writer itself was let go.
    let mut run = first.begin(&request("2026-05")).await.unwrap();
    drop(first);
    lay(&mut *run, &rows(5, 1)).await.unwrap();
    assert!(!waiting.is_finished());
    run.finish(crate::sample::end(&rows(5, 1))).await.unwrap();
    let second = waiting.await.unwrap().unwrap();
    assert_eq!(second.recovered(), &[] as &[i64]);
    assert_eq!(second.runs(9).await.unwrap().len(), 1);
}

#[tokio::test]
async fn readers_need_no_lock_and_see_the_newest_state() {
    let dir = tempfile::tempdir().unwrap();
    assert!(door(dir.path()).read().await.unwrap().is_none());
    assert!(!dir.path().join(".dualrun").exists(), "reading made something");
    let writer = writer(dir.path()).await;
    let reader = door(dir.path()).read().await.unwrap().unwrap();
    assert_eq!(reader.runs(9).await.unwrap().len(), 0);
    store(&*writer, &request("2026-05"), &rows(5, 1)).await;
    assert_eq!(reader.runs(9).await.unwrap().len(), 1);
    let mode = |name: &str| std::fs::metadata(dir.path().join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(".dualrun"), 0o700);
}

#[tokio::test]
async fn child_that_holds_the_lock() {
    let Some(dir) = child::directory() else { return };
    let writer = door(&dir).write("reconcile", "carla", Duration::ZERO).await.unwrap();
    let mut run = writer.begin(&request("2026-05")).await.unwrap();
    lay(&mut *run, &rows(8_100, 1)).await.unwrap();
    println!("\nheld");
    // Until the parent closes the pipe, or kills.
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}

#[tokio::test]
async fn another_process_is_named_and_its_death_frees_the_lock() {
    let dir = tempfile::tempdir().unwrap();
    let (mut child, mut said) = start(child::command("locking::child_that_holds_the_lock", dir.path()));
    assert!(said.any(|line| line == "held"));
    let refused = door(dir.path()).write("import", "ben", Duration::from_millis(60)).await.err().unwrap().to_string();
    assert!(refused.contains(&format!("dualrun reconcile (pid {}) by carla", child.id())), "{refused}");
    let reader = door(dir.path()).read().await.unwrap().unwrap();
    assert_eq!(reader.run(1).await.unwrap().state, RunState::Running);
    child.kill().unwrap();
    child.wait().unwrap();
    // A reader comes first: what the dead one left in the log must not stop it, and it does not take it for alive.
    for reader in [reader.clone(), door(dir.path()).read().await.unwrap().unwrap()] {
        let run = reader.run(1).await.unwrap();
        assert_eq!((run.state, run.failure.is_some()), (RunState::Interrupted, true));
        assert_eq!(reader.runs(10).await.unwrap(), [run]);
    }
    let writer = door(dir.path()).write("import", "ben", Duration::from_secs(5)).await.unwrap();
    assert_eq!(writer.recovered(), [1]);
    assert_eq!(reader.run(1).await.unwrap().state, RunState::Interrupted);
}

/// What each of the processes appends, and how often it takes the lock for that.
const APPENDS: i64 = 200;
const TURNS: i64 = 10;

#[tokio::test]
async fn child_that_appends() {
    let Some(dir) = child::directory() else { return };
    for turn in 0..TURNS {
        let writer = door(&dir).write("note", "carla", Duration::from_mins(2)).await.unwrap();
        for n in 0..APPENDS / TURNS {
            let entry = writer.append("carla", "note", &format!("{{\"n\":{n},\"turn\":{turn}}}")).await.unwrap();
            println!("\nentry {}", entry.seq);
        }
    }
}

#[tokio::test]
async fn many_processes_append_to_one_whole_chain() {
    let dir = tempfile::tempdir().unwrap();
    let children: Vec<_> = (0..8).map(|_| start(child::command("locking::child_that_appends", dir.path()))).collect();
    let mut acknowledged: Vec<i64> = Vec::new();
    for (mut child, said) in children {
        let before = acknowledged.len();
        acknowledged.extend(said.filter_map(|line| line.strip_prefix("entry ")?.parse::<i64>().ok()));
        assert!(child.wait().unwrap().success());
        assert_eq!(acknowledged.len() - before, usize::try_from(APPENDS).unwrap());
    }
    // Every entry that was acknowledged is one of its own, and there is no other.
    acknowledged.sort_unstable();
    assert!(acknowledged.iter().copied().eq(2..2 + 8 * APPENDS));
    let head = door(dir.path()).read().await.unwrap().unwrap().verify_journal().await.unwrap();
    assert_eq!(head.length, 1 + 8 * APPENDS);
}

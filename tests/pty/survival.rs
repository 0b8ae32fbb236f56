//! What a terminal does to a program: stops it, hangs up, is resized in a storm, knows no UTF-8, cannot move its cursor; and a
//! program that is killed. It is left clean each time, and what was acknowledged stays.

use crate::terminal::Pty;
use crate::{assert_restored, check_bytes, demo, dualrun, open};
use dualrun::adapters::clock::SystemClock;
use dualrun::adapters::workspace::Door;
use dualrun::domain::run::RunState;
use dualrun::ports::workspace::{Workspace, WorkspaceDoor as _};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

fn read<T>(dir: &Path, what: impl AsyncFnOnce(Arc<dyn Workspace>) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let door = Door::new(dir, Arc::new(SystemClock));
        what(door.read().await.expect("it can be read").expect("a workspace")).await
    })
}

#[test]
fn stopped_into_the_background_and_fetched_back() {
    let dir = demo();
    let shell = [("PS1", "ready> "), ("HISTFILE", "/dev/null")];
    let mut pty = Pty::start("bash", &["--norc", "--noprofile", "-i"], dir.path(), (100, 30), &shell);
    pty.expect("ready>");
    pty.keys(&format!("{} tui --as ana\r", env!("CARGO_BIN_EXE_dualrun")));
    pty.expect("BLOCKED");
    pty.keys("3");
    pty.expect("sub-1001");
    pty.keys("\x1a");
    pty.expect("Stopped");
    assert!(pty.is_given_back(), "stopped, but not given back:\n{}", pty.screen());
    pty.keys("echo in the $((1+1))nd place\r");
    pty.expect("in the 2nd place");
    pty.keys("fg\r");
    pty.expect("sub-1001");
    pty.expect("BLOCKED");
    assert!(!pty.is_given_back(), "it goes on without having taken the terminal again");
    pty.keys("q");
    pty.expect("ready>");
    assert!(pty.is_given_back(), "{}", pty.screen());
    pty.keys("exit\r");
    assert_restored(&pty.end());
}

#[test]
fn a_storm_of_sizes_ends_in_the_last_one() {
    let dir = demo();
    let mut pty = open(dir.path(), (140, 42), &[]);
    pty.expect("BLOCKED");
    pty.keys("3");
    pty.expect("sub-1001");
    let storm: Vec<(u16, u16)> = (0..60u16).flat_map(|n| [(1, 1), (1 + n * 7 % 200, 1 + n * 5 % 60), (300, 2)]).chain([(90, 26)]).collect();
    pty.storm(&storm);
    pty.expect("sub-1001");
    pty.expect("quit");
    pty.keys("q");
    let ended = pty.end();
    assert_eq!(ended.code, Some(0), "{}", ended.screen);
    assert_restored(&ended);
    check_bytes(&ended.bytes);
}

#[test]
fn a_line_that_hangs_up_ends_it() {
    let dir = demo();
    let mut pty = open(dir.path(), (100, 30), &[]);
    pty.expect("BLOCKED");
    assert!(pty.hang_up(), "it was ended by a signal instead of by itself");
    read(dir.path(), async |store| assert!(store.runs(10).await.expect("runs").iter().all(|run| run.state == RunState::Complete)));
}

#[test]
fn what_was_acknowledged_survives_a_kill() {
    let dir = demo();
    let mut pty = open(dir.path(), (120, 36), &[]);
    pty.expect("BLOCKED");
    pty.keys("3");
    pty.expect("sub-1001");
    pty.keys("/key:sub-1001\r");
    pty.expect("row 1 of 1");
    pty.keys("t");
    pty.expect("A note about sub-1001");
    pty.keys("asked finance\r");
    pty.expect("a note about sub-1001");
    pty.signal("KILL");
    assert_eq!(pty.end().code, None, "a kill is no end of its own");
    let acts = read(dir.path(), async |store| store.acts_on("nexacloud", "sub-1001").await.expect("acts"));
    assert!(format!("{acts:?}").contains("asked finance"), "{acts:?}");
    dualrun(dir.path(), &["audit", "verify"]);
}

#[test]
fn a_terminal_without_utf_8_is_written_ascii_alone() {
    let dir = demo();
    let sql =
        "update customers set name = 'Łódź 東京 ' || char(155) || '31m' where id = (select customer_id from subscriptions where id = 'sub-1001')";
    assert!(Command::new("sqlite3").arg(dir.path().join("source.db")).arg(sql).status().expect("sqlite3").success());
    dualrun(dir.path(), &["reconcile", "--period", "2026-05"]);
    for locale in [("LC_ALL", "C"), ("LANG", "en_US.ISO-8859-1")] {
        let mut pty = open(dir.path(), (140, 42), &[locale]);
        pty.expect("BLOCKED");
        for screen in ["2", "3", "\r", "\x1b", "4", "5", "6", "7", "?"] {
            pty.keys(screen);
        }
        pty.keys("\x1b");
        pty.keys("q");
        let ended = pty.end();
        assert_eq!(ended.code, Some(0), "{}", ended.screen);
        let odd = ended.bytes.iter().position(|b| !b.is_ascii());
        assert_eq!(odd, None, "{locale:?}: {:?}", odd.map(|at| String::from_utf8_lossy(&ended.bytes[at.saturating_sub(60)..at + 20]).into_owned()));
    }
}

#[test]
fn terminals_of_every_sort_are_left_clean() {
    for term in ["xterm", "tmux-256color", "screen", "screen-256color", "linux", "vt100"] {
        let dir = demo();
        let mut pty = open(dir.path(), (80, 24), &[("TERM", term)]);
        pty.expect("BLOCKED");
        pty.keys("3");
        pty.expect("sub-1001");
        pty.keys("q");
        let ended = pty.end();
        assert_eq!(ended.code, Some(0), "{term}: {}", ended.screen);
        assert_restored(&ended);
        check_bytes(&ended.bytes);
    }
}

#[test]
fn a_terminal_that_cannot_move_its_cursor_is_told_what_to_use_instead() {
    let dir = demo();
    let mut pty = open(dir.path(), (80, 24), &[("TERM", "dumb")]);
    pty.expect("dualrun status");
    let ended = pty.end();
    assert_eq!(ended.code, Some(2), "{}", ended.screen);
    assert!(!ended.bytes.contains(&0x1b), "a command was written to a terminal that knows none");
    assert_restored(&ended);
}

#[test]
fn the_assistant_goes_from_two_databases_to_the_first_reconciliation() {
    let demo = demo();
    let dir = tempfile::tempdir().expect("a folder");
    for file in ["source.db", "target.db"] {
        std::fs::copy(demo.path().join(file), dir.path().join(file)).expect("a copy");
    }
    let mut pty = Pty::start(env!("CARGO_BIN_EXE_dualrun"), &["init"], dir.path(), (120, 40), &[("TZ", "UTC")]);
    pty.expect("1 Service");
    pty.keys("\t\tCAD\r");
    pty.expect("The system that bills today");
    pty.keys("source.db\r");
    pty.expect("found");
    pty.expect("invoice_lines");
    pty.keys("\r");
    pty.expect("The system that shall bill");
    pty.keys("target.db\r");
    pty.expect("found");
    pty.keys("\r");
    pty.expect("What decides the numbers");
    pty.keys("\r");
    pty.expect("Enter writes them");
    assert_eq!(std::fs::read_dir(dir.path()).expect("a folder").count(), 2, "nothing is written before it is said");
    pty.keys("\r");
    pty.expect("asks for the first month");
    pty.keys("\r");
    pty.expect("Which month?");
    pty.keys("\x7f\x7f\x7f\x7f\x7f\x7f\x7f2026-05\r");
    pty.expect("run #1 2026-05: complete");
    pty.keys("q");
    let ended = pty.end();
    assert_eq!(ended.code, Some(0), "{}", ended.screen);
    assert_restored(&ended);
    check_bytes(&ended.bytes);
    assert!(dir.path().join("runbook.toml").exists());
    // Once it is there, the assistant does not begin again.
    let mut pty = Pty::start(env!("CARGO_BIN_EXE_dualrun"), &["init"], dir.path(), (120, 40), &[]);
    pty.expect("is there already and stays as it is");
    assert_eq!(pty.end().code, Some(2));
}

#[test]
fn a_run_of_another_program_appears_by_itself() {
    let dir = demo();
    let mut pty = open(dir.path(), (140, 42), &[]);
    pty.expect("run #2");
    dualrun(dir.path(), &["reconcile", "--period", "2026-05"]);
    // Without a key; the workspace is read unasked only after half a minute.
    let began = std::time::Instant::now();
    pty.expect("run #3");
    assert!(began.elapsed() < std::time::Duration::from_secs(15), "it was found by chance: {:?}", began.elapsed());
    pty.keys("q");
    assert_eq!(pty.end().code, Some(0));
}

#[test]
fn a_workspace_that_goes_away_is_told_and_found_again() {
    let dir = demo();
    let mut pty = open(dir.path(), (140, 42), &[]);
    pty.expect("run #2");
    let (here, away) = (dir.path().join(".dualrun"), dir.path().join("away"));
    std::fs::create_dir(&away).expect("a folder");
    // With all that belongs to it: its log alone could be read as the whole.
    let moved = |from: &Path, to: &Path| {
        for name in ["workspace.db-wal", "workspace.db-shm", "workspace.db"] {
            drop(std::fs::rename(from.join(name), to.join(name)));
        }
    };
    moved(&here, &away);
    let file = here.join("workspace.db");
    std::fs::write(&file, "no database at all, and longer than its header must be: ".repeat(20)).expect("written");
    pty.expect("tried again by itself");
    pty.expect("2,265.12");
    std::fs::remove_file(&file).expect("removed");
    moved(&away, &here);
    pty.absent("tried again by itself");
    pty.keys("q");
    assert_eq!(pty.end().code, Some(0));
}

//! The real program in a pseudo-terminal: journeys by key, resizes, every way to end, and the bytes it writes on the way.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

#[path = "pty/bytes.rs"]
mod bytes;
#[path = "pty/survival.rs"]
mod survival;
#[path = "pty/terminal.rs"]
mod terminal;

use bytes::check_bytes;
use dualrun::adapters::clock::SystemClock;
use dualrun::adapters::workspace::Door;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, OnceLock};
use terminal::{Ended, Pty};

/// The demo, built once and reconciled for its last two months; each test works on a copy.
fn demo() -> tempfile::TempDir {
    static BUILT: OnceLock<tempfile::TempDir> = OnceLock::new();
    let built = BUILT.get_or_init(|| {
        let dir = tempfile::tempdir().expect("a folder");
        dualrun(dir.path(), &["demo", "--dir", dir.path().join("p").to_str().expect("text"), "--setup-only"]);
        dualrun(&dir.path().join("p"), &["reconcile", "--period", "2026-04..2026-05"]);
        dir
    });
    copy_of(&built.path().join("p"))
}

fn copy_of(project: &Path) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    let copied = Command::new("cp").arg("-a").arg(project.join(".")).arg(dir.path()).status().expect("cp");
    assert!(copied.success());
    dir
}

fn dualrun(dir: &Path, arguments: &[&str]) {
    let done = Command::new(env!("CARGO_BIN_EXE_dualrun")).current_dir(dir).args(arguments).output().expect("the program");
    assert!(done.status.code().is_some_and(|c| c <= 1), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
}

fn open(dir: &Path, size: (u16, u16), environment: &[(&str, &str)]) -> Pty {
    Pty::start(env!("CARGO_BIN_EXE_dualrun"), &["tui", "--as", "ana"], dir, size, environment)
}

#[test]
fn a_newcomer_finds_the_largest_delta_and_its_reason() {
    let dir = demo();
    let mut pty = open(dir.path(), (140, 42), &[]);
    pty.expect("BLOCKED");
    pty.expect("2,265.12");
    pty.keys("3");
    pty.expect("sub-1001");
    pty.keys("/");
    pty.keys("verdict:delta money:>100\r");
    pty.absent("sub-1003");
    pty.expect("sub-1002");
    pty.keys("j\r");
    pty.expect("INV-77");
    pty.expect("200.00");
    pty.keys("\x1b");
    pty.keys("5");
    pty.expect("Gates");
    pty.keys("6");
    pty.expect("have not signed");
    pty.keys("?");
    pty.expect("reconcile");
    pty.keys("\x1b");
    pty.keys("q");
    let ended = pty.end();
    assert_eq!(ended.code, Some(0), "{}", ended.screen);
    assert_restored(&ended);
    check_bytes(&ended.bytes);
}

#[test]
fn marked_rows_are_said_mended_taken_back_and_written_by_keys_of_ones_own() {
    let dir = demo();
    let own = dir.path().join("own.toml");
    std::fs::write(&own, "[terminal]\ntheme = \"high_contrast\"\n[keys]\ntable.resolve = \"Z\"\n").expect("a file");
    let mut pty = open(dir.path(), (140, 42), &[("DUALRUN_USER_CONFIG", own.to_str().expect("text"))]);
    pty.expect("BLOCKED");
    pty.keys("3");
    pty.expect("sub-1001");
    pty.keys("/");
    pty.keys("verdict:delta\r");
    pty.absent("INV-90");
    pty.expect("Z mended");
    pty.keys("  ");
    pty.expect("2 marked");
    pty.keys("Z");
    pty.expect("It would touch 2 rows of 2026-05: +332.81 CAD");
    pty.keys("credited in June\r");
    pty.expect("act 1: mended: 2 rows by ana");
    pty.keys("u");
    pty.expect("Take it back?");
    pty.keys("y");
    pty.expect("act 1 is taken back by ana");
    pty.keys(":");
    pty.keys("seen csv\r");
    pty.expect("4 rows in");
    pty.keys("q");
    let ended = pty.end();
    assert_eq!(ended.code, Some(0), "{}", ended.screen);
    assert_restored(&ended);
    check_bytes(&ended.bytes);
    let written = std::fs::read_to_string(dir.path().join("exports/rows-2026-05.csv")).expect("the file");
    assert_eq!(written.lines().count(), 5, "{written}");
}

#[test]
fn a_reconcile_started_in_the_terminal_ends_as_a_new_run() {
    let dir = demo();
    let mut pty = open(dir.path(), (140, 42), &[]);
    pty.expect("run #2");
    pty.keys("r");
    pty.expect("2026-05");
    pty.keys("\r");
    pty.expect("run #3");
    pty.keys("7");
    pty.expect("#3");
    pty.keys("q");
    assert_eq!(pty.end().code, Some(0));
}

#[test]
fn an_import_is_planned_in_the_terminal_and_its_records_opened() {
    let dir = demo();
    let mut pty = open(dir.path(), (140, 42), &[]);
    pty.expect("BLOCKED");
    pty.keys("2");
    pty.expect("No plan was made yet");
    pty.keys("p");
    pty.expect("planned, nothing was changed");
    pty.keys("/");
    pty.keys("entity:subscriptions sub-1001\r");
    pty.expect("row 1 of 1");
    pty.keys("\r");
    pty.expect("WOULD BE WRITTEN");
    pty.keys("\x1b");
    pty.keys("a");
    pty.expect("Stage in the workspace");
    pty.keys("\r");
    pty.expect("Stage in the workspace");
    pty.keys("n");
    pty.absent("Stage in the workspace");
    pty.keys("q");
    let ended = pty.end();
    assert_eq!(ended.code, Some(0), "{}", ended.screen);
    assert_restored(&ended);
    check_bytes(&ended.bytes);
}

#[test]
fn every_end_gives_the_terminal_back() {
    for how in ["q", "TERM", "HUP", "INT", "QUIT"] {
        let dir = demo();
        let mut pty = open(dir.path(), (100, 30), &[]);
        pty.expect("BLOCKED");
        match how {
            "q" => pty.keys("q"),
            signal => pty.signal(signal),
        }
        let ended = pty.end();
        assert_restored(&ended);
        assert!(ended.code.is_some(), "{how} ended it by a signal: the terminal was not given back by the program");
    }
}

#[test]
fn a_panic_gives_the_terminal_back_and_is_told() {
    let dir = demo();
    let me = std::env::current_exe().expect("this program");
    let child = [("DUALRUN_TEST_PANIC_IN", dir.path().to_str().expect("text"))];
    let mut pty = Pty::start(me.to_str().expect("text"), &["--exact", "child_that_panics", "--nocapture"], dir.path(), (120, 36), &child);
    pty.expect("BLOCKED");
    pty.keys("3");
    pty.expect("sub-1001");
    pty.keys("\r");
    // Not looked for on the screen: what comes in one go may have scrolled it away.
    let ended = pty.end();
    assert_restored(&ended);
    let bytes = String::from_utf8_lossy(&ended.bytes);
    let (left, told) = (bytes.rfind("\u{1b}[?1049l"), bytes.rfind("bug at tests/pty.rs:"));
    assert!(left.is_some() && told > left, "not told on the terminal that was given back: {ended:?}");
    assert!(!bytes.contains("told by the test"), "a panic's words may hold data: {ended:?}");
    let report = bytes.split("bug-").nth(1).and_then(|rest| rest.split_once(".txt")).map(|(name, _)| format!("dualrun-bug-{name}.txt"));
    let report = std::env::temp_dir().join(report.expect("it says where its report lies"));
    let text = std::fs::read_to_string(&report).expect("a report where it is said to lie");
    assert!(text.contains("place     tests/pty.rs:") && text.contains("function  dualrun::") && text.lines().count() < 30, "{text}");
    assert!(!text.contains("told by") && !text.contains("sub-1001"), "{text}");
    std::fs::remove_file(report).expect("ours");
}

/// Not a test of its own: the program's terminal with a step that panics, run by the test above in a pseudo-terminal.
#[test]
fn child_that_panics() {
    let Ok(dir) = std::env::var("DUALRUN_TEST_PANIC_IN") else { return };
    let clock = Arc::new(SystemClock);
    let services = dualrun::tui::Services {
        agent: None,
        door: Arc::new(Door::new(&dir, Arc::clone(&clock) as _)),
        project: None,
        clock,
        steps: Arc::new(|_| panic!("told by the test")),
        memory: None,
        copies: None,
        tour: false,
        ask_month: false,
        looks: dualrun::config::user::Looks::default(),
        keys: Arc::default(),
    };
    dualrun::cli::install_hooks();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let outcome = runtime.block_on(dualrun::tui::run(services));
    assert!(outcome.is_err(), "a panic is no normal end");
}

#[test]
fn the_next_start_takes_up_where_the_last_was_left() {
    let dir = demo();
    let mut pty = open(dir.path(), (120, 36), &[]);
    pty.expect("BLOCKED");
    pty.keys("3");
    pty.expect("sub-1001");
    pty.keys("/verdict:delta\r");
    pty.absent("INV-90");
    pty.keys("jj");
    pty.keys("q");
    assert_eq!(pty.end().code, Some(0));
    let mut pty = open(dir.path(), (120, 36), &[]);
    pty.expect("filter: verdict:delta");
    pty.expect("row 3 of 4");
    pty.keys("1");
    // A signal is an end as well.
    pty.signal("TERM");
    pty.end();
    std::fs::write(dir.path().join(".dualrun/terminal.json"), "{\"half\":").expect("written");
    let mut pty = open(dir.path(), (120, 36), &[]);
    pty.expect("Pipeline");
    pty.keys("7");
    pty.expect("it starts as new");
    pty.keys("q");
    assert_eq!(pty.end().code, Some(0));
    let kept = std::fs::read_to_string(dir.path().join(".dualrun/terminal.json")).expect("kept anew");
    assert!(kept.contains("\"screen\":\"Activity\""), "{kept}");
}

#[test]
fn any_size_and_back() {
    let dir = demo();
    let mut pty = open(dir.path(), (140, 42), &[]);
    pty.expect("BLOCKED");
    for (columns, rows) in [(80, 24), (20, 5), (1, 1), (300, 3), (2, 90), (60, 16), (59, 16), (140, 42)] {
        pty.resize(columns, rows);
        pty.keys("3");
        pty.keys("1");
    }
    pty.expect("2,265.12");
    pty.resize(40, 10);
    pty.expect("60×16");
    pty.resize(80, 24);
    pty.keys("3");
    pty.expect("sub-1001");
    pty.keys("q");
    let ended = pty.end();
    assert_eq!(ended.code, Some(0));
    check_bytes(&ended.bytes);
}

#[test]
fn without_colour_the_selected_row_is_still_seen() {
    let dir = demo();
    let mut pty = open(dir.path(), (140, 42), &[("NO_COLOR", "1")]);
    pty.expect("BLOCKED");
    pty.keys("3");
    pty.expect("sub-1001");
    let marked = pty.lines_with(vt100::Cell::inverse);
    assert!(marked.iter().any(|line| line.contains("sub-") || line.contains("INV-")), "no row is inverse:\n{}", pty.screen());
    assert!(!pty.any_cell(|cell| cell.fgcolor() != vt100::Color::Default || cell.bgcolor() != vt100::Color::Default), "colour without leave");
    pty.keys("q");
    assert_eq!(pty.end().code, Some(0));
}

#[test]
fn hostile_names_never_reach_the_terminal_as_commands() {
    let dir = demo();
    let hostile = [
        "Evil\u{1b}[2J\u{1b}[H\u{1b}[31mPASS",
        "\u{1b}]0;owned\u{7}Bob",
        "a\u{9b}31mb\u{9d}0;t\u{9c}",
        "\u{1b}[6n\u{1b}P+q544e\u{1b}\\",
        "\u{202e}exe.fdp 00.1",
        "\u{1b}]52;c;Y3VybA==\u{7}",
        "\u{1b}_apc\u{1b}\\ \u{1b}^pm\u{1b}\\ \u{1b}Xsos\u{1b}\\",
    ];
    let mut sql = String::new();
    for (n, name) in hostile.iter().enumerate() {
        let hex = name.bytes().fold(String::new(), |all, b| format!("{all}{b:02x}"));
        sql += &["update customers set name = cast(x'", &hex, "' as text) where id = (select id from customers order by id limit 1 offset "].concat();
        sql += &[&n.to_string(), ");\n"].concat();
    }
    let changed = Command::new("sqlite3").arg(dir.path().join("source.db")).arg(sql).status().expect("sqlite3");
    assert!(changed.success());
    dualrun(dir.path(), &["reconcile", "--period", "2026-05"]);
    let mut pty = open(dir.path(), (140, 42), &[]);
    pty.expect("BLOCKED");
    pty.keys("3");
    pty.expect("sub-1001");
    for _ in 0..9 {
        pty.keys("\r");
        pty.keys("\x1b");
        pty.keys("j");
    }
    for screen in ["1", "2", "4", "5", "6", "7", "?"] {
        pty.keys(screen);
    }
    pty.keys("\x1b");
    pty.keys("q");
    let ended = pty.end();
    assert_eq!(ended.code, Some(0), "{}", ended.screen);
    check_bytes(&ended.bytes);
}

/// Alternate screen, mouse and bracketed paste are off, the cursor shows, the line discipline is as it was.
fn assert_restored(ended: &Ended) {
    assert!(!ended.alternate_screen && !ended.mouse && !ended.bracketed_paste && !ended.cursor_hidden, "{ended:?}");
    assert!(ended.cooked, "still raw: {ended:?}");
}

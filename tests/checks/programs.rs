//! Programs of checks: each of `tests/nasty/commands` comes to what its table says, and nothing of it is left.

use super::nasty;
use dualrun::adapters::runner::ProgramRunner;
use dualrun::domain::gate::{CommandCheck, Outcome, ProgramRun};
use dualrun::gates::checks::{Judged, command};
use dualrun::ports::runner::Runner as _;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

fn check(argv: &[&str]) -> CommandCheck {
    CommandCheck { argv: argv.iter().map(|a| (*a).to_owned()).collect(), env: Vec::new(), timeout_seconds: 20, output_bytes: 1 << 20 }
}

/// Programs run one after another: what is adopted belongs to whoever looks.
static ONE: Mutex<()> = Mutex::new(());

fn run(check: &CommandCheck) -> (ProgramRun, Judged) {
    let _turn = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let ran = runtime.block_on(ProgramRunner::new(&nasty("commands")).run(check, &CancellationToken::new()));
    let judged = command(&ran);
    (ran, judged)
}

fn script(name: &str, timeout_seconds: u64) -> (ProgramRun, Judged) {
    run(&CommandCheck { timeout_seconds, ..check(&[&format!("./{name}.sh")]) })
}

/// Whether a process with these words as its command line runs.
fn runs(words: &[&str]) -> bool {
    let wanted: Vec<u8> = words.iter().flat_map(|w| w.bytes().chain([0])).collect();
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    entries.filter_map(|e| std::fs::read(e.path().join("cmdline")).ok()).any(|line| line == wanted)
}

#[test]
fn endless_output_is_cut_and_killed_and_an_error() {
    let began = Instant::now();
    let (ran, judged) = script("g01_flood", 20);
    assert_eq!(judged.outcome, Outcome::Error, "{judged:?}");
    assert!(judged.summary.contains("floods") && began.elapsed() < Duration::from_secs(10));
    let out = &ran.output[0];
    assert!(out.head.len() + out.tail.len() <= 64 << 10 && out.bytes >= 1 << 20, "{} bytes", out.bytes);
    assert!(!out.head.is_empty() && !out.tail.is_empty() && !runs(&["yes", "AAAAAAAAAAAAAAAA"]));
}

#[test]
fn what_leaves_its_group_is_found_and_ended() {
    let (ran, judged) = script("g03_setsid", 1);
    assert_eq!(judged.outcome, Outcome::Error);
    assert!(judged.summary.starts_with("timeout"), "{judged:?}");
    assert!(ran.left_behind.iter().any(|left| left.starts_with("sleep (process") && left.ends_with("ended")), "{:?}", ran.left_behind);
    assert!(!runs(&["sleep", "600"]));
}

#[test]
fn what_a_good_program_leaves_running_is_ended_and_told() {
    let (ran, judged) = script("g10_daemon", 20);
    assert_eq!(judged.outcome, Outcome::Pass, "{judged:?}");
    assert_eq!(ran.left_behind.len(), 3, "{:?}", ran.left_behind);
    assert!(ran.left_behind.iter().all(|left| left.ends_with(", ended")), "{:?}", ran.left_behind);
    assert!(!runs(&["sleep", "601"]) && !runs(&["sleep", "602.5"]));
    assert!(judged.observed.iter().any(|line| line == "stdout: started"), "{judged:?}");
    // The one that cleared its variables and left within a moment: a test that fails leaves nothing behind either.
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let pid = entry.file_name().to_string_lossy().parse::<i32>().ok().and_then(rustix::process::Pid::from_raw);
        if std::fs::read(entry.path().join("cmdline")).is_ok_and(|line| line == [&b"sleep"[..], b"602", b""].join(&0)) {
            let _ = pid.map(|pid| rustix::process::kill_process(pid, rustix::process::Signal::KILL));
            panic!("a process that left its group and cleared its variables was not found: {:?}", ran.left_behind);
        }
    }
}

#[test]
fn stdin_is_empty_and_the_environment_small() {
    let (_, stdin) = script("g05_stdin", 20);
    assert!(stdin.observed.iter().any(|line| line == "stdout: eof"), "{stdin:?}");
    let (ran, judged) = script("g07_env", 20);
    assert_eq!(judged.outcome, Outcome::Pass);
    let text = String::from_utf8(ran.output[0].head.clone()).unwrap();
    let names: Vec<&str> = text.lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name).collect();
    let known = ["PATH", "HOME", "LANG", "TZ", "DUALRUN_CHECK", "PWD", "SHLVL", "_", "OLDPWD"];
    assert!(names.iter().all(|name| known.contains(name)), "{names:?}");
}

#[test]
fn values_it_is_given_are_not_repeated() {
    // A variable of this test's own process: cargo sets it.
    let asked = CommandCheck { env: vec!["CARGO_MANIFEST_DIR".to_owned()], ..check(&["./g07_env.sh"]) };
    let (_, judged) = run(&asked);
    assert!(judged.observed.iter().any(|line| line == "stdout: CARGO_MANIFEST_DIR=(CARGO_MANIFEST_DIR)"), "{judged:?}");
}

#[test]
fn binary_output_does_no_harm() {
    let (ran, judged) = script("g09_binary", 20);
    assert_eq!((judged.outcome, ran.output[0].bytes), (Outcome::Pass, 100_000));
    assert!(judged.observed.iter().all(|line| !line.chars().any(char::is_control)), "{judged:?}");
    serde_json::to_string(&judged.observed).unwrap();
}

#[test]
fn slower_than_its_timeout_never_passes() {
    let (_, judged) = script("g11_slow_ok", 1);
    assert_eq!(judged.outcome, Outcome::Error);
    assert!(judged.summary.contains("timeout"));
    let began = Instant::now();
    let (_, stubborn) = script("g12_ignores_term", 1);
    assert_eq!(stubborn.outcome, Outcome::Error);
    assert!(began.elapsed() < Duration::from_secs(8) && !runs(&["sleep", "603"]));
}

#[test]
fn what_says_nothing_about_the_question_is_an_error() {
    for (name, words) in [
        ("g02_not_executable", "not executable"),
        ("g04_missing_inside", "127"),
        ("g06_not_run", "126"),
        ("g08_signal", "signal 11"),
        ("no_such_script", "cannot be started"),
    ] {
        let (_, judged) = script(name, 20);
        assert_eq!(judged.outcome, Outcome::Error, "{name}: {judged:?}");
        assert!(judged.summary.contains(words), "{name}: {judged:?}");
    }
    let (_, nowhere) = run(&check(&["no-such-program-anywhere"]));
    assert!(nowhere.outcome == Outcome::Error && nowhere.summary.contains("PATH"), "{nowhere:?}");
    let (_, fails) = run(&check(&["false"]));
    assert_eq!(fails.outcome, Outcome::Fail);
}

#[test]
fn arguments_are_words_and_never_a_shells() {
    let (ran, judged) = run(&check(&["printf", "%s|", "a b", "$HOME", "`id`; exit 9", "*"]));
    assert_eq!(judged.outcome, Outcome::Pass);
    assert_eq!(ran.output[0].head, b"a b|$HOME|`id`; exit 9|*|");
    let (path, digest) = ran.program.unwrap();
    assert!(Path::new(&path).is_absolute());
    assert_eq!(digest, blake3::hash(&std::fs::read(path).unwrap()).to_hex().to_string());
}

/// What its children inherit, and what no program of a check ever raises: limits are set right after the start.
#[cfg(target_os = "linux")]
#[test]
fn it_has_limits_beside_time_and_output() {
    let (ran, judged) = run(&CommandCheck { timeout_seconds: 7, ..check(&["sh", "-c", "sleep 0.5; exec cat /proc/self/limits"]) });
    assert_eq!(judged.outcome, Outcome::Pass, "{judged:?}");
    let text = String::from_utf8(ran.output[0].head.clone()).unwrap();
    let limit = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).unwrap().split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let processors = std::thread::available_parallelism().unwrap().get();
    let cpu = (8 * processors).to_string();
    assert_eq!(limit("Max cpu time")[..2], [cpu.clone(), cpu]);
    assert_eq!(limit("Max file size")[..2], [(2_u64 << 30).to_string(), (2_u64 << 30).to_string()]);
    assert_eq!(limit("Max core file size")[..2], ["0", "0"]);
    assert!(limit("Max open files")[..2].iter().all(|most| most.parse::<u64>().unwrap() <= 8_192), "{text}");
    // A file beyond its limit ends it, and that is told.
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("large");
    let (_, judged) = run(&check(&["sh", "-c", "sleep 0.5; exec truncate -s 3G \"$0\"", file.to_str().unwrap()]));
    assert_eq!((judged.outcome, judged.summary.as_str()), (Outcome::Error, "ended by signal 25: it wrote a file larger than a check may"));
}

#[test]
fn the_operator_can_stop_it() {
    let _turn = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let cancel = CancellationToken::new();
    let ran = runtime.block_on(async {
        let stop = cancel.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(200)).await;
            stop.cancel();
        });
        ProgramRunner::new(&nasty("commands")).run(&check(&["sleep", "604"]), &cancel).await
    });
    assert_eq!(command(&ran).outcome, Outcome::Error);
    assert!(!runs(&["sleep", "604"]));
}

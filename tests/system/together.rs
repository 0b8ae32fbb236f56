//! Two programs at once on one workspace: one writes, others wait or say who does, and whoever reads is not held up.

use crate::harness::{RECONCILE, Said, dualrun, generated, reconcile, reconciled, said, signal, until};
use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// The workspace's lock as another program would hold it.
fn hold(dir: &Path, who: &str) -> File {
    let path = dir.join(".dualrun/lock");
    let file = OpenOptions::new().read(true).write(true).open(&path).expect("a lock file");
    file.lock().expect("free");
    std::fs::write(&path, who).expect("signed");
    file
}

#[test]
fn the_second_waits_names_the_holder_or_is_stopped() {
    let project = generated(60, 3);
    let dir = project.path();
    let first = reconciled(dir);
    let lock = hold(dir, "dualrun reconcile (pid 4711) by ana since 2026-06-01 10:42:00Z");

    let asked = Instant::now();
    let refused = reconcile(dir, &["--wait", "1"]);
    refused.fails(2, &["dualrun reconcile (pid 4711) by ana", "wait for it"]);
    assert!(asked.elapsed() >= Duration::from_secs(1) && refused.out.is_empty());
    for reader in [&["status"][..], &["report", "csv"], &["gates"], &["audit", "verify"], &["doctor"]] {
        let read = said(dir, reader);
        assert!(read.code < 2, "{reader:?}: {read:?}");
    }

    let waiting =
        dualrun(dir, &[&RECONCILE[..], &["--wait", "600"]].concat()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    std::thread::sleep(Duration::from_millis(300));
    signal("-INT", waiting.id());
    let asked = Instant::now();
    let stopped = Said::of(waiting.wait_with_output().expect("it ends"));
    stopped.fails(4, &["stopped while another dualrun wrote"]);
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());

    let patient = dualrun(dir, &[&RECONCILE[..], &["--wait", "60"]].concat()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    std::thread::sleep(Duration::from_millis(300));
    drop(lock);
    let ran = Said::of(patient.wait_with_output().expect("it ends"));
    assert_eq!((ran.code, ran.json()["run"].as_i64()), (1, Some(2)), "{ran:?}");
    assert_eq!(ran.json()["digest"], first["digest"]);
}

#[test]
fn several_begun_at_once_come_one_after_the_other() {
    let project = generated(300, 3);
    let dir = project.path();
    let start =
        |_| dualrun(dir, &[&RECONCILE[..], &["--wait", "60"]].concat()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    let all: Vec<_> = (0..4).map(start).collect();
    let all: Vec<Said> = all.into_iter().map(|c| Said::of(c.wait_with_output().expect("it ends"))).collect();
    let mut runs: Vec<i64> = all.iter().map(|s| s.json()["run"].as_i64().expect("a number")).collect();
    runs.sort_unstable();
    assert_eq!(runs, [1, 2, 3, 4]);
    assert!(all.iter().all(|s| s.code == 1 && s.json()["digest"] == all[0].json()["digest"]), "{all:?}");
    let status = said(dir, &["status", "--format", "json"]).json();
    assert_eq!((status["months"][0]["current"]["run"].as_i64(), said(dir, &["audit", "verify"]).code), (Some(4), 0));
}

/// The one that is named is the one that works.
#[test]
fn a_working_program_is_named_by_its_pid() {
    let project = generated(3_000, 3);
    let dir = project.path();
    let mut child = dualrun(dir, &["reconcile", "--period", "2026-05"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it runs");
    let mut line = String::new();
    let mut words = BufReader::new(child.stderr.take().expect("a pipe"));
    words.read_line(&mut line).expect("it says what it does");
    let mut said_so = Vec::new();
    until("the other one is met", Duration::from_secs(10), || {
        let other = reconcile(dir, &["--wait", "0"]);
        said_so.push(other.err.contains(&format!("reconcile (pid {})", child.id())));
        said_so.last() == Some(&true) || child.try_wait().expect("a child").is_some()
    });
    assert_eq!(said_so.last(), Some(&true));
    child.kill().expect("killed");
    child.wait().expect("gone");
}

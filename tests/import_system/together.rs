//! Two importers at once: one does it, the other waits or is told who has the workspace.

use crate::harness::{Said, signal, until};
use crate::project::{ALL, applying, complete, fresh, import, is_whole, loader, requests, sound};
use std::process::Stdio;
use std::time::{Duration, Instant};

const SLOW: &str = "touch begun; sleep 0.4; tee -a requests.log | ./demo-target target.db";

#[test]
fn one_imports_and_the_other_is_told_who_does() {
    let project = fresh();
    let dir = project.path();
    loader(dir, SLOW, "");
    let first = applying(dir, &[]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    let pid = first.id();
    until("the first hands over", Duration::from_secs(10), || dir.join("begun").exists());
    let second = import(dir, &["--apply", "--wait", "0"]);
    second.fails(2, &[&format!("dualrun import (pid {pid})")]);
    assert_eq!(second.out, "");
    assert_eq!(import(dir, &[]).code, 0, "a look is not held up");
    let first = Said::of(first.wait_with_output().expect("it ends"));
    assert_eq!(first.code, 0, "{first:#?}");
    is_whole(dir);
    assert_eq!(requests(dir).len(), usize::try_from(ALL).expect("few"));
    sound(dir);
}

#[test]
fn several_begun_at_once_hand_each_record_over_once() {
    let project = fresh();
    let dir = project.path();
    loader(dir, "tee -a requests.log | ./demo-target target.db", "");
    let all: Vec<_> =
        (0..4).map(|_| applying(dir, &["--wait", "60"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs")).collect();
    let all: Vec<Said> = all.into_iter().map(|c| Said::of(c.wait_with_output().expect("it ends"))).collect();
    assert!(all.iter().all(|s| s.code == 0), "{all:#?}");
    let mut imports: Vec<i64> = all.iter().map(|s| s.json()["import"]["id"].as_i64().expect("a number")).collect();
    imports.sort_unstable();
    assert_eq!((imports, requests(dir).len()), (vec![1, 2, 3, 4], usize::try_from(ALL).expect("few")));
    is_whole(dir);
    sound(dir);
}

/// Ctrl-C ends the program as well, and the import is interrupted, not failed; the next one goes on.
#[test]
fn stopped_while_its_program_works() {
    for name in ["-INT", "-TERM"] {
        let project = fresh();
        let dir = project.path();
        loader(dir, "echo $$ > pid; exec sleep 60", "");
        let child = applying(dir, &[]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
        until("the program works", Duration::from_secs(10), || std::fs::read_to_string(dir.join("pid")).is_ok_and(|p| !p.trim().is_empty()));
        let asked = Instant::now();
        signal(name, child.id());
        let stopped = Said::of(child.wait_with_output().expect("it ends"));
        stopped.fails(4, &["stopped while loading"]);
        assert!(asked.elapsed() < Duration::from_secs(3), "{:?}", asked.elapsed());
        assert!(!crate::project::is_alive(dir, "pid"), "its program lives on");
        crate::project::is_blocked(dir, "import #1 interrupted");
        crate::project::program(dir, "./demo-target target.db");
        complete(dir);
        is_whole(dir);
    }
}

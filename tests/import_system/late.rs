//! A program that outlives dualrun and still writes: its lock says so, and no later import reads the target before it is done.

use crate::harness::{Said, signal, until};
use crate::project::{applying, complete, fresh, import, is_alive, is_whole, loader, program, requests, sent, sound};
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

/// Takes all in, kills dualrun, and applies it a second and a half later. `before` is run first.
fn late(before: &str) -> String {
    format!("{before}\necho $$ > pid; cat > in; cat in >> requests.log; kill -9 $PPID; sleep 1.5; ./demo-target target.db < in > out\n")
}

fn killed(dir: &Path) -> Output {
    let output = applying(dir, &[]).stdout(Stdio::null()).stderr(Stdio::null()).output().expect("it runs");
    assert_eq!(output.status.code(), None, "{output:?}");
    output
}

fn is_waited_for(before: &str) {
    let project = fresh();
    let dir = project.path();
    loader(dir, &late(before), "");
    killed(dir);
    assert!(is_alive(dir, "pid"));
    program(dir, "tee -a requests.log | ./demo-target target.db");
    let refused = import(dir, &["--apply", "--wait", "0"]);
    refused.fails(3, &["of an earlier import still runs", "loader.log"]);
    assert!(is_alive(dir, "pid") && sent(dir, "cust-1") == 1, "nothing is handed over meanwhile");
    let asked = Instant::now();
    let patient = import(dir, &["--apply", "--wait", "10"]);
    assert_eq!(patient.code, 0, "{patient:#?}");
    assert!(asked.elapsed() > Duration::from_millis(300), "it did not wait");
    is_whole(dir);
    assert_eq!(requests(dir).len(), 44, "what came late is seen in the target and not sent again");
    sound(dir);
}

#[test]
fn a_program_that_writes_after_dualrun_was_killed() {
    is_waited_for("");
}

/// Its stderr is the lock's first holder: sent elsewhere, the second still holds.
#[test]
fn a_program_that_sent_its_stderr_elsewhere() {
    is_waited_for("exec 2> own.log");
}

/// Whoever waits for it can be stopped.
#[test]
fn waiting_for_it_can_be_stopped() {
    let project = fresh();
    let dir = project.path();
    loader(dir, &late(""), "");
    killed(dir);
    let waiting = applying(dir, &["--wait", "600"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    std::thread::sleep(Duration::from_millis(300));
    signal("-INT", waiting.id());
    let asked = Instant::now();
    Said::of(waiting.wait_with_output().expect("it ends")).fails(4, &["stopped while", "nothing was staged"]);
    assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
}

/// What it left in its group is ended with it; the batch is looked for before anything is sent again.
#[test]
fn what_a_program_left_in_its_group_is_ended() {
    let project = fresh();
    let dir = project.path();
    loader(
        dir,
        "cat > in; cat in >> requests.log; (trap '' TERM; echo $$ > group; sleep 3; ./demo-target target.db < in > out) > /dev/null & echo $! > pid",
        "",
    );
    let child = applying(dir, &[]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    until("the first ended", Duration::from_secs(20), || dir.join("pid").exists());
    program(dir, "tee -a requests.log | ./demo-target target.db");
    let ended = Said::of(child.wait_with_output().expect("it ends"));
    assert_eq!(ended.code, 0, "{ended:#?}");
    assert!(!dir.join("out").exists(), "what was left behind is ended before the target is read");
    is_whole(dir);
    assert_eq!(sent(dir, "cust-1"), 2, "sent again once nobody can apply the first");
}

/// What left the group cannot be ended; while it lives, the target is not read and nothing is sent.
#[test]
fn what_left_the_group_is_waited_for() {
    let project = fresh();
    let dir = project.path();
    loader(dir, "cat > in; cat in >> requests.log; setsid sh -c 'sleep 2; ./demo-target target.db < in > out' > /dev/null &", "");
    let child = applying(dir, &[]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    until("the first was handed over", Duration::from_secs(20), || sent(dir, "cust-7") == 1);
    program(dir, "tee -a requests.log | ./demo-target target.db");
    let ended = Said::of(child.wait_with_output().expect("it ends"));
    assert_eq!(ended.code, 0, "{ended:#?}");
    is_whole(dir);
    assert_eq!(requests(dir).len(), 44, "found where it arrived late, not sent again");
    complete(dir);
}

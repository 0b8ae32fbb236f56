//! kill -9 of dualrun at each point of a load: before a record is applied, after it and before its answer, after its answer, and
//! anywhere. Then it is imported again: each record is there once, and the import that was killed is shown as interrupted.

use crate::harness::{said, signal};
use crate::project::{ALL, applying, complete, each, fresh, gate, import, is_whole, journal, load, loader, nothing_twice, program, requests, sound};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// Kills dualrun at a point of the record of that number.
fn killing(point: &str, at: i64) -> String {
    let kill = |here: &str| if here == point { format!("[ $n = {at} ] && kill -9 $PPID && exit 1\n") } else { String::new() };
    each(&format!("{}answer=$(real)\n{}printf '%s\\n' \"$answer\"\n{}", kill("before"), kill("applied"), kill("answered")))
}

/// What holds right after a kill.
#[track_caller]
fn is_told(dir: &Path) {
    nothing_twice(dir);
    let (outcome, blockers) = gate(dir);
    assert!(outcome != "pass" && blockers.iter().any(|b| b.contains("interrupted")), "{outcome} {blockers:?}");
    assert_eq!(said(dir, &["audit", "verify"]).code, 0);
}

/// Records of every entity, first, middle and last, of batches of five.
const AT: [i64; 9] = [1, 5, 7, 8, 17, 22, 31, 36, 44];

fn killed_at_every(point: &str) {
    let project = fresh();
    let dir = project.path();
    loader(dir, "", "batch = 5");
    let mut kills = 0;
    for at in AT {
        program(dir, &killing(point, at));
        let output = applying(dir, &["--wait", "10"]).output().expect("it runs");
        if output.status.code().is_some() {
            continue;
        }
        kills += 1;
        is_told(dir);
    }
    assert!(kills >= 6, "{kills} kills hit");
    program(dir, &each("real"));
    let last = import(dir, &["--apply", "--wait", "10"]);
    assert_eq!((last.code, last.json()["import"]["state"].as_str()), (0, Some("complete")), "{last:#?}");
    is_whole(dir);
    sound(dir);
    let kinds = journal(dir);
    assert_eq!(kinds.iter().filter(|k| *k == "import_recovered").count(), kills, "{kinds:?}");
    // What was applied is seen in the target, and not sent again: at most the record of each kill was.
    let extra = requests(dir).len() - usize::try_from(ALL).expect("few");
    assert!(extra <= if point == "before" { kills } else { 0 }, "{extra} records were sent twice over {kills} kills");
}

#[test]
fn before_a_record_is_applied() {
    killed_at_every("before");
}

#[test]
fn after_it_is_applied_and_before_it_is_answered() {
    killed_at_every("applied");
}

#[test]
fn after_it_is_answered() {
    killed_at_every("answered");
}

#[test]
fn anywhere() {
    let project = fresh();
    let dir = project.path();
    loader(dir, "tee -a requests.log | ./demo-target target.db", "batch = 4");
    let began = Instant::now();
    complete(dir);
    let whole = u64::try_from(began.elapsed().as_millis()).expect("a short while");
    let mut hit = 0;
    for kill in 0..12u64 {
        crate::project::empty(dir);
        let child = applying(dir, &["--wait", "10"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it runs");
        std::thread::sleep(Duration::from_millis(whole * (kill * 7 % 12) / 12));
        signal("-KILL", child.id());
        let output = child.wait_with_output().expect("it ends");
        hit += usize::from(output.status.code().is_none());
        let resumed = import(dir, &["--apply", "--wait", "10"]);
        assert_eq!(resumed.code, 0, "kill {kill}: {resumed:#?}");
        assert_eq!(resumed.json()["in_target"]["unknown"], 0);
        is_whole(dir);
    }
    assert!(hit > 6, "the kills missed the work: {hit} of 12");
    sound(dir);
    assert_eq!(load(&complete(dir), "of"), 0);
}

//! Programs that die, hang, flood or cannot be started: they are ended with all they started, and what they were handed is looked
//! for in the target before anything is sent again.

use crate::harness::{configure, said, sqlite_text, workspace};
use crate::project::{ALL, complete, each, ends, fresh, held, is_alive, is_blocked, is_whole, load, loader, parked, program, requests, sound};
use std::time::{Duration, Instant};

/// It takes too long, and what it started would outlive it: all of it is ended, and what it had applied is found.
#[test]
fn too_late_is_ended_with_all_it_started() {
    let project = fresh();
    let dir = project.path();
    let script = "tee -a requests.log > in\n\
         if [ ! -e hung ]; then touch hung\n\
         head -n 3 in | ./demo-target target.db > /dev/null\n\
         sh -c 'trap \"\" TERM; echo $$ > grandchild; sleep 50; echo late > late' & \n\
         echo $$ > pid; sleep 50\n\
         else ./demo-target target.db < in; fi";
    loader(dir, script, "timeout = \"1s\"");
    let began = Instant::now();
    let object = complete(dir);
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    assert!(!is_alive(dir, "pid") && !is_alive(dir, "grandchild"), "it lives on");
    is_whole(dir);
    assert_eq!((load(&object, "verified"), requests(dir).len()), (ALL, 44 + 4), "the three it had applied are not sent again");
}

/// A program that does not listen is killed.
#[test]
fn too_late_and_deaf() {
    let project = fresh();
    let dir = project.path();
    let script = "tee -a requests.log > in; if [ -e hung ]; then ./demo-target target.db < in; else touch hung; trap '' TERM; echo $$ > pid; sleep 9; sleep 9; sleep 9; fi";
    loader(dir, script, "timeout = \"500ms\"");
    complete(dir);
    assert!(!is_alive(dir, "pid"), "it lives on");
    is_whole(dir);
}

/// Nothing is asked of a program that answers for nothing three times over: the load stops, and says why.
#[track_caller]
fn hopeless(script: &str, keys: &str, words: &str) {
    let project = fresh();
    let dir = project.path();
    loader(dir, script, &format!("batch = 2\n{keys}"));
    let began = Instant::now();
    let object = ends(dir, 1, "incomplete");
    assert!(began.elapsed() < Duration::from_secs(40), "{:?}", began.elapsed());
    let failure = object["import"]["failure"].as_str().expect("why");
    assert!(failure.contains("answered for none of the first 3 records") && failure.contains(words), "{failure}");
    assert_eq!((load(&object, "verified"), load(&object, "parked"), load(&object, "of")), (0, 3, ALL));
    assert_eq!(held(dir), [(0, 0); 4]);
    let tried = parked(dir);
    assert!(tried.len() == 3 && tried.iter().all(|p| p.3.contains(words)), "{tried:?}");
    is_blocked(dir, "3 records parked");
    sound(dir);
    // The program is mended; nothing else is in the way but the word that is asked for.
    program(dir, &each("real"));
    assert_eq!(said(dir, &["import", "parked", "retry"]).code, 0);
    complete(dir);
    is_whole(dir);
}

#[test]
fn dead_at_once() {
    hopeless("exit 7", "", "exit status: 7");
}

#[test]
fn killed_by_a_signal() {
    hopeless("kill -11 $$", "", "signal");
}

#[test]
fn well_ended_without_an_answer() {
    hopeless("cat > /dev/null", "", "ended without an answer");
}

#[test]
fn a_line_of_a_megabyte() {
    hopeless("head -c 1000000 /dev/zero | tr '\\0' x; echo; cat > /dev/null", "", "a line of more than 64 KiB");
}

#[test]
fn a_line_without_an_end() {
    hopeless("printf '{\"key\":'; cat > /dev/null", "", "has no end");
}

#[test]
fn a_flood_of_answers() {
    hopeless("yes '{\"key\":\"x\",\"result\":\"ok\"}'", "", "more lines than");
}

/// One that cannot be told by a closed pipe is ended at once, not at the end of its time.
#[test]
fn a_flood_of_answers_that_does_not_mind() {
    let script = "trap '' PIPE; while :; do echo '{}' || sleep 0.01; done 2> /dev/null";
    hopeless(script, "timeout = \"1m\"", "more lines than");
}

#[test]
fn what_it_says_is_told_and_its_secrets_are_not() {
    let project = fresh();
    let dir = project.path();
    loader(dir, "echo 'connecting to https://erp:canary-pw@erp.example/ with canary-key' >&2; exit 2", "env = [\"ERP_API_KEY\"]");
    let mut command = crate::project::applying(dir, &[]);
    let output = command.env("ERP_API_KEY", "canary-key").output().expect("it runs");
    let said_now = crate::harness::Said::of(output);
    assert_eq!(said_now.code, 1);
    program(dir, "echo \"refused: $ERP_API_KEY is no key\" >&2; exit 2");
    said(dir, &["import", "parked", "retry"]);
    let output = crate::project::applying(dir, &[]).env("ERP_API_KEY", "canary-key").output().expect("it runs");
    let again = crate::harness::Said::of(output);
    let listed = said(dir, &["import", "parked", "list"]);
    let text = [said_now.out, said_now.err, again.out, again.err, listed.out.clone()].concat();
    assert!(!text.contains("canary"), "{text}");
    assert!(listed.out.contains("refused: (ERP_API_KEY) is no key"), "{}", listed.out);
    assert!(std::fs::read_to_string(dir.join(".dualrun/loader.log")).expect("a log").contains("canary-key"), "its own log has its own words");
    let stored = "select count(*) from deliveries where reason like '%canary%'";
    assert_eq!(sqlite_text(&workspace(dir), &format!("select cast(({stored}) as text)")), "0");
}

#[test]
fn a_flood_of_words() {
    let project = fresh();
    let dir = project.path();
    // Only once: what it could not do then it does when it is tried again.
    let script =
        "tee -a requests.log > in; if [ -e flooded ]; then ./demo-target target.db < in; else touch flooded; echo $$ > pid; exec yes no >&2; fi";
    loader(dir, script, "");
    complete(dir);
    assert!(!is_alive(dir, "pid"));
    is_whole(dir);
    let log = std::fs::metadata(dir.join(".dualrun/loader.log")).expect("a log").len();
    assert!(log > 16 << 20, "{log}");
    complete(dir);
    assert_eq!(std::fs::metadata(dir.join(".dualrun/loader.log")).expect("a log").len(), 0, "another import, another log");
}

#[test]
fn one_that_cannot_be_started() {
    let project = fresh();
    let dir = project.path();
    std::fs::write(dir.join("no-program"), "echo").expect("written");
    let first = "program = [\"./demo-target\", \"target.db\"]";
    configure(dir, &[(first, "program = [\"./absent\"]")]);
    for (name, words) in
        [("./absent", "No such file"), ("./no-program", "not executable"), ("/tmp", "no file"), ("dualrun-no-such-program", "No such file")]
    {
        let text = std::fs::read_to_string(dir.join("dualrun.toml")).expect("a file");
        let at = text.find("program = [").expect("a program");
        std::fs::write(dir.join("dualrun.toml"), format!("{}program = [\"{name}\"]\n", &text[..at])).expect("written");
        let failed = crate::project::apply(dir);
        failed.fails(2, &[name, "cannot be started", words, "correct program in [import]"]);
        assert_eq!((failed.out.as_str(), held(dir)), ("", [(0, 0); 4]));
        is_blocked(dir, "failed: loader: ");
    }
    sound(dir);
}

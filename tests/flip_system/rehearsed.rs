//! A rehearsal is on a copy: what the servers and files say themselves tells the copy from the real one, and a loader that is the real
//! one is refused, whatever phrase is typed.

use crate::harness::{configure, on_postgres, said};
use crate::project::{NOTHING, bills, planned, project, ready, ready_in, silent, wait_for};
use dualrun::app::flip::rehearse;
use dualrun::demo::embedded::embedded;
use dualrun::domain::side::Side;
use dualrun::ports::database::{Identity, Limits};
use std::path::Path;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

const PHRASE: &str = "these programs act on the copy alone";

fn two() -> (TempDir, TempDir) {
    let (folder, copy) = (ready(), tempfile::tempdir().expect("a folder"));
    ready_in(copy.path());
    planned(folder.path());
    (folder, copy)
}

#[track_caller]
fn is_refused(dir: &Path, copy: &Path, words: &[&str]) {
    let error = wait_for(rehearse(&project(dir), &project(copy), 1, silent(), CancellationToken::new())).expect_err("refused").to_string();
    assert!(words.iter().all(|w| error.contains(w)), "{error}");
    assert_eq!(bills(dir), NOTHING);
}

#[test]
fn a_file_is_the_same_under_every_name() {
    let (folder, copy) = two();
    let (dir, there) = (folder.path(), copy.path());
    let target = there.join("target.db");
    std::fs::remove_file(&target).expect("gone");
    std::fs::hard_link(dir.join("target.db"), &target).expect("a link");
    is_refused(dir, there, &["the rehearsal's target", "is the real flip's target"]);
    std::fs::remove_file(&target).expect("gone");
    std::fs::hard_link(dir.join("source.db"), &target).expect("a link");
    is_refused(dir, there, &["the rehearsal's target", "is the real flip's source"]);
}

#[test]
fn a_loader_that_is_the_real_one_is_refused() {
    let (folder, copy) = two();
    let (dir, there) = (folder.path(), copy.path());
    // By its whole path, and on the file of the real one.
    let own = "program = [\"./demo-target\", \"target.db\"]";
    let real = format!("program = [\"{}\", \"{}\"]", dir.join("demo-target").display(), dir.join("target.db").display());
    configure(there, &[(own, &real)]);
    is_refused(dir, there, &["program in [import] of the rehearsal", "program in [import] of the real flip"]);
    let said = said(dir, &["flip", "rehearse", "1", "--rehearsal", there.to_str().expect("UTF-8"), "--confirm", PHRASE, "-q"]);
    said.fails(2, &["the same program, with the same words, on the same files"]);
    // The source's program on the file of the real target is the real target's.
    let switch = format!("source_program = [\"./demo-target\", \"{}\"]", dir.join("target.db").display());
    configure(there, &[(&real, own), ("source_program = [\"./demo-target\", \"source.db\"]", &switch)]);
    is_refused(dir, there, &["source_program in [flip] of the rehearsal", "program in [import] of the real flip"]);
    // The same words in another directory are another file's.
    configure(there, &[(&switch, "source_program = [\"./demo-target\", \"source.db\"]")]);
    let (rehearsal, _) = wait_for(rehearse(&project(dir), &project(there), 1, silent(), CancellationToken::new())).expect("rehearsed");
    assert!(rehearsal.whole, "{:?}", rehearsal.failure);
}

fn identity(dir: &Path, side: Side) -> Identity {
    let project = project(dir);
    wait_for(async {
        let mut session = project.side(side).database.open(&Limits::default(), &CancellationToken::new()).await.expect("it opens");
        let identity = session.identity().await.expect("it says");
        session.close().await.expect("it closes");
        identity
    })
}

/// A server says itself which it is, by whatever way it is reached.
#[test]
fn a_server_is_the_same_by_every_way_to_it() {
    let of = on_postgres(&embedded().expect("the demo"), "identity");
    let dir = of.path();
    let (source, target) = (identity(dir, Side::Source), identity(dir, Side::Target));
    assert!(!source.may_be(&target) && source.may_be(&source) && !source.follows, "{source:?} {target:?}");
    assert!(source.said.iter().all(|(_, said)| said.is_some()), "{source:?}");
    // By TCP in place of the socket.
    let text = std::fs::read_to_string(dir.join("dualrun.toml")).expect("a configuration");
    let there = text.replace(&format!("host = \"{}\"", of.cluster.socket_directory()), "host = \"127.0.0.1\"\ntls = \"off\"");
    assert_ne!(text, there);
    std::fs::write(dir.join("dualrun.toml"), there).expect("written");
    assert_eq!(identity(dir, Side::Source), source, "it is the same");
    // Where the role may not know the system's number, the rest still tells.
    of.cluster.psql(&of.database(Side::Source), "revoke execute on function pg_control_system() from public");
    let told = identity(dir, Side::Source);
    of.cluster.psql(&of.database(Side::Source), "grant execute on function pg_control_system() to public");
    assert!(told.said.iter().any(|(name, said)| *name == "system" && said.is_none()), "{told:?}");
    assert!(told.may_be(&source) && !told.may_be(&target));
    // A copy of the database on the same server is another one.
    of.cluster.psql("postgres", &format!("create database sys_identity_copy template \"{}\"", of.database(Side::Source)));
    configure(dir, &[(&format!("database = \"{}\"", of.database(Side::Source)), "database = \"sys_identity_copy\"")]);
    assert!(!identity(dir, Side::Source).may_be(&source));
}

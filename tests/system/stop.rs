//! Ctrl-C and SIGTERM while a server works: the run is interrupted, what counted before still counts, the server is left in peace.

use crate::harness::{OnPostgres, RECONCILE, configure, csv_rows, dualrun, on_postgres, reconciled, said, signal, specimen, until};
use dualrun::domain::side::Side;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// The source's customers take hours, on the server.
fn make_slow(project: &OnPostgres) {
    configure(
        project.path(),
        &[(" from customers\"", " from customers where (select count(*) from generate_series(1, 100000) a, generate_series(1, 1000000) b) > 0\"")],
    );
}

fn sessions(project: &OnPostgres, which: &str) -> usize {
    let databases = Side::BOTH.map(|s| format!("'{}'", project.database(s))).join(", ");
    let sql = format!("select count(*) from pg_stat_activity where datname in ({databases}) and {which}");
    project.cluster.psql("postgres", &sql).parse().expect("a number")
}

/// A reconciliation whose query the server works on.
fn at_work(project: &OnPostgres) -> Child {
    let child = dualrun(project.path(), &RECONCILE).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    let copying = "state = 'active' and query like 'COPY %' and now() - query_start > '100 ms'";
    until("the server works", Duration::from_secs(20), || sessions(project, copying) > 0);
    child
}

#[test]
fn a_signal_ends_the_run_and_the_servers_work() {
    let project = on_postgres(&specimen(), "stop");
    let dir = project.path();
    let first = reconciled(dir);
    let rows = csv_rows(dir, &first);
    make_slow(&project);
    for (name, code) in [("-INT", Some(4)), ("-TERM", Some(4)), ("-KILL", None)] {
        let child = at_work(&project);
        let asked = Instant::now();
        signal(name, child.id());
        let output = child.wait_with_output().expect("it ends");
        assert!(asked.elapsed() < Duration::from_secs(3), "{name}: {:?}", asked.elapsed());
        assert_eq!(output.status.code(), code, "{name}");
        assert!(output.stdout.is_empty(), "nothing is printed of a run that did not end");
        // The server looks once a second whether a killed client is still there.
        until("no session is left", Duration::from_secs(2), || sessions(&project, "true") == 0);
        if code.is_some() {
            let words = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(words.contains("stopping") && words.contains("source.customers"), "{words}");
        }
    }
    let status = said(dir, &["status", "--format", "json"]).json();
    assert_eq!((status["months"][0]["newest"]["state"].as_str(), status["months"][0]["newest"]["run"].as_i64()), (Some("interrupted"), Some(4)));
    // The last one was killed, and nobody has written since.
    for run in ["2", "3", "4"] {
        let report = said(dir, &["report", "json", "--run", run]).json();
        assert_eq!((report["state"].as_str(), report["rows"].as_u64()), (Some("interrupted"), Some(0)), "{report:#}");
        assert!(report["failure"].as_str().is_some_and(|f| !f.is_empty()));
    }
    assert_eq!(csv_rows(dir, &first), rows);
    assert_eq!(said(dir, &["audit", "verify"]).code, 0);
}

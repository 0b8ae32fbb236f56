//! Bad input, as the issue lists it: each is told with its side, its entity, its id and what to do, has its exit code, and
//! loses nothing: the run that counted before still counts, to the byte.

use crate::harness::{OnPostgres, READER, configure, csv_rows, make_role, on_postgres, on_sqlite, reconcile, reconciled, said, specimen, sqlite};
use dualrun::domain::side::Side;
use serde_json::Value;
use std::path::Path;

/// A project on PostgreSQL with a run that counts.
fn sound(name: &str) -> (OnPostgres, Value) {
    let project = on_postgres(&specimen(), name);
    let first = reconciled(project.path());
    (project, first)
}

/// The month's newest run is in that state, and the first one still counts with all its rows.
#[track_caller]
fn nothing_is_lost(dir: &Path, first: &Value, newest: &str) {
    let status = said(dir, &["status", "--format", "json"]).json();
    assert_eq!((&status["months"][0]["current"]["run"], status["months"][0]["newest"]["state"].as_str()), (&first["run"], Some(newest)));
    assert_eq!(csv_rows(dir, first).len(), 64);
    assert_eq!(said(dir, &["audit", "verify"]).code, 0);
}

/// A reconciliation that must fail: exit code, words on stderr, nothing on stdout, nothing lost.
#[track_caller]
fn refused(dir: &Path, first: &Value, code: i32, words: &[&str]) {
    let failed = reconcile(dir, &[]);
    failed.fails(code, words);
    assert!(failed.err.contains(" — "), "no remedy: {failed:?}");
    assert_eq!(failed.out, "");
    nothing_is_lost(dir, first, "failed");
}

/// A reconciliation that leaves rows out: exit code 4, each of these listed as `side entity id column reason`.
#[track_caller]
fn incomplete(dir: &Path, rows: &[&str]) -> Value {
    let said = reconcile(dir, &[]);
    assert_eq!(said.code, 4, "{said:#?}");
    let run = said.json();
    assert_eq!((run["state"].as_str(), run["current"].as_bool()), (Some("incomplete"), Some(false)));
    let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    let listed = run["rejected_rows"].as_array().expect("a list").iter();
    let mut listed: Vec<String> = listed.map(|r| ["side", "entity", "id", "column", "reason"].map(|k| text(r, k)).join(" ")).collect();
    listed.sort();
    for row in run["rejected_rows"].as_array().expect("a list") {
        let told = format!("{} {} \"{}\": {} = ", text(row, "side"), text(row, "entity"), text(row, "id"), text(row, "column"));
        let line = said.err.lines().find(|l| l.contains(&told)).unwrap_or_else(|| panic!("{told} is not said: {}", said.err));
        assert!(line.ends_with(&format!(" — {}", text(row, "remedy"))) && !text(row, "remedy").is_empty(), "{line}");
    }
    assert_eq!(listed, rows);
    assert_eq!(run["rejected"].as_u64(), Some(u64::try_from(rows.len()).expect("few")));
    let told = self::said(dir, &["report", "text", "--run", &run["run"].to_string()]).out;
    assert!(told.contains("*** INCOMPLETE"), "{told}");
    run
}

#[test]
fn nobody_answers() {
    let (project, first) = sound("unreachable");
    let dir = project.path();
    let free = std::net::TcpListener::bind(("127.0.0.1", 0)).and_then(|l| l.local_addr()).expect("a port").port();
    let (socket, port) = (format!("host = \"{}\"", project.cluster.socket_directory()), format!("port = {}", project.cluster.port()));
    configure(dir, &[(&socket, "host = \"127.0.0.1\""), (&port, &format!("port = {free}"))]);
    refused(dir, &first, 3, &["source", "127.0.0.1", &free.to_string()]);
    configure(dir, &[("host = \"127.0.0.1\"", "host = \"no-such-host.invalid\"")]);
    refused(dir, &first, 3, &["source", "no-such-host.invalid"]);
}

#[test]
fn a_wrong_password_or_role_or_database() {
    let (project, first) = sound("password");
    let dir = project.path();
    make_role(project.cluster, "pw_role", "password 'the right one'");
    project.psql(Side::Target, "grant select on all tables in schema public to pw_role");
    let text = std::fs::read_to_string(dir.join("dualrun.toml")).expect("a file");
    let at = text.find("[target]").expect("a target");
    let with_password = |secret: &str| {
        let target = text[at..].replacen(&format!("user = \"{READER}\""), &format!("user = \"pw_role\"\npassword = {{ file = \"{secret}\" }}"), 1);
        std::fs::write(dir.join("dualrun.toml"), format!("{}{target}", &text[..at])).expect("written");
    };
    for (name, secret) in [("wrong", "canary-s3cret\n"), ("right", "the right one\n")] {
        std::fs::write(dir.join(name), secret).expect("written");
        std::fs::set_permissions(dir.join(name), std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("closed");
    }
    with_password("wrong");
    refused(dir, &first, 3, &["target", "pw_role"]);
    assert!(!reconcile(dir, &[]).err.contains("canary"));
    with_password("right");
    assert_eq!(reconciled(dir)["run"].as_i64(), Some(4));
    configure(dir, &[("password = { file", "#password = { file")]);
    let without = reconcile(dir, &[]);
    without.fails(3, &["target", "password"]);
    configure(dir, &[(&format!("database = \"{}\"", project.database(Side::Source)), "database = \"no_such_database\"")]);
    reconcile(dir, &[]).fails(3, &["source", "no_such_database"]);
}

#[test]
fn a_table_or_column_that_is_not_there() {
    let (project, first) = sound("missing");
    let dir = project.path();
    project.psql(Side::Source, "alter table invoices rename to invoices_renamed");
    refused(dir, &first, 2, &["source.invoices", "invoices", "42P01"]);
    project.psql(Side::Source, "alter table invoices_renamed rename to invoices");
    project.psql(Side::Target, "alter table plans rename column flat_price to price");
    refused(dir, &first, 2, &["target.plans", "flat_price", "42703"]);
    // The query is right by the server, and delivers less than the contract wants.
    configure(dir, &[("customers = \"select id, ", "customers = \"select ")]);
    refused(dir, &first, 2, &["source.customers", "id", "doctor"]);
}

#[test]
fn a_table_that_may_not_be_read() {
    let (project, first) = sound("denied");
    project.psql(Side::Target, &format!("revoke select on invoices from {READER}"));
    refused(project.path(), &first, 3, &["target.invoices", "permission denied", "42501", "GRANT SELECT ON invoices"]);
}

#[test]
fn a_role_that_can_write_is_let_in_by_name_only_and_counts_for_nothing() {
    let (project, first) = sound("writable");
    let dir = project.path();
    make_role(project.cluster, "system_writer", "");
    project.psql(Side::Source, "grant select on all tables in schema public to system_writer; grant update on invoices to system_writer");
    configure(dir, &[(&format!("user = \"{READER}\""), "user = \"system_writer\"")]);
    refused(dir, &first, 3, &["source", "invoices", "REVOKE", "--allow-writable-role"]);
    let run = reconcile(dir, &["--allow-writable-role"]);
    assert_eq!(run.code, 1, "{run:?}");
    let run = run.json();
    assert_eq!(
        (run["state"].as_str(), run["current"].as_bool(), &run["digests"]["source"]),
        (Some("complete"), Some(false), &first["digests"]["source"])
    );
    assert_eq!((run["snapshots"][0]["writable_role"].as_bool(), run["snapshots"][1]["writable_role"].as_bool()), (Some(true), Some(false)));
    assert!(run["marks"].to_string().to_lowercase().contains("writ"), "{}", run["marks"]);
    nothing_is_lost(dir, &first, "complete");
    let report = said(dir, &["report", "csv", "--run", &run["run"].to_string()]).out;
    assert!(report.contains(",complete writable_role,"), "{report}");
    let gates = said(dir, &["gates"]);
    assert_eq!(gates.code, 1, "{gates:?}");
}

#[test]
fn numbers_that_are_none() {
    let (project, first) = sound("numbers");
    project.psql(
        Side::Source,
        "update invoices set subtotal = 'NaN' where id = 'INV-5101'; update invoices set subtotal = 'Infinity' where id = 'INV-5102';
         update invoices set subtotal = 1234567890123456789012345678901234567890.12 where id = 'INV-5103';
         update usage set quantity = '-Infinity' where idempotency_key = 'u-0001'",
    );
    project.psql(Side::Target, "update plans set flat_price = 'NaN' where id = 'PRD-M'");
    let run = incomplete(
        project.path(),
        &[
            "source invoices INV-5101 subtotal not a number",
            "source invoices INV-5102 subtotal infinite",
            "source invoices INV-5103 subtotal more digits than fit",
            "source usage u-0001 quantity infinite",
            "target plans PRD-M flat_price not a number",
        ],
    );
    let number = run["run"].to_string();
    let rows = said(project.path(), &["report", "csv", "--run", &number]).out;
    for key in ["sub-1101", "sub-1102", "sub-1103", "sub-1109", "sub-1108"] {
        let row = rows.lines().find(|l| l.starts_with(&format!("2026-05,{key},"))).unwrap_or_else(|| panic!("no {key}"));
        assert!(row.contains(",not_comparable,"), "unknown is never a match: {row}");
    }
    assert_eq!(run["rows"].as_u64(), Some(64));
    nothing_is_lost(project.path(), &first, "incomplete");
}

#[test]
fn days_that_never_come() {
    let (project, first) = sound("days");
    project.psql(
        Side::Source,
        "update invoices set period_start = 'infinity', issued_on = '-infinity' where id = 'INV-5104'; \
         update usage set occurred_at = 'infinity' where idempotency_key = 'u-0002'",
    );
    project.psql(Side::Target, "update subscriptions set started_on = '-infinity' where id = 'sub-1107'");
    incomplete(
        project.path(),
        &[
            "source invoices INV-5104 period_start infinite",
            "source usage u-0002 occurred_at infinite",
            "target subscriptions sub-1107 started_on infinite",
        ],
    );
    nothing_is_lost(project.path(), &first, "incomplete");
}

#[test]
fn bytes_that_are_no_text_in_sqlite() {
    let project = on_sqlite(&specimen());
    let dir = project.path();
    let first = reconciled(dir);
    sqlite(&dir.join("source.db"), "update customers set name = cast(x'41ff42' as text) where id = 'cust-01'");
    sqlite(&dir.join("source.db"), "update invoices set subscription_id = cast(x'fe' as text) where id = 'INV-5106'");
    incomplete(dir, &["source customers cust-01 name not valid UTF-8", "source invoices INV-5106 subscription_id not valid UTF-8"]);
    nothing_is_lost(dir, &first, "incomplete");
}

#[test]
fn bytes_that_are_no_text_in_postgresql() {
    let (project, first) = sound("bytes");
    let dir = project.path();
    // A database without an encoding hands out whatever bytes it was given.
    project.cluster.psql("postgres", "create database sys_ascii template template0 encoding 'SQL_ASCII' lc_collate 'C' lc_ctype 'C'");
    project.cluster.psql("sys_ascii", &dualrun::demo::book_to_postgres_sql(&specimen(), Side::Target));
    project.cluster.psql("sys_ascii", &format!("grant select on all tables in schema public to {READER}"));
    configure(dir, &[(&format!("database = \"{}\"", project.database(Side::Target)), "database = \"sys_ascii\"")]);
    assert_eq!(reconciled(dir)["digests"]["target"], first["digests"]["target"]);
    project.cluster.psql("sys_ascii", r"update customers set name = E'A\377B' where id = '302'");
    let run = incomplete(dir, &["target customers 302 name not valid UTF-8"]);
    assert_eq!(run["rows"].as_u64(), Some(64));
}

#[test]
fn ids_that_come_twice() {
    let project = on_sqlite(&specimen());
    let dir = project.path();
    reconciled(dir);
    for sql in [
        "insert into subscriptions select * from subscriptions where id = 'sub-1107'",
        "insert into plans select * from plans where id = 'PRD-S'",
        "insert into customers select * from customers where id = '301'",
    ] {
        sqlite(&dir.join("target.db"), sql);
    }
    sqlite(&dir.join("source.db"), "insert into invoices select * from invoices where id = 'INV-5104'");
    let said_twice = reconcile(dir, &[]);
    assert_eq!(said_twice.code, 1, "{said_twice:?}");
    let run = said_twice.json();
    let found = run["findings"].as_array().expect("a list");
    for (side, id, weight) in
        [("source", "INV-5104", "blocking"), ("target", "sub-1107", "blocking"), ("target", "PRD-S", "blocking"), ("target", "301", "warning")]
    {
        let told =
            |f: &&Value| f["code"].as_str().is_some_and(|c| c.starts_with("duplicate_")) && f["side"] == side && f["ids"].to_string().contains(id);
        let finding = found.iter().find(told).unwrap_or_else(|| panic!("{side} {id}: {found:#?}"));
        assert_eq!((finding["weight"].as_str(), finding["remedy"].as_str().is_some_and(|r| !r.is_empty())), (Some(weight), true), "{finding:#}");
    }
    let rows = said(dir, &["report", "csv", "--run", &run["run"].to_string()]).out;
    let row = |key: &str| rows.lines().find(|l| l.starts_with(&format!("2026-05,{key},"))).unwrap_or_default().to_owned();
    assert!(row("sub-1107").contains(",not_comparable,") && row("sub-1101").contains(",not_comparable,"), "{rows}");
    assert!(row("sub-1104").contains(",duplicate,"), "{}", row("sub-1104"));
    assert!(said(dir, &["gates"]).out.contains("duplicate"), "the flip is blocked by it");
}

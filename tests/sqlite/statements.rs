//! Q001 to Q010, parameters, names that do not exist, limits and errors half-way.

use super::harness::{Unchanged, database, make, open, query, rows, with, writer};
use chrono::{DateTime, NaiveDate};
use dualrun::ports::database::{Database, FaultKind, Limits, Parameter};
use sqlx::Connection;
use sqlx::sqlite::SqliteJournalMode;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

const PROBES: &str = include_str!("../nasty/sqlite_probes.tsv");
const ENDLESS: &str = "with recursive r(i) as (select 1 union all select i+1 from r) select i from r";
const INVOICE: &str = "create table invoice(id text primary key, amount decimal(12,2), period date); insert into invoice values ('a', 1, '2026-05-01'), ('b', 2, '2026-06-01');";

#[tokio::test]
async fn every_probe_is_refused_before_anything_is_sent() {
    let dir = tempfile::tempdir().unwrap();
    let path = make(dir.path(), "invoice.db", INVOICE).await;
    let unchanged = Unchanged::of(&path);
    let mut session = open(&path).await.unwrap();
    let mut refused = 0;
    for line in PROBES.lines().filter(|l| !l.starts_with('#')) {
        let [id, sql, _] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        if id == "Q008" {
            continue;
        }
        for fault in [session.judge(&query(sql)).await.unwrap_err(), rows(session.as_mut(), &query(sql)).await.unwrap_err()] {
            assert_eq!(fault.kind, FaultKind::Refused, "{id}: {fault}");
            assert!(fault.to_string().starts_with("source: source.test: the SQL "), "{fault}");
        }
        refused += 1;
    }
    assert_eq!(refused, 9);
    assert_eq!(rows(session.as_mut(), &query("select count(*) from invoice; -- still there")).await.unwrap(), [["2"]]);
    session.close().await.unwrap();
    assert!(!Path::new("/tmp/dualrun_pwn.db").exists() && !Path::new("/tmp/dualrun_pwn2.db").exists());
    unchanged.holds();
}

#[tokio::test]
async fn an_endless_query_ends_at_its_limits() {
    let dir = tempfile::tempdir().unwrap();
    let path = make(dir.path(), "invoice.db", INVOICE).await;
    let silent = "with recursive r(i) as (select 1 union all select i+1 from r) select count(*) from r";
    let limits = Limits { max_rows: 5_000, statement_timeout: Duration::from_millis(300), ..Limits::default() };
    let mut session = database(&path).open(&limits, &CancellationToken::new()).await.unwrap();
    for (sql, kind) in [(ENDLESS, FaultKind::Limit), (silent, FaultKind::Timeout)] {
        let began = Instant::now();
        assert_eq!(rows(session.as_mut(), &query(sql)).await.unwrap_err().kind, kind);
        assert!(began.elapsed() < Duration::from_secs(3), "{kind:?}");
    }
    assert_eq!(rows(session.as_mut(), &query("select 1")).await.unwrap(), [["1"]]);
    session.close().await.unwrap();

    let limits = Limits { snapshot_budget: Duration::from_millis(200), ..Limits::default() };
    let mut session = database(&path).open(&limits, &CancellationToken::new()).await.unwrap();
    let fault = rows(session.as_mut(), &query(silent)).await.unwrap_err();
    assert!(fault.kind == FaultKind::Timeout && fault.what.contains("snapshot"), "{fault}");
    assert_eq!(rows(session.as_mut(), &query("select 1")).await.unwrap_err().kind, FaultKind::Timeout, "the budget stays spent");
    session.close().await.unwrap();
}

#[tokio::test]
async fn parameters_are_bound_and_a_missing_one_lists_the_known() {
    let dir = tempfile::tempdir().unwrap();
    let path = make(dir.path(), "invoice.db", INVOICE).await;
    let mut session = open(&path).await.unwrap();
    let day = |m| Parameter::Date(NaiveDate::from_ymd_opt(2026, m, 1).unwrap());
    let given = [("period_start", day(5)), ("period_end", day(6))];
    let sql = "select id from invoice where period >= :period_start and period < :period_end and :period_start < :period_end";
    assert_eq!(rows(session.as_mut(), &with(sql, &given)).await.unwrap(), [["a"]]);

    let hostile = "x'); drop table invoice; --\" :b";
    let typed = [
        ("n", Parameter::Integer(i64::MIN)),
        ("t", Parameter::Text(hostile.to_owned())),
        ("at", Parameter::Instant(DateTime::from_timestamp(1_777_608_000, 0).unwrap())),
        ("d", day(5)),
    ];
    let table = rows(session.as_mut(), &with("select :n, typeof(:n), :t, :at, :d, typeof(:d), ':n'", &typed)).await.unwrap();
    assert_eq!(table, [["-9223372036854775808", "integer", hostile, "2026-05-01T04:00:00Z", "2026-05-01", "text", ":n"]]);

    let fault = rows(session.as_mut(), &with("select :period_begin", &given)).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::InvalidQuery);
    assert_eq!(fault.to_string(), "source: source.test: no value for the parameter :period_begin — known parameters: :period_end, :period_start");
    session.close().await.unwrap();
}

#[tokio::test]
async fn what_does_not_exist_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = make(dir.path(), "invoice.db", INVOICE).await;
    let mut session = open(&path).await.unwrap();
    let table = [
        ("select id from invoices", FaultKind::NoSuchTable, "invoices"),
        ("select amonut from invoice", FaultKind::NoSuchColumn, "amonut"),
        // SQLite alone would deliver the text 'amonut' on every row.
        ("select \"amonut\" as subtotal from invoice", FaultKind::NoSuchColumn, "amonut"),
        ("select id from invoice where id = \"a\"", FaultKind::NoSuchColumn, "a"),
        ("select nosuch(1)", FaultKind::InvalidQuery, "nosuch"),
        ("select from", FaultKind::InvalidQuery, "syntax"),
    ];
    for (sql, kind, word) in table {
        let fault = session.judge(&query(sql)).await.unwrap_err();
        assert!(fault.kind == kind && fault.what.contains(word) && !fault.remedy.is_empty(), "{sql}: {fault:?}");
    }
    assert_eq!(
        rows(session.as_mut(), &query("select \"id\", `amount`, [period] from \"invoice\" limit 1")).await.unwrap(),
        [["a", "1", "2026-05-01"]]
    );
    session.close().await.unwrap();
}

#[tokio::test]
async fn rows_before_an_error_and_fields_beyond_the_limit_never_count() {
    let dir = tempfile::tempdir().unwrap();
    let path = make(dir.path(), "invoice.db", INVOICE).await;
    let limits = Limits { max_field_bytes: 1_000, ..Limits::default() };
    let mut session = database(&path).open(&limits, &CancellationToken::new()).await.unwrap();
    let late = "with recursive r(i) as (select 1 union all select i+1 from r where i < 5000) \
                select case when i = 4000 then abs(-9223372036854775807 - 1) else i end as n from r";
    let fault = rows(session.as_mut(), &query(late)).await.unwrap_err();
    assert!(fault.kind == FaultKind::Failed && fault.what.contains("integer overflow"), "{fault:?}");
    let fault = rows(session.as_mut(), &query("select 1 as a, replace(hex(zeroblob(501)), '0', 'x') as b")).await.unwrap_err();
    assert!(fault.kind == FaultKind::Limit && fault.what.contains("b has 1002 bytes"), "{fault:?}");
    session.close().await.unwrap();
}

#[tokio::test]
async fn what_passes_the_check_cannot_change_the_session() {
    let dir = tempfile::tempdir().unwrap();
    let path = make(dir.path(), "invoice.db", INVOICE).await;
    let unchanged = Unchanged::of(&path);
    let mut session = open(&path).await.unwrap();
    // Table-valued pragmas take no argument that sets something; the last one would analyze, which writes.
    for sql in ["select * from pragma_query_only(0)", "select * from pragma_writable_schema(1)"] {
        assert_eq!(session.judge(&query(sql)).await.unwrap_err().kind, FaultKind::InvalidQuery, "{sql}");
    }
    rows(session.as_mut(), &query("select * from pragma_journal_mode('wal')")).await.unwrap_err();
    let _ = rows(session.as_mut(), &query("select * from pragma_optimize(-1)")).await;
    assert_eq!(rows(session.as_mut(), &query("select * from pragma_query_only")).await.unwrap(), [["1"]]);
    assert_eq!(rows(session.as_mut(), &query("values (1), (2)")).await.unwrap(), [["1"], ["2"]]);
    session.close().await.unwrap();
    unchanged.holds();
}

/// Pieces that end, hide, quote and smuggle statements.
const PIECES: [&str; 32] = [
    "select ",
    "1",
    " from invoice",
    "; ",
    ";",
    "-- ",
    "\n",
    "/*",
    "*/",
    "'",
    "''",
    "\"",
    "`",
    "[",
    "]",
    "(",
    ")",
    ", ",
    ":a",
    "x",
    "values (1)",
    "with x as (select 1) ",
    " union all select 2",
    "vacuum into 'pwn.db'",
    "attach 'pwn.db' as o",
    "pragma query_only=off",
    "delete from invoice",
    "insert into invoice values ('c', 3, '')",
    "create temp table z(i)",
    "commit",
    "rollback",
    "begin",
];

/// Whatever is glued together: it is refused, or it only reads. 20,000 texts of a fixed seed.
#[tokio::test]
async fn no_glued_text_leaves_the_snapshot_or_writes() {
    let dir = tempfile::tempdir().unwrap();
    let path = make(dir.path(), "invoice.db", INVOICE).await;
    let unchanged = Unchanged::of(&path);
    let mut session = open(&path).await.unwrap();
    let pwn = dir.path().join("pwn.db").display().to_string();
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |below: u64| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % below).unwrap()
    };
    let mut ran = 0;
    for _ in 0..20_000 {
        let pieces = 2 + next(7);
        // Half of them begin well, or almost none would pass.
        let begin = if next(2) == 0 { "select 1" } else { "" };
        let text: String = std::iter::once(begin).chain((0..pieces).map(|_| PIECES[next(32)])).collect();
        let text = text.replace("pwn.db", &pwn);
        ran += u32::from(rows(session.as_mut(), &with(&text, &[("a", Parameter::Integer(1))])).await.is_ok());
    }
    assert!(ran > 200, "only {ran} texts ran");
    let mut app = writer(&path, SqliteJournalMode::Delete).await;
    sqlx::query("pragma busy_timeout = 0").execute(&mut app).await.unwrap();
    sqlx::query("delete from invoice").execute(&mut app).await.expect_err("the snapshot still holds its lock");
    app.close().await.unwrap();
    session.close().await.unwrap();
    assert!(!Path::new(&pwn).exists());
    unchanged.holds();
}

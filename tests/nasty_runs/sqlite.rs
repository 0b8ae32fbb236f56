//! S001–S022 as the invoices of an SQLite source, each for its own subscription.

use crate::desk::Desk;
use dualrun::domain::decode::Reason;
use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;
use std::path::{Path, PathBuf};

const INVOICES: &str = "select id, coalesce(id, 'S014') as subscription_id, 'paid' as status, 'CAD' as currency, amount as subtotal, \
                        period as period_start, note as number from invoice";

async fn make(dir: &Path, name: &str, script: &str) -> PathBuf {
    let path = dir.join(name);
    let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
    let mut connection = options.connect().await.expect("a file");
    for statement in script.split_inclusive(";\n") {
        sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut connection).await.unwrap_or_else(|e| panic!("{statement}: {e}"));
    }
    path
}

async fn books(dir: &Path) -> Desk {
    let source = make(dir, "source.db", include_str!("../nasty/sqlite_source.sql")).await;
    let target = make(
        dir,
        "target.db",
        "create table plans(id text, currency text, flat_price text);
         insert into plans values ('basic', 'CAD', '10.00');
         create table subscriptions(id text, customer_id text, plan_id text, status text, started_on text);
         insert into subscriptions select 'S0' || printf('%02d', value), 'c', 'basic', 'active', '2020-01-01' from (
           with recursive n(value) as (select 1 union all select value + 1 from n where value < 22) select value from n);",
    )
    .await;
    Desk::new()
        .files(&source, &target)
        .source("invoices", INVOICES)
        .source_setting("zero_invoices", "\"kept\"")
        .target("plans", "select id, currency, flat_price from plans")
        .target("subscriptions", "select id, customer_id, plan_id, status, started_on from subscriptions")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_of_the_file_has_its_outcome() {
    let dir = tempfile::tempdir().expect("a folder");
    let kept = books(dir.path()).await.run().await;
    let listed = |case, column, raw, reason| (case, "source", "invoices", case, column, raw, reason);
    let no_key = |case| (case, "source", "invoices", "", "id", "NULL", Reason::EmptyId);
    kept.lists_exactly(&[
        listed("S001", "subtotal", "abc", Reason::NotANumber),
        listed("S002", "subtotal", "1,234.56", Reason::NotANumber),
        listed("S003", "subtotal", "Infinity", Reason::Infinite),
        listed("S004", "subtotal", "≈9007199254740994 (REAL)", Reason::NotANumber),
        listed("S007", "subtotal", "<blob 2 bytes>", Reason::NotANumber),
        listed("S008", "period_start", "31/01/2026", Reason::NotADate),
        listed("S009", "period_start", "1775001600", Reason::NotADate),
        listed("S010", "period_start", "2461131.5", Reason::NotADate),
        listed("S011", "period_start", "2026-13-45", Reason::NotADate),
        listed("S012", "period_start", "0000-00-00", Reason::NotADate),
        listed("S013", "period_start", "", Reason::NotADate),
        no_key("S014"),
        no_key("S014 again"),
        listed("S019", "number", "\\xff\\xfeA", Reason::NotUtf8),
        listed("S021", "subtotal", "0x10", Reason::NotANumber),
        // Exact in cents; as whole units its cents leave 64 bits.
        listed("S022", "subtotal", "9223372036854775807", Reason::Overflow),
    ]);
    for case in ["S001", "S002", "S003", "S004", "S007", "S008", "S009", "S010", "S011", "S012", "S013", "S014", "S019", "S021", "S022"] {
        kept.judges(&[(case, case, "not_comparable", "", "10.00")]);
    }
    kept.judges(&[
        ("S005", "S005", "delta", "10.10", "10.00"),
        ("S006", "S006", "delta", "0.00", "10.00"),
        ("S016", "S016", "match", "10.00", "10.00"),
        ("S017", "S017\0x", "missing_in_target", "10.00", ""),
        ("S017 the twin", "S017", "missing_in_source", "", "10.00"),
        ("S018", "S018", "match", "10.00", "10.00"),
        ("S020", "S020", "delta", "7.00", "10.00"),
    ]);
    let number = |case: &str| kept.row(case, case).documents.first().and_then(|d| d.number.clone()).expect("a number").shown(60);
    assert_eq!(number("S016"), "nul\\u{0}hidden tail", "S016: the whole value, its NUL shown");
    assert_eq!(number("S018"), "esc\\u{1b}[2J\\u{7}", "S018");
    assert_eq!(kept.row("S017", "S017\0x").key.shown(40), "S017\\u{0}x", "S017");
}

/// S022, S004: whole cents of 64 bits are exact; what the file itself has lost stays an error.
#[tokio::test(flavor = "multi_thread")]
async fn the_largest_integer_is_exact_in_cents() {
    let dir = tempfile::tempdir().expect("a folder");
    let desk = books(dir.path()).await.source_setting("money_unit", "\"minor\"");
    let few = "where id in ('S022', 'S004')";
    let desk = desk.source("invoices", &format!("{INVOICES} {few}"));
    let kept = desk.target("subscriptions", &format!("select id, customer_id, plan_id, status, started_on from subscriptions {few}")).run().await;
    kept.lists_exactly(&[("S004", "source", "invoices", "S004", "subtotal", "≈9007199254740994 (REAL)", Reason::NotANumber)]);
    kept.judges(&[("S022", "S022", "delta", "92233720368547758.07", "10.00")]);
}

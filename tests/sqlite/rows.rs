//! S001 to S022: what stands in the file, decoded as an invoice, gives the value or the reason the corpus names.

use super::harness::{Collect, Unchanged, make, open, query, rows};
use crate::side_profile;
use dualrun::domain::contract::{Column, Entity};
use dualrun::domain::decode::{Layout, Reason, Row};
use dualrun::domain::period::Zone;
use dualrun::ports::database::Query;

const SOURCE: &str = include_str!("../nasty/sqlite_source.sql");
const INVOICES: &str = "select id, subscription_id, 'paid' as status, 'CAD' as currency, amount as subtotal, period as period_start, \
                        note as number from invoice order by rowid";

/// One row in words: `id | subtotal | period | note`, an error as its reason.
fn told(row: Row<'_>) -> String {
    fn word<T: ToString>(value: Result<T, Reason>) -> String {
        value.map_or_else(|reason| format!("!{reason:?}"), |v| v.to_string())
    }
    let column = |name| Column::of(Entity::Invoices, name);
    let id = word(row.id(column("id")).map(|id| id.escape_default().to_string()));
    let subtotal = word(row.required_number(column("subtotal")));
    let period = word(row.day(column("period_start")).map(|d| d.map_or_else(|| "NULL".to_owned(), |d| d.to_string())));
    let note = word(row.text(column("number")).map(|n| n.as_deref().unwrap_or("NULL").escape_default().to_string()));
    format!("{id} | {subtotal} | {period} | {note}")
}

#[tokio::test]
async fn every_nasty_row_has_the_outcome_its_table_names() {
    let dir = tempfile::tempdir().unwrap();
    let path = make(dir.path(), "nasty.db", SOURCE).await;
    let unchanged = Unchanged::of(&path);
    let mut session = open(&path).await.unwrap();
    let mut sink = Collect::default();
    let invoices = Query { entity: Some(Entity::Invoices), ..query(INVOICES) };
    assert_eq!(session.stream(&invoices, &mut sink).await.unwrap(), 22);
    session.close().await.unwrap();

    let layout = Layout::new(Entity::Invoices, &sink.columns).unwrap();
    let (profile, zone) = (side_profile::plain(), Zone::named("UTC").unwrap());
    let batch = sink.batches.first().unwrap();
    let read: Vec<String> = batch.rows(&layout, &profile, zone).map(told).collect();
    let expected = [
        "S001 | !NotANumber | 2026-04-01 | text in a DECIMAL column",
        "S002 | !NotANumber | 2026-04-01 | thousands comma stays text",
        "S003 | !Infinite | 2026-04-01 | Infinity",
        "S004 | !NotANumber | 2026-04-01 | becomes 9007199254740994 on INSERT: the loss is in the file",
        "S005 | 10.1 | 2026-04-01 | stored as REAL 10.1",
        "S006 | 0 | 2026-04-01 | -0.0",
        "S007 | !NotANumber | 2026-04-01 | blob in a DECIMAL column",
        "S008 | 10 | !NotADate | date as dd/mm",
        "S009 | 10 | !NotADate | date as unix seconds",
        "S010 | 10 | !NotADate | date as julian day",
        "S011 | 10 | !NotADate | impossible date",
        "S012 | 10 | !NotADate | zero date",
        "S013 | 10 | !NotADate | empty date",
        "!EmptyId | 10 | 2026-04-01 | NULL primary key is legal in SQLite",
        "!EmptyId | 10 | 2026-04-01 | a second NULL primary key",
        r"S016 | 10 | 2026-04-01 | nul\u{0}hidden tail",
        r"S017\u{0}x | 10 | 2026-04-01 | NUL in the key",
        r"S018 | 10 | 2026-04-01 | esc\u{1b}[2J\u{7}",
        "S019 | 10 | 2026-04-01 | !NotUtf8",
        "S020 | 7 | 2026-04-01 | blanks around a number",
        "S021 | !NotANumber | 2026-04-01 | hex text",
        "S022 | 9223372036854775807 | 2026-04-01 | int max",
    ];
    for (read, expected) in read.iter().zip(expected) {
        assert_eq!(read, expected);
    }
    assert_eq!(read.len(), expected.len());

    // What is listed shows why: the lost digits, the blob, and no byte that drives a terminal.
    let raw = |at: usize, column: &str| {
        batch.rows(&layout, &profile, zone).nth(at).unwrap().error("", Column::of(Entity::Invoices, column), Reason::NotANumber).raw
    };
    assert_eq!(raw(3, "subtotal"), "≈9007199254740994 (REAL)");
    assert_eq!(raw(6, "subtotal"), "<blob 2 bytes>");
    assert_eq!(raw(15, "number"), r"nul\u{0}hidden tail");
    assert_eq!(raw(17, "number"), r"esc\u{1b}[2J\u{7}");
    assert_eq!(raw(18, "number"), r"\xff\xfeA");
    unchanged.holds();
}

#[tokio::test]
async fn columns_are_described_by_their_declared_type() {
    let dir = tempfile::tempdir().unwrap();
    let script = "create table t(id integer primary key, amount DECIMAL(12,2), ratio double precision, name varchar(9), at datetime, raw);
                  create view v as select amount as money from t;";
    let path = make(dir.path(), "types.db", script).await;
    let mut session = open(&path).await.unwrap();
    let columns = session.judge(&query("select t.*, 1 + 1 as sum, v.money, id as id from t, v")).await.unwrap();
    let told: Vec<_> = columns.iter().map(|c| (c.name.as_str(), c.type_name.as_str(), c.approximate)).collect();
    assert_eq!(
        told,
        [
            ("id", "integer", false),
            ("amount", "decimal(12,2)", true),
            ("ratio", "double precision", true),
            ("name", "varchar(9)", false),
            ("at", "datetime", false),
            ("raw", "any", false),
            ("sum", "any", false),
            ("money", "decimal(12,2)", true),
            ("id", "integer", false),
        ]
    );
    session.close().await.unwrap();
}

#[tokio::test]
async fn a_utf16_file_reads_the_same_and_empty_is_not_null() {
    let dir = tempfile::tempdir().unwrap();
    let script = "pragma encoding='UTF-16le'; create table t(a text, b text, c blob); insert into t values ('Zoé ☃', '', x''), (null, 'x', null);";
    let path = make(dir.path(), "utf16.db", script).await;
    let unchanged = Unchanged::of(&path);
    let mut session = open(&path).await.unwrap();
    let table = rows(session.as_mut(), &query("select a, b, c from t order by rowid")).await.unwrap();
    assert_eq!(table, [["Zoé ☃", "", "<blob 0 bytes>"], ["NULL", "x", "NULL"]]);
    session.close().await.unwrap();
    unchanged.holds();
}

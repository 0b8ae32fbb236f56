//! The generated book: the same seed gives the same bytes, and its expected counts are those of its rows, judged again
//! here from the text alone with exact fractions and none of the generator's own arithmetic.

#![allow(clippy::unwrap_used, reason = "functions that only tests call")]

use dualrun::adapters::book_files::write_large_sqlite;
use dualrun::demo::LargeBook;
use dualrun::demo::large::cell::Kind;
use dualrun::demo::large::{LargeTable, large_toml_sqlite, write_sql};
use dualrun::domain::contract::Entity;
use dualrun::domain::currency::Currency;
use dualrun::domain::decode::Batch;
use dualrun::domain::exact::Exact;
use dualrun::domain::rounding::{RoundMode, to_minor};
use dualrun::domain::run::{Counts, MoneyTotals};
use dualrun::domain::side::Side;
use dualrun::domain::verdict::Verdict;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Row};
use std::collections::{BTreeMap, BTreeSet};

type Record = BTreeMap<&'static str, String>;

/// All rows of a table; NULL is left out of its record.
fn records(book: &LargeBook, side: Side, entity: Entity) -> Vec<Record> {
    let table = LargeTable::all(side).into_iter().find(|t| t.entity == entity).unwrap();
    let (names, mut batch, mut batches) = (table.names(), Batch::new(table.columns.len()), book.batches(table));
    let mut out = Vec::new();
    while batches.next_into(&mut batch) {
        for row in 0..batch.len() {
            let field = |i: usize| batch.field(row, i).map(|b| String::from_utf8(b.to_vec()).unwrap());
            out.push(names.iter().enumerate().filter_map(|(i, n)| field(i).map(|f| (*n, f))).collect());
        }
    }
    out
}

fn number(record: &Record, column: &str) -> Exact {
    record.get(column).map_or(Exact::ZERO, |text| text.parse().unwrap())
}

fn cents(value: Exact) -> i64 {
    to_minor(value, Currency::known("CAD").unwrap(), RoundMode::HalfUp).unwrap().minor
}

fn by_id(records: Vec<Record>) -> BTreeMap<String, Record> {
    records.into_iter().map(|r| (r["id"].to_lowercase(), r)).collect()
}

type CellKey = (String, String);

/// The documents of a side per subscription and month, void ones left out, each as (net cents, tax cents).
fn documents(book: &LargeBook, side: Side) -> BTreeMap<CellKey, Vec<(i64, i64)>> {
    let mut out: BTreeMap<CellKey, Vec<(i64, i64)>> = BTreeMap::new();
    for r in records(book, side, Entity::Invoices).iter().filter(|r| r["status"] != "void") {
        let month = r.get("period_start").unwrap_or(&r["issued_on"])[..7].to_owned();
        let key = r.get("subscription_id").map_or_else(String::new, |id| id.to_lowercase());
        assert_eq!(number(r, "total"), number(r, "subtotal").add(number(r, "tax")).unwrap());
        out.entry((month, key)).or_default().push((cents(number(r, "subtotal")), cents(number(r, "tax"))));
    }
    out
}

/// Flat price plus usage beyond what is included, at the target's prices, from the rows alone.
fn ratings(book: &LargeBook, subscriptions: &BTreeMap<String, Record>) -> BTreeMap<CellKey, i64> {
    let plans = by_id(records(book, Side::Target, Entity::Plans));
    let charges: BTreeMap<String, Record> = records(book, Side::Target, Entity::Charges).into_iter().map(|r| (r["plan_id"].clone(), r)).collect();
    let mut used: BTreeMap<CellKey, Exact> = BTreeMap::new();
    for r in records(book, Side::Source, Entity::Usage) {
        let sum = used.entry((r["occurred_at"][..7].to_owned(), r["subscription_id"].clone())).or_insert(Exact::ZERO);
        *sum = sum.add(number(&r, "quantity")).unwrap();
    }
    let rate = |(key, used): (&CellKey, &Exact)| {
        let plan = &subscriptions.get(&key.1)?["plan_id"];
        let charge = &charges[plan];
        let over = used.sub(number(charge, "included")).unwrap().max(Exact::ZERO);
        let size = if charge.contains_key("package_size") { number(charge, "package_size") } else { Exact::ONE };
        let usage = over.div(size).unwrap().mul(number(charge, "unit_price")).unwrap();
        Some((key.clone(), cents(number(&plans[&plan.to_lowercase()], "flat_price").add(usage).unwrap())))
    };
    used.iter().filter_map(rate).collect()
}

fn judged(billed: &[(i64, i64)], expected: Option<i64>) -> Verdict {
    let (net, tax) = billed.iter().fold((0, 0), |sum, b| (sum.0 + b.0, sum.1 + b.1));
    let equal = billed.iter().all(|b| *b == billed[0]);
    let Some(expected) = expected else { return Verdict::MissingInTarget };
    let expected_tax = cents(Exact::ratio(i128::from(expected) * 13, 10_000).unwrap());
    match i64::try_from(billed.len()).unwrap() {
        0 => Verdict::MissingInSource,
        n if n > 1 && equal && net == n * expected => Verdict::Duplicate,
        _ if (net, tax) == (expected, expected_tax) => Verdict::Match,
        _ => Verdict::Delta,
    }
}

#[test]
fn the_expected_counts_are_those_of_the_rows() {
    let book = LargeBook::new(200, 20, 7).unwrap();
    let subscriptions = by_id(records(&book, Side::Target, Entity::Subscriptions));
    let (billed, drafts, rated) = (documents(&book, Side::Source), documents(&book, Side::Target), ratings(&book, &subscriptions));
    let cells: BTreeSet<&CellKey> = billed.keys().chain(rated.keys()).filter(|k| !k.1.is_empty()).collect();
    assert_eq!(cells.len(), 4000);
    let mut counts: BTreeMap<&str, Counts> = BTreeMap::new();
    let mut money: BTreeMap<&str, MoneyTotals> = BTreeMap::new();
    for key in cells {
        let documents = billed.get(key).map_or(&[][..], Vec::as_slice);
        let expected = rated.get(key).copied();
        assert!(drafts.get(key).is_none_or(|d| d.len() == 1 && Some(d[0].0) == expected), "a draft equals the rating: {key:?}");
        let verdict = judged(documents, expected);
        counts.entry(&key.0).or_default().add(verdict);
        let (actual, expected) = (documents.iter().map(|d| d.0).sum::<i64>(), expected.unwrap_or(0));
        let sum = money.entry(&key.0).or_default();
        sum.actual += actual;
        sum.expected += expected;
        sum.gross += (expected - actual).abs();
        sum.covered += if matches!(verdict, Verdict::MissingInSource | Verdict::MissingInTarget) { 0 } else { actual };
    }
    for (key, documents) in billed.iter().filter(|b| b.0.1.is_empty()) {
        for _ in documents {
            counts.get_mut(key.0.as_str()).unwrap().add(Verdict::Unlinked);
        }
        money.get_mut(key.0.as_str()).unwrap().unlinked += documents.iter().map(|d| d.0).sum::<i64>();
    }
    let expected = book.expected_counts();
    assert_eq!(expected.months.len(), 20);
    for month in &expected.months {
        let name = month.month.to_string();
        assert_eq!(month.counts, counts[name.as_str()], "{name}");
        let (want, got) = (&month.money, &money[name.as_str()]);
        assert_eq!((want.actual, want.expected, want.gross), (got.actual, got.expected, got.gross), "{name}");
        assert_eq!((want.unlinked, want.covered, want.net), (got.unlinked, got.covered, got.expected - got.actual), "{name}");
        assert_eq!(want.invoiced, got.actual + got.unlinked, "{name}");
        assert_eq!(month.basis.draft, drafts.keys().filter(|k| k.0 == name).count() as u64, "{name}");
    }
    assert_eq!(expected.of(Verdict::Unlinked), 20);
    for verdict in [Verdict::Match, Verdict::Delta, Verdict::MissingInSource, Verdict::Duplicate] {
        assert!(expected.of(verdict) > 0, "{verdict:?}");
    }
}

#[test]
fn every_kind_of_difference_is_injected() {
    let expected = LargeBook::new(3000, 3, 1).unwrap().expected_counts();
    for kind in Kind::ALL {
        assert!(expected.months.iter().map(|m| m.injected[&kind]).sum::<u64>() > 0, "{kind:?}");
    }
    assert!(expected.of(Verdict::MissingInTarget) > 0);
    let json = expected.to_json();
    assert_eq!(json["rows"], 9045);
    assert_eq!(json["counts"].as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum::<u64>(), 9045);
    assert_eq!(json["periods"].as_object().unwrap().keys().collect::<Vec<_>>(), ["2026-03", "2026-04", "2026-05"]);
}

fn sql_hash(book: &LargeBook, side: Side) -> blake3::Hash {
    let mut out = Vec::new();
    write_sql(book, side, "dualrun_ro", &mut out).unwrap();
    blake3::hash(&out)
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let book = |seed| LargeBook::new(150, 2, seed).unwrap();
    for side in Side::BOTH {
        assert_eq!(sql_hash(&book(7), side), sql_hash(&book(7), side));
        assert_ne!(sql_hash(&book(7), side), sql_hash(&book(8), side));
    }
    // Written down once: a book never changes with a version of anything.
    let pinned = Side::BOTH.map(|side| sql_hash(&book(7), side).to_hex()[..16].to_owned());
    assert_eq!(pinned, ["5c27af3172539687", "909a24e7ece19705"]);
}

#[tokio::test]
async fn the_files_hold_every_generated_row() {
    let dir = tempfile::tempdir().unwrap();
    let book = LargeBook::new(1200, 1, 3).unwrap();
    let project = write_large_sqlite(&book, dir.path()).await.unwrap();
    for side in Side::BOTH {
        let mut connection = SqliteConnectOptions::new().filename(project.database(side)).read_only(true).connect().await.unwrap();
        for table in LargeTable::all(side) {
            let sql = format!("select count(*), count(distinct {}) from {}", table.columns[0].0, table.entity);
            let row = sqlx::query(AssertSqlSafe(sql)).fetch_one(&mut connection).await.unwrap();
            let records = records(&book, side, table.entity);
            let count = |n: usize| i64::try_from(n).unwrap();
            let ids: BTreeSet<&String> = records.iter().map(|r| &r[table.columns[0].0]).collect();
            assert_eq!((row.get::<i64, _>(0), row.get::<i64, _>(1)), (count(records.len()), count(ids.len())), "{side} {}", table.entity);
        }
        let nulls = "select count(*) from invoices where subscription_id is null";
        let unlinked: i64 = sqlx::query_scalar(nulls).fetch_one(&mut connection).await.unwrap();
        assert_eq!(unlinked, if side == Side::Source { 6 } else { 0 });
    }
    let parsed: toml::Table = std::fs::read_to_string(&project.config).unwrap().parse().unwrap();
    assert_eq!(parsed["source"]["key"].as_str(), Some("uuid"));
    assert!(large_toml_sqlite(&book).contains(":period_start_at"));
}

#[test]
fn sizes_have_bounds() {
    assert!(LargeBook::new(0, 1, 1).is_err() && LargeBook::new(1, 0, 1).is_err() && LargeBook::new(1, 121, 1).is_err());
    assert_eq!(LargeBook::new(1, 1, 1).unwrap().expected_counts().months[0].counts.total(), 1);
}

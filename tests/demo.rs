//! The embedded demo shows the known dual run to the cent, and a book arrives in SQLite exactly as its CSV files say.

#![allow(clippy::unwrap_used, reason = "functions that only tests call")]

use dualrun::adapters::book_files::{BookFilesError, read_book, write_project};
use dualrun::demo::project_text::{PostgresPlace, dualrun_toml_postgres, dualrun_toml_sqlite};
use dualrun::demo::{Book, BookError, Table, embedded};
use dualrun::domain::contract::Entity;
use dualrun::domain::side::Side;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Row, SqliteConnection};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

fn specimen() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/books/specimen"))
}

/// Cells of a table by column name; NULL is an empty text here.
fn cells<'a>(table: &'a Table, columns: &[&str]) -> Vec<Vec<&'a str>> {
    let places: Vec<usize> = columns.iter().map(|c| table.column(c).unwrap()).collect();
    table.rows.iter().map(|row| places.iter().map(|&p| row[p].as_deref().unwrap_or("")).collect()).collect()
}

/// Whole cents of a text with two decimals.
fn cents(text: &str) -> i64 {
    let (whole, decimals) = text.split_once('.').unwrap();
    assert_eq!(decimals.len(), 2, "{text}");
    whole.parse::<i64>().unwrap() * 100 + decimals.parse::<i64>().unwrap()
}

fn demo_table(book: &Book, side: Side, entity: Entity) -> &Table {
    book.table(side, entity).unwrap()
}

/// Billable source documents of the demo: (month, subscription, net cents, id).
fn billed(book: &Book) -> Vec<(String, String, i64, String)> {
    let columns = ["status", "period_start", "issued_on", "subscription_id", "subtotal", "id"];
    let rows = cells(demo_table(book, Side::Source, Entity::Invoices), &columns);
    let day = |r: &[&str]| if r[1].is_empty() { r[2].to_owned() } else { r[1].to_owned() };
    let counts = |r: &&Vec<&str>| matches!(r[0], "paid" | "open") && cents(r[4]) != 0;
    rows.iter().filter(counts).map(|r| (day(r)[..7].to_owned(), r[3].to_owned(), cents(r[4]), r[5].to_owned())).collect()
}

/// Flat price plus overage of a subscription's month, in cents, by whole numbers only: quantities have at most two decimals.
fn rated(book: &Book, subscription: &str, month: &str) -> i64 {
    let subscriptions = cells(demo_table(book, Side::Target, Entity::Subscriptions), &["id", "plan_id"]);
    let plan = subscriptions.iter().find(|s| s[0] == subscription).unwrap()[1];
    let flat =
        cells(demo_table(book, Side::Target, Entity::Plans), &["id", "flat_price"]).iter().find(|p| p[0] == plan).map(|p| cents(p[1])).unwrap();
    let hundredths = |text: &str| match text.split_once('.') {
        None => text.parse::<i64>().unwrap() * 100,
        Some((whole, d)) => whole.parse::<i64>().unwrap() * 100 + format!("{d:0<2}").parse::<i64>().unwrap(),
    };
    let usage = cells(demo_table(book, Side::Source, Entity::Usage), &["subscription_id", "occurred_at", "quantity"]);
    let used: i64 = usage.iter().filter(|u| u[0] == subscription && u[1].starts_with(month)).map(|u| hundredths(u[2])).sum();
    // In cents: over ÷ 100 ÷ 3,600 × 0.0075 × 100 = over × 75 ÷ 36,000,000, half up.
    let over = (used - 36_000 * 100).max(0);
    flat + (2 * over * 75 + 36_000_000) / (2 * 36_000_000)
}

#[test]
fn the_demo_has_the_known_sizes() {
    let book = embedded().unwrap();
    let count = |side, entity| demo_table(&book, side, entity).rows.len();
    for side in Side::BOTH {
        assert_eq!((count(side, Entity::Customers), count(side, Entity::Plans), count(side, Entity::Subscriptions)), (7, 232, 87));
    }
    assert_eq!(count(Side::Target, Entity::Plans) + count(Side::Target, Entity::Charges), 464);
    let plans = cells(demo_table(&book, Side::Source, Entity::Plans), &["active"]);
    assert_eq!(plans.iter().filter(|p| p[0] == "false").count(), 218);
    let subscriptions = cells(demo_table(&book, Side::Source, Entity::Subscriptions), &["id", "status", "plan_id"]);
    let active: Vec<_> = subscriptions.iter().filter(|s| s[1] == "active").collect();
    assert_eq!(subscriptions.len() - active.len(), 78);
    let plans = cells(demo_table(&book, Side::Source, Entity::Plans), &["id", "interval"]);
    let yearly: BTreeSet<&str> = plans.iter().filter(|p| p[1] == "year").map(|p| p[0]).collect();
    assert_eq!(active.iter().filter(|s| yearly.contains(s[2])).count(), 3);
    assert_eq!(active.iter().filter(|s| !yearly.contains(s[2])).count(), 6);
}

#[test]
fn the_demo_month_is_the_known_dual_run_to_the_cent() {
    let book = embedded().unwrap();
    let may: Vec<_> = billed(&book).into_iter().filter(|b| b.0 == "2026-05").collect();
    let rows: Vec<(i64, i64)> = may.iter().filter(|b| !b.1.is_empty()).map(|b| (b.2, rated(&book, &b.1, "2026-05"))).collect();
    let unlinked: Vec<i64> = may.iter().filter(|b| b.1.is_empty()).map(|b| b.2).collect();
    assert_eq!(rows, [(913, 20_000), (5_806, 20_000), (913, 5_000), (4_500, 5_000), (3_000, 3_000), (33_095, 33_095)]);
    assert_eq!(unlinked, [87_799, 87_266, 3_220]);
    assert_eq!(rows.iter().map(|r| r.0).sum::<i64>(), 48_227);
    assert_eq!(rows.iter().map(|r| r.1).sum::<i64>(), 86_095);
    assert_eq!(rows.iter().map(|r| (r.1 - r.0).abs()).sum::<i64>(), 37_868);
    assert_eq!(may.iter().map(|b| b.2).sum::<i64>(), 226_512);
    assert_eq!(48_227 * 10_000 / 226_512, 2_129);
    assert_eq!(may.iter().find(|b| b.1 == "sub-1002").unwrap().3, "INV-77");
    let used = cells(demo_table(&book, Side::Source, Entity::Usage), &["subscription_id", "quantity"]);
    assert_eq!(used.iter().filter(|u| u[0] == "sub-1002").map(|u| u[1].parse::<i64>().unwrap()).sum::<i64>(), 12_000);
}

#[test]
fn the_demo_leaves_out_what_is_void_draft_or_nothing_and_has_headers_without_lines() {
    let book = embedded().unwrap();
    let invoices = cells(demo_table(&book, Side::Source, Entity::Invoices), &["status", "subtotal", "tax", "total"]);
    let status = |word: &str| invoices.iter().filter(|i| i[0] == word).count();
    let zero = invoices.iter().filter(|i| cents(i[1]) == 0).count();
    assert_eq!((status("void"), status("draft"), zero), (1, 2, 5));
    for invoice in &invoices {
        let (net, tax, total) = (cents(invoice[1]), cents(invoice[2]), cents(invoice[3]));
        assert_eq!((tax, total), ((net * 26 + 100) / 200, net + tax));
    }
    let lines: Vec<_> = cells(demo_table(&book, Side::Source, Entity::InvoiceLines), &["invoice_id", "amount"]);
    let billed = billed(&book);
    let with_lines: BTreeSet<&str> = lines.iter().map(|l| l[0]).collect();
    let headers: Vec<_> = billed.iter().filter(|b| !with_lines.contains(b.3.as_str())).collect();
    assert_eq!(headers.len(), 9);
    let lost = headers.iter().map(|b| b.2).sum::<i64>() * 1000 / billed.iter().map(|b| b.2).sum::<i64>();
    assert_eq!(lost, 369, "the lines alone lose 37 %");
    for (id, net) in billed.iter().filter(|b| with_lines.contains(b.3.as_str())).map(|b| (&b.3, b.2)) {
        assert_eq!(lines.iter().filter(|l| l[0] == id).map(|l| cents(l[1])).sum::<i64>(), net, "{id}");
    }
}

#[test]
fn earlier_months_show_a_trend() {
    let book = embedded().unwrap();
    let mut months: BTreeMap<String, (usize, usize, usize)> = BTreeMap::new();
    for (month, subscription, net, _) in billed(&book) {
        let entry = months.entry(month.clone()).or_default();
        if subscription.is_empty() {
            entry.2 += 1;
        } else {
            entry.0 += 1;
            entry.1 += usize::from(rated(&book, &subscription, &month) == net);
        }
    }
    let got: Vec<_> = months.into_iter().map(|(m, (rows, same, unlinked))| format!("{m} {same}/{rows} +{unlinked}")).collect();
    let wanted =
        ["2025-11 9/10 +0", "2025-12 9/10 +1", "2026-01 10/10 +0", "2026-02 8/10 +1", "2026-03 9/10 +1", "2026-04 8/10 +0", "2026-05 2/6 +3"];
    assert_eq!(got, wanted);
}

#[test]
fn no_customer_of_the_demo_is_anybody() {
    let book = embedded().unwrap();
    for side in Side::BOTH {
        for customer in cells(demo_table(&book, side, Entity::Customers), &["email"]) {
            assert!(Path::new(customer[0]).extension().is_some_and(|e| e == "example"), "{}", customer[0]);
        }
    }
}

async fn stored(connection: &mut SqliteConnection, table: &Table) -> Vec<Vec<Option<String>>> {
    let sql = format!("select * from {} order by rowid", table.entity);
    let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(connection).await.unwrap();
    rows.iter().map(|row| (0..row.len()).map(|i| row.get::<Option<String>, _>(i)).collect()).collect()
}

#[tokio::test]
async fn every_row_of_a_book_arrives_in_sqlite_as_text() {
    let dir = tempfile::tempdir().unwrap();
    let book = read_book(specimen(), true).unwrap();
    let project = write_project(&book, &dir.path().join("new/project")).await.unwrap();
    for side in Side::BOTH {
        let mut connection = SqliteConnectOptions::new().filename(project.database(side)).read_only(true).connect().await.unwrap();
        for table in book.tables(side) {
            assert_eq!(stored(&mut connection, table).await, table.rows, "{side} {}", table.entity);
        }
        let query = "select count(*) from subscriptions where typeof(id) not in ('text', 'null')";
        assert_eq!(sqlx::query_scalar::<_, i64>(query).fetch_one(&mut connection).await.unwrap(), 0);
    }
    let mut source = SqliteConnectOptions::new().filename(&project.source).read_only(true).connect().await.unwrap();
    let empty = "select count(*) filter (where subscription_id = ''), count(*) filter (where subscription_id is null) from invoices";
    let row = sqlx::query(empty).fetch_one(&mut source).await.unwrap();
    assert!(row.get::<i64, _>(0) >= 1 && row.get::<i64, _>(1) >= 1, "the empty and the absent id are two things");
    let left: Vec<_> = std::fs::read_dir(dir.path().join("new/project")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left.len(), 3, "{left:?}");
}

#[tokio::test]
async fn nothing_that_exists_is_overwritten() {
    let book = embedded().unwrap();
    for name in ["source.db", "target.db", "dualrun.toml"] {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(name), "mine").unwrap();
        let refused = write_project(&book, dir.path()).await.unwrap_err();
        assert!(matches!(refused, BookFilesError::Exists { .. }), "{refused}");
        assert_eq!(std::fs::read_to_string(dir.path().join(name)).unwrap(), "mine");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}

#[test]
fn bad_rows_come_only_when_asked_for() {
    let (plain, bad) = (read_book(specimen(), false).unwrap(), read_book(specimen(), true).unwrap());
    let rows = |book: &Book, side, entity| book.table(side, entity).unwrap().rows.len();
    for (side, entity, extra) in [
        (Side::Source, Entity::Usage, 1),
        (Side::Source, Entity::Invoices, 1),
        (Side::Target, Entity::Subscriptions, 2),
        (Side::Source, Entity::Plans, 0),
    ] {
        assert_eq!(rows(&bad, side, entity), rows(&plain, side, entity) + extra, "{side} {entity}");
    }
}

#[test]
fn the_configuration_carries_the_profile_and_one_query_per_table() {
    let book = read_book(specimen(), false).unwrap();
    let text = dualrun_toml_sqlite(&book);
    assert!(text.starts_with("# book period: 2026-05\n"), "{text}");
    let parsed: toml::Table = text.parse().unwrap();
    assert!(parsed["service"].get("period").is_none());
    assert_eq!(parsed["service"]["time_zone"].as_str(), Some("America/Toronto"));
    assert_eq!(parsed["source"]["path"].as_str(), Some("source.db"));
    assert_eq!(parsed["source"]["left_out"]["void"].as_str(), Some("void"));
    assert_eq!(parsed["target"]["round_mode"].as_str(), Some("half_even"));
    assert_eq!(parsed["source"]["queries"]["events"].as_str(), Some("select subscription_id, at, what, \"from\", \"to\" from events"));
    assert_eq!(parsed["target"]["queries"].as_table().unwrap().len(), book.tables(Side::Target).len());
    let server: toml::Table = dualrun_toml_postgres(&book, &PostgresPlace::default()).parse().unwrap();
    assert_eq!((server["target"]["kind"].as_str(), server["target"]["database"].as_str()), (Some("postgres"), Some("dualrun_target")));
}

#[test]
fn what_is_no_book_says_which_file_and_why() {
    let profile = "[service]\nname='x'\ntime_zone='UTC'\nperiod='2026-05'\n[source]\n[target]\n";
    let good: &[(&str, &[u8])] = &[("plans.csv", b"id,currency\n")];
    let read = |profile: &str, source: &[(&str, &[u8])]| Book::read(profile, source, good, false).unwrap_err();
    assert!(matches!(read(profile, &[]), BookError::NoTables { side: Side::Source }));
    assert!(read(profile, &[("planz.csv", b"id\n")]).to_string().contains("source/planz.csv is no entity"));
    assert_eq!(read(profile, &[("plans.csv", b"id,currency\nx\n")]).to_string(), "source/plans.csv: line 2: 1 fields where the header has 2");
    assert!(read("[service]\nname='x'", good).to_string().contains("service.time_zone"));
    let missing = read_book(Path::new("/no/such/book"), false).unwrap_err();
    assert!(missing.to_string().contains("profile.toml"), "{missing}");
}

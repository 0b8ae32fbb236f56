//! Books in PostgreSQL: the scripts load with typed columns that print back what the CSV files say, and a generated
//! book comes to what its generator says there too.

use super::cluster::{self, Cluster};
use super::memory::{Memory, Noon};
use super::project;
use super::slow_link::{Line, SlowLink};
use dualrun::adapters::book_files::{read_book, write_book_sql, write_large_sql};
use dualrun::adapters::postgres::Postgres;
use dualrun::app::progress::Silent;
use dualrun::app::reconcile::reconcile;
use dualrun::config::load;
use dualrun::demo::large::large_toml_postgres;
use dualrun::demo::project_text::{PostgresPlace, dualrun_toml_postgres};
use dualrun::demo::{Book, LargeBook, Table};
use dualrun::domain::currency::Currency;
use dualrun::domain::run::RunState;
use dualrun::domain::side::Side;
use dualrun::domain::verdict::Verdict;
use dualrun::ports::connection::Connection;
use dualrun::ports::database::Database;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

fn place(cluster: &Cluster, name: &str) -> PostgresPlace {
    PostgresPlace {
        host: cluster.socket_directory(),
        port: cluster.port(),
        user: "book_reader".to_owned(),
        source_database: format!("{name}_source"),
        target_database: format!("{name}_target"),
    }
}

/// Two databases filled by their scripts, with a role that can only read.
fn fill(cluster: &Cluster, name: &str, script: impl Fn(Side) -> String) {
    let role = "select 'create role book_reader login' where not exists (select from pg_roles where rolname = 'book_reader') \\gexec";
    for side in Side::BOTH {
        let database = format!("{name}_{side}");
        cluster.create_database(&database);
        cluster.psql(&database, role);
        cluster.psql(&database, &script(side));
    }
}

/// Reconciles months of a project in `dir` whose sides are both PostgreSQL.
async fn run(dir: &Path, months: &[&str]) -> Memory {
    let settings = load(dir).unwrap_or_else(|e| panic!("{e}"));
    let database = |side: Side| -> Arc<dyn Database> {
        match settings.side(side).connection(&|_| None).unwrap_or_else(|e| panic!("{e}")) {
            Connection::Postgres(to) => Arc::new(Postgres::new(side, to, Arc::new(Noon))),
            other => panic!("not for this test: {:?}", other.kind()),
        }
    };
    let memory = Memory::default();
    let project = project::assemble(&settings, dir, [database(Side::Source), database(Side::Target)], Arc::new(memory.clone()));
    reconcile(&project, &project::whole(months), Arc::new(Silent), CancellationToken::new()).await.unwrap_or_else(|e| panic!("{e}"));
    memory
}

/// A table's rows as the server prints them, to compare with the CSV's: instants in UTC, booleans as words, NULL as `\N`.
fn printed(cluster: &Cluster, database: &str, table: &Table) -> Vec<String> {
    let sql = format!("set timezone = 'UTC'; select {} from {}", columns(table), table.entity);
    cluster.psql(database, &sql).lines().map(str::to_owned).collect()
}

fn columns(table: &Table) -> String {
    let one = |c: &String| format!("coalesce(\"{c}\"::text, '\\N')");
    table.columns.iter().map(one).collect::<Vec<_>>().join(" || '|' || ")
}

/// The CSV's rows in the same form.
fn wanted(table: &Table) -> Vec<String> {
    let instant = |text: &str| {
        let at = chrono::DateTime::parse_from_rfc3339(text).ok()?.to_utc();
        Some(format!("{}+00", at.format("%Y-%m-%d %H:%M:%S%.f")))
    };
    let field = |f: &Option<String>| f.as_deref().map_or_else(|| "\\N".to_owned(), |t| instant(t).unwrap_or_else(|| t.to_owned()));
    table.rows.iter().map(|row| row.iter().map(field).collect::<Vec<_>>().join("|")).collect()
}

fn loaded(cluster: &Cluster, name: &str, folder: &Path) -> Book {
    let book = read_book(folder, true).unwrap_or_else(|e| panic!("{e}"));
    let dir = tempfile::tempdir().expect("a folder");
    let [source, target, _] = write_book_sql(&book, &place(cluster, name), dir.path()).unwrap_or_else(|e| panic!("{e}"));
    fill(cluster, name, |side| std::fs::read_to_string(if side == Side::Source { &source } else { &target }).expect("a script"));
    for side in Side::BOTH {
        for table in book.tables(side) {
            assert_eq!(printed(cluster, &format!("{name}_{side}"), table), wanted(table), "{side} {}", table.entity);
        }
    }
    book
}

#[test]
fn typed_columns_print_back_what_the_book_says() {
    let cluster = cluster::shared();
    loaded(cluster, "spec", &project::specimen());
    let types = "select string_agg(column_name || ' ' || data_type, ', ' order by ordinal_position) from information_schema.columns \
                 where table_name = 'invoices' and column_name in ('subscription_id', 'period_start', 'subtotal')";
    assert_eq!(cluster.psql("spec_source", types), "subscription_id text, period_start date, subtotal numeric");
    let usage = "select data_type from information_schema.columns where table_name = 'usage' and column_name = 'occurred_at'";
    assert_eq!(cluster.psql("spec_source", usage), "timestamp with time zone");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_is_the_same_dual_run_on_postgresql() {
    let (cluster, dir) = (cluster::shared(), tempfile::tempdir().expect("a folder"));
    let book = loaded(cluster, "demo", &project::specimen().join("../../../demo-data"));
    std::fs::write(dir.path().join("dualrun.toml"), dualrun_toml_postgres(&book, &place(cluster, "demo"))).expect("written");
    let kept = run(dir.path(), &["2026-05"]).await.kept().pop().expect("a run");
    assert_eq!(kept.run.state, RunState::Complete);
    assert_eq!(Verdict::ALL.map(|v| kept.run.tally.counts.of(v)), [2, 0, 4, 0, 0, 3, 0, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_generated_book_comes_to_what_its_generator_says() {
    let (cluster, dir) = (cluster::shared(), tempfile::tempdir().expect("a folder"));
    let book = LargeBook::new(1000, 2, 5).expect("a size");
    let [source, target, _] = write_large_sql(&book, &place(cluster, "large"), dir.path()).unwrap_or_else(|e| panic!("{e}"));
    fill(cluster, "large", |side| std::fs::read_to_string(if side == Side::Source { &source } else { &target }).expect("a script"));
    let (runs, expected) = (run(dir.path(), &["2026-04", "2026-05"]).await.kept(), book.expected_counts());
    assert_eq!(runs.len(), expected.months.len());
    for (kept, month) in runs.iter().zip(&expected.months) {
        assert_eq!(kept.run.state, RunState::Complete);
        assert_eq!((kept.run.tally.counts, kept.run.tally.basis), (month.counts, month.basis), "{}", month.month);
        assert_eq!(kept.run.tally.money.get(&Currency::known("CAD").expect("CAD")), Some(&month.money), "{}", month.month);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_and_narrow_line_changes_no_number() {
    let (cluster, dir) = (cluster::shared(), tempfile::tempdir().expect("a folder"));
    let book = LargeBook::new(500, 2, 9).expect("a size");
    let line = Line { latency: Duration::from_millis(2), bandwidth: Some(4_000_000) };
    let link = SlowLink::start(cluster.port(), line).await;
    let near = PostgresPlace { host: "127.0.0.1".to_owned(), ..place(cluster, "far") };
    let far = PostgresPlace { port: link.port, ..near.clone() };
    let [source, target, config] = write_large_sql(&book, &near, dir.path()).unwrap_or_else(|e| panic!("{e}"));
    fill(cluster, "far", |side| std::fs::read_to_string(if side == Side::Source { &source } else { &target }).expect("a script"));
    let direct = run(dir.path(), &["2026-04", "2026-05"]).await.kept();
    std::fs::write(config, large_toml_postgres(&book, &far)).expect("written");
    let slow = run(dir.path(), &["2026-04", "2026-05"]).await.kept();
    assert_eq!((direct.len(), slow.len()), (2, 2));
    for (direct, slow) in direct.iter().zip(&slow) {
        assert_eq!(slow.run.state, RunState::Complete);
        assert_eq!((&slow.run.tally, &slow.run.digests), (&direct.run.tally, &direct.run.digests));
    }
    let passed = link.passed();
    assert!(passed.down > passed.up && passed.round_trips.len() >= 3, "all of it went that way: {passed:?}");
}

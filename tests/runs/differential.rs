//! 300 random small books, read by dualrun over PostgreSQL, against one SQL FULL OUTER JOIN in the same PostgreSQL:
//! equal to the cent and the verdict. The SQL shares nothing with the engines but the rules.

use crate::cluster::Cluster;
use crate::memory::Memory;
use crate::on_postgres::READER;
use crate::random_book::{PROFILE, RandomBook, Rows};
use dualrun::app::progress::Silent;
use dualrun::app::reconcile::reconcile;
use dualrun::domain::row::ReconRow;
use dualrun::ports::database::Parameter;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

const BOOKS: u64 = 300;

/// What both must agree on: verdict, net actual and expected, tax actual and expected.
type Line = [String; 5];

fn column_type(column: &str) -> &'static str {
    match column {
        "started_on" | "ended_on" | "trial_end" | "period_start" | "issued_on" | "valid_from" | "valid_to" => "date",
        "occurred_at" | "ingested_at" => "timestamptz",
        "active" | "exempt" => "boolean",
        "flat_price" | "included" | "package_size" | "unit_price" | "quantity" | "price_override" | "discount_percent" | "subtotal" | "tax"
        | "rate" => "numeric",
        "interval_count" => "integer",
        _ => "text",
    }
}

/// Fills a new database with books of the same tables, told apart by their numbers.
pub fn load(cluster: &Cluster, database: &str, books: &[RandomBook]) {
    crate::on_postgres::make_reader(cluster);
    let mut sql = String::new();
    for (schema, source) in [("s", true), ("t", false)] {
        let _ = writeln!(sql, "create schema {schema}; grant usage on schema {schema} to {READER}; set search_path = {schema};");
        for table in books[0].side(source) {
            let columns: Vec<String> = table.columns.iter().map(|c| format!("{c} {}", column_type(c))).collect();
            let _ = writeln!(sql, "create table {} (book integer, {});\ncopy {} from stdin;", table.entity, columns.join(", "), table.entity);
            for (n, book) in books.iter().enumerate() {
                copy_rows(&mut sql, n, book.side(source), table.entity);
            }
            sql.push_str("\\.\n");
        }
        let _ = writeln!(sql, "grant select on all tables in schema {schema} to {READER};");
    }
    cluster.create_database(database);
    cluster.psql(database, &sql);
}

fn copy_rows(sql: &mut String, book: usize, tables: &[Rows], entity: &str) {
    for row in tables.iter().filter(|t| t.entity == entity).flat_map(|t| &t.rows) {
        let fields: Vec<&str> = row.iter().map(|f| f.as_deref().unwrap_or("\\N")).collect();
        let _ = writeln!(sql, "{book}\t{}", fields.join("\t"));
    }
}

/// The `dualrun.toml` of such a database; the parameter `book` chooses.
pub fn configuration(cluster: &Cluster, database: &str, book: &RandomBook) -> String {
    let mut out = String::new();
    for line in PROFILE.lines().filter(|l| !l.starts_with("period")) {
        let _ = writeln!(out, "{line}");
        let schema = match line {
            "[source]" => "s",
            "[target]" => "t",
            _ => continue,
        };
        let _ = writeln!(
            out,
            "kind = \"postgres\"\nhost = \"{}\"\nport = {}\ndatabase = \"{database}\"\nuser = \"{READER}\"\nsearch_path = [\"{schema}\"]",
            cluster.socket_directory(),
            cluster.port()
        );
    }
    for (section, source) in [("source", true), ("target", false)] {
        let _ = writeln!(out, "[{section}.queries]");
        for t in book.side(source) {
            let _ = writeln!(
                out,
                "{0} = {{ sql = \"select {1} from {0} where book = :book\", parameters = {{ book = 0 }} }}",
                t.entity,
                t.columns.join(", ")
            );
        }
    }
    out
}

fn lines_of(rows: &[ReconRow]) -> BTreeMap<String, Line> {
    let text = |m: Option<dualrun::domain::money::Money>| m.map_or_else(String::new, |m| m.to_string());
    let line = |r: &ReconRow| [r.verdict.word().to_owned(), text(r.actual), text(r.expected), text(r.actual_tax), text(r.expected_tax)];
    rows.iter().map(|r| (r.key.raw().to_owned(), line(r))).collect()
}

fn oracle(cluster: &Cluster) -> BTreeMap<u64, BTreeMap<String, Line>> {
    let mut out: BTreeMap<u64, BTreeMap<String, Line>> = BTreeMap::new();
    for line in cluster.psql("random", include_str!("oracle.sql")).lines() {
        let fields: Vec<&str> = line.split('|').collect();
        let [book, key, verdict, actual, expected, actual_tax, expected_tax] = fields.as_slice() else { panic!("a line of the oracle: {line}") };
        let line = [verdict, actual, expected, actual_tax, expected_tax].map(|t| (*t).to_owned());
        out.entry(book.parse().expect("a number")).or_default().insert((*key).to_owned(), line);
    }
    out
}

#[tokio::test(flavor = "multi_thread")]
async fn dualrun_agrees_with_one_full_outer_join() {
    let cluster = crate::cluster::shared();
    let books: Vec<RandomBook> = (0..BOOKS).map(|n| RandomBook::new(1000 + n)).collect();
    load(cluster, "random", &books);
    let mut wanted = oracle(cluster);
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("dualrun.toml"), configuration(cluster, "random", &books[0])).expect("a file");
    let mut verdicts: BTreeMap<String, usize> = BTreeMap::new();
    for n in 0..BOOKS {
        let memory = Memory::default();
        let mut project = crate::on_postgres::project_in(dir.path(), &memory);
        for query in project.source.queries.values_mut().chain(project.target.queries.values_mut()) {
            query.parameters.insert("book".to_owned(), Parameter::Integer(i64::try_from(n).expect("small")));
        }
        reconcile(&project, &crate::project::whole(&["2026-05"]), Arc::new(Silent), CancellationToken::new()).await.unwrap_or_else(|e| panic!("{e}"));
        let ours = lines_of(&memory.kept().pop().expect("a run").rows);
        let theirs = wanted.remove(&n).unwrap_or_default();
        for (key, line) in &theirs {
            *verdicts.entry(line[0].clone()).or_default() += 1;
            assert_eq!(ours.get(key), Some(line), "book {n}, {key}: ours left, SQL right");
        }
        let extra: Vec<_> = ours.iter().filter(|(k, _)| !theirs.contains_key(*k)).collect();
        assert!(extra.is_empty(), "book {n}: rows SQL does not have: {extra:?}");
    }
    for verdict in ["match", "delta", "missing_in_source", "missing_in_target", "unlinked", "duplicate"] {
        assert!(verdicts.get(verdict).is_some_and(|n| *n >= 10), "too few {verdict} among {verdicts:?}");
    }
}

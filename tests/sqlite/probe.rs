//! A first look at a database nothing is configured about.

use dualrun::adapters::clock::SystemClock;
use dualrun::adapters::sqlite::Sqlite;
use dualrun::app::probe::{Probe, probe};
use dualrun::domain::contract::Entity;
use dualrun::domain::side::Side;
use dualrun::ports::connection::SqliteConnection;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

async fn looked(dir: &Path, sql: &str) -> Probe {
    let path = dir.join("a.db");
    if !sql.is_empty() {
        assert!(Command::new("sqlite3").arg(&path).arg(sql).status().unwrap().success());
    }
    let database = Sqlite::new(Side::Target, SqliteConnection { written: path.to_string_lossy().into_owned(), path }, Arc::new(SystemClock));
    probe(&database, Side::Target, &CancellationToken::new()).await
}

#[tokio::test]
async fn what_lies_under_the_contracts_names_is_mapped_and_what_lacks_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let seen = looked(
        dir.path(),
        "create table plans (id text, name text, currency text, \"interval\" text, flat_price text, colour text);
         create table subscriptions (id text, customer_id text, plan_id text, status text, started_on text);
         insert into subscriptions values ('s1', 'c', 'p', 'active', '2026-01-01'), ('s2', 'c', 'p', 'closed', '2026-01-01'),
           ('s3', 'c', 'p', 'active', '2026-01-01'), ('s4', 'c', 'p', char(27) || '[2J', '2026-01-01'), ('s5', 'c', 'p', null, '2026-01-01');
         create table usage (subscription_id text, metric text, quantity text);",
    )
    .await;
    assert!(seen.reached && !seen.is_refused() && seen.system.is_none(), "{seen:?}");
    assert_eq!(seen.queries[&Entity::Plans], "select id, name, currency, \"interval\", flat_price from plans");
    assert_eq!(seen.lacking[&Entity::Usage], ["occurred_at"]);
    assert!(!seen.queries.contains_key(&Entity::Invoices) && !seen.lacking.contains_key(&Entity::Invoices));
    assert_eq!(seen.statuses[&Entity::Subscriptions], ["active", "closed"], "what commands a terminal is no word");
}

#[tokio::test]
async fn a_known_system_is_known_by_its_own_tables_together() {
    let dir = tempfile::tempdir().unwrap();
    let seen = looked(dir.path(), "create table sale_order (id int); create table account_move (id int);").await;
    assert_eq!(seen.system, None, "two of three could be anybody's");
    let seen = looked(dir.path(), "create table ir_module_module (id int);").await;
    assert_eq!(seen.system, Some("odoo"));
}

#[tokio::test]
async fn a_file_that_is_not_there_is_a_finding_and_no_panic() {
    let dir = tempfile::tempdir().unwrap();
    let seen = looked(dir.path(), "").await;
    assert!(seen.is_refused() && !seen.reached && !seen.findings.is_empty(), "{seen:?}");
    assert!(!dir.path().join("a.db").exists(), "a look makes no file");
}

//! What the tests share: projects in folders of their own, on both kinds of database, and the binary run in them.

use crate::cluster::{self, Cluster};
use dualrun::adapters::book_files::{read_book, write_large_sqlite, write_project};
use dualrun::demo::project_text::{PostgresPlace, dualrun_toml_postgres};
use dualrun::demo::{Book, LargeBook, book_to_postgres_sql};
use dualrun::domain::side::Side;
use serde_json::Value;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Executor as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The role books in PostgreSQL are read with.
pub const READER: &str = "system_reader";

/// What a command said.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Said {
    /// A finished program's output; a program ended by a signal has code -1.
    pub fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        Self { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }

    /// Its stdout as one JSON value.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {self:#?}"))
    }

    /// Fails unless the exit code is this, with all of these words on stderr.
    #[track_caller]
    pub fn fails(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, code, "{self:#?}");
        for word in words {
            assert!(self.err.contains(word), "{word} is not said: {self:#?}");
        }
    }
}

/// The binary, to be run in a project.
pub fn dualrun(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dualrun"));
    command.env_remove("DUALRUN_OPERATOR").arg("-C").arg(dir).args(args).stdin(Stdio::null());
    command
}

/// Runs it to its end.
pub fn said(dir: &Path, args: &[&str]) -> Said {
    Said::of(dualrun(dir, args).output().expect("it runs"))
}

/// The arguments of a reconciliation of 2026-05 that prints JSON.
pub const RECONCILE: [&str; 6] = ["reconcile", "--period", "2026-05", "--format", "json", "-q"];

/// Reconciles 2026-05 with further arguments.
pub fn reconcile(dir: &Path, more: &[&str]) -> Said {
    said(dir, &[&RECONCILE, more].concat())
}

/// Reconciles 2026-05 and expects a complete run with differences.
#[track_caller]
pub fn reconciled(dir: &Path) -> Value {
    let said = reconcile(dir, &[]);
    assert_eq!(said.code, 1, "{said:#?}");
    let run = said.json();
    assert_eq!((run["state"].as_str(), run["current"].as_bool()), (Some("complete"), Some(true)));
    run
}

/// The rows of a run as `report csv` prints them, without the columns that say which run they are from.
pub fn csv_rows(dir: &Path, run: &Value) -> Vec<Vec<String>> {
    let number = run["run"].to_string();
    let said = said(dir, &["report", "csv", "--run", &number]);
    assert_eq!(said.code, 0, "{said:#?}");
    let mut reader = csv::Reader::from_reader(said.out.as_bytes());
    let names = reader.headers().expect("a heading").clone();
    let kept: Vec<usize> = (0..names.len()).filter(|i| !["run", "journal_head"].contains(&&names[*i])).collect();
    reader.records().map(|r| r.expect("a record")).map(|r| kept.iter().map(|i| r[*i].to_owned()).collect()).collect()
}

/// Waits for something that must come to be soon.
#[track_caller]
pub fn until(what: &str, patience: Duration, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + patience;
    while !is_so() {
        assert!(Instant::now() < end, "waited {patience:?} for: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Sends a signal to a program this test started.
pub fn signal(name: &str, pid: u32) {
    let sent = Command::new("kill").args([name, &pid.to_string()]).status().expect("kill can be run");
    assert!(sent.success(), "{name} {pid}");
}

fn wait_for<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(work)
}

/// Runs SQL on an SQLite file, writing.
pub fn sqlite(file: &Path, sql: &str) {
    wait_for(async {
        let mut conn: SqliteConnection = SqliteConnectOptions::new().filename(file).connect().await.expect("the file opens");
        conn.execute(AssertSqlSafe(sql)).await.expect("the statement holds");
        sqlx::Connection::close(conn).await.expect("closed");
    });
}

/// Rows of whole numbers of an SQLite file.
pub fn sqlite_numbers(file: &Path, sql: &str) -> Vec<(i64, i64, i64)> {
    wait_for(async {
        let mut conn = SqliteConnectOptions::new().filename(file).read_only(true).connect().await.expect("the file opens");
        sqlx::query_as(AssertSqlSafe(sql)).fetch_all(&mut conn).await.expect("the query holds")
    })
}

/// One text of an SQLite file.
pub fn sqlite_text(file: &Path, sql: &str) -> String {
    wait_for(async {
        let mut conn = SqliteConnectOptions::new().filename(file).read_only(true).connect().await.expect("the file opens");
        sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut conn).await.expect("the query holds")
    })
}

/// The workspace of a project.
pub fn workspace(dir: &Path) -> PathBuf {
    dir.join(".dualrun/workspace.db")
}

/// A project on SQLite of a generated book.
pub fn generated(subscriptions: u64, seed: u64) -> TempDir {
    generated_months(subscriptions, 1, seed)
}

/// A project on SQLite of a generated book of several months, the last of them 2026-05.
pub fn generated_months(subscriptions: u64, months: u32, seed: u64) -> TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    let book = LargeBook::new(subscriptions, months, seed).expect("a size");
    wait_for(write_large_sqlite(&book, dir.path())).unwrap_or_else(|e| panic!("{e}"));
    dir
}

/// The folder of the specimen book.
pub fn specimen_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/books/specimen")
}

/// The specimen book.
pub fn specimen() -> Book {
    read_book(&specimen_folder(), false).unwrap_or_else(|e| panic!("{e}"))
}

/// A project on SQLite of a book.
pub fn on_sqlite(book: &Book) -> TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    wait_for(write_project(book, dir.path())).unwrap_or_else(|e| panic!("{e}"));
    dir
}

/// A project whose two sides are new databases `NAME_source` and `NAME_target` of the shared cluster.
pub struct OnPostgres {
    pub dir: TempDir,
    pub cluster: &'static Cluster,
    name: String,
}

impl OnPostgres {
    /// The name of a side's database.
    pub fn database(&self, side: Side) -> String {
        format!("{}_{side}", self.name)
    }

    /// Runs SQL on a side as the superuser.
    pub fn psql(&self, side: Side, sql: &str) -> String {
        self.cluster.psql(&self.database(side), sql)
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }
}

/// Loads a book into PostgreSQL.
pub fn on_postgres(book: &Book, name: &str) -> OnPostgres {
    let (cluster, dir) = (cluster::shared(), tempfile::tempdir().expect("a folder"));
    let name = format!("sys_{name}");
    make_role(cluster, READER, "");
    for side in Side::BOTH {
        let database = format!("{name}_{side}");
        cluster.create_database(&database);
        cluster.psql(&database, &book_to_postgres_sql(book, side));
        cluster.psql(&database, &format!("grant select on all tables in schema public to {READER}"));
    }
    let place = PostgresPlace {
        host: cluster.socket_directory(),
        port: cluster.port(),
        user: READER.to_owned(),
        source_database: format!("{name}_source"),
        target_database: format!("{name}_target"),
    };
    std::fs::write(dir.path().join("dualrun.toml"), dualrun_toml_postgres(book, &place)).expect("written");
    OnPostgres { dir, cluster, name }
}

/// A role that can log in, made once.
pub fn make_role(cluster: &Cluster, name: &str, with: &str) {
    let make = format!("do $$ begin create role {name} login {with}; exception when duplicate_object or unique_violation then null; end $$");
    cluster.psql("postgres", &make);
}

/// Replaces text of the configuration; each `from` must be there.
#[track_caller]
pub fn configure(dir: &Path, changes: &[(&str, &str)]) {
    let file = dir.join("dualrun.toml");
    let mut text = std::fs::read_to_string(&file).expect("a configuration");
    for (from, to) in changes {
        assert!(text.contains(from), "{from} is not in {text}");
        text = text.replacen(from, to, 1);
    }
    std::fs::write(file, text).expect("written");
}

//! Makes SQLite files, opens them through the adapter, collects rows, and proves that no byte of a file changed.

use chrono::{DateTime, Utc};
use dualrun::adapters::sqlite::Sqlite;
use dualrun::domain::decode::{Batch, ResultColumn};
use dualrun::domain::side::Side;
use dualrun::ports::clock::Clock;
use dualrun::ports::connection::SqliteConnection;
use dualrun::ports::database::{Database, Fault, Limits, Parameter, Query, RowSink, Session};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// A clock that stands still.
#[derive(Debug)]
pub struct Noon;

impl Clock for Noon {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(1_780_000_000, 0).unwrap()
    }
}

/// Keeps what a stream delivers.
#[derive(Debug, Default)]
pub struct Collect {
    pub columns: Vec<ResultColumn>,
    pub batches: Vec<Batch>,
}

impl RowSink for Collect {
    fn columns(&mut self, columns: &[ResultColumn]) -> Result<(), Fault> {
        self.columns = columns.to_vec();
        Ok(())
    }

    fn rows(&mut self, batch: &Batch) -> Result<(), Fault> {
        self.batches.push(batch.clone());
        Ok(())
    }
}

impl Collect {
    /// All fields as text, lossy; NULL as `NULL`.
    pub fn table(&self) -> Vec<Vec<String>> {
        let field = |f: Option<&[u8]>| f.map_or_else(|| "NULL".to_owned(), |b| String::from_utf8_lossy(b).into_owned());
        self.batches.iter().flat_map(|b| (0..b.len()).map(move |r| (0..b.width()).map(|c| field(b.field(r, c))).collect())).collect()
    }
}

pub fn database(path: &Path) -> Sqlite {
    Sqlite::new(Side::Source, SqliteConnection { path: path.to_owned(), written: path.to_string_lossy().into_owned() }, Arc::new(Noon))
}

pub async fn open(path: &Path) -> Result<Box<dyn Session>, Fault> {
    database(path).open(&Limits::default(), &CancellationToken::new()).await
}

pub fn query(sql: &str) -> Query {
    Query { side: Side::Source, entity: None, name: "source.test".to_owned(), sql: sql.to_owned(), parameters: BTreeMap::new() }
}

pub fn with(sql: &str, parameters: &[(&str, Parameter)]) -> Query {
    Query { parameters: parameters.iter().map(|(n, p)| ((*n).to_owned(), p.clone())).collect(), ..query(sql) }
}

/// Streams one query.
pub async fn rows(session: &mut dyn Session, query: &Query) -> Result<Vec<Vec<String>>, Fault> {
    let mut sink = Collect::default();
    let delivered = session.stream(query, &mut sink).await?;
    let table = sink.table();
    assert_eq!(delivered, table.len() as u64);
    Ok(table)
}

/// A writing connection, as the application that owns the file would hold one.
pub async fn writer(path: &Path, journal: SqliteJournalMode) -> sqlx::SqliteConnection {
    SqliteConnectOptions::new().filename(path).create_if_missing(true).journal_mode(journal).connect().await.unwrap()
}

pub async fn execute(connection: &mut sqlx::SqliteConnection, sql: &str) {
    sqlx::query(AssertSqlSafe(sql.to_owned())).execute(connection).await.unwrap();
}

/// A closed file made by a script.
pub async fn make(dir: &Path, name: &str, script: &str) -> PathBuf {
    let path = dir.join(name);
    let mut connection = writer(&path, SqliteJournalMode::Delete).await;
    execute(&mut connection, script).await;
    connection.close().await.unwrap();
    path
}

/// The bytes of a file and its `-wal` before and after; never looked at while a session is open, since closing a file
/// drops the locks this process holds on it.
pub struct Unchanged {
    path: PathBuf,
    before: Vec<Option<blake3::Hash>>,
}

impl Unchanged {
    pub fn of(path: &Path) -> Self {
        Self { path: path.to_owned(), before: hashes(path) }
    }

    pub fn holds(&self) {
        assert_eq!(self.before, hashes(&self.path), "{} changed", self.path.display());
    }
}

fn hashes(path: &Path) -> Vec<Option<blake3::Hash>> {
    let beside = |suffix: &str| PathBuf::from(format!("{}{suffix}", path.display()));
    // SQLite may leave an empty -wal behind a reader: the same as none.
    let hash = |p: PathBuf| std::fs::read(p).ok().filter(|b| !b.is_empty()).map(|b| blake3::hash(&b));
    vec![hash(path.to_owned()), hash(beside("-wal")), hash(beside("-journal"))]
}

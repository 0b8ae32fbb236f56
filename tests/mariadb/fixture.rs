//! What the tests share: the nasty database, connections to it, a sink that keeps what it gets.

use crate::server::{self, Server};
use chrono::{DateTime, Utc};
use dualrun::adapters::mariadb::MariaDb;
use dualrun::domain::decode::{Batch, ResultColumn};
use dualrun::domain::side::Side;
use dualrun::ports::clock::Clock;
use dualrun::ports::connection::{MariaDbConnection, Mercy, TlsMode};
use dualrun::ports::database::{Database as _, Fault, Limits, Parameter, Query, RowSink, Session};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// The database all tests read; `reader` may read most of it and nothing else, `strong` may do everything.
pub const NASTY: &str = "nasty";

/// The shared server with [`NASTY`] loaded.
pub fn nasty() -> &'static Server {
    static LOADED: OnceLock<()> = OnceLock::new();
    let server = server::shared(&["--log-bin=binlog", "--log-bin-trust-function-creators=1"]);
    LOADED.get_or_init(|| {
        server.sql("", "create database nasty");
        server.sql(NASTY, include_str!("tables.sql"));
    });
    server
}

/// Runs SQL in the nasty database as root.
pub fn sql(sql: &str) -> String {
    nasty().sql(NASTY, sql)
}

/// This machine's clock.
#[derive(Debug)]
pub struct Now;

impl Clock for Now {
    #[allow(clippy::disallowed_methods)] // the port's own implementation, for tests
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// How `user` reaches the nasty database through the socket.
pub fn to(user: &str) -> MariaDbConnection {
    MariaDbConnection {
        host: nasty().socket(),
        port: nasty().port(),
        database: NASTY.to_owned(),
        user: user.to_owned(),
        password: None,
        tls: TlsMode::Off,
        root_cert: None,
        allow_writable_role: false,
        mercy: Mercy::default(),
    }
}

/// The side under test.
pub fn side(to: MariaDbConnection) -> MariaDb {
    MariaDb::new(Side::Source, to, Arc::new(Now))
}

/// Small bounds, so that a test that would hang fails instead.
pub fn limits() -> Limits {
    Limits { statement_timeout: Duration::from_secs(20), snapshot_budget: Duration::from_mins(1), ..Limits::default() }
}

/// A session as `user`.
pub async fn open(user: &str) -> Box<dyn Session> {
    side(to(user)).open(&limits(), &CancellationToken::new()).await.unwrap_or_else(|f| panic!("{f}"))
}

/// A session as the account that may do everything.
pub async fn open_strong() -> Box<dyn Session> {
    let to = MariaDbConnection { allow_writable_role: true, ..to("strong") };
    side(to).open(&limits(), &CancellationToken::new()).await.unwrap_or_else(|f| panic!("{f}"))
}

/// A query without parameters.
pub fn query(sql: &str) -> Query {
    Query { side: Side::Source, entity: None, name: "source.probe".to_owned(), sql: sql.to_owned(), parameters: BTreeMap::new() }
}

/// A query with parameters.
pub fn query_with(sql: &str, parameters: &[(&str, Parameter)]) -> Query {
    Query { parameters: parameters.iter().map(|(n, v)| ((*n).to_owned(), v.clone())).collect(), ..query(sql) }
}

/// Keeps everything.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Kept {
    pub columns: Vec<ResultColumn>,
    pub rows: Vec<Vec<Option<Vec<u8>>>>,
    pub largest_batch: usize,
}

impl RowSink for Kept {
    fn columns(&mut self, columns: &[ResultColumn]) -> Result<(), Fault> {
        self.columns = columns.to_vec();
        Ok(())
    }

    fn rows(&mut self, batch: &Batch) -> Result<(), Fault> {
        self.largest_batch = self.largest_batch.max(batch.len());
        self.rows.extend((0..batch.len()).map(|r| (0..batch.width()).map(|c| batch.field(r, c).map(<[u8]>::to_vec)).collect()));
        Ok(())
    }
}

impl Kept {
    /// Fields as text, `NULL` for NULL.
    pub fn text(&self) -> Vec<Vec<String>> {
        let word = |f: &Option<Vec<u8>>| f.as_deref().map_or_else(|| "NULL".to_owned(), |b| String::from_utf8_lossy(b).into_owned());
        self.rows.iter().map(|row| row.iter().map(word).collect()).collect()
    }
}

/// Counts and forgets.
#[derive(Debug, Default)]
pub struct Counted(pub u64);

impl RowSink for Counted {
    fn columns(&mut self, _: &[ResultColumn]) -> Result<(), Fault> {
        Ok(())
    }

    fn rows(&mut self, batch: &Batch) -> Result<(), Fault> {
        self.0 += batch.len() as u64;
        Ok(())
    }
}

/// Streams a query and keeps its rows.
pub async fn stream(session: &mut dyn Session, sql: &str) -> Result<Kept, Fault> {
    let mut kept = Kept::default();
    let rows = session.stream(&query(sql), &mut kept).await?;
    assert_eq!(rows, kept.rows.len() as u64);
    Ok(kept)
}

/// A query that goes on for hours and has no row to show for it.
pub fn endless(tag: &str) -> String {
    format!("select count(*) as n /* {tag} */ from seq_1_to_1000000 a, seq_1_to_1000000 b, seq_1_to_1000000 c where a.seq + b.seq + c.seq = 0")
}

/// Ids of connections whose current statement holds `tag`.
pub fn working_on(tag: &str) -> Vec<u64> {
    let found =
        sql(&format!("select id from information_schema.processlist where info like '%{tag}%' and id <> connection_id() and command <> 'Sleep'"));
    found.lines().map(|l| l.parse().expect("an id")).collect()
}

/// Waits until a connection works on a statement with `tag`.
pub async fn until_working(tag: &str) -> u64 {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(10) {
        if let Some(id) = working_on(tag).first() {
            return *id;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("nobody began to work on {tag}");
}

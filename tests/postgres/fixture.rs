//! What the tests share: the nasty database, connections to it, a sink that keeps what it gets.

use crate::cluster::{self, Cluster};
use chrono::{DateTime, Utc};
use dualrun::adapters::postgres::Postgres;
use dualrun::domain::decode::{Batch, ResultColumn};
use dualrun::domain::side::Side;
use dualrun::ports::clock::Clock;
use dualrun::ports::connection::{Mercy, PostgresConnection, TlsMode};
use dualrun::ports::database::{Database as _, Fault, Limits, Parameter, Query, RowSink, Session};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use sqlx::{ConnectOptions as _, Row as _};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The database all tests read, with the nasty tables and roles; `reader` may read all of them and nothing else.
pub const NASTY: &str = "nasty";

/// The shared cluster with [`NASTY`] loaded.
pub fn nasty() -> &'static Cluster {
    static LOADED: OnceLock<()> = OnceLock::new();
    let cluster = cluster::shared();
    LOADED.get_or_init(|| {
        cluster.create_database(NASTY);
        cluster.psql(NASTY, include_str!("../nasty/pg_source.sql"));
        cluster.psql(NASTY, include_str!("../nasty/pg_target.sql"));
        cluster.psql(NASTY, include_str!("../nasty/pg_roles.sql"));
        cluster.psql(
            NASTY,
            "create role reader login; grant usage on schema src, tgt to reader; grant select on all tables in schema src, tgt to reader;
             create role pw_role login password 'CANARY-pw-7f3a';",
        );
    });
    cluster
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

/// How `role` reaches the nasty database through the socket.
pub fn to(role: &str) -> PostgresConnection {
    let cluster = nasty();
    PostgresConnection {
        host: cluster.socket_directory(),
        port: cluster.port(),
        database: NASTY.to_owned(),
        user: role.to_owned(),
        password: None,
        tls: TlsMode::Off,
        root_cert: None,
        search_path: vec!["src".to_owned()],
        allow_writable_role: false,
        mercy: Mercy::default(),
    }
}

/// The side under test.
pub fn side(to: PostgresConnection) -> Postgres {
    Postgres::new(Side::Source, to, Arc::new(Now))
}

/// Small bounds, so that a test that would hang fails instead.
pub fn limits() -> Limits {
    Limits { statement_timeout: Duration::from_secs(20), snapshot_budget: Duration::from_mins(1), ..Limits::default() }
}

/// A session as `role`.
pub async fn open(role: &str) -> Box<dyn Session> {
    side(to(role)).open(&limits(), &CancellationToken::new()).await.expect("a session")
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
    /// Fields as text; NULL is `None`.
    pub fn text(&self) -> Vec<Vec<Option<String>>> {
        let word = |f: &Option<Vec<u8>>| f.as_deref().map(|b| String::from_utf8(b.to_vec()).expect("UTF-8"));
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

/// A superuser's connection, to see from outside and to disturb.
pub async fn admin() -> PgConnection {
    let cluster = nasty();
    let options = PgConnectOptions::new_without_pgpass().host(&cluster.socket_directory()).port(cluster.port());
    let options = options.username("postgres").password("").database(NASTY).ssl_mode(PgSslMode::Disable);
    options.disable_statement_logging().connect().await.expect("the server")
}

/// Pids of sessions whose current statement holds `tag`.
pub async fn working_on(admin: &mut PgConnection, tag: &str) -> Vec<i32> {
    let sql = "select pid from pg_stat_activity where pid <> pg_backend_pid() and strpos(query, $1) > 0 and state = 'active'";
    let rows = sqlx::query(sql).bind(tag).fetch_all(admin).await.expect("pg_stat_activity");
    rows.iter().map(|r| r.get(0)).collect()
}

/// Waits until a session works on a statement with `tag`.
pub async fn until_working(admin: &mut PgConnection, tag: &str) -> i32 {
    for _ in 0..3_000 {
        if let Some(pid) = working_on(admin, tag).await.first() {
            return *pid;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("nobody began to work on {tag}");
}

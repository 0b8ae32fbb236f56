//! One story, told by every kind of database: the way through a session, and every way it must refuse.

use crate::cluster;
use crate::memory::Noon;
use crate::on_postgres::READER;
use crate::server;
use dualrun::adapters::mariadb::MariaDb;
use dualrun::adapters::postgres::Postgres;
use dualrun::adapters::sqlite::Sqlite;
use dualrun::domain::contract::Entity;
use dualrun::domain::decode::{Batch, ResultColumn};
use dualrun::domain::side::Side;
use dualrun::ports::clock::Clock as _;
use dualrun::ports::connection::{MariaDbConnection, Mercy, PostgresConnection, SqliteConnection, TlsMode};
use dualrun::ports::database::{Database, DatabaseKind, Fault, FaultKind, Limits, Parameter, Query, RowSink, Session, Severity};
use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The same tables in every kind.
const TABLES: &str = "create table subscriptions (id text, plan text, price numeric, started_on text);
insert into subscriptions values ('sub-1', 'L', 12.50, '2026-05-23'), ('sub-2', null, 0.000417, ''), ('', 'tab\there', -3, 'x');
create table secret (id text);";

#[derive(Default)]
struct Kept {
    columns: Vec<String>,
    rows: Vec<Vec<Option<String>>>,
}

impl RowSink for Kept {
    fn columns(&mut self, columns: &[ResultColumn]) -> Result<(), Fault> {
        self.columns = columns.iter().map(|c| c.name.clone()).collect();
        Ok(())
    }
    fn rows(&mut self, batch: &Batch) -> Result<(), Fault> {
        for row in 0..batch.len() {
            let field = |column| batch.field(row, column).map(|b| String::from_utf8_lossy(b).into_owned());
            self.rows.push((0..batch.width()).map(field).collect());
        }
        Ok(())
    }
}

fn query(sql: &str) -> Query {
    let parameters = BTreeMap::from([("wanted".to_owned(), Parameter::Text("it's; -- 'sub-1'".to_owned())), ("n".to_owned(), Parameter::Integer(2))]);
    Query { side: Side::Source, entity: Some(Entity::Subscriptions), name: "source.subscriptions".to_owned(), sql: sql.to_owned(), parameters }
}

async fn open(database: &dyn Database, limits: &Limits, cancel: &CancellationToken) -> Box<dyn Session> {
    database.open(limits, cancel).await.unwrap_or_else(|fault| panic!("{fault}"))
}

/// Goes on without end, and delivers rows as it does.
const ENDLESS: &str = "with recursive r(n) as (select 1 union all select n + 1 from r) select n from r";
/// MariaDB makes a recursion whole before its first row.
const ENDLESS_MARIADB: &str = "select a.seq as n from seq_1_to_1000000 a, seq_1_to_1000000 b, seq_1_to_1000000 c";

async fn story(database: &dyn Database, kind: DatabaseKind) {
    let (limits, cancel) = (Limits::default(), CancellationToken::new());
    assert_eq!(database.kind(), kind);
    let mut session = open(database, &limits, &cancel).await;
    let info = session.info().clone();
    assert_eq!((info.side, info.kind, info.writable_role), (Side::Source, kind, false));
    assert!(!info.server.is_empty() && !info.snapshot.is_empty() && !info.place.is_empty() && info.local_clock == Noon.now());

    // Judged, then streamed: exact text, NULL and empty apart, parameters as values and never as SQL.
    let columns = session.judge(&query("select id, plan, price, started_on from subscriptions")).await.unwrap_or_else(|f| panic!("{f}"));
    assert_eq!(columns.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["id", "plan", "price", "started_on"]);
    let mut kept = Kept::default();
    let sql = "select id, plan, price, started_on, :wanted as wanted, :n as n from subscriptions order by id desc -- a comment";
    let delivered = session.stream(&query(sql), &mut kept).await.unwrap_or_else(|f| panic!("{f}"));
    let some = |texts: [&str; 6]| texts.map(|t| (t != "NULL").then(|| t.to_owned())).to_vec();
    let tail = ["it's; -- 'sub-1'", "2"];
    assert_eq!(delivered, 3);
    assert_eq!(kept.columns.len(), 6);
    assert_eq!(kept.rows[0], some(["sub-2", "NULL", "0.000417", "", tail[0], tail[1]]));
    assert_eq!(kept.rows[1][..2], some(["sub-1", "L", "", "", "", ""])[..2]);
    assert_eq!((kept.rows[1][2].as_deref().map(|p| p.trim_end_matches('0')), kept.rows[2][0].as_deref()), (Some("12.5"), Some("")));
    assert_eq!(kept.rows[2][1].as_deref(), Some("tab\there"));

    // What is not one read-only query is refused, and the session goes on.
    let refused = [
        ("delete from subscriptions", FaultKind::Refused),
        ("insert into subscriptions values ('x', 'x', 1, 'x')", FaultKind::Refused),
        ("select 1; delete from subscriptions", FaultKind::Refused),
        ("create temp table t (i int)", FaultKind::Refused),
        ("", FaultKind::Refused),
        (";", FaultKind::Refused),
        ("select * from no_such_thing", FaultKind::NoSuchTable),
        ("select no_such_column from subscriptions", FaultKind::NoSuchColumn),
    ];
    for (sql, wanted) in refused {
        let mut sink = Kept::default();
        let fault = session.stream(&query(sql), &mut sink).await.expect_err(sql);
        assert_eq!(fault.kind, wanted, "{sql}: {fault}");
        assert!(fault.side == Side::Source && fault.to_string().contains("source.subscriptions") && sink.rows.is_empty(), "{fault}");
        assert!(!fault.remedy.is_empty(), "{fault} says nothing of what to do");
    }
    let unknown = session.judge(&query("select :nobody")).await.expect_err("an unknown parameter");
    assert!(unknown.to_string().contains("nobody") && unknown.to_string().contains("wanted"), "{unknown}");
    let mut again = Kept::default();
    assert_eq!(session.stream(&query("select count(*) as n from subscriptions"), &mut again).await.unwrap_or_else(|f| panic!("{f}")), 1);
    assert_eq!(again.rows, [[Some("3".to_owned())]]);

    // A second session sees the same snapshot, where the kind has one.
    if let Some(mut fork) = session.fork().await.unwrap_or_else(|f| panic!("{f}")) {
        let mut same = Kept::default();
        fork.stream(&query("select count(*) as n from subscriptions"), &mut same).await.unwrap_or_else(|f| panic!("{f}"));
        assert_eq!(same.rows, again.rows);
        fork.close().await.unwrap_or_else(|f| panic!("{f}"));
    }
    session.close().await.unwrap_or_else(|f| panic!("{f}"));
    limits_hold(database, if kind == DatabaseKind::MariaDb { ENDLESS_MARIADB } else { ENDLESS }).await;
    doctor(database).await;
}

/// Row limit, statement time and cancelling each stop the work with their own word.
async fn limits_hold(database: &dyn Database, endless: &str) {
    let cases = [
        (Limits { max_rows: 1000, ..Limits::default() }, FaultKind::Limit, false),
        (Limits { statement_timeout: Duration::from_millis(300), ..Limits::default() }, FaultKind::Timeout, false),
        (Limits::default(), FaultKind::Cancelled, true),
    ];
    for (limits, wanted, cancelled) in cases {
        let cancel = CancellationToken::new();
        let mut session = open(database, &limits, &cancel).await;
        if cancelled {
            let cancel = cancel.clone();
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(200)).await;
                cancel.cancel();
            });
        }
        let began = std::time::Instant::now();
        let fault = session.stream(&query(endless), &mut Kept::default()).await.expect_err("it never ends");
        assert_eq!(fault.kind, wanted, "{fault}");
        assert!(began.elapsed() < Duration::from_secs(30), "{wanted:?} took {:?}", began.elapsed());
        let _ = session.close().await;
    }
}

/// `doctor` reaches it, proves that a write is refused, and finds nothing that blocks.
async fn doctor(database: &dyn Database) {
    let findings = database.inspect(&Limits::default(), &CancellationToken::new()).await;
    let of = |code: &str| findings.iter().find(|f| f.code == code).unwrap_or_else(|| panic!("no {code} among {findings:#?}"));
    assert_eq!((of("connected").severity, of("write_refused").severity), (Severity::Info, Severity::Info));
    // The clock of these tests stands still in June, so the server's differs: that alone is found.
    let errors: Vec<_> = findings.iter().filter(|f| f.severity == Severity::Error && f.code != "clock_skew").collect();
    assert!(errors.is_empty(), "{errors:#?}");
    assert!(findings.iter().all(|f| f.severity == Severity::Info || !f.remedy.is_empty()), "{findings:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn told_by_sqlite() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("story.db");
    let made = Command::new("sqlite3").arg(&path).arg(TABLES.replace("numeric", "text")).status();
    assert!(made.expect("sqlite3 can be run").success());
    story(&Sqlite::new(Side::Source, SqliteConnection { written: path.to_string_lossy().into_owned(), path }, Arc::new(Noon)), DatabaseKind::Sqlite)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn told_by_postgresql() {
    let cluster = cluster::shared();
    cluster.create_database("story");
    cluster.psql("story", TABLES);
    crate::on_postgres::make_reader(cluster);
    cluster.psql("story", &format!("grant select on subscriptions to {READER}"));
    let connection = PostgresConnection {
        host: cluster.socket_directory(),
        port: cluster.port(),
        database: "story".to_owned(),
        user: READER.to_owned(),
        password: None,
        tls: TlsMode::Off,
        root_cert: None,
        search_path: vec!["public".to_owned()],
        allow_writable_role: false,
        mercy: Mercy::default(),
    };
    let database = Postgres::new(Side::Source, connection, Arc::new(Noon));
    story(&database, DatabaseKind::Postgres).await;
    // No permission is told from no such table.
    let mut session = open(&database, &Limits::default(), &CancellationToken::new()).await;
    let fault = session.judge(&query("select id from secret")).await.expect_err("not granted");
    assert_eq!(fault.kind, FaultKind::PermissionDenied, "{fault}");
    session.close().await.unwrap_or_else(|f| panic!("{f}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn told_by_mariadb() {
    let server = server::shared(&[]);
    server.sql("", "create database story");
    server.sql("story", &TABLES.replace("numeric", "decimal(12,6)"));
    server.sql(
        "",
        "create user story_reader@'%'; grant select on story.* to story_reader@'%'; \
                    create database story_hidden; create table story_hidden.secret (id int)",
    );
    let connection = MariaDbConnection {
        host: server.socket(),
        port: server.port(),
        database: "story".to_owned(),
        user: "story_reader".to_owned(),
        password: None,
        tls: TlsMode::Off,
        root_cert: None,
        allow_writable_role: false,
        mercy: Mercy::default(),
    };
    let database = MariaDb::new(Side::Source, connection, Arc::new(Noon));
    story(&database, DatabaseKind::MariaDb).await;
    // No permission is told from no such table, where the account may look.
    let mut session = open(&database, &Limits::default(), &CancellationToken::new()).await;
    let fault = session.judge(&query("select id from story_hidden.secret")).await.expect_err("not granted");
    assert_eq!(fault.kind, FaultKind::PermissionDenied, "{fault}");
    session.close().await.unwrap_or_else(|f| panic!("{f}"));
}

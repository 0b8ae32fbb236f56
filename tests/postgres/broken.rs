//! Connections that break, locks that are held, an environment that lies: plain words, nothing half-way counts.

use crate::fixture::{Counted, admin, limits, nasty, open, query, side, stream, to, until_working, working_on};
use crate::proxy::{Proxy, Trouble};
use dualrun::ports::connection::PostgresConnection;
use dualrun::ports::database::{Database as _, FaultKind, Limits, Session};
use sqlx::Executor as _;
use std::process::Command;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

fn through(proxy: &Proxy) -> PostgresConnection {
    PostgresConnection { host: "127.0.0.1".to_owned(), port: proxy.port, ..to("reader") }
}

async fn open_through(proxy: &Proxy, cancel: &CancellationToken) -> Box<dyn Session> {
    side(through(proxy)).open(&limits(), cancel).await.expect("a session")
}

#[tokio::test]
async fn a_backend_that_is_ended_is_a_lost_connection() {
    let mut admin = admin().await;
    let mut session = open("reader").await;
    let mut work = tokio::spawn(async move {
        let ended = session.stream(&query("select /* ended */ generate_series(1, 1000000000000)"), &mut Counted::default()).await;
        (session, ended)
    });
    let pid = tokio::select! {
        pid = until_working(&mut admin, "/* ended */") => pid,
        early = &mut work => panic!("ended by itself: {:?}", early.expect("no panic").1),
    };
    sqlx::query("select pg_terminate_backend($1)").bind(pid).execute(&mut admin).await.expect("ended");
    let (mut session, ended) = work.await.expect("no panic");
    let fault = ended.expect_err("lost");
    assert!(fault.kind == FaultKind::ConnectionLost && fault.what.contains("do not count"), "{fault}");
    assert_eq!(session.judge(&query("select 1")).await.expect_err("gone").kind, FaultKind::ConnectionLost);
    session.close().await.expect("nothing left to close");
}

#[tokio::test]
async fn a_cut_stream_is_a_lost_connection_wherever_it_is_cut() {
    let proxy = Proxy::start(nasty().port(), Trouble::Cut).await;
    for bytes in [0, 1, 5, 40, 400, 1_000, 5_000, 20_000, 100_000] {
        proxy.arm(i64::MAX / 2);
        let mut session = open_through(&proxy, &CancellationToken::new()).await;
        proxy.arm(bytes);
        let sql = "select g, repeat('x', 50) from generate_series(1, 20000) g";
        let fault = session.stream(&query(sql), &mut Counted::default()).await.expect_err("cut");
        assert_eq!(fault.kind, FaultKind::ConnectionLost, "{bytes}: {fault}");
        assert!(fault.what.contains("the connection was lost") && fault.query.as_deref() == Some("source.probe"), "{fault}");
    }
}

#[tokio::test]
async fn a_connection_cut_on_the_way_in_is_no_session() {
    let proxy = Proxy::start(nasty().port(), Trouble::Cut).await;
    for bytes in [0, 1, 5, 100, 400, 900] {
        proxy.arm(bytes);
        let fault = side(through(&proxy)).open(&limits(), &CancellationToken::new()).await.err().expect("cut");
        assert!(matches!(fault.kind, FaultKind::Unreachable | FaultKind::ConnectionLost), "{bytes}: {fault}");
    }
}

#[tokio::test]
async fn a_stalled_stream_can_be_cancelled() {
    let proxy = Proxy::start(nasty().port(), Trouble::Stall).await;
    let cancel = CancellationToken::new();
    let mut session = open_through(&proxy, &cancel).await;
    proxy.arm(2_000);
    let sql = "select /* stalled */ generate_series(1, 1000000000000)";
    let work = tokio::spawn(async move { session.stream(&query(sql), &mut Counted::default()).await });
    let mut admin = admin().await;
    until_working(&mut admin, "/* stalled */").await;
    let started = Instant::now();
    cancel.cancel();
    let fault = work.await.expect("no panic").expect_err("cancelled");
    assert!(fault.kind == FaultKind::Cancelled && started.elapsed() < Duration::from_millis(2500), "{fault} {:?}", started.elapsed());
    assert_eq!(working_on(&mut admin, "/* stalled */").await, [0; 0]);
}

/// A table another session locks: we wait for our lock timeout and no longer, and the session lives on.
#[tokio::test]
async fn a_lock_is_not_waited_for_long() {
    let mut admin = admin().await;
    admin.execute("create table src.locked(i int); grant select on src.locked to reader").await.expect("made");
    admin.execute("begin; lock table src.locked in access exclusive mode").await.expect("locked");
    let limits = Limits { lock_timeout: Duration::from_millis(200), ..limits() };
    let mut session = side(to("reader")).open(&limits, &CancellationToken::new()).await.expect("a session");
    let started = Instant::now();
    let fault = stream(&mut *session, "select * from src.locked").await.expect_err("locked");
    assert!(fault.kind == FaultKind::Timeout && fault.what.contains("55P03") && fault.remedy.contains("lock"), "{fault}");
    assert!(started.elapsed() < Duration::from_secs(2));
    stream(&mut *session, "select 1").await.expect("still open");
    admin.execute("rollback").await.expect("free");
    stream(&mut *session, "select * from src.locked").await.expect("free now");
    session.close().await.expect("closed");
}

/// TRUNCATE empties a table inside an older snapshot, without an error of the server.
#[tokio::test]
async fn a_table_emptied_under_the_snapshot_is_no_result() {
    let mut admin = admin().await;
    let made = "create table src.emptied as select g from generate_series(1, 10) g; create index on src.emptied(g);
                create table src.indexed as select g from generate_series(1, 10) g; grant select on src.emptied, src.indexed to reader";
    admin.execute(made).await.expect("made");
    let mut session = open("reader").await;
    admin.execute("truncate src.emptied; create table src.later(g int); grant select on src.later to reader").await.expect("truncated");
    admin.execute("create index on src.indexed(g); insert into src.indexed values (11)").await.expect("indexed");
    for table in ["src.emptied", "src.later"] {
        let fault = stream(&mut *session, &format!("select * from {table}")).await.expect_err("not the snapshot's rows");
        assert!(fault.kind == FaultKind::Damaged && fault.what.contains("truncated"), "{fault}");
    }
    let mut session = open("reader").await;
    admin.execute("create index on src.indexed(g); insert into src.indexed values (12)").await.expect("indexed");
    assert_eq!(stream(&mut *session, "select * from src.indexed where g > 0").await.expect("an index is no harm").rows.len(), 11);
    // Once read, a table stays as it is until the session ends.
    let truncated = admin.execute("set lock_timeout = '100ms'; truncate src.indexed").await;
    assert!(truncated.is_err(), "the lock is held");
    session.close().await.expect("closed");
}

/// What the environment says for libpq changes nothing. Run in a child, whose environment can be set.
#[test]
fn the_environment_changes_nothing() {
    let tests = [
        "values::nasty_tables_arrive_whole_and_alike_whatever_the_roles_settings",
        "story::open_judge_stream_fork_close",
        "roles::a_reader_is_all_green",
    ];
    let child = Command::new(std::env::current_exe().expect("this test"))
        .arg("--exact")
        .args(tests)
        .env("PGOPTIONS", "-c search_path=evil -c datestyle=German -c statement_timeout=900 -c standard_conforming_strings=off -c row_security=off")
        .envs([("PGHOST", "evil.invalid"), ("PGHOSTADDR", "203.0.113.1"), ("PGPORT", "1"), ("PGUSER", "evil"), ("PGDATABASE", "evil")])
        .envs([("PGPASSWORD", "CANARY"), ("PGSSLMODE", "require"), ("PGSSLROOTCERT", "/nowhere"), ("PGAPPNAME", "evil")])
        .output()
        .expect("the child runs");
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success() && said.contains("3 passed"), "{said}");
}

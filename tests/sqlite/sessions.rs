//! What a session promises while others write, when it is cancelled, and what doctor says.

use super::harness::{Collect, Unchanged, database, execute, make, open, query, rows, writer};
use dualrun::domain::decode::{Batch, ResultColumn};
use dualrun::ports::database::{Database, Fault, FaultKind, Limits, RowSink, Severity};
use sqlx::Connection;
use sqlx::sqlite::SqliteJournalMode;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

const NUMBERS: &str = "create table t(i integer); insert into t values (1), (2), (3);";
const ENDLESS: &str = "with recursive r(i) as (select 1 union all select i+1 from r) select count(*) from r";

#[tokio::test]
async fn one_snapshot_holds_while_a_writer_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("live.db");
    let mut app = writer(&path, SqliteJournalMode::Wal).await;
    execute(&mut app, NUMBERS).await;
    let mut session = open(&path).await.unwrap();
    assert!(session.info().snapshot.contains("wal"), "{}", session.info().snapshot);
    for i in 0..5 {
        execute(&mut app, "insert into t values (100); update t set i = i + 1; create table if not exists later(x); pragma wal_checkpoint").await;
        assert_eq!(rows(session.as_mut(), &query("select sum(i), count(*) from t")).await.unwrap(), [["6", "3"]], "round {i}");
    }
    assert_eq!(session.judge(&query("select * from later")).await.unwrap_err().kind, FaultKind::NoSuchTable);
    session.close().await.unwrap();
    let mut after = open(&path).await.unwrap();
    assert_eq!(rows(after.as_mut(), &query("select count(*) from t")).await.unwrap(), [["8"]]);
    after.close().await.unwrap();
    app.close().await.unwrap();
}

#[tokio::test]
async fn with_a_rollback_journal_the_writer_waits() {
    let dir = tempfile::tempdir().unwrap();
    let path = make(dir.path(), "plain.db", NUMBERS).await;
    let mut session = open(&path).await.unwrap();
    // Both sides in one file: the end of one session must not loosen the lock of the other.
    open(&path).await.unwrap().close().await.unwrap();
    let mut app = writer(&path, SqliteJournalMode::Delete).await;
    sqlx::query("pragma busy_timeout = 50").execute(&mut app).await.unwrap();
    let refused = sqlx::query("insert into t values (4)").execute(&mut app).await.unwrap_err();
    assert!(refused.to_string().contains("locked"), "{refused}");
    assert_eq!(rows(session.as_mut(), &query("select sum(i) from t")).await.unwrap(), [["6"]]);
    session.close().await.unwrap();
    execute(&mut app, "insert into t values (4)").await;

    execute(&mut app, "begin exclusive").await;
    let limits = Limits { lock_timeout: Duration::from_millis(200), ..Limits::default() };
    let fault = database(&path).open(&limits, &CancellationToken::new()).await.err().unwrap();
    assert!(fault.kind == FaultKind::Timeout && fault.what.contains("locked"), "{fault}");
    execute(&mut app, "rollback").await;
    app.close().await.unwrap();
}

/// Cancels when the first rows arrive.
struct CancelAtFirst(CancellationToken);

impl RowSink for CancelAtFirst {
    fn columns(&mut self, _: &[ResultColumn]) -> Result<(), Fault> {
        Ok(())
    }

    fn rows(&mut self, _: &Batch) -> Result<(), Fault> {
        self.0.cancel();
        Ok(())
    }
}

#[tokio::test]
async fn a_cancel_stops_the_work_and_the_session_still_closes() {
    let dir = tempfile::tempdir().unwrap();
    let path = make(dir.path(), "plain.db", NUMBERS).await;
    let unchanged = Unchanged::of(&path);
    let cancel = CancellationToken::new();
    let mut session = database(&path).open(&Limits::default(), &cancel).await.unwrap();
    let began = Instant::now();
    let endless = "with recursive r(i) as (select 1 union all select i+1 from r) select i from r";
    let fault = session.stream(&query(endless), &mut CancelAtFirst(cancel.clone())).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Cancelled);
    assert!(began.elapsed() < Duration::from_secs(2));
    session.close().await.unwrap();
    assert_eq!(database(&path).open(&Limits::default(), &cancel).await.err().unwrap().kind, FaultKind::Cancelled);
    unchanged.holds();
}

#[tokio::test]
async fn a_dropped_stream_stops_and_the_next_query_runs() {
    let dir = tempfile::tempdir().unwrap();
    let path = make(dir.path(), "plain.db", NUMBERS).await;
    let mut session = open(&path).await.unwrap();
    let mut sink = Collect::default();
    let dropped = tokio::time::timeout(Duration::from_millis(100), session.stream(&query(ENDLESS), &mut sink)).await;
    assert!(dropped.is_err());
    let began = Instant::now();
    assert_eq!(rows(session.as_mut(), &query("select sum(i) from t")).await.unwrap(), [["6"]]);
    assert!(began.elapsed() < Duration::from_secs(2));
    assert!(session.fork().await.unwrap().is_none());
    session.close().await.unwrap();
}

#[tokio::test]
async fn doctor_proves_that_a_write_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    for (name, journal, beside) in [("plain.db", SqliteJournalMode::Delete, "readers_block_writers"), ("wal.db", SqliteJournalMode::Wal, "wal")] {
        let path = dir.path().join(name);
        let mut app = writer(&path, journal).await;
        execute(&mut app, NUMBERS).await;
        app.close().await.unwrap();
        let unchanged = Unchanged::of(&path);
        let findings = database(&path).inspect(&Limits::default(), &CancellationToken::new()).await;
        let codes: Vec<_> = findings.iter().map(|f| f.code.as_str()).collect();
        assert_eq!(codes, ["connected", "file_writable_by_user", beside, "write_refused", "pages_sound"], "{findings:#?}");
        assert!(findings.iter().all(|f| f.severity < Severity::Error), "{findings:#?}");
        assert!(findings.iter().filter(|f| f.severity > Severity::Info).all(|f| !f.remedy.is_empty()));
        unchanged.holds();
    }
}

#[tokio::test]
async fn what_a_session_says_about_itself() {
    let dir = tempfile::tempdir().unwrap();
    // A name SQLite would take for a URI with options, were the path not made absolute.
    let path = make(dir.path(), "file:odd?immutable=1&mode=rwc", NUMBERS).await;
    let session = open(&path).await.unwrap();
    let info = session.info();
    assert!(info.server.starts_with("SQLite 3."), "{info:?}");
    assert_eq!((info.transport.as_str(), info.writable_role), ("file", false));
    assert!(info.place.ends_with("file:odd?immutable=1&mode=rwc"), "{info:?}");
    assert!(info.snapshot.starts_with("data version ") && info.snapshot.contains("2 pages of 4096"), "{info:?}");
    session.close().await.unwrap();
}

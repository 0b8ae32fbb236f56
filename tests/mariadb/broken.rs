//! Connections that break, locks that are held, tables that change: plain words, nothing half-way counts.

use crate::fixture::{Counted, endless, limits, nasty, open, query, side, sql, stream, to, until_working, working_on};
use crate::proxy::{Proxy, Trouble};
use dualrun::ports::connection::MariaDbConnection;
use dualrun::ports::database::{Database as _, FaultKind, Limits, Session};
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

fn through(proxy: &Proxy) -> MariaDbConnection {
    MariaDbConnection { host: "127.0.0.1".to_owned(), port: proxy.port, ..to("reader") }
}

async fn open_through(proxy: &Proxy, cancel: &CancellationToken) -> Box<dyn Session> {
    side(through(proxy)).open(&limits(), cancel).await.unwrap_or_else(|f| panic!("{f}"))
}

#[tokio::test]
async fn a_connection_that_is_killed_is_a_lost_connection() {
    let mut session = open("reader").await;
    let work = tokio::spawn(async move {
        let ended = session.stream(&query(&endless("killed-one")), &mut Counted::default()).await;
        (session, ended)
    });
    let id = until_working("killed-one").await;
    sql(&format!("kill {id}"));
    let (mut session, ended) = work.await.expect("no panic");
    let fault = ended.expect_err("lost");
    assert_eq!(fault.kind, FaultKind::ConnectionLost, "{fault}");
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
        let fault = session.stream(&query("select n, pad from many"), &mut Counted::default()).await.expect_err("cut");
        assert_eq!(fault.kind, FaultKind::ConnectionLost, "{bytes}: {fault}");
        assert!(fault.what.contains("the connection was lost") && fault.query.as_deref() == Some("source.probe"), "{fault}");
    }
}

#[tokio::test]
async fn a_connection_cut_on_the_way_in_is_no_session() {
    let proxy = Proxy::start(nasty().port(), Trouble::Cut).await;
    for bytes in [0, 1, 5, 60, 100, 150, 400, 900, 2_000] {
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
    proxy.arm(6_000);
    let sql = "select a.seq /* stalled-one */ from seq_1_to_1000000 a, seq_1_to_1000000 b";
    let work = tokio::spawn(async move { session.stream(&query(sql), &mut Counted::default()).await });
    until_working("stalled-one").await;
    let started = Instant::now();
    cancel.cancel();
    let fault = work.await.expect("no panic").expect_err("cancelled");
    assert!(fault.kind == FaultKind::Cancelled && started.elapsed() < Duration::from_millis(2500), "{fault} {:?}", started.elapsed());
    assert_eq!(working_on("stalled-one"), [0; 0]);
}

/// Another port's answer is no protocol of ours, and no crash.
#[tokio::test]
async fn another_service_on_the_port_is_told() {
    use tokio::io::AsyncWriteExt as _;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let port = listener.local_addr().expect("bound").port();
    tokio::spawn(async move {
        for answer in [&[3, 0, 0, 0, 10, 0, 0][..], &[1, 0, 0, 0, 0xFF], &[4, 0, 0, 0, b'S', b'S', b'H', b'-']] {
            if let Ok((mut client, _)) = listener.accept().await {
                let _ = client.write_all(answer).await;
                let _ = client.shutdown().await;
            }
        }
    });
    for _ in 0..3 {
        let at = MariaDbConnection { host: "127.0.0.1".to_owned(), port, ..to("reader") };
        let fault = side(at).open(&limits(), &CancellationToken::new()).await.err().expect("no server");
        assert!(matches!(fault.kind, FaultKind::Unreachable | FaultKind::ConnectionLost), "{fault}");
    }
}

/// Holds a client open that has run some SQL, until it is dropped.
struct Holder(std::process::Child);

impl Holder {
    fn new(sql: &str) -> Self {
        let mut child = Command::new("mariadb")
            .args(["--no-defaults", "--unbuffered", "--user=root", "--database=nasty"])
            .arg(format!("--socket={}", nasty().socket()))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("mariadb can be run");
        writeln!(child.stdin.as_mut().expect("a pipe"), "{sql}").expect("it reads");
        Self(child)
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A table another session locks: we wait for our lock timeout and no longer, and the session lives on.
#[tokio::test]
async fn a_lock_is_not_waited_for_long() {
    let limits = Limits { lock_timeout: Duration::from_millis(200), ..limits() };
    let mut session = side(to("reader")).open(&limits, &CancellationToken::new()).await.expect("a session");
    let holder = Holder::new("lock tables locked write; select 'held' /* holder */ from dual;");
    tokio::time::sleep(Duration::from_millis(300)).await;
    let started = Instant::now();
    let fault = stream(&mut *session, "select * from locked").await.expect_err("locked");
    assert!(fault.kind == FaultKind::Timeout && fault.what.contains("1205") && fault.remedy.contains("lock"), "{fault}");
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    stream(&mut *session, "select 1").await.expect("still open");
    drop(holder);
    tokio::time::sleep(Duration::from_millis(200)).await;
    stream(&mut *session, "select * from locked").await.expect("free now");
    session.close().await.expect("closed");
}

/// TRUNCATE and ALTER under the snapshot are told by the server, and such a table is no result.
#[tokio::test]
async fn a_table_changed_under_the_snapshot_is_no_result() {
    let mut session = open("reader").await;
    sql("truncate table emptied; alter table altered add column h int default 7, force; create table later (g int)");
    for table in ["emptied", "altered", "later"] {
        let fault = stream(&mut *session, &format!("select * from {table}")).await.expect_err("not the snapshot's rows");
        assert!(fault.kind == FaultKind::Damaged && fault.what.contains("1412"), "{table}: {fault}");
    }
    // Once read, a table stays as it is until the session ends.
    let before = stream(&mut *session, "select count(*) from keysof").await.expect("read");
    let held = nasty().try_sql("set lock_wait_timeout = 1; truncate table nasty.keysof");
    assert!(held.is_err_and(|e| e.contains("1205")), "the lock is held");
    assert_eq!(stream(&mut *session, "select count(*) from keysof").await.expect("read again"), before);
    session.close().await.expect("closed clean");
}

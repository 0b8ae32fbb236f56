//! A busy server is left alone: streams wait on their snapshot and go on, and what cannot be seen is refused.

use crate::cluster::Cluster;
use crate::fixture::{NASTY, admin, limits, nasty, query, side, to, until_working};
use dualrun::domain::decode::{Batch, ResultColumn};
use dualrun::ports::connection::{Mercy, PostgresConnection};
use dualrun::ports::database::{Database as _, Fault, FaultKind, Limits, RowSink};
use sqlx::Executor as _;
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_util::sync::CancellationToken;

/// More than all other tests together have at work at one time.
const MOST: u32 = 12;
const ROWS: u64 = 400_000;

/// A reader that may see what other sessions do.
fn seeing() -> PostgresConnection {
    static MADE: OnceLock<()> = OnceLock::new();
    let cluster: &Cluster = nasty();
    MADE.get_or_init(|| {
        cluster.psql(NASTY, "create role seeing login in role pg_read_all_stats");
    });
    to("seeing")
}

/// What a slow reader of the rows hears.
struct Slow {
    tell: UnboundedSender<bool>,
    rows: u64,
    sum: u64,
    pauses: Vec<Option<String>>,
}

impl RowSink for Slow {
    fn columns(&mut self, _: &[ResultColumn]) -> Result<(), Fault> {
        Ok(())
    }

    fn rows(&mut self, batch: &Batch) -> Result<(), Fault> {
        if self.rows == 0 {
            self.tell.send(false).expect("heard");
        }
        self.rows += batch.len() as u64;
        let numbers = (0..batch.len()).map(|row| String::from_utf8_lossy(batch.field(row, 0).expect("a number")).parse::<u64>().expect("a number"));
        self.sum += numbers.sum::<u64>();
        if self.pauses.is_empty() {
            std::thread::sleep(Duration::from_millis(15));
        }
        Ok(())
    }

    fn paused(&mut self, why: Option<&str>) {
        if self.pauses.is_empty() {
            self.tell.send(true).expect("heard");
        }
        self.pauses.push(why.map(str::to_owned));
    }
}

/// Makes the server busy once the stream runs, and calm again a while after it was left alone.
async fn disturb(mut told: UnboundedReceiver<bool>, quiet: Duration) {
    assert_eq!(told.recv().await, Some(false), "rows come first");
    let mut sleepers = Vec::new();
    for _ in 0..MOST + 6 {
        sleepers.push(tokio::spawn(async { admin().await.execute("select pg_sleep(50) as mercy_test").await.map(|_| ()) }));
    }
    let mut admin = admin().await;
    until_working(&mut admin, "mercy_test").await;
    assert_eq!(told.recv().await, Some(true), "then the pause");
    tokio::time::sleep(quiet).await;
    admin.execute("select pg_cancel_backend(pid) from pg_stat_activity where query like '%as mercy_test'").await.expect("cancelled");
    for sleeper in sleepers {
        let _ = sleeper.await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_busy_server_is_left_alone_and_nothing_is_lost() {
    let mercy = Mercy { max_active_sessions: Some(MOST), ..Mercy::default() };
    // Shorter than the pause: time in which we do not read is no statement's fault.
    let limits = Limits { statement_timeout: Duration::from_secs(4), ..limits() };
    let mut session = side(PostgresConnection { mercy, ..seeing() }).open(&limits, &CancellationToken::new()).await.expect("a session");
    let (tell, told) = unbounded_channel();
    let quiet = Duration::from_secs(8);
    let disturbed = tokio::spawn(disturb(told, quiet));
    let mut slow = Slow { tell, rows: 0, sum: 0, pauses: Vec::new() };
    let began = Instant::now();
    let rows = session.stream(&query(&format!("select g from generate_series(1, {ROWS}) g")), &mut slow).await.expect("streamed");
    assert!(began.elapsed() > quiet);
    assert_eq!((rows, slow.rows, slow.sum), (ROWS, ROWS, ROWS * (ROWS + 1) / 2));
    let first = slow.pauses.first().and_then(Option::as_deref).expect("a pause");
    assert!(first.contains("active sessions, above 12"), "{first}");
    assert_eq!(slow.pauses.last(), Some(&None));
    session.close().await.expect("the same session, its tripwires holding");
    disturbed.await.expect("disturbed");
}

#[tokio::test]
async fn what_a_role_cannot_see_is_no_calm() {
    let mercy = Mercy { max_active_sessions: Some(40), ..Mercy::default() };
    let blind = side(PostgresConnection { mercy, ..to("reader") });
    let fault = blind.open(&limits(), &CancellationToken::new()).await.err().expect("refused");
    assert_eq!(fault.kind, FaultKind::PermissionDenied, "{fault}");
    let findings = blind.inspect(&limits(), &CancellationToken::new()).await;
    let load = findings.iter().find(|f| f.code == "load_unknown").expect("told");
    assert!(load.remedy.contains("GRANT pg_read_all_stats"), "{load:?}");

    let mercy = Mercy { max_replica_lag: Some(Duration::from_secs(30)), ..mercy };
    let findings = side(PostgresConnection { mercy, ..seeing() }).inspect(&limits(), &CancellationToken::new()).await;
    let told = findings.iter().find(|f| f.code == "mercy").expect("told");
    assert!(
        told.message.starts_with("reading pauses above a replica lag of 30 s (now ") && told.message.contains("or 40 active sessions"),
        "{told:?}"
    );
}

#[tokio::test]
async fn a_side_may_have_its_own_number_of_streams() {
    let mercy = Mercy { max_streams: Some(1), ..Mercy::default() };
    let mut only = side(PostgresConnection { mercy, ..to("reader") }).open(&limits(), &CancellationToken::new()).await.expect("a session");
    assert!(only.fork().await.expect("no fault").is_none());
    only.close().await.expect("closed");
}

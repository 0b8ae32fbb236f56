//! A busy server is left alone: the stream waits on its snapshot and goes on, and what cannot be seen is refused.

use crate::fixture::{NASTY, limits, nasty, query, side, sql, stream, to, until_working};
use crate::server::Server;
use dualrun::domain::decode::{Batch, ResultColumn};
use dualrun::ports::connection::{MariaDbConnection, Mercy};
use dualrun::ports::database::{Database as _, DoctorFinding, Fault, FaultKind, Limits, RowSink, Session, Severity};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_util::sync::CancellationToken;

/// More than all other tests together have at work at one time.
const MOST: u32 = 12;
const ROWS: u64 = 400_000;
/// How long a server is left alone in a test: longer than a look and the next.
const QUIET: Duration = Duration::from_secs(8);

/// What a slow reader of the rows hears.
struct Slow {
    tell: UnboundedSender<bool>,
    rows: u64,
    sum: u64,
    pauses: Vec<Option<String>>,
}

impl Slow {
    fn new() -> (Self, UnboundedReceiver<bool>) {
        let (tell, told) = unbounded_channel();
        (Self { tell, rows: 0, sum: 0, pauses: Vec::new() }, told)
    }

    /// Every row once, and a pause for what `why` says, which ended.
    fn assert_whole(&self, why: &str) {
        assert_eq!((self.rows, self.sum), (ROWS, ROWS * (ROWS + 1) / 2));
        assert!(self.pauses.iter().flatten().any(|told| told.contains(why)) && self.pauses.last() == Some(&None), "{:?}", self.pauses);
    }
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
            std::thread::sleep(Duration::from_millis(25));
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

async fn opened(to: MariaDbConnection, limits: &Limits) -> Box<dyn Session> {
    side(to).open(limits, &CancellationToken::new()).await.unwrap_or_else(|f| panic!("{f}"))
}

async fn doctor(to: MariaDbConnection) -> Vec<DoctorFinding> {
    side(to).inspect(&limits(), &CancellationToken::new()).await
}

fn active(most: u32) -> Mercy {
    Mercy { max_active_sessions: Some(most), ..Mercy::default() }
}

fn lag(seconds: u64) -> Mercy {
    Mercy { max_replica_lag: Some(Duration::from_secs(seconds)), ..Mercy::default() }
}

async fn until(done: impl Fn() -> bool) {
    let patience = Instant::now() + Duration::from_secs(20);
    while !done() {
        assert!(Instant::now() < patience, "not in time");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Makes the server busy once the stream runs, and calm again a while after it was left alone.
async fn disturb(mut told: UnboundedReceiver<bool>) {
    assert_eq!(told.recv().await, Some(false), "rows come first");
    let sleepers: Vec<_> = (0..MOST + 6).map(|_| tokio::task::spawn_blocking(|| nasty().try_sql("select sleep(50) as mercy_test"))).collect();
    until_working("as mercy_test").await;
    assert_eq!(told.recv().await, Some(true), "then the pause");
    tokio::time::sleep(QUIET).await;
    let asleep = "select group_concat('kill ', id separator ';') from information_schema.processlist where info like 'select sleep(50) as mercy%'";
    sql(&sql(asleep));
    for sleeper in sleepers {
        let _ = sleeper.await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_busy_server_is_left_alone_and_nothing_is_lost() {
    // Shorter than the pause: time in which we do not read is no statement's fault.
    let limits = Limits { statement_timeout: Duration::from_secs(4), ..limits() };
    // An account that may do nothing but read its tables.
    let mut session = opened(MariaDbConnection { mercy: active(MOST), ..to("reader") }, &limits).await;
    let (mut slow, told) = Slow::new();
    let disturbed = tokio::spawn(disturb(told));
    let began = Instant::now();
    let rows = session.stream(&query(&format!("select seq from seq_1_to_{ROWS}")), &mut slow).await.unwrap_or_else(|f| panic!("{f}"));
    assert!(began.elapsed() > QUIET && rows == ROWS);
    slow.assert_whole("active sessions, above 12");
    session.close().await.expect("the same session, its tripwires holding");
    disturbed.await.expect("disturbed");
}

/// What the server itself would end for a long pause gets the snapshot's budget.
#[tokio::test]
async fn the_server_waits_as_long_as_a_pause_may_take() {
    let limits = Limits { statement_timeout: Duration::from_secs(5), snapshot_budget: Duration::from_secs(90), ..limits() };
    let asked = "select @@session.net_write_timeout, round(@@session.max_statement_time)";
    for (mercy, wanted) in [(active(1000), ["90", "90"]), (Mercy::default(), ["60", "5"])] {
        let mut session = opened(MariaDbConnection { mercy, ..to("reader") }, &limits).await;
        assert_eq!(stream(&mut *session, asked).await.unwrap_or_else(|f| panic!("{f}")).text(), [wanted]);
        session.close().await.expect("closed");
    }
}

/// Our own sessions do not count: alone on a server, none is at work.
#[tokio::test]
async fn our_own_sessions_are_not_counted() {
    let server = Server::start(&[], |_| {});
    server.sql("", "create database alone; create user plain@'%'; grant select on alone.* to plain@'%'");
    let at = MariaDbConnection { host: server.socket(), database: "alone".to_owned(), mercy: active(1), ..to("plain") };
    let told = doctor(at.clone()).await;
    assert!(told.iter().any(|f| f.code == "mercy" && f.message == "reading pauses above 1 active sessions (now 0)"), "{told:#?}");
    let mut session = opened(at, &limits()).await;
    let (mut slow, _told) = Slow::new();
    let rows = session.stream(&query(&format!("select seq from seq_1_to_{ROWS}")), &mut slow).await.unwrap_or_else(|f| panic!("{f}"));
    assert!(rows == ROWS && slow.pauses.is_empty(), "{:?}", slow.pauses);
    session.close().await.expect("closed");
}

#[tokio::test]
async fn what_an_account_cannot_see_is_no_calm() {
    let blind = MariaDbConnection { mercy: lag(30), ..to("reader") };
    let fault = side(blind.clone()).open(&limits(), &CancellationToken::new()).await.err().expect("refused");
    assert_eq!(fault.kind, FaultKind::PermissionDenied, "{fault}");
    let findings = doctor(blind).await;
    let load = findings.iter().find(|f| f.code == "load_unknown").expect("told");
    assert!(load.severity == Severity::Error && load.remedy.contains("GRANT SLAVE MONITOR ON *.*"), "{load:?}");

    // The remedy is SQL the server takes; on a server that is no replica there is no lag, and the doctor says so.
    sql("create user m_monitor@'%'; grant slave monitor on *.* to m_monitor@'%'; grant select on nasty.* to m_monitor@'%'");
    let seeing = MariaDbConnection { mercy: Mercy { max_active_sessions: Some(1000), ..lag(30) }, ..to("m_monitor") };
    let findings = doctor(seeing.clone()).await;
    assert!(findings.iter().any(|f| f.code == "no_replica" && f.severity == Severity::Warning), "{findings:#?}");
    let told = findings.iter().find(|f| f.code == "mercy").expect("told");
    assert!(told.message.starts_with("reading pauses above a replica lag of 30 s (now 0 s) or 1000 active sessions (now "), "{told:?}");
    let mut session = opened(seeing, &limits()).await;
    assert!(session.fork().await.expect("no fault").is_none(), "one session reads, whatever the number of streams");
    session.close().await.expect("closed");
}

/// A replica that lags is left alone until it does not, one that stands still is refused, and so is a server whose replicas' lag
/// nobody can see from it.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_replica_that_lags_is_left_alone() {
    let primary = Server::start(&["--server-id=1", "--log-bin=binlog"], |_| {});
    let replica = Server::start(&["--server-id=2"], |_| {});
    primary.sql(
        "",
        &format!(
            "create database {NASTY}; create table {NASTY}.t (i int) engine = innodb; create user seeing@'%'; \
             grant select on {NASTY}.* to seeing@'%'; grant slave monitor on *.* to seeing@'%'; \
             create user follower@'127.0.0.1' identified by 'CANARY-follower'; grant replication slave on *.* to follower@'127.0.0.1'"
        ),
    );
    let port = primary.port();
    replica.sql(
        "",
        &format!("change master to master_host = '127.0.0.1', master_port = {port}, master_user = 'follower', master_password = 'CANARY-follower'; start slave"),
    );
    until(|| replica.sql("", "select count(*) from mysql.global_priv where user = 'follower'") == "1").await;
    let at = |server: &Server, mercy| MariaDbConnection { host: server.socket(), mercy, ..to("seeing") };

    let findings = doctor(at(&primary, lag(30))).await;
    assert!(findings.iter().any(|f| f.code == "load_unknown" && f.remedy.contains("read from a replica")), "{findings:#?}");

    let mut session = opened(at(&replica, lag(1)), &limits()).await;
    let (mut slow, mut told) = Slow::new();
    let (began, delayed) = (Instant::now(), &replica);
    let disturb = async {
        assert_eq!(told.recv().await, Some(false), "rows come first");
        delayed.sql("", "stop slave; change master to master_delay = 3600; start slave");
        primary.sql(NASTY, "insert into t values (1)");
        assert_eq!(told.recv().await, Some(true), "then the pause");
        tokio::time::sleep(QUIET).await;
        delayed.sql("", "stop slave; change master to master_delay = 0; start slave");
    };
    let asked = query(&format!("select seq from seq_1_to_{ROWS}"));
    let (rows, ()) = tokio::join!(session.stream(&asked, &mut slow), disturb);
    assert!(began.elapsed() > QUIET && rows.unwrap_or_else(|f| panic!("{f}")) == ROWS);
    slow.assert_whole("replica lag ");
    session.close().await.expect("closed");
}

//! One session on one snapshot: opened, judged by, streamed from, watched by tripwires, always rolled back.

use super::connect::{connect, place, transport};
use super::constants;
use super::fault::Blame;
use super::judge::{self, Judged, Refusal};
use super::mercy::Beside;
use super::role::{self, RoleFinding};
use super::savepoint;
use super::settings::{self, Settings};
use super::stop::stop;
use super::stream::{Copy, Ended, cancelled};
use super::sums;
use super::tripwire;
use crate::adapters::mercy::Watch;
use crate::domain::decode::ResultColumn;
use crate::domain::side::Side;
use crate::ports::clock::Clock;
use crate::ports::connection::PostgresConnection;
use crate::ports::database::{DatabaseKind, Fault, FaultKind, Limits, Query, RowSink, Session, SnapshotInfo, Summed, Summing};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::Connection as _;
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Executor as _, Row as _};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Longest the way from nothing to a snapshot, or a doctor's visit, may take: each step is a small query of our own.
pub const OPENING: Duration = Duration::from_mins(1);
/// Longest a good-bye may take.
const CLOSING: Duration = Duration::from_secs(5);
/// The oldest server whose functions and settings are those used here.
const OLDEST: u32 = 120_000;

/// What the sessions of one snapshot share.
#[derive(Debug)]
pub struct Shared {
    side: Side,
    to: PostgresConnection,
    limits: Limits,
    cancel: CancellationToken,
    clock: Arc<dyn Clock>,
    deadline: Instant,
    seats: AtomicUsize,
    watch: Watch,
}

impl Shared {
    /// For a first session about to be opened: the snapshot's budget starts to run.
    pub fn new(side: Side, to: PostgresConnection, mut limits: Limits, cancel: CancellationToken, clock: Arc<dyn Clock>) -> Arc<Self> {
        let deadline = Instant::now() + limits.snapshot_budget;
        limits.max_streams = to.mercy.max_streams.unwrap_or(limits.max_streams);
        let watch = Watch::new(side, to.mercy, limits.clone());
        Arc::new(Self { side, to, limits, cancel, clock, deadline, seats: AtomicUsize::new(0), watch })
    }

    /// Resolves when work has to end: cancelled, or out of time.
    async fn must_end(&self, blame: Blame<'_>) -> Fault {
        tokio::select! {
            () = self.cancel.cancelled() => cancelled(blame),
            () = tokio::time::sleep_until(self.deadline) => self.over_budget(blame),
            () = self.watch.statement_over() => {
                let (what, remedy) = self.watch.over_time();
                blame.fault(FaultKind::Timeout, what, remedy)
            }
        }
    }

    fn over_budget(&self, blame: Blame<'_>) -> Fault {
        let minutes = self.limits.snapshot_budget.as_secs();
        blame.fault(
            FaultKind::Timeout,
            format!("the snapshot was held for its whole budget of {minutes} s; the session is closed"),
            "narrow the queries or the period, or raise snapshot_budget",
        )
    }
}

/// The server does not get on with our own small queries.
pub fn slow(blame: Blame<'_>) -> Fault {
    let what = format!("the server did not answer our first questions within {} s", OPENING.as_secs());
    blame.fault(FaultKind::Timeout, what, "look at the network and the server's load")
}

/// One connection counted among those of its side.
#[derive(Debug)]
struct Seat(Arc<Shared>);

impl Seat {
    fn take(shared: &Arc<Shared>) -> Option<Self> {
        let taken = shared.seats.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| (n < shared.limits.max_streams.max(1)).then_some(n + 1));
        taken.ok().map(|_| Self(Arc::clone(shared)))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.seats.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A session. Its connection is gone once it was lost, or had to be closed to stop the server.
pub struct PgSession {
    connection: Option<PgConnection>,
    seat: Seat,
    info: SnapshotInfo,
    snapshot: String,
    mark: String,
    pid: i32,
    settings: Settings,
    judged: u64,
}

/// What the first query of a transaction tells.
struct First {
    pid: i32,
    version: String,
    standby: bool,
    lsn: String,
    snapshot: String,
    mark: String,
    server_clock: DateTime<Utc>,
    local_clock: DateTime<Utc>,
}

impl PgSession {
    /// Opens a session of its own snapshot, or with `snapshot` one on another session's.
    pub async fn open(shared: &Arc<Shared>, snapshot: Option<&str>) -> Result<Self, Fault> {
        let blame = Blame::side(shared.side);
        let seat = Seat::take(shared).ok_or_else(|| blame.fault(FaultKind::Limit, "every stream of this side is in use", "raise max_streams"))?;
        tokio::select! {
            biased;
            opened = Self::prepare(shared, seat, snapshot) => opened,
            fault = shared.must_end(blame) => Err(fault),
            () = tokio::time::sleep(OPENING) => Err(slow(blame)),
        }
    }

    async fn prepare(shared: &Arc<Shared>, seat: Seat, snapshot: Option<&str>) -> Result<Self, Fault> {
        let blame = Blame::side(shared.side);
        let mut connection = connect(shared.side, &shared.to).await?;
        if connection.server_version_num().is_some_and(|v| v < OLDEST) {
            return Err(blame.fault(FaultKind::Refused, "the server is older than PostgreSQL 12", "read from a newer one"));
        }
        let (settings, rights) = settings::pin_and_ask(&mut connection, blame, &shared.to, &shared.watch.served(), &role::question()).await?;
        let writable_role = admit(&role::findings(&rights, blame)?, blame, &shared.to)?;
        shared.watch.start(Beside { side: shared.side, to: shared.to.clone(), limits: shared.limits.clone() }).await?;
        let first = begin(&mut connection, blame, shared, snapshot).await?;
        let info = SnapshotInfo {
            side: shared.side,
            kind: DatabaseKind::Postgres,
            server: format!("PostgreSQL {}{}", first.version, if first.standby { " (standby)" } else { "" }),
            place: place(&shared.to),
            transport: transport(&shared.to).to_owned(),
            snapshot: format!("{} at {}", first.snapshot, first.lsn),
            server_clock: first.server_clock,
            local_clock: first.local_clock,
            writable_role,
        };
        let First { pid, snapshot, mark, .. } = first;
        Ok(Self { connection: Some(connection), seat, info, snapshot, mark, pid, settings, judged: 0 })
    }

    fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.seat.0)
    }

    /// Takes the connection out for one piece of work; it comes back only when the work ended in order. A future that is
    /// dropped half-way therefore closes it, and the server notices.
    fn take(&mut self, blame: Blame<'_>) -> Result<PgConnection, Fault> {
        let shared = &self.seat.0;
        if shared.cancel.is_cancelled() {
            return Err(cancelled(blame));
        }
        if Instant::now() >= shared.deadline {
            self.connection = None;
            return Err(self.seat.0.over_budget(blame));
        }
        self.connection.take().ok_or_else(|| blame.fault(FaultKind::ConnectionLost, "the session ended with an earlier error", "open a new one"))
    }

    async fn judge_on(&mut self, connection: &mut PgConnection, query: &Query) -> Result<Judged, Ended> {
        let sql = judge::look(query).map_err(Ended::Failed)?;
        self.judged += 1;
        judge::ask(connection, query, sql, self.judged).await.map_err(|refusal| match refusal {
            Refusal::Said(fault) => Ended::Failed(fault),
            Refusal::Broken(fault) => Ended::Broken(fault),
        })
    }

    async fn stream_on(&mut self, connection: &mut PgConnection, query: &Query, sink: &mut dyn RowSink) -> Result<u64, Ended> {
        let judged = self.judge_on(connection, query).await?;
        self.copy_on(connection, query, &judged, sink).await
    }

    async fn copy_on(&self, connection: &mut PgConnection, query: &Query, judged: &Judged, sink: &mut dyn RowSink) -> Result<u64, Ended> {
        let shared = self.shared();
        sink.columns(&judged.columns).map_err(Ended::Failed)?;
        let blame = Blame::query(query.side, &query.name);
        let constants = constants::of(connection, query, judged).await.map_err(|e| Ended::Broken(blame.driver(&e)))?;
        let (limits, mark) = (&shared.limits, self.mark.as_str());
        let copy = Copy { blame, judged, constants: &constants, limits, mark, watch: &shared.watch, cancel: &shared.cancel };
        let rows = copy.run(connection, sink).await?;
        // Before the rows count: a function inside the query may have done more than read.
        let seen = tripwire::look(connection, blame, &self.settings, savepoint::RENEW).await.map_err(Ended::Broken)?;
        seen.only_read(blame, self.pid, &self.settings).map_err(Ended::Broken)?;
        seen.same_tables(blame).map_err(Ended::Failed)?;
        Ok(rows)
    }

    /// The server judges both the query and the one of its sums. What is wrong with the query itself is a fault, as ever; whatever else the
    /// server does not do is a refusal, for its rows can still be read.
    async fn sum_on(&mut self, connection: &mut PgConnection, query: &Query, summing: Summing, sink: &mut dyn RowSink) -> Result<Summed, Ended> {
        let sql = match sums::over(&self.judge_on(connection, query).await?, summing) {
            Ok(sql) => sql,
            Err(why) => return Ok(Summed::Refused(why)),
        };
        let of_sums = Query { sql, parameters: BTreeMap::new(), ..query.clone() };
        let streamed = match self.judge_on(connection, &of_sums).await {
            Ok(judged) => self.copy_on(connection, &of_sums, &judged, sink).await,
            Err(ended) => Err(ended),
        };
        match streamed {
            Ok(_) => Ok(Summed::Whole),
            Err(Ended::Failed(fault)) => Ok(Summed::Refused(fault.what)),
            Err(ended) => Err(ended),
        }
    }

    /// Puts the connection back, drops it, or stops its backend, by how the work ended.
    async fn settle<T>(&mut self, connection: PgConnection, outcome: Result<T, Ended>) -> Result<T, Fault> {
        match outcome {
            Ok(value) => {
                self.connection = Some(connection);
                Ok(value)
            }
            Err(Ended::Failed(fault)) => {
                self.connection = Some(connection);
                Err(fault)
            }
            Err(Ended::Broken(fault)) => {
                drop(connection);
                Err(fault)
            }
            Err(Ended::Stop(mut fault)) => {
                let shared = self.shared();
                if !stop(shared.side, &shared.to, self.pid, connection).await {
                    fault.what.push_str("; whether the server stopped working on it is not known");
                }
                Err(fault)
            }
        }
    }
}

/// Refuses a role that can write, unless it was let in by name; says whether it can.
fn admit(findings: &[RoleFinding], blame: Blame<'_>, to: &PostgresConnection) -> Result<bool, Fault> {
    let writable = role::is_writable(findings);
    if writable && !to.allow_writable_role {
        let errors = findings.iter().filter(|f| f.severity == crate::ports::database::Severity::Error);
        let (what, remedies): (Vec<_>, Vec<_>) = errors.map(|f| (f.message.as_str(), f.remedy.as_str())).unzip();
        let remedy = format!("{}; or name it with --allow-writable-role, which blocks the flip", remedies.join("; "));
        return Err(blame.fault(FaultKind::WritableRole, what.join("; "), remedy));
    }
    Ok(writable)
}

/// Begins, and takes the snapshot: it starts with the first query, not with BEGIN.
async fn begin(connection: &mut PgConnection, blame: Blame<'_>, shared: &Shared, snapshot: Option<&str>) -> Result<First, Fault> {
    if snapshot.is_some_and(|id| !id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')) {
        return Err(blame.fault(FaultKind::Failed, "the server's name of the snapshot is none", "report this"));
    }
    let (set, name) = match snapshot {
        Some(id) => (format!("SET TRANSACTION SNAPSHOT '{id}'; "), format!("'{id}'")),
        None => (String::new(), "pg_catalog.pg_export_snapshot()".to_owned()),
    };
    let sql = format!("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {set}{FIRST}, {name}; {}", savepoint::SET);
    let before = shared.clock.now();
    let rows = connection.fetch_all(AssertSqlSafe(sql)).await.map_err(|e| blame.driver(&e))?;
    let after = shared.clock.now();
    let row = rows.first().ok_or_else(|| blame.driver(&sqlx::Error::RowNotFound))?;
    if get::<String>(row, 4, blame)? != "on" || get::<String>(row, 5, blame)? != "repeatable read" {
        let what = "the server did not open a read-only snapshot";
        return Err(blame.fault(FaultKind::NotReadOnly, what, "connect to the server itself, not through a pooler"));
    }
    let clock = DateTime::from_timestamp_micros(get(row, 1, blame)?);
    let version: String = get(row, 2, blame)?;
    Ok(First {
        pid: get(row, 0, blame)?,
        server_clock: clock.ok_or_else(|| blame.fault(FaultKind::Failed, "the server's clock cannot be read", "set its clock"))?,
        version: crate::domain::text::shown(version.split(' ').next().unwrap_or_default(), 30),
        standby: get(row, 3, blame)?,
        lsn: get(row, 6, blame)?,
        mark: get(row, 7, blame)?,
        snapshot: get(row, 8, blame)?,
        local_clock: before + (after - before) / 2,
    })
}

const FIRST: &str = "\
SELECT pg_catalog.pg_backend_pid(), (extract(epoch FROM pg_catalog.clock_timestamp()) * 1000000)::bigint, \
       pg_catalog.current_setting('server_version'), pg_catalog.pg_is_in_recovery(), \
       pg_catalog.current_setting('transaction_read_only'), pg_catalog.current_setting('transaction_isolation'), \
       COALESCE((CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn() \
                      ELSE pg_catalog.pg_current_wal_lsn() END)::text, ''), \
       'too-long-' || pg_catalog.md5(pg_catalog.random()::text || pg_catalog.clock_timestamp()::text) || ':'";

fn get<'r, T: sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>>(row: &'r PgRow, at: usize, blame: Blame<'_>) -> Result<T, Fault> {
    row.try_get(at).map_err(|e| blame.driver(&e))
}

#[async_trait]
impl Session for PgSession {
    fn info(&self) -> &SnapshotInfo {
        &self.info
    }

    async fn judge(&mut self, query: &Query) -> Result<Vec<ResultColumn>, Fault> {
        let blame = Blame::query(query.side, &query.name);
        let mut connection = self.take(blame)?;
        let shared = self.shared();
        let outcome = tokio::select! {
            biased;
            judged = self.judge_on(&mut connection, query) => judged,
            fault = shared.must_end(blame) => Err(Ended::Stop(fault)),
        };
        Ok(self.settle(connection, outcome).await?.columns)
    }

    async fn stream(&mut self, query: &Query, sink: &mut dyn RowSink) -> Result<u64, Fault> {
        let blame = Blame::query(query.side, &query.name);
        let mut connection = self.take(blame)?;
        let shared = self.shared();
        let outcome = tokio::select! {
            biased;
            rows = self.stream_on(&mut connection, query, sink) => rows,
            fault = shared.must_end(blame) => Err(Ended::Stop(fault)),
        };
        self.settle(connection, outcome).await
    }

    async fn stream_sums(&mut self, query: &Query, summing: Summing, sink: &mut dyn RowSink) -> Result<Summed, Fault> {
        let blame = Blame::query(query.side, &query.name);
        let mut connection = self.take(blame)?;
        let shared = self.shared();
        let outcome = tokio::select! {
            biased;
            summed = self.sum_on(&mut connection, query, summing, sink) => summed,
            fault = shared.must_end(blame) => Err(Ended::Stop(fault)),
        };
        self.settle(connection, outcome).await
    }

    async fn fork(&mut self) -> Result<Option<Box<dyn Session>>, Fault> {
        let shared = self.shared();
        let blame = Blame::side(shared.side);
        let connection = self.take(blame)?;
        self.connection = Some(connection);
        match Self::open(&shared, Some(&self.snapshot)).await {
            Ok(session) => Ok(Some(Box::new(session))),
            Err(fault) if fault.kind == FaultKind::Cancelled => Err(fault),
            // No seat, no free connection, or a server that cannot share the snapshot: one connection reads.
            Err(_) => Ok(None),
        }
    }

    async fn close(mut self: Box<Self>) -> Result<(), Fault> {
        let blame = Blame::side(self.seat.0.side);
        // Gone already: the error that ended it was told, and the server rolled back.
        let Some(mut connection) = self.connection.take() else { return Ok(()) };
        let held = match tokio::time::timeout(CLOSING, tripwire::look(&mut connection, blame, &self.settings, "ROLLBACK")).await {
            Ok(seen) => seen.and_then(|s| s.only_read(blame, self.pid, &self.settings)),
            Err(_) => Err(blame.lost("no answer when the session was closed")),
        };
        // Its end rolls back as well, where the server did not come to it.
        let _ = tokio::time::timeout(CLOSING, connection.close()).await;
        held
    }
}

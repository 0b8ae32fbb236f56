//! One session on one snapshot: opened, judged by, streamed from, watched by tripwires, always rolled back.

use super::ask;
use super::connect::{connect, place, transport};
use super::fault::Blame;
use super::identity;
use super::judge::{self, Judged, Refusal};
use super::mercy::Beside;
use super::product::Product;
use super::role;
use super::settings::{self, Settings};
use super::snapshot;
use super::stop::{AtWork, stop};
use super::stream::{Ended, Rows, cancelled};
use super::tripwire;
use crate::adapters::mercy::Watch;
use crate::domain::decode::ResultColumn;
use crate::domain::side::Side;
use crate::ports::clock::Clock;
use crate::ports::connection::MariaDbConnection;
use crate::ports::database::{DatabaseKind, Fault, FaultKind, Identity, Limits, Query, RowSink, Session, Severity, SnapshotInfo};
use async_trait::async_trait;
use sqlx::Connection as _;
use sqlx::mysql::MySqlConnection;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Longest the way from nothing to a snapshot, or a doctor's visit, may take: each step is a small query of our own.
pub const OPENING: Duration = Duration::from_mins(1);
/// Longest a good-bye may take.
const CLOSING: Duration = Duration::from_secs(5);

/// What a session is opened with.
#[derive(Debug)]
pub struct Shared {
    side: Side,
    to: MariaDbConnection,
    limits: Limits,
    cancel: CancellationToken,
    clock: Arc<dyn Clock>,
    deadline: Instant,
    watch: Watch,
}

impl Shared {
    /// For a session about to be opened: the snapshot's budget starts to run.
    pub fn new(side: Side, to: MariaDbConnection, limits: Limits, cancel: CancellationToken, clock: Arc<dyn Clock>) -> Arc<Self> {
        let deadline = Instant::now() + limits.snapshot_budget;
        let watch = Watch::new(side, to.mercy, limits.clone());
        Arc::new(Self { side, to, limits, cancel, clock, deadline, watch })
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

    /// Looks at the server for the first time, where the side wants to be spared.
    async fn watch_over(&self, connection: &mut MySqlConnection, blame: Blame<'_>, product: &Product) -> Result<(), Fault> {
        if !self.watch.is_wanted() {
            return Ok(());
        }
        let row = ask::row(connection, "SELECT CONNECTION_ID()").await.map_err(|e| blame.driver(&e))?;
        let reader = row.text(0).parse().unwrap_or(0);
        self.watch.start(Beside { side: self.side, to: self.to.clone(), limits: self.limits.clone(), product: product.clone(), reader }).await
    }

    fn over_budget(&self, blame: Blame<'_>) -> Fault {
        blame.fault(
            FaultKind::Timeout,
            format!("the snapshot was held for its whole budget of {} s; the session is closed", self.limits.snapshot_budget.as_secs()),
            "narrow the queries or the period, or raise snapshot_budget",
        )
    }
}

/// The server does not get on with our own small queries.
pub fn slow(blame: Blame<'_>) -> Fault {
    let what = format!("the server did not answer our first questions within {} s", OPENING.as_secs());
    blame.fault(FaultKind::Timeout, what, "look at the network and the server's load")
}

/// A session. Its connection is gone once it was lost, or had to be closed to stop the server.
pub struct MariaDbSession {
    connection: Option<MySqlConnection>,
    shared: Arc<Shared>,
    info: SnapshotInfo,
    id: u64,
    settings: Settings,
}

impl MariaDbSession {
    /// Opens a session of its own snapshot.
    pub async fn open(shared: Arc<Shared>) -> Result<Self, Fault> {
        let blame = Blame::side(shared.side);
        tokio::select! {
            biased;
            opened = Self::prepare(Arc::clone(&shared)) => opened,
            fault = shared.must_end(blame) => Err(fault),
            () = tokio::time::sleep(OPENING) => Err(slow(blame)),
        }
    }

    async fn prepare(shared: Arc<Shared>) -> Result<Self, Fault> {
        let blame = Blame::side(shared.side);
        let mut connection = connect(shared.side, &shared.to).await?;
        let product = Product::of(&mut connection, blame).await?;
        let settings = settings::pin(&mut connection, blame, &shared.watch.served(), &shared.to.mercy).await?;
        let writable_role = admit(&mut connection, blame, &product, &shared.to).await?;
        shared.watch_over(&mut connection, blame, &product).await?;
        let first = snapshot::open(&mut connection, blame, &product, &*shared.clock).await?;
        let info = SnapshotInfo {
            side: shared.side,
            kind: DatabaseKind::MariaDb,
            server: format!("{}{}", product.name(), if first.read_only_server { " (read-only server)" } else { "" }),
            place: place(&shared.to),
            transport: transport(&shared.to).to_owned(),
            snapshot: first.name,
            server_clock: first.server_clock,
            local_clock: first.local_clock,
            writable_role,
        };
        Ok(Self { connection: Some(connection), shared, info, id: first.id, settings })
    }

    /// Takes the connection out for one piece of work; it comes back only when the work ended in order. A future that is
    /// dropped half-way ends the server's work and the connection.
    fn take(&mut self, blame: Blame<'_>) -> Result<AtWork, Fault> {
        if self.shared.cancel.is_cancelled() {
            return Err(cancelled(blame));
        }
        if Instant::now() >= self.shared.deadline {
            self.connection = None;
            return Err(self.shared.over_budget(blame));
        }
        let connection = self.connection.take();
        let gone = || blame.fault(FaultKind::ConnectionLost, "the session ended with an earlier error", "open a new one");
        Ok(AtWork::new(self.shared.side, &self.shared.to, self.id, connection.ok_or_else(gone)?))
    }

    /// Puts the connection back, drops it, or stops its work, by how that ended.
    async fn settle<T>(&mut self, work: AtWork, outcome: Result<T, Ended>) -> Result<T, Fault> {
        let connection = work.done();
        match outcome {
            Ok(value) => {
                self.connection = connection;
                Ok(value)
            }
            Err(Ended::Failed(fault)) => {
                self.connection = connection;
                Err(fault)
            }
            Err(Ended::Broken(fault)) => Err(fault),
            Err(Ended::Stop(mut fault)) => {
                let stopped = match connection {
                    Some(connection) => stop(self.shared.side, &self.shared.to, self.id, connection).await,
                    None => false,
                };
                if !stopped {
                    let _ = write!(fault.what, "; whether the server stopped working on it is not known (KILL {} ends it there)", self.id);
                }
                Err(fault)
            }
        }
    }
}

async fn judged(connection: &mut MySqlConnection, query: &Query) -> Result<Judged, Ended> {
    let sql = judge::look(query).map_err(Ended::Failed)?;
    judge::ask(connection, query, sql).await.map_err(|refusal| match refusal {
        Refusal::Said(fault) => Ended::Failed(fault),
        Refusal::Broken(fault) => Ended::Broken(fault),
    })
}

/// What a piece of work keeps to.
struct Bounds<'a> {
    shared: &'a Shared,
    id: u64,
    settings: &'a Settings,
}

async fn streamed(work: &mut AtWork, query: &Query, sink: &mut dyn RowSink, bounds: &Bounds<'_>) -> Result<u64, Ended> {
    let blame = Blame::query(query.side, &query.name);
    let connection = work.connection().ok_or_else(|| Ended::Broken(blame.lost("it is gone")))?;
    let judged = judged(connection, query).await?;
    sink.columns(&judged.columns).map_err(Ended::Failed)?;
    let Bounds { shared, id, settings } = *bounds;
    let rows = Rows { blame, judged: &judged, limits: &shared.limits, watch: &shared.watch, cancel: &shared.cancel };
    let rows = rows.run(connection, sink).await?;
    // Before the rows count: a function inside the query may have done more than read.
    tripwire::check(connection, blame, id, settings).await.map_err(Ended::Broken)?;
    Ok(rows)
}

/// Refuses an account that can write, unless it was let in by name; says whether it can.
async fn admit(connection: &mut MySqlConnection, blame: Blame<'_>, product: &Product, to: &MariaDbConnection) -> Result<bool, Fault> {
    let findings = role::inspect(connection, blame, product).await?;
    let writable = role::is_writable(&findings);
    if writable && !to.allow_writable_role {
        let errors = findings.iter().filter(|f| f.severity == Severity::Error);
        let (what, remedies): (Vec<_>, Vec<_>) = errors.map(|f| (f.message.as_str(), f.remedy.as_str())).unzip();
        let remedy = format!("{}; or name it with --allow-writable-role, which blocks the flip", remedies.join("; "));
        return Err(blame.fault(FaultKind::WritableRole, what.join("; "), remedy));
    }
    Ok(writable)
}

#[async_trait]
impl Session for MariaDbSession {
    fn info(&self) -> &SnapshotInfo {
        &self.info
    }

    async fn judge(&mut self, query: &Query) -> Result<Vec<ResultColumn>, Fault> {
        let blame = Blame::query(query.side, &query.name);
        let mut work = self.take(blame)?;
        let shared = Arc::clone(&self.shared);
        let outcome = match work.connection() {
            Some(connection) => tokio::select! {
                biased;
                judged = judged(connection, query) => judged,
                fault = shared.must_end(blame) => Err(Ended::Stop(fault)),
            },
            None => Err(Ended::Broken(blame.lost("it is gone"))),
        };
        Ok(self.settle(work, outcome).await?.columns)
    }

    async fn identity(&mut self) -> Result<Identity, Fault> {
        let shared = Arc::clone(&self.shared);
        let blame = Blame::side(shared.side);
        let mut work = self.take(blame)?;
        let outcome = match work.connection() {
            Some(connection) => tokio::select! {
                biased;
                asked = identity::ask(connection, blame) => asked.map_err(Ended::Broken),
                fault = shared.must_end(blame) => Err(Ended::Stop(fault)),
            },
            None => Err(Ended::Broken(blame.lost("it is gone"))),
        };
        self.settle(work, outcome).await
    }

    async fn stream(&mut self, query: &Query, sink: &mut dyn RowSink) -> Result<u64, Fault> {
        let blame = Blame::query(query.side, &query.name);
        let mut work = self.take(blame)?;
        let shared = Arc::clone(&self.shared);
        let bounds = Bounds { shared: &shared, id: self.id, settings: &self.settings };
        let outcome = tokio::select! {
            biased;
            rows = streamed(&mut work, query, sink, &bounds) => rows,
            fault = shared.must_end(blame) => Err(Ended::Stop(fault)),
        };
        self.settle(work, outcome).await
    }

    /// None: these servers cannot share a snapshot between connections.
    async fn fork(&mut self) -> Result<Option<Box<dyn Session>>, Fault> {
        Ok(None)
    }

    async fn close(mut self: Box<Self>) -> Result<(), Fault> {
        let blame = Blame::side(self.shared.side);
        // Gone already: the error that ended it was told, and the server rolled back.
        let Some(mut connection) = self.connection.take() else { return Ok(()) };
        let held = match tokio::time::timeout(CLOSING, tripwire::check(&mut connection, blame, self.id, &self.settings)).await {
            Ok(held) => held,
            Err(_) => Err(blame.lost("no answer when the session was closed")),
        };
        let bye = async {
            let _ = ask::run(&mut connection, "ROLLBACK").await;
            let _ = connection.close().await;
        };
        // The connection's end rolls back as well; this only does it at once.
        let _ = tokio::time::timeout(CLOSING, bye).await;
        held
    }
}

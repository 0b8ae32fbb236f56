//! Mercy for a busy server: a connection of its own looks every few seconds at replica lag and load, and while either is above
//! what the side allows, its streams are not read on. The server then waits in the middle of a COPY, on the same snapshot.
//!
//! What cannot be seen counts as busy, never as calm: a role that may not look is refused before anything is read, and a look
//! that fails later holds the streams until one succeeds, or the snapshot's budget is over.

use super::connect::{APPLICATION, connect};
use super::fault::Blame;
use super::settings;
use crate::domain::side::Side;
use crate::ports::connection::{Mercy, PostgresConnection};
use crate::ports::database::{Fault, FaultKind, Limits, RowSink};
use sqlx::Row as _;
use sqlx::postgres::PgConnection;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

/// Between two looks.
const EVERY: Duration = Duration::from_secs(2);
/// Longest a look may take before it counts as failed.
const PATIENCE: Duration = Duration::from_secs(10);

/// Standby or not; its lag in milliseconds, or the largest of the standbys that read from here; how many of those; whether the role sees
/// what other roles' sessions do; how many of them are at work. A standby that has replayed all it received does not lag, however
/// long ago the last change was, as long as something still sends to it.
const LOOK: &str = "\
SELECT pg_catalog.pg_is_in_recovery(), \
       (1000 * CASE WHEN NOT pg_catalog.pg_is_in_recovery() \
           THEN (SELECT COALESCE(max(extract(epoch FROM replay_lag)), 0) FROM pg_catalog.pg_stat_replication) \
           WHEN pg_catalog.pg_last_wal_receive_lsn() <= pg_catalog.pg_last_wal_replay_lsn() AND EXISTS (SELECT FROM pg_catalog.pg_stat_wal_receiver) \
           THEN 0 \
           ELSE extract(epoch FROM pg_catalog.clock_timestamp() - pg_catalog.pg_last_xact_replay_timestamp()) END)::bigint, \
       (SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_replication), \
       pg_catalog.pg_has_role(session_user, 'pg_read_all_stats', 'USAGE'), \
       (SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_activity \
           WHERE state = 'active' AND backend_type = 'client backend' AND application_name IS DISTINCT FROM $1)";

/// What one look saw.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    standby: bool,
    lag_millis: Option<i64>,
    standbys: i64,
    sees_all: bool,
    active: i64,
}

impl Look {
    /// Looks now.
    pub async fn now(connection: &mut PgConnection, blame: Blame<'_>) -> Result<Self, Fault> {
        let row = sqlx::query(LOOK).bind(APPLICATION).fetch_one(&mut *connection).await.map_err(|e| blame.driver(&e))?;
        let read = || -> Result<Self, sqlx::Error> {
            Ok(Self {
                standby: row.try_get(0)?,
                lag_millis: row.try_get(1)?,
                standbys: row.try_get(2)?,
                sees_all: row.try_get(3)?,
                active: row.try_get(4)?,
            })
        };
        read().map_err(|e| blame.driver(&e))
    }

    /// What is asked for and cannot be seen, with what to do.
    pub fn unknown(&self, mercy: &Mercy) -> Option<(&'static str, &'static str)> {
        const GRANT: &str = "GRANT pg_read_all_stats TO the role (it lets it see statistics, and nothing else), or leave the setting out";
        let lag = mercy.max_replica_lag.is_some();
        if mercy.max_active_sessions.is_some() && !self.sees_all {
            return Some(("max_active_sessions is set, and the role may not see what other sessions do", GRANT));
        }
        if lag && !self.standby && self.standbys > 0 && !self.sees_all {
            return Some(("max_replica_lag is set, and the role may not see how far the standbys are", GRANT));
        }
        if lag && self.lag_millis.is_none() {
            return Some(("max_replica_lag is set, and this standby has replayed nothing yet", "see that it gets its changes from the primary"));
        }
        None
    }

    /// Whether there is a lag to measure at all.
    pub const fn has_replica(&self) -> bool {
        self.standby || self.standbys > 0
    }

    /// Why the server is to be left alone; `None` where it is calm.
    fn busy(&self, mercy: &Mercy) -> Option<String> {
        if let Some((what, _)) = self.unknown(mercy) {
            return Some(what.to_owned());
        }
        let lag = Duration::from_millis(u64::try_from(self.lag_millis.unwrap_or(0)).unwrap_or(0));
        if let Some(most) = mercy.max_replica_lag.filter(|most| lag > *most) {
            return Some(format!("replica lag {} s, above {} s", lag.as_secs(), most.as_secs()));
        }
        let most = mercy.max_active_sessions.filter(|most| self.active > i64::from(*most));
        most.map(|most| format!("{} active sessions, above {most}", self.active))
    }

    /// In words, for the doctor.
    pub fn words(&self, mercy: &Mercy) -> String {
        let lag = mercy.max_replica_lag.map(|most| format!("a replica lag of {} s (now {} s)", most.as_secs(), self.lag_millis.unwrap_or(0) / 1000));
        let active = mercy.max_active_sessions.map(|most| format!("{most} active sessions (now {})", self.active));
        format!("reading pauses above {}", lag.into_iter().chain(active).collect::<Vec<_>>().join(" or "))
    }
}

/// Looks at a server as long as it lives.
#[derive(Debug)]
pub struct Watch {
    busy: watch::Receiver<Option<String>>,
    waited: Arc<Mutex<Waited>>,
    /// Ends the looking when the last session is gone.
    _looking: AbortOnDropHandle<()>,
}

/// How long the server was busy.
#[derive(Debug, Default)]
struct Waited {
    before: Duration,
    since: Option<Instant>,
}

impl Waited {
    fn note(&mut self, busy: bool) {
        match (self.since, busy) {
            (None, true) => self.since = Some(Instant::now()),
            (Some(since), false) => {
                self.before += since.elapsed();
                self.since = None;
            }
            _ => {}
        }
    }
}

impl Watch {
    /// The first look, and then one every few seconds.
    pub async fn start(side: Side, to: &PostgresConnection, limits: &Limits) -> Result<Self, Fault> {
        let mut looker = Looker { side, to: to.clone(), limits: limits.clone(), connection: None };
        let look = looker.look().await?;
        if let Some((what, remedy)) = look.unknown(&to.mercy) {
            return Err(Blame::side(side).fault(FaultKind::PermissionDenied, what, remedy));
        }
        let (tell, busy) = watch::channel(look.busy(&to.mercy));
        let waited = Arc::new(Mutex::new(Waited::default()));
        waited.lock().unwrap_or_else(PoisonError::into_inner).note(busy.borrow().is_some());
        let looking = AbortOnDropHandle::new(tokio::spawn(looker.go_on(tell, Arc::clone(&waited))));
        Ok(Self { busy, waited, _looking: looking })
    }

    /// Returns at once while the server is calm; else when it is calm again, telling why it waits.
    pub async fn hold(&self, tell: &mut dyn RowSink) {
        let mut busy = self.busy.clone();
        if busy.borrow().is_none() {
            return;
        }
        loop {
            let why = busy.borrow_and_update().clone();
            tell.paused(why.as_deref());
            if why.is_none() || busy.changed().await.is_err() {
                return;
            }
        }
    }

    /// How long the server was busy so far: time that no statement is to blame for.
    pub fn waited(&self) -> Duration {
        let waited = self.waited.lock().unwrap_or_else(PoisonError::into_inner);
        waited.before + waited.since.map_or(Duration::ZERO, |since| since.elapsed())
    }
}

/// The one who looks.
struct Looker {
    side: Side,
    to: PostgresConnection,
    limits: Limits,
    connection: Option<PgConnection>,
}

impl Looker {
    async fn look(&mut self) -> Result<Look, Fault> {
        let blame = Blame::side(self.side);
        let look = async {
            let mut connection = if let Some(connection) = self.connection.take() {
                connection
            } else {
                let mut connection = connect(self.side, &self.to).await?;
                settings::pin(&mut connection, blame, &self.to, &self.limits).await?;
                connection
            };
            let look = Look::now(&mut connection, blame).await?;
            self.connection = Some(connection);
            Ok(look)
        };
        tokio::time::timeout(PATIENCE, look).await.unwrap_or_else(|_| Err(blame.lost("no answer to a look at the load")))
    }

    async fn go_on(mut self, tell: watch::Sender<Option<String>>, waited: Arc<Mutex<Waited>>) {
        while !tell.is_closed() {
            tokio::time::sleep(EVERY).await;
            let busy = match self.look().await {
                Ok(look) => look.busy(&self.to.mercy),
                Err(fault) => Some(format!("its load cannot be seen: {}", fault.what)),
            };
            waited.lock().unwrap_or_else(PoisonError::into_inner).note(busy.is_some());
            tell.send_if_modified(|told| {
                let news = *told != busy;
                *told = busy;
                news
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALM: Look = Look { standby: false, lag_millis: Some(0), standbys: 1, sees_all: true, active: 3 };
    const MERCY: Mercy = Mercy { max_streams: None, max_replica_lag: Some(Duration::from_secs(30)), max_active_sessions: Some(40) };

    #[test]
    fn busy_is_above_and_unknown_is_busy() {
        assert_eq!(CALM.busy(&MERCY), None);
        assert_eq!(Look { lag_millis: Some(30_000), active: 40, ..CALM }.busy(&MERCY), None);
        assert_eq!(Look { lag_millis: Some(41_000), ..CALM }.busy(&MERCY).as_deref(), Some("replica lag 41 s, above 30 s"));
        assert_eq!(Look { active: 41, ..CALM }.busy(&MERCY).as_deref(), Some("41 active sessions, above 40"));
        let only_lag = Mercy { max_active_sessions: None, ..MERCY };
        for blind in [Look { sees_all: false, ..CALM }, Look { standby: true, standbys: 0, lag_millis: None, ..CALM }] {
            assert!(blind.unknown(&only_lag).is_some() && blind.busy(&only_lag).is_some(), "{blind:?}");
        }
        // A standby's own lag is anybody's to see, and without a standby there is none.
        for seeing in [Look { standby: true, standbys: 0, sees_all: false, ..CALM }, Look { standbys: 0, sees_all: false, ..CALM }] {
            assert!(seeing.busy(&only_lag).is_none() && seeing.busy(&MERCY).is_some(), "{seeing:?}");
        }
    }
}

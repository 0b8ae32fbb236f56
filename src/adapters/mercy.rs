//! Mercy for a busy server: a connection of its own looks every few seconds at replica lag and load, and while either is above
//! what the side allows, its streams are not read on. The server then waits in the middle of its rows, on the same snapshot.
//!
//! What cannot be seen counts as busy, never as calm: an account that may not look is refused before anything is read, and a look
//! that fails later holds the streams until one succeeds, or the snapshot's budget is over. What is looked at is each adapter's own.

use crate::domain::side::Side;
use crate::ports::connection::Mercy;
use crate::ports::database::{Fault, FaultKind, Limits, RowSink, Severity};
use async_trait::async_trait;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OnceCell, watch};
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

/// Between two looks.
const EVERY: Duration = Duration::from_secs(2);
/// Longest a look may take before it counts as failed.
const PATIENCE: Duration = Duration::from_secs(10);
/// Given to the server to end a statement by its own timeout before we do it for it.
const GRACE: Duration = Duration::from_secs(3);

/// Why something cannot be seen, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unseen {
    /// In words, beginning with the setting that asks for it.
    pub what: &'static str,
    /// What to do.
    pub remedy: &'static str,
}

/// What one look saw.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// How far the replica read from is behind, or the last of those that follow the server; `None` where there is none.
    pub lag: Result<Option<Duration>, Unseen>,
    /// Sessions at work, ours not counted.
    pub active: Result<u64, Unseen>,
}

impl Look {
    /// What is asked for and cannot be seen.
    fn unseen(&self, mercy: &Mercy) -> Option<Unseen> {
        let active = mercy.max_active_sessions.and(self.active.err());
        active.or_else(|| mercy.max_replica_lag.and(self.lag.err()))
    }

    fn lag(&self) -> Duration {
        self.lag.ok().flatten().unwrap_or_default()
    }

    /// Why the server is to be left alone; `None` where it is calm.
    fn busy(&self, mercy: &Mercy) -> Option<String> {
        if let Some(unseen) = self.unseen(mercy) {
            return Some(unseen.what.to_owned());
        }
        let lag = self.lag();
        if let Some(most) = mercy.max_replica_lag.filter(|most| lag > *most) {
            return Some(format!("replica lag {} s, above {} s", lag.as_secs(), most.as_secs()));
        }
        let active = self.active.unwrap_or(u64::MAX);
        let most = mercy.max_active_sessions.filter(|most| active > u64::from(*most));
        most.map(|most| format!("{active} active sessions, above {most}"))
    }

    /// What the doctor says of it: severity, code, message, remedy.
    pub fn findings(&self, mercy: &Mercy) -> Vec<(Severity, &'static str, String, &'static str)> {
        if let Some(Unseen { what, remedy }) = self.unseen(mercy) {
            return vec![(Severity::Error, "load_unknown", what.to_owned(), remedy)];
        }
        let mut findings = Vec::new();
        if mercy.max_replica_lag.is_some() && self.lag == Ok(None) {
            let what = "max_replica_lag is set, and this server is no replica and none follows it: there is no lag to see";
            findings.push((Severity::Warning, "no_replica", what.to_owned(), "connect the replica, or leave max_replica_lag out"));
        }
        let lag = mercy.max_replica_lag.map(|most| format!("a replica lag of {} s (now {} s)", most.as_secs(), self.lag().as_secs()));
        let active = mercy.max_active_sessions.map(|most| format!("{most} active sessions (now {})", self.active.unwrap_or_default()));
        let words = format!("reading pauses above {}", lag.into_iter().chain(active).collect::<Vec<_>>().join(" or "));
        findings.push((Severity::Info, "mercy", words, ""));
        findings
    }
}

/// How an adapter looks at its server.
#[async_trait]
pub trait Lookout: Send + Sync + 'static {
    /// A connection beside those that read.
    type Connection: Send;

    /// Connects, settings pinned.
    async fn connect(&self) -> Result<Self::Connection, Fault>;

    /// Looks now.
    async fn look(&self, connection: &mut Self::Connection) -> Result<Look, Fault>;
}

/// Watches over a side's server while the side is read, where it wants to be spared; else it holds up nothing.
#[derive(Debug)]
pub struct Watch {
    side: Side,
    mercy: Mercy,
    limits: Limits,
    looking: OnceCell<Looking>,
}

impl Watch {
    /// Nothing is looked at yet.
    pub const fn new(side: Side, mercy: Mercy, limits: Limits) -> Self {
        Self { side, mercy, limits, looking: OnceCell::const_new() }
    }

    /// Whether the side wants to be spared.
    pub const fn is_wanted(&self) -> bool {
        self.mercy.watches()
    }

    /// Looks for the first time, and then every few seconds. Refuses what cannot be seen.
    pub async fn start(&self, lookout: impl Lookout) -> Result<(), Fault> {
        if self.is_wanted() {
            self.looking.get_or_try_init(|| Looking::start(self.side, self.mercy, lookout)).await?;
        }
        Ok(())
    }

    /// The limits as the server gets them. Its own statement timeout must not end a statement for our pauses: then it is the
    /// snapshot's budget, and the shorter one is kept here.
    pub fn served(&self) -> Limits {
        let limits = self.limits.clone();
        let statement_timeout = if self.is_wanted() { limits.snapshot_budget.max(limits.statement_timeout) } else { limits.statement_timeout };
        Limits { statement_timeout, ..limits }
    }

    /// Returns at once while the server is calm; else when it is calm again, telling why it waits.
    pub async fn hold(&self, tell: &mut dyn RowSink) {
        if let Some(looking) = self.looking.get() {
            looking.hold(tell).await;
        }
    }

    /// Resolves when a statement that begins now had its time, in which pauses do not count.
    pub async fn statement_over(&self) {
        let waited = || self.looking.get().map_or(Duration::ZERO, Looking::waited);
        let (began, before) = (Instant::now(), waited());
        loop {
            let end = began + self.limits.statement_timeout + GRACE + waited().saturating_sub(before);
            if Instant::now() >= end {
                return;
            }
            tokio::time::sleep_until(end).await;
        }
    }

    /// What is said of a statement that had its time, and what to do.
    pub fn over_time(&self) -> (String, &'static str) {
        let what = format!("the server did not answer within {} s", (self.limits.statement_timeout + GRACE).as_secs());
        if self.looking.initialized() {
            return (format!("{what}, pauses not counted"), "narrow the query, add an index, or raise statement_timeout");
        }
        (what, "the server's own statement timeout did not fire: look at the network; else narrow the query")
    }
}

/// Looks at a server as long as it lives.
#[derive(Debug)]
struct Looking {
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

impl Looking {
    async fn start<L: Lookout>(side: Side, mercy: Mercy, lookout: L) -> Result<Self, Fault> {
        let mut looker = Looker { side, lookout, connection: None };
        let look = looker.look().await?;
        if let Some(Unseen { what, remedy }) = look.unseen(&mercy) {
            return Err(Fault { side, kind: FaultKind::PermissionDenied, query: None, what: what.to_owned(), remedy: remedy.to_owned() });
        }
        let (tell, busy) = watch::channel(look.busy(&mercy));
        let waited = Arc::new(Mutex::new(Waited::default()));
        waited.lock().unwrap_or_else(PoisonError::into_inner).note(busy.borrow().is_some());
        let looking = AbortOnDropHandle::new(tokio::spawn(looker.go_on(mercy, tell, Arc::clone(&waited))));
        Ok(Self { busy, waited, _looking: looking })
    }

    async fn hold(&self, tell: &mut dyn RowSink) {
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
    fn waited(&self) -> Duration {
        let waited = self.waited.lock().unwrap_or_else(PoisonError::into_inner);
        waited.before + waited.since.map_or(Duration::ZERO, |since| since.elapsed())
    }
}

/// The one who looks. A connection that failed is left, and the next look makes another.
struct Looker<L: Lookout> {
    side: Side,
    lookout: L,
    connection: Option<L::Connection>,
}

impl<L: Lookout> Looker<L> {
    async fn look(&mut self) -> Result<Look, Fault> {
        let look = async {
            let mut connection = match self.connection.take() {
                Some(connection) => connection,
                None => self.lookout.connect().await?,
            };
            let look = self.lookout.look(&mut connection).await?;
            self.connection = Some(connection);
            Ok(look)
        };
        tokio::time::timeout(PATIENCE, look).await.unwrap_or_else(|_| {
            let what = format!("no answer to a look at the load within {} s", PATIENCE.as_secs());
            let remedy = "look at the network and the server's load".to_owned();
            Err(Fault { side: self.side, kind: FaultKind::Timeout, query: None, what, remedy })
        })
    }

    async fn go_on(mut self, mercy: Mercy, tell: watch::Sender<Option<String>>, waited: Arc<Mutex<Waited>>) {
        while !tell.is_closed() {
            tokio::time::sleep(EVERY).await;
            let busy = match self.look().await {
                Ok(look) => look.busy(&mercy),
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

    const CALM: Look = Look { lag: Ok(Some(Duration::ZERO)), active: Ok(3) };
    const BLIND: Unseen = Unseen { what: "it may not look", remedy: "let it" };
    const MERCY: Mercy = Mercy { max_streams: None, max_replica_lag: Some(Duration::from_secs(30)), max_active_sessions: Some(40) };

    #[test]
    fn busy_is_above_and_unseen_is_busy() {
        let lag = |seconds| Ok(Some(Duration::from_secs(seconds)));
        assert_eq!(CALM.busy(&MERCY), None);
        assert_eq!(Look { lag: lag(30), active: Ok(40) }.busy(&MERCY), None);
        assert_eq!(Look { lag: lag(41), ..CALM }.busy(&MERCY).as_deref(), Some("replica lag 41 s, above 30 s"));
        assert_eq!(Look { active: Ok(41), ..CALM }.busy(&MERCY).as_deref(), Some("41 active sessions, above 40"));
        for blind in [Look { lag: Err(BLIND), ..CALM }, Look { active: Err(BLIND), ..CALM }] {
            assert!(blind.unseen(&MERCY) == Some(BLIND) && blind.busy(&MERCY).as_deref() == Some("it may not look"), "{blind:?}");
        }
        // What is not asked for need not be seen.
        let only_lag = Mercy { max_active_sessions: None, ..MERCY };
        assert_eq!(Look { active: Err(BLIND), ..CALM }.busy(&only_lag), None);
        let only_active = Mercy { max_replica_lag: None, ..MERCY };
        assert_eq!(Look { lag: Err(BLIND), ..CALM }.busy(&only_active), None);
    }

    #[test]
    fn the_doctor_says_what_is_seen_and_what_is_not() {
        let codes = |look: Look| look.findings(&MERCY).iter().map(|(severity, code, ..)| (*severity, *code)).collect::<Vec<_>>();
        assert_eq!(codes(CALM), [(Severity::Info, "mercy")]);
        assert_eq!(codes(Look { lag: Ok(None), ..CALM }), [(Severity::Warning, "no_replica"), (Severity::Info, "mercy")]);
        assert_eq!(codes(Look { lag: Err(BLIND), ..CALM }), [(Severity::Error, "load_unknown")]);
        let words = Look { lag: Ok(Some(Duration::from_millis(4900))), ..CALM }.findings(&MERCY).pop().map(|(_, _, words, _)| words);
        assert_eq!(words.as_deref(), Some("reading pauses above a replica lag of 30 s (now 4 s) or 40 active sessions (now 3)"));
    }
}

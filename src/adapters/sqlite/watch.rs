//! The watchdog of a session: asked by SQLite every few thousand steps whether the statement may go on.

use crate::ports::database::Limits;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// Why a statement must end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// The operator cancelled.
    Cancelled,
    /// Nobody takes its rows any more.
    Abandoned,
    /// It ran for longer than one statement may.
    StatementTime,
    /// The snapshot is held for longer than it may be.
    SnapshotBudget,
}

/// Shared by the session and SQLite's own thread.
#[derive(Debug)]
pub(super) struct Watch {
    cancel: CancellationToken,
    opened: Instant,
    snapshot_budget: Duration,
    statement_timeout: Duration,
    /// Milliseconds after `opened` at which the running statement must end.
    statement_until: AtomicU64,
    abandoned: AtomicBool,
}

impl Watch {
    pub(super) fn new(limits: &Limits, cancel: &CancellationToken) -> Arc<Self> {
        Arc::new(Self {
            cancel: cancel.clone(),
            opened: Instant::now(),
            snapshot_budget: limits.snapshot_budget,
            statement_timeout: limits.statement_timeout,
            statement_until: AtomicU64::new(u64::MAX),
            abandoned: AtomicBool::new(false),
        })
    }

    /// Starts a statement's time. What is returned ends it: dropped half-way, the statement is abandoned and stops.
    pub(super) fn start(self: &Arc<Self>) -> Running {
        let until = self.opened.elapsed().saturating_add(self.statement_timeout);
        self.statement_until.store(u64::try_from(until.as_millis()).unwrap_or(u64::MAX), Ordering::Release);
        self.abandoned.store(false, Ordering::Release);
        Running(Arc::clone(self))
    }

    /// Why the running statement must end, if it must.
    pub(super) fn stop(&self) -> Option<Stop> {
        let held = self.opened.elapsed();
        if self.cancel.is_cancelled() {
            Some(Stop::Cancelled)
        } else if self.abandoned.load(Ordering::Acquire) {
            Some(Stop::Abandoned)
        } else if held >= self.snapshot_budget {
            Some(Stop::SnapshotBudget)
        } else if held.as_millis() >= u128::from(self.statement_until.load(Ordering::Acquire)) {
            Some(Stop::StatementTime)
        } else {
            None
        }
    }

    /// Longest one statement may run.
    pub(super) const fn statement_timeout(&self) -> Duration {
        self.statement_timeout
    }

    /// Longest the snapshot may be held.
    pub(super) const fn snapshot_budget(&self) -> Duration {
        self.snapshot_budget
    }
}

/// A statement in progress.
#[derive(Debug)]
pub(super) struct Running(Arc<Watch>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.abandoned.store(true, Ordering::Release);
    }
}

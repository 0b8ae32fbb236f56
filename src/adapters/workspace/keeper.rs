//! The write side: the lock, the one writing connection, and which runs are alive in this process.

use super::lock::Lock;
use super::lots::Lots;
use super::{fault, journal, runs, schema};
use crate::domain::run::{Run, RunState};
use crate::ports::clock::Clock;
use crate::ports::workspace::StoreError;
use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::sqlite::Sqlite;
use sqlx::{ConnectOptions, Connection, SqliteConnection, Transaction};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// Why a run without a result has none, when nobody is left to say.
pub(super) const LEFT: &str = "it stopped before it had a result";

/// Holds the lock as long as anybody may write.
#[derive(Debug)]
pub(super) struct Keeper {
    path: PathBuf,
    slot: tokio::sync::Mutex<Slot>,
    alive: Mutex<BTreeSet<i64>>,
    /// Blocks of all runs on their way into the file.
    pub lots: tokio::sync::Mutex<Lots>,
    clock: Arc<dyn Clock>,
    /// Who opened it: the actor of what recovery journals.
    pub actor: String,
    _lock: Lock,
}

/// The writing connection. After a failed transaction its state is SQLite's guess (a full disk rolls back on its own), so it
/// is given up and opened anew.
#[derive(Debug)]
pub(super) struct Slot {
    conn: Option<SqliteConnection>,
    /// Whether a commit waits for the disk; unknown while that is changed.
    waits: Option<bool>,
}

impl Slot {
    /// Begins a transaction that may write. Once committed it is on the disk, with all that was committed before it.
    pub async fn begin(&mut self, keeper: &Keeper) -> Result<Transaction<'_, Sqlite>, StoreError> {
        self.begin_with(keeper, true).await
    }

    /// Begins a transaction of a part that stands for nothing before a later one says that all of it is there: that one waits for the
    /// disk, for both (SQLite's manual, `PRAGMA synchronous`: in WAL mode `NORMAL` keeps the order of commits and leaves out their sync).
    pub async fn begin_part(&mut self, keeper: &Keeper) -> Result<Transaction<'_, Sqlite>, StoreError> {
        self.begin_with(keeper, false).await
    }

    async fn begin_with(&mut self, keeper: &Keeper, waits: bool) -> Result<Transaction<'_, Sqlite>, StoreError> {
        let conn = if let Some(conn) = self.conn.take() {
            conn
        } else {
            self.waits = Some(true);
            schema::writing(&keeper.path).create_if_missing(false).connect().await.map_err(fault::store)?
        };
        let conn = self.conn.insert(conn);
        if self.waits != Some(waits) {
            self.waits = None;
            let sql = if waits { "PRAGMA synchronous = FULL" } else { "PRAGMA synchronous = NORMAL" };
            sqlx::query(sql).execute(&mut *conn).await.map_err(fault::store)?;
            self.waits = Some(waits);
        }
        conn.begin_with("BEGIN IMMEDIATE").await.map_err(fault::store)
    }

    /// Gives the connection up when the work on it failed.
    pub fn settle<T>(&mut self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        if result.is_err() {
            self.conn = None;
        }
        result
    }
}

impl Keeper {
    pub fn new(path: PathBuf, conn: SqliteConnection, clock: Arc<dyn Clock>, actor: &str, lock: Lock) -> Self {
        let slot = tokio::sync::Mutex::new(Slot { conn: Some(conn), waits: Some(true) });
        Self { path, slot, alive: Mutex::default(), lots: tokio::sync::Mutex::default(), clock, actor: actor.to_owned(), _lock: lock }
    }

    /// The writing connection, alone.
    pub async fn slot(&self) -> tokio::sync::MutexGuard<'_, Slot> {
        self.slot.lock().await
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Notes that a run is computed by this process.
    pub fn born(&self, run: i64) {
        self.alive.lock().unwrap_or_else(PoisonError::into_inner).insert(run);
    }

    /// How many runs are computed by this process.
    pub fn alive(&self) -> usize {
        self.alive.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Notes that nobody computes a run any more.
    pub fn gone(&self, run: i64) {
        self.alive.lock().unwrap_or_else(PoisonError::into_inner).remove(&run);
    }

    /// Marks every run interrupted that is stored as running and computed by nobody: the lock proves that no other process
    /// does. Each in a transaction of its own, so that a crash here is recovered from likewise.
    pub async fn recover(&self) -> Result<Vec<i64>, StoreError> {
        let mut slot = self.slot().await;
        let mut tx = slot.begin(self).await?;
        let unfinished = runs::unfinished(&mut tx).await?;
        drop(tx);
        let alive = self.alive.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let left: Vec<i64> = unfinished.into_iter().filter(|id| !alive.contains(id)).collect();
        for id in &left {
            let result = self.interrupt(&mut slot, *id).await;
            slot.settle(result)?;
        }
        Ok(left)
    }

    async fn interrupt(&self, slot: &mut Slot, id: i64) -> Result<(), StoreError> {
        let mut tx = slot.begin(self).await?;
        let run = runs::one(&mut tx, id).await?;
        let at = self.now();
        let run = Run { state: RunState::Interrupted, finished_at: Some(at), failure: Some(LEFT.to_owned()), ..run };
        runs::drop_rows(&mut tx, id).await?;
        runs::update(&mut tx, &run, &super::sums::Sums::default()).await?;
        let facts = json!({ "run": id, "service": run.request.service, "month": run.request.month, "state": run.state.word() });
        journal::append(&mut tx, at, &self.actor, "run_recovered", &facts).await?;
        tx.commit().await.map_err(fault::store)
    }
}

#[cfg(test)]
mod tests {
    use super::super::lock::{FILE, Holder};
    use super::*;
    use crate::adapters::clock::SystemClock;
    use std::time::Duration;

    #[tokio::test]
    async fn only_what_completes_a_whole_waits_for_the_disk() {
        const FULL: i64 = 2;
        const NORMAL: i64 = 1;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("workspace.db");
        let holder = Holder { purpose: "test", actor: "ana", since: DateTime::UNIX_EPOCH };
        let lock = Lock::take(&dir.path().join(FILE), holder, Duration::ZERO).await.unwrap();
        let conn = schema::writing(&path).connect().await.unwrap();
        let keeper = Keeper::new(path, conn, Arc::new(SystemClock), "ana", lock);
        let mut slot = keeper.slot().await;
        // Also on a connection that is opened anew after work on one failed.
        for is_part in [false, true, true, false, true, false, false] {
            for fails in [false, true] {
                let mut tx = if is_part { slot.begin_part(&keeper).await } else { slot.begin(&keeper).await }.unwrap();
                let said: i64 = sqlx::query_scalar("PRAGMA synchronous").fetch_one(&mut *tx).await.unwrap();
                assert_eq!(said, if is_part { NORMAL } else { FULL }, "after a failure: {fails}");
                drop(tx);
                let result = if fails { Err(fault::unavailable("full", "make room")) } else { Ok(()) };
                assert_eq!(slot.settle(result).is_err(), fails);
            }
        }
    }
}

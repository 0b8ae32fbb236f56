//! [`Workspace`] over read-only connections: no call here can change the file.

use super::views::Views;
use super::{fault, journal, keeper, lock, lookup, pages, runs, schema, seal};
use crate::domain::decode::RowError;
use crate::domain::finding::Finding;
use crate::domain::period::Period;
use crate::domain::run::{Run, RunState};
use crate::ports::clock::Clock;
use crate::ports::workspace::{
    Adding, FilterTotals, JournalEntry, JournalHead, Looking, PageRequest, RowDetail, RowFilter, RowLine, RowPage, StoreError, Taking, Workspace,
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use sqlx::Connection as _;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{Sqlite, SqlitePool, SqlitePoolOptions};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Connections at most: a screen, its totals and an export at once.
const CONNECTIONS: u32 = 4;
/// An unused connection is closed after this, so that the file can be moved or checked by others.
const IDLE: Duration = Duration::from_mins(1);

/// The read side of an open workspace.
#[derive(Debug, Clone)]
pub(super) struct Reader {
    pool: SqlitePool,
    lock: PathBuf,
    /// Sorted lists, of every reader of the same door.
    views: Arc<Views>,
    /// Waivers end by it.
    clock: Arc<dyn Clock>,
}

impl Reader {
    /// Opens a workspace whose schema was looked at already.
    pub fn open(path: &Path, views: Arc<Views>, clock: Arc<dyn Clock>) -> Self {
        let options = SqlitePoolOptions::new().max_connections(CONNECTIONS).min_connections(0).idle_timeout(IDLE).test_before_acquire(false);
        Self { pool: options.connect_lazy_with(schema::reading(path)), lock: path.with_file_name(lock::FILE), views, clock }
    }

    /// A run that is begun and whose program is gone is not running, although nobody has written so yet. Asked of runs
    /// read before the lock was looked at: true means look again, for it may have ended well in between.
    fn left_alone<'a>(&self, mut runs: impl Iterator<Item = &'a Run>) -> bool {
        runs.any(|run| run.state == RunState::Running) && self.is_left_alone()
    }

    /// Now.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Whether no program writes the workspace.
    pub fn is_left_alone(&self) -> bool {
        !lock::is_held(&self.lock)
    }

    /// A connection that can only read.
    pub async fn conn(&self) -> Result<PoolConnection<Sqlite>, StoreError> {
        self.pool.acquire().await.map_err(fault::store)
    }
}

/// Whatever has a read side is a workspace.
pub(super) trait Reads: Send + Sync {
    /// Its read side.
    fn reader(&self) -> &Reader;
}

impl Reads for Reader {
    fn reader(&self) -> &Reader {
        self
    }
}

/// What the next writer will say of a run that was left running.
fn interrupted(run: Run) -> Run {
    if run.state == RunState::Running { Run { state: RunState::Interrupted, failure: Some(keeper::LEFT.to_owned()), ..run } } else { run }
}

/// A limit as SQLite takes it.
pub(super) fn at_most(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// JSON of a run that is what was sealed: (text, place, seal).
fn sealed<T: DeserializeOwned>(kind: &str, run: i64, (text, place, stored): &(String, i64, i64)) -> Result<T, StoreError> {
    let what = || format!("{kind} {place} of run {run}");
    seal::check(what, *stored, seal::of_text(kind, run, *place, text))?;
    runs::from_json(&what(), text)
}

#[async_trait]
impl<T: Reads> Workspace for T {
    async fn runs(&self, limit: usize) -> Result<Vec<Run>, StoreError> {
        let mut conn = self.reader().conn().await?;
        let found = runs::newest(&mut conn, at_most(limit)).await?;
        if !self.reader().left_alone(found.iter()) {
            return Ok(found);
        }
        Ok(runs::newest(&mut conn, at_most(limit)).await?.into_iter().map(interrupted).collect())
    }

    async fn run(&self, id: i64) -> Result<Run, StoreError> {
        let mut conn = self.reader().conn().await?;
        let found = runs::one(&mut conn, id).await?;
        if !self.reader().left_alone(std::iter::once(&found)) {
            return Ok(found);
        }
        Ok(interrupted(runs::one(&mut conn, id).await?))
    }

    async fn current_runs(&self) -> Result<Vec<Run>, StoreError> {
        runs::current(&mut *self.reader().conn().await?).await
    }

    async fn newest_runs(&self, service: &str) -> Result<Vec<Run>, StoreError> {
        let mut conn = self.reader().conn().await?;
        let found = runs::newest_of_months(&mut conn, service).await?;
        if !self.reader().left_alone(found.iter()) {
            return Ok(found);
        }
        Ok(runs::newest_of_months(&mut conn, service).await?.into_iter().map(interrupted).collect())
    }

    async fn page(&self, request: &PageRequest) -> Result<RowPage, StoreError> {
        self.page_telling(request, &|_, _| {}).await
    }

    async fn page_telling(&self, request: &PageRequest, tell: Looking<'_>) -> Result<RowPage, StoreError> {
        let mut conn = self.reader().conn().await?;
        match runs::visible(&mut conn, request.run).await? {
            None => Ok(RowPage::default()),
            Some(run) => pages::page(&mut conn, &self.reader().views, (&run, self.reader().now()), request, tell).await,
        }
    }

    async fn each_row(&self, run: i64, filter: &RowFilter, look: Taking<'_>) -> Result<(), StoreError> {
        let mut conn = self.reader().conn().await?;
        match runs::visible(&mut conn, run).await? {
            None => Ok(()),
            Some(run) => pages::each_row(&mut conn, (&run, self.reader().now()), filter, look).await,
        }
    }

    async fn totals(&self, run: i64, filter: &RowFilter) -> Result<FilterTotals, StoreError> {
        self.totals_telling(run, filter, &|_, _, _| {}).await
    }

    async fn totals_telling(&self, run: i64, filter: &RowFilter, tell: Adding<'_>) -> Result<FilterTotals, StoreError> {
        let mut conn = self.reader().conn().await?;
        match runs::visible(&mut conn, run).await? {
            None => Ok(FilterTotals::default()),
            Some(run) => pages::totals(&mut conn, &self.reader().views, (&run, self.reader().now()), filter, tell).await,
        }
    }

    async fn detail(&self, run: i64, seq: i64) -> Result<RowDetail, StoreError> {
        let mut conn = self.reader().conn().await?;
        match runs::visible(&mut conn, run).await? {
            None => Err(StoreError::Absent { what: format!("row {seq} of run {run}") }),
            Some(run) => lookup::detail(&mut conn, (&run, self.reader().now()), seq).await,
        }
    }

    async fn find(&self, run: i64, key: &str, period: Option<Period>) -> Result<Option<RowLine>, StoreError> {
        let mut conn = self.reader().conn().await?;
        match runs::visible(&mut conn, run).await? {
            None => Ok(None),
            Some(run) => lookup::find(&mut conn, (&run, self.reader().now()), key, period).await,
        }
    }

    async fn findings(&self, run: i64) -> Result<Vec<Finding>, StoreError> {
        let mut conn = self.reader().conn().await?;
        runs::visible(&mut conn, run).await?;
        let sql = "SELECT finding, place, seal FROM findings WHERE run_id = ?1 ORDER BY weight DESC, place";
        let texts: Vec<(String, i64, i64)> = sqlx::query_as(sql).bind(run).fetch_all(&mut *conn).await.map_err(fault::store)?;
        texts.iter().map(|t| sealed("finding", run, t)).collect()
    }

    async fn rejected(&self, run: i64, limit: usize) -> Result<Vec<RowError>, StoreError> {
        let mut conn = self.reader().conn().await?;
        runs::visible(&mut conn, run).await?;
        let sql = "SELECT error, place, seal FROM rejected WHERE run_id = ?1 ORDER BY place LIMIT ?2";
        let texts: Vec<(String, i64, i64)> = sqlx::query_as(sql).bind(run).bind(at_most(limit)).fetch_all(&mut *conn).await.map_err(fault::store)?;
        texts.iter().map(|t| sealed("rejected", run, t)).collect()
    }

    async fn journal(&self, limit: usize) -> Result<Vec<JournalEntry>, StoreError> {
        journal::newest(&mut *self.reader().conn().await?, at_most(limit)).await
    }

    async fn journal_after(&self, seq: i64, limit: usize) -> Result<Vec<JournalEntry>, StoreError> {
        journal::after(&mut *self.reader().conn().await?, seq, at_most(limit)).await
    }

    async fn newest_entry(&self, kind: &str) -> Result<Option<JournalEntry>, StoreError> {
        journal::newest_of(&mut *self.reader().conn().await?, kind).await
    }

    async fn journal_head(&self) -> Result<JournalHead, StoreError> {
        journal::head(&mut *self.reader().conn().await?).await
    }

    async fn verify_journal(&self) -> Result<JournalHead, StoreError> {
        // Journal and acts are looked at as of one moment.
        let mut conn = self.reader().conn().await?;
        let mut tx = conn.begin().await.map_err(fault::store)?;
        journal::verify(&mut tx).await
    }

    async fn adopted_config(&self) -> Result<Option<String>, StoreError> {
        let mut conn = self.reader().conn().await?;
        sqlx::query_scalar("SELECT value FROM meta WHERE name = 'adopted_config'").fetch_optional(&mut *conn).await.map_err(fault::store)
    }

    async fn config_adopters(&self) -> Result<Vec<String>, StoreError> {
        let mut conn = self.reader().conn().await?;
        sqlx::query_scalar("SELECT actor FROM journal WHERE kind = 'config_adopted' ORDER BY seq").fetch_all(&mut *conn).await.map_err(fault::store)
    }
}

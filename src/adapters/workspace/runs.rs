//! Run headers: reading them, beginning one, ending one.

use super::columns::place;
use super::seal::{self, Seal};
use super::sums::Sums;
use super::{explanations, fault, journal};
use crate::domain::period::Month;
use crate::domain::run::{Digests, Run, RunRequest, RunState, Tally};
use crate::ports::workspace::StoreError;
use chrono::{DateTime, Utc};
use futures::TryStreamExt as _;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use std::collections::BTreeMap;

const NEWEST: &str = "SELECT id, request, state, started_at, finished_at, tally, digests, snapshots, failure, recheck, current, row_count, sums, recheck_of, service, month, seal FROM runs \
     ORDER BY id DESC LIMIT ?1";
const ONE: &str = "SELECT id, request, state, started_at, finished_at, tally, digests, snapshots, failure, recheck, current, row_count, sums, recheck_of, service, month, seal FROM runs WHERE id = ?1";
const CURRENT: &str = "SELECT id, request, state, started_at, finished_at, tally, digests, snapshots, failure, recheck, current, row_count, sums, recheck_of, service, month, seal FROM runs \
     WHERE current = 1 ORDER BY month, service";

/// Columns of a header that are numbers; the others are text.
const NUMBERS: [usize; 4] = [0, 10, 11, 13];
/// The column of its seal, the last.
const SEAL_AT: usize = 16;

/// What of a run's rows may be seen.
#[derive(Debug)]
pub(super) struct Visible {
    pub id: i64,
    pub rows: i64,
    pub sums: Sums,
    /// The seal of its header: another header, another stamp.
    pub stamp: i64,
}

/// The newest runs, newest first.
pub(super) async fn newest(conn: &mut SqliteConnection, limit: i64) -> Result<Vec<Run>, StoreError> {
    let rows = sqlx::query(NEWEST).bind(limit).fetch_all(conn).await.map_err(fault::store)?;
    rows.iter().map(read).collect()
}

/// The newest run of each month of a service that looked at the whole month, oldest month first. Every header is read for it, for only
/// one that is what was sealed says of which service and month it is.
pub(super) async fn newest_of_months(conn: &mut SqliteConnection, service: &str) -> Result<Vec<Run>, StoreError> {
    let mut all = sqlx::query(NEWEST).bind(i64::MAX).fetch(conn);
    let mut of_months: BTreeMap<Month, Run> = BTreeMap::new();
    while let Some(row) = all.try_next().await.map_err(fault::store)? {
        let run = read(&row)?;
        if run.is_full() && run.request.service == service {
            of_months.entry(run.request.month).or_insert(run);
        }
    }
    Ok(of_months.into_values().collect())
}

/// The current run of each month and service.
pub(super) async fn current(conn: &mut SqliteConnection) -> Result<Vec<Run>, StoreError> {
    let rows = sqlx::query(CURRENT).fetch_all(conn).await.map_err(fault::store)?;
    rows.iter().map(read).collect()
}

/// One run.
pub(super) async fn one(conn: &mut SqliteConnection, id: i64) -> Result<Run, StoreError> {
    let row = sqlx::query(ONE).bind(id).fetch_optional(conn).await.map_err(fault::store)?;
    row.as_ref().map_or_else(|| Err(absent(id)), read)
}

/// The rows of a run that ended with a result; `None` while it has none. A run that does not exist is an error.
pub(super) async fn visible(conn: &mut SqliteConnection, id: i64) -> Result<Option<Visible>, StoreError> {
    let row = sqlx::query(ONE).bind(id).fetch_optional(conn).await.map_err(fault::store)?.ok_or_else(|| absent(id))?;
    match read(&row)?.state {
        RunState::Complete | RunState::Incomplete => {
            let sums: String = row.try_get(12).map_err(fault::store)?;
            let (rows, stamp) = (row.try_get(11).map_err(fault::store)?, row.try_get(SEAL_AT).map_err(fault::store)?);
            Ok(Some(Visible { id, rows, sums: Sums::parse(&sums)?, stamp }))
        }
        RunState::Running | RunState::Interrupted | RunState::Failed => Ok(None),
    }
}

pub(super) fn absent(id: i64) -> StoreError {
    StoreError::Absent { what: format!("run {id}") }
}

/// Stores the header of a run that begins, and gives it its number.
pub(super) async fn insert(conn: &mut SqliteConnection, request: &RunRequest, at: DateTime<Utc>) -> Result<i64, StoreError> {
    let newest: Option<i64> = sqlx::query_scalar("SELECT max(id) FROM runs").fetch_one(&mut *conn).await.map_err(fault::store)?;
    let id = newest.unwrap_or(0) + 1;
    sqlx::query(
        "INSERT INTO runs (id, service, month, state, started_at, recheck_of, request, tally, digests, snapshots) \
         VALUES (?1, ?2, ?3, 'running', ?4, ?5, ?6, '', '', '[]')",
    )
    .bind(id)
    .bind(request.service.clone())
    .bind(request.month.to_string())
    .bind(journal::instant(at))
    .bind(request.recheck_of)
    .bind(json(request)?)
    .execute(&mut *conn)
    .await
    .map_err(fault::store)?;
    seal(conn, id).await?;
    Ok(id)
}

/// Writes how a run ended. Only a run that is still running can end.
pub(super) async fn update(conn: &mut SqliteConnection, run: &Run, sums: &Sums) -> Result<(), StoreError> {
    let changed = sqlx::query(
        "UPDATE runs SET state = ?2, finished_at = ?3, tally = ?4, digests = ?5, snapshots = ?6, failure = ?7, recheck = ?8, row_count = ?9, \
         sums = ?10 WHERE id = ?1 AND state = 'running'",
    )
    .bind(run.id)
    .bind(run.state.word())
    .bind(run.finished_at.map(journal::instant))
    .bind(json(&run.tally)?)
    .bind(json(&run.digests)?)
    .bind(json(&run.snapshots)?)
    .bind(run.failure.clone())
    .bind(run.recheck.as_ref().map(json).transpose()?)
    .bind(i64::try_from(sums.rows()).unwrap_or(i64::MAX))
    .bind(sums.text()?)
    .execute(&mut *conn)
    .await
    .map_err(fault::store)?;
    if changed.rows_affected() == 1 {
        return seal(conn, run.id).await;
    }
    Err(fault::unavailable(&format!("run {} has already ended", run.id), "start it again: another program took it for interrupted"))
}

/// Makes a run the one that counts for its service and month.
pub(super) async fn make_current(conn: &mut SqliteConnection, run: &Run) -> Result<(), StoreError> {
    let before: Option<i64> = sqlx::query_scalar("UPDATE runs SET current = 0 WHERE service = ?1 AND month = ?2 AND current = 1 RETURNING id")
        .bind(run.request.service.clone())
        .bind(run.request.month.to_string())
        .fetch_optional(&mut *conn)
        .await
        .map_err(fault::store)?;
    if let Some(before) = before {
        seal(conn, before).await?;
    }
    sqlx::query("UPDATE runs SET current = 1 WHERE id = ?1").bind(run.id).execute(&mut *conn).await.map_err(fault::store)?;
    seal(conn, run.id).await
}

/// Seals a header as it is now; to be called after each change of it, in the same transaction.
pub(super) async fn seal(conn: &mut SqliteConnection, id: i64) -> Result<(), StoreError> {
    let row = sqlx::query(ONE).bind(id).fetch_one(&mut *conn).await.map_err(fault::store)?;
    sqlx::query("UPDATE runs SET seal = ?2 WHERE id = ?1").bind(id).bind(sealed(&row)?).execute(conn).await.map_err(fault::store)?;
    Ok(())
}

/// The seal of a header's columns.
fn sealed(row: &SqliteRow) -> Result<i64, StoreError> {
    let mut seal = Seal::of("run");
    for i in 0..SEAL_AT {
        seal =
            if NUMBERS.contains(&i) { seal.number(row.try_get(i).map_err(fault::store)?) } else { seal.text(row.try_get(i).map_err(fault::store)?) };
    }
    Ok(seal.value())
}

/// Takes away what an unfinished run left: rows, ranks, glances, evidence and shelves. Its header stays.
pub(super) async fn drop_rows(conn: &mut SqliteConnection, id: i64) -> Result<(), StoreError> {
    let (from, to) = (place(id, 0), place(id + 1, 0));
    sqlx::query("DELETE FROM row_blocks WHERE place >= ?1 AND place < ?2").bind(from).bind(to).execute(&mut *conn).await.map_err(fault::store)?;
    sqlx::query("DELETE FROM ranks WHERE place >= ?1 AND place < ?2").bind(from).bind(to).execute(&mut *conn).await.map_err(fault::store)?;
    sqlx::query("DELETE FROM glances WHERE place >= ?1 AND place < ?2").bind(from).bind(to).execute(&mut *conn).await.map_err(fault::store)?;
    explanations::drop_all(conn, id).await
}

/// Whether a run is stored as running.
pub(super) async fn is_running(conn: &mut SqliteConnection, id: i64) -> Result<bool, StoreError> {
    let sql = "SELECT count(*) FROM runs WHERE id = ?1 AND state = 'running'";
    let found: i64 = sqlx::query_scalar(sql).bind(id).fetch_one(conn).await.map_err(fault::store)?;
    Ok(found == 1)
}

/// Runs that are stored as running.
pub(super) async fn unfinished(conn: &mut SqliteConnection) -> Result<Vec<i64>, StoreError> {
    sqlx::query_scalar("SELECT id FROM runs WHERE state = 'running' ORDER BY id").fetch_all(conn).await.map_err(fault::store)
}

/// A value as the JSON it is stored as.
pub(super) fn json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|e| fault::unreadable("packing a value", &e))
}

/// Reads what [`json`] wrote.
pub(super) fn from_json<T: DeserializeOwned>(what: &str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|e| fault::unreadable(what, &e))
}

fn read(row: &SqliteRow) -> Result<Run, StoreError> {
    let id: i64 = row.try_get(0).map_err(fault::store)?;
    seal::check(|| format!("run {id}"), row.try_get(SEAL_AT).map_err(fault::store)?, sealed(row)?)?;
    let text = |i: usize| row.try_get::<String, _>(i).map_err(fault::store);
    let maybe = |i: usize| row.try_get::<Option<String>, _>(i).map_err(fault::store);
    let time = |t: &str| journal::parse_instant(t).ok_or_else(|| fault::damaged(format!("run {id}: a time of it is none")));
    let (tally, digests) = (text(5)?, text(6)?);
    Ok(Run {
        id,
        request: from_json(&format!("request of run {id}"), &text(1)?)?,
        state: state_named(&text(2)?)?,
        started_at: time(&text(3)?)?,
        finished_at: maybe(4)?.as_deref().map(time).transpose()?,
        tally: if tally.is_empty() { Tally::default() } else { from_json(&format!("tally of run {id}"), &tally)? },
        digests: if digests.is_empty() { Digests::default() } else { from_json(&format!("digests of run {id}"), &digests)? },
        snapshots: from_json(&format!("snapshots of run {id}"), &text(7)?)?,
        failure: maybe(8)?,
        recheck: maybe(9)?.map(|t| from_json(&format!("recheck of run {id}"), &t)).transpose()?,
        current: row.try_get::<i64, _>(10).map_err(fault::store)? == 1,
    })
}

fn state_named(word: &str) -> Result<RunState, StoreError> {
    let all = [RunState::Running, RunState::Complete, RunState::Incomplete, RunState::Interrupted, RunState::Failed];
    all.into_iter().find(|s| s.word() == word).ok_or_else(|| fault::damaged(format!("unknown run state {word:?}")))
}

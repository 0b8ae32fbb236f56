//! One row: by its number, or by key and period. Rows stand in byte order of (key, period), so a key is found by halving
//! and needs no index of its own.

use super::columns::{days, place, subject_code};
use super::detail;
use super::line::{self, Read};
use super::runs::{self, Visible};
use super::{fault, seal};
use crate::domain::period::Period;
use crate::domain::row::{RatingInputs, Subject, Terms};
use crate::domain::verdict::Verdict;
use crate::ports::workspace::{RowDetail, RowLine, StoreError};
use sqlx::sqlite::Sqlite;
use sqlx::{QueryBuilder, SqliteConnection};

/// A row with all that is kept of it.
pub(super) async fn detail(conn: &mut SqliteConnection, run: &Visible, seq: i64) -> Result<RowDetail, StoreError> {
    let absent = || StoreError::Absent { what: format!("row {seq} of run {}", run.id) };
    if seq < 1 || seq > run.rows {
        return Err(absent());
    }
    let read = at(conn, run.id, seq).await?.ok_or_else(absent)?;
    let packed: Option<(String, i64)> = sqlx::query_as("SELECT detail, seal FROM row_details WHERE place = ?1")
        .bind(place(run.id, seq))
        .fetch_optional(&mut *conn)
        .await
        .map_err(fault::store)?;
    let (packed, stored) = packed.ok_or_else(|| fault::damaged(format!("row {seq} of run {} has lost its detail", run.id)))?;
    seal::check(|| format!("the detail of row {seq} of run {}", run.id), stored, seal::of_text("detail", 0, place(run.id, seq), &packed))?;
    let row = detail::unpack(read.line, &read.amounts, &packed)?;
    let terms = terms(conn, run.id, &row.inputs).await?;
    let rechecks = rechecks(conn, run.id, (row.subject, row.key.raw(), row.period)).await?;
    Ok(RowDetail { seq, row, terms, rechecks })
}

/// The first row of a key (and period).
pub(super) async fn find(conn: &mut SqliteConnection, run: &Visible, key: &str, period: Option<Period>) -> Result<Option<RowLine>, StoreError> {
    let wanted = period.map(days);
    let seq = first_not_before(conn, run, key, wanted).await?;
    let Some(read) = within(conn, run, seq).await? else { return Ok(None) };
    let same = read.line.key.raw() == key && period.is_none_or(|p| p == read.line.period);
    Ok(same.then_some(read.line))
}

/// Verdicts of the same subject, key and period in the rechecks of a run that ended, oldest first.
async fn rechecks(conn: &mut SqliteConnection, parent: i64, of: (Subject, &str, Period)) -> Result<Vec<(i64, Option<Verdict>)>, StoreError> {
    let ids: Vec<i64> =
        sqlx::query_scalar("SELECT id FROM runs WHERE recheck_of = ?1 ORDER BY id").bind(parent).fetch_all(&mut *conn).await.map_err(fault::store)?;
    let mut found = Vec::new();
    for id in ids {
        if let Some(run) = runs::visible(conn, id).await? {
            found.push((id, verdict_of(conn, &run, of).await?));
        }
    }
    Ok(found)
}

async fn verdict_of(conn: &mut SqliteConnection, run: &Visible, of: (Subject, &str, Period)) -> Result<Option<Verdict>, StoreError> {
    let (subject, key, period) = of;
    let mut seq = first_not_before(conn, run, key, Some(days(period))).await?;
    while let Some(read) = within(conn, run, seq).await? {
        if read.line.key.raw() != key || read.line.period != period {
            break;
        }
        if subject_code(read.line.subject) == subject_code(subject) {
            return Ok(Some(read.line.verdict));
        }
        seq += 1;
    }
    Ok(None)
}

/// The number of the first row that is not before (key, period); one past the last where there is none.
async fn first_not_before(conn: &mut SqliteConnection, run: &Visible, key: &str, period: Option<(i64, i64)>) -> Result<i64, StoreError> {
    let (mut low, mut high) = (1, run.rows + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let found: Option<(String, i64, i64)> = sqlx::query_as("SELECT key, period_start, period_end FROM rows WHERE place = ?1")
            .bind(place(run.id, middle))
            .fetch_optional(&mut *conn)
            .await
            .map_err(fault::store)?;
        let (row_key, start, end) = found.ok_or_else(|| fault::damaged(format!("row {middle} of run {} is missing", run.id)))?;
        let before = row_key.as_bytes().cmp(key.as_bytes()).then_with(|| period.map_or(std::cmp::Ordering::Equal, |p| (start, end).cmp(&p)));
        if before.is_lt() {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

async fn within(conn: &mut SqliteConnection, run: &Visible, seq: i64) -> Result<Option<Read>, StoreError> {
    if seq > run.rows { Ok(None) } else { at(conn, run.id, seq).await }
}

async fn at(conn: &mut SqliteConnection, run: i64, seq: i64) -> Result<Option<Read>, StoreError> {
    let mut sql: QueryBuilder<Sqlite> = QueryBuilder::new("SELECT ");
    sql.push(line::COLUMNS).push(" FROM rows WHERE place = ").push_bind(place(run, seq));
    let row = sql.build().fetch_optional(conn).await.map_err(fault::store)?;
    row.as_ref().map(line::read).transpose()
}

async fn terms(conn: &mut SqliteConnection, run: i64, inputs: &[RatingInputs]) -> Result<Vec<Option<Terms>>, StoreError> {
    let mut all = Vec::with_capacity(inputs.len());
    for input in inputs {
        let found: Option<(String, i64)> = sqlx::query_as("SELECT terms, seal FROM terms WHERE run_id = ?1 AND plan_id = ?2")
            .bind(run)
            .bind(input.plan_id.clone())
            .fetch_optional(&mut *conn)
            .await
            .map_err(fault::store)?;
        let what = || format!("terms of plan {:?} in run {run}", input.plan_id);
        let read = |(text, stored): (String, i64)| {
            seal::check(what, stored, seal::of_text("terms", run, 0, &text))?;
            runs::from_json(&what(), &text)
        };
        all.push(found.map(read).transpose()?);
    }
    Ok(all)
}

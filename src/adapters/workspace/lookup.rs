//! One row: by its number, or by key and period. Rows stand in byte order of (key, period), so a key is found by halving
//! and needs no index of its own.

use super::blocks::{self, Stored};
use super::runs::{self, Visible};
use super::{explanations, fault, reviews, shelves};
use crate::domain::explanation::Certainty;
use crate::domain::period::Period;
use crate::domain::row::{RatingInputs, Subject, Terms};
use crate::domain::side::Side;
use crate::domain::verdict::{Review, Verdict};
use crate::ports::workspace::{RowDetail, RowLine, SortColumn, StoreError};
use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;
use std::cmp::Ordering;
use std::ops::ControlFlow;

/// A row with all that is kept of it.
pub(super) async fn detail(conn: &mut SqliteConnection, (run, now): (&Visible, DateTime<Utc>), seq: i64) -> Result<RowDetail, StoreError> {
    if seq < 1 || seq > run.rows {
        return Err(StoreError::Absent { what: format!("row {seq} of run {}", run.id) });
    }
    let stored = blocks::holding(conn, run.id, seq).await?;
    let mut row = blocks::whole(conn, &stored, seq).await?;
    let terms = terms(conn, run.id, &row.inputs).await?;
    let rechecks = rechecks(conn, run.id, (row.subject, row.key.raw(), row.period)).await?;
    let (explanation, evidence) = (explanations::explanation(conn, run.id, seq).await?, explanations::evidence(conn, run.id, seq).await?);
    if row.verdict.differs() && explanation.as_ref().is_some_and(|e| e.certainty == Certainty::Confirmed) {
        row.review = Review::Explained;
    }
    if let Some(standing) = reviews::one(conn, run.id, seq, now).await? {
        row.review = standing.review;
    }
    Ok(RowDetail { seq, row, terms, rechecks, explanation, evidence })
}

/// The first row of a key (and period).
pub(super) async fn find(
    conn: &mut SqliteConnection,
    (run, now): (&Visible, DateTime<Utc>),
    key: &str,
    period: Option<Period>,
) -> Result<Option<RowLine>, StoreError> {
    let seq = first_not_before(conn, run, key, period).await?;
    if seq > run.rows {
        return Ok(None);
    }
    let found = blocks::lines(conn, run.id, &[seq], SortColumn::Key).await?.pop();
    let mut line = found.map(|(_, line)| line).filter(|line| line.key.raw() == key && period.is_none_or(|p| p == line.period));
    explanations::name_causes(conn, run.id, line.iter_mut()).await?;
    reviews::mark(conn, run.id, line.iter_mut(), now).await?;
    Ok(line)
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
    let first = first_not_before(conn, run, key, Some(period)).await?;
    let mut verdict = None;
    let mut scratch = String::new();
    blocks::each(conn, run, first..=run.rows, true, |stored| {
        stored.each(|seq, line| {
            if seq < first {
                return Ok(ControlFlow::Continue(()));
            }
            scratch.clear();
            line.key().push(&mut scratch)?;
            if scratch == key && line.period == period && line.subject != subject {
                return Ok(ControlFlow::Continue(()));
            }
            verdict = (scratch == key && line.period == period).then_some(line.verdict);
            Ok(ControlFlow::Break(()))
        })
    })
    .await?;
    Ok(verdict)
}

/// The number of the first row that is not before (key, period); one past the last where there is none.
async fn first_not_before(conn: &mut SqliteConnection, run: &Visible, key: &str, period: Option<Period>) -> Result<i64, StoreError> {
    let (mut low, mut high) = (1, run.rows + 1);
    while low < high {
        let stored = blocks::holding(conn, run.id, low + (high - low) / 2).await?;
        let found = first_in(&stored, key, period)?;
        if found >= stored.end() {
            low = found;
        } else if found > stored.first {
            return Ok(found);
        } else {
            high = found;
        }
    }
    Ok(low)
}

/// The number of the first row of a block that is not before (key, period); its end where there is none.
fn first_in(stored: &Stored, key: &str, period: Option<Period>) -> Result<i64, StoreError> {
    let mut found = stored.end();
    let mut scratch = String::new();
    let _ = stored.each(|seq, line| {
        scratch.clear();
        line.key().push(&mut scratch)?;
        let order =
            scratch.as_str().cmp(key).then_with(|| period.map_or(Ordering::Equal, |p| (line.period.start, line.period.end).cmp(&(p.start, p.end))));
        if order.is_lt() {
            return Ok(ControlFlow::Continue(()));
        }
        found = seq;
        Ok(ControlFlow::Break(()))
    })?;
    Ok(found)
}

async fn terms(conn: &mut SqliteConnection, run: i64, inputs: &[RatingInputs]) -> Result<Vec<Option<Terms>>, StoreError> {
    let mut all = Vec::with_capacity(inputs.len());
    for input in inputs {
        all.push(shelves::plan(conn, run, Side::Target, &input.plan_id).await?);
    }
    Ok(all)
}

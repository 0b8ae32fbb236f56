//! [`ReviewsWriter`]: acts and what they make of a run, each call one transaction.

use super::columns::{place, review_code};
use super::keeper::{Keeper, Slot};
use super::reviews::{of_run, seal_of_act, seal_of_run, seal_of_standing, seal_of_subject};
use super::writer::Writer;
use super::{fault, journal, minutes, runs};
use crate::domain::review::{Act, ReviewTally, Standing, Subject};
use crate::domain::text::shown;
use crate::ports::reviews::ReviewsWriter;
use crate::ports::workspace::StoreError;
use async_trait::async_trait;
use sqlx::sqlite::Sqlite;
use sqlx::{QueryBuilder, SqliteConnection};

/// Rows of one INSERT.
const BATCH: usize = 200;

#[async_trait]
impl ReviewsWriter for Writer {
    async fn decide(&self, act: &Act) -> Result<Act, StoreError> {
        let mut slot = self.keeper.slot().await;
        let result = decide(&self.keeper, &mut slot, act).await;
        slot.settle(result)
    }

    async fn keep_review(&self, run: i64, standings: &[(i64, Standing)], tally: &ReviewTally) -> Result<(), StoreError> {
        let mut slot = self.keeper.slot().await;
        let result = keep(&self.keeper, &mut slot, run, standings, tally).await;
        slot.settle(result)
    }
}

async fn decide(keeper: &Keeper, slot: &mut Slot, act: &Act) -> Result<Act, StoreError> {
    let mut tx = slot.begin(keeper).await?;
    let run = runs::one(&mut tx, act.run).await?.request;
    if (&run.service, run.month) != (&act.service, act.month) {
        return Err(StoreError::Absent { what: format!("run {} of {} in service {}", act.run, act.month, shown(&act.service, 60)) });
    }
    let act = Act { id: minutes::numbered(&mut tx).await? + 1, at: keeper.now(), ..act.clone() };
    let text = runs::json(&act)?;
    sqlx::query("INSERT INTO review_acts (id, service, act, seal) VALUES (?1, ?2, ?3, ?4)")
        .bind(act.id)
        .bind(act.service.clone())
        .bind(text.clone())
        .bind(seal_of_act(act.id, &text))
        .execute(&mut *tx)
        .await
        .map_err(fault::store)?;
    put_subjects(&mut tx, &act).await?;
    if act.deed.decides() {
        make_stale(&mut tx, &act).await?;
    }
    journal::append(&mut tx, act.at, &act.actor, act.deed.journal_kind(), &minutes::facts(&act)?).await?;
    tx.commit().await.map_err(fault::store)?;
    Ok(act)
}

async fn put_subjects(conn: &mut SqliteConnection, act: &Act) -> Result<(), StoreError> {
    for chunk in act.subjects.chunks(BATCH) {
        let mut sql: QueryBuilder<Sqlite> = QueryBuilder::new("INSERT INTO review_subjects (act_id, key, cause, currency, delta, tax, seal) ");
        sql.push_values(chunk, |mut b, Subject { key, cause, amounts }| {
            let code = amounts.map(|a| a.currency.to_string());
            let (delta, tax) = (amounts.map(|a| a.delta), amounts.and_then(|a| a.tax));
            let seal = seal_of_subject(act.id, key.raw(), cause.as_deref(), (code.as_deref(), delta, tax));
            b.push_bind(act.id).push_bind(key.raw().to_owned()).push_bind(cause.clone());
            b.push_bind(code).push_bind(delta).push_bind(tax).push_bind(seal);
        });
        sql.build().persistent(false).execute(&mut *conn).await.map_err(fault::store)?;
    }
    Ok(())
}

/// What was made of the runs an act may change counts no more. Superseded runs stay as they were.
async fn make_stale(conn: &mut SqliteConnection, act: &Act) -> Result<(), StoreError> {
    let sql = "SELECT run_id FROM reviewed JOIN runs ON id = run_id WHERE service = ?1 AND (current = 1 OR id = ?2)";
    let about: Vec<i64> = sqlx::query_scalar(sql).bind(act.service.clone()).bind(act.run).fetch_all(&mut *conn).await.map_err(fault::store)?;
    for run in about {
        let Some(reviewed) = of_run(conn, run).await? else { continue };
        put_run(conn, run, (reviewed.changes, true), &reviewed.tally).await?;
    }
    Ok(())
}

async fn put_run(conn: &mut SqliteConnection, run: i64, (changes, stale): (i64, bool), tally: &ReviewTally) -> Result<(), StoreError> {
    let text = runs::json(tally)?;
    let seal = seal_of_run(run, changes, stale, &text);
    let sql = "INSERT OR REPLACE INTO reviewed (run_id, changes, stale, tally, seal) VALUES (?1, ?2, ?3, ?4, ?5)";
    sqlx::query(sql).bind(run).bind(changes).bind(stale).bind(text).bind(seal).execute(conn).await.map_err(fault::store)?;
    Ok(())
}

async fn keep(keeper: &Keeper, slot: &mut Slot, run: i64, standings: &[(i64, Standing)], tally: &ReviewTally) -> Result<(), StoreError> {
    let mut tx = slot.begin(keeper).await?;
    let visible = runs::visible(&mut tx, run).await?.ok_or_else(|| StoreError::Absent { what: format!("a result of run {run}") })?;
    if let Some((seq, _)) = standings.iter().find(|(seq, _)| !(1..=visible.rows).contains(seq)) {
        return Err(StoreError::Absent { what: format!("row {seq} of run {run}") });
    }
    let changes = of_run(&mut tx, run).await?.map_or(0, |r| r.changes);
    let sql = "DELETE FROM standings WHERE place >= ?1 AND place < ?2";
    sqlx::query(sql).bind(place(run, 0)).bind(place(run + 1, 0)).execute(&mut *tx).await.map_err(fault::store)?;
    for chunk in standings.chunks(BATCH) {
        let mut sql: QueryBuilder<Sqlite> = QueryBuilder::new("INSERT INTO standings (place, review, waiver, until, why, seal) ");
        sql.push_values(chunk, |mut b, (seq, standing)| {
            let (place, code) = (place(run, *seq), i64::from(review_code(standing.review)));
            let until = standing.until.map(journal::instant);
            let seal = seal_of_standing(place, code, standing.waiver, until.as_deref(), &standing.why);
            b.push_bind(place).push_bind(code).push_bind(standing.waiver).push_bind(until).push_bind(standing.why.clone()).push_bind(seal);
        });
        sql.build().persistent(false).execute(&mut *tx).await.map_err(fault::store)?;
    }
    put_run(&mut tx, run, (changes.saturating_add(1), false), tally).await?;
    tx.commit().await.map_err(fault::store)
}

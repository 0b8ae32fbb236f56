//! [`ExplanationsWriter`]: what an explainer leaves of a run, each call one transaction.

use super::columns::place;
use super::explanations::{certainty_code, of_run, seal_of, seal_of_label, seal_of_run};
use super::fault;
use super::keeper::{Keeper, Slot};
use super::runs::{self, Visible};
use super::writer::Writer;
use crate::domain::explanation::Explanation;
use crate::ports::explanations::ExplanationsWriter;
use crate::ports::workspace::StoreError;
use async_trait::async_trait;
use sqlx::sqlite::Sqlite;
use sqlx::{QueryBuilder, SqliteConnection};

/// Explanations of one INSERT.
const BATCH: usize = 200;

#[async_trait]
impl ExplanationsWriter for Writer {
    async fn explained(&self, run: i64, first: bool, rows: &[(i64, Explanation)]) -> Result<(), StoreError> {
        let mut slot = self.keeper.slot().await;
        let result = keep(&self.keeper, &mut slot, run, first, rows).await;
        slot.settle(result)
    }

    async fn keep_clusters(&self, run: i64, clusters: &str) -> Result<(), StoreError> {
        let mut slot = self.keeper.slot().await;
        let result = keep_clusters(&self.keeper, &mut slot, run, clusters).await;
        slot.settle(result)
    }
}

async fn keep(keeper: &Keeper, slot: &mut Slot, run: i64, first: bool, rows: &[(i64, Explanation)]) -> Result<(), StoreError> {
    let mut tx = slot.begin(keeper).await?;
    let visible = with_result(&mut tx, run).await?;
    let (changes, clusters) = of_run(&mut tx, run).await?;
    if first {
        let sql = "DELETE FROM explanations WHERE place >= ?1 AND place < ?2";
        sqlx::query(sql).bind(place(run, 0)).bind(place(run + 1, 0)).execute(&mut *tx).await.map_err(fault::store)?;
    }
    put(&mut tx, &visible, rows).await?;
    put_run(&mut tx, run, changes.saturating_add(1), clusters.filter(|_| !first)).await?;
    tx.commit().await.map_err(fault::store)
}

async fn keep_clusters(keeper: &Keeper, slot: &mut Slot, run: i64, clusters: &str) -> Result<(), StoreError> {
    let mut tx = slot.begin(keeper).await?;
    with_result(&mut tx, run).await?;
    let (changes, _) = of_run(&mut tx, run).await?;
    put_run(&mut tx, run, changes, Some(clusters.to_owned())).await?;
    tx.commit().await.map_err(fault::store)
}

async fn with_result(conn: &mut SqliteConnection, run: i64) -> Result<Visible, StoreError> {
    runs::visible(conn, run).await?.ok_or_else(|| StoreError::Absent { what: format!("a result of run {run}") })
}

async fn put(conn: &mut SqliteConnection, run: &Visible, rows: &[(i64, Explanation)]) -> Result<(), StoreError> {
    if let Some((seq, _)) = rows.iter().find(|(seq, _)| !(1..=run.rows).contains(seq)) {
        return Err(StoreError::Absent { what: format!("row {seq} of run {}", run.id) });
    }
    for chunk in rows.chunks(BATCH) {
        let bodies = chunk.iter().map(|(_, explanation)| runs::json(explanation)).collect::<Result<Vec<_>, _>>()?;
        let mut sql: QueryBuilder<Sqlite> =
            QueryBuilder::new("INSERT OR REPLACE INTO explanations (place, label, certainty, label_seal, body, seal) ");
        sql.push_values(chunk.iter().zip(bodies), |mut b, ((seq, explanation), body)| {
            let (place, label, certainty) = (place(run.id, *seq), explanation.label(), certainty_code(explanation.certainty));
            let (label_seal, seal) = (seal_of_label(place, label.as_deref(), certainty), seal_of(place, &body));
            b.push_bind(place).push_bind(label).push_bind(certainty).push_bind(label_seal).push_bind(body).push_bind(seal);
        });
        // Only the full batch comes again and is worth keeping prepared.
        sql.build().persistent(chunk.len() == BATCH).execute(&mut *conn).await.map_err(fault::store)?;
    }
    Ok(())
}

async fn put_run(conn: &mut SqliteConnection, run: i64, changes: i64, clusters: Option<String>) -> Result<(), StoreError> {
    let seal = seal_of_run(run, changes, clusters.as_deref());
    let sql = "INSERT OR REPLACE INTO explained (run_id, changes, clusters, seal) VALUES (?1, ?2, ?3, ?4)";
    sqlx::query(sql).bind(run).bind(changes).bind(clusters).bind(seal).execute(conn).await.map_err(fault::store)?;
    Ok(())
}

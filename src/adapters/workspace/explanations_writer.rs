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

/// Explanations of one INSERT: those of a page of an explainer.
const BATCH: usize = 256;

/// An explanation as it is stored.
struct Entry {
    seq: i64,
    place: i64,
    label: Option<String>,
    certainty: i64,
    label_seal: i64,
    body: String,
    seal: i64,
}

impl Entry {
    fn of(run: i64, seq: i64, explanation: &Explanation) -> Result<Self, StoreError> {
        let (place, label, certainty) = (place(run, seq), explanation.label(), certainty_code(explanation.certainty));
        let body = runs::json(explanation)?;
        Ok(Self { seq, place, label_seal: seal_of_label(place, label.as_deref(), certainty), seal: seal_of(place, &body), label, certainty, body })
    }
}

#[async_trait]
impl ExplanationsWriter for Writer {
    async fn explained(&self, run: i64, first: bool, rows: &[(i64, Explanation)]) -> Result<(), StoreError> {
        // Packed before the writing connection is asked for: of several runs, one is packed while another is written.
        let packed = rows.iter().map(|(seq, explanation)| Entry::of(run, *seq, explanation)).collect::<Result<Vec<_>, _>>()?;
        let mut slot = self.keeper.slot().await;
        let result = keep(&self.keeper, &mut slot, run, first, packed).await;
        slot.settle(result)
    }

    async fn keep_clusters(&self, run: i64, clusters: &str) -> Result<(), StoreError> {
        let mut slot = self.keeper.slot().await;
        let result = keep_clusters(&self.keeper, &mut slot, run, clusters).await;
        slot.settle(result)
    }
}

async fn keep(keeper: &Keeper, slot: &mut Slot, run: i64, first: bool, entries: Vec<Entry>) -> Result<(), StoreError> {
    // What a run's rows come to together is kept last, and waits for the disk.
    let mut tx = slot.begin_part(keeper).await?;
    let visible = with_result(&mut tx, run).await?;
    let (changes, clusters) = of_run(&mut tx, run).await?;
    if first {
        let sql = "DELETE FROM explanations WHERE place >= ?1 AND place < ?2";
        sqlx::query(sql).bind(place(run, 0)).bind(place(run + 1, 0)).execute(&mut *tx).await.map_err(fault::store)?;
    }
    put(&mut tx, &visible, entries).await?;
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

async fn put(conn: &mut SqliteConnection, run: &Visible, entries: Vec<Entry>) -> Result<(), StoreError> {
    if let Some(entry) = entries.iter().find(|entry| !(1..=run.rows).contains(&entry.seq)) {
        return Err(StoreError::Absent { what: format!("row {} of run {}", entry.seq, run.id) });
    }
    let mut entries = entries.into_iter().peekable();
    while entries.peek().is_some() {
        let chunk: Vec<Entry> = entries.by_ref().take(BATCH).collect();
        let is_full = chunk.len() == BATCH;
        let mut sql: QueryBuilder<Sqlite> =
            QueryBuilder::new("INSERT OR REPLACE INTO explanations (place, label, certainty, label_seal, body, seal) ");
        sql.push_values(chunk, |mut b, Entry { place, label, certainty, label_seal, body, seal, .. }| {
            b.push_bind(place).push_bind(label).push_bind(certainty).push_bind(label_seal).push_bind(body).push_bind(seal);
        });
        // Only the full batch comes again and is worth keeping prepared.
        sql.build().persistent(is_full).execute(&mut *conn).await.map_err(fault::store)?;
    }
    Ok(())
}

async fn put_run(conn: &mut SqliteConnection, run: i64, changes: i64, clusters: Option<String>) -> Result<(), StoreError> {
    let seal = seal_of_run(run, changes, clusters.as_deref());
    let sql = "INSERT OR REPLACE INTO explained (run_id, changes, clusters, seal) VALUES (?1, ?2, ?3, ?4)";
    sqlx::query(sql).bind(run).bind(changes).bind(clusters).bind(seal).execute(conn).await.map_err(fault::store)?;
    Ok(())
}

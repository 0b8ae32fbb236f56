//! One run being written. Rows are gathered and stored some thousands at a transaction; none is seen before the run ends.

use super::columns::{Stored, days};
use super::keeper::{Keeper, Slot};
use super::runs::{self, json as packed};
use super::sums::Sums;
use super::{fault, insert, journal, seal};
use crate::domain::finding::Weight;
use crate::domain::row::{ReconRow, Terms};
use crate::domain::run::{Run, RunState, SnapshotInfo};
use crate::domain::verdict::Verdict;
use crate::ports::workspace::{RunEnd, RunWriter, StoreError};
use async_trait::async_trait;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use tokio::task::JoinHandle;

/// Rows gathered before they are stored: some megabytes at most, and a commit every so often.
const GATHERED: usize = 8_000;

/// A run of this process.
pub(super) struct Recording {
    keeper: Arc<Keeper>,
    run: Run,
    gathered: Vec<Stored>,
    last: Option<(String, (i64, i64))>,
    rows: i64,
    sums: Sums,
    /// The batch that is being stored while the next is gathered.
    storing: Option<JoinHandle<Result<(), StoreError>>>,
    /// Once a row was refused, the run is not whole and can only be abandoned.
    refused: Option<StoreError>,
}

impl Recording {
    /// Goes on from a stored header.
    pub fn of(keeper: Arc<Keeper>, run: Run) -> Self {
        keeper.born(run.id);
        Self { keeper, run, gathered: Vec::new(), last: None, rows: 0, sums: Sums::default(), storing: None, refused: None }
    }

    fn gather(&mut self, row: &ReconRow) -> Result<(), StoreError> {
        let period = days(row.period);
        if let Some((key, before)) = &self.last {
            let order = key.as_bytes().cmp(row.key.raw().as_bytes()).then_with(|| before.cmp(&period));
            if order.is_gt() {
                return Err(fault::damaged(format!("rows out of order: {:?} {} came too late", row.key, row.period)));
            }
        }
        self.last = Some((row.key.raw().to_owned(), period));
        self.rows += 1;
        let stored = Stored::of(self.run.id, self.rows, row)?;
        self.sums.add(&stored);
        self.gathered.push(stored);
        Ok(())
    }

    /// Takes rows in, storing a batch whenever enough are gathered.
    async fn take(&mut self, rows: &[ReconRow]) -> Result<(), StoreError> {
        for row in rows {
            self.gather(row)?;
            if self.gathered.len() >= GATHERED {
                self.store_gathered().await?;
            }
        }
        Ok(())
    }

    /// Begins to store what is gathered, once the batch before it is stored.
    async fn store_gathered(&mut self) -> Result<(), StoreError> {
        self.stored().await?;
        if !self.gathered.is_empty() {
            let rows = std::mem::take(&mut self.gathered);
            let (keeper, run) = (Arc::clone(&self.keeper), self.run.id);
            self.storing = Some(tokio::spawn(async move {
                let mut slot = keeper.slot().await;
                let result = store_rows(&keeper, &mut slot, run, rows).await;
                slot.settle(result)
            }));
        }
        Ok(())
    }

    /// Waits for the batch under way.
    async fn stored(&mut self) -> Result<(), StoreError> {
        let Some(storing) = &mut self.storing else { return Ok(()) };
        let result = storing.await;
        self.storing = None;
        result.unwrap_or_else(|_| Err(fault::unavailable("writing was stopped", "start the run again")))
    }

    /// Keeps the first refusal: from then on the run is not whole.
    fn note<T>(&mut self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Err(e) = &result {
            self.refused.get_or_insert_with(|| e.clone());
        }
        result
    }

    async fn all_stored(&mut self) -> Result<(), StoreError> {
        if let Some(refused) = &self.refused {
            return Err(refused.clone());
        }
        self.store_gathered().await?;
        self.stored().await
    }

    async fn publish(&self, slot: &mut Slot, end: &RunEnd, mut run: Run) -> Result<Run, StoreError> {
        let mut tx = slot.begin(&self.keeper).await?;
        runs::update(&mut tx, &run, &self.sums).await?;
        let findings = end.findings.iter().map(|f| packed(f).map(|text| (weight_code(f.weight), text))).collect::<Result<Vec<_>, _>>()?;
        insert::findings(&mut tx, run.id, findings).await?;
        insert::rejected(&mut tx, run.id, end.rejected.iter().map(packed).collect::<Result<_, _>>()?).await?;
        run.current = run.counts_as_evidence();
        if run.current {
            runs::make_current(&mut tx, &run).await?;
        }
        let kind = if run.state == RunState::Complete { "run_complete" } else { "run_incomplete" };
        let at = run.finished_at.unwrap_or_else(|| self.keeper.now());
        journal::append(&mut tx, at, &run.request.actor, kind, &self.facts(&run, end)).await?;
        tx.commit().await.map_err(fault::store)?;
        Ok(run)
    }

    fn facts(&self, run: &Run, end: &RunEnd) -> Value {
        let counts: Map<String, Value> = Verdict::ALL.iter().map(|v| (v.word().to_owned(), json!(run.tally.counts.of(*v)))).collect();
        let r = &run.request;
        json!({
            "run": run.id, "service": r.service, "month": r.month, "config": r.config_digest, "program": r.program,
            "digest": run.digests.run, "source": run.digests.source, "target": run.digests.target,
            "rows": self.rows, "counts": counts, "findings": end.findings.len(), "rejected": run.tally.rejected,
            "current": run.current, "dry_run": r.dry_run, "only": r.only.len(), "recheck_of": r.recheck_of,
        })
    }
}

/// Nobody computes the run any more; if it did not end, recovery will find it.
impl Drop for Recording {
    fn drop(&mut self) {
        self.keeper.gone(self.run.id);
    }
}

/// A batch whose run was dropped and recovered meanwhile is not stored: nobody would ever take its rows away.
async fn store_rows(keeper: &Keeper, slot: &mut Slot, run: i64, rows: Vec<Stored>) -> Result<(), StoreError> {
    let mut tx = slot.begin(keeper).await?;
    if runs::is_running(&mut tx, run).await? {
        insert::rows(&mut tx, rows).await?;
    }
    tx.commit().await.map_err(fault::store)
}

async fn store_terms(keeper: &Keeper, slot: &mut Slot, run: i64, terms: &[Terms]) -> Result<(), StoreError> {
    let mut tx = slot.begin(keeper).await?;
    for term in terms {
        let text = packed(term)?;
        sqlx::query("INSERT INTO terms (run_id, plan_id, terms, seal) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET terms = excluded.terms, seal = excluded.seal")
            .bind(run)
            .bind(term.plan.id.clone())
            .bind(text.clone())
            .bind(seal::of_text("terms", run, 0, &text))
            .execute(&mut *tx)
            .await
            .map_err(fault::store)?;
    }
    tx.commit().await.map_err(fault::store)
}

async fn store_end(keeper: &Keeper, slot: &mut Slot, run: &Run, why: &str) -> Result<(), StoreError> {
    let mut tx = slot.begin(keeper).await?;
    runs::drop_rows(&mut tx, run.id).await?;
    runs::update(&mut tx, run, &Sums::default()).await?;
    let kind = if run.state == RunState::Failed { "run_failed" } else { "run_interrupted" };
    let facts = json!({ "run": run.id, "service": run.request.service, "month": run.request.month, "why": why });
    let at = run.finished_at.unwrap_or_else(|| keeper.now());
    journal::append(&mut tx, at, &run.request.actor, kind, &facts).await?;
    tx.commit().await.map_err(fault::store)
}

async fn store_snapshots(keeper: &Keeper, slot: &mut Slot, run: &Run) -> Result<(), StoreError> {
    let mut tx = slot.begin(keeper).await?;
    let sql = "UPDATE runs SET snapshots = ?2 WHERE id = ?1 AND state = 'running'";
    sqlx::query(sql).bind(run.id).bind(packed(&run.snapshots)?).execute(&mut *tx).await.map_err(fault::store)?;
    runs::seal(&mut tx, run.id).await?;
    tx.commit().await.map_err(fault::store)
}

const fn weight_code(weight: Weight) -> i64 {
    match weight {
        Weight::Note => 0,
        Weight::Warning => 1,
        Weight::Blocking => 2,
    }
}

#[async_trait]
impl RunWriter for Recording {
    fn id(&self) -> i64 {
        self.run.id
    }

    async fn snapshots(&mut self, snapshots: &[SnapshotInfo]) -> Result<(), StoreError> {
        self.run.snapshots = snapshots.to_vec();
        let mut slot = self.keeper.slot().await;
        let result = store_snapshots(&self.keeper, &mut slot, &self.run).await;
        slot.settle(result)
    }

    async fn terms(&mut self, terms: &[Terms]) -> Result<(), StoreError> {
        let mut slot = self.keeper.slot().await;
        let result = store_terms(&self.keeper, &mut slot, self.run.id, terms).await;
        slot.settle(result)
    }

    async fn rows(&mut self, rows: Vec<ReconRow>) -> Result<(), StoreError> {
        if let Some(refused) = &self.refused {
            return Err(refused.clone());
        }
        let result = self.take(&rows).await;
        self.note(result)
    }

    async fn finish(mut self: Box<Self>, end: RunEnd) -> Result<Run, StoreError> {
        if !matches!(end.state, RunState::Complete | RunState::Incomplete) {
            let what = format!("a run cannot finish as {}", end.state.word());
            return Err(fault::unavailable(&what, "this is a bug in dualrun: please report it"));
        }
        self.all_stored().await?;
        let mut run = self.run.clone();
        (run.state, run.tally, run.digests, run.recheck) = (end.state, end.tally.clone(), end.digests.clone(), end.recheck);
        run.finished_at = Some(self.keeper.now());
        let mut slot = self.keeper.slot().await;
        let result = self.publish(&mut slot, &end, run).await;
        slot.settle(result)
    }

    async fn abandon(mut self: Box<Self>, state: RunState, why: &str) -> Result<Run, StoreError> {
        if !matches!(state, RunState::Interrupted | RunState::Failed) {
            let what = format!("a run cannot be abandoned as {}", state.word());
            return Err(fault::unavailable(&what, "this is a bug in dualrun: please report it"));
        }
        // Whether the last batch went well no longer matters; that it is over does.
        drop(self.stored().await);
        let run = Run { state, finished_at: Some(self.keeper.now()), failure: Some(why.to_owned()), ..self.run.clone() };
        let mut slot = self.keeper.slot().await;
        let result = store_end(&self.keeper, &mut slot, &run, why).await;
        slot.settle(result)?;
        Ok(run)
    }
}

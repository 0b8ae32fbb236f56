//! One run being written. None of its rows is seen before it ends.

use super::insert::Entry;
use super::keeper::{Keeper, Slot};
use super::lots::{Written, stopped};
use super::packing::{Bundle, Packing};
use super::runs::{self, json as packed};
use super::sums::Sums;
use super::{fault, insert, journal, shelves};
use crate::domain::evidence::Shelf;
use crate::domain::finding::Weight;
use crate::domain::run::{Run, RunState, SnapshotInfo};
use crate::domain::side::Side;
use crate::ports::workspace::{RowBundle, RunEnd, RunWriter, StoreError};
use async_trait::async_trait;
use serde_json::json;
use std::sync::Arc;

/// Rows that do not match and are not ranked yet, of all runs being written.
const UNRANKED: usize = 1 << 16;

/// A run of this process.
pub(super) struct Recording {
    keeper: Arc<Keeper>,
    written: Arc<Written>,
    packing: Packing,
    run: Run,
}

impl Recording {
    /// Goes on from a stored header.
    pub fn of(keeper: Arc<Keeper>, run: Run) -> Self {
        keeper.born(run.id);
        Self { keeper, written: Arc::new(Written::new(run.id)), packing: Packing::of(run.id), run }
    }

    /// Hands on the block of a bundle.
    async fn pack(&mut self, bundle: Box<dyn RowBundle>) -> Result<(), StoreError> {
        let entries = self.packing.take(bundle).inspect_err(|why| self.written.refuse(why.clone()))?;
        if !entries.is_empty() {
            self.gather(entries).await?;
        }
        if self.packing.unranked() >= UNRANKED / self.keeper.alive().max(1) {
            let ranks = self.packing.ranks();
            self.gather(ranks).await?;
        }
        Ok(())
    }

    async fn gather(&self, entries: Vec<Entry>) -> Result<(), StoreError> {
        self.keeper.lots.lock().await.gather(&self.keeper, &self.written, entries).await;
        self.written.check()
    }

    /// Waits until all of it is stored.
    async fn all_stored(&mut self) -> Result<(), StoreError> {
        self.written.check()?;
        let last = self.packing.end();
        let mut lots = self.keeper.lots.lock().await;
        lots.gather(&self.keeper, &self.written, last).await;
        lots.store(&self.keeper).await;
        lots.stored().await;
        self.written.check()
    }

    async fn publish(&self, slot: &mut Slot, end: &RunEnd, mut run: Run) -> Result<Run, StoreError> {
        let mut tx = slot.begin(&self.keeper).await?;
        let sums = self.packing.sums();
        runs::update(&mut tx, &run, sums).await?;
        let findings = end.findings.iter().map(|f| packed(f).map(|text| (weight_code(f.weight), text))).collect::<Result<Vec<_>, _>>()?;
        insert::findings(&mut tx, run.id, findings).await?;
        insert::rejected(&mut tx, run.id, end.rejected.iter().map(packed).collect::<Result<_, _>>()?).await?;
        run.current = run.counts_as_evidence();
        if run.current {
            runs::make_current(&mut tx, &run).await?;
        }
        let kind = if run.state == RunState::Complete { "run_complete" } else { "run_incomplete" };
        let at = run.finished_at.unwrap_or_else(|| self.keeper.now());
        journal::append(&mut tx, at, &run.request.actor, kind, &run.journal_facts(end.findings.len(), sums.rows())).await?;
        tx.commit().await.map_err(fault::store)?;
        Ok(run)
    }
}

/// Nobody computes the run any more; if it did not end, recovery will find it.
impl Drop for Recording {
    fn drop(&mut self) {
        self.written.refuse(stopped());
        self.keeper.gone(self.run.id);
    }
}

async fn store_shelf(keeper: &Keeper, slot: &mut Slot, run: i64, side: Side, shelf: &Shelf) -> Result<(), StoreError> {
    let mut tx = slot.begin(keeper).await?;
    shelves::store(&mut tx, run, side, shelf).await?;
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

    async fn shelf(&mut self, side: Side, shelf: &Shelf) -> Result<(), StoreError> {
        let mut slot = self.keeper.slot().await;
        let result = store_shelf(&self.keeper, &mut slot, self.run.id, side, shelf).await;
        slot.settle(result)
    }

    fn bundle(&self) -> Box<dyn RowBundle> {
        Box::new(Bundle::default())
    }

    async fn rows(&mut self, bundle: Box<dyn RowBundle>) -> Result<(), StoreError> {
        self.written.check()?;
        self.pack(bundle).await
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

    async fn abandon(self: Box<Self>, state: RunState, why: &str) -> Result<Run, StoreError> {
        if !matches!(state, RunState::Interrupted | RunState::Failed) {
            let what = format!("a run cannot be abandoned as {}", state.word());
            return Err(fault::unavailable(&what, "this is a bug in dualrun: please report it"));
        }
        // Whether its rows were stored no longer matters; that nothing of it is under way does.
        self.written.refuse(stopped());
        self.keeper.lots.lock().await.stored().await;
        let run = Run { state, finished_at: Some(self.keeper.now()), failure: Some(why.to_owned()), ..self.run.clone() };
        let mut slot = self.keeper.slot().await;
        let result = store_end(&self.keeper, &mut slot, &run, why).await;
        slot.settle(result)?;
        Ok(run)
    }
}

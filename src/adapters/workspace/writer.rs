//! [`WorkspaceWriter`]: what may be written while the lock is held.

use super::keeper::{Keeper, Slot};
use super::reader::{Reader, Reads};
use super::recording::Recording;
use super::{fault, journal, runs};
use crate::domain::run::{Run, RunRequest};
use crate::ports::workspace::{JournalEntry, RunWriter, StoreError, WorkspaceWriter};
use async_trait::async_trait;
use serde_json::{Value, json};
use std::sync::Arc;

/// An open workspace that may be written.
#[derive(Debug)]
pub(super) struct Writer {
    pub reader: Reader,
    pub keeper: Arc<Keeper>,
    pub recovered: Vec<i64>,
}

impl Reads for Writer {
    fn reader(&self) -> &Reader {
        &self.reader
    }
}

#[async_trait]
impl WorkspaceWriter for Writer {
    async fn begin(&self, request: &RunRequest) -> Result<Box<dyn RunWriter>, StoreError> {
        // A writer of this process that was dropped half-way left its run as running.
        self.keeper.recover().await?;
        let mut slot = self.keeper.slot().await;
        let result = start(&self.keeper, &mut slot, request).await;
        let run = slot.settle(result)?;
        Ok(Box::new(Recording::of(Arc::clone(&self.keeper), run)))
    }

    async fn append(&self, actor: &str, kind: &str, facts: &str) -> Result<JournalEntry, StoreError> {
        let facts: Value = serde_json::from_str(facts)
            .map_err(|e| fault::unavailable(&format!("the facts of {kind} are not JSON ({e})"), "this is a bug in dualrun: please report it"))?;
        let mut slot = self.keeper.slot().await;
        let result = note(&self.keeper, &mut slot, actor, kind, &facts).await;
        slot.settle(result)
    }

    async fn adopt_config(&self, actor: &str, digest: &str) -> Result<(), StoreError> {
        let mut slot = self.keeper.slot().await;
        let result = adopt(&self.keeper, &mut slot, actor, digest).await;
        slot.settle(result)
    }

    fn recovered(&self) -> &[i64] {
        &self.recovered
    }
}

async fn start(keeper: &Keeper, slot: &mut Slot, request: &RunRequest) -> Result<Run, StoreError> {
    let at = keeper.now();
    let mut tx = slot.begin(keeper).await?;
    let id = runs::insert(&mut tx, request, at).await?;
    let facts = json!({
        "run": id, "service": request.service, "month": request.month, "only": request.only.len(), "dry_run": request.dry_run,
        "recheck_of": request.recheck_of, "config": request.config_digest, "program": request.program,
    });
    journal::append(&mut tx, at, &request.actor, "run_started", &facts).await?;
    let run = runs::one(&mut tx, id).await?;
    tx.commit().await.map_err(fault::store)?;
    Ok(run)
}

async fn note(keeper: &Keeper, slot: &mut Slot, actor: &str, kind: &str, facts: &Value) -> Result<JournalEntry, StoreError> {
    let mut tx = slot.begin(keeper).await?;
    let entry = journal::append(&mut tx, keeper.now(), actor, kind, facts).await?;
    tx.commit().await.map_err(fault::store)?;
    Ok(entry)
}

async fn adopt(keeper: &Keeper, slot: &mut Slot, actor: &str, digest: &str) -> Result<(), StoreError> {
    let mut tx = slot.begin(keeper).await?;
    let sql = "INSERT INTO meta (name, value) VALUES ('adopted_config', ?1) ON CONFLICT DO UPDATE SET value = excluded.value";
    sqlx::query(sql).bind(digest.to_owned()).execute(&mut *tx).await.map_err(fault::store)?;
    journal::append(&mut tx, keeper.now(), actor, "config_adopted", &json!({ "digest": digest })).await?;
    tx.commit().await.map_err(fault::store)
}

//! The workspace's part of an import: the staged copy, deliveries and how far each came, pairs of ids, inertness.

use super::workspace::StoreError;
use crate::domain::contract::Entity;
use crate::domain::import::{Delivery, EntityPlan, Import, ImportRequest, ImportState, Inertness, LoadTally, MappedId, Staged};
use crate::domain::run::SnapshotInfo;
use crate::domain::shadow::{RecordId, Shadow};
use async_trait::async_trait;
use std::collections::BTreeMap;

/// Reads it. Everything is of one service.
#[async_trait]
pub trait Staging: Send + Sync {
    /// Imports that acted, newest first, at most `limit`.
    async fn imports(&self, service: &str, limit: usize) -> Result<Vec<Import>, StoreError>;
    /// The staged copy.
    async fn staged(&self, service: &str) -> Result<BTreeMap<RecordId, Staged>, StoreError>;
    /// The newest delivery of each record.
    async fn deliveries(&self, service: &str) -> Result<BTreeMap<RecordId, Delivery>, StoreError>;
    /// Pairs of ids that loads left.
    async fn mapping(&self, service: &str) -> Result<Vec<MappedId>, StoreError>;
    /// The newest look at inertness; `None` where nobody ever looked.
    async fn inertness(&self, service: &str) -> Result<Option<Inertness>, StoreError>;
}

/// What staging changes, in one transaction.
#[derive(Debug, Clone, Copy)]
pub struct StageChange<'a> {
    /// New and changed records.
    pub put: &'a [Shadow],
    /// Records that are not wanted any more.
    pub withdraw: &'a [RecordId],
    /// Where the source and the target were read.
    pub snapshots: &'a [SnapshotInfo],
    /// The plan, counted.
    pub entities: &'a BTreeMap<Entity, EntityPlan>,
}

/// How an import ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportEnd {
    /// How.
    pub state: ImportState,
    /// What the load came to.
    pub load: LoadTally,
    /// The pack that was written or found written.
    pub pack: Option<String>,
    /// Why it failed or was stopped, in words.
    pub failure: Option<String>,
}

/// Writes it, while the workspace's one lock is held. Every call is one transaction: acknowledged, it survives kill -9.
#[async_trait]
pub trait StagingWriter: Staging {
    /// Begins an import: stored as running, journalled. One that a crash left running is marked interrupted first.
    async fn begin_import(&self, request: &ImportRequest) -> Result<Import, StoreError>;
    /// Changes the staged copy and journals what that came to.
    async fn stage(&self, import: &Import, change: StageChange<'_>) -> Result<(), StoreError>;
    /// Stores deliveries, each in place of the record's older one.
    async fn note_deliveries(&self, service: &str, deliveries: &[Delivery]) -> Result<(), StoreError>;
    /// Replaces the pairs of ids. A pair that would not be one to one is refused as damaged: nothing is stored.
    async fn map_ids(&self, service: &str, mapping: &[MappedId]) -> Result<(), StoreError>;
    /// Ends an import, journalled.
    async fn end_import(&self, import: &Import, end: &ImportEnd) -> Result<Import, StoreError>;
    /// Stores a look at inertness; one that does not hold is journalled.
    async fn note_inertness(&self, service: &str, actor: &str, inertness: &Inertness) -> Result<(), StoreError>;
    /// Stores what somebody decided about parked deliveries, journalled with who.
    async fn settle_parked(&self, service: &str, actor: &str, verb: &str, deliveries: &[Delivery]) -> Result<(), StoreError>;
}

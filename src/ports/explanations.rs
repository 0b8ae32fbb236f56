//! The workspace's part of explaining: what may explain the rows of a run, and what was made of it. All of it is derived: no digest of
//! a run hangs on it.

use super::workspace::StoreError;
use crate::domain::evidence::{Evidence, Shelf};
use crate::domain::explanation::Explanation;
use crate::domain::glance::Glance;
use crate::domain::row::ReconRow;
use crate::domain::side::Side;
use async_trait::async_trait;

/// Reads it. A run without a result has nothing to read.
#[async_trait]
pub trait Explanations: Send + Sync {
    /// What a side sold when the run read it.
    async fn shelf(&self, run: i64, side: Side) -> Result<Shelf, StoreError>;
    /// The evidence beside a row, where there is any.
    async fn evidence(&self, run: i64, seq: i64) -> Result<Option<Evidence>, StoreError>;
    /// The numbers of the rows of a run that differ and are linked, ascending.
    async fn differing(&self, run: i64) -> Result<Vec<i64>, StoreError>;
    /// What the rows of a run that differ tell of each other.
    async fn glances(&self, run: i64) -> Result<Vec<Glance>, StoreError>;
    /// Rows of these ascending numbers, whole, with what may explain them.
    async fn rows_at(&self, run: i64, seqs: &[i64]) -> Result<Vec<(i64, ReconRow, Option<Evidence>)>, StoreError>;
    /// All rows of a run, whole and in stored order, those that match among them: those after a number, at most `limit`. Fewer than
    /// that are the last.
    async fn whole_rows(&self, run: i64, after: Option<i64>, limit: usize) -> Result<Vec<(i64, ReconRow)>, StoreError>;
    /// Why a row differs, where that was looked for.
    async fn explanation(&self, run: i64, seq: i64) -> Result<Option<Explanation>, StoreError>;
    /// The explanations of a run in stored order: those after a number, at most `limit`. Fewer than that are the last.
    async fn explanations(&self, run: i64, after: Option<i64>, limit: usize) -> Result<Vec<(i64, Explanation)>, StoreError>;
    /// What the explanations of a run come to together, as it was handed over.
    async fn clusters(&self, run: i64) -> Result<Option<String>, StoreError>;
}

/// Writes it, while the workspace's one lock is held. Every call is one transaction.
#[async_trait]
pub trait ExplanationsWriter: Explanations {
    /// Keeps explanations of rows of a run that has a result. The first call of a pass takes away what an earlier pass left.
    async fn explained(&self, run: i64, first: bool, rows: &[(i64, Explanation)]) -> Result<(), StoreError>;
    /// Keeps what they come to together, in place of what was kept before.
    async fn keep_clusters(&self, run: i64, clusters: &str) -> Result<(), StoreError>;
}

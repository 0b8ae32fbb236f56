//! The main job: read both sides in one snapshot each, rate, pair, judge, store, publish.

use super::error::AppError;
use super::progress::Observer;
use super::project::Project;
use crate::domain::period::Month;
use crate::domain::run::Run;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// What a reconciliation is asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReconcileOptions {
    /// Months whose starting periods are compared, ascending: one run each, over one snapshot.
    pub months: Vec<Month>,
    /// Only these subscriptions, as typed; empty is all. Such a run never counts as evidence.
    pub only: Vec<String>,
    /// Kept apart, never current.
    pub dry_run: bool,
    /// Check the current run of the month again over a new snapshot, and note what changed.
    pub recheck: bool,
}

/// Runs it. Cancelling leaves the runs `interrupted` and publishes nothing. The returned runs are what was stored, one a month.
pub async fn reconcile(
    project: &Project,
    options: &ReconcileOptions,
    observer: Arc<dyn Observer>,
    cancel: CancellationToken,
) -> Result<Vec<Run>, AppError> {
    let _ = (project, options, observer, cancel);
    Err(AppError::Usage("not wired yet".to_owned()))
}

//! How months stand: what evidence of a metric is of, and is held against later.

use super::outside::newest_evidence;
use crate::domain::gate::{GateAct, MonthStood, digest_of};
use crate::domain::run::Run;
use crate::ports::workspace::{StoreError, Workspace};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// How the month of a run stands at a moment.
pub(super) async fn stood<W: Workspace + ?Sized>(store: &W, run: &Run, now: DateTime<Utc>) -> Result<MonthStood, StoreError> {
    let decided = store.review(run.id).await?.map(|tally| digest_of("decided v1", &tally.at(now)));
    Ok(MonthStood { run: run.digests.run.clone(), config: run.request.config_digest.clone(), decided })
}

/// How each month stands now that the newest evidence used.
pub(in crate::app) async fn months_used<W: Workspace + ?Sized>(
    store: &W,
    service: &str,
    acts: &[GateAct],
    now: DateTime<Utc>,
) -> Result<BTreeMap<String, MonthStood>, StoreError> {
    let named: BTreeSet<&String> = newest_evidence(acts).flat_map(|evidence| evidence.stands_on.months.keys()).collect();
    let mut months = BTreeMap::new();
    if named.is_empty() {
        return Ok(months);
    }
    for run in store.current_runs().await?.iter().filter(|run| run.request.service == service && run.counts_as_evidence()) {
        let month = run.request.month.to_string();
        if named.contains(&month) {
            months.insert(month, stood(store, run, now).await?);
        }
    }
    Ok(months)
}

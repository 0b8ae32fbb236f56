//! What other runs say of one row: what changed since the run before, and whether what it used stands out from its own other months.

use super::since::run_before;
use super::usage::standing_out;
use crate::app::error::AppError;
use crate::domain::evidence::Shelf;
use crate::domain::profile::SideProfile;
use crate::domain::since::RowChange;
use crate::domain::usage_review::Unusual;
use crate::explain::since::{Ground, compare, one_sided};
use crate::ports::workspace::{RowDetail, RowLine, Workspace};

/// What they say; nothing of a document with no subscription.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Beside {
    /// The run before of the same month, and what changed of the row since; `None` where there is none, or nothing changed.
    pub since: Option<(i64, RowChange)>,
    /// What it used far from what it did in its other months.
    pub unusual: Vec<Unusual>,
}

/// Looks a row of a run up in the others. `months` is its key in the current runs of the months around, each with its run.
pub async fn beside<W: Workspace + ?Sized>(
    store: &W,
    run: i64,
    of: &RowDetail,
    months: &[(i64, RowLine)],
    target: &SideProfile,
) -> Result<Beside, AppError> {
    if of.row.subject.is_unlinked() {
        return Ok(Beside::default());
    }
    Ok(Beside { since: since(store, run, of, target).await?, unusual: unusual(store, of, months).await? })
}

async fn since<W: Workspace + ?Sized>(store: &W, run: i64, of: &RowDetail, target: &SideProfile) -> Result<Option<(i64, RowChange)>, AppError> {
    let run = store.run(run).await?;
    let Some(before) = run_before(store, &run).await? else { return Ok(None) };
    let change = match store.find(before.id, of.row.key.raw(), Some(of.row.period)).await? {
        None => Some(one_sided(&of.row, true)),
        Some(line) => {
            let old = store.detail(before.id, line.seq).await?;
            let [was, is] = [&old, of].map(shelf);
            compare(&old.row, &of.row, &Ground { shelves: [&was, &is], profile: target })
        }
    };
    Ok(change.map(|change| (before.id, change)))
}

/// The plans a row was rated by: all that is needed to rate it anew.
fn shelf(of: &RowDetail) -> Shelf {
    let mut terms: Vec<_> = of.terms.iter().flatten().cloned().collect();
    terms.sort_by(|a, b| a.plan.id.cmp(&b.plan.id));
    terms.dedup_by(|a, b| a.plan.id == b.plan.id);
    Shelf { terms, ..Shelf::default() }
}

async fn unusual<W: Workspace + ?Sized>(store: &W, of: &RowDetail, months: &[(i64, RowLine)]) -> Result<Vec<Unusual>, AppError> {
    let mut history = Vec::new();
    if of.row.inputs.iter().any(|inputs| !inputs.usage.is_empty()) {
        for (run, line) in months.iter().filter(|(_, line)| line.period != of.row.period) {
            let other = store.detail(*run, line.seq).await?;
            history.extend(super::usage::whole(&other.row).cloned());
        }
    }
    Ok(standing_out(&of.row, &history))
}

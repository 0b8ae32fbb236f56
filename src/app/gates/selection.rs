//! Which checks are meant: stages and single checks by their ids.

use crate::app::error::AppError;
use crate::domain::gate::{Check, Runbook, RunbookStage};
use crate::domain::text::shown;

/// A check of a stage.
#[derive(Debug, Clone, Copy)]
pub struct Chosen<'a> {
    /// The stage.
    pub stage: &'a RunbookStage,
    /// The check.
    pub check: &'a Check,
}

/// The checks that `STAGE` and `STAGE/CHECK` name, in the order of the runbook, each once; all of them where nothing is named.
pub fn select<'a>(runbook: &'a Runbook, named: &[String]) -> Result<Vec<Chosen<'a>>, AppError> {
    for name in named {
        let (stage, check) = name.split_once('/').map_or((name.as_str(), None), |(stage, check)| (stage, Some(check)));
        let found = runbook.stage(stage).ok_or_else(|| {
            let known = runbook.stages.iter().map(|s| s.id.as_str()).collect::<Vec<_>>().join(", ");
            AppError::Usage(format!("there is no stage {} — the runbook has {known}", shown(stage, 60)))
        })?;
        if let Some(check) = check.filter(|check| found.check(check).is_none()) {
            let known = found.checks.iter().map(|c| c.id.as_str()).collect::<Vec<_>>().join(", ");
            return Err(AppError::Usage(format!("stage {stage} has no check {} — it has {known}", shown(check, 60))));
        }
    }
    let all = runbook.stages.iter().flat_map(|stage| stage.checks.iter().map(move |check| Chosen { stage, check }));
    let is_named = |c: &Chosen<'_>| named.iter().any(|n| *n == c.stage.id || *n == format!("{}/{}", c.stage.id, c.check.id));
    Ok(all.filter(|c| named.is_empty() || is_named(c)).collect())
}

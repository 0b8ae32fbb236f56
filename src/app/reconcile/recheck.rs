//! What became of the rows of an earlier run that did not match.

use crate::app::error::AppError;
use crate::domain::row::ReconRow;
use crate::domain::run::RecheckOutcome;
use crate::domain::verdict::Verdict;
use crate::ports::workspace::{PageFrom, PageRequest, RowFilter, Sort, WorkspaceWriter};
use std::collections::HashMap;

/// The parent's rows that did not match, and what became of them.
pub(super) struct Recheck {
    open: HashMap<(String, String), Verdict>,
    pub outcome: Option<RecheckOutcome>,
}

impl Recheck {
    pub async fn of(parent: Option<i64>, store: &dyn WorkspaceWriter) -> Result<Self, AppError> {
        let Some(run) = parent else { return Ok(Self { open: HashMap::new(), outcome: None }) };
        let verdicts = Verdict::ALL.into_iter().filter(|v| *v != Verdict::Match).collect();
        let filter = RowFilter { verdicts, ..RowFilter::default() };
        let mut open = HashMap::new();
        let mut from = PageFrom::Start;
        loop {
            let page = store.page(&PageRequest { run, filter: filter.clone(), sort: Sort::default(), from, limit: 1000 }).await?;
            for (_, line) in &page.rows {
                open.insert((line.key.raw().to_owned(), line.period.to_string()), line.verdict);
            }
            match page.rows.last() {
                Some((cursor, _)) if page.more_after => from = PageFrom::After(cursor.clone()),
                _ => break,
            }
        }
        let gone = u64::try_from(open.len()).unwrap_or(u64::MAX);
        Ok(Self { open, outcome: Some(RecheckOutcome { now_matches: 0, still_differs: 0, gone }) })
    }

    pub fn compare(&mut self, row: &ReconRow) {
        let Some(outcome) = &mut self.outcome else { return };
        let was_open = self.open.contains_key(&(row.key.raw().to_owned(), row.period.to_string()));
        if !was_open {
            return;
        }
        // Each is taken off the gone ones as it is met again.
        outcome.gone = outcome.gone.saturating_sub(1);
        if row.verdict == Verdict::Match {
            outcome.now_matches += 1;
        } else {
            outcome.still_differs += 1;
        }
    }
}

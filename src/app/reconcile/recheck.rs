//! What became of the rows of an earlier run that did not match.

use crate::app::error::AppError;
use crate::domain::row::ReconRow;
use crate::domain::run::RecheckOutcome;
use crate::domain::verdict::Verdict;
use crate::ports::workspace::{PageFrom, PageRequest, RowFilter, Sort, WorkspaceWriter};
use std::collections::HashSet;

/// The parent's rows that did not match, by key and period; `None` where no run is checked again.
pub(super) struct Recheck(Option<HashSet<(String, String)>>);

/// How many of them were met again.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Met {
    now_matches: u64,
    still_differs: u64,
}

impl Met {
    pub fn absorb(&mut self, other: Self) {
        self.now_matches += other.now_matches;
        self.still_differs += other.still_differs;
    }
}

impl Recheck {
    pub async fn of(parent: Option<i64>, store: &dyn WorkspaceWriter) -> Result<Self, AppError> {
        let Some(run) = parent else { return Ok(Self(None)) };
        let verdicts = Verdict::ALL.into_iter().filter(|v| *v != Verdict::Match).collect();
        let filter = RowFilter { verdicts, ..RowFilter::default() };
        let mut open = HashSet::new();
        let mut from = PageFrom::Start;
        loop {
            let page = store.page(&PageRequest { run, filter: filter.clone(), sort: Sort::default(), from, limit: 1000 }).await?;
            for (_, line) in &page.rows {
                open.insert((line.key.raw().to_owned(), line.period.to_string()));
            }
            match page.rows.last() {
                Some((cursor, _)) if page.more_after => from = PageFrom::After(cursor.clone()),
                _ => break,
            }
        }
        Ok(Self(Some(open)))
    }

    /// Notes a row, if it is one of them.
    pub fn compare(&self, row: &ReconRow, met: &mut Met) {
        let Some(open) = &self.0 else { return };
        if open.contains(&(row.key.raw().to_owned(), row.period.to_string())) {
            if row.verdict == Verdict::Match {
                met.now_matches += 1;
            } else {
                met.still_differs += 1;
            }
        }
    }

    /// What became of all of them: those that were not met are gone.
    pub fn outcome(&self, met: Met) -> Option<RecheckOutcome> {
        let Met { now_matches, still_differs } = met;
        let open = u64::try_from(self.0.as_ref()?.len()).unwrap_or(u64::MAX);
        Some(RecheckOutcome { now_matches, still_differs, gone: open.saturating_sub(now_matches + still_differs) })
    }
}

//! Which rows of a run a decision is about: those of a filter, all of them or but for some, or a few by number.

use crate::app::rows::{Rows, row};
use crate::domain::verdict::Verdict;
use crate::ports::workspace::{RowFilter, RowLine, Sort, StoreError, Workspace};
use std::collections::BTreeSet;

/// Rows of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chosen {
    /// All that pass a filter, but for those of these numbers.
    Filter(Box<RowFilter>, BTreeSet<i64>),
    /// Those of these numbers.
    Rows(BTreeSet<i64>),
}

impl Chosen {
    /// All that pass a filter.
    pub fn of_filter(filter: RowFilter) -> Self {
        Self::Filter(Box::new(filter), BTreeSet::new())
    }

    /// Calls for each of them in stored order; where only what asks for a decision is wanted, not for those that match.
    pub(super) async fn each<W: Workspace + ?Sized>(
        &self,
        store: &W,
        run: i64,
        asking: bool,
        mut look: impl FnMut(RowLine) + Send,
    ) -> Result<(), StoreError> {
        let asks = |verdict: &Verdict| !asking || !matches!(verdict, Verdict::Match | Verdict::WithinTolerance);
        let (filter, but) = match self {
            Self::Filter(filter, but) => (filter, but),
            Self::Rows(seqs) => {
                for seq in seqs {
                    let line = row(store, run, *seq).await?;
                    if asks(&line.verdict) {
                        look(line);
                    }
                }
                return Ok(());
            }
        };
        let verdicts = if filter.verdicts.is_empty() && asking { Verdict::ALL.to_vec() } else { filter.verdicts.clone() };
        let wanted: Vec<Verdict> = verdicts.iter().copied().filter(asks).collect();
        if wanted.is_empty() && !verdicts.is_empty() {
            return Ok(());
        }
        let rows = Rows { run, filter: RowFilter { verdicts: wanted, ..RowFilter::clone(filter) }, sort: Sort::default() };
        rows.each(store, |some| {
            some.iter().filter(|line| !but.contains(&line.seq)).cloned().for_each(&mut look);
            Ok(())
        })
        .await
    }
}

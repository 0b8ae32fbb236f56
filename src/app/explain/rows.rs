//! The rows of a run one after another, a page in memory at a time.

use super::PAGE;
use crate::domain::row::ReconRow;
use crate::ports::workspace::{StoreError, Workspace};
use std::collections::VecDeque;

/// Rows of a run, whole and in stored order.
#[derive(Debug)]
pub struct Rows {
    run: i64,
    after: Option<i64>,
    page: VecDeque<ReconRow>,
    is_over: bool,
}

impl Rows {
    /// From the first.
    pub const fn of(run: i64) -> Self {
        Self { run, after: None, page: VecDeque::new(), is_over: false }
    }

    /// Reads on where nothing is at hand. Afterwards [`Rows::front`] is `None` only behind the last row.
    pub async fn fill<W: Workspace + ?Sized>(&mut self, store: &W) -> Result<(), StoreError> {
        if self.page.is_empty() && !self.is_over {
            let page = store.whole_rows(self.run, self.after, PAGE).await?;
            self.is_over = page.len() < PAGE;
            self.after = page.last().map(|(seq, _)| *seq).or(self.after);
            self.page.extend(page.into_iter().map(|(_, row)| row));
        }
        Ok(())
    }

    /// The next row, where it is at hand.
    pub fn front(&self) -> Option<&ReconRow> {
        self.page.front()
    }

    /// Goes past it.
    pub fn skip(&mut self) {
        self.page.pop_front();
    }

    /// Whether there are no more than those at hand.
    pub const fn is_over(&self) -> bool {
        self.is_over
    }
}

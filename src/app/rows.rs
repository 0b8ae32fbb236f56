//! The rows of a run, some at a time: for whoever looks at all of them, or at all that pass a filter.

use crate::ports::workspace::{Cursor, CursorValue, PageFrom, PageRequest, RowFilter, RowLine, Sort, SortColumn, StoreError, Workspace};
use std::ops::ControlFlow;

/// Rows of a page of a sort.
const PAGE: usize = 8_192;

/// Which rows, in which order.
#[derive(Debug, Clone)]
pub struct Rows {
    /// Of which run.
    pub run: i64,
    /// Which rows.
    pub filter: RowFilter,
    /// In which order.
    pub sort: Sort,
}

impl Rows {
    /// Calls for some at a time, in order, until all rows were seen or it fails.
    pub async fn each<W, E>(self, store: &W, mut look: impl FnMut(&[RowLine]) -> Result<(), E> + Send) -> Result<(), E>
    where
        W: Workspace + ?Sized,
        E: From<StoreError> + Send,
    {
        let Self { run, filter, sort } = self;
        if sort == Sort::default() {
            let mut seen = Ok(());
            let mut look = |rows: &[RowLine]| {
                seen = look(rows);
                if seen.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            };
            store.each_row(run, &filter, &mut look).await?;
            return seen;
        }
        let mut from = PageFrom::Start;
        loop {
            let page = store.page(&PageRequest { run, filter: filter.clone(), sort, from, limit: PAGE }).await?;
            let more = page.more_after;
            let last = page.rows.last().map(|(cursor, _)| cursor.clone());
            let rows: Vec<RowLine> = page.rows.into_iter().map(|(_, row)| row).collect();
            look(&rows)?;
            match last {
                Some(last) if more => from = PageFrom::After(last),
                _ => return Ok(()),
            }
        }
    }
}

/// A row by its number.
pub async fn row<W: Workspace + ?Sized>(store: &W, run: i64, seq: i64) -> Result<RowLine, StoreError> {
    let from = PageFrom::At(Cursor { seq, value: CursorValue::Integer(seq) });
    let sort = Sort { column: SortColumn::Key, descending: false };
    let page = store.page(&PageRequest { run, filter: RowFilter::default(), sort, from, limit: 1 }).await?;
    let row = page.rows.into_iter().next().map(|(_, line)| line).filter(|line| line.seq == seq);
    row.ok_or_else(|| StoreError::Absent { what: format!("row {seq} of run #{run}") })
}

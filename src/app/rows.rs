//! The rows of a run, page by page: for whoever looks at all of them, or at all that pass a filter.

use crate::ports::workspace::{Cursor, CursorValue, PageFrom, PageRequest, RowFilter, RowLine, Sort, SortColumn, StoreError, Workspace};

/// Which rows, in which order, so many at a time.
#[derive(Debug, Clone)]
pub struct Pages {
    /// Of which run.
    pub run: i64,
    /// Which rows.
    pub filter: RowFilter,
    /// In which order.
    pub sort: Sort,
    /// Rows of a page.
    pub size: usize,
}

impl Pages {
    /// Calls for each page, in order, until all rows were seen or it fails.
    pub async fn each<W, E>(self, store: &W, mut look: impl FnMut(Vec<RowLine>) -> Result<(), E>) -> Result<(), E>
    where
        W: Workspace + ?Sized,
        E: From<StoreError>,
    {
        let Self { run, filter, sort, size } = self;
        let mut from = PageFrom::Start;
        loop {
            let page = store.page(&PageRequest { run, filter: filter.clone(), sort, from, limit: size }).await?;
            let more = page.more_after;
            let last = page.rows.last().map(|(cursor, _)| cursor.clone());
            // In the room they have: a page of a report is megabytes.
            look(page.rows.into_iter().map(|(_, row)| row).collect())?;
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

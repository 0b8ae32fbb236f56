//! Looks for a row: by its id, or by a word in one of its texts, in the order of the table.

use crate::ports::workspace::{Cursor, PageFrom, PageRequest, RowFilter, RowPage, Sort, StoreError, Workspace};
use crate::tui::msg::{Landing, Seek};

/// Rows read on either side of the one that is found.
const AROUND: usize = 64;

/// Rows around the one that is sought among those of a filter; `None` where there is none.
pub(super) async fn land(
    workspace: &dyn Workspace,
    (run, filter, sort): (i64, &RowFilter, Sort),
    text: &str,
    seek: &Seek,
) -> Result<Option<Landing>, StoreError> {
    let page = |filter: RowFilter, from, limit| async move { workspace.page(&PageRequest { run, filter, sort, from, limit }).await };
    let first = |page: RowPage| page.rows.into_iter().next().map(|(cursor, _)| cursor);
    let last = |page: RowPage| page.rows.into_iter().next_back().map(|(cursor, _)| cursor);
    let with_text = || RowFilter { text: Some(text.to_owned()), ..filter.clone() };
    let found: Option<Cursor> = match seek {
        Seek::Id => {
            let by_key = first(page(RowFilter { key: Some(text.to_owned()), ..filter.clone() }, PageFrom::Start, 1).await?);
            match by_key {
                Some(cursor) => Some(cursor),
                // A filter has one free text: what is searched already is not searched within.
                None if filter.text.is_some() => None,
                None => first(page(with_text(), PageFrom::Start, 1).await?),
            }
        }
        _ if filter.text.is_some() => None,
        Seek::After(cursor) => first(page(with_text(), PageFrom::After(cursor.clone()), 1).await?),
        Seek::Before(cursor) => last(page(with_text(), PageFrom::Before(cursor.clone()), 1).await?),
    };
    let Some(cursor) = found else { return Ok(None) };
    let mut before = page(filter.clone(), PageFrom::Before(cursor.clone()), AROUND).await?;
    let mut from = page(filter.clone(), PageFrom::At(cursor), AROUND).await?;
    let at = before.rows.len();
    before.rows.append(&mut from.rows);
    let page = RowPage { rows: before.rows, more_before: before.more_before, more_after: from.more_after };
    Ok((at < page.rows.len()).then_some(Landing { page, at }))
}

//! The workspace by its port: what was written comes back, pages are exact, one writer at a time.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed expectation of a test is a failed test")]

#[path = "workspace/child.rs"]
mod child;
#[path = "workspace/damage.rs"]
mod damage;
#[path = "workspace/explanations.rs"]
mod explanations;
#[path = "workspace/gates.rs"]
mod gates;
#[path = "workspace/locking.rs"]
mod locking;
#[path = "workspace/older.rs"]
mod older;
#[path = "workspace/paging.rs"]
mod paging;
#[path = "workspace/recovery.rs"]
mod recovery;
#[path = "workspace/reviews.rs"]
mod reviews;
#[path = "workspace/round_trip.rs"]
mod round_trip;
#[path = "workspace/sample.rs"]
mod sample;
#[path = "workspace/staging.rs"]
mod staging;

use dualrun::adapters::workspace::Door;
use dualrun::ports::workspace::{PageFrom, PageRequest, RowFilter, RowLine, Sort, SortColumn, StoreError, Workspace, WorkspaceDoor, WorkspaceWriter};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

fn door(dir: &Path) -> Door {
    Door::new(dir, Arc::new(sample::Ticking::default()))
}

async fn writer(dir: &Path) -> Arc<dyn WorkspaceWriter> {
    door(dir).write("reconcile", "ana", Duration::from_secs(5)).await.unwrap()
}

/// All rows that pass a filter, as they are shown to who takes all of them.
async fn all(store: &(impl Workspace + ?Sized), run: i64, filter: &RowFilter) -> Result<Vec<RowLine>, StoreError> {
    let mut seen = Vec::new();
    let mut look = |rows: &[RowLine]| {
        seen.extend_from_slice(rows);
        ControlFlow::Continue(())
    };
    store.each_row(run, filter, &mut look).await.map(|()| seen)
}

/// The rows of the first run that pass a filter: one page of them, and where they come in stored order what is shown of all.
async fn page(store: &(impl Workspace + ?Sized), filter: &RowFilter, column: SortColumn) -> Vec<RowLine> {
    let sort = Sort { column, descending: column != SortColumn::Key };
    let request = PageRequest { run: 1, filter: filter.clone(), sort, from: PageFrom::Start, limit: 20_000 };
    let lines: Vec<RowLine> = store.page(&request).await.unwrap().rows.into_iter().map(|(_, line)| line).collect();
    assert_eq!(store.totals(1, filter).await.unwrap().rows, lines.len() as u64);
    if column == SortColumn::Key {
        assert_eq!(all(store, 1, filter).await.unwrap(), lines);
    }
    lines
}

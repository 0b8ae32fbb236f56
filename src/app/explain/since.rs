//! What changed between two runs of a month: both are read page by page in the order of their keys.

use super::rows::Rows;
use crate::app::error::AppError;
use crate::domain::evidence::Shelf;
use crate::domain::profile::ServiceProfile;
use crate::domain::row::ReconRow;
use crate::domain::run::{Run, RunState};
use crate::domain::side::Side;
use crate::domain::since::RowChange;
use crate::explain::since::{Ground, compare, one_sided};
use crate::ports::workspace::Workspace;
use chrono::NaiveDate;
use tokio_util::sync::CancellationToken;

/// Runs looked through for the one before.
const LOOKED: usize = 1_000;

/// The newest run of the same month before one that looked at all of it and has a result.
pub async fn run_before<W: Workspace + ?Sized>(store: &W, run: &Run) -> Result<Option<Run>, AppError> {
    let has_result = |r: &Run| matches!(r.state, RunState::Complete | RunState::Incomplete) && r.is_full();
    let same = |r: &Run| (&r.request.service, r.request.month) == (&run.request.service, run.request.month);
    Ok(store.runs(LOOKED).await?.into_iter().find(|r| r.id < run.id && same(r) && has_result(r)))
}

/// Where a row stands among those of a run.
fn order(row: &ReconRow) -> (&str, NaiveDate, bool, NaiveDate) {
    (row.key.raw(), row.period.start, row.subject.is_unlinked(), row.period.end)
}

/// Two runs, walked together.
pub struct Walk<'s, W: ?Sized> {
    store: &'s W,
    profile: &'s ServiceProfile,
    shelves: [Shelf; 2],
    before: Rows,
    after: Rows,
}

impl<'s, W: Workspace + ?Sized> Walk<'s, W> {
    /// From the first rows of an earlier run and a later one.
    pub async fn new(store: &'s W, [before, after]: [&Run; 2], profile: &'s ServiceProfile) -> Result<Self, AppError> {
        let shelves = [store.shelf(before.id, Side::Target).await?, store.shelf(after.id, Side::Target).await?];
        Ok(Self { store, profile, shelves, before: Rows::of(before.id), after: Rows::of(after.id) })
    }

    /// The changes of the next rows; `None` after the last.
    pub async fn next(&mut self, cancel: &CancellationToken) -> Result<Option<Vec<RowChange>>, AppError> {
        if cancel.is_cancelled() {
            return Err(AppError::Stopped("comparing two runs; nothing was written".to_owned()));
        }
        self.before.fill(self.store).await?;
        self.after.fill(self.store).await?;
        if self.before.front().is_none() && self.after.front().is_none() {
            return Ok(None);
        }
        let [old, new] = &self.shelves;
        let ground = Ground { shelves: [old, new], profile: &self.profile.target };
        let mut changes = Vec::new();
        // As far as both pages tell which row is next.
        loop {
            match (self.before.front(), self.after.front()) {
                (Some(old), Some(new)) if order(old) == order(new) => {
                    changes.extend(compare(old, new, &ground));
                    self.before.skip();
                    self.after.skip();
                }
                (Some(old), new) if new.is_some_and(|new| order(old) < order(new)) || (new.is_none() && self.after.is_over()) => {
                    changes.push(one_sided(old, false));
                    self.before.skip();
                }
                (old, Some(new)) if old.is_some() || self.before.is_over() => {
                    changes.push(one_sided(new, true));
                    self.after.skip();
                }
                _ => return Ok(Some(changes)),
            }
        }
    }
}

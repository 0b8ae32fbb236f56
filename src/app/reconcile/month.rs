//! One month of a reconciliation while its keys are judged.

use super::recheck::Recheck;
use crate::app::error::AppError;
use crate::app::inertness;
use crate::app::read::Reading;
use crate::domain::decode::RowError;
use crate::domain::period::Month;
use crate::domain::row::ReconRow;
use crate::domain::run::{RunRequest, RunState};
use crate::domain::side::Side;
use crate::integrity::notices::Notices;
use crate::integrity::{Inspection, Twice};
use crate::ledger::errors::RowErrors;
use crate::ledger::scope::Slot;
use crate::ports::workspace::{RunEnd, RunWriter, WorkspaceWriter};
use crate::reconcile::cell::{Cell, Held};
use crate::reconcile::digest::{self, Sequence, SetDigest};
use crate::reconcile::tally::{Tallier, Totals, Unbalanced};

/// Rows handed to the workspace at once.
const BATCH: usize = 64;

/// What a month is made of, and what it comes to so far.
pub(super) struct MonthRun<'a> {
    reading: &'a Reading,
    request: &'a RunRequest,
    pub slot: Slot,
    pub inspection: Inspection<'a>,
    tallier: Tallier,
    /// What moved on either side, for the digest.
    pub moved: [Sequence; 2],
    results: Sequence,
    recheck: Recheck,
    batch: Vec<ReconRow>,
}

/// What only the end of all judging tells, the same for every month.
pub(super) struct Judged<'a> {
    pub totals: Totals<'a>,
    pub catalogues: &'a [SetDigest; 2],
    pub errors: &'a RowErrors,
}

impl<'a> MonthRun<'a> {
    /// Begins a month with what was noticed while it was read.
    pub async fn begin(
        reading: &'a Reading,
        noticed: &Notices,
        slot: Slot,
        request: &'a RunRequest,
        store: &dyn WorkspaceWriter,
    ) -> Result<Self, AppError> {
        let mut notices = noticed.clone();
        for read in [&reading.actual, &reading.drafts] {
            if let Some(of_month) = read.notices.get(usize::from(slot)) {
                notices.absorb(of_month.clone());
            }
        }
        let twice = [&reading.actual, &reading.drafts].map(|read| Twice { documents: &read.documents, prints: &read.twice });
        Ok(Self {
            reading,
            request,
            slot,
            inspection: Inspection::new(&reading.books, notices, twice),
            tallier: Tallier::default(),
            moved: [Sequence::of("source"), Sequence::of("target")],
            results: Sequence::of("rows"),
            recheck: Recheck::of(request.recheck_of, store).await?,
            batch: Vec::with_capacity(BATCH),
        })
    }

    /// Its month.
    pub const fn month(&self) -> Month {
        self.request.month
    }

    /// Takes what was read of a key.
    pub fn cell(&mut self, cell: &Cell<'_>) {
        for (side, moved) in Side::BOTH.into_iter().zip(&mut self.moved) {
            digest::inputs(moved.pen(), &self.reading.books, cell, side);
        }
        self.inspection.cell(cell);
    }

    /// Takes documents without a subscription.
    pub fn unlinked(&mut self, both: &[Held<'_>; 2]) {
        for ((side, moved), held) in Side::BOTH.into_iter().zip(&mut self.moved).zip(both) {
            if !held.parts.is_empty() || !held.marks.is_empty() {
                digest::unlinked_inputs(moved.pen(), held);
                self.inspection.repeated(side, &held.parts);
            }
        }
    }

    /// Takes a row; `cell` is what it was made of, where it is of one key alone.
    pub fn row(&mut self, row: ReconRow, cell: Option<&Cell<'_>>) -> Result<(), AppError> {
        self.tallier.add(&row).map_err(|e| unbalanced(e, self.request.month, Some(&row)))?;
        self.inspection.row(&row, cell);
        digest::row(self.results.pen(), &row);
        self.recheck.compare(&row);
        self.batch.push(row);
        Ok(())
    }

    /// Hands rows to the workspace once there are enough of them, or in any case.
    pub async fn store(&mut self, writer: &mut dyn RunWriter, all: bool) -> Result<u64, AppError> {
        if self.batch.is_empty() || (!all && self.batch.len() < BATCH) {
            return Ok(0);
        }
        let rows = std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH));
        let n = u64::try_from(rows.len()).unwrap_or(0);
        writer.rows(rows).await?;
        Ok(n)
    }

    /// Proves that nothing vanished, and ends the month.
    pub fn end(self, judged: &Judged<'_>) -> Result<RunEnd, AppError> {
        let (month, reading) = (self.request.month, self.reading);
        let mut tally = self.tallier.finish(&reading.books, &judged.totals, self.slot).map_err(|e| unbalanced(e, month, None))?;
        let (rejected, count) = rejected(reading, judged.errors);
        tally.rejected = count;
        let [source, target] = self.moved;
        let [of_source, of_target] = judged.catalogues;
        let (source, target) = (digest::side(of_source, source), digest::side(of_target, target));
        let mut findings = self.inspection.finish();
        findings.extend(inertness::finding(&reading.inertness));
        Ok(RunEnd {
            state: if count == 0 { RunState::Complete } else { RunState::Incomplete },
            tally,
            digests: digest::digests(self.request, source, target, self.results),
            findings,
            rejected,
            recheck: self.recheck.outcome,
        })
    }
}

/// Sums that disagree are a bug; a sum that does not fit is the data's fault, and said with the row that filled it.
fn unbalanced(error: Unbalanced, month: Month, row: Option<&ReconRow>) -> AppError {
    match error {
        Unbalanced::Overflow => {
            let at = row.map_or_else(String::new, |r| format!(" at {}", r.key.shown(60)));
            AppError::TooMuch(format!(
                "{month}: the money of its rows does not fit a total{at} — check money_unit of both sides and the amounts of that row; nothing was published"
            ))
        }
        other => AppError::Bug(other.to_string()),
    }
}

fn rejected(reading: &Reading, errors: &RowErrors) -> (Vec<RowError>, u64) {
    let books = &reading.books;
    let (actual, drafts, usage) = (&reading.actual.documents.errors, &reading.drafts.documents.errors, &reading.usage.usage.errors);
    let mut all = RowErrors::default();
    for some in [&books.source.errors, &books.target.errors, actual, drafts, usage, errors] {
        all.absorb(some.clone());
    }
    let count = all.count();
    (all.sorted(), count)
}

//! One month of a reconciliation while its keys are judged.

use super::desk::{Hashed, Remark};
use super::recheck::Recheck;
use crate::app::error::AppError;
use crate::app::inertness;
use crate::app::read::Reading;
use crate::domain::decode::RowError;
use crate::domain::period::Month;
use crate::domain::run::{RunRequest, RunState};
use crate::integrity::Noted;
use crate::integrity::notices::Notices;
use crate::ledger::errors::RowErrors;
use crate::ledger::scope::Slot;
use crate::ports::workspace::RunEnd;
use crate::reconcile::digest::{self, Sequence, SetDigest};
use crate::reconcile::tally::{Totals, Unbalanced};

/// What a month is made of, and what it comes to so far.
pub(super) struct MonthRun<'a> {
    reading: &'a Reading,
    request: &'a RunRequest,
    slot: Slot,
    /// What was noticed while it was read.
    noted: Noted,
    /// What moved on either side, for the digest.
    moved: [Sequence; 2],
    results: Sequence,
}

/// What only the end of all judging tells, the same for every month.
pub(super) struct Judged<'a> {
    pub totals: Totals<'a>,
    pub catalogues: &'a [SetDigest; 2],
    pub errors: &'a RowErrors,
}

impl<'a> MonthRun<'a> {
    /// Begins a month with what was noticed while it was read.
    pub fn begin(reading: &'a Reading, noticed: &Notices, slot: Slot, request: &'a RunRequest) -> Self {
        let mut notices = noticed.clone();
        for read in [&reading.actual, &reading.drafts] {
            if let Some(of_month) = read.notices.get(usize::from(slot)) {
                notices.absorb(of_month.clone());
            }
        }
        let moved = [Sequence::of("source"), Sequence::of("target")];
        Self { reading, request, slot, noted: Noted::before(notices), moved, results: Sequence::of("rows") }
    }

    /// Takes what keys came to, in their order, as the digest takes it.
    pub fn take(&mut self, of: &Hashed) {
        for (moved, pen) in self.moved.iter_mut().zip(&of.inputs) {
            moved.take(pen);
        }
        self.results.take(&of.results);
    }

    /// Proves that nothing vanished, and ends the month.
    pub fn end(mut self, judged: &Judged<'_>, remark: Remark, recheck: &Recheck) -> Result<RunEnd, AppError> {
        let (month, reading) = (self.request.month, self.reading);
        self.noted.absorb(remark.noted);
        let mut tally = remark.tallier.finish(&reading.books, &judged.totals, self.slot).map_err(|e| unbalanced(&e, month))?;
        let (rejected, count) = rejected(reading, judged.errors);
        tally.rejected = count;
        tally.usage_reading.clone_from(&reading.usage.told);
        let [source, target] = self.moved;
        let [of_source, of_target] = judged.catalogues;
        let (source, target) = (digest::side(of_source, source), digest::side(of_target, target));
        let mut findings = self.noted.findings(&reading.books);
        findings.extend(inertness::finding(&reading.inertness));
        Ok(RunEnd {
            state: if count == 0 { RunState::Complete } else { RunState::Incomplete },
            tally,
            digests: digest::digests(self.request, source, target, self.results),
            findings,
            rejected,
            recheck: recheck.outcome(remark.met),
        })
    }
}

/// Sums that disagree are a bug; a sum that does not fit is the data's fault, and said with the row that fills it most.
fn unbalanced(error: &Unbalanced, month: Month) -> AppError {
    match error {
        Unbalanced::Overflow { .. } => {
            AppError::TooMuch(format!("{month}: {error} — check money_unit of both sides and the amounts of that row; nothing was published"))
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

//! One month of a reconciliation while its keys are judged.

use super::recheck::Recheck;
use crate::app::error::AppError;
use crate::app::inertness;
use crate::app::read::Reading;
use crate::domain::decode::RowError;
use crate::domain::pack::Pen;
use crate::domain::period::Month;
use crate::domain::row::ReconRow;
use crate::domain::run::{RunRequest, RunState};
use crate::integrity::Noted;
use crate::integrity::notices::Notices;
use crate::ledger::errors::RowErrors;
use crate::ledger::scope::Slot;
use crate::ports::workspace::{RunEnd, RunWriter, WorkspaceWriter};
use crate::reconcile::digest::{self, Sequence, SetDigest};
use crate::reconcile::tally::{Tallier, Totals, Unbalanced};

/// Rows handed to the workspace at once.
const BATCH: usize = 64;

/// What a month is made of, and what it comes to so far.
pub(super) struct MonthRun<'a> {
    reading: &'a Reading,
    request: &'a RunRequest,
    slot: Slot,
    /// What its checks noticed.
    pub noted: Noted,
    tallier: Tallier,
    /// What moved on either side, for the digest.
    moved: [Sequence; 2],
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
        Ok(Self {
            reading,
            request,
            slot,
            noted: Noted::before(notices),
            tallier: Tallier::default(),
            moved: [Sequence::of("source"), Sequence::of("target")],
            results: Sequence::of("rows"),
            recheck: Recheck::of(request.recheck_of, store).await?,
            batch: Vec::with_capacity(BATCH),
        })
    }

    /// Takes what was read, side by side, as the digest takes it.
    pub fn inputs(&mut self, inputs: &[Pen; 2]) {
        for (moved, pen) in self.moved.iter_mut().zip(inputs) {
            moved.pen().append(pen);
        }
    }

    /// Takes a row.
    pub fn row(&mut self, row: ReconRow) -> Result<(), AppError> {
        self.tallier.add(&row).map_err(|e| unbalanced(e, self.request.month, Some(&row)))?;
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
        let mut findings = self.noted.findings(&reading.books);
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

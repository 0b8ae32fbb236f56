//! Part by part, key by key, over all months at once.

use super::month::{Judged, MonthRun};
use crate::app::error::AppError;
use crate::app::progress::{Observer, Progress};
use crate::app::read::{Gathered, Reading};
use crate::domain::contract::Entity;
use crate::domain::decode::{Reason, RowError};
use crate::domain::key::{Key, UUID_TEXT};
use crate::domain::pack::Pen;
use crate::domain::row::ReconRow;
use crate::domain::side::Side;
use crate::ledger::books::{Books, Party};
use crate::ledger::errors::RowErrors;
use crate::ledger::scope::Slot;
use crate::ports::workspace::{RunEnd, RunWriter};
use crate::reconcile::cell::Cell;
use crate::reconcile::digest::{self, SetDigest};
use crate::reconcile::month::{Outcome, outcome, unlinked};
use crate::reconcile::orders::together;
use crate::reconcile::slice::{About, Slice};
use crate::reconcile::tally::Totals;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Keys judged between two words of progress.
const TOLD: u64 = 2_000;

/// Judges everything and hands the rows to the writers, one a month. Ends each month, publishes none.
pub(super) async fn judge_all(
    reading: &Reading,
    mut gathered: Gathered,
    months: Vec<MonthRun<'_>>,
    writers: &mut [Box<dyn RunWriter>],
    observer: &Arc<dyn Observer>,
    cancel: &CancellationToken,
) -> Result<Vec<RunEnd>, AppError> {
    let books = &*reading.books;
    let mut judging = Judging { reading, months, waiting: Vec::new(), next: 0, named: 0, repeated: 0, overflown: 0, errors: RowErrors::default() };
    if books.any_together() {
        let movements = gathered.part(books.together())?;
        judging.together(&Slice::new(books, &reading.usage.usage.metrics, books.together(), &movements))?;
    }
    let of = u64::try_from(books.keys.len()).unwrap_or(u64::MAX);
    let (mut keys, mut rows, mut told) = (0u64, 0u64, 0u64);
    for part in 0..books.parts() {
        if cancel.is_cancelled() {
            return Err(AppError::Stopped("judging; nothing was published".to_owned()));
        }
        let movements = gathered.part(part)?;
        let slice = Slice::new(books, &reading.usage.usage.metrics, part, &movements);
        for (about, place) in slice.abouts() {
            judging.waiting_before(Some(about))?;
            judging.about(&slice, about, place)?;
            for (month, writer) in judging.months.iter_mut().zip(writers.iter_mut()) {
                rows += month.store(writer.as_mut(), false).await?;
            }
            keys += u64::from(matches!(about, About::Party(Party { id: Some(_), .. })));
            if keys >= told + TOLD {
                told = keys;
                observer.hear(Progress::Judged { keys, of, rows });
                tokio::task::yield_now().await;
            }
        }
    }
    judging.waiting_before(None)?;
    for (month, writer) in judging.months.iter_mut().zip(writers.iter_mut()) {
        rows += month.store(writer.as_mut(), true).await?;
    }
    observer.hear(Progress::Judged { keys: of, of, rows });
    judging.end()
}

struct Judging<'a> {
    reading: &'a Reading,
    months: Vec<MonthRun<'a>>,
    /// What was judged together, in the order of its keys, until that order comes to it.
    waiting: Vec<Waiting>,
    next: usize,
    named: u64,
    repeated: u64,
    overflown: u64,
    errors: RowErrors,
}

struct Waiting {
    key: Key,
    late: u8,
    slot: Slot,
    what: What,
}

enum What {
    /// What was read of the key on either side, as the digest takes it.
    Inputs([Pen; 2]),
    Row(Box<ReconRow>),
}

impl<'a> Judging<'a> {
    /// Judges everything whose money may not split, all at once: its rows wait for their place among the others.
    fn together<'s>(&mut self, slice: &Slice<'s>) -> Result<(), AppError>
    where
        'a: 's,
    {
        let books = &*self.reading.books;
        for at in 0..self.months.len() {
            let slot = self.months[at].slot;
            let mut cells: BTreeMap<Key, Cell<'_>> = BTreeMap::new();
            for (about, place) in slice.abouts() {
                let About::Party(party) = about else { continue };
                let cell = slice.cell(party, place, slot);
                self.count(&cell);
                self.months[at].inspection.cell(&cell);
                let mut inputs = [Pen::default(), Pen::default()];
                for (side, pen) in Side::BOTH.into_iter().zip(&mut inputs) {
                    digest::inputs(pen, books, &cell, side);
                }
                let key = party.key.to_key();
                self.waiting.push(Waiting { key: key.clone(), late: about.late(books), slot, what: What::Inputs(inputs) });
                cells.insert(key, cell);
            }
            for (key, outcome) in together(books, &cells) {
                let late = About::Party(books.party(key.as_ref())).late(books);
                match outcome {
                    Outcome::Row(row) => self.waiting.push(Waiting { key, late, slot, what: What::Row(row) }),
                    other => {
                        if let Some(cell) = cells.get(&key) {
                            self.take(at, cell, other)?;
                        }
                    }
                }
            }
        }
        self.waiting.sort_by(|a, b| (&a.key, a.late, a.slot).cmp(&(&b.key, b.late, b.slot)));
        Ok(())
    }

    /// Takes what waits before a place in the order of keys, or all that is left.
    fn waiting_before(&mut self, about: Option<About<'_>>) -> Result<(), AppError> {
        let books = &*self.reading.books;
        let mut buffer = [0; UUID_TEXT];
        while let Some(first) = self.waiting.get_mut(self.next) {
            if let Some(about) = &about
                && (first.key.as_str(), first.late) > (about.text(&mut buffer), about.late(books))
            {
                break;
            }
            let month = &mut self.months[usize::from(first.slot)];
            match std::mem::replace(&mut first.what, What::Inputs([Pen::default(), Pen::default()])) {
                What::Inputs(inputs) => {
                    for (moved, pen) in month.moved.iter_mut().zip(&inputs) {
                        moved.pen().append(pen);
                    }
                }
                What::Row(row) => month.row(*row, None)?,
            }
            self.next += 1;
        }
        Ok(())
    }

    /// Judges a key, or documents without one, in every month.
    fn about<'s>(&mut self, slice: &Slice<'s>, about: About<'s>, place: u32) -> Result<(), AppError>
    where
        'a: 's,
    {
        let books = &*self.reading.books;
        for at in 0..self.months.len() {
            let slot = self.months[at].slot;
            match about {
                About::Party(party) => {
                    let cell = slice.cell(party, place, slot);
                    self.count(&cell);
                    self.months[at].cell(&cell);
                    let outcome = outcome(books, &cell);
                    self.take(at, &cell, outcome)?;
                }
                About::Unlinked(_) => {
                    let both = slice.unlinked(place, slot);
                    let month = &mut self.months[at];
                    month.unlinked(&both);
                    if books.scope.is_full() {
                        for part in &both[0].parts {
                            month.row(unlinked(books, part, month.month()), None)?;
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn take<'s>(&mut self, at: usize, cell: &Cell<'s>, outcome: Outcome) -> Result<(), AppError>
    where
        'a: 's,
    {
        let month = &mut self.months[at];
        match outcome {
            Outcome::Row(row) => month.row(*row, Some(cell))?,
            Outcome::Unbilled => month.inspection.unbilled(cell),
            Outcome::IdleUsage => month.inspection.idle_usage(cell),
            Outcome::Nothing => {}
        }
        Ok(())
    }

    fn count(&mut self, cell: &Cell<'_>) {
        let usage = &cell.usage;
        self.named += usage.in_period;
        self.repeated += u64::try_from(usage.repeated.len()).unwrap_or(u64::MAX);
        self.overflown += u64::try_from(usage.overflows.len()).unwrap_or(u64::MAX);
        for quantity in &usage.overflows {
            self.errors.push(RowError {
                side: self.reading.books.profile.usage_from,
                entity: Entity::Usage,
                id: crate::domain::text::shown(cell.party.key.to_key().as_str(), 120),
                column: "quantity".to_owned(),
                raw: quantity.to_string(),
                reason: Reason::Overflow,
            });
        }
    }

    fn end(self) -> Result<Vec<RunEnd>, AppError> {
        let Self { reading, months, named, repeated, overflown, errors, .. } = self;
        let books: &Books = &reading.books;
        let catalogues: [SetDigest; 2] = Side::BOTH.map(|side| digest::catalogue(books, side));
        let (actual, drafts, usage) = (&reading.actual.documents, &reading.drafts.documents, &reading.usage.usage);
        let totals = Totals { actual, drafts, usage, named, repeated, overflown };
        let judged = Judged { totals, catalogues: &catalogues, errors: &errors };
        months.into_iter().map(|month| month.end(&judged)).collect()
    }
}

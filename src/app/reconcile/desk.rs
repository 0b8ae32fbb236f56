//! One who judges keys: what is read of them goes in, packed rows, sums and notes come out. Several work at once, each on a part
//! of the book.

use super::recheck::{Met, Recheck};
use crate::app::read::{Reading, bent};
use crate::domain::contract::Entity;
use crate::domain::decode::{Reason, RowError};
use crate::domain::evidence::Evidence;
use crate::domain::key::Key;
use crate::domain::pack::{Bent, Pen};
use crate::domain::row::{ReconRow, Subject};
use crate::domain::side::Side;
use crate::integrity::{Inspection, Noted, Twice};
use crate::ledger::errors::RowErrors;
use crate::ledger::scope::Slot;
use crate::ports::workspace::{RowBundle, StoreError};
use crate::reconcile::cell::Cell;
use crate::reconcile::digest;
use crate::reconcile::evidence::evidence;
use crate::reconcile::known::Known;
use crate::reconcile::month::{Outcome, outcome, unlinked};
use crate::reconcile::orders::together;
use crate::reconcile::slice::{About, Slice};
use crate::reconcile::tally::Tallier;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What some keys came to, in the order of their keys.
pub(super) struct Sheet {
    /// By slot.
    pub months: Vec<OfMonth>,
    /// How many keys of the catalogues it is about.
    pub keys: u64,
}

/// What keys came to in a month.
pub(super) struct OfMonth {
    /// What the digest takes of them.
    pub hashed: Hashed,
    /// Their rows, packed.
    pub rows: Box<dyn RowBundle>,
}

/// What the digest takes of some keys in a month.
#[derive(Default)]
pub(super) struct Hashed {
    /// What was read of them on either side.
    pub inputs: [Pen; 2],
    /// Their rows.
    pub results: Pen,
}

/// What was hashed already, to be written in again: most of the bytes that go from a desk to the digest, in memory that would else be
/// taken on one thread and given back on another, a sheet at a time.
#[derive(Default)]
pub(super) struct Spare(Mutex<Vec<Hashed>>);

impl Spare {
    /// Keeps the room of what was hashed.
    pub fn keep(&self, mut hashed: Hashed) {
        hashed.inputs.iter_mut().chain([&mut hashed.results]).for_each(Pen::clear);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(hashed);
    }

    fn get(&self) -> Hashed {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }
}

impl Sheet {
    /// Whether it should be handed over.
    pub fn is_full(&self) -> bool {
        self.months.iter().any(|month| month.rows.is_full())
    }
}

/// What was judged together, until the order of keys comes to it.
pub(super) struct Waiting {
    pub key: Key,
    pub late: u8,
    pub slot: Slot,
    pub what: What,
}

/// What waits.
pub(super) enum What {
    /// What was read of the key on either side, as the digest takes it.
    Inputs([Pen; 2]),
    /// A row, and what is kept beside it.
    Row(Box<ReconRow>, Option<Box<Evidence>>),
}

/// What a desk counted and noticed beside its rows.
#[derive(Debug, Default)]
pub(super) struct Remarks {
    /// By slot.
    pub months: Vec<Remark>,
    /// Usage records that were told apart by their names, and added.
    pub named: u64,
    /// Usage records that came again under one name.
    pub repeated: u64,
    /// Sums of usage that did not fit: of each, one record is told as unreadable.
    pub overflown: u64,
    /// Those, as errors of their rows.
    pub errors: RowErrors,
}

/// The same of one month.
#[derive(Debug, Default)]
pub(super) struct Remark {
    pub noted: Noted,
    pub tallier: Tallier,
    pub met: Met,
}

impl Remarks {
    /// Takes over those of another desk.
    pub fn absorb(&mut self, other: Self) {
        self.months.resize_with(self.months.len().max(other.months.len()), Remark::default);
        for (ours, theirs) in self.months.iter_mut().zip(other.months) {
            ours.noted.absorb(theirs.noted);
            ours.tallier.absorb(theirs.tallier);
            ours.met.absorb(theirs.met);
        }
        self.named += other.named;
        self.repeated += other.repeated;
        self.overflown += other.overflown;
        self.errors.absorb(other.errors);
    }
}

/// Judges keys over all months.
pub(super) struct Desk<'a> {
    reading: &'a Reading,
    rechecks: &'a [Recheck],
    inspections: Vec<Inspection<'a>>,
    sums: Vec<(Tallier, Met)>,
    remarks: Remarks,
    /// What rows are put into, empty.
    bundle: Box<dyn RowBundle>,
    spare: Arc<Spare>,
}

impl<'a> Desk<'a> {
    /// One for the months of the reading; `bundle` is what their rows are put into, `spare` what the digest takes of them.
    pub fn new(reading: &'a Reading, rechecks: &'a [Recheck], bundle: Box<dyn RowBundle>, spare: &Arc<Spare>) -> Self {
        let twice = [&reading.actual, &reading.drafts].map(|read| Twice { documents: &read.documents, prints: &read.twice });
        let months = reading.books.scope.len();
        let inspections = (0..months).map(|_| Inspection::new(&reading.books, twice)).collect();
        let sums = (0..months).map(|_| Default::default()).collect();
        Self { reading, rechecks, inspections, sums, remarks: Remarks::default(), bundle, spare: Arc::clone(spare) }
    }

    /// An empty sheet.
    pub fn sheet(&self) -> Sheet {
        let of_month = |_: &_| OfMonth { hashed: self.spare.get(), rows: self.bundle.another() };
        Sheet { months: self.sums.iter().map(of_month).collect(), keys: 0 }
    }

    /// Puts a row onto a sheet.
    fn lay(&mut self, at: usize, row: &ReconRow, evidence: Option<&Evidence>, sheet: &mut Sheet) -> Result<(), StoreError> {
        let (of, (tallier, met)) = (&mut sheet.months[at], &mut self.sums[at]);
        digest::row(&mut of.hashed.results, row);
        tallier.add(row);
        self.rechecks[at].compare(row, met);
        of.rows.take(row, evidence)
    }

    /// Puts onto a sheet what was judged together.
    pub fn place(&mut self, waiting: Waiting, sheet: &mut Sheet) -> Result<(), StoreError> {
        let at = usize::from(waiting.slot);
        match waiting.what {
            What::Inputs(inputs) => sheet.months[at].hashed.inputs.iter_mut().zip(&inputs).for_each(|(all, one)| all.append(one)),
            What::Row(row, evidence) => self.lay(at, &row, evidence.as_deref(), sheet)?,
        }
        Ok(())
    }

    fn slots(&self) -> impl Iterator<Item = (usize, Slot)> + use<> {
        (0..self.inspections.len()).zip(0..)
    }

    /// Judges a key, or documents without one, in every month.
    pub fn about<'s>(&mut self, slice: &Slice<'s>, about: About<'s>, place: u32, sheet: &mut Sheet) -> Result<(), StoreError>
    where
        'a: 's,
    {
        match about {
            About::Party(party) => self.party(slice, &Known::new(&self.reading.books, party), place, sheet),
            About::Unlinked(_) => self.unlinked(slice, place, sheet),
        }
    }

    fn party<'s>(&mut self, slice: &Slice<'s>, known: &Known<'s>, place: u32, sheet: &mut Sheet) -> Result<(), StoreError> {
        for (at, slot) in self.slots() {
            let cell = slice.cell(known, place, slot).map_err(bent)?;
            self.look(at, &cell, &mut sheet.months[at].hashed.inputs);
            let outcome = outcome(&self.reading.books, &cell);
            if let Some(row) = self.take(at, &cell, outcome) {
                let beside = evidence(&self.reading.books, &row, std::iter::once(&cell)).map_err(bent)?;
                self.lay(at, &row, beside.as_ref(), sheet)?;
            }
        }
        Ok(())
    }

    fn unlinked(&mut self, slice: &Slice<'_>, place: u32, sheet: &mut Sheet) -> Result<(), StoreError> {
        let books = &*self.reading.books;
        for (at, slot) in self.slots() {
            let both = slice.unlinked(place, slot).map_err(bent)?;
            for ((side, pen), held) in Side::BOTH.into_iter().zip(&mut sheet.months[at].hashed.inputs).zip(&both) {
                if !held.parts.is_empty() || !held.marks.is_empty() {
                    digest::unlinked_inputs(pen, held);
                    self.inspections[at].repeated(side, &held.parts);
                }
            }
            if books.scope.is_full() {
                for part in &both[0].parts {
                    let row = unlinked(books, part, books.scope.month(slot));
                    self.inspections[at].row(&row, None);
                    self.lay(at, &row, None, sheet)?;
                }
            }
        }
        Ok(())
    }

    /// Judges everything whose money may not split, all at once, in the order of its keys.
    pub fn together<'s>(&mut self, slice: &Slice<'s>) -> Result<Vec<Waiting>, Bent>
    where
        'a: 's,
    {
        let books = &*self.reading.books;
        let mut waiting = Vec::new();
        let of_party = |(about, place)| match about {
            About::Party(party) => Some((Known::new(books, party), place)),
            About::Unlinked(_) => None,
        };
        let all: Vec<(Known<'_>, u32)> = slice.abouts().filter_map(of_party).collect();
        for (at, slot) in self.slots() {
            let mut cells: BTreeMap<Key, Cell<'_>> = BTreeMap::new();
            for (known, place) in &all {
                let cell = slice.cell(known, *place, slot)?;
                let mut inputs = <[Pen; 2]>::default();
                self.look(at, &cell, &mut inputs);
                let key = known.party.key.to_key();
                let late = About::Party(known.party).late(books);
                waiting.push(Waiting { key: key.clone(), late, slot, what: What::Inputs(inputs) });
                cells.insert(key, cell);
            }
            for (key, outcome) in together(books, &cells) {
                let late = About::Party(books.party(key.as_ref())).late(books);
                let row = match outcome {
                    // An order's row is of no one key.
                    Outcome::Row(row) if row.subject == Subject::Order => {
                        self.inspections[at].row(&row, None);
                        Some(row)
                    }
                    outcome => cells.get(&key).and_then(|cell| self.take(at, cell, outcome)),
                };
                let Some(row) = row else { continue };
                // An order's row stands for its deployments as well.
                let deployments: Vec<Key> = row.deployments.iter().map(|d| Key::stored(d.raw())).collect();
                let met = std::iter::once(&key).chain(&deployments).filter_map(|key| cells.get(key));
                let beside = evidence(books, &row, met)?.map(Box::new);
                waiting.push(Waiting { key, late, slot, what: What::Row(row, beside) });
            }
        }
        waiting.sort_by(|a, b| (&a.key, a.late, a.slot).cmp(&(&b.key, b.late, b.slot)));
        Ok(waiting)
    }

    fn look(&mut self, at: usize, cell: &Cell<'_>, inputs: &mut [Pen; 2]) {
        for (side, pen) in Side::BOTH.into_iter().zip(inputs) {
            digest::inputs(pen, &self.reading.books, cell, side);
        }
        self.inspections[at].cell(cell);
        self.count(cell);
    }

    fn take(&mut self, at: usize, cell: &Cell<'_>, outcome: Outcome) -> Option<Box<ReconRow>> {
        let inspection = &mut self.inspections[at];
        match outcome {
            Outcome::Row(row) => {
                inspection.row(&row, Some(cell));
                return Some(row);
            }
            Outcome::Unbilled => inspection.unbilled(cell),
            Outcome::IdleUsage => inspection.idle_usage(cell),
            Outcome::Nothing => {}
        }
        None
    }

    fn count(&mut self, cell: &Cell<'_>) {
        let (usage, remarks) = (&cell.usage, &mut self.remarks);
        remarks.named += usage.in_period;
        remarks.repeated += u64::try_from(usage.repeated.len()).unwrap_or(u64::MAX);
        remarks.overflown += u64::try_from(usage.overflows.len()).unwrap_or(u64::MAX);
        for metric in &usage.overflows {
            remarks.errors.push(RowError {
                side: self.reading.books.profile.usage_from,
                entity: Entity::Usage,
                id: crate::domain::text::shown(cell.known.key.raw(), 120),
                column: "quantity".to_owned(),
                raw: crate::domain::text::shown(metric, 60),
                reason: Reason::Overflow,
            });
        }
    }

    /// What it counted and noticed.
    pub fn remarks(self) -> Remarks {
        let months = self.inspections.into_iter().zip(self.sums);
        let months = months.map(|(inspection, (tallier, met))| Remark { noted: inspection.noted, tallier, met }).collect();
        Remarks { months, ..self.remarks }
    }
}

//! Part by part, key by key, over all months at once: desks judge parts of the book side by side, and what they come to is taken in
//! the order of the keys.

use super::desk::{Desk, Remarks, Sheet, Waiting, What};
use super::month::{Judged, MonthRun};
use crate::app::error::AppError;
use crate::app::progress::{Observer, Progress};
use crate::app::read::{Gathered, Reading, bent};
use crate::domain::key::UUID_TEXT;
use crate::domain::pack::Pen;
use crate::domain::side::Side;
use crate::ledger::books::Party;
use crate::ports::workspace::{RunEnd, RunWriter, StoreError};
use crate::reconcile::digest::{self, SetDigest};
use crate::reconcile::slice::{About, Movements, Slice};
use crate::reconcile::tally::Totals;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::available_parallelism;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Keys judged between two words of progress.
const TOLD: u64 = 2_000;
/// Rows of a sheet, about.
const SHEET: usize = 64;
/// Sheets of a part that may wait for their turn.
const AHEAD: usize = 4;
/// Desks at most: beyond them the one that takes the sheets is too slow.
const DESKS: usize = 4;

/// Judges everything and hands the rows to the writers, one a month. Ends each month, publishes none.
pub(super) async fn judge_all(
    reading: &Arc<Reading>,
    mut gathered: Gathered,
    months: Vec<MonthRun<'_>>,
    writers: &mut [Box<dyn RunWriter>],
    observer: &Arc<dyn Observer>,
    cancel: &CancellationToken,
) -> Result<Vec<RunEnd>, AppError> {
    let books = &*reading.books;
    let mut taking = Taking { reading, months, waiting: Vec::new(), next: 0 };
    let mut remarks = Remarks::default();
    if books.any_together() {
        let movements = gathered.part(books.together())?;
        let mut desk = Desk::new(reading);
        let slice = Slice::new(books, &reading.usage.usage.metrics, books.together(), &movements).map_err(bent)?;
        taking.waiting = desk.together(&slice).map_err(bent)?;
        remarks.absorb(desk.remarks());
    }
    let of = u64::try_from(books.keys.len()).unwrap_or(u64::MAX);
    let (mut keys, mut rows, mut told) = (0u64, 0u64, 0u64);
    let (mut desks, parts) = Parts::spread(reading, gathered, !taking.waiting.is_empty());
    for mut part in parts {
        while let Some(sheet) = part.recv().await {
            let Turn { before, sheet } = sheet?;
            if cancel.is_cancelled() {
                return Err(AppError::Stopped("judging; nothing was published".to_owned()));
            }
            if let Some((key, late)) = &before {
                taking.waiting_before(Some((key.as_str(), *late)))?;
            }
            keys += sheet.keys;
            taking.sheet(sheet)?;
            for (month, writer) in taking.months.iter_mut().zip(writers.iter_mut()) {
                rows += month.store(writer.as_mut(), false).await?;
            }
            if keys >= told + TOLD {
                told = keys;
                observer.hear(Progress::Judged { keys, of, rows });
            }
        }
    }
    taking.waiting_before(None)?;
    for (month, writer) in taking.months.iter_mut().zip(writers.iter_mut()) {
        rows += month.store(writer.as_mut(), true).await?;
    }
    while let Some(desk) = desks.join_next().await {
        remarks.absorb(desk.map_err(|e| AppError::Bug(format!("a desk ended: {e}")))?);
    }
    observer.hear(Progress::Judged { keys: of, of, rows });
    taking.end(remarks)
}

/// What comes in turn: a sheet, and where in the order of keys it begins, where something waits for its place there.
struct Turn {
    before: Option<(String, u8)>,
    sheet: Sheet,
}

/// Where a desk hands over what comes in turn, or why nothing more does.
type Turns = Sender<Result<Turn, StoreError>>;

/// The parts of the book, taken by desks one after another.
struct Parts {
    reading: Arc<Reading>,
    gathered: Mutex<Gathered>,
    next: AtomicUsize,
    turns: Vec<Mutex<Option<Turns>>>,
    /// Whether every key is a turn of its own, because others wait for their place among them.
    singly: bool,
}

impl Parts {
    /// Spreads the parts over desks; what comes back are the parts' turns, in the order of the book.
    fn spread(reading: &Arc<Reading>, gathered: Gathered, singly: bool) -> (JoinSet<Remarks>, Vec<Receiver<Result<Turn, StoreError>>>) {
        let (turns, receivers) = (0..reading.books.parts()).map(|_| channel(AHEAD)).map(|(s, r)| (Mutex::new(Some(s)), r)).unzip();
        let parts = Arc::new(Self { reading: Arc::clone(reading), gathered: Mutex::new(gathered), next: AtomicUsize::new(0), turns, singly });
        let mut desks = JoinSet::new();
        for _ in 0..available_parallelism().map_or(1, std::num::NonZero::get).min(DESKS) {
            let parts = Arc::clone(&parts);
            desks.spawn_blocking(move || parts.work());
        }
        (desks, receivers)
    }

    /// One desk: takes parts until none is left, or nobody takes its sheets any more.
    fn work(&self) -> Remarks {
        let mut desk = Desk::new(&self.reading);
        loop {
            let part = self.next.fetch_add(1, Ordering::SeqCst);
            let Some(turns) = self.turns.get(part).and_then(|t| t.lock().unwrap_or_else(PoisonError::into_inner).take()) else { break };
            let judged = self.part(part).and_then(|movements| self.judge(&mut desk, part, &movements, &turns));
            match judged {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    let _ = turns.blocking_send(Err(error));
                    break;
                }
            }
        }
        desk.remarks()
    }

    fn part(&self, part: usize) -> Result<Movements, StoreError> {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner).part(part)
    }

    /// Judges a part; false where nobody takes its sheets any more.
    fn judge(&self, desk: &mut Desk<'_>, part: usize, movements: &Movements, turns: &Turns) -> Result<bool, StoreError> {
        let books = &*self.reading.books;
        let months = books.scope.len();
        let slice = Slice::new(books, &self.reading.usage.usage.metrics, part, movements).map_err(bent)?;
        let mut turn = Turn { before: None, sheet: Sheet::new(months) };
        let mut buffer = [0; UUID_TEXT];
        for (about, place) in slice.abouts() {
            if self.singly {
                turn.before = Some((about.text(&mut buffer).to_owned(), about.late(books)));
            }
            desk.about(&slice, about, place, &mut turn.sheet).map_err(bent)?;
            turn.sheet.keys += u64::from(matches!(about, About::Party(Party { id: Some(_), .. })));
            if self.singly || turn.sheet.rows.len() >= SHEET {
                let full = std::mem::replace(&mut turn, Turn { before: None, sheet: Sheet::new(months) });
                if turns.blocking_send(Ok(full)).is_err() {
                    return Ok(false);
                }
            }
        }
        Ok(turns.blocking_send(Ok(turn)).is_ok())
    }
}

/// Takes what was judged in the order of the keys.
struct Taking<'a> {
    reading: &'a Reading,
    months: Vec<MonthRun<'a>>,
    /// What was judged together, in the order of its keys, until that order comes to it.
    waiting: Vec<Waiting>,
    next: usize,
}

impl Taking<'_> {
    /// Takes what waits before a place in the order of keys, or all that is left.
    fn waiting_before(&mut self, place: Option<(&str, u8)>) -> Result<(), AppError> {
        while let Some(first) = self.waiting.get_mut(self.next) {
            if place.is_some_and(|place| (first.key.as_str(), first.late) > place) {
                break;
            }
            let month = &mut self.months[usize::from(first.slot)];
            match std::mem::replace(&mut first.what, What::Inputs(<[Pen; 2]>::default())) {
                What::Inputs(inputs) => month.inputs(&inputs),
                What::Row(row) => month.row(*row)?,
            }
            self.next += 1;
        }
        Ok(())
    }

    fn sheet(&mut self, sheet: Sheet) -> Result<(), AppError> {
        for (month, inputs) in self.months.iter_mut().zip(&sheet.inputs) {
            month.inputs(inputs);
        }
        for (slot, row) in sheet.rows {
            self.months[usize::from(slot)].row(row)?;
        }
        Ok(())
    }

    fn end(self, mut remarks: Remarks) -> Result<Vec<RunEnd>, AppError> {
        let Self { reading, mut months, .. } = self;
        for (month, noted) in months.iter_mut().zip(std::mem::take(&mut remarks.noted)) {
            month.noted.absorb(noted);
        }
        let catalogues: [SetDigest; 2] = Side::BOTH.map(|side| digest::catalogue(&reading.books, side));
        let (actual, drafts, usage) = (&reading.actual.documents, &reading.drafts.documents, &reading.usage.usage);
        let Remarks { named, repeated, overflown, errors, .. } = remarks;
        let totals = Totals { actual, drafts, usage, named, repeated, overflown };
        let judged = Judged { totals, catalogues: &catalogues, errors: &errors };
        months.into_iter().map(|month| month.end(&judged)).collect()
    }
}

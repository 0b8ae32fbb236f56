//! Part by part, key by key, over all months at once: desks judge parts of the book side by side, and what they come to is taken in
//! the order of the keys.

use super::desk::{Desk, Remarks, Sheet, Spare, Waiting};
use super::month::{Judged, MonthRun};
use super::recheck::Recheck;
use crate::app::error::AppError;
use crate::app::progress::{Observer, Progress};
use crate::app::read::{Gathered, Reading, bent};
use crate::domain::key::UUID_TEXT;
use crate::domain::pack::Bent;
use crate::domain::side::Side;
use crate::ledger::books::Party;
use crate::ports::workspace::{RowBundle, RunEnd, RunWriter, StoreError};
use crate::reconcile::digest::{self, SetDigest};
use crate::reconcile::slice::{About, Movements, Slice};
use crate::reconcile::tally::Totals;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::available_parallelism;
use tokio::sync::mpsc::{Sender, channel};
use tokio::task::{JoinSet, spawn_blocking};
use tokio_util::sync::CancellationToken;

/// Keys judged between two words of progress.
const TOLD: u64 = 2_000;
/// Sheets of a part that may wait for their turn.
const AHEAD: usize = 1;
/// Desks at most: each holds a part of the book.
const DESKS: usize = 8;

/// Judges everything and hands the rows to the writers, one a month. Ends each month, publishes none.
pub(super) async fn judge_all(
    reading: &Arc<Reading>,
    mut gathered: Gathered,
    (mut months, rechecks): (Vec<MonthRun<'_>>, Vec<Recheck>),
    writers: &mut [Box<dyn RunWriter>],
    observer: &Arc<dyn Observer>,
    cancel: &CancellationToken,
) -> Result<Vec<RunEnd>, AppError> {
    let Some(bundle) = writers.first().map(|writer| writer.bundle()) else { return Ok(Vec::new()) };
    let books = &*reading.books;
    let (mut remarks, spare) = (Remarks::default(), Arc::new(Spare::default()));
    let mut waiting: BTreeMap<usize, Vec<Waiting>> = BTreeMap::new();
    if books.any_together() {
        let movements = gathered.part(books.together())?;
        let mut desk = Desk::new(reading, &rechecks, bundle.another(), &spare);
        let slice = Slice::new(books, &reading.usage.usage.metrics, books.together(), &movements).map_err(bent)?;
        for one in desk.together(&slice).map_err(bent)? {
            waiting.entry(books.part_at(one.key.as_str())).or_default().push(one);
        }
        remarks.absorb(desk.remarks());
    }
    let rechecks = Arc::new(rechecks);
    let of_catalogues = Arc::clone(reading);
    let catalogues = spawn_blocking(move || {
        let of = |side| digest::catalogue(&of_catalogues.books, side);
        Ok::<_, Bent>([of(Side::Source)?, of(Side::Target)?])
    });
    let (mut desks, hand) = Desks::open(reading, &rechecks, gathered, (&*bundle, &spare));
    let of = u64::try_from(books.keys.len()).unwrap_or(u64::MAX);
    let (mut keys, mut rows, mut told) = (0u64, 0u64, 0u64);
    let mut under_way = VecDeque::new();
    let mut parts = 0..books.parts();
    loop {
        // As many parts are handed out as keep every desk busy; what waits for its turn is no more than theirs.
        for number in parts.by_ref().take(2 * desks.len() - under_way.len()) {
            let (turns, sheets) = channel(AHEAD);
            under_way.push_back(sheets);
            // Desks that are gone have said why, or it is found when they are joined.
            drop(hand.send(Part { number, turns, waiting: waiting.remove(&number).unwrap_or_default() }));
        }
        let Some(mut part) = under_way.pop_front() else { break };
        while let Some(sheet) = part.recv().await {
            let sheet = sheet?;
            if cancel.is_cancelled() {
                return Err(AppError::Stopped("judging; nothing was published".to_owned()));
            }
            keys += sheet.keys;
            for ((month, writer), of) in months.iter_mut().zip(writers.iter_mut()).zip(sheet.months) {
                month.take(&of.hashed);
                spare.keep(of.hashed);
                rows += of.rows.rows();
                writer.rows(of.rows).await?;
            }
            if keys >= told + TOLD {
                told = keys;
                observer.hear(Progress::Judged { keys, of, rows });
            }
        }
    }
    drop(hand);
    while let Some(desk) = desks.join_next().await {
        remarks.absorb(desk.map_err(|e| AppError::Bug(format!("a desk ended: {e}")))?);
    }
    observer.hear(Progress::Judged { keys: of, of, rows });
    let catalogues = catalogues.await.map_err(|e| AppError::Bug(format!("the digest of the catalogues ended: {e}")))?.map_err(bent)?;
    end(reading, months, &catalogues, &rechecks, remarks)
}

fn end(
    reading: &Reading,
    months: Vec<MonthRun<'_>>,
    catalogues: &[SetDigest; 2],
    rechecks: &[Recheck],
    remarks: Remarks,
) -> Result<Vec<RunEnd>, AppError> {
    let (actual, drafts, usage) = (&reading.actual.documents, &reading.drafts.documents, &reading.usage.usage);
    let Remarks { months: remarks, named, repeated, overflown, errors } = remarks;
    let totals = Totals { actual, drafts, usage, named, repeated, overflown };
    let judged = Judged { totals, catalogues, errors: &errors };
    months.into_iter().zip(remarks).zip(rechecks).map(|((month, remark), recheck)| month.end(&judged, remark, recheck)).collect()
}

/// A part of the book to be judged.
struct Part {
    number: usize,
    /// Where its sheets go, or why nothing more comes.
    turns: Sender<Result<Sheet, StoreError>>,
    /// What was judged together and stands in it.
    waiting: Vec<Waiting>,
}

/// What all desks work on.
struct Desks {
    reading: Arc<Reading>,
    rechecks: Arc<Vec<Recheck>>,
    gathered: Mutex<Gathered>,
    parts: Mutex<mpsc::Receiver<Part>>,
    spare: Arc<Spare>,
}

impl Desks {
    /// Opens as many as the machine has room for; they take the parts that are sent, in that order, until no more can come.
    fn open(
        reading: &Arc<Reading>,
        rechecks: &Arc<Vec<Recheck>>,
        gathered: Gathered,
        (bundle, spare): (&dyn RowBundle, &Arc<Spare>),
    ) -> (JoinSet<Remarks>, mpsc::Sender<Part>) {
        let (hand, parts) = mpsc::channel();
        let (reading, rechecks) = (Arc::clone(reading), Arc::clone(rechecks));
        let most = available_parallelism().map_or(1, std::num::NonZero::get).min(DESKS).min(reading.books.parts());
        let all = Arc::new(Self { reading, rechecks, gathered: Mutex::new(gathered), parts: Mutex::new(parts), spare: Arc::clone(spare) });
        let mut desks = JoinSet::new();
        for _ in 0..most {
            let (all, bundle) = (Arc::clone(&all), bundle.another());
            desks.spawn_blocking(move || all.work(bundle));
        }
        (desks, hand)
    }

    /// One desk: takes parts until no more come, or nobody takes its sheets any more.
    fn work(&self, bundle: Box<dyn RowBundle>) -> Remarks {
        let mut desk = Desk::new(&self.reading, &self.rechecks, bundle, &self.spare);
        while let Some(part) = self.next() {
            let turns = part.turns.clone();
            match self.judge(&mut desk, part) {
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

    fn next(&self) -> Option<Part> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
    }

    fn movements(&self, part: usize) -> Result<Movements, StoreError> {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner).part(part)
    }

    /// Judges a part; false where nobody takes its sheets any more.
    fn judge(&self, desk: &mut Desk<'_>, part: Part) -> Result<bool, StoreError> {
        let Part { number, turns, waiting } = part;
        let books = &*self.reading.books;
        let movements = self.movements(number)?;
        let slice = Slice::new(books, &self.reading.usage.usage.metrics, number, &movements).map_err(bent)?;
        let mut sheet = desk.sheet();
        let mut waiting = waiting.into_iter().peekable();
        let mut buffer = [0; UUID_TEXT];
        for (about, place) in slice.abouts() {
            if waiting.peek().is_some() {
                let here = (about.text(&mut buffer), about.late(books));
                while let Some(before) = waiting.next_if(|first| (first.key.as_str(), first.late) <= here) {
                    desk.place(before, &mut sheet)?;
                }
            }
            desk.about(&slice, about, place, &mut sheet)?;
            sheet.keys += u64::from(matches!(about, About::Party(Party { id: Some(_), .. })));
            if sheet.is_full() && turns.blocking_send(Ok(std::mem::replace(&mut sheet, desk.sheet()))).is_err() {
                return Ok(false);
            }
        }
        for last in waiting {
            desk.place(last, &mut sheet)?;
        }
        Ok(turns.blocking_send(Ok(sheet)).is_ok())
    }
}

//! Part by part, key by key, over all months at once: desks judge parts of the book side by side, and what they come to is taken in
//! the order of the keys.

use super::desk::{Desk, OfMonth, Remarks, Sheet, Waiting};
use super::month::{Judged, MonthRun};
use super::recheck::Recheck;
use crate::app::error::AppError;
use crate::app::progress::{Observer, Progress};
use crate::app::read::{Gathered, Reading, bent};
use crate::domain::key::UUID_TEXT;
use crate::domain::pack::Pen;
use crate::domain::side::Side;
use crate::ledger::books::Party;
use crate::ports::workspace::{RowBundle, RunEnd, RunWriter, StoreError};
use crate::reconcile::digest::{self, SetDigest};
use crate::reconcile::slice::{About, Movements, Slice};
use crate::reconcile::tally::Totals;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::available_parallelism;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::{JoinError, JoinSet, spawn_blocking};
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
    let books = &*reading.books;
    let mut remarks = Remarks::default();
    let mut waiting: BTreeMap<usize, Vec<Waiting>> = BTreeMap::new();
    if books.any_together() {
        let movements = gathered.part(books.together())?;
        let mut desk = Desk::new(reading, &rechecks);
        let slice = Slice::new(books, &reading.usage.usage.metrics, books.together(), &movements).map_err(bent)?;
        for one in desk.together(&slice).map_err(bent)? {
            waiting.entry(books.part_at(one.key.as_str())).or_default().push(one);
        }
        remarks.absorb(desk.remarks());
    }
    let of = u64::try_from(books.keys.len()).unwrap_or(u64::MAX);
    let (mut keys, mut rows, mut told) = (0u64, 0u64, 0u64);
    let rechecks = Arc::new(rechecks);
    let of_catalogues = Arc::clone(reading);
    let catalogues = spawn_blocking(move || Side::BOTH.map(|side| digest::catalogue(&of_catalogues.books, side)));
    let bundle = writers.first().map(|writer| writer.bundle());
    let (mut desks, parts) = Parts::spread(reading, &rechecks, gathered, waiting, bundle);
    for mut part in parts {
        while let Some(sheet) = part.recv().await {
            let sheet = sheet?;
            if cancel.is_cancelled() {
                return Err(AppError::Stopped("judging; nothing was published".to_owned()));
            }
            keys += sheet.keys;
            for ((month, writer), of) in months.iter_mut().zip(writers.iter_mut()).zip(sheet.months) {
                month.take(&of);
                rows += of.rows.rows();
                writer.rows(of.rows).await?;
            }
            if keys >= told + TOLD {
                told = keys;
                observer.hear(Progress::Judged { keys, of, rows });
            }
        }
    }
    while let Some(desk) = desks.join_next().await {
        remarks.absorb(desk?);
    }
    observer.hear(Progress::Judged { keys: of, of, rows });
    let catalogues = catalogues.await?;
    end(reading, months, &catalogues, &rechecks, remarks)
}

/// A thread that judges broke off.
impl From<JoinError> for AppError {
    fn from(error: JoinError) -> Self {
        Self::Bug(format!("a desk ended: {error}"))
    }
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

/// Where a desk hands over its sheets, or why nothing more comes.
type Turns = Sender<Result<Sheet, StoreError>>;

/// The parts of the book, taken by desks one after another.
struct Parts {
    reading: Arc<Reading>,
    rechecks: Arc<Vec<Recheck>>,
    gathered: Mutex<Gathered>,
    next: AtomicUsize,
    /// What is still to be judged, by part.
    turns: Vec<Mutex<Option<Part>>>,
}

/// A part to be judged: where its sheets go, and what was judged together and stands in it.
type Part = (Turns, Vec<Waiting>);

impl Parts {
    /// Spreads the parts over desks; what comes back are the parts' sheets, in the order of the book.
    fn spread(
        reading: &Arc<Reading>,
        rechecks: &Arc<Vec<Recheck>>,
        gathered: Gathered,
        mut waiting: BTreeMap<usize, Vec<Waiting>>,
        bundle: Option<Box<dyn RowBundle>>,
    ) -> (JoinSet<Remarks>, Vec<Receiver<Result<Sheet, StoreError>>>) {
        let mut desks = JoinSet::new();
        let Some(bundle) = bundle else { return (desks, Vec::new()) };
        let of_part = |part| {
            let (turns, sheets) = channel(AHEAD);
            (Mutex::new(Some((turns, waiting.remove(&part).unwrap_or_default()))), sheets)
        };
        let (turns, sheets) = (0..reading.books.parts()).map(of_part).unzip();
        let (reading, rechecks) = (Arc::clone(reading), Arc::clone(rechecks));
        let parts = Arc::new(Self { reading, rechecks, gathered: Mutex::new(gathered), next: AtomicUsize::new(0), turns });
        for _ in 0..available_parallelism().map_or(1, std::num::NonZero::get).min(DESKS) {
            let (parts, bundle) = (Arc::clone(&parts), bundle.another());
            desks.spawn_blocking(move || parts.work(&*bundle));
        }
        (desks, sheets)
    }

    /// One desk: takes parts until none is left, or nobody takes its sheets any more.
    fn work(&self, bundle: &dyn RowBundle) -> Remarks {
        let mut desk = Desk::new(&self.reading, &self.rechecks);
        loop {
            let part = self.next.fetch_add(1, Ordering::SeqCst);
            let Some(turns) = self.turns.get(part) else { break };
            let Some((turns, waiting)) = turns.lock().unwrap_or_else(PoisonError::into_inner).take() else { break };
            let judged = self.part(part).and_then(|movements| self.judge(&mut desk, bundle, part, &movements, &turns, waiting));
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

    fn sheet(&self, bundle: &dyn RowBundle) -> Sheet {
        let of_month = || OfMonth { inputs: <[Pen; 2]>::default(), results: Pen::default(), rows: bundle.another() };
        Sheet { months: self.rechecks.iter().map(|_| of_month()).collect(), keys: 0 }
    }

    /// Judges a part; false where nobody takes its sheets any more.
    fn judge(
        &self,
        desk: &mut Desk<'_>,
        bundle: &dyn RowBundle,
        part: usize,
        movements: &Movements,
        turns: &Turns,
        waiting: Vec<Waiting>,
    ) -> Result<bool, StoreError> {
        let books = &*self.reading.books;
        let slice = Slice::new(books, &self.reading.usage.usage.metrics, part, movements).map_err(bent)?;
        let mut sheet = self.sheet(bundle);
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
            if sheet.is_full() && turns.blocking_send(Ok(std::mem::replace(&mut sheet, self.sheet(bundle)))).is_err() {
                return Ok(false);
            }
        }
        for last in waiting {
            desk.place(last, &mut sheet)?;
        }
        Ok(turns.blocking_send(Ok(sheet)).is_ok())
    }
}

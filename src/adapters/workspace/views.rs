//! Lists of the rows that pass a filter, in the order of a sort: made by reading a run through once, then kept, so that whoever
//! turns pages waits once and not at every page.
//!
//! A list is four bytes a row; while it is made, a number of the sort or the text, each once, stands beside it. Only a few lists
//! are kept, none of more than [`MOST`] rows and none whose texts pass [`TEXTS`]; beyond that every page reads the run through. The
//! rows of a run never change, so a list holds as long as the run's header is the same; where a cause or a state of review is
//! asked for, as long as those are.

use super::blocks;
use super::filter::Sieve;
use super::order::{Edge, Placed, Value};
use super::runs::Visible;
use super::sums::{Sum, add_up, totals_of};
use super::{explanations, fault, reviews};
use crate::ports::workspace::{Cursor, FilterTotals, Looking, RowFilter, SortColumn, StoreError};
use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

/// Rows of a list at most.
const MOST: usize = 1 << 22;
/// Bytes of the texts a list is sorted by, at most.
const TEXTS: usize = 64 << 20;
/// Lists kept.
const KEPT: usize = 3;
/// Blocks between two words about how far a look has come.
const STRIDE: u32 = 32;

/// What a list is of.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Wanted {
    run: i64,
    /// The seal of the run's header.
    stamp: i64,
    changes: Changes,
    filter: RowFilter,
    sort: SortColumn,
}

/// What of a run changed since it ended, as far as a filter asks for it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Changes {
    /// How often its explanations did.
    causes: i64,
    /// How often decisions did, whether they do now, and how many waivers ended.
    reviews: (i64, bool, usize),
}

/// A list being made or made; `None` where it would be too long.
type Cell = Arc<OnceCell<Option<View>>>;

/// The lists kept.
#[derive(Debug)]
pub(super) struct Views {
    /// Rows of a list at most.
    most: usize,
    /// Newest first.
    kept: Mutex<VecDeque<(Wanted, Cell)>>,
}

impl Default for Views {
    fn default() -> Self {
        Self::of_at_most(MOST)
    }
}

/// Rows in ascending order of a sort, and what they come to.
#[derive(Debug)]
pub(super) struct View {
    seqs: Vec<u32>,
    totals: FilterTotals,
}

impl Views {
    /// None yet, and never one of more rows.
    pub fn of_at_most(rows: usize) -> Self {
        Self { most: rows.min(MOST), kept: Mutex::default() }
    }

    /// The list for a filter and sort; the first to ask makes it, telling how far it has come.
    pub async fn of(
        &self,
        conn: &mut SqliteConnection,
        (run, now): (&Visible, DateTime<Utc>),
        (filter, sort): (&RowFilter, SortColumn),
        tell: Looking<'_>,
    ) -> Result<Cell, StoreError> {
        let wanted = Wanted { run: run.id, stamp: run.stamp, changes: changes(conn, (run, now), filter).await?, filter: filter.clone(), sort };
        let cell = {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            let found = kept.iter().position(|(w, _)| *w == wanted).and_then(|at| kept.remove(at));
            let (wanted, cell) = found.unwrap_or_else(|| (wanted, Cell::default()));
            kept.push_front((wanted, Arc::clone(&cell)));
            kept.truncate(KEPT);
            cell
        };
        cell.get_or_try_init(|| make(conn, (run, now), (filter, sort), self.most, tell)).await?;
        Ok(cell)
    }

    /// What a filter comes to, where a list of it in any order is made or being made.
    pub async fn totals(
        &self,
        conn: &mut SqliteConnection,
        (run, now): (&Visible, DateTime<Utc>),
        filter: &RowFilter,
    ) -> Result<Option<FilterTotals>, StoreError> {
        let changes = changes(conn, (run, now), filter).await?;
        let sort = {
            let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.iter().find(|(w, _)| w.run == run.id && w.stamp == run.stamp && w.changes == changes && w.filter == *filter).map(|(w, _)| w.sort)
        };
        let Some(sort) = sort else { return Ok(None) };
        let cell = self.of(conn, (run, now), (filter, sort), &|_, _| {}).await?;
        Ok(cell.get().and_then(Option::as_ref).map(|view| view.totals.clone()))
    }
}

/// What changed of what a filter asks for since the run ended: causes are named and decisions made later.
pub(super) async fn changes(conn: &mut SqliteConnection, (run, now): (&Visible, DateTime<Utc>), filter: &RowFilter) -> Result<Changes, StoreError> {
    let mut changes = Changes::default();
    if filter.cause.is_some() || filter.review.is_some() {
        changes.causes = explanations::of_run(conn, run.id).await?.0;
    }
    if filter.review.is_some() {
        changes.reviews = reviews::changes(conn, run.id, now).await?;
    }
    Ok(changes)
}

/// What rows are sorted by, as they are gathered.
enum Keys {
    /// Rows come in this order.
    Stored(Vec<u32>),
    Numbers(Vec<(Option<i64>, u32)>),
    /// Each text once, with a number, rows by that number, and the bytes of all texts.
    Texts(HashMap<String, u32>, Vec<(u32, u32)>, usize),
}

impl Keys {
    fn of(sort: SortColumn) -> Self {
        match sort {
            SortColumn::Key => Self::Stored(Vec::new()),
            SortColumn::Customer | SortColumn::Plan => Self::Texts(HashMap::new(), Vec::new(), 0),
            _ => Self::Numbers(Vec::new()),
        }
    }

    /// Whether they are too many for a list of `most` rows.
    fn are_too_many(&self, most: usize) -> bool {
        match self {
            Self::Stored(rows) => rows.len() > most,
            Self::Numbers(rows) => rows.len() > most,
            Self::Texts(_, rows, bytes) => rows.len() > most || *bytes > TEXTS,
        }
    }

    fn add(&mut self, value: &Value<'_>, seq: u32) {
        match (self, value) {
            (Self::Stored(rows), _) => rows.push(seq),
            (Self::Numbers(rows), Value::Integer(n)) => rows.push((Some(*n), seq)),
            (Self::Numbers(rows), _) => rows.push((None, seq)),
            (Self::Texts(texts, rows, bytes), value) => {
                let text: &str = if let Value::Text(text) = value { text } else { "" };
                let next = u32::try_from(texts.len()).unwrap_or(u32::MAX);
                let number = texts.get(text).copied().unwrap_or_else(|| {
                    *bytes += text.len();
                    *texts.entry(text.to_owned()).or_insert(next)
                });
                rows.push((number, seq));
            }
        }
    }

    fn sorted(self) -> Vec<u32> {
        match self {
            Self::Stored(rows) => rows,
            Self::Numbers(mut rows) => {
                rows.sort_unstable();
                rows.into_iter().map(|(_, seq)| seq).collect()
            }
            Self::Texts(texts, mut rows, _) => {
                let mut texts: Vec<(String, u32)> = texts.into_iter().collect();
                texts.sort_unstable();
                let mut places = vec![0u32; texts.len()];
                for (place, (_, number)) in (0..).zip(&texts) {
                    if let Some(at) = places.get_mut(*number as usize) {
                        *at = place;
                    }
                }
                let place = |number: u32| places.get(number as usize).copied().unwrap_or(u32::MAX);
                rows.sort_unstable_by_key(|(number, seq)| (place(*number), *seq));
                rows.into_iter().map(|(_, seq)| seq).collect()
            }
        }
    }
}

/// Tells how far a run is read through.
pub(super) struct Told<'a> {
    tell: Looking<'a>,
    of: u64,
    blocks: u32,
}

impl<'a> Told<'a> {
    /// Nothing read yet.
    pub fn of(run: &Visible, tell: Looking<'a>) -> Self {
        Self { tell, of: u64::try_from(run.rows).unwrap_or(0), blocks: 0 }
    }

    /// A block is read whose last row has that number.
    pub fn block(&mut self, last: i64) {
        self.blocks += 1;
        if self.blocks.is_multiple_of(STRIDE) {
            (self.tell)(u64::try_from(last).unwrap_or(0), self.of);
        }
    }
}

async fn make(
    conn: &mut SqliteConnection,
    (run, now): (&Visible, DateTime<Utc>),
    (filter, sort): (&RowFilter, SortColumn),
    most: usize,
    tell: Looking<'_>,
) -> Result<Option<View>, StoreError> {
    // Where the run's own sums tell how many pass, nothing is read to find that they are too many.
    if run.sums.totals(filter)?.is_some_and(|all| usize::try_from(all.rows).map_or(true, |rows| rows > most)) {
        return Ok(None);
    }
    let mut keys = Keys::of(sort);
    let mut by_currency: BTreeMap<_, Sum> = BTreeMap::new();
    let mut sieve = Sieve::of(conn, run.id, filter, now).await?;
    let mut told = Told::of(run, tell);
    blocks::each(conn, run, blocks::all(run), true, |block| {
        sieve.next_block();
        told.block(block.end() - 1);
        let _ = block.each(|seq, line| {
            if sieve.passes(line, seq)? {
                add_up(&mut by_currency, &line.monies);
                keys.add(&Value::of_line(line, seq, sort)?, u32::try_from(seq).unwrap_or(u32::MAX));
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(if keys.are_too_many(most) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })
    .await?;
    if keys.are_too_many(most) {
        return Ok(None);
    }
    let totals = totals_of(by_currency)?;
    let sorted = tokio::task::spawn_blocking(move || keys.sorted()).await;
    let seqs = sorted.map_err(|_| fault::unavailable("sorting was stopped", "ask again"))?;
    Ok(Some(View { seqs, totals }))
}

impl View {
    /// At most `limit` rows from an edge on, in the order of the walk, and whether there are rows on the other side of it.
    pub async fn rows(
        &self,
        conn: &mut SqliteConnection,
        (run, sort): (i64, SortColumn),
        (edge, ascending): (Edge<'_>, bool),
        limit: usize,
    ) -> Result<(Vec<Placed>, bool), StoreError> {
        let all = self.seqs.len();
        let at = match edge.cursor() {
            None if ascending => 0,
            None => all,
            Some((cursor, inclusive)) => self.place(conn, run, sort, cursor, inclusive != ascending).await?,
        };
        let (range, behind) = if ascending { (at..all.min(at.saturating_add(limit)), at > 0) } else { (at.saturating_sub(limit)..at, at < all) };
        let mut seqs: Vec<i64> = self.seqs.get(range).unwrap_or_default().iter().map(|seq| i64::from(*seq)).collect();
        if !ascending {
            seqs.reverse();
        }
        Ok((blocks::lines(conn, run, &seqs, sort).await?, behind))
    }

    /// How many rows stand before a cursor, its own row counted where `with` says so.
    async fn place(&self, conn: &mut SqliteConnection, run: i64, sort: SortColumn, cursor: &Cursor, with: bool) -> Result<usize, StoreError> {
        // Nearly always the row is one of the list, and looking through so many numbers is quick.
        if let Some(at) = self.seqs.iter().position(|seq| i64::from(*seq) == cursor.seq) {
            return Ok(at + usize::from(with));
        }
        let (mut low, mut high) = (0, self.seqs.len());
        while low < high {
            let middle = low + (high - low) / 2;
            let read = blocks::lines(conn, run, &[i64::from(self.seqs[middle])], sort).await?.pop();
            let before = read.is_some_and(|(of_row, _)| Edge::Past(cursor).admits(&(Value::of_cursor(&of_row.value), of_row.seq), false));
            if before { low = middle + 1 } else { high = middle }
        }
        Ok(low)
    }
}

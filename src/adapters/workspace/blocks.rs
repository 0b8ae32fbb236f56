//! Blocks of a run out of the file: the one that holds a row, or all of them in either direction.

use super::columns::{place, run_of, seq};
use super::fault;
use super::order::{self, Placed};
use super::runs::Visible;
use super::seal::{self, Seal};
use super::unpack::{Block, Line};
use crate::domain::pack::Bent;
use crate::domain::row::ReconRow;
use crate::ports::workspace::{SortColumn, StoreError};
use futures::{StreamExt, TryStreamExt};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use std::ops::{ControlFlow, RangeInclusive};

/// The seal of a block's lines.
pub(super) fn seal_of(place: i64, rows: i64, lines: &[u8]) -> i64 {
    Seal::of("rows").number(Some(place)).number(Some(rows)).bytes(Some(lines)).value()
}

/// The seal of a block's details.
pub(super) fn seal_of_details(place: i64, details: &[u8]) -> i64 {
    Seal::of("details").number(Some(place)).bytes(Some(details)).value()
}

/// Blocks taken from the connection's thread at once, where it has them: it is woken once for all of them.
const AT_ONCE: usize = 16;

/// A block that is what was written.
#[derive(Debug)]
pub(super) struct Stored {
    run: i64,
    /// Number of its first row.
    pub first: i64,
    /// How many rows it has.
    pub rows: i64,
    row: SqliteRow,
}

impl Stored {
    fn read(run: i64, row: SqliteRow) -> Result<Self, StoreError> {
        let place: i64 = row.try_get(0).map_err(fault::store)?;
        let rows: i64 = row.try_get(1).map_err(fault::store)?;
        let sealed: i64 = row.try_get(2).map_err(fault::store)?;
        if run_of(place) != run {
            return Err(missing(run, 1));
        }
        seal::check(|| format!("the block of rows from {} on of run {run}", seq(place)), sealed, seal_of(place, rows, lines_of(&row)?))?;
        Ok(Self { run, first: seq(place), rows, row })
    }

    /// The number of the first row after it.
    pub const fn end(&self) -> i64 {
        self.first.saturating_add(self.rows)
    }

    /// Works on the opened block; what is bent in it is damage.
    pub fn with<T>(&self, work: impl FnOnce(&Block<'_>) -> Result<T, Bent>) -> Result<T, StoreError> {
        let opened = Block::open(lines_of(&self.row)?)
            .and_then(|block| if i64::try_from(block.rows()) == Ok(self.rows) { work(&block) } else { Err(Bent("it has another number of rows")) });
        opened.map_err(|Bent(why)| fault::damaged(format!("the block of rows from {} on of run {}: {why}", self.first, self.run)))
    }

    /// Shows each row with its number, from the first on, until one is enough.
    pub fn each(&self, mut see: impl FnMut(i64, &mut Line<'_>) -> Result<ControlFlow<()>, Bent>) -> Result<ControlFlow<()>, StoreError> {
        self.with(|block| {
            let mut line = block.lines();
            let mut seq = self.first;
            while line.step()? {
                if see(seq, &mut line)?.is_break() {
                    return Ok(ControlFlow::Break(()));
                }
                seq += 1;
            }
            Ok(ControlFlow::Continue(()))
        })
    }
}

/// Which of some places, given as JSON, stand in which blocks: each block of them once.
macro_rules! blocks_of {
    ($columns:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM row_blocks WHERE place IN (SELECT (SELECT max(place) FROM row_blocks WHERE place <= asked.value) FROM json_each(?1) AS asked) ORDER BY place"
        )
    };
}

/// The blocks that hold the rows from one place to another, in an order.
macro_rules! blocks_between {
    ($order:literal) => {
        concat!(
            "SELECT place, rows, seal, lines FROM row_blocks ",
            "WHERE place >= coalesce((SELECT max(place) FROM row_blocks WHERE place <= ?1), ?1) AND place <= ?2 ORDER BY place ",
            $order
        )
    };
}

/// The lines of a block, where SQLite has them.
fn lines_of(row: &SqliteRow) -> Result<&[u8], StoreError> {
    row.try_get(3).map_err(fault::store)
}

pub(super) fn missing(run: i64, seq: i64) -> StoreError {
    fault::damaged(format!("row {seq} of run {run} is missing"))
}

/// The block that holds a row of a run.
pub(super) async fn holding(conn: &mut SqliteConnection, run: i64, seq: i64) -> Result<Stored, StoreError> {
    let sql = "SELECT place, rows, seal, lines FROM row_blocks WHERE place <= ?1 AND place > ?2 ORDER BY place DESC LIMIT 1";
    let row = sqlx::query(sql).bind(place(run, seq)).bind(place(run, 0)).fetch_optional(conn).await.map_err(fault::store)?;
    let stored = Stored::read(run, row.ok_or_else(|| missing(run, seq))?)?;
    if stored.end() > seq { Ok(stored) } else { Err(missing(run, seq)) }
}

/// The row of that number whole, from the block that holds it.
pub(super) async fn whole(conn: &mut SqliteConnection, stored: &Stored, seq: i64) -> Result<ReconRow, StoreError> {
    let place = place(stored.run, stored.first);
    let sql = "SELECT details, details_seal FROM row_blocks WHERE place = ?1";
    let found: Option<(Vec<u8>, i64)> = sqlx::query_as(sql).bind(place).fetch_optional(conn).await.map_err(fault::store)?;
    let (details, sealed) = found.ok_or_else(|| missing(stored.run, seq))?;
    check_details(stored, &details, sealed)?;
    stored.with(|block| block.row(usize::try_from(seq - stored.first).unwrap_or(usize::MAX), &details))
}

/// Every row of a run.
pub(super) const fn all(run: &Visible) -> RangeInclusive<i64> {
    1..=run.rows
}

/// Shows the blocks of a run that hold some of its rows, from either end, until one is enough. None may be missing.
pub(super) async fn each(
    conn: &mut SqliteConnection,
    run: &Visible,
    span: RangeInclusive<i64>,
    ascending: bool,
    mut see: impl FnMut(Stored) -> Result<ControlFlow<()>, StoreError>,
) -> Result<(), StoreError> {
    if span.is_empty() {
        return Ok(());
    }
    let sql = if ascending { blocks_between!("ASC") } else { blocks_between!("DESC") };
    // What stands behind the last row is no block of the run, and seen where the last row is asked for.
    let last = if *span.end() == run.rows { place(run.id + 1, 0) - 1 } else { place(run.id, *span.end()) };
    let asked = sqlx::query(sql).bind(place(run.id, *span.start())).bind(last);
    let mut found = asked.fetch(conn).ready_chunks(AT_ONCE);
    // The row that the next block must hold at the end it is read from.
    let mut due = if ascending { *span.start() } else { *span.end() };
    let mut first = true;
    while let Some(rows) = found.next().await {
        for row in rows {
            let stored = Stored::read(run.id, row.map_err(fault::store)?)?;
            let joins = if first {
                stored.first <= due && due < stored.end()
            } else if ascending {
                stored.first == due
            } else {
                stored.end() - 1 == due
            };
            if !joins || stored.end() > run.rows + 1 {
                return Err(missing(run.id, due));
            }
            first = false;
            due = if ascending { stored.end() } else { stored.first - 1 };
            if see(stored)?.is_break() {
                return Ok(());
            }
        }
    }
    let whole = if ascending { due > *span.end() } else { due < *span.start() };
    if whole { Ok(()) } else { Err(missing(run.id, due)) }
}

/// The rows of these numbers, in the order asked for, each with its cursor in a sort.
pub(super) async fn lines(conn: &mut SqliteConnection, run: i64, seqs: &[i64], sort: SortColumn) -> Result<Vec<Placed>, StoreError> {
    let mut wanted: Vec<(i64, usize)> = seqs.iter().copied().zip(0..).collect();
    wanted.sort_unstable();
    // One statement for all: a turn of the connection's thread costs more than finding a block.
    let asked = asked(run, wanted.iter().map(|(seq, _)| *seq))?;
    let mut blocks = sqlx::query(blocks_of!("place, rows, seal, lines")).bind(asked).fetch(conn);
    let mut found: Vec<(usize, Placed)> = Vec::with_capacity(wanted.len());
    let mut wanted = wanted.into_iter().peekable();
    while let Some((seq, _)) = wanted.peek().copied() {
        let row = blocks.try_next().await.map_err(fault::store)?;
        let stored = Stored::read(run, row.ok_or_else(|| missing(run, seq))?)?;
        if seq < stored.first || seq >= stored.end() {
            return Err(missing(run, seq));
        }
        let _ = stored.each(|seq, line| {
            while let Some((_, at)) = wanted.next_if(|(s, _)| *s == seq) {
                found.push((at, order::placed(line, seq, sort)?));
            }
            Ok(if wanted.peek().is_some_and(|(s, _)| *s < stored.end()) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        })?;
    }
    found.sort_unstable_by_key(|(at, _)| *at);
    Ok(found.into_iter().map(|(_, placed)| placed).collect())
}

/// The rows of these ascending numbers, whole.
pub(super) async fn wholes(conn: &mut SqliteConnection, run: i64, seqs: &[i64]) -> Result<Vec<ReconRow>, StoreError> {
    let asked = asked(run, seqs.iter().copied())?;
    let mut blocks = sqlx::query(blocks_of!("place, rows, seal, lines, details, details_seal")).bind(asked).fetch(conn);
    let mut found = Vec::with_capacity(seqs.len());
    while let Some(next) = seqs.get(found.len()).copied() {
        let row = blocks.try_next().await.map_err(fault::store)?;
        let stored = Stored::read(run, row.ok_or_else(|| missing(run, next))?)?;
        if next < stored.first || next >= stored.end() {
            return Err(missing(run, next));
        }
        let details: &[u8] = stored.row.try_get(4).map_err(fault::store)?;
        check_details(&stored, details, stored.row.try_get(5).map_err(fault::store)?)?;
        let _ = stored.each(|seq, line| {
            if seqs.get(found.len()) == Some(&seq) {
                found.push(line.row(details)?);
            }
            let more = seqs.get(found.len()).is_some_and(|next| *next < stored.end());
            Ok(if more { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        })?;
    }
    Ok(found)
}

/// Places of rows as a statement takes them.
fn asked(run: i64, seqs: impl Iterator<Item = i64>) -> Result<String, StoreError> {
    let places: Vec<i64> = seqs.map(|seq| place(run, seq)).collect();
    serde_json::to_string(&places).map_err(|e| fault::unreadable("asking for rows", &e))
}

fn check_details(stored: &Stored, details: &[u8], sealed: i64) -> Result<(), StoreError> {
    let what = || format!("the details of rows from {} on of run {}", stored.first, stored.run);
    seal::check(what, sealed, seal_of_details(place(stored.run, stored.first), details))
}

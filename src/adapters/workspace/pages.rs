//! Pages of rows, and what a filter comes to.

use super::blocks::{self, Stored};
use super::explanations::{self, Names};
use super::fault;
use super::filter::Sieve;
use super::order::{self, Band, Edge, Placed, Value};
use super::ranks::{Rank, Ranks};
use super::reviews::{self, Standings};
use super::runs::Visible;
use super::sums::{Sum, add_up, totals_of};
use super::views::{self, Told, Views};
use crate::domain::verdict::Verdict;
use crate::ports::workspace::{
    Adding, CursorValue, FilterTotals, Looking, PageFrom, PageRequest, RowFilter, RowLine, RowPage, Sort, SortColumn, StoreError, Taking,
};
use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// Rows whose blocks, causes and decisions are asked for at once by who takes all of them.
const SPAN: i64 = 8_192;
/// The same of rows that are found by their ranks, each in a block of its own at worst.
const RANKED: usize = 1_000;

/// Rows added up between two words about how far that has come.
const TOLD: u64 = 20_000;

/// A page of a run whose rows may be seen.
pub(super) async fn page(
    conn: &mut SqliteConnection,
    views: &Views,
    (run, now): (&Visible, DateTime<Utc>),
    request: &PageRequest,
    tell: Looking<'_>,
) -> Result<RowPage, StoreError> {
    let mut walk = Walk { conn, run, now, filter: &request.filter, sort: request.sort.column };
    let upward = !request.sort.descending;
    let (edge, onward) = match &request.from {
        PageFrom::Start => (Edge::All, true),
        PageFrom::End => (Edge::All, false),
        PageFrom::After(c) => (Edge::Past(c), true),
        PageFrom::Before(c) => (Edge::Past(c), false),
        PageFrom::At(c) => (Edge::From(c), true),
    };
    let ascending = upward == onward;
    let wanted = request.limit.saturating_add(1);
    let (mut rows, more_behind) = walk.rows(views, tell, (edge, ascending), wanted).await?;
    let more_ahead = rows.len() > request.limit;
    rows.truncate(request.limit);
    explanations::name_causes(conn, run.id, rows.iter_mut().map(|(_, line)| line)).await?;
    reviews::mark(conn, run.id, rows.iter_mut().map(|(_, line)| line), now).await?;
    if onward {
        return Ok(RowPage { rows, more_before: more_behind, more_after: more_ahead });
    }
    rows.reverse();
    Ok(RowPage { rows, more_before: more_ahead, more_after: more_behind })
}

/// The verdicts a filter asks for and nothing else, where every row of them is ranked.
fn only_ranked(filter: &RowFilter) -> Option<&[Verdict]> {
    let plain = RowFilter { verdicts: filter.verdicts.clone(), ..RowFilter::default() };
    (plain == *filter && !filter.verdicts.is_empty() && !filter.verdicts.contains(&Verdict::Match)).then_some(&filter.verdicts)
}

struct Walk<'a> {
    conn: &'a mut SqliteConnection,
    run: &'a Visible,
    now: DateTime<Utc>,
    filter: &'a RowFilter,
    sort: SortColumn,
}

impl Walk<'_> {
    /// At most `limit` rows from an edge on, in the order of the walk, and whether there are rows on the other side of it.
    async fn rows(
        &mut self,
        views: &Views,
        tell: Looking<'_>,
        (edge, ascending): (Edge<'_>, bool),
        limit: usize,
    ) -> Result<(Vec<Placed>, bool), StoreError> {
        if self.run.rows == 0 {
            return Ok((Vec::new(), false));
        }
        let at_once = only_ranked(self.filter).is_some() || *self.filter == RowFilter::default();
        if !(at_once && (self.sort == SortColumn::Key || Ranks::have(self.sort))) {
            let view = views.of(self.conn, (self.run, self.now), (self.filter, self.sort), tell).await?;
            match view.get().and_then(Option::as_ref) {
                Some(view) => return view.rows(self.conn, (self.run.id, self.sort), (edge, ascending), limit).await,
                // Too many for a list. In stored order a page is full long before the run is read through.
                None if self.sort == SortColumn::Key => {}
                None => return self.best(edge, ascending, limit, tell).await,
            }
        }
        let rows = self.some(edge, ascending, limit).await?;
        let behind = match edge.turned() {
            None => false,
            Some(turned) => !self.some(turned, !ascending, 1).await?.is_empty(),
        };
        Ok((rows, behind))
    }

    /// Rows of a walk in stored order or in bands.
    async fn some(&mut self, edge: Edge<'_>, ascending: bool, limit: usize) -> Result<Vec<Placed>, StoreError> {
        let mut found = Vec::new();
        let bands = if self.sort == SortColumn::Key { vec![whole(edge, ascending)] } else { order::bands(edge, ascending) };
        for band in bands {
            let limit = limit - found.len();
            if limit > 0 {
                found.extend(match (band, only_ranked(self.filter)) {
                    (Band::Ranks(from, to), verdicts) => {
                        let mut ranks = Ranks::of(self.conn, self.run.id, self.sort).await?;
                        let wanted = |v: u8| verdicts.is_none_or(|all| all.iter().any(|w| w.code() == v));
                        let ranks = ranks.between(self.conn, (from, to), ascending, limit, |r| wanted(r.verdict())).await?;
                        self.ranked(&ranks).await?
                    }
                    (Band::Noughts(from, to), Some(verdicts)) => self.of_verdicts(verdicts, (from, to), ascending, limit).await?,
                    (Band::Noughts(from, to), None) => self.stored((from, to), ascending, limit).await?,
                });
            }
        }
        Ok(found)
    }

    /// The lines of ranked rows; a rank that is not what its row says is damage.
    async fn ranked(&mut self, ranks: &[Rank]) -> Result<Vec<Placed>, StoreError> {
        let seqs: Vec<i64> = ranks.iter().map(|r| r.seq).collect();
        let lines = blocks::lines(self.conn, self.run.id, &seqs, self.sort).await?;
        for ((cursor, line), rank) in lines.iter().zip(ranks) {
            let said = rank.value.map_or(CursorValue::Null, CursorValue::Integer);
            if cursor.value != said || line.verdict.code() != rank.verdict() {
                return Err(misranked(self.run.id, rank.seq));
            }
        }
        Ok(lines)
    }

    /// Rows of these verdicts in stored order; in a ranked sort only those that stand among its noughts.
    async fn of_verdicts(&mut self, verdicts: &[Verdict], (from, to): (i64, i64), ascending: bool, limit: usize) -> Result<Vec<Placed>, StoreError> {
        let mut ranks = Ranks::of(self.conn, self.run.id, SortColumn::Verdict).await?;
        let (sort, mut found) = (self.sort, Vec::new());
        for verdict in verdicts {
            let value = Some(i64::from(verdict.code()));
            let wanted = |r: &Rank| sort == SortColumn::Key || r.is_nought_in(sort);
            found.extend(ranks.between(self.conn, ((value, from), (value, to)), ascending, limit, wanted).await?);
        }
        found.sort_unstable_by_key(|r| r.seq);
        found.dedup();
        if !ascending {
            found.reverse();
        }
        found.truncate(limit);
        let seqs: Vec<i64> = found.iter().map(|r| r.seq).collect();
        let lines = blocks::lines(self.conn, self.run.id, &seqs, self.sort).await?;
        match lines.iter().zip(&found).find(|((_, line), rank)| line.verdict.code() != rank.verdict()) {
            Some((_, rank)) => Err(misranked(self.run.id, rank.seq)),
            None => Ok(lines),
        }
    }

    /// Rows that pass in stored order, from one number on and before another; in a ranked sort only its noughts.
    async fn stored(&mut self, (from, to): (i64, i64), ascending: bool, limit: usize) -> Result<Vec<Placed>, StoreError> {
        let (mut first, mut last) = (from.max(1), to.min(self.run.rows.saturating_add(1)) - 1);
        if self.sort == SortColumn::Key && *self.filter == RowFilter::default() {
            // Every row is one of them: no block is read for others.
            let others = i64::try_from(limit).unwrap_or(i64::MAX) - 1;
            (first, last) = if ascending { (first, last.min(first.saturating_add(others))) } else { (first.max(last.saturating_sub(others)), last) };
        }
        let mut found = Vec::new();
        let mut sieve = Sieve::of(self.conn, self.run.id, self.filter, self.now).await?;
        let sort = self.sort;
        blocks::each(self.conn, self.run, first..=last, ascending, |block| {
            let before = found.len();
            sieve.next_block();
            let _ = block.each(|seq, line| {
                if (first..=last).contains(&seq) && sieve.passes(line, seq)? {
                    let nought = sort == SortColumn::Key || Value::of_line(line, seq, sort)? == Value::Integer(0);
                    if nought {
                        found.push(order::placed(line, seq, sort)?);
                    }
                }
                // Upward, a block is left as soon as there are enough; downward, its last rows are the first.
                let enough = seq > last || ascending && found.len() >= limit;
                Ok(if enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
            })?;
            if !ascending {
                found[before..].reverse();
            }
            Ok(if found.len() >= limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })
        .await?;
        found.truncate(limit);
        Ok(found)
    }

    /// The best rows of a sort whose list would be too long: the run is read through, and only the best few are kept.
    async fn best(&mut self, edge: Edge<'_>, ascending: bool, limit: usize, tell: Looking<'_>) -> Result<(Vec<Placed>, bool), StoreError> {
        let mut best = Best { ascending, limit, kept: Vec::new() };
        let mut behind = false;
        let mut sieve = Sieve::of(self.conn, self.run.id, self.filter, self.now).await?;
        let sort = self.sort;
        let mut told = Told::of(self.run, tell);
        blocks::each(self.conn, self.run, blocks::all(self.run), true, |block| {
            sieve.next_block();
            told.block(block.end() - 1);
            block.each(|seq, line| {
                if sieve.passes(line, seq)? {
                    let row = (Value::of_line(line, seq, sort)?, seq);
                    if edge.admits(&row, ascending) {
                        best.offer(row);
                    } else {
                        behind = true;
                    }
                }
                Ok(ControlFlow::Continue(()))
            })
        })
        .await?;
        let seqs: Vec<i64> = best.kept.iter().map(|(_, seq)| *seq).collect();
        Ok((blocks::lines(self.conn, self.run.id, &seqs, self.sort).await?, behind))
    }
}

fn misranked(run: i64, seq: i64) -> StoreError {
    fault::damaged(format!("row {seq} of run {run} is ranked as what it is not"))
}

/// A walk in stored order: its only band.
fn whole(edge: Edge<'_>, ascending: bool) -> Band {
    match edge.cursor() {
        None => Band::Noughts(i64::MIN, i64::MAX),
        Some((cursor, inclusive)) if ascending => Band::Noughts(cursor.seq.saturating_add(i64::from(!inclusive)), i64::MAX),
        Some((cursor, inclusive)) => Band::Noughts(i64::MIN, cursor.seq.saturating_add(i64::from(inclusive))),
    }
}

/// The first few of many in the order of a walk.
struct Best {
    ascending: bool,
    limit: usize,
    kept: Vec<(Value<'static>, i64)>,
}

impl Best {
    fn offer(&mut self, row: (Value<'_>, i64)) {
        let ascending = self.ascending;
        let before = |kept: &(Value<'static>, i64), row: &(Value<'_>, i64)| {
            let order = kept.0.cmp(&row.0).then(kept.1.cmp(&row.1));
            if ascending { order.is_lt() } else { order.is_gt() }
        };
        if self.kept.len() >= self.limit && self.kept.last().is_none_or(|last| before(last, &row)) {
            return;
        }
        let at = self.kept.partition_point(|kept| before(kept, &row));
        self.kept.insert(at, (row.0.owned(), row.1));
        self.kept.truncate(self.limit);
    }
}

/// Shows all rows that pass a filter in stored order, a block's at a time: few enough to be looked at while they are warm. Nothing is asked of
/// the store while somebody looks.
pub(super) async fn each_row(
    conn: &mut SqliteConnection,
    (run, now): (&Visible, DateTime<Utc>),
    filter: &RowFilter,
    look: Taking<'_>,
) -> Result<(), StoreError> {
    if only_ranked(filter).is_some() {
        return each_ranked(conn, (run, now), filter, look).await;
    }
    // Before the sieve: what changes between the two is seen.
    let asked_of = views::changes(conn, (run, now), filter).await?;
    let mut sieve = Sieve::of(conn, run.id, filter, now).await?;
    let (mut rows, mut from) = (Vec::new(), 1);
    while from <= run.rows {
        let mut blocks = Vec::new();
        blocks::each(conn, run, from..=run.rows.min(from + SPAN - 1), true, |block| {
            blocks.push(block);
            Ok(ControlFlow::Continue(()))
        })
        .await?;
        let end = blocks.last().filter(|_| blocks[0].first == from).map(Stored::end).ok_or_else(|| blocks::missing(run.id, from))?;
        let mut names = Names::of(conn, run.id, from..end).await?;
        let standings = Standings::of(conn, run.id, from..end, now).await?;
        if views::changes(conn, (run, now), filter).await? != asked_of {
            let what = format!("decisions about run {}, or its causes, changed while its rows were read", run.id);
            return Err(fault::unavailable(&what, "ask again"));
        }
        for block in &blocks {
            rows.clear();
            sieve.next_block();
            let _ = block.each(|seq, line| {
                if sieve.passes(line, seq)? {
                    rows.push(line.owned(seq)?);
                }
                Ok(ControlFlow::Continue(()))
            })?;
            for line in &mut rows {
                names.name(line);
                standings.mark(line);
            }
            if look(&rows).is_break() {
                return Ok(());
            }
        }
        from = end;
    }
    Ok(())
}

/// The same where ranks tell which rows pass: no block is read for others.
async fn each_ranked(
    conn: &mut SqliteConnection,
    (run, now): (&Visible, DateTime<Utc>),
    filter: &RowFilter,
    look: Taking<'_>,
) -> Result<(), StoreError> {
    let mut from = PageFrom::Start;
    loop {
        let request = PageRequest { run: run.id, filter: filter.clone(), sort: Sort::default(), from, limit: RANKED };
        // No list is made of them.
        let page = page(conn, &Views::default(), (run, now), &request, &|_, _| {}).await?;
        let last = page.rows.last().map(|(cursor, _)| cursor.clone());
        let rows: Vec<RowLine> = page.rows.into_iter().map(|(_, line)| line).collect();
        match last {
            Some(last) if look(&rows).is_continue() && page.more_after => from = PageFrom::After(last),
            _ => return Ok(()),
        }
    }
}

/// What a filter comes to: from the run's own sums where they can tell, else over the rows.
pub(super) async fn totals(
    conn: &mut SqliteConnection,
    views: &Views,
    (run, now): (&Visible, DateTime<Utc>),
    wanted: &RowFilter,
    tell: Adding<'_>,
) -> Result<FilterTotals, StoreError> {
    if let Some(totals) = run.sums.totals(wanted)? {
        return Ok(totals);
    }
    if let Some(totals) = views.totals(conn, (run, now), wanted).await? {
        return Ok(totals);
    }
    let mut by_currency: BTreeMap<_, Sum> = BTreeMap::new();
    let mut sieve = Sieve::of(conn, run.id, wanted, now).await?;
    let all = u64::try_from(run.rows).unwrap_or(0);
    let (mut looked, mut told) = (0, 0);
    blocks::each(conn, run, blocks::all(run), true, |block| {
        sieve.next_block();
        let flow = block.each(|seq, line| {
            if sieve.passes(line, seq)? {
                add_up(&mut by_currency, &line.monies);
            }
            looked += 1;
            Ok(ControlFlow::Continue(()))
        })?;
        // A block is few rows: whoever listens need not be told of each.
        if looked - told >= TOLD {
            told = looked;
            tell(totals_of(by_currency.clone())?, looked, all);
        }
        Ok(flow)
    })
    .await?;
    totals_of(by_currency)
}

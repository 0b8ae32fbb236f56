//! Pages of rows, and what a filter comes to.

use super::columns;
use super::fault;
use super::filter;
use super::line::{self, Read};
use super::order::{self, Course, Edge, Part};
use super::runs::Visible;
use super::sums::{Sum, totals_of};
use crate::domain::verdict::Verdict;
use crate::ports::workspace::{Cursor, CursorValue, FilterTotals, PageFrom, PageRequest, RowFilter, RowLine, RowPage, SortColumn, StoreError};
use sqlx::sqlite::Sqlite;
use sqlx::{QueryBuilder, Row, SqliteConnection};
use std::collections::BTreeMap;

/// Up to so many rows of the wanted verdicts are fetched by verdict and then sorted.
const SORTED_BY_HAND: u64 = 20_000;

/// Whether the filter asks for few rows, by verdicts that the index of what does not match holds.
fn by_verdict(run: &Visible, filter: &RowFilter) -> bool {
    let wanted = &filter.verdicts;
    !wanted.is_empty() && !wanted.contains(&Verdict::Match) && run.sums.rows_of(wanted) <= SORTED_BY_HAND
}

/// A page of a run whose rows may be seen.
pub(super) async fn page(conn: &mut SqliteConnection, run: &Visible, request: &PageRequest) -> Result<RowPage, StoreError> {
    let mut walk = Walk { conn, run, filter: &request.filter, sort: request.sort.column };
    let upward = !request.sort.descending;
    let (edge, onward) = match &request.from {
        PageFrom::Start => (Edge::All, true),
        PageFrom::End => (Edge::All, false),
        PageFrom::After(c) => (Edge::Past(c), true),
        PageFrom::Before(c) => (Edge::Past(c), false),
        PageFrom::At(c) => (Edge::From(c), true),
    };
    let ascending = upward == onward;
    let mut rows = walk.rows(edge, ascending, request.limit.saturating_add(1)).await?;
    let more_ahead = rows.len() > request.limit;
    rows.truncate(request.limit);
    let back = match (edge, rows.first()) {
        (Edge::All, _) => None,
        (_, Some((first, _))) => Some(Edge::Past(first)),
        (Edge::Past(c), None) => Some(Edge::From(c)),
        (Edge::From(c), None) => Some(Edge::Past(c)),
    };
    let more_behind = match back {
        None => false,
        Some(edge) => !walk.rows(edge, !ascending, 1).await?.is_empty(),
    };
    if onward {
        return Ok(RowPage { rows, more_before: more_behind, more_after: more_ahead });
    }
    rows.reverse();
    Ok(RowPage { rows, more_before: more_ahead, more_after: more_behind })
}

struct Walk<'a> {
    conn: &'a mut SqliteConnection,
    run: &'a Visible,
    filter: &'a RowFilter,
    sort: SortColumn,
}

impl Walk<'_> {
    /// At most `limit` rows from an edge on, in the order of the walk.
    async fn rows(&mut self, edge: Edge<'_>, ascending: bool, limit: usize) -> Result<Vec<(Cursor, RowLine)>, StoreError> {
        let mut found = Vec::new();
        for part in order::parts(self.sort, ascending, edge, by_verdict(self.run, self.filter)) {
            if found.len() < limit {
                let some = self.part(&part, ascending, limit - found.len()).await?;
                found.extend(some.into_iter().map(|read| self.with_cursor(read)));
            }
        }
        Ok(found)
    }

    async fn part(&mut self, part: &Part<'_>, ascending: bool, limit: usize) -> Result<Vec<Read>, StoreError> {
        let course = Course { run: self.run.id, sort: self.sort, ascending };
        let mut sql: QueryBuilder<Sqlite> = QueryBuilder::new("SELECT ");
        sql.push(line::COLUMNS).push(" FROM rows");
        course.push(&mut sql, part);
        filter::push(&mut sql, self.filter, &self.run.sums.currencies());
        course.push_order(&mut sql);
        sql.push(" LIMIT ").push_bind(i64::try_from(limit).unwrap_or(i64::MAX));
        let rows = sql.build().fetch_all(&mut *self.conn).await.map_err(fault::store)?;
        rows.iter().map(line::read).collect()
    }

    fn with_cursor(&self, read: Read) -> (Cursor, RowLine) {
        let number = |n: Option<i64>| n.map_or(CursorValue::Null, CursorValue::Integer);
        let value = match self.sort {
            SortColumn::Key => CursorValue::Integer(read.line.seq),
            SortColumn::AtStake => CursorValue::Integer(read.at_stake),
            SortColumn::Delta => number(read.line.delta),
            SortColumn::Actual => number(read.line.actual),
            SortColumn::Expected => number(read.line.expected),
            SortColumn::Verdict => CursorValue::Integer(i64::from(read.line.verdict.code())),
            SortColumn::Customer => CursorValue::Text(read.line.customer.raw().to_owned()),
            SortColumn::Plan => CursorValue::Text(read.line.plan.raw().to_owned()),
        };
        (Cursor { seq: read.line.seq, value }, read.line)
    }
}

/// What a filter comes to: from the run's own sums where they can tell, else over the rows.
pub(super) async fn totals(conn: &mut SqliteConnection, run: &Visible, wanted: &RowFilter) -> Result<FilterTotals, StoreError> {
    if let Some(totals) = run.sums.totals(wanted)? {
        return Ok(totals);
    }
    // SQLite's sum() fails beyond 64 bits: the halves are summed apart and joined here.
    let mut sql: QueryBuilder<Sqlite> = QueryBuilder::new("SELECT ");
    sql.push(filter::CURRENCY).push(
        ", count(*), coalesce(sum(delta >> 32), 0), coalesce(sum(delta & 4294967295), 0), \
         coalesce(sum(at_stake >> 32), 0), coalesce(sum(at_stake & 4294967295), 0) FROM rows",
    );
    let course = Course { run: run.id, sort: SortColumn::Key, ascending: true };
    course.push(&mut sql, &Part::Sorted { by_verdict: by_verdict(run, wanted), edge: Edge::All });
    filter::push(&mut sql, wanted, &run.sums.currencies());
    sql.push(" GROUP BY 1");
    let mut by_currency = BTreeMap::new();
    for row in sql.build().fetch_all(conn).await.map_err(fault::store)? {
        let code: Option<String> = row.try_get(0).map_err(fault::store)?;
        let currency = code.as_deref().map(columns::currency).transpose()?;
        let number = |i: usize| row.try_get::<i64, _>(i).map(i128::from).map_err(fault::store);
        let wide = |high: i128, low: i128| (high << 32) + low;
        let rows = u64::try_from(number(1)?).unwrap_or(0);
        by_currency.insert(currency, Sum { rows, delta: wide(number(2)?, number(3)?), at_stake: wide(number(4)?, number(5)?) });
    }
    totals_of(by_currency)
}

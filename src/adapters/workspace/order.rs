//! Sorted walks by keyset: from any place of a sort in either direction, without counting over what lies before.
//!
//! Every sort is total, since the place of a row ends it; descending is exactly the ascending order turned round. NULL
//! comes first in ascending order. A walk from a cursor is cut into parts that are each one range of one index.

use super::columns::place;
use crate::ports::workspace::{Cursor, CursorValue, SortColumn};
use sqlx::QueryBuilder;
use sqlx::sqlite::Sqlite;

/// The column of a sort, and its index.
pub(super) const fn column(sort: SortColumn) -> &'static str {
    match sort {
        SortColumn::Key => "place",
        SortColumn::AtStake => "at_stake",
        SortColumn::Delta => "delta",
        SortColumn::Actual => "actual",
        SortColumn::Expected => "expected",
        SortColumn::Verdict => "verdict",
        SortColumn::Customer => "customer",
        SortColumn::Plan => "plan",
    }
}

/// The index whose order is the sort; the stored order needs none.
pub(super) const fn index(sort: SortColumn) -> &'static str {
    match sort {
        SortColumn::Key => " NOT INDEXED",
        SortColumn::AtStake => " INDEXED BY rows_by_at_stake",
        SortColumn::Delta => " INDEXED BY rows_by_delta",
        SortColumn::Actual => " INDEXED BY rows_by_actual",
        SortColumn::Expected => " INDEXED BY rows_by_expected",
        SortColumn::Verdict => " INDEXED BY rows_by_verdict",
        SortColumn::Customer => " INDEXED BY rows_by_customer",
        SortColumn::Plan => " INDEXED BY rows_by_plan",
    }
}

/// From where a walk goes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Edge<'a> {
    /// From the first row of its direction.
    All,
    /// From the row after that one.
    Past(&'a Cursor),
    /// From that row on, itself included.
    From(&'a Cursor),
}

/// One range of the sort's index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// The whole run.
    All,
    /// By place alone, beyond it in the walk's direction.
    Place { seq: i64, inclusive: bool },
    /// Rows of the same value, beyond that place.
    Tie { value: CursorValue, seq: i64, inclusive: bool },
    /// Values beyond that one in the walk's direction, NULL left out.
    Beyond(CursorValue),
    /// Every value but NULL.
    NotNull,
    /// NULL.
    Null,
}

/// The parts of a walk, in the order they are walked.
pub(super) fn parts(sort: SortColumn, ascending: bool, edge: Edge<'_>) -> Vec<Part> {
    let (cursor, inclusive) = match edge {
        Edge::All => return vec![Part::All],
        Edge::Past(c) => (c, false),
        Edge::From(c) => (c, true),
    };
    let seq = cursor.seq;
    if sort == SortColumn::Key {
        return vec![Part::Place { seq, inclusive }];
    }
    let value = cursor.value.clone();
    let tie = Part::Tie { value: value.clone(), seq, inclusive };
    match (value, ascending) {
        (CursorValue::Null, true) => vec![tie, Part::NotNull],
        (CursorValue::Null, false) => vec![tie],
        (value, true) => vec![tie, Part::Beyond(value)],
        (value, false) => vec![tie, Part::Beyond(value), Part::Null],
    }
}

/// Appends the condition of a part, beginning with `run_id = …` or the run's places.
pub(super) fn push(sql: &mut QueryBuilder<Sqlite>, run: i64, sort: SortColumn, ascending: bool, part: &Part) {
    if sort == SortColumn::Key {
        sql.push("place > ").push_bind(place(run, 0)).push(" AND place < ").push_bind(place(run + 1, 0));
    } else {
        sql.push("run_id = ").push_bind(run);
    }
    let column = column(sort);
    match part {
        Part::All => {}
        Part::Place { seq, inclusive } => push_beyond_place(sql, place(run, *seq), ascending, *inclusive),
        Part::Tie { value, seq, inclusive } => {
            sql.push(" AND ").push(column);
            match value {
                CursorValue::Null => sql.push(" IS NULL"),
                value => push_value(sql.push(" = "), value),
            };
            push_beyond_place(sql, place(run, *seq), ascending, *inclusive);
        }
        Part::Beyond(value) => {
            sql.push(" AND ").push(column).push(if ascending { " > " } else { " < " });
            push_value(sql, value);
        }
        // Said as a range, which an index can begin at; IS NOT NULL would be checked row by row.
        Part::NotNull => {
            sql.push(" AND ").push(column).push(" >= ");
            match sort {
                SortColumn::Customer | SortColumn::Plan => sql.push("''"),
                _ => sql.push_bind(i64::MIN),
            };
        }
        Part::Null => {
            sql.push(" AND ").push(column).push(" IS NULL");
        }
    }
}

fn push_value<'a>(sql: &'a mut QueryBuilder<Sqlite>, value: &CursorValue) -> &'a mut QueryBuilder<Sqlite> {
    match value {
        CursorValue::Integer(n) => sql.push_bind(*n),
        CursorValue::Text(t) => sql.push_bind(t.clone()),
        CursorValue::Null => sql.push("NULL"),
    }
}

fn push_beyond_place(sql: &mut QueryBuilder<Sqlite>, at: i64, ascending: bool, inclusive: bool) {
    let beyond = match (ascending, inclusive) {
        (true, false) => " > ",
        (true, true) => " >= ",
        (false, false) => " < ",
        (false, true) => " <= ",
    };
    sql.push(" AND place").push(beyond).push_bind(at);
}

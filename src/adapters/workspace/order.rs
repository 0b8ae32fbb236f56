//! Sorted walks by keyset: from any place of a sort in either direction, never counting over what lies before.
//!
//! Every sort is total, since the place of a row ends it; descending is exactly the ascending order turned round. NULL
//! comes first in ascending order.
//!
//! Nearly all rows of a run match, so indexes hold only the rows that do not (a full set of indexes made writing a run ten
//! times as dear as the rows themselves). The sorts people look at — at stake, delta, verdict — are walked in bands: what
//! is not nought by its index, the noughts in stored order. The other sorts read the run through and keep the best few,
//! which measured 0.14 s for a million rows.

use super::columns::place;
use crate::ports::workspace::{Cursor, CursorValue, SortColumn};
use sqlx::QueryBuilder;
use sqlx::sqlite::Sqlite;

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

/// Values of a column that are walked alike, in ascending order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Band {
    Null,
    Below,
    Zero,
    Above,
}

/// Where in a band.
#[derive(Debug, Clone, Copy)]
pub(super) enum Within {
    All,
    /// Beyond that row, all being of one value.
    Place {
        seq: i64,
        inclusive: bool,
    },
    /// Of that value, beyond that row.
    Tie {
        value: i64,
        seq: i64,
        inclusive: bool,
    },
    /// Beyond that value.
    Beyond(i64),
}

/// One statement of a walk.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part<'a> {
    /// A range of the sort's index, or of the stored order.
    Band(Band, Within),
    /// Everything beyond the edge, sorted by SQLite; found by verdict or by reading the run through.
    Sorted { by_verdict: bool, edge: Edge<'a> },
}

/// The parts of a walk, in the order they are walked.
pub(super) fn parts(sort: SortColumn, ascending: bool, edge: Edge<'_>, by_verdict: bool) -> Vec<Part<'_>> {
    let mut bands = match sort {
        SortColumn::Delta => vec![Band::Null, Band::Below, Band::Zero, Band::Above],
        SortColumn::AtStake | SortColumn::Verdict => vec![Band::Zero, Band::Above],
        SortColumn::Key | SortColumn::Actual | SortColumn::Expected | SortColumn::Customer | SortColumn::Plan => vec![],
    };
    if by_verdict || bands.is_empty() {
        return vec![Part::Sorted { by_verdict, edge }];
    }
    if !ascending {
        bands.reverse();
    }
    let (cursor, inclusive) = match edge {
        Edge::All => return bands.into_iter().map(|b| Part::Band(b, Within::All)).collect(),
        Edge::Past(c) => (c, false),
        Edge::From(c) => (c, true),
    };
    let (at, value) = match cursor.value {
        CursorValue::Null => (Band::Null, 0),
        CursorValue::Integer(n) if n < 0 => (Band::Below, n),
        CursorValue::Integer(0) => (Band::Zero, 0),
        CursorValue::Integer(n) => (Band::Above, n),
        CursorValue::Text(_) => (Band::Above, i64::MAX),
    };
    let seq = cursor.seq;
    let mut parts = Vec::new();
    for band in bands.into_iter().filter(|b| if ascending { *b >= at } else { *b <= at }) {
        match band {
            _ if band != at => parts.push(Part::Band(band, Within::All)),
            Band::Null | Band::Zero => parts.push(Part::Band(band, Within::Place { seq, inclusive })),
            Band::Below | Band::Above => {
                parts.push(Part::Band(band, Within::Tie { value, seq, inclusive }));
                parts.push(Part::Band(band, Within::Beyond(value)));
            }
        }
    }
    parts
}

/// A walk's run, sort and direction.
#[derive(Debug, Clone, Copy)]
pub(super) struct Course {
    pub run: i64,
    pub sort: SortColumn,
    pub ascending: bool,
}

impl Course {
    /// Appends the index to use and the condition of a part: `… WHERE …`.
    pub fn push(self, sql: &mut QueryBuilder<Sqlite>, part: &Part<'_>) {
        match *part {
            Part::Sorted { by_verdict, edge } => {
                self.push_run(sql, if by_verdict { Some(SortColumn::Verdict) } else { None });
                match edge {
                    Edge::All => {}
                    Edge::Past(c) => self.push_beyond(sql, c, false),
                    Edge::From(c) => self.push_beyond(sql, c, true),
                }
            }
            Part::Band(band, within) => {
                self.push_run(sql, (band != Band::Zero).then_some(self.sort));
                sql.push(" AND ").push(column(self.sort)).push(match band {
                    Band::Null => " IS NULL",
                    Band::Below => " < 0",
                    Band::Zero => " = 0",
                    Band::Above => " > 0",
                });
                self.push_within(sql, within);
            }
        }
    }

    /// Appends ` ORDER BY …`.
    pub fn push_order(self, sql: &mut QueryBuilder<Sqlite>) {
        let direction = if self.ascending { " ASC" } else { " DESC" };
        sql.push(" ORDER BY ");
        if self.sort != SortColumn::Key {
            sql.push(column(self.sort)).push(direction).push(", ");
        }
        sql.push("place").push(direction);
    }

    /// The run's rows, by a partial index (whose own condition must be said again, word for word) or in stored order.
    fn push_run(self, sql: &mut QueryBuilder<Sqlite>, index: Option<SortColumn>) {
        let by = match index {
            Some(SortColumn::AtStake) => " INDEXED BY rows_by_at_stake WHERE at_stake <> 0 AND run_id = ",
            Some(SortColumn::Delta) => " INDEXED BY rows_by_delta WHERE delta IS NOT 0 AND run_id = ",
            Some(SortColumn::Verdict) => " INDEXED BY rows_by_verdict WHERE verdict <> 0 AND run_id = ",
            _ => {
                sql.push(" NOT INDEXED WHERE place > ").push_bind(place(self.run, 0));
                sql.push(" AND place < ").push_bind(place(self.run + 1, 0));
                return;
            }
        };
        sql.push(by).push_bind(self.run);
    }

    fn push_within(self, sql: &mut QueryBuilder<Sqlite>, within: Within) {
        match within {
            Within::All => {}
            Within::Place { seq, inclusive } => self.push_place(sql, seq, inclusive),
            Within::Tie { value, seq, inclusive } => {
                sql.push(" AND ").push(column(self.sort)).push(" = ").push_bind(value);
                self.push_place(sql, seq, inclusive);
            }
            Within::Beyond(value) => {
                sql.push(" AND ").push(column(self.sort)).push(if self.ascending { " > " } else { " < " }).push_bind(value);
            }
        }
    }

    fn push_place(self, sql: &mut QueryBuilder<Sqlite>, seq: i64, inclusive: bool) {
        let beyond = match (self.ascending, inclusive) {
            (true, false) => " > ",
            (true, true) => " >= ",
            (false, false) => " < ",
            (false, true) => " <= ",
        };
        sql.push(" AND place").push(beyond).push_bind(place(self.run, seq));
    }

    /// Beyond a cursor in one condition, for what SQLite sorts itself.
    fn push_beyond(self, sql: &mut QueryBuilder<Sqlite>, cursor: &Cursor, inclusive: bool) {
        if self.sort == SortColumn::Key {
            return self.push_place(sql, cursor.seq, inclusive);
        }
        let column = column(self.sort);
        let value = match &cursor.value {
            CursorValue::Null => None,
            CursorValue::Integer(n) => Some(Bound::Number(*n)),
            CursorValue::Text(t) => Some(Bound::Text(t)),
        };
        sql.push(" AND (");
        match (&value, self.ascending) {
            (None, true) => sql.push(column).push(" IS NOT NULL"),
            (None, false) => sql.push("0"),
            (Some(v), true) => v.push(sql.push(column).push(" > ")),
            (Some(v), false) => v.push(sql.push(column).push(" IS NULL OR ").push(column).push(" < ")),
        };
        sql.push(" OR (").push(column);
        match &value {
            None => sql.push(" IS NULL"),
            Some(v) => v.push(sql.push(" = ")),
        };
        self.push_place(sql, cursor.seq, inclusive);
        sql.push("))");
    }
}

enum Bound<'a> {
    Number(i64),
    Text(&'a str),
}

impl Bound<'_> {
    fn push<'q>(&self, sql: &'q mut QueryBuilder<Sqlite>) -> &'q mut QueryBuilder<Sqlite> {
        match self {
            Self::Number(n) => sql.push_bind(*n),
            Self::Text(t) => sql.push_bind((*t).to_owned()),
        }
    }
}

const fn column(sort: SortColumn) -> &'static str {
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

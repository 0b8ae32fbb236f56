//! The order of rows in each sort, and how it is walked: from any place in either direction.
//!
//! Every sort is total, since the number of a row ends it; descending is exactly the ascending order turned round. An absent
//! value comes first in ascending order. The sorts people look at — at stake, delta, verdict — are walked in bands: what is
//! not nought by its [rank](super::ranks), the noughts in stored order.

use super::ranks::Key;
use super::unpack::Line;
use crate::domain::pack::Bent;
use crate::ports::workspace::{Cursor, CursorValue, RowLine, SortColumn};
use std::borrow::Cow;

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

impl<'a> Edge<'a> {
    /// What lies on the other side, to be walked the other way; nothing does where there is no edge.
    pub const fn turned(self) -> Option<Self> {
        match self {
            Self::All => None,
            Self::Past(c) => Some(Self::From(c)),
            Self::From(c) => Some(Self::Past(c)),
        }
    }

    /// The row it is at, and whether that is walked.
    pub const fn cursor(self) -> Option<(&'a Cursor, bool)> {
        match self {
            Self::All => None,
            Self::Past(c) => Some((c, false)),
            Self::From(c) => Some((c, true)),
        }
    }

    /// Whether a row is walked.
    pub fn admits(self, row: &(Value<'_>, i64), ascending: bool) -> bool {
        let Some((cursor, inclusive)) = self.cursor() else { return true };
        let order = row.0.cmp(&Value::of_cursor(&cursor.value)).then(row.1.cmp(&cursor.seq));
        if order.is_eq() { inclusive } else { order.is_gt() == ascending }
    }
}

/// A value of the sort column, in the order it is sorted by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Value<'a> {
    Absent,
    Integer(i64),
    Text(Cow<'a, str>),
}

impl<'a> Value<'a> {
    fn integer(n: Option<i64>) -> Self {
        n.map_or(Self::Absent, Self::Integer)
    }

    /// That of a line.
    pub fn of_line(line: &'a Line<'_>, seq: i64, sort: SortColumn) -> Result<Self, Bent> {
        let amounts = || line.monies.amounts();
        Ok(match sort {
            SortColumn::Key => Self::Integer(seq),
            SortColumn::AtStake => Self::Integer(line.monies.at_stake()),
            SortColumn::Delta => Self::integer(amounts().delta),
            SortColumn::Actual => Self::integer(amounts().actual),
            SortColumn::Expected => Self::integer(amounts().expected),
            SortColumn::Verdict => Self::Integer(i64::from(line.verdict.code())),
            SortColumn::Customer => Self::Text(line.word(line.customer)?),
            SortColumn::Plan => Self::Text(line.word(line.plan)?),
        })
    }

    pub fn of_cursor(value: &'a CursorValue) -> Self {
        match value {
            CursorValue::Null => Self::Absent,
            CursorValue::Integer(n) => Self::Integer(*n),
            CursorValue::Text(t) => Self::Text(Cow::Borrowed(t)),
        }
    }

    /// The same, of no line.
    pub fn owned(self) -> Value<'static> {
        match self {
            Self::Absent => Value::Absent,
            Self::Integer(n) => Value::Integer(n),
            Self::Text(t) => Value::Text(Cow::Owned(t.into_owned())),
        }
    }
}

/// A row for lists, with its cursor in a sort.
pub(super) type Placed = (Cursor, RowLine);

/// That of a line.
pub(super) fn placed(line: &mut Line<'_>, seq: i64, sort: SortColumn) -> Result<Placed, Bent> {
    let value = match Value::of_line(line, seq, sort)? {
        Value::Absent => CursorValue::Null,
        Value::Integer(n) => CursorValue::Integer(n),
        Value::Text(text) => CursorValue::Text(text.into_owned()),
    };
    Ok((Cursor { seq, value }, line.owned(seq)?))
}

/// Rows of a ranked sort that are walked alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Band {
    /// Ranks from the first key on, before the second.
    Ranks(Key, Key),
    /// Rows whose value is nought, from the first number on, before the second.
    Noughts(i64, i64),
}

/// Below every key, and above every key.
const BOTTOM: Key = (None, i64::MIN);
const TOP: Key = (Some(i64::MAX), i64::MAX);
/// The first key that is nought, and the first beyond.
const NOUGHT: Key = (Some(0), i64::MIN);
const ABOVE: Key = (Some(1), i64::MIN);

/// The bands of a walk, in the order they are walked.
pub(super) fn bands(edge: Edge<'_>, ascending: bool) -> Vec<Band> {
    // Numbers of rows are far below the greatest: one more makes "past" of "from".
    let at = edge.cursor().map(|(cursor, inclusive)| {
        let past = i64::from(inclusive != ascending);
        match cursor.value {
            CursorValue::Null => (None, cursor.seq + past),
            CursorValue::Integer(n) => (Some(n), cursor.seq + past),
            CursorValue::Text(_) => TOP,
        }
    });
    let (from, to) = match at {
        None => (BOTTOM, TOP),
        Some(at) if ascending => (at, TOP),
        Some(at) => (BOTTOM, at),
    };
    let mut bands = Vec::new();
    let mut push = |low: Key, high: Key| {
        let (low, high) = (low.max(from), high.min(to));
        if low < high {
            bands.push(if low.0 == Some(0) {
                Band::Noughts(low.1, if high.0 == Some(0) { high.1 } else { i64::MAX })
            } else {
                Band::Ranks(low, high)
            });
        }
    };
    push(BOTTOM, NOUGHT);
    push(NOUGHT, ABOVE);
    push(ABOVE, TOP);
    if !ascending {
        bands.reverse();
    }
    bands
}

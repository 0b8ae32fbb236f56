//! Rows as an adapter hands them over: the bytes of each field, or NULL, and where the contract's columns stand among them.

use super::days::LocalDays;
use super::{Reason, Row, Wire};
use crate::domain::contract::columns::usage;
use crate::domain::contract::{Column, Entity};
use crate::domain::period::Zone;
use crate::domain::profile::SideProfile;
use chrono::{DateTime, NaiveDate, Utc};

/// Where each contract column stands in a query's result, and in which form. Built once per stream.
#[derive(Debug, Clone)]
pub struct Layout {
    /// The entity read.
    pub entity: Entity,
    places: Vec<Option<Place>>,
    days: LocalDays,
}

/// A contract column in a query's result.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// Which of the result's columns.
    pub at: usize,
    /// The form of its fields.
    pub wire: Wire,
    /// Printed from binary floating point.
    pub approximate: bool,
}

/// Rows of one query result. `width` fields a row, row after row, in the query's own column order; each field is in the form
/// its [`ResultColumn`] names.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    width: usize,
    bytes: Vec<u8>,
    fields: Vec<Span>,
    /// Where the field begins that is appended piece by piece.
    open: u32,
}

/// Where a field begins and ends among the bytes of a batch; an end before its beginning stands for NULL.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: u32,
    end: u32,
}

const NULL: Span = Span { start: 1, end: 0 };

impl Batch {
    /// An empty batch for rows of `width` fields.
    pub fn new(width: usize) -> Self {
        Self { width, ..Self::default() }
    }

    /// Fields a row.
    pub const fn width(&self) -> usize {
        self.width
    }

    /// Whole rows in it.
    #[inline]
    pub fn len(&self) -> usize {
        self.fields.len().checked_div(self.width).unwrap_or(0)
    }

    /// True without rows.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Bytes it holds, with what stands between fields where they came in one piece.
    pub fn byte_len(&self) -> usize {
        self.bytes.len()
    }

    /// Empties it and keeps its memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.fields.clear();
        self.open = 0;
    }

    /// Appends the next field of the current row; `None` is NULL.
    #[inline]
    pub fn push(&mut self, field: Option<&[u8]>) {
        match field {
            None => self.fields.push(NULL),
            Some(bytes) => {
                self.bytes.extend_from_slice(bytes);
                self.end_field();
            }
        }
    }

    /// The buffer to append a field's bytes to, piece by piece, before [`Batch::end_field`].
    pub const fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Ends the field whose bytes were appended to [`Batch::buffer`].
    #[inline]
    pub fn end_field(&mut self) {
        let end = self.end();
        self.fields.push(Span { start: self.open, end });
        self.open = end;
    }

    /// Takes bytes in of which fields are to be [picked](Batch::pick); returns where they begin.
    #[inline]
    pub fn lay(&mut self, bytes: &[u8]) -> usize {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        self.open = self.end();
        start
    }

    /// The next field of the current row is of bytes that were laid.
    #[inline]
    pub fn pick(&mut self, start: usize, length: usize) {
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        self.fields.push(Span { start: place(start), end: place(start + length) });
    }

    #[inline]
    fn end(&self) -> u32 {
        // A batch is flushed long before 4 GiB; adapters bound the single field.
        u32::try_from(self.bytes.len()).unwrap_or(u32::MAX)
    }

    /// The field of a row and a result column; `None` is NULL.
    #[inline]
    pub fn field(&self, row: usize, column: usize) -> Option<&[u8]> {
        let Span { start, end } = *self.fields.get(row * self.width + column)?;
        self.bytes.get(start as usize..end as usize)
    }

    /// Reads rows one after another.
    pub fn rows<'a>(&'a self, layout: &'a Layout, profile: &'a SideProfile, zone: Zone) -> impl Iterator<Item = Row<'a>> + 'a {
        (0..self.len()).map(move |row| Row::new(self, row, layout, profile, zone))
    }
}

/// A result column as the server described it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultColumn {
    /// Its name.
    pub name: String,
    /// The server's own type name, lower case: `numeric`, `uuid`, `timestamptz`, `TEXT` …
    pub type_name: String,
    /// True for binary floating point: exact digits are not guaranteed.
    pub approximate: bool,
    /// The form its fields arrive in.
    pub wire: Wire,
}

impl Layout {
    /// Finds the contract's columns among a result's. Columns the contract does not know are ignored here (`doctor` reports them).
    pub fn new(entity: Entity, columns: &[ResultColumn]) -> Result<Self, LayoutError> {
        let mut places = Vec::with_capacity(entity.columns().len());
        let mut missing = Vec::new();
        for spec in entity.columns() {
            let mut hits = columns.iter().enumerate().filter(|(_, c)| c.name == spec.name);
            let found = hits.next();
            if hits.next().is_some() {
                return Err(LayoutError::Twice { entity, column: spec.name });
            }
            if found.is_none() && spec.required {
                missing.push(spec.name);
            }
            places.push(found.map(|(at, column)| Place { at, wire: column.wire, approximate: column.approximate }));
        }
        let layout = Self { entity, places, days: LocalDays::default() };
        if entity == Entity::Usage && !layout.has(usage::OCCURRED_AT) && !layout.has(usage::PERIOD_START) {
            missing.push("occurred_at (or period_start)");
        }
        if missing.is_empty() { Ok(layout) } else { Err(LayoutError::Missing { entity, columns: missing }) }
    }

    /// Where a contract column stands; `None` for one of another entity, too.
    #[inline]
    pub(super) fn place_of(&self, column: Column) -> Option<Place> {
        if column.entity() == self.entity { self.places.get(column.place()).copied().flatten() } else { None }
    }

    /// Whether the query delivers a contract column.
    pub fn has(&self, column: Column) -> bool {
        self.place_of(column).is_some()
    }

    /// The day of a date by its number, as `find` finds it.
    #[inline]
    pub(super) fn date(&self, number: i32, find: impl FnOnce() -> Result<NaiveDate, Reason>) -> Result<NaiveDate, Reason> {
        self.days.date(number, find)
    }

    /// The local day an instant falls on.
    pub(super) fn day_of(&self, at: DateTime<Utc>, zone: Zone) -> NaiveDate {
        self.days.day_of(at, zone)
    }
}

/// Why a query's columns are not the contract's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    /// Required columns are not delivered.
    #[error("{entity} lacks {}", columns.join(", "))]
    Missing {
        /// Of which entity.
        entity: Entity,
        /// Their names.
        columns: Vec<&'static str>,
    },
    /// One name stands twice.
    #[error("{entity} delivers {column} twice")]
    Twice {
        /// Of which entity.
        entity: Entity,
        /// Its name.
        column: &'static str,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_and_empty_are_two_things() {
        let mut batch = Batch::new(3);
        for field in [Some(&b"a"[..]), None, Some(b""), None, None, Some(b"bc")] {
            batch.push(field);
        }
        let fields: Vec<Option<&[u8]>> = (0..6).map(|i| batch.field(i / 3, i % 3)).collect();
        assert_eq!((batch.len(), fields), (2, vec![Some(&b"a"[..]), None, Some(b""), None, None, Some(b"bc")]));
        let start = batch.lay(b"<d>");
        batch.pick(start + 1, 1);
        batch.push(Some(b"e"));
        assert_eq!((batch.field(2, 0), batch.field(2, 1)), (Some(&b"d"[..]), Some(&b"e"[..])));
    }
}

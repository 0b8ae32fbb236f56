//! Rows as an adapter hands them over: the bytes of each field, or NULL, and where the contract's columns stand among them.

use super::Row;
use crate::domain::contract::Entity;
use crate::domain::period::Zone;
use crate::domain::profile::SideProfile;

/// Where each contract column stands in a query's result. Built once per stream.
#[derive(Debug, Clone)]
pub struct Layout {
    /// The entity read.
    pub entity: Entity,
    place: Vec<Option<usize>>,
    approximate: Vec<bool>,
}

/// Marks a field that is NULL in [`Batch`].
const NULL_END: u32 = u32::MAX;

/// Rows of one query result, as text. `width` fields a row, row after row, in the query's own column order.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    width: usize,
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

impl Batch {
    /// An empty batch for rows of `width` fields.
    pub fn new(width: usize) -> Self {
        Self { width, bytes: Vec::new(), ends: Vec::new() }
    }

    /// Fields a row.
    pub const fn width(&self) -> usize {
        self.width
    }

    /// Whole rows in it.
    pub fn len(&self) -> usize {
        self.ends.len().checked_div(self.width).unwrap_or(0)
    }

    /// True without rows.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Bytes of text in it.
    pub fn byte_len(&self) -> usize {
        self.bytes.len()
    }

    /// Empties it and keeps its memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    /// Appends the next field of the current row; `None` is NULL.
    pub fn push(&mut self, field: Option<&[u8]>) {
        match field {
            None => self.ends.push(NULL_END),
            Some(text) => {
                self.bytes.extend_from_slice(text);
                self.end_field();
            }
        }
    }

    /// The buffer to append a field's bytes to, piece by piece, before [`Batch::end_field`].
    pub const fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Ends the field whose bytes were appended to [`Batch::buffer`].
    pub fn end_field(&mut self) {
        // A batch is flushed long before 4 GiB; adapters bound the single field.
        self.ends.push(u32::try_from(self.bytes.len()).unwrap_or(NULL_END - 1));
    }

    /// The field of a row and a result column; `None` is NULL.
    pub fn field(&self, row: usize, column: usize) -> Option<&[u8]> {
        let at = row * self.width + column;
        let end = *self.ends.get(at)?;
        if end == NULL_END {
            return None;
        }
        let start = self.ends.get(..at)?.iter().rev().find(|&&e| e != NULL_END).copied().unwrap_or(0);
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
}

impl Layout {
    /// Finds the contract's columns among a result's. Columns the contract does not know are ignored here (`doctor` reports them).
    pub fn new(entity: Entity, columns: &[ResultColumn]) -> Result<Self, LayoutError> {
        let mut place = vec![None; entity.columns().len()];
        let mut approximate = vec![false; place.len()];
        let mut missing = Vec::new();
        for (i, spec) in entity.columns().iter().enumerate() {
            let mut hits = columns.iter().enumerate().filter(|(_, c)| c.name == spec.name);
            if let Some((at, column)) = hits.next() {
                if hits.next().is_some() {
                    return Err(LayoutError::Twice { entity, column: spec.name });
                }
                if let (Some(p), Some(a)) = (place.get_mut(i), approximate.get_mut(i)) {
                    (*p, *a) = (Some(at), column.approximate);
                }
            } else if spec.required {
                missing.push(spec.name);
            }
        }
        let has = |name: &str| entity.column(name).and_then(|i| place.get(i).copied().flatten()).is_some();
        if entity == Entity::Usage && !has("occurred_at") && !has("period_start") {
            missing.push("occurred_at (or period_start)");
        }
        if missing.is_empty() { Ok(Self { entity, place, approximate }) } else { Err(LayoutError::Missing { entity, columns: missing }) }
    }

    /// The result column of a contract column by its place in the contract.
    pub(super) fn place_of(&self, index: usize) -> Option<usize> {
        self.place.get(index).copied().flatten()
    }

    /// Whether a contract column comes from binary floating point.
    pub(super) fn is_approximate(&self, index: usize) -> bool {
        self.approximate.get(index).copied().unwrap_or(false)
    }

    /// Whether the query delivers a contract column.
    pub fn has(&self, column: &str) -> bool {
        self.entity.column(column).and_then(|i| self.place.get(i).copied().flatten()).is_some()
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
        batch.push(Some(b"a"));
        batch.push(None);
        batch.push(Some(b""));
        assert_eq!((batch.len(), batch.field(0, 0), batch.field(0, 1), batch.field(0, 2)), (1, Some(&b"a"[..]), None, Some(&b""[..])));
    }
}

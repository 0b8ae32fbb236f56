//! The keys of a batch of rows, looked up before its rows are read one by one.

use super::books::{Books, Party};
use super::interned::KeyId;
use crate::domain::contract::Column;
use crate::domain::decode::Row;
use crate::domain::key::KeyRef;

/// What was found ahead. Only UUIDs are: other keys are looked up when their row is read.
#[derive(Debug, Default)]
pub struct Ahead {
    uuids: Vec<Option<[u8; 16]>>,
    found: Vec<Option<KeyId>>,
    next: usize,
}

impl Ahead {
    /// Looks up the keys in a column of rows that are about to be read.
    pub fn look<'a>(&mut self, rows: impl Iterator<Item = Row<'a>>, column: Column, books: &Books) {
        let mut scratch = String::new();
        let mut uuids = rows.map(|row| match row.key_ref(column, &mut scratch) {
            Ok(Some(KeyRef::Uuid(uuid))) => Some(uuid),
            _ => None,
        });
        self.uuids.clear();
        self.next = 0;
        // A column whose first key is none is one of other keys, and not worth reading twice.
        if let Some(first @ Some(_)) = uuids.next() {
            self.uuids.push(first);
            self.uuids.extend(uuids);
        }
        books.keys.find_all(&self.uuids, &mut self.found);
    }

    /// Goes on to the next row.
    pub const fn step(&mut self) {
        self.next += 1;
    }

    /// Whom the key of the row stands for that is being read: as [`Books::party`] says.
    pub fn party<'k>(&self, key: KeyRef<'k>, books: &Books) -> Party<'k> {
        let at = self.next.wrapping_sub(1);
        match (self.uuids.get(at), key) {
            (Some(Some(ahead)), KeyRef::Uuid(uuid)) if *ahead == uuid => Party { key, id: self.found.get(at).copied().flatten() },
            _ => books.party(key),
        }
    }
}

//! Ids and words held once: a million of them in little more than their own bytes, named by small numbers.

use crate::domain::key::KeyRef;
use hashbrown::HashTable;
use std::hash::BuildHasher;

/// The number of the next of so many.
///
/// # Panics
/// Beyond 2^32 of them: a run cannot go on.
fn next(len: usize) -> u32 {
    let at = u32::try_from(len).ok().filter(|at| *at < u32::MAX);
    assert!(at.is_some(), "more than 4,294,967,294 ids do not fit");
    at.unwrap_or_default()
}

/// Where a string stands among those that end there.
fn range(ends: &[u32], at: u32) -> std::ops::Range<usize> {
    let at = at as usize;
    at.checked_sub(1).map_or(0, |before| ends[before] as usize)..ends[at] as usize
}

/// Words: metrics, plan ids, names. One after another, each once.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    held: String,
    ends: Vec<u32>,
    places: HashTable<u32>,
    hasher: hashbrown::DefaultHashBuilder,
}

impl Texts {
    /// The number of a text, given to it the first time it is met.
    ///
    /// # Panics
    /// Where all texts together pass 4 GiB.
    pub fn intern(&mut self, text: &str) -> u32 {
        if let Some(at) = self.find(text) {
            return at;
        }
        let at = next(self.ends.len());
        self.held.push_str(text);
        let end = u32::try_from(self.held.len());
        assert!(end.is_ok(), "texts of more than 4 GiB do not fit");
        self.ends.push(end.unwrap_or_default());
        let (ends, held, hasher) = (&self.ends, &self.held, &self.hasher);
        let rehash = |other: &u32| hasher.hash_one(&held[range(ends, *other)]);
        self.places.insert_unique(hasher.hash_one(text), at, rehash);
        at
    }

    /// The number of a text that was met.
    pub fn find(&self, text: &str) -> Option<u32> {
        self.places.find(self.hasher.hash_one(text), |at| self.get(*at) == text).copied()
    }

    /// The text of a number that was given.
    #[inline]
    pub fn get(&self, at: u32) -> &str {
        &self.held[range(&self.ends, at)]
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// True without any.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// All of them, by number.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &str)> {
        (0..).take(self.len()).map(|at| (at, self.get(at)))
    }
}

/// The number of an id in [`Keys`].
pub type KeyId = u32;

/// Ids held once, as subscription keys of both sides and customers of one: sixteen bytes each, which are a UUID or tell where a text stands.
#[derive(Debug, Clone, Default)]
pub struct Keys {
    slots: Vec<[u8; 16]>,
    /// Which of them are texts, a bit each.
    texts: Vec<u64>,
    held: String,
    places: HashTable<KeyId>,
    hasher: hashbrown::DefaultHashBuilder,
}

impl Keys {
    /// The number of a key, given to it the first time it is met.
    pub fn intern(&mut self, key: KeyRef<'_>) -> KeyId {
        if let Some(at) = self.find(key) {
            return at;
        }
        let at = next(self.slots.len());
        if self.slots.len().is_multiple_of(64) {
            self.texts.push(0);
        }
        let slot = match key {
            KeyRef::Uuid(uuid) => uuid,
            KeyRef::Text(text) => {
                let mut place = [0; 16];
                place[..8].copy_from_slice(&(self.held.len() as u64).to_le_bytes());
                place[8..].copy_from_slice(&(text.len() as u64).to_le_bytes());
                self.held.push_str(text);
                self.texts[at as usize / 64] |= 1 << (at % 64);
                place
            }
        };
        self.slots.push(slot);
        let hash = self.hash(key);
        let Self { slots, texts, held, places, hasher } = self;
        places.insert_unique(hash, at, |other| hash_of(hasher, view(slots, texts, held, *other)));
        at
    }

    /// Gives back what finds a key's number. Nothing is found any more, and one that comes now is given a number of its own.
    pub fn close(&mut self) {
        self.places = HashTable::new();
    }

    /// The number of a key that was met.
    #[inline]
    pub fn find(&self, key: KeyRef<'_>) -> Option<KeyId> {
        let hash = self.hash(key);
        match key {
            KeyRef::Uuid(uuid) => self.places.find(hash, |at| self.slots[*at as usize] == uuid && !is_text(&self.texts, *at)),
            KeyRef::Text(_) => self.places.find(hash, |at| self.get(*at) == key),
        }
        .copied()
    }

    /// The numbers of many UUIDs, in their order. One by one, each waits for memory that is far from the processor; in a row, the
    /// waits overlap.
    pub fn find_all(&self, uuids: &[Option<[u8; 16]>], found: &mut Vec<Option<KeyId>>) {
        found.clear();
        found.extend(uuids.iter().map(|uuid| uuid.and_then(|uuid| self.find(KeyRef::Uuid(uuid)))));
    }

    /// The key of a number that was given.
    #[inline]
    pub fn get(&self, at: KeyId) -> KeyRef<'_> {
        view(&self.slots, &self.texts, &self.held, at)
    }

    fn hash(&self, key: KeyRef<'_>) -> u64 {
        hash_of(&self.hasher, key)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// True without any.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Their numbers, in byte order of the keys.
    pub fn sorted(&self) -> Vec<KeyId> {
        let mut all: Vec<KeyId> = (0..).take(self.len()).collect();
        all.sort_unstable_by(|a, b| self.get(*a).order(self.get(*b)));
        all
    }
}

fn is_text(texts: &[u64], at: KeyId) -> bool {
    texts[at as usize / 64] >> (at % 64) & 1 == 1
}

fn view<'a>(slots: &[[u8; 16]], texts: &[u64], held: &'a str, at: KeyId) -> KeyRef<'a> {
    let slot = slots[at as usize];
    if !is_text(texts, at) {
        return KeyRef::Uuid(slot);
    }
    let (start, length) = slot.split_at(8);
    let number = |bytes: &[u8]| usize::try_from(u64::from_le_bytes(bytes.try_into().unwrap_or_default())).unwrap_or(usize::MAX);
    let start = number(start);
    KeyRef::Text(held.get(start..start.saturating_add(number(length))).unwrap_or_default())
}

#[inline]
fn hash_of(hasher: &hashbrown::DefaultHashBuilder, key: KeyRef<'_>) -> u64 {
    match key {
        KeyRef::Uuid(uuid) => hasher.hash_one(u128::from_le_bytes(uuid)),
        KeyRef::Text(text) => hasher.hash_one(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::key::Key;

    #[test]
    fn keys_are_found_again_and_sorted_as_text() {
        let mut keys = Keys::default();
        let texts = ["e4b7c2d0-1a2b-4c3d-8e4f-5a6b7c8d9e0f", "sub-2", "E4B7", "", "0b7c2d01-1a2b-4c3d-8e4f-5a6b7c8d9e0f", "e4b7c2d0-z", "sub-10"];
        for text in texts {
            let first = keys.intern(KeyRef::stored(text));
            assert_eq!((keys.intern(KeyRef::stored(text)), keys.get(first).to_key()), (first, Key::stored(text)));
        }
        let sorted: Vec<Key> = keys.sorted().into_iter().map(|at| keys.get(at).to_key()).collect();
        let mut expected: Vec<Key> = texts.iter().map(|t| Key::stored(t)).collect();
        expected.sort();
        assert_eq!(sorted, expected);
        assert_eq!(keys.find(KeyRef::stored("sub-3")), None);
    }
}

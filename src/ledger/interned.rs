//! Ids and words held once: a million of them in little more than their own bytes, named by small numbers.

use crate::domain::key::KeyRef;
use hashbrown::HashTable;
use std::hash::BuildHasher;

/// Strings in a row, each once. `B` holds them one after another.
#[derive(Debug, Clone, Default)]
struct Arena<B> {
    held: B,
    ends: Vec<u32>,
    places: HashTable<u32>,
    hasher: hashbrown::DefaultHashBuilder,
}

/// Where a string stands among those that end there.
fn range(ends: &[u32], at: u32) -> std::ops::Range<usize> {
    let at = at as usize;
    at.checked_sub(1).map_or(0, |before| ends[before] as usize)..ends[at] as usize
}

impl<B: AsRef<[u8]>> Arena<B> {
    fn get(&self, at: u32) -> &[u8] {
        &self.held.as_ref()[range(&self.ends, at)]
    }

    fn hash(&self, bytes: &[u8]) -> u64 {
        self.hasher.hash_one(bytes)
    }

    fn find(&self, bytes: &[u8]) -> Option<u32> {
        self.places.find(self.hash(bytes), |at| self.get(*at) == bytes).copied()
    }

    /// `append` puts the string behind all others.
    fn intern(&mut self, bytes: &[u8], append: impl FnOnce(&mut B)) -> u32 {
        if let Some(at) = self.find(bytes) {
            return at;
        }
        let at = u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
        append(&mut self.held);
        let end = u32::try_from(self.held.as_ref().len());
        assert!(end.is_ok() && at < u32::MAX, "ids of more than 4 GiB do not fit");
        self.ends.push(end.unwrap_or(u32::MAX));
        let hash = self.hash(bytes);
        let (places, ends, all, hasher) = (&mut self.places, &self.ends, self.held.as_ref(), &self.hasher);
        places.insert_unique(hash, at, |other| hasher.hash_one(&all[range(ends, *other)]));
        at
    }
}

/// Words: metrics, plan ids, customer ids, names.
#[derive(Debug, Clone, Default)]
pub struct Texts(Arena<String>);

impl Texts {
    /// The number of a text, given to it the first time it is met.
    pub fn intern(&mut self, text: &str) -> u32 {
        self.0.intern(text.as_bytes(), |held| held.push_str(text))
    }

    /// The number of a text that was met.
    pub fn find(&self, text: &str) -> Option<u32> {
        self.0.find(text.as_bytes())
    }

    /// The text of a number that was given.
    #[inline]
    pub fn get(&self, at: u32) -> &str {
        &self.0.held[range(&self.0.ends, at)]
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.ends.len()
    }

    /// True without any.
    pub fn is_empty(&self) -> bool {
        self.0.ends.is_empty()
    }

    /// All of them, by number.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &str)> {
        (0..).take(self.len()).map(|at| (at, self.get(at)))
    }
}

/// The number of a subscription key in [`Keys`].
pub type KeyId = u32;

/// Subscription keys of both sides. A UUID takes its sixteen bytes.
#[derive(Debug, Clone, Default)]
pub struct Keys(Arena<Vec<u8>>);

/// Begins the bytes of a UUID; no text begins with it.
const UUID_MARK: u8 = 0xFF;

impl Keys {
    /// The number of a key, given to it the first time it is met.
    pub fn intern(&mut self, key: KeyRef<'_>) -> KeyId {
        match key {
            KeyRef::Text(text) => self.0.intern(text.as_bytes(), |held| held.extend_from_slice(text.as_bytes())),
            KeyRef::Uuid(uuid) => self.0.intern(&marked(uuid), |held| held.extend_from_slice(&marked(uuid))),
        }
    }

    /// The number of a key that was met.
    pub fn find(&self, key: KeyRef<'_>) -> Option<KeyId> {
        match key {
            KeyRef::Text(text) => self.0.find(text.as_bytes()),
            KeyRef::Uuid(uuid) => self.0.find(&marked(uuid)),
        }
    }

    /// The key of a number that was given.
    pub fn get(&self, at: KeyId) -> KeyRef<'_> {
        match self.0.get(at) {
            [UUID_MARK, uuid @ ..] => KeyRef::Uuid(uuid.try_into().unwrap_or_default()),
            text => KeyRef::Text(std::str::from_utf8(text).unwrap_or_default()),
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.ends.len()
    }

    /// True without any.
    pub fn is_empty(&self) -> bool {
        self.0.ends.is_empty()
    }

    /// Their numbers, in byte order of the keys.
    pub fn sorted(&self) -> Vec<KeyId> {
        let mut all: Vec<KeyId> = (0..).take(self.len()).collect();
        all.sort_unstable_by(|a, b| self.get(*a).order(self.get(*b)));
        all
    }
}

fn marked(uuid: [u8; 16]) -> [u8; 17] {
    let mut bytes = [UUID_MARK; 17];
    bytes[1..].copy_from_slice(&uuid);
    bytes
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

//! Texts that rows of a block repeat: each stands once at the front of the block, and rows name it by number.

use crate::domain::pack::{Bent, Cut, Packed, put_id, put_size};
use std::borrow::Cow;

/// Places in which a word is looked for before it is taken for new. A word that lost its place stands twice, which costs bytes only.
const PLACES: usize = 256;
/// Half of them are for names, of which there are many: they must not push out the few words that come again and again.
const HALF: usize = PLACES / 2;

/// The words of a block being packed.
#[derive(Debug)]
pub(super) struct Words {
    text: String,
    ends: Vec<usize>,
    /// The word last seen at a place.
    recent: [Recent; PLACES],
}

/// A word by its number from 1, and what tells most words apart without looking at their text.
#[derive(Debug, Clone, Copy, Default)]
struct Recent {
    number: u32,
    ends: Ends,
}

/// Length, first and last bytes of a word. Up to sixteen bytes, that is all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Ends {
    length: usize,
    first: u64,
    last: u64,
}

/// Longest word that its [`Ends`] are all of.
const SHORT: usize = 16;

impl Ends {
    fn of(word: &[u8]) -> Self {
        let whole = |bytes: Option<&[u8; 8]>| bytes.map_or(0, |b| u64::from_le_bytes(*b));
        if word.len() >= 8 {
            return Self { length: word.len(), first: whole(word.first_chunk()), last: whole(word.last_chunk()) };
        }
        let first = word.iter().rev().fold(0, |all, b| all << 8 | u64::from(*b));
        Self { length: word.len(), first, last: 0 }
    }

    fn place(&self) -> usize {
        const MIX: u64 = 0x9E37_79B9_7F4A_7C15;
        let mixed = (self.first.wrapping_mul(MIX) ^ self.last.rotate_left(29) ^ self.length as u64).wrapping_mul(MIX);
        usize::from(mixed.to_be_bytes()[0]) % HALF
    }
}

impl Default for Words {
    fn default() -> Self {
        Self { text: String::new(), ends: Vec::new(), recent: [Recent::default(); PLACES] }
    }
}

impl Words {
    /// The number of a word; a new one is taken in.
    pub fn number(&mut self, word: &str) -> usize {
        self.number_from(0, word)
    }

    /// The number of a name, of which there are many.
    pub fn name(&mut self, name: &str) -> usize {
        self.number_from(HALF, name)
    }

    fn number_from(&mut self, places: usize, word: &str) -> usize {
        let ends = Ends::of(word.as_bytes());
        let place = places + ends.place();
        let seen = self.recent[place];
        if seen.number > 0 && seen.ends == ends {
            let number = seen.number as usize - 1;
            if word.len() <= SHORT || self.get(number) == word {
                return number;
            }
        }
        let number = self.ends.len();
        self.text.push_str(word);
        self.ends.push(self.text.len());
        self.recent[place] = Recent { number: u32::try_from(number + 1).unwrap_or(0), ends };
        number
    }

    fn get(&self, number: usize) -> &str {
        let start = if number == 0 { 0 } else { self.ends[number - 1] };
        &self.text[start..self.ends[number]]
    }

    /// Bytes of all words.
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// Appends the words to a block and forgets them.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        put_size(out, self.ends.len());
        let mut start = 0;
        for end in self.ends.drain(..) {
            put_id(out, &self.text[start..end], false);
            start = end;
        }
        self.text.clear();
        self.recent.fill(Recent::default());
    }
}

/// The words of a block being read.
#[derive(Debug)]
pub(super) struct Book<'a>(Vec<Packed<'a>>);

impl<'a> Book<'a> {
    /// Reads what [`Words::finish`] wrote.
    pub fn read(cut: &mut Cut<'a>) -> Result<Self, Bent> {
        let count = cut.count()?;
        let mut words = Vec::with_capacity(count);
        for _ in 0..count {
            words.push(cut.id()?.0);
        }
        Ok(Self(words))
    }

    /// Reads words as blocks of the first form have them: all lengths, then all texts.
    pub fn of_first_form(cut: &mut Cut<'a>) -> Result<Self, Bent> {
        let count = cut.count()?;
        let lengths = (0..count).map(|_| cut.size()).collect::<Result<Vec<_>, _>>()?;
        lengths.into_iter().map(|length| cut.bytes(length).map(Packed::Text)).collect::<Result<_, _>>().map(Self)
    }

    /// A word by number.
    pub fn get(&self, number: usize) -> Result<Cow<'a, str>, Bent> {
        self.0.get(number).ok_or(Bent("a word of it is missing"))?.shown()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_in_either_form() {
        let texts = ["basic", "0b7c2d01-1a2b-4c3d-8e4f-5a6b7c8d9e0f", "", "0B7C2D01-1A2B-4C3D-8E4F-5A6B7C8D9E0F", "é"];
        let mut words = Words::default();
        for (number, text) in texts.iter().enumerate() {
            assert_eq!((words.number(text), words.number(text)), (number, number));
        }
        let mut packed = Vec::new();
        words.finish(&mut packed);
        // As blocks had them before: all lengths, then all texts.
        let mut first = vec![5, 5, 36, 0, 36, 2];
        first.extend(texts.concat().bytes());
        assert!(packed.len() < first.len());
        for is_first in [false, true] {
            let mut cut = Cut::new(if is_first { &first } else { &packed });
            let book = if is_first { Book::of_first_form(&mut cut) } else { Book::read(&mut cut) }.unwrap();
            assert!(cut.is_empty());
            let read: Vec<_> = (0..5).map(|number| book.get(number).unwrap()).collect();
            assert_eq!(read, texts);
            assert!(book.get(5).is_err());
        }
    }
}

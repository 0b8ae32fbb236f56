//! Texts that rows of a block repeat: each stands once at the front of the block, and rows name it by number.

use crate::domain::pack::{Bent, Cut, put_size};

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
        for end in &self.ends {
            put_size(out, end - start);
            start = *end;
        }
        out.extend_from_slice(self.text.as_bytes());
        self.text.clear();
        self.ends.clear();
        self.recent.fill(Recent::default());
    }
}

/// The words of a block being read.
#[derive(Debug)]
pub(super) struct Book<'a> {
    text: &'a str,
    ends: Vec<usize>,
}

impl<'a> Book<'a> {
    /// Reads what [`Words::finish`] wrote.
    pub fn read(cut: &mut Cut<'a>) -> Result<Self, Bent> {
        let count = cut.count()?;
        let mut ends = Vec::with_capacity(count);
        let mut end = 0usize;
        for _ in 0..count {
            end = end.checked_add(cut.size()?).ok_or(Bent("its words are too long"))?;
            ends.push(end);
        }
        let text = std::str::from_utf8(cut.bytes(end)?).map_err(|_| Bent("its words are no text"))?;
        Ok(Self { text, ends })
    }

    /// A word by number.
    pub fn get(&self, number: usize) -> Result<&'a str, Bent> {
        let end = self.ends.get(number);
        let start = if number == 0 { Some(&0) } else { self.ends.get(number - 1) };
        let range = start.zip(end).and_then(|(start, end)| self.text.get(*start..*end));
        range.ok_or(Bent("a word of it is missing"))
    }
}

//! Texts that rows of a block repeat: each stands once at the front of the block, and rows name it by number.

use super::bytes::{Bent, Cut, put_size};

/// Places in which a word is looked for before it is taken for new. A word that lost its place stands twice, which costs bytes only.
const PLACES: usize = 256;

/// The words of a block being packed.
#[derive(Debug)]
pub(super) struct Words {
    text: String,
    ends: Vec<usize>,
    /// Number of the word last seen at a place, from 1.
    recent: [u32; PLACES],
}

impl Default for Words {
    fn default() -> Self {
        Self { text: String::new(), ends: Vec::new(), recent: [0; PLACES] }
    }
}

impl Words {
    /// The number of a word; a new one is taken in.
    pub fn number(&mut self, word: &str) -> usize {
        let place = place(word.as_bytes());
        let at = self.recent[place] as usize;
        if at > 0 && self.get(at - 1) == word {
            return at - 1;
        }
        let number = self.ends.len();
        self.text.push_str(word);
        self.ends.push(self.text.len());
        self.recent[place] = u32::try_from(number + 1).unwrap_or(0);
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
        self.recent.fill(0);
    }
}

/// A place by length and both ends: words of one kind differ there.
fn place(word: &[u8]) -> usize {
    let mut mixed = word.len() as u64;
    let mut ends = |bytes: Option<&[u8; 8]>| {
        if let Some(bytes) = bytes {
            mixed = (mixed ^ u64::from_le_bytes(*bytes)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            mixed ^= mixed >> 29;
        }
    };
    if word.len() < 8 {
        let mut short = [0; 8];
        short[..word.len()].copy_from_slice(word);
        ends(Some(&short));
    } else {
        ends(word.first_chunk());
        ends(word.last_chunk());
    }
    usize::from(mixed.to_be_bytes()[0])
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

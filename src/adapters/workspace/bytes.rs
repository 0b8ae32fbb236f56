//! Numbers and texts as the bytes of a block: small ones short, and reading that never goes past the end.

use crate::domain::exact::Exact;

/// What is read is not what this program writes; in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bent(pub &'static str);

const SHORT: Bent = Bent("it ends too early");
const LONG: Bent = Bent("a number of it is too long");
const NO_TEXT: Bent = Bent("a text of it is none");

/// Decimals of an exact number that is packed in one varint with its scale.
const SCALES: u8 = 30;
/// A number with more digits: its scale and its digits follow.
const WIDE: u64 = 30;
/// A fraction: both its parts follow.
const FRACTION: u64 = 31;
const SCALE_BITS: u32 = 5;
const HYPHENS: [usize; 4] = [8, 13, 18, 23];
const UUID_LENGTH: usize = 36;
/// Where each of a UUID's sixteen bytes stands in its text.
const PAIRS: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
const DIGITS: &[u8; 16] = b"0123456789abcdef";
const NO_DIGIT: u8 = 0xff;
/// The value of each byte that is a small hexadecimal digit.
const NIBBLES: [u8; 256] = nibbles();
const POWERS: [i128; SCALES as usize] = powers();

const fn nibbles() -> [u8; 256] {
    let mut all = [NO_DIGIT; 256];
    let mut i = 0u8;
    while i < 16 {
        all[DIGITS[i as usize] as usize] = i;
        i += 1;
    }
    all
}

const fn powers() -> [i128; SCALES as usize] {
    let mut all = [1i128; SCALES as usize];
    let mut i = 1;
    while i < all.len() {
        all[i] = all[i - 1] * 10;
        i += 1;
    }
    all
}

const fn low(n: u64) -> u8 {
    n.to_le_bytes()[0]
}

/// A whole number from nought on.
pub(super) fn put(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(low(n) | 0x80);
        n >>= 7;
    }
    out.push(low(n));
}

/// A length or place.
pub(super) fn put_size(out: &mut Vec<u8>, n: usize) {
    put(out, n as u64);
}

/// A number of either sign.
pub(super) fn put_signed(out: &mut Vec<u8>, n: i64) {
    put(out, ((n << 1) ^ (n >> 63)).cast_unsigned());
}

fn put_wide(out: &mut Vec<u8>, n: i128) {
    let mut n = ((n << 1) ^ (n >> 127)).cast_unsigned();
    while n >= 0x80 {
        out.push(n.to_le_bytes()[0] | 0x80);
        n >>= 7;
    }
    out.push(n.to_le_bytes()[0]);
}

/// An exact number, in the form it has.
pub(super) fn put_exact(out: &mut Vec<u8>, n: Exact) {
    let Some(scale) = POWERS.iter().position(|p| *p == n.den()) else {
        put(out, FRACTION);
        put_wide(out, n.num());
        return put_wide(out, n.den());
    };
    match i64::try_from(n.num()) {
        Ok(num) if num.unsigned_abs() < 1 << 57 => put(out, ((num << 1) ^ (num >> 63)).cast_unsigned() << SCALE_BITS | scale as u64),
        _ => {
            put(out, WIDE);
            put_size(out, scale);
            put_wide(out, n.num());
        }
    }
}

/// A text nobody expects a second time: a UUID in sixteen bytes, any other by its length. `mark` is one bit to keep with it.
pub(super) fn put_text(out: &mut Vec<u8>, text: &str, mark: bool) {
    let mark = u64::from(mark) << 1;
    if let Some(bytes) = uuid(text.as_bytes()) {
        put(out, mark | 1);
        out.extend_from_slice(&bytes);
    } else {
        put(out, (text.len() as u64) << 2 | mark);
        out.extend_from_slice(text.as_bytes());
    }
}

/// The sixteen bytes of a UUID, if it is written as they are written back.
pub(super) fn uuid(text: &[u8]) -> Option<[u8; 16]> {
    let text: &[u8; UUID_LENGTH] = text.try_into().ok()?;
    if HYPHENS.iter().any(|at| text[*at] != b'-') {
        return None;
    }
    let mut bytes = [0; 16];
    let mut seen = 0;
    for (byte, at) in bytes.iter_mut().zip(PAIRS) {
        let (high, low) = (NIBBLES[usize::from(text[at])], NIBBLES[usize::from(text[at + 1])]);
        seen |= high | low;
        *byte = high << 4 | low & 0x0f;
    }
    (seen & 0xf0 == 0).then_some(bytes)
}

/// The text of a UUID.
fn push_uuid(out: &mut String, bytes: [u8; 16]) {
    for (i, byte) in bytes.into_iter().enumerate() {
        if matches!(i, 4 | 6 | 8 | 10) {
            out.push('-');
        }
        out.push(char::from(DIGITS[usize::from(byte >> 4)]));
        out.push(char::from(DIGITS[usize::from(byte & 0x0f)]));
    }
}

/// A text as it stands in a block. Whether it is one is seen when it is taken out: most are only passed over.
#[derive(Debug, Clone, Copy)]
pub(super) enum Packed<'a> {
    Uuid([u8; 16]),
    Text(&'a [u8]),
}

impl Packed<'_> {
    /// Appends the text.
    pub fn push(self, out: &mut String) -> Result<(), Bent> {
        match self {
            Self::Uuid(bytes) => push_uuid(out, bytes),
            Self::Text(text) => out.push_str(std::str::from_utf8(text).map_err(|_| NO_TEXT)?),
        }
        Ok(())
    }

    /// The text, owned.
    pub fn text(self) -> Result<String, Bent> {
        let mut out = String::new();
        self.push(&mut out)?;
        Ok(out)
    }
}

/// Bytes being read, from the front.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cut<'a>(&'a [u8]);

impl<'a> Cut<'a> {
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// What is left.
    pub const fn rest(self) -> &'a [u8] {
        self.0
    }

    /// Nothing may be left.
    #[inline]
    pub const fn end(self) -> Result<(), Bent> {
        if self.0.is_empty() { Ok(()) } else { Err(Bent("it goes on too long")) }
    }

    #[inline]
    pub fn byte(&mut self) -> Result<u8, Bent> {
        let (first, rest) = self.0.split_first().ok_or(SHORT)?;
        self.0 = rest;
        Ok(*first)
    }

    #[inline]
    pub fn bytes(&mut self, n: usize) -> Result<&'a [u8], Bent> {
        let (taken, rest) = self.0.split_at_checked(n).ok_or(SHORT)?;
        self.0 = rest;
        Ok(taken)
    }

    /// The bytes of a UUID.
    #[inline]
    pub fn sixteen(&mut self) -> Result<[u8; 16], Bent> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(SHORT)?;
        self.0 = rest;
        Ok(*taken)
    }

    /// Reads [`put`].
    #[inline]
    pub fn number(&mut self) -> Result<u64, Bent> {
        let first = self.byte()?;
        let mut n = u64::from(first & 0x7f);
        if first < 0x80 {
            return Ok(n);
        }
        for shift in (7..70).step_by(7) {
            let byte = self.byte()?;
            let part = u64::from(byte & 0x7f);
            if shift == 63 && part > 1 {
                return Err(LONG);
            }
            n |= part << shift;
            if byte < 0x80 {
                return Ok(n);
            }
        }
        Err(LONG)
    }

    /// Reads [`put_size`].
    #[inline]
    pub fn size(&mut self) -> Result<usize, Bent> {
        usize::try_from(self.number()?).map_err(|_| LONG)
    }

    /// A number of things that each take a byte at least: room is never made for more.
    #[inline]
    pub fn count(&mut self) -> Result<usize, Bent> {
        let n = self.size()?;
        if n > self.0.len() { Err(SHORT) } else { Ok(n) }
    }

    /// Reads [`put_signed`].
    #[inline]
    pub fn signed(&mut self) -> Result<i64, Bent> {
        let n = self.number()?;
        Ok((n >> 1).cast_signed() ^ -(n & 1).cast_signed())
    }

    fn wide(&mut self) -> Result<i128, Bent> {
        let mut n = 0u128;
        for shift in (0..133).step_by(7) {
            let byte = self.byte()?;
            let part = u128::from(byte & 0x7f);
            if shift == 126 && part > 3 {
                return Err(LONG);
            }
            n |= part << shift;
            if byte < 0x80 {
                return Ok((n >> 1).cast_signed() ^ -(n & 1).cast_signed());
            }
        }
        Err(LONG)
    }

    /// Reads [`put_exact`].
    pub fn exact(&mut self) -> Result<Exact, Bent> {
        let first = self.number()?;
        let made = match first & ((1 << SCALE_BITS) - 1) {
            FRACTION => {
                let (num, den) = (self.wide()?, self.wide()?);
                if den <= 0 {
                    return Err(Bent("a fraction of it is none"));
                }
                Exact::ratio(num, den)
            }
            WIDE => {
                let scale = u32::try_from(self.number()?).map_err(|_| LONG)?;
                Exact::scaled(self.wide()?, scale)
            }
            scale => {
                let n = first >> SCALE_BITS;
                Exact::scaled(i128::from((n >> 1).cast_signed() ^ -(n & 1).cast_signed()), u32::try_from(scale).map_err(|_| LONG)?)
            }
        };
        made.map_err(|_| LONG)
    }

    /// Reads [`put_text`]: the text and its mark.
    #[inline]
    pub fn text(&mut self) -> Result<(Packed<'a>, bool), Bent> {
        let tag = self.number()?;
        let mark = tag & 2 != 0;
        if tag & 1 == 1 {
            return Ok((Packed::Uuid(self.sixteen()?), mark));
        }
        let length = usize::try_from(tag >> 2).map_err(|_| LONG)?;
        Ok((Packed::Text(self.bytes(length)?), mark))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_texts_come_back_and_a_cut_is_noticed() {
        let numbers = [0, 1, -1, 63, 64, 1 << 40, i64::MAX, i64::MIN];
        let exacts = [(0, 1), (1, 3), (-7, 100), (i128::MAX, 1), (i128::MIN, 1), (i128::MIN, i128::MAX), (i128::from(i64::MAX), 1000), (1 << 57, 10)];
        let texts = ["", "sub-1", "\u{202e}Größe", "0f8fad5b-d9cb-469f-a165-70867728950e", "0F8fad5b-d9cb-469f-a165-70867728950e"];
        let mut out = Vec::new();
        for n in numbers {
            put_signed(&mut out, n);
            put(&mut out, n.cast_unsigned());
        }
        for (num, den) in exacts {
            put_exact(&mut out, Exact::ratio(num, den).unwrap());
        }
        for text in texts {
            put_text(&mut out, text, text.len() == 5);
        }
        let read = |bytes: &[u8]| -> Result<(), Bent> {
            let mut cut = Cut::new(bytes);
            for n in numbers {
                assert_eq!((cut.signed()?, cut.number()?), (n, n.cast_unsigned()));
            }
            for (num, den) in exacts {
                let read = cut.exact()?;
                assert_eq!((read.num(), read.den()), (num, den));
            }
            for text in texts {
                let (read, mark) = cut.text()?;
                assert_eq!((read.text()?.as_str(), mark), (text, text.len() == 5));
            }
            cut.end()
        };
        read(&out).unwrap();
        for end in 0..out.len() {
            assert!(read(&out[..end]).is_err(), "cut at {end}");
        }
        assert!(Cut::new(&[0xff; 20]).number().is_err() && Cut::new(&[0xff; 20]).wide().is_err());
        assert!(uuid(texts[3].as_bytes()).is_some() && uuid(texts[4].as_bytes()).is_none());
    }
}

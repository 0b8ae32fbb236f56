//! Numbers and texts as few bytes: small ones short, and reading that never goes past the end. Blocks of the workspace are made
//! of them, and records that wait in a scratch file until they are judged.

mod pen;

pub use pen::Pen;

use super::currency::Currency;
use super::exact::Exact;
use super::key::{UUID_TEXT, uuid_of, write_uuid};
use chrono::NaiveDate;
use std::borrow::Cow;

/// What is read is not what this program writes; in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bent(pub &'static str);

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
const fn low(n: u64) -> u8 {
    n.to_le_bytes()[0]
}

/// A whole number from nought on.
#[inline]
pub fn put(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(low(n) | 0x80);
        n >>= 7;
    }
    out.push(low(n));
}

/// A length or place.
#[inline]
pub fn put_size(out: &mut Vec<u8>, n: usize) {
    put(out, n as u64);
}

/// A number of either sign.
#[inline]
pub fn put_signed(out: &mut Vec<u8>, n: i64) {
    put(out, ((n << 1) ^ (n >> 63)).cast_unsigned());
}

/// A number of either sign that may not fit 64 bits.
pub fn put_wide(out: &mut Vec<u8>, n: i128) {
    let mut n = ((n << 1) ^ (n >> 127)).cast_unsigned();
    if let Ok(small) = u64::try_from(n) {
        return put(out, small);
    }
    while n >= 0x80 {
        out.push(n.to_le_bytes()[0] | 0x80);
        n >>= 7;
    }
    out.push(n.to_le_bytes()[0]);
}

/// An exact number, in the form it has.
pub fn put_exact(out: &mut Vec<u8>, n: Exact) {
    let Some(scale) = n.decimals().filter(|scale| *scale < SCALES) else {
        put(out, FRACTION);
        put_wide(out, n.num());
        return put_wide(out, n.den());
    };
    match i64::try_from(n.num()) {
        Ok(num) if num.unsigned_abs() < 1 << 57 => put(out, ((num << 1) ^ (num >> 63)).cast_unsigned() << SCALE_BITS | u64::from(scale)),
        _ => {
            put(out, WIDE);
            put(out, u64::from(scale));
            put_wide(out, n.num());
        }
    }
}

/// A text nobody expects a second time: a UUID in sixteen bytes, any other by its length. `mark` is one bit to keep with it.
pub fn put_id(out: &mut Vec<u8>, text: &str, mark: bool) {
    let mark = u64::from(mark) << 1;
    if let Some(bytes) = uuid_of(text.as_bytes()) {
        put(out, mark | 1);
        out.extend_from_slice(&bytes);
    } else {
        put(out, (text.len() as u64) << 2 | mark);
        out.extend_from_slice(text.as_bytes());
    }
}

/// A text as it is packed. Whether it is one is seen when it is taken out: most are only passed over.
#[derive(Debug, Clone, Copy)]
pub enum Packed<'a> {
    /// Of a UUID.
    Uuid([u8; 16]),
    /// Of anything else.
    Text(&'a [u8]),
}

impl<'a> Packed<'a> {
    /// Shows the text.
    pub fn with<T>(self, see: impl FnOnce(&str) -> T) -> Result<T, Bent> {
        let mut room = [0; UUID_TEXT];
        let text = match self {
            Self::Uuid(bytes) => {
                write_uuid(&bytes, &mut room);
                room.as_slice()
            }
            Self::Text(text) => text,
        };
        std::str::from_utf8(text).map(see).map_err(|_| NO_TEXT)
    }

    /// Appends the text.
    pub fn push(self, out: &mut String) -> Result<(), Bent> {
        self.with(|text| out.push_str(text))
    }

    /// The text: where it is packed as it is, nothing of it is copied.
    pub fn shown(self) -> Result<Cow<'a, str>, Bent> {
        match self {
            Self::Uuid(_) => self.text().map(Cow::Owned),
            Self::Text(text) => std::str::from_utf8(text).map(Cow::Borrowed).map_err(|_| NO_TEXT),
        }
    }

    /// The text, owned.
    pub fn text(self) -> Result<String, Bent> {
        let mut out = String::with_capacity(UUID_TEXT);
        self.push(&mut out)?;
        Ok(out)
    }
}

/// Bytes being read, from the front.
#[derive(Debug, Clone, Copy)]
pub struct Cut<'a>(&'a [u8]);

impl<'a> Cut<'a> {
    /// From the first byte on.
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

    /// One byte.
    #[inline]
    pub fn byte(&mut self) -> Result<u8, Bent> {
        let (first, rest) = self.0.split_first().ok_or(SHORT)?;
        self.0 = rest;
        Ok(*first)
    }

    /// The next bytes.
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

    /// Reads [`put_wide`].
    pub fn wide(&mut self) -> Result<i128, Bent> {
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

    /// Reads [`put_id`]: the text and its mark.
    #[inline]
    pub fn id(&mut self) -> Result<(Packed<'a>, bool), Bent> {
        let tag = self.number()?;
        let mark = tag & 2 != 0;
        if tag & 1 == 1 {
            return Ok((Packed::Uuid(self.sixteen()?), mark));
        }
        let length = usize::try_from(tag >> 2).map_err(|_| LONG)?;
        Ok((Packed::Text(self.bytes(length)?), mark))
    }

    /// True at the end.
    pub const fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// A text.
    #[inline]
    pub fn text(&mut self) -> Result<&'a str, Bent> {
        let n = self.size()?;
        std::str::from_utf8(self.bytes(n)?).map_err(|_| NO_TEXT)
    }

    /// A text that may be absent.
    #[inline]
    pub fn maybe_text(&mut self) -> Result<Option<&'a str>, Bent> {
        match self.size()?.checked_sub(1) {
            None => Ok(None),
            Some(n) => std::str::from_utf8(self.bytes(n)?).map(Some).map_err(|_| NO_TEXT),
        }
    }

    /// Whether something follows.
    #[inline]
    pub fn flag(&mut self) -> Result<bool, Bent> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Bent("a yes or no of it is neither")),
        }
    }

    /// A day.
    #[inline]
    pub fn day(&mut self) -> Result<NaiveDate, Bent> {
        let days = i32::try_from(self.signed()?).map_err(|_| LONG)?;
        NaiveDate::from_num_days_from_ce_opt(days).ok_or(Bent("a day of it is none"))
    }

    /// A day that may be absent.
    pub fn maybe_day(&mut self) -> Result<Option<NaiveDate>, Bent> {
        if self.flag()? { self.day().map(Some) } else { Ok(None) }
    }

    /// An exact number that may be absent.
    pub fn maybe_exact(&mut self) -> Result<Option<Exact>, Bent> {
        if self.flag()? { self.exact().map(Some) } else { Ok(None) }
    }

    /// A currency.
    #[inline]
    pub fn currency(&mut self) -> Result<Currency, Bent> {
        self.bytes(3)?.try_into().ok().and_then(Currency::of).ok_or(Bent("a currency of it is none"))
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
            put_id(&mut out, text, text.len() == 5);
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
                let (read, mark) = cut.id()?;
                assert_eq!((read.text()?.as_str(), mark), (text, text.len() == 5));
            }
            cut.end()
        };
        read(&out).unwrap();
        for end in 0..out.len() {
            assert!(read(&out[..end]).is_err(), "cut at {end}");
        }
        assert!(Cut::new(&[0xff; 20]).number().is_err() && Cut::new(&[0xff; 20]).wide().is_err());
        assert!(uuid_of(texts[3].as_bytes()).is_some() && uuid_of(texts[4].as_bytes()).is_none());
    }

    #[test]
    fn what_a_pen_wrote_is_read() {
        let day = NaiveDate::from_ymd_opt(2026, 5, 1).unwrap();
        let third: Exact = "7/1550".parse().unwrap();
        let mut pen = Pen::default();
        pen.text("é");
        pen.maybe_text(None);
        pen.maybe_text(Some(""));
        pen.maybe_day(Some(day));
        pen.maybe_day(None);
        pen.maybe_exact(Some(third));
        pen.maybe_exact(None);
        pen.currency(Currency::known("KWD").unwrap());
        let read = |bytes: &[u8]| -> Result<(), Bent> {
            let mut cut = Cut::new(bytes);
            assert_eq!((cut.text()?, cut.maybe_text()?, cut.maybe_text()?), ("é", None, Some("")));
            assert_eq!((cut.maybe_day()?, cut.maybe_day()?), (Some(day), None));
            assert_eq!((cut.maybe_exact()?, cut.maybe_exact()?), (Some(third), None));
            assert_eq!(Some(cut.currency()?), Currency::known("KWD"));
            cut.end()
        };
        read(pen.bytes()).unwrap();
        for end in 0..pen.bytes().len() {
            assert!(read(&pen.bytes()[..end]).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn equal_numbers_are_written_alike() {
        let canonical = |text: &str| {
            let mut pen = Pen::default();
            pen.canonical(text.parse().unwrap());
            pen.bytes().to_vec()
        };
        assert_eq!((canonical("12.3400"), canonical("0.5")), (canonical("617/50"), canonical("1/2")));
        assert_ne!(canonical("1/3"), canonical("0.3333"));
    }
}

//! Values as few bytes, for records that wait in memory or in a scratch file until they are judged. Not a format that is kept:
//! what reads it is the program that wrote it.

use super::currency::Currency;
use super::exact::Exact;
use chrono::{Datelike, NaiveDate};

/// Appends values to a record.
#[derive(Debug, Default, Clone)]
pub struct Pen(Vec<u8>);

/// Seven bits a byte; the highest says that more follow.
const MORE: u8 = 0x80;
/// Stands for the scale of a number that is no decimal.
const FRACTION: u8 = 0xFF;

impl Pen {
    /// What was written.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Begins anew and keeps the memory.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// What another pen wrote.
    pub fn append(&mut self, other: &Self) {
        self.0.extend_from_slice(&other.0);
    }

    /// One byte.
    #[inline]
    pub fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    /// A whole number from nought on; small ones are short.
    #[inline]
    pub fn whole(&mut self, mut n: u64) {
        while n >= u64::from(MORE) {
            self.0.push(low_seven(u128::from(n)) | MORE);
            n >>= 7;
        }
        self.0.push(low_seven(u128::from(n)));
    }

    /// A signed number; those near nought are short.
    pub fn signed(&mut self, n: i128) {
        let mut turned = (n << 1 ^ n >> 127).cast_unsigned();
        while turned >= u128::from(MORE) {
            self.0.push(low_seven(turned) | MORE);
            turned >>= 7;
        }
        self.0.push(low_seven(turned));
    }

    /// Text.
    #[inline]
    pub fn text(&mut self, text: &str) {
        self.blob(text.as_bytes());
    }

    /// Bytes of any kind.
    #[inline]
    pub fn blob(&mut self, bytes: &[u8]) {
        self.whole(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    /// Text that may be absent.
    pub fn maybe_text(&mut self, text: Option<&str>) {
        match text {
            None => self.whole(0),
            Some(text) => {
                self.whole(text.len() as u64 + 1);
                self.0.extend_from_slice(text.as_bytes());
            }
        }
    }

    /// A day.
    pub fn day(&mut self, day: NaiveDate) {
        self.signed(i128::from(day.num_days_from_ce()));
    }

    /// A day that may be absent.
    pub fn maybe_day(&mut self, day: Option<NaiveDate>) {
        self.byte(u8::from(day.is_some()));
        if let Some(day) = day {
            self.day(day);
        }
    }

    /// An exact number as it stands.
    pub fn exact(&mut self, n: Exact) {
        if let Some(scale) = n.decimals() {
            self.byte(scale);
            self.signed(n.num());
        } else {
            self.byte(FRACTION);
            self.signed(n.num());
            self.signed(n.den());
        }
    }

    /// An exact number by its value: two that are equal are written alike.
    pub fn canonical(&mut self, n: Exact) {
        if let Some((mantissa, scale)) = n.shortest_decimal() {
            self.byte(scale);
            self.signed(mantissa);
        } else {
            let reduced = n.reduced();
            self.byte(FRACTION);
            self.signed(reduced.num());
            self.signed(reduced.den());
        }
    }

    /// An exact number that may be absent.
    pub fn maybe_exact(&mut self, n: Option<Exact>) {
        self.byte(u8::from(n.is_some()));
        if let Some(n) = n {
            self.exact(n);
        }
    }

    /// A currency.
    pub fn currency(&mut self, currency: Currency) {
        self.0.extend_from_slice(currency.code().as_bytes());
    }
}

fn low_seven(n: u128) -> u8 {
    u8::try_from(n & 0x7F).unwrap_or(0)
}

/// Reads back what a [`Pen`] wrote, in the same order. What is not there reads as nothing, so that a mistake shows as a wrong
/// sum of the conservation checks and never as a panic.
#[derive(Debug, Clone, Copy)]
pub struct Scroll<'a>(&'a [u8]);

impl<'a> Scroll<'a> {
    /// From the first byte on.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Bytes left.
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// True at the end.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next `n` bytes.
    #[inline]
    pub fn take(&mut self, n: usize) -> &'a [u8] {
        let (head, rest) = self.0.split_at(n.min(self.0.len()));
        self.0 = rest;
        head
    }

    /// One byte.
    #[inline]
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// A whole number from nought on.
    #[inline]
    pub fn whole(&mut self) -> u64 {
        let (mut n, mut shift) = (0u64, 0u32);
        loop {
            let byte = self.byte();
            n |= u64::from(byte & !MORE).checked_shl(shift).unwrap_or(0);
            shift += 7;
            if byte & MORE == 0 {
                return n;
            }
        }
    }

    /// A signed number.
    pub fn signed(&mut self) -> i128 {
        // Nearly every number fits 64 bits, where shifting is one instruction.
        let (mut small, mut shift) = (0u64, 0u32);
        while shift < 63 {
            let byte = self.byte();
            small |= u64::from(byte & !MORE) << shift;
            shift += 7;
            if byte & MORE == 0 {
                return i128::from((small >> 1).cast_signed() ^ -(small & 1).cast_signed());
            }
        }
        let mut turned = u128::from(small);
        loop {
            let byte = self.byte();
            turned |= u128::from(byte & !MORE).checked_shl(shift).unwrap_or(0);
            shift += 7;
            if byte & MORE == 0 {
                return (turned >> 1).cast_signed() ^ -(turned & 1).cast_signed();
            }
        }
    }

    /// A whole number that counts or places something in memory.
    pub fn size(&mut self) -> usize {
        usize::try_from(self.whole()).unwrap_or(usize::MAX)
    }

    /// Text.
    #[inline]
    pub fn text(&mut self) -> &'a str {
        let n = self.size();
        std::str::from_utf8(self.take(n)).unwrap_or_default()
    }

    /// Text that may be absent.
    pub fn maybe_text(&mut self) -> Option<&'a str> {
        let n = self.size().checked_sub(1)?;
        Some(std::str::from_utf8(self.take(n)).unwrap_or_default())
    }

    /// A day.
    pub fn day(&mut self) -> NaiveDate {
        let day = i32::try_from(self.signed()).unwrap_or_default();
        NaiveDate::from_num_days_from_ce_opt(day).unwrap_or_default()
    }

    /// A day that may be absent.
    pub fn maybe_day(&mut self) -> Option<NaiveDate> {
        (self.byte() != 0).then(|| self.day())
    }

    /// An exact number.
    pub fn exact(&mut self) -> Exact {
        let scale = self.byte();
        let num = self.signed();
        let read = if scale == FRACTION { Exact::ratio(num, self.signed()) } else { Exact::scaled(num, u32::from(scale)) };
        read.unwrap_or_default()
    }

    /// An exact number that may be absent.
    pub fn maybe_exact(&mut self) -> Option<Exact> {
        (self.byte() != 0).then(|| self.exact())
    }

    /// A currency; `None` where none was written here.
    pub fn currency(&mut self) -> Option<Currency> {
        std::str::from_utf8(self.take(3)).ok().and_then(Currency::known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let numbers = [0, 1, -1, 63, -64, 64, i128::from(i64::MAX), i128::from(i64::MIN), i128::MAX, i128::MIN + 1, 1 << 62, -(1 << 62), 1 << 63];
        let mut pen = Pen::default();
        for n in numbers {
            pen.signed(n);
        }
        for n in [0, 127, 128, u64::MAX] {
            pen.whole(n);
        }
        let exacts: Vec<Exact> = ["0", "-12.3400", "7/1550", "9999999999999999999999999999"].iter().map(|t| t.parse().unwrap()).collect();
        for n in &exacts {
            pen.exact(*n);
            pen.maybe_exact(Some(*n));
        }
        pen.maybe_exact(None);
        pen.text("é");
        pen.maybe_text(None);
        pen.maybe_text(Some(""));
        let day = NaiveDate::from_ymd_opt(2026, 5, 1).unwrap();
        pen.maybe_day(Some(day));
        pen.maybe_day(None);
        pen.currency(Currency::known("KWD").unwrap());

        let mut scroll = Scroll::new(pen.bytes());
        for n in numbers {
            assert_eq!(scroll.signed(), n);
        }
        for n in [0, 127, 128, u64::MAX] {
            assert_eq!(scroll.whole(), n);
        }
        for n in &exacts {
            assert_eq!((scroll.exact(), scroll.maybe_exact()), (*n, Some(*n)));
        }
        assert_eq!((scroll.maybe_exact(), scroll.text(), scroll.maybe_text(), scroll.maybe_text()), (None, "é", None, Some("")));
        assert_eq!((scroll.maybe_day(), scroll.maybe_day(), scroll.currency()), (Some(day), None, Currency::known("KWD")));
        assert!(scroll.is_empty());
    }
}

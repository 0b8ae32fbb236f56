//! Values written one after another into a record.

use super::{put, put_exact, put_signed, put_size, put_wide};
use crate::domain::currency::Currency;
use crate::domain::exact::Exact;
use chrono::{Datelike, NaiveDate};

/// Appends values to a record.
#[derive(Debug, Default, Clone)]
pub struct Pen(Vec<u8>);

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

    /// Yes or no.
    pub fn flag(&mut self, is: bool) {
        self.0.push(u8::from(is));
    }

    /// A whole number from nought on.
    #[inline]
    pub fn whole(&mut self, n: u64) {
        put(&mut self.0, n);
    }

    /// A number of either sign.
    pub fn signed(&mut self, n: i64) {
        put_signed(&mut self.0, n);
    }

    /// Bytes of any kind.
    #[inline]
    pub fn blob(&mut self, bytes: &[u8]) {
        put_size(&mut self.0, bytes.len());
        self.0.extend_from_slice(bytes);
    }

    /// A text.
    #[inline]
    pub fn text(&mut self, text: &str) {
        self.blob(text.as_bytes());
    }

    /// A text that may be absent.
    pub fn maybe_text(&mut self, text: Option<&str>) {
        put_size(&mut self.0, text.map_or(0, |t| t.len() + 1));
        self.0.extend_from_slice(text.unwrap_or_default().as_bytes());
    }

    /// A day.
    pub fn day(&mut self, day: NaiveDate) {
        self.signed(i64::from(day.num_days_from_ce()));
    }

    /// A day that may be absent.
    pub fn maybe_day(&mut self, day: Option<NaiveDate>) {
        self.flag(day.is_some());
        if let Some(day) = day {
            self.day(day);
        }
    }

    /// An exact number as it stands.
    pub fn exact(&mut self, n: Exact) {
        put_exact(&mut self.0, n);
    }

    /// An exact number that may be absent.
    pub fn maybe_exact(&mut self, n: Option<Exact>) {
        self.flag(n.is_some());
        if let Some(n) = n {
            self.exact(n);
        }
    }

    /// An exact number by its value: two that are equal are written alike.
    pub fn canonical(&mut self, n: Exact) {
        if let Some((mantissa, scale)) = n.shortest_decimal() {
            self.byte(scale);
            put_wide(&mut self.0, mantissa);
        } else {
            let reduced = n.reduced();
            self.byte(NO_SCALE);
            put_wide(&mut self.0, reduced.num());
            put_wide(&mut self.0, reduced.den());
        }
    }

    /// A currency.
    pub fn currency(&mut self, currency: Currency) {
        self.0.extend_from_slice(&currency.bytes());
    }
}

/// Stands for the scale of a number that is no decimal.
const NO_SCALE: u8 = 0xFF;

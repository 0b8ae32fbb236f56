//! From a database's text to values, once: is the id empty, does the number fit, is the date one?
//!
//! Adapters hand over a [`Batch`]: the bytes of each field exactly as the server printed them, or NULL. A [`Row`] reads
//! fields of one row by their place in the contract and turns them into values; what cannot be read becomes a
//! [`RowError`] with side, entity, id, column and the neutralised raw value.

mod batch;
mod when;

pub use batch::{Batch, Layout, LayoutError, ResultColumn};
pub use when::{When, parse_when};

use super::contract::Entity;
use super::exact::{Exact, NumberError};
use super::key::{Key, KeyError, KeyRef};
use super::period::Zone;
use super::profile::SideProfile;
use super::side::Side;
use super::text::shown_bytes;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Why a value is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// NULL, empty or blank where an id must be.
    #[error("empty id")]
    EmptyId,
    /// NULL where a value must be.
    #[error("no value")]
    Missing,
    /// NaN, words, exponents, thousands commas.
    #[error("not a number")]
    NotANumber,
    /// ±Infinity, or an infinite date that was not declared to mean "no end".
    #[error("infinite")]
    Infinite,
    /// More digits than can be computed with exactly.
    #[error("more digits than fit")]
    TooManyDigits,
    /// A sum went beyond 128 bits.
    #[error("overflow in exact arithmetic")]
    Overflow,
    /// No date of the declared forms, or one that does not exist.
    #[error("not a date")]
    NotADate,
    /// A date outside 1970 to 9998.
    #[error("date out of supported range")]
    DateOutOfRange,
    /// A timestamp without a zone, and the side does not declare what that means.
    #[error("timestamp without a zone (declare naive_timestamps)")]
    NoZone,
    /// Neither true nor false.
    #[error("not a boolean")]
    NotABoolean,
    /// Not ISO 4217.
    #[error("unknown currency")]
    UnknownCurrency,
    /// Bytes that are not UTF-8.
    #[error("not valid UTF-8")]
    NotUtf8,
    /// A key of another kind than declared.
    #[error("not a key of the declared kind")]
    NotAKey,
    /// A word outside what the contract knows.
    #[error("unknown word")]
    UnknownWord,
    /// A quantity below nought where none can be.
    #[error("negative")]
    Negative,
    /// An end before its start.
    #[error("ends before it starts")]
    EndsBeforeStart,
    /// A field beyond what is read.
    #[error("value too long")]
    TooLong,
}

impl From<NumberError> for Reason {
    fn from(error: NumberError) -> Self {
        match error {
            NumberError::NotANumber => Self::NotANumber,
            NumberError::Infinite => Self::Infinite,
            NumberError::TooManyDigits => Self::TooManyDigits,
            NumberError::Overflow | NumberError::DivisionByZero => Self::Overflow,
        }
    }
}

/// A row that could not be read, as it is listed: never dropped, never guessed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RowError {
    /// Which side.
    pub side: Side,
    /// Which entity.
    pub entity: Entity,
    /// The row's own id as read, neutralised; empty where it has none.
    pub id: String,
    /// The column.
    pub column: String,
    /// The raw value, neutralised and cut to 60 columns.
    pub raw: String,
    /// Why it is no value.
    pub reason: Reason,
}

impl std::fmt::Display for RowError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} \"{}\": {} = \"{}\": {}", self.side, self.entity, self.id, self.column, self.raw, self.reason)
    }
}

/// One row being read.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    batch: &'a Batch,
    row: usize,
    layout: &'a Layout,
    profile: &'a SideProfile,
    zone: Zone,
}

impl<'a> Row<'a> {
    pub(super) const fn new(batch: &'a Batch, row: usize, layout: &'a Layout, profile: &'a SideProfile, zone: Zone) -> Self {
        Self { batch, row, layout, profile, zone }
    }

    /// The side's profile, for reading words by its vocabulary.
    pub const fn profile(&self) -> &'a SideProfile {
        self.profile
    }

    /// The service's zone.
    pub const fn zone(&self) -> Zone {
        self.zone
    }

    /// Whether the query delivers a contract column at all.
    pub fn delivers(&self, column: &str) -> bool {
        self.layout.has(column)
    }

    /// The bytes of a contract column by its name; `None` is NULL or a column the query does not deliver.
    pub fn bytes(&self, column: &str) -> Option<&'a [u8]> {
        self.layout.entity.column(column).and_then(|i| self.at(i))
    }

    fn at(&self, index: usize) -> Option<&'a [u8]> {
        let place = self.layout.place_of(index)?;
        self.batch.field(self.row, place)
    }

    /// An error about a column of this row. `id` is the row's own id as far as it is known.
    pub fn error(&self, id: &str, column: &str, reason: Reason) -> Box<RowError> {
        Box::new(RowError {
            side: self.profile.side,
            entity: self.layout.entity,
            id: super::text::shown(id, 120),
            column: column.to_owned(),
            raw: self.bytes(column).map_or_else(|| "NULL".to_owned(), |b| shown_bytes(b, 60)),
            reason,
        })
    }

    /// Text; `None` is NULL.
    pub fn text(&self, column: &str) -> Result<Option<&'a str>, Reason> {
        self.bytes(column).map(|b| std::str::from_utf8(b).map_err(|_| Reason::NotUtf8)).transpose()
    }

    /// A required id: not NULL, not blank.
    pub fn id(&self, column: &str) -> Result<&'a str, Reason> {
        match self.text(column)? {
            Some(id) if !id.trim().is_empty() => Ok(id),
            _ => Err(Reason::EmptyId),
        }
    }

    /// A subscription key; NULL and empty are `None`, blanks too: an empty key never joins.
    pub fn key(&self, column: &str) -> Result<Option<Key>, Reason> {
        let Some(raw) = self.text(column)? else { return Ok(None) };
        match Key::normalised(raw, self.profile.key, self.profile.key_normaliser) {
            Ok(key) => Ok(Some(key)),
            Err(KeyError::Empty) => Ok(None),
            Err(KeyError::NotUuid | KeyError::NotInt) => Err(Reason::NotAKey),
        }
    }

    /// [`Row::key`] without owning it. `scratch` holds a key whose normal form is no part of the row.
    pub fn key_ref(&self, column: &str, scratch: &'a mut String) -> Result<Option<KeyRef<'a>>, Reason> {
        let Some(raw) = self.text(column)? else { return Ok(None) };
        match KeyRef::normalised(raw, self.profile.key, self.profile.key_normaliser, scratch) {
            Ok(key) => Ok(Some(key)),
            Err(KeyError::Empty) => Ok(None),
            Err(KeyError::NotUuid | KeyError::NotInt) => Err(Reason::NotAKey),
        }
    }

    /// An exact number; NULL is `None`.
    pub fn number(&self, column: &str) -> Result<Option<Exact>, Reason> {
        let Some(index) = self.layout.entity.column(column) else { return Ok(None) };
        let Some(bytes) = self.at(index) else { return Ok(None) };
        let approximate = self.layout.is_approximate(index);
        let parsed = if approximate { Exact::parse_float_text(bytes) } else { Exact::parse(bytes) };
        Ok(Some(parsed?))
    }

    /// A required number.
    pub fn required_number(&self, column: &str) -> Result<Exact, Reason> {
        self.number(column)?.ok_or(Reason::Missing)
    }

    /// A boolean; NULL is `None`.
    pub fn boolean(&self, column: &str) -> Result<Option<bool>, Reason> {
        match self.bytes(column) {
            None => Ok(None),
            Some(b"t" | b"true" | b"TRUE" | b"True" | b"1" | b"yes" | b"y" | b"on") => Ok(Some(true)),
            Some(b"f" | b"false" | b"FALSE" | b"False" | b"0" | b"no" | b"n" | b"off") => Ok(Some(false)),
            Some(_) => Err(Reason::NotABoolean),
        }
    }

    /// A date or an instant; NULL is `None`.
    pub fn when(&self, column: &str) -> Result<Option<When>, Reason> {
        match self.bytes(column) {
            None => Ok(None),
            Some(bytes) => parse_when(bytes, self.zone, self.profile.naive_timestamps).map(Some),
        }
    }

    /// The local day of a date or instant; NULL is `None`.
    pub fn day(&self, column: &str) -> Result<Option<NaiveDate>, Reason> {
        Ok(self.when(column)?.map(|w| w.day(self.zone)))
    }

    /// The day of a column where `infinity` may be declared to mean "no end".
    pub fn open_day(&self, column: &str) -> Result<Option<NaiveDate>, Reason> {
        if self.profile.infinity_is_open && self.bytes(column).is_some_and(|b| b.eq_ignore_ascii_case(b"infinity")) {
            return Ok(None);
        }
        self.day(column)
    }

    /// The day of a column where a declared `infinity` means that it never comes.
    pub fn far_day(&self, column: &str) -> Result<Option<NaiveDate>, Reason> {
        if self.profile.infinity_is_open && self.bytes(column).is_some_and(|b| b.eq_ignore_ascii_case(b"infinity")) {
            return Ok(Some(NaiveDate::MAX));
        }
        self.day(column)
    }

    /// A name the row goes by when its id cannot be read.
    pub fn display_id(&self, columns: &[&str]) -> Arc<str> {
        let found = columns.iter().find_map(|c| self.bytes(c).filter(|b| !b.is_empty()));
        found.map_or_else(|| "".into(), |b| shown_bytes(b, 120).into())
    }
}

//! From a database's text to values, once: is the id empty, does the number fit, is the date one?
//!
//! Adapters hand over a [`Batch`]: the bytes of each field exactly as the server printed or sent them, or NULL. A [`Row`]
//! reads fields of one row by their place in the contract and turns them into values, which are the same in whatever
//! [`Wire`] form they came; what cannot be read becomes a [`RowError`] with side, entity, id, column and the neutralised raw value.

mod batch;
mod days;
mod numeric;
mod when;
mod wire;

pub use batch::{Batch, Layout, LayoutError, ResultColumn};
pub use when::{When, parse_when};
pub use wire::Wire;

use super::contract::{Column, Entity};
use super::exact::{Exact, NumberError};
use super::key::{Key, KeyError, KeyKind, KeyRef};
use super::period::Zone;
use super::profile::SideProfile;
use super::side::Side;
use super::text::shown_bytes;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt::Write as _;
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
    /// Nought or below where only more can be.
    #[error("not more than nought")]
    NotPositive,
    /// An end before its start.
    #[error("ends before it starts")]
    EndsBeforeStart,
    /// Text that is no list of tiers in the contract's grammar.
    #[error("not a list of tiers")]
    NotTiers,
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
    #[inline]
    pub fn delivers(&self, column: Column) -> bool {
        self.layout.has(column)
    }

    /// True for NULL, and for a column the query does not deliver.
    #[inline]
    pub fn is_null(&self, column: Column) -> bool {
        self.at(column).is_none()
    }

    #[inline]
    fn at(&self, column: Column) -> Option<(Wire, &'a [u8])> {
        let place = self.layout.place_of(column)?;
        self.batch.field(self.row, place.at).map(|bytes| (place.wire, bytes))
    }

    /// The bytes of a field as they came: of one query, the same bytes are the same value.
    #[inline]
    pub fn bytes(&self, column: Column) -> Option<&'a [u8]> {
        self.at(column).map(|(_, bytes)| bytes)
    }

    /// A count in the result's column at a place, which the contract need not name.
    pub fn count_at(&self, place: usize) -> Option<u64> {
        std::str::from_utf8(self.batch.field(self.row, place)?).ok()?.parse().ok()
    }

    /// The field as its text, whatever its form.
    fn printed(&self, column: Column) -> Option<Cow<'a, [u8]>> {
        self.at(column).map(|(wire, bytes)| wire.printed(bytes))
    }

    /// An error about a column of this row. `id` is the row's own id as far as it is known.
    pub fn error(&self, id: &str, column: Column, reason: Reason) -> Box<RowError> {
        Box::new(RowError {
            side: self.profile.side,
            entity: self.layout.entity,
            id: super::text::shown(id, 120),
            column: column.name().to_owned(),
            raw: self.printed(column).map_or_else(|| "NULL".to_owned(), |b| shown_bytes(&b, 60)),
            reason,
        })
    }

    /// Text; `None` is NULL. Borrowed wherever it came as text.
    pub fn text(&self, column: Column) -> Result<Option<Cow<'a, str>>, Reason> {
        let text = self.printed(column).map(|printed| match printed {
            Cow::Borrowed(bytes) => std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|_| Reason::NotUtf8),
            Cow::Owned(bytes) => String::from_utf8(bytes).map(Cow::Owned).map_err(|_| Reason::NotUtf8),
        });
        text.transpose()
    }

    /// A required id: not NULL, not blank.
    pub fn id(&self, column: Column) -> Result<&'a str, Reason> {
        match self.words(column)? {
            Some(id) if id.starts_with(|c: char| c.is_ascii_graphic()) || !id.trim().is_empty() => Ok(id),
            _ => Err(Reason::EmptyId),
        }
    }

    /// Text of a column whose kind in the contract is text, borrowed: adapters send no other form of it.
    #[inline]
    pub fn words(&self, column: Column) -> Result<Option<&'a str>, Reason> {
        match self.at(column) {
            None => Ok(None),
            Some((Wire::Text, bytes)) => std::str::from_utf8(bytes).map(Some).map_err(|_| Reason::NotUtf8),
            Some(_) => Err(Reason::NotUtf8),
        }
    }

    /// A subscription key; NULL and empty are `None`, blanks too: an empty key never joins.
    pub fn key(&self, column: Column) -> Result<Option<Key>, Reason> {
        Ok(self.key_ref(column, &mut String::new())?.map(KeyRef::to_key))
    }

    /// The same without owning it. `scratch` holds the few normal forms that are no part of the row.
    pub fn key_ref<'k>(&self, column: Column, scratch: &'k mut String) -> Result<Option<KeyRef<'k>>, Reason>
    where
        'a: 'k,
    {
        let Some((wire, bytes)) = self.at(column) else { return Ok(None) };
        if let Some(uuid) = wire.uuid(bytes) {
            return if self.profile.key == KeyKind::Int { Err(Reason::NotAKey) } else { Ok(Some(KeyRef::Uuid(uuid))) };
        }
        if let Some(number) = wire.integer(bytes) {
            scratch.clear();
            let _ = write!(scratch, "{number}");
            return if self.profile.key == KeyKind::Uuid { Err(Reason::NotAKey) } else { Ok(Some(KeyRef::Text(scratch))) };
        }
        let (kind, normaliser) = (self.profile.key, self.profile.key_normaliser);
        let key = match wire.printed(bytes) {
            Cow::Borrowed(bytes) => KeyRef::normalised(std::str::from_utf8(bytes).map_err(|_| Reason::NotUtf8)?, kind, normaliser, scratch),
            // Of a form no side uses for its ids: a date, a decimal.
            Cow::Owned(bytes) => Key::normalised(&String::from_utf8_lossy(&bytes), kind, normaliser).map(|key| {
                scratch.clear();
                scratch.push_str(key.as_str());
                KeyRef::stored(scratch)
            }),
        };
        match key {
            Ok(key) => Ok(Some(key)),
            Err(KeyError::Empty) => Ok(None),
            Err(KeyError::NotUuid | KeyError::NotInt) => Err(Reason::NotAKey),
        }
    }

    /// An exact number; NULL is `None`.
    #[inline]
    pub fn number(&self, column: Column) -> Result<Option<Exact>, Reason> {
        let Some((wire, bytes)) = self.at(column) else { return Ok(None) };
        if let Some(number) = wire.number(bytes) {
            return Ok(Some(number?));
        }
        let text = wire.printed(bytes);
        let approximate = self.layout.place_of(column).is_some_and(|p| p.approximate);
        let parsed = if approximate { Exact::parse_float_text(&text) } else { Exact::parse(&text) };
        Ok(Some(parsed?))
    }

    /// A required number.
    pub fn required_number(&self, column: Column) -> Result<Exact, Reason> {
        self.number(column)?.ok_or(Reason::Missing)
    }

    /// A boolean; NULL is `None`.
    pub fn boolean(&self, column: Column) -> Result<Option<bool>, Reason> {
        let Some((wire, bytes)) = self.at(column) else { return Ok(None) };
        if let Some(is) = wire.boolean(bytes) {
            return Ok(Some(is));
        }
        match &*wire.printed(bytes) {
            b"t" | b"true" | b"TRUE" | b"True" | b"1" | b"yes" | b"y" | b"on" => Ok(Some(true)),
            b"f" | b"false" | b"FALSE" | b"False" | b"0" | b"no" | b"n" | b"off" => Ok(Some(false)),
            _ => Err(Reason::NotABoolean),
        }
    }

    /// A date or an instant; NULL is `None`.
    #[inline]
    pub fn when(&self, column: Column) -> Result<Option<When>, Reason> {
        self.at(column).map(|(wire, bytes)| self.read_when(wire, bytes)).transpose()
    }

    fn read_when(&self, wire: Wire, bytes: &[u8]) -> Result<When, Reason> {
        wire.when(bytes).unwrap_or_else(|| parse_when(&wire.printed(bytes), self.zone, self.profile.naive_timestamps))
    }

    /// The local day of a date or instant; NULL is `None`.
    #[inline]
    pub fn day(&self, column: Column) -> Result<Option<NaiveDate>, Reason> {
        let Some((wire, bytes)) = self.at(column) else { return Ok(None) };
        let day = || {
            Ok(match self.read_when(wire, bytes)? {
                When::Day(day) => day,
                When::At(at) => self.layout.day_of(at, self.zone),
            })
        };
        match wire.date(bytes) {
            Some(number) => self.layout.date(number, day).map(Some),
            None => day().map(Some),
        }
    }

    /// The day of a column where `infinity` may be declared to mean "no end".
    pub fn open_day(&self, column: Column) -> Result<Option<NaiveDate>, Reason> {
        if self.is_declared_infinity(column) { Ok(None) } else { self.day(column) }
    }

    /// The day of a column where a declared `infinity` means that it never comes.
    pub fn far_day(&self, column: Column) -> Result<Option<NaiveDate>, Reason> {
        if self.is_declared_infinity(column) { Ok(Some(NaiveDate::MAX)) } else { self.day(column) }
    }

    fn is_declared_infinity(&self, column: Column) -> bool {
        self.profile.infinity_is_open && self.at(column).is_some_and(|(wire, bytes)| wire.is_infinity(bytes))
    }

    /// A name the row goes by when its id cannot be read.
    pub fn display_id(&self, columns: &[Column]) -> Arc<str> {
        let found = columns.iter().find_map(|c| self.printed(*c).filter(|b| !b.is_empty()));
        found.map_or_else(|| "".into(), |b| shown_bytes(&b, 120).into())
    }
}

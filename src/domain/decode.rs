//! From a database's text to values, once: is the id empty, does the number fit, is the date one?
//!
//! Adapters hand over a [`Batch`]: the bytes of each field exactly as the server printed them, or NULL. A [`Row`] reads
//! fields of one row by their place in the contract and turns them into values; what cannot be read becomes a
//! [`RowError`] with side, entity, id, column and the neutralised raw value.

use super::contract::Entity;
use super::exact::{Exact, NumberError};
use super::key::{Key, KeyError};
use super::period::Zone;
use super::profile::{NaiveTimestamps, SideProfile};
use super::side::Side;
use super::text::shown_bytes;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Where each contract column stands in a query's result. Built once per stream.
#[derive(Debug, Clone)]
pub struct Layout {
    /// The entity read.
    pub entity: Entity,
    place: Vec<Option<usize>>,
    approximate: Vec<bool>,
}

/// Marks a field that is NULL in [`Batch`].
const NULL_END: u32 = u32::MAX;

/// Rows of one query result, as text. `width` fields a row, row after row, in the query's own column order.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    width: usize,
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

impl Batch {
    /// An empty batch for rows of `width` fields.
    pub fn new(width: usize) -> Self {
        Self { width, bytes: Vec::new(), ends: Vec::new() }
    }

    /// Fields a row.
    pub const fn width(&self) -> usize {
        self.width
    }

    /// Whole rows in it.
    pub fn len(&self) -> usize {
        self.ends.len().checked_div(self.width).unwrap_or(0)
    }

    /// True without rows.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Bytes of text in it.
    pub fn byte_len(&self) -> usize {
        self.bytes.len()
    }

    /// Empties it and keeps its memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    /// Appends the next field of the current row; `None` is NULL.
    pub fn push(&mut self, field: Option<&[u8]>) {
        match field {
            None => self.ends.push(NULL_END),
            Some(text) => {
                self.bytes.extend_from_slice(text);
                self.end_field();
            }
        }
    }

    /// The buffer to append a field's bytes to, piece by piece, before [`Batch::end_field`].
    pub const fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Ends the field whose bytes were appended to [`Batch::buffer`].
    pub fn end_field(&mut self) {
        // A batch is flushed long before 4 GiB; adapters bound the single field.
        self.ends.push(u32::try_from(self.bytes.len()).unwrap_or(NULL_END - 1));
    }

    /// The field of a row and a result column; `None` is NULL.
    pub fn field(&self, row: usize, column: usize) -> Option<&[u8]> {
        let at = row * self.width + column;
        let end = *self.ends.get(at)?;
        if end == NULL_END {
            return None;
        }
        let start = self.ends.get(..at)?.iter().rev().find(|&&e| e != NULL_END).copied().unwrap_or(0);
        self.bytes.get(start as usize..end as usize)
    }

    /// Reads rows one after another.
    pub fn rows<'a>(&'a self, layout: &'a Layout, profile: &'a SideProfile, zone: Zone) -> impl Iterator<Item = Row<'a>> + 'a {
        (0..self.len()).map(move |row| Row { batch: self, row, layout, profile, zone })
    }
}

/// A result column as the server described it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultColumn {
    /// Its name.
    pub name: String,
    /// The server's own type name, lower case: `numeric`, `uuid`, `timestamptz`, `TEXT` …
    pub type_name: String,
    /// True for binary floating point: exact digits are not guaranteed.
    pub approximate: bool,
}

impl Layout {
    /// Finds the contract's columns among a result's. Columns the contract does not know are ignored here (`doctor` reports them).
    pub fn new(entity: Entity, columns: &[ResultColumn]) -> Result<Self, LayoutError> {
        let mut place = vec![None; entity.columns().len()];
        let mut approximate = vec![false; place.len()];
        let mut missing = Vec::new();
        for (i, spec) in entity.columns().iter().enumerate() {
            let mut hits = columns.iter().enumerate().filter(|(_, c)| c.name == spec.name);
            if let Some((at, column)) = hits.next() {
                if hits.next().is_some() {
                    return Err(LayoutError::Twice { entity, column: spec.name });
                }
                if let (Some(p), Some(a)) = (place.get_mut(i), approximate.get_mut(i)) {
                    (*p, *a) = (Some(at), column.approximate);
                }
            } else if spec.required {
                missing.push(spec.name);
            }
        }
        let has = |name: &str| entity.column(name).and_then(|i| place.get(i).copied().flatten()).is_some();
        if entity == Entity::Usage && !has("occurred_at") && !has("period_start") {
            missing.push("occurred_at (or period_start)");
        }
        if missing.is_empty() { Ok(Self { entity, place, approximate }) } else { Err(LayoutError::Missing { entity, columns: missing }) }
    }

    /// Whether the query delivers a contract column.
    pub fn has(&self, column: &str) -> bool {
        self.entity.column(column).and_then(|i| self.place.get(i).copied().flatten()).is_some()
    }
}

/// Why a query's columns are not the contract's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    /// Required columns are not delivered.
    #[error("{entity} lacks {}", columns.join(", "))]
    Missing {
        /// Of which entity.
        entity: Entity,
        /// Their names.
        columns: Vec<&'static str>,
    },
    /// One name stands twice.
    #[error("{entity} delivers {column} twice")]
    Twice {
        /// Of which entity.
        entity: Entity,
        /// Its name.
        column: &'static str,
    },
}

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

/// A local day, or an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum When {
    /// A plain date: a day of the service's zone.
    Day(NaiveDate),
    /// A moment.
    At(DateTime<Utc>),
}

impl When {
    /// The local day.
    pub fn day(self, zone: Zone) -> NaiveDate {
        match self {
            Self::Day(day) => day,
            Self::At(at) => zone.day_of(at),
        }
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
    /// The side's profile, for reading words by its vocabulary.
    pub const fn profile(&self) -> &'a SideProfile {
        self.profile
    }

    /// The service's zone.
    pub const fn zone(&self) -> Zone {
        self.zone
    }

    /// The bytes of a contract column by its name; `None` is NULL or a column the query does not deliver.
    pub fn bytes(&self, column: &str) -> Option<&'a [u8]> {
        self.layout.entity.column(column).and_then(|i| self.at(i))
    }

    fn at(&self, index: usize) -> Option<&'a [u8]> {
        let place = self.layout.place.get(index).copied().flatten()?;
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

    /// An exact number; NULL is `None`.
    pub fn number(&self, column: &str) -> Result<Option<Exact>, Reason> {
        let Some(index) = self.layout.entity.column(column) else { return Ok(None) };
        let Some(bytes) = self.at(index) else { return Ok(None) };
        let approximate = self.layout.approximate.get(index).copied().unwrap_or(false);
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

    /// A name the row goes by when its id cannot be read.
    pub fn display_id(&self, columns: &[&str]) -> Arc<str> {
        let found = columns.iter().find_map(|c| self.bytes(c).filter(|b| !b.is_empty()));
        found.map_or_else(|| "".into(), |b| shown_bytes(b, 120).into())
    }
}

/// Reads `2026-05-01`, `2026-05-01T04:00:00Z`, `2026-05-01 04:00:00.5+00`. Nothing else is a date: no day-first forms,
/// no bare numbers, no years beyond 9998.
pub fn parse_when(bytes: &[u8], zone: Zone, naive: NaiveTimestamps) -> Result<When, Reason> {
    let text = std::str::from_utf8(bytes).map_err(|_| Reason::NotUtf8)?;
    if text.eq_ignore_ascii_case("infinity") || text.eq_ignore_ascii_case("-infinity") {
        return Err(Reason::Infinite);
    }
    let (date, rest) = text.split_at_checked(10).ok_or(Reason::NotADate)?;
    let year_digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if text.ends_with(" BC") || (year_digits > 4 && text.as_bytes().get(year_digits) == Some(&b'-')) {
        return Err(Reason::DateOutOfRange);
    }
    let day = parse_day(date)?;
    if rest.is_empty() {
        return Ok(When::Day(day));
    }
    let clock = rest.strip_prefix(['T', ' ']).ok_or(Reason::NotADate)?;
    let zone_at = clock.find(['Z', 'z', '+', '-']);
    let (clock, offset) = zone_at.map_or((clock, None), |at| {
        let (c, o) = clock.split_at(at);
        (c, Some(o))
    });
    let time = parse_time(clock.trim_end()).ok_or(Reason::NotADate)?;
    let local = NaiveDateTime::new(day, time);
    match offset {
        Some(offset) => {
            let seconds = offset_seconds(offset).ok_or(Reason::NotADate)?;
            let at = local.checked_sub_signed(chrono::TimeDelta::seconds(seconds)).ok_or(Reason::DateOutOfRange)?;
            Ok(When::At(at.and_utc()))
        }
        None => match naive {
            NaiveTimestamps::Utc => Ok(When::At(local.and_utc())),
            NaiveTimestamps::Local => zone.instant_of(local).map(When::At).ok_or(Reason::NotADate),
            NaiveTimestamps::Refuse => Err(Reason::NoZone),
        },
    }
}

fn parse_day(text: &str) -> Result<NaiveDate, Reason> {
    let b = text.as_bytes();
    let number = |range: std::ops::Range<usize>| -> Option<u32> {
        b.get(range)?.iter().try_fold(0u32, |n, d| d.is_ascii_digit().then(|| n * 10 + u32::from(d - b'0')))
    };
    if b.get(4) != Some(&b'-') || b.get(7) != Some(&b'-') {
        return Err(Reason::NotADate);
    }
    let (Some(y), Some(m), Some(d)) = (number(0..4), number(5..7), number(8..10)) else { return Err(Reason::NotADate) };
    let day = i32::try_from(y).ok().and_then(|y| NaiveDate::from_ymd_opt(y, m, d)).ok_or(Reason::NotADate)?;
    if (1970..=9998).contains(&y) { Ok(day) } else { Err(Reason::DateOutOfRange) }
}

fn parse_time(text: &str) -> Option<NaiveTime> {
    let format = match text.len() {
        5 => "%H:%M",
        _ => "%H:%M:%S%.f",
    };
    NaiveTime::parse_from_str(text, format).ok()
}

fn offset_seconds(text: &str) -> Option<i64> {
    if text == "Z" || text == "z" {
        return Some(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits: String = text.get(1..)?.chars().filter(|c| *c != ':').collect();
    if !digits.bytes().all(|b| b.is_ascii_digit()) || !matches!(digits.len(), 2 | 4 | 6) {
        return None;
    }
    let part = |at: usize| digits.get(at..at + 2).map_or(Some(0), |t| t.parse::<i64>().ok());
    let (h, m, s) = (part(0)?, part(2)?, part(4)?);
    (h <= 18 && m < 60 && s < 60).then_some(sign * (h * 3600 + m * 60 + s))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn when(text: &str) -> Result<When, Reason> {
        parse_when(text.as_bytes(), Zone::named("America/Toronto").unwrap(), NaiveTimestamps::Refuse)
    }

    #[test]
    fn dates_and_instants() {
        let zone = Zone::named("America/Toronto").unwrap();
        assert_eq!(when("2026-05-01").unwrap().day(zone).to_string(), "2026-05-01");
        assert_eq!(when("2026-05-01T03:59:59.999999Z").unwrap().day(zone).to_string(), "2026-04-30");
        assert_eq!(when("2026-05-01 00:30:00-04").unwrap().day(zone).to_string(), "2026-05-01");
        assert_eq!(when("2026-05-31T23:00:00-04:00").unwrap().day(zone).to_string(), "2026-05-31");
    }

    #[test]
    fn what_is_no_date_says_why() {
        let table = [
            ("31/01/2026", Reason::NotADate),
            ("1775001600", Reason::NotADate),
            ("2461131.5", Reason::NotADate),
            ("2026-13-45", Reason::NotADate),
            ("0000-00-00", Reason::NotADate),
            ("", Reason::NotADate),
            ("infinity", Reason::Infinite),
            ("-infinity", Reason::Infinite),
            ("0044-03-15 BC", Reason::DateOutOfRange),
            ("5874897-12-31", Reason::DateOutOfRange),
            ("294276-12-31 00:00:00+00", Reason::DateOutOfRange),
            ("2026-05-01 04:00:00", Reason::NoZone),
        ];
        for (text, reason) in table {
            assert_eq!(when(text), Err(reason), "{text:?}");
        }
    }

    #[test]
    fn null_and_empty_are_two_things() {
        let mut batch = Batch::new(3);
        batch.push(Some(b"a"));
        batch.push(None);
        batch.push(Some(b""));
        assert_eq!((batch.len(), batch.field(0, 0), batch.field(0, 1), batch.field(0, 2)), (1, Some(&b"a"[..]), None, Some(&b""[..])));
    }
}

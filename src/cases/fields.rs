//! The fields of a case, each read as its kind and each read once: what is left over at the end is unknown.

use super::node::{Node, Pairs};
use crate::domain::exact::{Exact, NumberError};
use crate::domain::rounding::{RoundMode, Rounding};
use crate::rating::RatingError;
use crate::rating::cycles::CycleError;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use std::collections::BTreeSet;

/// Why a case has no results.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    /// An operation nobody knows.
    #[error("no operation {0:?}")]
    Operation(String),
    /// A field that must be there.
    #[error("no {0}")]
    Missing(String),
    /// A field the operation does not have.
    #[error("{0} is not known here")]
    Unknown(String),
    /// A field of another kind, or out of its bounds.
    #[error("{0} cannot be {1}")]
    Wrong(String, String),
    /// What the engine refuses.
    #[error("{0}")]
    Refused(String),
}

impl Fault {
    pub fn wrong(name: &str, what: impl std::fmt::Display) -> Self {
        Self::Wrong(name.to_owned(), what.to_string())
    }

    pub fn beyond_the_calendar() -> Self {
        Self::Refused(CycleError::Date.to_string())
    }
}

impl From<NumberError> for Fault {
    fn from(error: NumberError) -> Self {
        Self::Refused(error.to_string())
    }
}

impl From<RatingError> for Fault {
    fn from(error: RatingError) -> Self {
        Self::Refused(error.to_string())
    }
}

impl From<CycleError> for Fault {
    fn from(error: CycleError) -> Self {
        Self::Refused(error.to_string())
    }
}

/// The fields of one object.
pub(super) struct Fields<'a> {
    pairs: &'a [(String, Node)],
    taken: BTreeSet<&'a str>,
}

impl<'a> Fields<'a> {
    pub fn of(node: &'a Node, name: &str) -> Result<Self, Fault> {
        match node {
            Node::Object(Pairs(pairs)) => Ok(Self { pairs, taken: BTreeSet::new() }),
            other => Err(wrong_kind(name, other)),
        }
    }

    /// Every field was taken.
    pub fn end(&self) -> Result<(), Fault> {
        let left = self.pairs.iter().find(|(key, _)| !self.taken.contains(key.as_str()));
        left.map_or(Ok(()), |(key, _)| Err(Fault::Unknown(key.clone())))
    }

    pub fn optional(&mut self, name: &str) -> Option<&'a Node> {
        let (key, value) = self.pairs.iter().find(|(key, _)| key == name)?;
        self.taken.insert(key);
        Some(value)
    }

    pub fn required(&mut self, name: &str) -> Result<&'a Node, Fault> {
        self.optional(name).ok_or_else(|| Fault::Missing(name.to_owned()))
    }

    pub fn text(&mut self, name: &str) -> Result<&'a str, Fault> {
        text_of(name, self.required(name)?)
    }

    pub fn optional_text(&mut self, name: &str) -> Result<Option<&'a str>, Fault> {
        self.optional(name).map(|node| text_of(name, node)).transpose()
    }

    pub fn dec(&mut self, name: &str) -> Result<Exact, Fault> {
        dec_of(name, self.required(name)?)
    }

    pub fn optional_dec(&mut self, name: &str) -> Result<Option<Exact>, Fault> {
        self.optional(name).map(|node| dec_of(name, node)).transpose()
    }

    /// A number that is nought where it is not there.
    pub fn dec_or_nought(&mut self, name: &str) -> Result<Exact, Fault> {
        Ok(self.optional_dec(name)?.unwrap_or(Exact::ZERO))
    }

    pub fn positive(&mut self, name: &str) -> Result<Exact, Fault> {
        let value = self.dec(name)?;
        if value > Exact::ZERO { Ok(value) } else { Err(Fault::wrong(name, value)) }
    }

    /// A whole number above nought.
    pub fn positive_int(&mut self, name: &str) -> Result<Exact, Fault> {
        let number: i64 = self.int(name)?;
        if number > 0 { Ok(Exact::whole(i128::from(number))) } else { Err(Fault::wrong(name, number)) }
    }

    /// A number or `null`.
    pub fn dec_or_null(&mut self, name: &str) -> Result<Option<Exact>, Fault> {
        match self.required(name)? {
            Node::Null => Ok(None),
            node => dec_of(name, node).map(Some),
        }
    }

    pub fn int<T: TryFrom<i64>>(&mut self, name: &str) -> Result<T, Fault> {
        int_of(name, self.required(name)?)
    }

    pub fn int_or<T: TryFrom<i64>>(&mut self, name: &str, default: T) -> Result<T, Fault> {
        self.optional(name).map_or(Ok(default), |node| int_of(name, node))
    }

    /// A whole number or `null`.
    pub fn int_or_null<T: TryFrom<i64>>(&mut self, name: &str) -> Result<Option<T>, Fault> {
        match self.required(name)? {
            Node::Null => Ok(None),
            node => int_of(name, node).map(Some),
        }
    }

    pub fn flag(&mut self, name: &str) -> Result<bool, Fault> {
        flag_of(name, self.required(name)?)
    }

    pub fn flag_or(&mut self, name: &str, default: bool) -> Result<bool, Fault> {
        self.optional(name).map_or(Ok(default), |node| flag_of(name, node))
    }

    pub fn date(&mut self, name: &str) -> Result<NaiveDate, Fault> {
        date_of(name, self.text(name)?)
    }

    pub fn optional_date(&mut self, name: &str) -> Result<Option<NaiveDate>, Fault> {
        self.optional_text(name)?.map(|text| date_of(name, text)).transpose()
    }

    /// An instant of UTC to the minute.
    pub fn time(&mut self, name: &str) -> Result<DateTime<Utc>, Fault> {
        let text = self.text(name)?;
        let parsed = is_written(text, "0000-00-00T00:00").then(|| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").ok()).flatten();
        parsed.map(|at| at.and_utc()).ok_or_else(|| Fault::wrong(name, text))
    }

    pub fn choice<T: Copy>(&mut self, name: &str, words: &[(&str, T)]) -> Result<T, Fault> {
        let word = self.text(name)?;
        chosen(name, word, words)
    }

    pub fn choice_or<T: Copy>(&mut self, name: &str, words: &[(&str, T)], default: T) -> Result<T, Fault> {
        self.optional_text(name)?.map_or(Ok(default), |word| chosen(name, word, words))
    }

    pub fn mode(&mut self) -> Result<RoundMode, Fault> {
        self.choice_or("mode", &RoundMode::WORDS, RoundMode::HalfUp)
    }

    /// `dp` and `mode`.
    pub fn rounding(&mut self) -> Result<Rounding, Fault> {
        Ok(Rounding { digits: self.int("dp")?, mode: self.mode()? })
    }

    /// The same, or no rounding where there is no `dp`.
    pub fn optional_rounding(&mut self) -> Result<Option<Rounding>, Fault> {
        if self.pairs.iter().any(|(key, _)| key == "dp") { self.rounding().map(Some) } else { self.mode().map(|_| None) }
    }

    pub fn decs(&mut self, name: &str) -> Result<Vec<Exact>, Fault> {
        self.list(name)?.iter().map(|node| dec_of(name, node)).collect()
    }

    pub fn wholes(&mut self, name: &str) -> Result<Vec<Exact>, Fault> {
        self.list(name)?.iter().map(|node| int_of::<i64>(name, node).map(|n| Exact::whole(i128::from(n)))).collect()
    }

    pub fn texts(&mut self, name: &str) -> Result<Vec<&'a str>, Fault> {
        self.list(name)?.iter().map(|node| text_of(name, node)).collect()
    }

    /// An object, read whole.
    pub fn object<T>(&mut self, name: &str, read: impl FnOnce(&mut Fields<'a>) -> Result<T, Fault>) -> Result<T, Fault> {
        whole(name, self.required(name)?, read)
    }

    /// The same, where it is there.
    pub fn optional_object<T>(&mut self, name: &str, read: impl FnOnce(&mut Fields<'a>) -> Result<T, Fault>) -> Result<Option<T>, Fault> {
        self.optional(name).map(|node| whole(name, node, read)).transpose()
    }

    /// A list of objects, each read whole.
    pub fn objects<T>(&mut self, name: &str, read: impl Fn(&mut Fields<'a>) -> Result<T, Fault>) -> Result<Vec<T>, Fault> {
        self.list(name)?.iter().map(|node| whole(name, node, &read)).collect()
    }

    /// The same, or none where it is `null` or not there.
    pub fn optional_objects<T>(&mut self, name: &str, read: impl Fn(&mut Fields<'a>) -> Result<T, Fault>) -> Result<Option<Vec<T>>, Fault> {
        match self.optional(name) {
            None | Some(Node::Null) => Ok(None),
            Some(_) => self.objects(name, read).map(Some),
        }
    }

    fn list(&mut self, name: &str) -> Result<&'a [Node], Fault> {
        match self.required(name)? {
            Node::List(list) => Ok(list),
            other => Err(wrong_kind(name, other)),
        }
    }
}

fn whole<'a, T>(name: &str, node: &'a Node, read: impl FnOnce(&mut Fields<'a>) -> Result<T, Fault>) -> Result<T, Fault> {
    let mut fields = Fields::of(node, name)?;
    let read = read(&mut fields)?;
    fields.end().map(|()| read)
}

fn wrong_kind(name: &str, node: &Node) -> Fault {
    let kind = match node {
        Node::Null => "null",
        Node::Flag(_) => "true or false",
        Node::Text(text) => return Fault::wrong(name, format!("{text:?}")),
        Node::List(_) => "a list",
        Node::Object(_) => "an object",
        Node::Other(_) => "a JSON number, or an object with a key twice: numbers are texts",
    };
    Fault::wrong(name, kind)
}

fn text_of<'a>(name: &str, node: &'a Node) -> Result<&'a str, Fault> {
    if let Node::Text(text) = node { Ok(text) } else { Err(wrong_kind(name, node)) }
}

fn flag_of(name: &str, node: &Node) -> Result<bool, Fault> {
    if let Node::Flag(flag) = node { Ok(*flag) } else { Err(wrong_kind(name, node)) }
}

fn dec_of(name: &str, node: &Node) -> Result<Exact, Fault> {
    Exact::parse(text_of(name, node)?.as_bytes()).map_err(|_| wrong_kind(name, node))
}

fn int_of<T: TryFrom<i64>>(name: &str, node: &Node) -> Result<T, Fault> {
    let text = text_of(name, node)?;
    let plain = text.strip_prefix('-').unwrap_or(text).bytes().all(|b| b.is_ascii_digit());
    let number = text.parse::<i64>().ok().filter(|_| plain).and_then(|n| T::try_from(n).ok());
    number.ok_or_else(|| wrong_kind(name, node))
}

fn date_of(name: &str, text: &str) -> Result<NaiveDate, Fault> {
    let date = is_written(text, "0000-00-00").then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()).flatten();
    date.ok_or_else(|| Fault::wrong(name, text))
}

/// Whether a text has a digit for each nought of a pattern, and else what the pattern has: no sign, no blank, nothing before or behind.
fn is_written(text: &str, pattern: &str) -> bool {
    let alike = |(t, p): (u8, u8)| if p == b'0' { t.is_ascii_digit() } else { t == p };
    text.len() == pattern.len() && text.bytes().zip(pattern.bytes()).all(alike)
}

fn chosen<T: Copy>(name: &str, word: &str, words: &[(&str, T)]) -> Result<T, Fault> {
    words.iter().find(|(w, _)| *w == word).map(|(_, meaning)| *meaning).ok_or_else(|| Fault::wrong(name, word))
}

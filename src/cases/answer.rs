//! The results of an operation, and whether they are the expected ones.

use super::fields::{Fault, Fields};
use super::node::{Node, Pairs};
use crate::domain::exact::Exact;
use chrono::NaiveDate;
use serde_json::Value;

/// A result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Got {
    Number(Exact),
    Numbers(Vec<Exact>),
    Word(String),
    Words(Vec<String>),
    Nothing,
}

impl From<Exact> for Got {
    fn from(number: Exact) -> Self {
        Self::Number(number)
    }
}

impl From<i64> for Got {
    fn from(number: i64) -> Self {
        Self::Number(Exact::whole(i128::from(number)))
    }
}

impl From<Vec<Exact>> for Got {
    fn from(numbers: Vec<Exact>) -> Self {
        Self::Numbers(numbers)
    }
}

impl From<NaiveDate> for Got {
    fn from(date: NaiveDate) -> Self {
        Self::Word(date.to_string())
    }
}

impl From<Vec<NaiveDate>> for Got {
    fn from(dates: Vec<NaiveDate>) -> Self {
        Self::Words(dates.iter().map(NaiveDate::to_string).collect())
    }
}

impl From<Option<Exact>> for Got {
    fn from(number: Option<Exact>) -> Self {
        number.map_or(Self::Nothing, Self::Number)
    }
}

impl Got {
    /// Numbers by value, words by text, lists by length and order.
    fn is(&self, expected: &Node) -> bool {
        let number = |node: &Node, got: Exact| matches!(node, Node::Text(text) if text.parse() == Ok(got));
        let word = |node: &Node, got: &str| matches!(node, Node::Text(text) if text == got);
        match (self, expected) {
            (Self::Nothing, Node::Null) => true,
            (Self::Number(got), node) => number(node, *got),
            (Self::Word(got), node) => word(node, got),
            (Self::Numbers(got), Node::List(list)) => got.len() == list.len() && list.iter().zip(got).all(|(node, got)| number(node, *got)),
            (Self::Words(got), Node::List(list)) => got.len() == list.len() && list.iter().zip(got).all(|(node, got)| word(node, got)),
            _ => false,
        }
    }

    fn to_value(&self) -> Value {
        match self {
            Self::Number(number) => Value::String(number.to_string()),
            Self::Numbers(numbers) => numbers.iter().map(Exact::to_string).collect(),
            Self::Word(word) => Value::String(word.clone()),
            Self::Words(words) => words.iter().cloned().collect(),
            Self::Nothing => Value::Null,
        }
    }
}

/// The results of an operation by their names.
#[derive(Debug, Clone)]
pub(super) struct Answer(Vec<(&'static str, Got)>);

impl Answer {
    /// One result.
    pub fn one(name: &'static str, got: impl Into<Got>) -> Self {
        Self(vec![(name, got.into())])
    }

    /// And another.
    pub fn and(mut self, name: &'static str, got: impl Into<Got>) -> Self {
        self.0.push((name, got.into()));
        self
    }

    /// Whether each expected field is what was got. One the operation does not have is a fault, and so is expecting nothing.
    pub fn holds(&self, expected: &Node) -> Result<bool, Fault> {
        Fields::of(expected, "expected")?;
        let Node::Object(Pairs(pairs)) = expected else { return Ok(false) };
        if pairs.is_empty() {
            return Err(Fault::Missing("expected result".to_owned()));
        }
        let each = pairs.iter().map(|(name, node)| {
            let got = self.0.iter().find(|(known, _)| known == name).map(|(_, got)| got.is(node));
            got.ok_or_else(|| Fault::Unknown(format!("expected {name}")))
        });
        each.collect::<Result<Vec<bool>, Fault>>().map(|all| all.into_iter().all(|held| held))
    }

    pub fn to_value(&self) -> Value {
        Value::Object(self.0.iter().map(|(name, got)| ((*name).to_owned(), got.to_value())).collect())
    }
}

//! Findings: what integrity and reconciliation noticed beside the rows, each with its ids and its money.

use super::currency::Currency;
use super::side::Side;
use super::text::Untrusted;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// Counted and said; needs no act (left out by the vocabulary, filtered as inactive).
    Note,
    /// Look at it.
    Warning,
    /// Fails: the stage does not pass while it stands.
    Blocking,
}

impl Weight {
    /// The word in files and JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Blocking => "blocking",
        }
    }
}

/// Which side a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// The source's data.
    Source,
    /// The target's data.
    Target,
    /// Both together.
    Both,
}

impl From<Side> for About {
    fn from(side: Side) -> Self {
        match side {
            Side::Source => Self::Source,
            Side::Target => Self::Target,
        }
    }
}

impl About {
    /// The word in files and JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Target => "target",
            Self::Both => "both",
        }
    }
}

/// One kind of thing noticed on one side: counted whole, its ids listed up to a bound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Stable word: `orphan_invoice`, `header_lines_differ`, `lookalike_id` …
    pub code: String,
    /// Where.
    pub side: About,
    /// How it weighs.
    pub weight: Weight,
    /// How many there are, all of them.
    pub count: u64,
    /// Their ids in byte order, at most [`Finding::MAX_IDS`].
    pub ids: Vec<Untrusted>,
    /// Money touched, in whole minor units by currency; empty where money says nothing.
    pub money: BTreeMap<Currency, i64>,
    /// What it means, in a sentence.
    pub message: String,
    /// What to do.
    pub remedy: String,
}

impl Finding {
    /// Ids listed at most; `count` is always whole.
    pub const MAX_IDS: usize = 1000;
}

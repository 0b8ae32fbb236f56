//! What a compared row comes to, and what people made of it.

use serde::{Deserialize, Serialize};

/// The verdict of one row. Unknown never becomes `match`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Net (and tax, where both sides have it) equal at the currency's minor unit.
    Match,
    /// Not equal, and inside the declared tolerance. Never counted as a match.
    WithinTolerance,
    /// Not equal.
    Delta,
    /// Due in the target with money, not billed by the source.
    MissingInSource,
    /// Billed by the source; no such subscription in the target, or not due there.
    MissingInTarget,
    /// Money with no subscription: a document, or the rest of one.
    Unlinked,
    /// The same document twice, or n equal documents where one was expected.
    Duplicate,
    /// Currencies or units differ, or an amount cannot be read. It has no delta.
    NotComparable,
}

impl Verdict {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 8] = [
        Self::Match,
        Self::WithinTolerance,
        Self::Delta,
        Self::MissingInSource,
        Self::MissingInTarget,
        Self::Unlinked,
        Self::Duplicate,
        Self::NotComparable,
    ];

    /// The word in files, filters and JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::WithinTolerance => "within_tolerance",
            Self::Delta => "delta",
            Self::MissingInSource => "missing_in_source",
            Self::MissingInTarget => "missing_in_target",
            Self::Unlinked => "unlinked",
            Self::Duplicate => "duplicate",
            Self::NotComparable => "not_comparable",
        }
    }

    /// The verdict of that word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|v| v.word() == word)
    }

    /// Whether a subscription's sides are not the same, or may not be: what may explain it is kept and looked for.
    pub const fn differs(self) -> bool {
        !matches!(self, Self::Match | Self::Unlinked)
    }

    /// Whether it is shown as unexplained as long as nothing explains it.
    pub const fn asks_for_cause(self) -> bool {
        self.differs() && !matches!(self, Self::WithinTolerance)
    }

    /// A short stable number, for storing.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The verdict of that number.
    pub fn of_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }
}

/// Where the expected amount of a row came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The target's own document for the period.
    Draft,
    /// dualrun's rating of the target's catalogue.
    Rated,
}

impl Basis {
    /// The word in files and JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Rated => "rated",
        }
    }
}

/// What people made of a difference. An explained or waived delta is never a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Review {
    /// Nobody decided yet.
    #[default]
    Open,
    /// A cause is named.
    Explained,
    /// Known and accepted, with owner, cap and expiry.
    Waived,
    /// Mended.
    Resolved,
}

impl Review {
    /// The word in files and JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Explained => "explained",
            Self::Waived => "waived",
            Self::Resolved => "resolved",
        }
    }
}

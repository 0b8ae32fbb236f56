//! What changed between two runs of one month, row by row, and what each change did to the delta.

use super::currency::Currency;
use super::money::Money;
use super::period::Period;
use super::row::ReconRow;
use super::side::Side;
use super::text::Untrusted;
use super::verdict::Verdict;
use std::collections::BTreeMap;

/// What kind of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// The row is new.
    RowAppeared,
    /// The row is no more.
    RowVanished,
    /// A document is new, or a part of it is.
    DocumentAppeared,
    /// A document is no more, or does not count.
    DocumentGone,
    /// A document has another amount.
    DocumentChanged,
    /// The target's document decides now and the rating did before, or the reverse.
    Basis,
    /// A price of the target's catalogue was edited.
    Price,
    /// The subscription: its plan, units, own price, discount, dates or status.
    Subscription,
    /// Usage was inserted, or taken away.
    Usage,
    /// A tax holds now that did not, or the reverse.
    Tax,
    /// Nothing that was kept changed: the rules of a side are declared otherwise.
    Rules,
}

impl What {
    /// The word in files and JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::RowAppeared => "row_appeared",
            Self::RowVanished => "row_vanished",
            Self::DocumentAppeared => "document_appeared",
            Self::DocumentGone => "document_gone",
            Self::DocumentChanged => "document_changed",
            Self::Basis => "basis",
            Self::Price => "price",
            Self::Subscription => "subscription",
            Self::Usage => "usage",
            Self::Tax => "tax",
            Self::Rules => "rules",
        }
    }
}

/// One change of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What kind.
    pub what: What,
    /// On which side, where it is on one.
    pub side: Option<Side>,
    /// What was and what is; texts of the data are neutralised.
    pub words: String,
    /// How far it moved the delta; `None` where it moves no money by itself.
    pub moved: Option<Money>,
}

/// A row as a run had it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Had {
    /// Its verdict.
    pub verdict: Verdict,
    /// Billed by the source.
    pub actual: Option<Money>,
    /// What the target would bill.
    pub expected: Option<Money>,
    /// The delta.
    pub delta: Option<Money>,
}

impl Had {
    /// That of a row.
    pub const fn of(row: &ReconRow) -> Self {
        Self { verdict: row.verdict, actual: row.actual, expected: row.expected, delta: row.delta }
    }
}

/// A row that is not what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowChange {
    /// Its key.
    pub key: Untrusted,
    /// Its period.
    pub period: Period,
    /// Its customer, for people.
    pub customer: Untrusted,
    /// What it was; `None` where it is new.
    pub before: Option<Had>,
    /// What it is; `None` where it is no more.
    pub after: Option<Had>,
    /// What changed, in the order in which it was attributed.
    pub changes: Vec<Change>,
}

/// What changes of a kind come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OfKind {
    /// Changes.
    pub changes: u64,
    /// By currency, in minor units: Σ and Σ |…| of how far they moved deltas.
    pub money: BTreeMap<Currency, (i64, i64)>,
}

/// What all changes come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Since {
    /// Rows that are not what they were.
    pub rows: u64,
    /// By kind.
    pub kinds: BTreeMap<What, OfKind>,
}

impl Since {
    /// Takes a row.
    pub fn add(&mut self, row: &RowChange) {
        self.rows += 1;
        for change in &row.changes {
            let of = self.kinds.entry(change.what).or_default();
            of.changes += 1;
            let Some(moved) = change.moved.filter(|m| m.minor != 0) else { continue };
            let (net, gross) = of.money.entry(moved.currency).or_default();
            (*net, *gross) = (net.saturating_add(moved.minor), gross.saturating_add(moved.minor.saturating_abs()));
        }
    }
}

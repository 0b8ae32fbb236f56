//! What the explanations of a run come to together: which few causes carry the money, what signs hide, and what a tolerance would.

use super::currency::Currency;
use super::explanation::{Cause, Certainty};
use super::text::Untrusted;
use serde::{Deserialize, Serialize};

/// Money of rows that differ, in minor units of one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Apart {
    /// The currency.
    pub currency: Currency,
    /// Σ delta.
    pub net: i64,
    /// Σ |delta|.
    pub gross: i64,
}

/// How far what explains a cluster carries among the rows of its plan, explained or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Votes {
    /// Rows whose delta it closes too, the cluster's own among them, whether it is their answer or not.
    pub closes: u64,
    /// Rows of the plan that differ: all of them were tried.
    pub of: u64,
}

/// Rows with one cause and the same parameters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cluster {
    /// How sure their explanations are.
    pub certainty: Certainty,
    /// Their causes; none where they are unexplained.
    pub causes: Vec<Cause>,
    /// What tells them from others of the same causes; empty where many different ones were brought together.
    pub parameters: String,
    /// Their plan, where they share one.
    pub plan: Option<Untrusted>,
    /// How many rows.
    pub rows: u64,
    /// Their money, by currency.
    pub money: Vec<Apart>,
    /// How far it carries; `None` where it is not known: many were brought together, or they share no plan.
    #[serde(default)]
    pub votes: Option<Votes>,
    /// Some of them: keys, those with the most money first.
    pub examples: Vec<Untrusted>,
}

/// A customer of whom some rows are billed too much and others too little, so that the sum shows less than there is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Masked {
    /// The customer, for people.
    pub customer: Untrusted,
    /// The currency of the amounts, in minor units.
    pub currency: Currency,
    /// Σ of what the target would bill more.
    pub over: i64,
    /// Σ of what it would bill less, as a positive number.
    pub under: i64,
    /// |delta| ÷ |actual| of its worst row, in ten-thousandths; `None` where nothing was billed.
    pub worst: Option<i64>,
}

/// What a tolerance would turn from delta to `within_tolerance`, and the money it would hide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tolerated {
    /// The currency.
    pub currency: Currency,
    /// The tolerance, in minor units.
    pub tolerance: i64,
    /// Rows inside it.
    pub rows: u64,
    /// Σ |delta| of those.
    pub hidden: i64,
    /// Σ delta of those: near Σ |delta| where the difference always falls to one side.
    pub net: i64,
}

impl Tolerated {
    /// Whether what it hides falls to one side: at least twenty rows, and nine tenths of the money with one sign.
    pub fn is_one_sided(&self) -> bool {
        self.rows >= 20 && i128::from(self.net).abs() * 10 >= i128::from(self.hidden) * 9
    }
}

/// All of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Together {
    /// Rows that differ, by how sure their explanation is, in the order of [`Certainty::ALL`].
    pub rows: [u64; 4],
    /// Money of the confirmed.
    pub confirmed: Vec<Apart>,
    /// Money of all others: what counts as unexplained for every gate.
    pub unexplained: Vec<Apart>,
    /// Clusters, those with the most money first; of two currencies, those of more rows.
    pub clusters: Vec<Cluster>,
    /// Customers whose sums hide most.
    pub masked: Vec<Masked>,
    /// Steps of tolerance, each currency ascending.
    pub tolerances: Vec<Tolerated>,
}

impl Together {
    /// Rows of a certainty.
    pub fn of(&self, certainty: Certainty) -> u64 {
        self.rows[certainty as usize]
    }
}

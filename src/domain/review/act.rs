//! One decision of one person: made once, never changed. Another decision may take it back.

use super::{Amounts, Expected, Predicate};
use crate::domain::money::Money;
use crate::domain::period::Month;
use crate::domain::text::Untrusted;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// A decision with who made it and on what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// From 1, in the order they were made; a waiver is named by it. 0 until it is kept.
    pub id: i64,
    /// Of which service.
    pub service: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Who; attested, not signed.
    pub actor: String,
    /// The run that was looked at.
    pub run: i64,
    /// Its month.
    pub month: Month,
    /// What was decided.
    pub deed: Deed,
    /// The rows it is about, where it is about rows one by one. Kept apart from the rest.
    #[serde(skip)]
    pub subjects: Vec<Subject>,
}

/// What can be decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Deed {
    /// A word about a row.
    Note {
        /// The word.
        text: String,
    },
    /// Whose task a row is.
    Own {
        /// The owner.
        owner: String,
    },
    /// Mended, or settled elsewhere: holds as long as the row differs by what it differed by then.
    Resolve {
        /// How.
        reason: String,
    },
    /// Takes a `Resolve` back.
    Reopen {
        /// Why.
        reason: String,
    },
    /// Known and accepted. Counts for nothing until a second person confirmed it.
    Waive(Box<Terms>),
    /// A second person agrees.
    Confirm {
        /// The waiver.
        waiver: i64,
    },
    /// It ends now.
    Revoke {
        /// The waiver.
        waiver: i64,
        /// Why.
        reason: String,
    },
}

/// Separates the digest of an act's rows from all other hashes.
const DOMAIN: &str = "dualrun review subjects v1";

impl Act {
    /// What the journal keeps of it.
    pub fn journal_facts(&self) -> serde_json::Result<serde_json::Value> {
        let deed = serde_json::to_value(&self.deed)?;
        Ok(serde_json::json!({
            "act": self.id, "service": self.service, "run": self.run, "month": self.month, "deed": deed,
            "rows": self.subjects.len(), "rows_digest": digest(&self.subjects),
        }))
    }
}

fn digest(subjects: &[Subject]) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut put = |text: &str| {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    };
    put(DOMAIN);
    for Subject { key, cause, amounts } in subjects {
        put(key.raw());
        put(&cause.as_ref().map_or_else(String::new, |c| format!("={c}")));
        put(&amounts.map_or_else(String::new, |a| format!("{} {} {:?}", a.currency, a.delta, a.tax)));
    }
    hasher.finalize().to_hex().to_string()
}

impl Deed {
    /// The kinds of journal entries that are of a decision.
    pub const JOURNAL_KINDS: [&str; 7] =
        ["review_noted", "review_owned", "review_resolved", "review_reopened", "waiver_made", "waiver_confirmed", "waiver_revoked"];

    /// The kind of its journal entry.
    pub const fn journal_kind(&self) -> &'static str {
        Self::JOURNAL_KINDS[match self {
            Self::Note { .. } => 0,
            Self::Own { .. } => 1,
            Self::Resolve { .. } => 2,
            Self::Reopen { .. } => 3,
            Self::Waive(_) => 4,
            Self::Confirm { .. } => 5,
            Self::Revoke { .. } => 6,
        }]
    }

    /// Whether it changes how a row stands.
    pub const fn decides(&self) -> bool {
        !matches!(self, Self::Note { .. } | Self::Own { .. })
    }
}

/// The terms of a waiver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Which rows.
    pub predicate: Predicate,
    /// By what they may differ.
    pub expected: Expected,
    /// Most money of one run, by currency; what has no cap is not waived.
    pub cap: Vec<Money>,
    /// Who answers for it.
    pub owner: String,
    /// Why it is accepted.
    pub reason: String,
    /// From this month on.
    pub from: Month,
    /// The last day it counts, in the service's zone.
    pub expires: NaiveDate,
}

/// A row a decision is about: found again in later runs by key and cause.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Subject {
    /// Its key.
    pub key: Untrusted,
    /// Its cause without parameters; `None` is unexplained.
    pub cause: Option<String>,
    /// By how much it differed then.
    pub amounts: Option<Amounts>,
}

//! How a check and a seat of a stage stand, as the engine of gates tells it and every front end shows it.

use super::outcome::Outcome;
use chrono::{DateTime, Utc};
use serde::Serialize;

/// How a check stands in an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckStanding {
    /// Its id.
    pub check: String,
    /// What it proves.
    pub title: String,
    /// Where.
    pub environment: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Whether it is counted apart.
    pub observe_only: bool,
    /// What it comes to now.
    pub outcome: Outcome,
    /// Why it is not what was observed: stale, waived; else what was observed, in a few words.
    pub why: String,
    /// When it was observed.
    pub observed_at: Option<DateTime<Utc>>,
    /// By whom.
    pub observed_by: Option<String>,
    /// The number of the act.
    pub act: Option<i64>,
    /// Digest of the evidence.
    pub evidence: Option<String>,
    /// What was seen, a line each. From outside.
    pub observed: Vec<String>,
}

/// A seat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Seat {
    /// Whose.
    pub role: String,
    /// Who sits in it.
    pub signed: Option<Signed>,
}

/// A sign-off that counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Signed {
    /// The number of its act.
    pub act: i64,
    /// Who.
    pub person: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Whether only a name vouches for it.
    pub attested: bool,
}

/// A sign-off that does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Void {
    /// The number of its act.
    pub act: i64,
    /// Who.
    pub person: String,
    /// As what.
    pub role: String,
    /// Why not.
    pub why: String,
}

impl Signed {
    /// For people: a name that nobody vouches for says so.
    pub fn told(&self) -> String {
        told(&self.person, self.attested)
    }
}

/// A name, and whether nothing else vouches for it.
pub(super) fn told(person: &str, attested: bool) -> String {
    if attested { format!("{person} (attested)") } else { person.to_owned() }
}

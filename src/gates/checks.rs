//! Judges of checks, one a kind: what was seen, and what that comes to. Whatever cannot be told for certain does not pass.
//!
//! A new kind is a word of [`crate::domain::gate::CheckKind`], its keys in the runbook, a judge here, and an arm where checks are made.

mod command;
mod figure;
mod files;
mod junit;
mod log;
mod manual;
mod metric;
mod schedule;
mod sql;
mod tests_evidence;

pub use command::command;
pub use log::log;
pub use manual::{Attestation, manual};
pub use metric::{metric, months_of};
pub use schedule::schedule;
pub use sql::sql;
pub use tests_evidence::tests;

use crate::domain::gate::Outcome;
use crate::domain::text::shown;
use chrono::{DateTime, Utc};

/// Lines of evidence kept of one check.
const LINES: usize = 40;
/// Columns kept of each.
const COLUMNS: usize = 200;
/// Clocks of two machines may be apart by this much.
const CLOCKS_APART: i64 = 5 * 60;

/// What a check came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// The outcome.
    pub outcome: Outcome,
    /// In a few words.
    pub summary: String,
    /// What was seen, a line each, bounded and fit to be shown.
    pub observed: Vec<String>,
}

impl Judged {
    /// An outcome and why.
    pub fn new(outcome: Outcome, summary: impl AsRef<str>) -> Self {
        Self { outcome, summary: shown(summary.as_ref(), COLUMNS), observed: Vec::new() }
    }

    /// Adds what was seen; of too many lines the first are kept, and how many there are more is said.
    #[must_use]
    pub fn seeing<S: AsRef<str>>(mut self, lines: impl IntoIterator<Item = S>) -> Self {
        let mut more = 0_usize;
        for line in lines {
            if self.observed.len() < LINES {
                self.observed.push(shown(line.as_ref(), COLUMNS));
            } else {
                more += 1;
            }
        }
        if more > 0 {
            self.observed.push(format!("… and {more} more"));
        }
        self
    }
}

impl Judged {
    /// The same, seen by a role that may be one that can write. Such a role makes a run count for nothing, and holds the flip: so what
    /// would pass is not proven by it either. What does not hold is told as that.
    #[must_use]
    pub fn through(self, writable_role: bool) -> Self {
        const STAMP: &str = "*** read with a role that can write ***";
        if !writable_role {
            return self;
        }
        let judged = match self.outcome {
            Outcome::Pass => Self {
                outcome: Outcome::Inconclusive,
                summary: shown(&format!("{}, but read with a role that can write: it counts for nothing", self.summary), COLUMNS),
                ..self
            },
            _ => self,
        };
        judged.seeing([STAMP])
    }
}

/// Now, and how old what is looked at may be.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    /// Now.
    pub now: DateTime<Utc>,
    /// Most seconds.
    pub max_age_seconds: u64,
}

impl Clock {
    /// What is wrong with the age of something made at a moment: in the future, or too old.
    fn fault(&self, what: &str, at: DateTime<Utc>) -> Option<Judged> {
        self.fault_with(what, at, CLOCKS_APART)
    }

    /// The same where the moment may be off by so many seconds.
    fn fault_with(&self, what: &str, at: DateTime<Utc>, slack: i64) -> Option<Judged> {
        let age = (self.now - at).num_seconds();
        let told = at.format("%Y-%m-%d %H:%M:%SZ");
        if age < -slack {
            return Some(Judged::new(Outcome::Invalid, format!("{what} is of {told}, which is in the future: one of the clocks is wrong")));
        }
        let is_old = u64::try_from(age).is_ok_and(|age| age > self.max_age_seconds);
        is_old.then(|| Judged::new(Outcome::Stale, format!("{what} is of {told}, older than the check's max_age")))
    }
}

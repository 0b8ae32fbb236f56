//! A run and everything that belongs to it, as reports tell it.

use super::decode::RowError;
use super::finding::Finding;
use super::gate::Glass;
use super::journal::JournalHead;
use super::review::{ReviewTally, Waiver, WaiverRoll, WaiverState};
use super::run::Run;
use super::together::Together;

/// What was decided, as a report tells it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReviewFacts {
    /// What the rows of the run come to; `None` where nobody has looked since a decision was made.
    pub tally: Option<ReviewTally>,
    /// Every waiver that was not revoked, or that the run names, as it stands today.
    pub waivers: Vec<(Waiver, WaiverState)>,
}

impl ReviewFacts {
    /// What a waiver came to in the run.
    pub fn roll(&self, waiver: i64) -> Option<&WaiverRoll> {
        self.tally.as_ref()?.waivers.iter().find(|roll| roll.waiver == waiver)
    }
}

/// A run and what belongs to it.
#[derive(Debug, Clone)]
pub struct Told {
    /// The run.
    pub run: Run,
    /// Its findings, blocking first.
    pub findings: Vec<Finding>,
    /// Its unreadable rows.
    pub rejected: Vec<RowError>,
    /// Head of the journal now.
    pub journal: JournalHead,
    /// What people decided; `None` where nobody ever decided anything.
    pub review: Option<ReviewFacts>,
    /// What its explanations come to together.
    pub together: Option<Together>,
    /// Every breaking of the glass that ever counted.
    pub glass: Vec<Glass>,
}

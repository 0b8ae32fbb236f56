//! The steps of the flip as acts. What is about to be sent is an act before it is sent, so that after a crash it is known what may
//! have arrived.

use super::billing::Payment;
use super::change::{Direction, Step};
use super::hypercare::Look;
use super::pack::FlipPlan;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// A step of the flip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum FlipDeed {
    /// Waves were planned. They take the place of every planned wave that has not begun.
    Planned(Box<FlipPlan>),
    /// A wave is applied or backed out from now on: everything was checked again, and the phrase was typed.
    Begun(Box<Begun>),
    /// Changes are about to be handed over.
    Sending(Point),
    /// What was said of them.
    Answered {
        /// Of which.
        of: Point,
        /// One for each subscription, in its order.
        told: Vec<Told>,
    },
    /// What was read back.
    ReadBack {
        /// Of which; the direction is the one they were sent in.
        of: Point,
        /// One for each subscription, in its order.
        seen: Vec<Seen>,
    },
    /// Every line of a wave is where it was to be brought.
    Ended {
        /// The wave.
        wave: u32,
        /// Which way.
        direction: Direction,
    },
    /// Nothing of the flip is done until somebody resumes it.
    Hold {
        /// Why.
        reason: String,
    },
    /// It may go on.
    Resume {
        /// Why.
        reason: String,
    },
    /// A wave is not applied before that day.
    Postponed {
        /// The wave.
        wave: u32,
        /// The first day it may be.
        until: NaiveDate,
        /// Why.
        reason: String,
    },
    /// A wave goes no further: it can only be backed out.
    Aborted {
        /// The wave.
        wave: u32,
        /// Why.
        reason: String,
    },
    /// The target captured a payment: a wave cannot be backed out any more.
    PointOfNoReturn {
        /// The wave.
        wave: u32,
        /// The first that was seen.
        payment: Payment,
    },
    /// First invoices were looked at.
    Looked(Box<Look>),
    /// A wave was applied and backed out on a copy.
    Rehearsed(Box<Rehearsal>),
    /// The source bills nothing any more, and every wave is clean.
    Completed {
        /// In words.
        reason: String,
    },
}

/// How a wave was begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// The wave.
    pub wave: u32,
    /// Which way.
    pub direction: Direction,
    /// Digest of its pack.
    pub pack: String,
    /// The phrase as it was typed.
    pub phrase: String,
    /// Digest of what the gates certified; of a back-out nothing.
    pub certificate: Option<String>,
    /// The run over fresh snapshots that its amounts were held against; of a back-out none.
    pub run: Option<i64>,
    /// Digest of where it acts: the databases, and what changes them. `None` of one that was begun by an older dualrun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

/// Some changes of a wave: one step of several subscriptions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// The wave.
    pub wave: u32,
    /// Which way.
    pub direction: Direction,
    /// Which step.
    #[serde(rename = "of_step")]
    pub step: Step,
    /// Whose.
    pub subscriptions: Vec<String>,
}

/// What whoever does changes says of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "told")]
pub enum Told {
    /// Done.
    Applied,
    /// Refused.
    Rejected {
        /// Why, neutralised.
        why: String,
    },
    /// It does not know, did not say, or somebody does it by hand.
    Unknown {
        /// Why.
        why: String,
    },
    /// It was handed to nobody.
    Unsent {
        /// Why.
        why: String,
    },
}

/// What was read of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "seen")]
pub enum Seen {
    /// It is there.
    There,
    /// It is not there.
    NotThere,
    /// Something else is there: it is not sent again before somebody looked at it.
    Wrong {
        /// What.
        why: String,
    },
    /// It was not begun, for something is in its way; what is there is what was there before.
    HeldBack {
        /// What.
        why: String,
    },
    /// It cannot be told.
    Unclear {
        /// Why.
        why: String,
    },
}

/// A rehearsal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rehearsal {
    /// The wave.
    pub wave: u32,
    /// Digest of its pack.
    pub pack: String,
    /// Where, for people.
    pub place: String,
    /// Whether it was applied and backed out whole.
    pub whole: bool,
    /// In words, where it was not.
    pub failure: Option<String>,
    /// Each step with the time it took.
    pub steps: Vec<Timed>,
    /// When it began.
    pub began_at: DateTime<Utc>,
}

/// A step and how long it took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timed {
    /// Which, for people.
    pub what: String,
    /// Milliseconds.
    pub milliseconds: u64,
}

impl FlipDeed {
    /// The kind of its journal entry.
    pub const fn journal_kind(&self) -> &'static str {
        match self {
            Self::Planned(_) => "flip_planned",
            Self::Begun(_) => "flip_begun",
            Self::Sending(_) => "flip_sending",
            Self::Answered { .. } => "flip_answered",
            Self::ReadBack { .. } => "flip_read_back",
            Self::Ended { direction: Direction::Forward, .. } => "flip_wave_applied",
            Self::Ended { direction: Direction::Back, .. } => "flip_wave_backed_out",
            Self::Hold { .. } => "flip_held",
            Self::Resume { .. } => "flip_resumed",
            Self::Postponed { .. } => "flip_postponed",
            Self::Aborted { .. } => "flip_aborted",
            Self::PointOfNoReturn { .. } => "flip_point_of_no_return",
            Self::Looked(_) => "flip_hypercare_looked",
            Self::Rehearsed(_) => "flip_rehearsed",
            Self::Completed { .. } => "flip_completed",
        }
    }
}

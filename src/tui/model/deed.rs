//! What a person does at once, beside the job: said in words, kept, and told with who did it.

use crate::app::flip::Decision;
use crate::app::gates::View;
use crate::app::review::Chosen;
use crate::domain::flip::Direction;
use crate::domain::review::{Deed, Terms};

/// What is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeedAsked {
    /// Sign what was looked at.
    Sign(Box<View>, SealBy),
    /// Say no to a stage.
    NoGo {
        /// Its id.
        stage: String,
        /// Why.
        reason: String,
    },
    /// State a check that a person answers.
    Attest {
        /// `stage/check`.
        name: String,
        /// Where.
        environment: String,
        /// What was seen.
        note: String,
    },
    /// Waive rows, for a second person to confirm.
    Waive {
        /// On which run.
        run: i64,
        /// Its terms.
        terms: Box<Terms>,
    },
    /// Say something of rows.
    Rows {
        /// Of which run.
        run: i64,
        /// Which.
        rows: Chosen,
        /// What.
        deed: Deed,
    },
    /// Take the act of that number back.
    TakeBack(i64),
    /// Decide about the flip.
    Decide(Decision, String),
}

/// How a sign-off would be vouched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealBy {
    /// By a key that ssh-agent holds and `allowed_signers` lists.
    Agent,
    /// By the name alone: the stage lets it.
    Name,
}

/// A stage as somebody who may sign it sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignLook {
    /// The stage.
    pub view: View,
    /// How it can be signed here, else why not.
    pub by: Result<SealBy, String>,
}

impl SignLook {
    /// Whether a `y` signs.
    pub const fn can_be_signed(&self) -> bool {
        self.view.refusals.is_empty() && self.by.is_ok() && self.view.role.is_some()
    }
}

/// What is typed, and for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Typing {
    /// The phrase of a wave: only the exact phrase acts.
    Phrase {
        /// The wave.
        wave: u32,
        /// Applying, or backing out.
        direction: Direction,
        /// What must be typed.
        phrase: String,
    },
    /// Why the flip is held.
    Hold,
    /// Why it goes on.
    Resume,
    /// Why a stage gets a no.
    NoGo {
        /// Its id.
        stage: String,
    },
    /// What was seen of a check.
    Attest {
        /// `stage/check`.
        name: String,
        /// Where.
        environment: String,
        /// What is to be stated.
        statement: String,
    },
}

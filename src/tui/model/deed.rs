//! What a person does at once, beside the job: said in words, kept, and told with who did it.

use crate::app::flip::Decision;
use crate::app::gates::View;
use crate::app::review::Chosen;
use crate::domain::flip::Direction;
use crate::domain::money::Money;
use crate::domain::review::{Deed, Terms};
use std::path::PathBuf;

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
        /// Whether it holds.
        holds: bool,
        /// A file that shows it.
        file: Option<PathBuf>,
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
    /// Agree, as a second person, to what another made.
    Agree(Made),
}

/// What one person made and a second may agree to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// An act about gates, and the newest act when it was looked at.
    Act(i64, i64),
    /// A waiver of rows.
    Waiver(i64),
}

/// The same as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waits {
    /// What.
    pub made: Made,
    /// By whom.
    pub by: String,
    /// What it would do, in words from outside.
    pub what: String,
    /// The money it is about.
    pub money: Vec<Money>,
    /// Whether it is by whoever acts here, who cannot agree to it.
    pub is_own: bool,
}

impl Waits {
    /// What is typed to agree.
    pub fn phrase(&self) -> String {
        match self.made {
            Made::Act(id, _) => format!("agree to act {id}"),
            Made::Waiver(id) => format!("agree to waiver {id}"),
        }
    }
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
        /// Whether it holds.
        holds: bool,
    },
    /// Until when a wave is not applied, and why.
    Postpone {
        /// The wave.
        wave: u32,
    },
    /// A phrase, and why after it: the wave goes no further.
    Abort {
        /// The wave.
        wave: u32,
    },
    /// Where the copy is.
    Rehearse {
        /// The wave.
        wave: u32,
    },
    /// That the copy's programs act on the copy alone.
    OnTheCopy {
        /// The wave.
        wave: u32,
        /// The copy's directory.
        dir: PathBuf,
        /// Its programs.
        programs: Vec<String>,
    },
    /// A phrase, and why after it: the flip is closed.
    Complete,
    /// The phrase of one of them.
    Agree(Vec<Waits>),
}

/// Begins what is typed to close the flip; why follows it.
pub const COMPLETE: &str = "complete the flip";

/// Begins what is typed to abort a wave; why follows it.
pub fn abort_phrase(wave: u32) -> String {
    format!("abort wave {wave}")
}

/// The words after a phrase that must come first, where there are any.
pub fn after_phrase<'a>(phrase: &str, text: &'a str) -> Option<&'a str> {
    let rest = text.strip_prefix(phrase)?;
    let words = rest.trim_start_matches([':', ',', '.', ';', '-', ' ']).trim();
    (rest.starts_with([':', ',', '.', ';', ' ']) && !words.is_empty()).then_some(words)
}

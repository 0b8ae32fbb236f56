//! What lies on top of a screen.

use super::decide::DecideForm;
use super::deed::{SignLook, Typing};
use super::lineup::Choosing;
use super::palette::Palette;
use super::waive::WaiveForm;
use crate::app::import::ParkedVerb;
use crate::domain::period::Month;
use crate::domain::shadow::RecordId;
use tui_input::Input;

/// What a question asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// Quit while a job runs?
    Quit,
    /// Cancel the job?
    Cancel,
    /// Check the current run of this month again?
    Recheck(Month),
    /// Apply the plan?
    Apply {
        /// Retire what should not be in the target, too.
        retire: bool,
    },
    /// Take a kept act of the review back?
    TakeBack {
        /// Its number.
        act: i64,
        /// It, in words.
        words: String,
    },
    /// Decide so about the parked deliveries of these external ids? Never empty.
    Settle(ParkedVerb, Vec<RecordId>),
}

impl Question {
    /// Whether a yes reaches beyond this program's own store, or cannot be taken back: Enter alone is no yes to it.
    pub const fn acts(&self) -> bool {
        matches!(self, Self::Apply { .. } | Self::Settle(..))
    }
}

/// Something on top of the screen.
#[derive(Debug, Clone)]
pub enum Overlay {
    /// A page of text.
    Text {
        /// Its title.
        title: String,
        /// Its lines, safe to print.
        lines: Vec<String>,
        /// Lines scrolled.
        scroll: u16,
    },
    /// All keys.
    Help {
        /// Lines scrolled.
        scroll: u16,
    },
    /// A question.
    Confirm(Question),
    /// Something is typed, and acts.
    Typing {
        /// What for.
        of: Typing,
        /// What is typed.
        input: Input,
        /// Why it does not act.
        error: Option<String>,
    },
    /// A waiver is filled in.
    Waive(Box<WaiveForm>),
    /// Something is said of rows.
    Decide(Box<DecideForm>),
    /// The palette.
    Palette(Box<Palette>),
    /// Columns are chosen.
    Columns(Choosing),
    /// What a sign-off would be bound to; a yes signs.
    Sign {
        /// The stage as it was looked at.
        look: Box<SignLook>,
        /// Lines scrolled.
        scroll: u16,
    },
    /// The short tour, at one of its stations; any key but those that go on leaves it.
    Tour(usize),
    /// Which month to reconcile.
    Month {
        /// What is typed.
        input: Input,
        /// Why it is no month.
        error: Option<String>,
    },
}

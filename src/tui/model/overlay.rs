//! What lies on top of a screen.

use crate::domain::period::Month;
use tui_input::Input;

/// What a question asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// Quit while a job runs?
    Quit,
    /// Cancel the job?
    Cancel,
    /// Check the current run of this month again?
    Recheck(Month),
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
    /// Which month to reconcile.
    Month {
        /// What is typed.
        input: Input,
        /// Why it is no month.
        error: Option<String>,
    },
}

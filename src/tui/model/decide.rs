//! A deed about rows: one, or those that are marked. What it touches is shown before it is done.

use crate::app::review::Chosen;
use crate::domain::period::Month;
use crate::domain::review::Deed;
use tui_input::Input;

/// What is said of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// A word.
    Note,
    /// Whose task they are.
    Own,
    /// They are mended.
    Resolve,
    /// They are not, after all.
    Reopen,
}

impl Verb {
    /// The deed with what is typed.
    pub const fn deed(self, text: String) -> Deed {
        match self {
            Self::Note => Deed::Note { text },
            Self::Own => Deed::Own { owner: text },
            Self::Resolve => Deed::Resolve { reason: text },
            Self::Reopen => Deed::Reopen { reason: text },
        }
    }

    /// Whether it changes how rows stand.
    pub const fn decides(self) -> bool {
        matches!(self, Self::Resolve | Self::Reopen)
    }
}

/// Said, and shown what it touches.
#[derive(Debug, Clone)]
pub struct DecideForm {
    /// The ticket that the answer about what it touches must carry.
    pub ticket: u64,
    /// On which run.
    pub run: i64,
    /// Its month.
    pub month: Month,
    /// What.
    pub verb: Verb,
    /// Of which rows.
    pub rows: Chosen,
    /// How many were chosen, where that is known.
    pub count: Option<u64>,
    /// The key, where it is one row.
    pub key: Option<String>,
    /// What is typed.
    pub input: Input,
    /// Why nothing is done.
    pub error: Option<String>,
    /// What it touches; `None` until that was looked at.
    pub touched: Option<Vec<String>>,
}

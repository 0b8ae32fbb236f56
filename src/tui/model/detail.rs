//! The open row of Reconcile.

use super::Trouble;
use crate::app::explain::beside::Beside;
use crate::domain::period::Month;
use crate::domain::review::Act;
use crate::ports::workspace::{RowDetail, RowLine};

/// A key in the current run of a month; `None` where it has no row there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// The month.
    pub month: Month,
    /// The row.
    pub row: Option<RowLine>,
}

/// The open row.
#[derive(Debug, Clone, Default)]
pub struct Detail {
    /// Of which row.
    pub seq: i64,
    /// The ticket its answer must carry.
    pub ticket: u64,
    /// The row, once it came.
    pub row: Option<RowDetail>,
    /// Its rating in words.
    pub steps: Vec<String>,
    /// What was decided about its key, oldest first.
    pub acts: Vec<Act>,
    /// Why it stands as it does, where decisions say so.
    pub why: Option<String>,
    /// The key over the months.
    pub history: Vec<History>,
    /// What other runs say of it.
    pub beside: Beside,
    /// Why it did not come.
    pub trouble: Option<Trouble>,
    /// Lines scrolled.
    pub scroll: u16,
}

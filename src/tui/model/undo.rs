//! What was done last, and whether it can be taken back.

use super::lineup::Lineup;
use super::marks::Marks;
use crate::ports::workspace::{RowFilter, Sort};

/// How the table is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// Which rows.
    pub filter: RowFilter,
    /// In which order.
    pub sort: Sort,
    /// Which columns.
    pub lineup: Lineup,
    /// Which are marked.
    pub marks: Marks,
}

/// How something is taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// By looking at the table as before.
    Look(Box<Look>),
    /// By an act of its own, of the review act of that number.
    Act(i64),
    /// Not at all; why, and what can be done instead.
    Not(String),
}

/// Something that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undo {
    /// It, in words.
    pub words: String,
    /// How it is taken back.
    pub way: Way,
}

/// The newest things done, at most.
pub const REMEMBERED: usize = 50;

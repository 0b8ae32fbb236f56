//! Which list of Activity is in use.

/// The lists of Activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Pane {
    /// Past runs.
    #[default]
    Runs,
    /// Findings of the shown run.
    Findings,
    /// Rows that could not be read.
    Rejected,
    /// The journal's tail.
    Journal,
}

impl Pane {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Runs, Self::Findings, Self::Rejected, Self::Journal];

    /// Its title.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Runs => "Runs",
            Self::Findings => "Findings",
            Self::Rejected => "Unreadable rows",
            Self::Journal => "Journal",
        }
    }

    /// Its place, from 0.
    pub fn index(self) -> usize {
        Self::ALL.iter().position(|p| *p == self).unwrap_or(0)
    }
}

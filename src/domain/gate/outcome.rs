//! What a check or a stage comes to.

use serde::{Deserialize, Serialize};

/// Outcome of a check. Ordered from best to worst: a stage is as good as its worst check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Held.
    Pass,
    /// Does not hold, and two people accepted that.
    Waived,
    /// Never ran.
    NotRun,
    /// What it stood on changed or is too old.
    Stale,
    /// Ran and could not tell.
    Inconclusive,
    /// Cannot be run as written.
    Invalid,
    /// Broke while running.
    Error,
    /// Does not hold.
    Fail,
}

impl Outcome {
    /// The word in files and on screens.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Waived => "waived",
            Self::NotRun => "not_run",
            Self::Stale => "stale",
            Self::Inconclusive => "inconclusive",
            Self::Invalid => "invalid",
            Self::Error => "error",
            Self::Fail => "fail",
        }
    }

    /// Whether a gate may open on it.
    pub const fn opens(self) -> bool {
        matches!(self, Self::Pass | Self::Waived)
    }

    /// The worst of several; of none it is `inconclusive`.
    pub fn worst(outcomes: impl IntoIterator<Item = Self>) -> Self {
        outcomes.into_iter().max().unwrap_or(Self::Inconclusive)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_list_does_not_pass() {
        assert_eq!(Outcome::worst([]), Outcome::Inconclusive);
        assert_eq!(Outcome::worst([Outcome::Pass, Outcome::NotRun]), Outcome::NotRun);
        assert!(!Outcome::worst([Outcome::Pass, Outcome::Stale]).opens());
    }
}

//! Status words, each with a sign, so that a terminal without colour loses nothing.

use crate::domain::finding::Weight;
use crate::domain::run::{DatabaseKind, Run, RunState};
use crate::domain::verdict::Verdict;

/// Which signs may be drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Signs {
    /// Signs of Unicode, one column each.
    #[default]
    Unicode,
    /// ASCII only.
    Ascii,
}

impl Signs {
    /// The sign of this set.
    pub const fn pick(self, unicode: &'static str, ascii: &'static str) -> &'static str {
        match self {
            Self::Unicode => unicode,
            Self::Ascii => ascii,
        }
    }
}

/// The sign of a verdict.
pub const fn verdict_sign(verdict: Verdict, signs: Signs) -> &'static str {
    match verdict {
        Verdict::Match => signs.pick("✓", "="),
        Verdict::WithinTolerance => signs.pick("≈", "~"),
        Verdict::Delta => signs.pick("✗", "x"),
        Verdict::MissingInSource => signs.pick("◁", "<"),
        Verdict::MissingInTarget => signs.pick("▷", ">"),
        Verdict::Unlinked => signs.pick("○", "o"),
        Verdict::Duplicate => signs.pick("‼", "!"),
        Verdict::NotComparable => "?",
    }
}

/// The verdict for people, shorter than its word in files.
pub const fn verdict_label(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Match => "match",
        Verdict::WithinTolerance => "tolerance",
        Verdict::Delta => "delta",
        Verdict::MissingInSource => "no source",
        Verdict::MissingInTarget => "no target",
        Verdict::Unlinked => "unlinked",
        Verdict::Duplicate => "duplicate",
        Verdict::NotComparable => "not comp.",
    }
}

/// What a verdict means, in one sentence.
pub const fn verdict_meaning(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Match => "equal at the currency's minor unit",
        Verdict::WithinTolerance => "not equal, inside the declared tolerance; never counted as a match",
        Verdict::Delta => "not equal",
        Verdict::MissingInSource => "due in the target with money, not billed by the source",
        Verdict::MissingInTarget => "billed by the source; no such subscription in the target, or not due there",
        Verdict::Unlinked => "money with no subscription",
        Verdict::Duplicate => "the same document twice, or equal documents where one was expected",
        Verdict::NotComparable => "currencies or units differ, or an amount cannot be read",
    }
}

/// The sign of an outcome, by its word in files: `pass`, `fail`, `not_run` …
/// By word, because gates are an engine and this layer knows none.
pub fn outcome_sign(word: &str, signs: Signs) -> &'static str {
    match word {
        "pass" => signs.pick("✓", "="),
        "waived" => signs.pick("≈", "~"),
        "not_run" => signs.pick("◌", "."),
        "stale" => signs.pick("↻", "s"),
        "fail" => signs.pick("✗", "x"),
        "error" => "!",
        _ => "?",
    }
}

/// An outcome for people: its word in files, blanks for underscores.
pub fn outcome_label(word: &str) -> String {
    word.replace('_', " ")
}

/// The sign of a run's state.
pub const fn state_sign(state: RunState, signs: Signs) -> &'static str {
    match state {
        RunState::Running => signs.pick("▶", ">"),
        RunState::Complete => signs.pick("✓", "="),
        RunState::Incomplete => "!",
        RunState::Interrupted => signs.pick("■", "#"),
        RunState::Failed => signs.pick("✗", "x"),
    }
}

/// The sign of a finding's weight.
pub const fn weight_sign(weight: Weight, signs: Signs) -> &'static str {
    match weight {
        Weight::Note => signs.pick("·", "."),
        Weight::Warning => "!",
        Weight::Blocking => signs.pick("✗", "x"),
    }
}

/// A database kind for people.
pub const fn kind_word(kind: DatabaseKind) -> &'static str {
    match kind {
        DatabaseKind::Postgres => "PostgreSQL",
        DatabaseKind::MariaDb => "MariaDB/MySQL",
        DatabaseKind::Sqlite => "SQLite",
    }
}

/// Why a run counts for nothing, loudly and in short: `INCOMPLETE · 3 rows unreadable`, `DRY RUN`, `ONLY 2 SUBSCRIPTIONS`.
/// Empty where it does count.
pub fn run_marks(run: &Run) -> Vec<String> {
    let mut marks = Vec::new();
    match run.state {
        RunState::Complete => {}
        RunState::Running => marks.push("RUNNING".to_owned()),
        RunState::Incomplete => {
            marks.push(format!("INCOMPLETE · {} unreadable", super::numbers::counted(run.tally.rejected, "row", "rows")));
        }
        RunState::Interrupted => marks.push("INTERRUPTED".to_owned()),
        RunState::Failed => marks.push("FAILED".to_owned()),
    }
    if run.request.dry_run {
        marks.push("DRY RUN".to_owned());
    }
    match run.request.only.len() {
        0 => {}
        1 => marks.push("ONLY 1 SUBSCRIPTION".to_owned()),
        n => marks.push(format!("ONLY {n} SUBSCRIPTIONS")),
    }
    if run.snapshots.iter().any(|s| s.writable_role) {
        marks.push("WRITABLE ROLE".to_owned());
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_verdict_has_its_own_sign_in_both_sets() {
        for signs in [Signs::Unicode, Signs::Ascii] {
            let distinct: BTreeSet<&str> = Verdict::ALL.iter().map(|v| verdict_sign(*v, signs)).collect();
            assert_eq!(distinct.len(), Verdict::ALL.len());
        }
        assert!(Verdict::ALL.iter().all(|v| verdict_sign(*v, Signs::Ascii).is_ascii()));
    }
}

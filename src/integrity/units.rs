//! Cents against whole units: a side read in the wrong money unit is off by the same factor in every row.

use super::codes;
use super::notices::Notices;
use crate::domain::finding::About;
use crate::domain::row::ReconRow;

/// Rows with both amounts it takes before one factor in all of them is no accident.
const ENOUGH: u64 = 3;

/// The rows so far, while all of them differ by the factor in one direction.
#[derive(Debug)]
pub(super) struct Units {
    suspects: Notices,
    source_larger: bool,
    target_larger: bool,
    rows: u64,
}

impl Default for Units {
    fn default() -> Self {
        Self { suspects: Notices::default(), source_larger: true, target_larger: true, rows: 0 }
    }
}

impl Units {
    /// Looks at a row. Rows of nothing, of one side, or of two currencies say nothing about units.
    pub(super) fn row(&mut self, row: &ReconRow) {
        if !self.source_larger && !self.target_larger {
            return;
        }
        let (Some(actual), Some(expected)) = (row.actual, row.expected) else { return };
        if actual.currency != expected.currency || (actual.minor == 0 && expected.minor == 0) {
            return;
        }
        let factor = 10i64.checked_pow(actual.currency.exponent()).filter(|f| *f > 1);
        let is = |large: i64, small: i64| small != 0 && factor.is_some_and(|f| small.checked_mul(f) == Some(large));
        self.source_larger &= is(actual.minor, expected.minor);
        self.target_larger &= is(expected.minor, actual.minor);
        if self.source_larger || self.target_larger {
            self.suspects.note(&codes::UNIT_MISMATCH, About::Both, row.key.raw(), row.delta);
            self.rows += 1;
        }
    }

    /// Takes over what other rows of the same month say.
    pub(super) fn absorb(&mut self, other: Self) {
        self.source_larger &= other.source_larger;
        self.target_larger &= other.target_larger;
        self.rows += other.rows;
        self.suspects.absorb(other.suspects);
    }

    /// The suspicion, where it held in every row and there were enough of them.
    pub(super) fn finish(self) -> Notices {
        if self.rows >= ENOUGH && (self.source_larger || self.target_larger) { self.suspects } else { Notices::default() }
    }
}

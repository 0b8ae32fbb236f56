//! Rows that are marked: a few by number, or all of a filter but for a few. Never a list of all rows.

use crate::app::review::Chosen;
use crate::ports::workspace::RowFilter;
use std::collections::BTreeSet;

/// Marks on the rows of one filter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Marks {
    /// Every row of the filter is, but for those turned.
    pub all: bool,
    /// Rows marked one by one; where all are, those that are not.
    pub turned: BTreeSet<i64>,
}

impl Marks {
    /// Whether a row of the filter is.
    pub fn has(&self, seq: i64) -> bool {
        self.all != self.turned.contains(&seq)
    }

    /// Whether nothing is marked.
    pub fn is_empty(&self) -> bool {
        !self.all && self.turned.is_empty()
    }

    /// Marks a row, or takes its mark away.
    pub fn toggle(&mut self, seq: i64) {
        if !self.turned.remove(&seq) {
            self.turned.insert(seq);
        }
    }

    /// Marks what is not marked, and the other way around.
    pub const fn turn_around(&mut self) {
        self.all = !self.all;
    }

    /// How many, of so many rows of the filter; `None` where those are not counted yet.
    pub fn count(&self, of: Option<u64>) -> Option<u64> {
        let turned = self.turned.len() as u64;
        if self.all { of.map(|of| of.saturating_sub(turned)) } else { Some(turned) }
    }

    /// The rows themselves, those of a filter.
    pub fn chosen(&self, filter: &RowFilter) -> Chosen {
        if self.all { Chosen::Filter(Box::new(filter.clone()), self.turned.clone()) } else { Chosen::Rows(self.turned.clone()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turning_around_twice_changes_nothing() {
        let mut marks = Marks::default();
        marks.toggle(3);
        marks.turn_around();
        assert!(marks.has(1) && !marks.has(3));
        assert_eq!((marks.count(Some(9)), marks.count(None)), (Some(8), None));
        marks.toggle(3);
        assert_eq!(marks.count(Some(9)), Some(9));
        marks.toggle(3);
        marks.turn_around();
        assert!(marks.has(3) && !marks.has(1) && marks.count(None) == Some(1));
    }
}

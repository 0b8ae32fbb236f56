//! Which columns of the table are drawn, in which order, how wide, and from where on.

use crate::app::views::ViewColumn;
use crate::present::columns::Column;

/// A column that can be drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// Which.
    pub column: Column,
    /// Whether it is.
    pub shown: bool,
    /// Its width, where one was chosen; a number is never drawn narrower than it is.
    pub width: Option<u16>,
}

/// All columns in the order they are drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lineup {
    /// Shown ones and hidden ones.
    pub columns: Vec<Slot>,
    /// Columns scrolled off to the left, beside the one that stays.
    pub first: usize,
}

/// Narrowest and widest a column is drawn by choice.
const WIDTHS: (u16, u16) = (4, 80);

impl Default for Lineup {
    fn default() -> Self {
        let slot = |shown: bool| move |column| Slot { column, shown, width: None };
        let others = Column::MACHINE.into_iter().filter(|c| !Column::TABLE.contains(c));
        Self { columns: Column::TABLE.into_iter().map(slot(true)).chain(others.map(slot(false))).collect(), first: 0 }
    }
}

impl Lineup {
    /// The column that stays while the others scroll.
    pub const STICKY: Column = Column::SubscriptionId;

    /// The columns shown.
    pub fn shown(&self) -> Vec<Column> {
        self.columns.iter().filter(|c| c.shown).map(|c| c.column).collect()
    }

    /// The width chosen for a column.
    pub fn width(&self, column: Column) -> Option<usize> {
        self.columns.iter().find(|c| c.column == column).and_then(|c| c.width).map(usize::from)
    }

    /// Shows a column, or hides it; the one that stays is always shown.
    pub fn toggle(&mut self, at: usize) {
        if let Some(slot) = self.columns.get_mut(at).filter(|c| c.column != Self::STICKY) {
            slot.shown = !slot.shown;
        }
        self.scroll(0);
    }

    /// Moves a column; gives its place then.
    pub fn shift(&mut self, at: usize, by: isize) -> usize {
        let to = at.saturating_add_signed(by).min(self.columns.len().saturating_sub(1));
        if at < self.columns.len() && to != at {
            self.columns.swap(at, to);
        }
        to
    }

    /// Draws a column wider or narrower than it is drawn by itself.
    pub fn widen(&mut self, at: usize, by: i16) {
        if let Some(slot) = self.columns.get_mut(at) {
            let shape = slot.column.shape();
            let now = slot.width.unwrap_or_else(|| u16::try_from(shape.ideal).unwrap_or(WIDTHS.1));
            slot.width = Some(now.saturating_add_signed(by).clamp(WIDTHS.0, WIDTHS.1));
        }
    }

    /// Scrolls by columns.
    pub fn scroll(&mut self, by: isize) {
        let last = self.shown().len().saturating_sub(2);
        self.first = self.first.saturating_add_signed(by).min(last);
    }

    /// As a view keeps it.
    pub fn kept(&self) -> Vec<ViewColumn> {
        self.columns.iter().filter(|c| c.shown).map(|c| ViewColumn { name: c.column.name().to_owned(), width: c.width }).collect()
    }

    /// From what a view kept; columns nobody knows any more are left out.
    pub fn of(kept: &[ViewColumn]) -> Self {
        let known = |view: &ViewColumn| Column::MACHINE.into_iter().find(|c| c.name() == view.name);
        let mut columns: Vec<Slot> = kept.iter().filter_map(|view| Some(Slot { column: known(view)?, shown: true, width: view.width })).collect();
        for other in Self::default().columns {
            if !columns.iter().any(|c| c.column == other.column) {
                columns.push(Slot { shown: other.column == Self::STICKY, ..other });
            }
        }
        Self { columns, first: 0 }
    }
}

/// The chooser, open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Choosing {
    /// The selected column's place.
    pub at: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back_and_the_key_stays() {
        let mut lineup = Lineup::default();
        let at = |lineup: &Lineup, column| lineup.columns.iter().position(|c| c.column == column).unwrap();
        lineup.toggle(at(&lineup, Column::Customer));
        lineup.toggle(at(&lineup, Column::ExactDelta));
        lineup.widen(at(&lineup, Column::Plan), 3);
        lineup.toggle(at(&lineup, Column::SubscriptionId));
        assert!(lineup.shown().contains(&Column::SubscriptionId) && !lineup.shown().contains(&Column::Customer));
        let back = Lineup::of(&lineup.kept());
        assert_eq!((back.shown(), back.width(Column::Plan)), (lineup.shown(), Some(23)));
        assert_eq!(back.columns.len(), Column::MACHINE.len());
        lineup.scroll(99);
        assert_eq!(lineup.first, lineup.shown().len() - 2, "one column is always beside the key");
    }
}

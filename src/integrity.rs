//! Is the data itself sound, and what was left out? One small file a check; each notices ids with their money, and
//! [`notices::Notices`] turns them into findings. A new check is a code in [`codes`] and a function called from [`inspect`].

mod amounts;
pub mod codes;
mod documents;
mod ids;
mod metrics;
pub mod notices;
mod orphans;
mod overlaps;
mod precision;
mod rows;
mod statuses;
mod units;

use crate::domain::finding::Finding;
use crate::domain::row::ReconRow;
use crate::domain::side::Side;
use crate::ledger::scope::Slot;
use crate::reconcile::month::{Books, MonthPlan};
use notices::Notices;
use units::Units;

/// Checks of one month. Feed every row with [`Inspection::row`], then [`Inspection::finish`].
#[derive(Debug)]
pub struct Inspection<'a> {
    books: &'a Books,
    slot: Slot,
    notices: Notices,
    units: Units,
}

impl<'a> Inspection<'a> {
    /// Runs every check that needs no rows.
    pub fn new(books: &'a Books, plan: &MonthPlan<'_>, slot: Slot) -> Self {
        let mut notices = Notices::default();
        for side in Side::BOTH {
            documents::check(books, side, slot, &mut notices);
            ids::check(books, side, slot, &mut notices);
            orphans::check(books, side, slot, &mut notices);
            statuses::check(books, side, &mut notices);
            amounts::check(books, side, slot, &mut notices);
            overlaps::check(books, side, slot, &mut notices);
        }
        ids::across(books, &mut notices);
        metrics::check(books, slot, &mut notices);
        precision::check(books, slot, &mut notices);
        rows::beside(books, plan, slot, &mut notices);
        Self { books, slot, notices, units: Units::default() }
    }

    /// Looks at a row.
    pub fn row(&mut self, row: &ReconRow) {
        rows::check(self.books, self.slot, row, &mut self.notices);
        self.units.row(row);
    }

    /// The findings, blocking first, then by code and side.
    pub fn finish(mut self) -> Vec<Finding> {
        self.notices.absorb(self.units.finish());
        self.notices.findings()
    }
}

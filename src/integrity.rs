//! Is the data itself sound, and what was left out? One small file a check; each notices ids with their money, and
//! [`notices::Notices`] turns them into findings. A new check is a code in [`codes`] and a call from here.
//!
//! Checks look at things as they pass: catalogues once ([`of_catalogues`]), documents while they stream ([`Passing`]), keys and
//! rows while they are judged ([`Inspection`]).

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
use crate::domain::money::Money;
use crate::domain::row::ReconRow;
use crate::domain::side::Side;
use crate::ledger::books::Books;
use crate::ledger::documents::{Documents, Header, Onlooker};
use crate::ledger::posting::Posted;
use crate::ledger::scope::Slot;
use crate::reconcile::cell::Cell;
use notices::Notices;
use precision::Precision;
use std::collections::{BTreeMap, HashSet};
use units::Units;

/// What the catalogues alone tell: the same for every month.
pub fn of_catalogues(books: &Books) -> Notices {
    let mut notices = Notices::default();
    for side in Side::BOTH {
        ids::check(books, side, &mut notices);
        orphans::check_catalogue(books, side, &mut notices);
        statuses::check(books, side, &mut notices);
        amounts::check_catalogue(books, side, &mut notices);
    }
    ids::across(books, &mut notices);
    notices
}

/// Looks at a side's documents as they pass.
#[derive(Debug)]
pub struct Passing {
    side: Side,
    has_lines: bool,
    months: Vec<Notices>,
}

impl Passing {
    /// Of a side; `has_lines` where it maps invoice lines: only then can a header be without them.
    pub fn new(books: &Books, side: Side, has_lines: bool) -> Self {
        Self { side, has_lines, months: vec![Notices::default(); books.scope.len()] }
    }

    /// What was noticed, by slot.
    pub fn finish(self, documents: &Documents) -> Vec<Notices> {
        let mut months = self.months;
        for notices in &mut months {
            for id in &documents.stray_lines {
                notices.note(&codes::STRAY_LINE, self.side, id.raw(), None);
            }
        }
        months
    }
}

impl Onlooker for Passing {
    fn document(&mut self, books: &Books, header: &Header<'_>) {
        let profile = books.profile.side(self.side);
        for slot in header.slots() {
            let Some(notices) = self.months.get_mut(usize::from(slot)) else { continue };
            documents::check(header, profile, self.has_lines, notices);
            amounts::check_document(header, profile, notices);
            orphans::check_document(books, header, self.side, notices);
        }
    }

    fn unlinked(&mut self, slot: Slot, document: &str, net: Money) {
        if let Some(notices) = self.months.get_mut(usize::from(slot)) {
            let code = if self.side == Side::Source { &codes::UNLINKED_INVOICE } else { &codes::UNLINKED_TARGET };
            notices.note(code, self.side, document, Some(net));
        }
    }
}

/// Documents of one side and which of their ids came more than once.
#[derive(Debug, Clone, Copy)]
pub struct Twice<'a> {
    /// The side's documents.
    pub documents: &'a Documents,
    /// Hashes of the ids that came more than once.
    pub prints: &'a HashSet<u64>,
}

/// What the checks of a month noticed so far.
#[derive(Debug, Default)]
pub struct Noted {
    notices: Notices,
    units: Units,
    precision: Precision,
    /// Ids that came more than once, with the least of their amounts.
    repeated: BTreeMap<(Side, String), Money>,
}

impl Noted {
    /// What was noticed before the month was judged.
    pub fn before(notices: Notices) -> Self {
        Self { notices, ..Self::default() }
    }

    /// Takes over what was noticed of other keys of the same month.
    pub fn absorb(&mut self, other: Self) {
        self.notices.absorb(other.notices);
        self.units.absorb(other.units);
        self.precision.absorb(other.precision);
        for (of, money) in other.repeated {
            self.repeat(of, money);
        }
    }

    fn repeat(&mut self, of: (Side, String), money: Money) {
        let least = self.repeated.entry(of).or_insert(money);
        if (money.currency, money.minor) < (least.currency, least.minor) {
            *least = money;
        }
    }

    /// The findings, blocking first, then by code and side.
    pub fn findings(mut self, books: &Books) -> Vec<Finding> {
        for ((side, id), money) in self.repeated {
            self.notices.note(&codes::DUPLICATE_ID, side, id, Some(money));
        }
        self.precision.finish(books, &mut self.notices);
        self.notices.absorb(self.units.finish());
        self.notices.findings()
    }
}

/// Checks of one month, key by key and row by row. Several may share a month's keys: what they note is brought together.
#[derive(Debug)]
pub struct Inspection<'a> {
    books: &'a Books,
    twice: [Twice<'a>; 2],
    /// What was noticed.
    pub noted: Noted,
}

impl<'a> Inspection<'a> {
    /// Nothing noticed yet. `twice` is of source and target.
    pub fn new(books: &'a Books, twice: [Twice<'a>; 2]) -> Self {
        Self { books, twice, noted: Noted::default() }
    }

    /// Looks at what was read of a key.
    pub fn cell(&mut self, cell: &Cell<'_>) {
        for side in Side::BOTH {
            let held = cell.documents(side);
            self.repeated(side, &held.parts);
            overlaps::check(held, side, &mut self.noted.notices);
        }
        if cell.usage.any {
            orphans::check_usage(self.books, cell, &mut self.noted.notices);
            metrics::check(self.books, cell, &mut self.noted.notices);
            self.noted.precision.cell(cell);
        }
    }

    /// Looks at documents without a subscription.
    pub fn repeated(&mut self, side: Side, parts: &[Posted]) {
        let [source, target] = self.twice;
        let twice = if side == Side::Source { source } else { target };
        if twice.prints.is_empty() {
            return;
        }
        for part in parts.iter().filter(|p| twice.documents.is_among(twice.prints, p.document.id.raw())) {
            self.noted.repeat((side, part.document.id.raw().to_owned()), part.document.net);
        }
    }

    /// Looks at a row; `cell` is what it was made of, where it is of one key alone.
    pub fn row(&mut self, row: &ReconRow, cell: Option<&Cell<'_>>) {
        rows::check(self.books, row, cell, &mut self.noted.notices);
        self.noted.units.row(row);
    }

    /// Looks at a key that is due in the source, not in the target, and billed by nobody.
    pub fn unbilled(&mut self, cell: &Cell<'_>) {
        rows::unbilled(self.books, cell, &mut self.noted.notices);
    }

    /// Looks at a key that used something without being due or billed anywhere.
    pub fn idle_usage(&mut self, cell: &Cell<'_>) {
        rows::idle_usage(cell, &mut self.noted.notices);
    }
}

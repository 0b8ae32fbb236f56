//! Counts and money of a month, and the proof that nothing vanished.

use crate::domain::currency::Currency;
use crate::domain::row::ReconRow;
use crate::domain::run::{MoneyTotals, Tally};
use crate::domain::side::Side;
use crate::domain::verdict::{Basis, Verdict};
use crate::ledger::books::Books;
use crate::ledger::documents::Documents;
use crate::ledger::scope::Slot;
use crate::ledger::usage::UsageStream;
use std::collections::BTreeMap;

/// Two of dualrun's own sums disagree: a bug, and nothing may be published.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unbalanced {
    /// Buckets do not add up to what was read.
    #[error("{what}: {read} read, {placed} placed")]
    Count {
        /// Of what.
        what: String,
        /// Rows read.
        read: u64,
        /// Rows in buckets.
        placed: u64,
    },
    /// Money of the rows is not the money of the documents.
    #[error("{side} {currency}: documents hold {documents}, rows hold {rows}")]
    Money {
        /// Which side.
        side: Side,
        /// Which currency.
        currency: Currency,
        /// Minor units over documents.
        documents: i128,
        /// Minor units over rows.
        rows: i128,
    },
    /// The parts of a document are not the document.
    #[error("{side} document {id}: its parts do not add up to it")]
    Document {
        /// Which side.
        side: Side,
        /// Its id, neutralised.
        id: String,
    },
    /// A total leaves 64 bits of minor units.
    #[error("a total of money does not fit")]
    Overflow,
}

/// Adds up rows as they are made.
#[derive(Debug, Default)]
pub struct Tallier {
    tally: Tally,
    placed: BTreeMap<(Side, Currency), i128>,
    rows: u64,
}

impl Tallier {
    /// Takes a row.
    pub fn add(&mut self, row: &ReconRow) -> Result<(), Unbalanced> {
        self.rows += 1;
        self.tally.counts.add(row.verdict);
        if !row.subject.is_unlinked() {
            match row.basis {
                Some(Basis::Draft) => self.tally.basis.draft += 1,
                Some(Basis::Rated) => self.tally.basis.rated += 1,
                None => self.tally.basis.none += 1,
            }
        }
        for part in &row.documents {
            *self.placed.entry((part.side, part.net.currency)).or_default() += i128::from(part.net.minor);
        }
        self.money(row).ok_or(Unbalanced::Overflow)
    }

    fn of(&mut self, currency: Currency) -> &mut MoneyTotals {
        self.tally.money.entry(currency).or_default()
    }

    fn money(&mut self, row: &ReconRow) -> Option<()> {
        let add = |total: &mut i64, money: i64| -> Option<()> {
            *total = total.checked_add(money)?;
            Some(())
        };
        // Documents in several currencies have no sum, and are invoiced money all the same.
        let of_documents = row.documents.iter().filter(|d| d.side == Side::Source && row.actual.is_none()).map(|d| d.net);
        let actuals = row.actual.into_iter().chain(of_documents);
        for actual in actuals.clone() {
            add(&mut self.of(actual.currency).invoiced, actual.minor.checked_abs()?)?;
        }
        match row.verdict {
            Verdict::Unlinked => {
                let actual = row.actual?;
                return add(&mut self.of(actual.currency).unlinked, actual.minor);
            }
            Verdict::NotComparable => {
                for m in actuals {
                    add(&mut self.of(m.currency).not_comparable_actual, m.minor)?;
                }
                if let Some(m) = row.expected {
                    add(&mut self.of(m.currency).not_comparable_expected, m.minor)?;
                }
                return Some(());
            }
            _ => {}
        }
        let currency = row.currency()?;
        let (actual, expected) = (row.actual.map_or(0, |m| m.minor), row.expected.map_or(0, |m| m.minor));
        let delta = row.delta?.minor;
        let totals = self.of(currency);
        add(&mut totals.actual, actual)?;
        add(&mut totals.expected, expected)?;
        add(&mut totals.net, delta)?;
        add(&mut totals.gross, delta.checked_abs()?)?;
        if matches!(row.verdict, Verdict::Match | Verdict::WithinTolerance | Verdict::Delta | Verdict::Duplicate) {
            add(&mut totals.covered, actual.checked_abs()?)?;
        }
        if row.verdict == Verdict::WithinTolerance {
            add(&mut totals.tolerated, delta.checked_abs()?)?;
        }
        Some(())
    }

    /// Ends the month: fills the buckets and proves conservation. Money is proven when every subscription was asked for and every
    /// document could be read; counts always.
    pub fn finish(mut self, books: &Books, read: &Totals<'_>, slot: Slot) -> Result<Tally, Unbalanced> {
        check("verdicts", self.rows, self.tally.counts.total())?;
        self.tally.source_invoices = read.actual.buckets(slot);
        self.tally.target_invoices = read.drafts.buckets(slot);
        for (what, buckets) in [("source invoices", &self.tally.source_invoices), ("target invoices", &self.tally.target_invoices)] {
            let placed = buckets.iter().filter(|(word, _)| *word != "read").map(|(_, n)| n).sum();
            check(what, buckets.get("read").copied().unwrap_or(0), placed)?;
        }
        let usage = [
            ("in_period", read.usage.in_period + read.named - read.overflown),
            ("other_period", read.usage.other_period),
            ("repeated", read.repeated),
            ("unreadable", read.usage.unreadable + read.overflown),
        ];
        check("usage records", read.usage.read, usage.iter().map(|(_, n)| n).sum())?;
        self.tally.usage = usage.into_iter().filter(|(_, n)| *n > 0).map(|(word, n)| (word.to_owned(), n)).collect();
        self.tally.usage.insert("read".to_owned(), read.usage.read);
        if books.scope.is_full() {
            self.prove_money(Side::Source, read.actual, slot)?;
            self.prove_money(Side::Target, read.drafts, slot)?;
        }
        Ok(self.tally)
    }

    /// Every counted document adds up to its parts, and every part of the month stands in exactly one row (target documents
    /// without a subscription stand in a finding).
    fn prove_money(&self, side: Side, read: &Documents, slot: Slot) -> Result<(), Unbalanced> {
        if let Some(id) = read.unbalanced.first() {
            return Err(Unbalanced::Document { side, id: id.shown(60) });
        }
        for (currency, documents) in read.minor_in(slot) {
            let beside = if side == Side::Target { read.unlinked_in(slot).get(currency).copied().unwrap_or_default() } else { 0 };
            let rows = self.placed.get(&(side, *currency)).copied().unwrap_or_default() + beside;
            if rows != *documents {
                return Err(Unbalanced::Money { side, currency: *currency, documents: *documents, rows });
            }
        }
        Ok(())
    }
}

/// What was read in all, against which the rows are proven.
#[derive(Debug)]
pub struct Totals<'a> {
    /// The source's documents.
    pub actual: &'a Documents,
    /// The target's.
    pub drafts: &'a Documents,
    /// Usage.
    pub usage: &'a UsageStream,
    /// Usage records that were told apart by their names, and added.
    pub named: u64,
    /// Usage records that came again under one name.
    pub repeated: u64,
    /// Usage records whose sum did not fit.
    pub overflown: u64,
}

fn check(what: &str, read: u64, placed: u64) -> Result<(), Unbalanced> {
    if read == placed { Ok(()) } else { Err(Unbalanced::Count { what: what.to_owned(), read, placed }) }
}

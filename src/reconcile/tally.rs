//! Counts and money of a month, and the proof that nothing vanished.

use crate::domain::currency::Currency;
use crate::domain::money::Money;
use crate::domain::row::ReconRow;
use crate::domain::run::{MoneyTotals, Tally};
use crate::domain::side::Side;
use crate::domain::text::Untrusted;
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
    #[error("the money of its rows does not fit a total at {at}")]
    Overflow {
        /// The row with the most money, neutralised.
        at: String,
    },
}

/// Sums of one currency, wide enough for any number of rows.
#[derive(Debug, Clone, Default)]
struct Sums {
    actual: i128,
    expected: i128,
    net: i128,
    gross: i128,
    unlinked: i128,
    not_comparable_actual: i128,
    not_comparable_expected: i128,
    covered: i128,
    invoiced: i128,
    tolerated: i128,
    /// The row with the most money: what is told where a total does not fit.
    most: (u64, Untrusted),
}

impl Sums {
    /// Keeps the row with the most money; of two, the first by key.
    fn keep_most(&mut self, minor: u64, key: &Untrusted) {
        if minor > self.most.0 || (minor == self.most.0 && *key < self.most.1) {
            self.most = (minor, key.clone());
        }
    }

    fn absorb(&mut self, other: &Self) {
        self.keep_most(other.most.0, &other.most.1);
        self.actual += other.actual;
        self.expected += other.expected;
        self.net += other.net;
        self.gross += other.gross;
        self.unlinked += other.unlinked;
        self.not_comparable_actual += other.not_comparable_actual;
        self.not_comparable_expected += other.not_comparable_expected;
        self.covered += other.covered;
        self.invoiced += other.invoiced;
        self.tolerated += other.tolerated;
    }

    /// As totals; `None` where one does not fit.
    fn totals(&self) -> Option<MoneyTotals> {
        let fit = |sum: i128| i64::try_from(sum).ok();
        Some(MoneyTotals {
            actual: fit(self.actual)?,
            expected: fit(self.expected)?,
            net: fit(self.net)?,
            gross: fit(self.gross)?,
            unlinked: fit(self.unlinked)?,
            not_comparable_actual: fit(self.not_comparable_actual)?,
            not_comparable_expected: fit(self.not_comparable_expected)?,
            covered: fit(self.covered)?,
            invoiced: fit(self.invoiced)?,
            tolerated: fit(self.tolerated)?,
        })
    }
}

/// Adds up rows as they are made. Several may share a month's rows: what they come to is brought together.
#[derive(Debug, Default)]
pub struct Tallier {
    tally: Tally,
    money: BTreeMap<Currency, Sums>,
    placed: BTreeMap<(Side, Currency), i128>,
    rows: u64,
}

impl Tallier {
    /// Takes a row.
    pub fn add(&mut self, row: &ReconRow) {
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
        self.money(row);
    }

    /// Takes over the rows of another.
    pub fn absorb(&mut self, other: Self) {
        let Self { tally, money, placed, rows } = other;
        self.rows += rows;
        self.tally.counts.absorb(&tally.counts);
        self.tally.basis.absorb(&tally.basis);
        for (currency, sums) in money {
            self.money.entry(currency).or_default().absorb(&sums);
        }
        for (of, sum) in placed {
            *self.placed.entry(of).or_default() += sum;
        }
    }

    fn money(&mut self, row: &ReconRow) {
        // Documents in several currencies have no sum, and are invoiced money all the same.
        let of_documents = row.documents.iter().filter(|d| d.side == Side::Source && row.actual.is_none()).map(|d| d.net);
        for actual in row.actual.into_iter().chain(of_documents) {
            let sums = self.money.entry(actual.currency).or_default();
            let minor = i128::from(actual.minor);
            sums.invoiced += minor.abs();
            sums.keep_most(actual.minor.unsigned_abs(), &row.key);
            match row.verdict {
                Verdict::Unlinked => sums.unlinked += minor,
                Verdict::NotComparable => sums.not_comparable_actual += minor,
                _ => {}
            }
        }
        match row.verdict {
            Verdict::Unlinked => return,
            Verdict::NotComparable => {
                if let Some(m) = row.expected {
                    let sums = self.money.entry(m.currency).or_default();
                    sums.not_comparable_expected += i128::from(m.minor);
                    sums.keep_most(m.minor.unsigned_abs(), &row.key);
                }
                return;
            }
            _ => {}
        }
        let Some(currency) = row.currency() else { return };
        let wide = |m: Option<Money>| m.map_or(0, |m| i128::from(m.minor));
        let (actual, expected) = (wide(row.actual), wide(row.expected));
        let delta = expected - actual;
        let sums = self.money.entry(currency).or_default();
        sums.keep_most(row.expected.map_or(0, |m| m.minor.unsigned_abs()), &row.key);
        sums.actual += actual;
        sums.expected += expected;
        sums.net += delta;
        sums.gross += delta.abs();
        if matches!(row.verdict, Verdict::Match | Verdict::WithinTolerance | Verdict::Delta | Verdict::Duplicate) {
            sums.covered += actual.abs();
        }
        if row.verdict == Verdict::WithinTolerance {
            sums.tolerated += delta.abs();
        }
    }

    /// What the rows alone come to: counts, bases and money, the rest empty. `None` where a total does not fit.
    pub fn of_rows(&self) -> Option<Tally> {
        let money = self.money.iter().map(|(currency, sums)| Some((*currency, sums.totals()?))).collect::<Option<_>>()?;
        Some(Tally { money, ..self.tally.clone() })
    }

    /// Ends the month: fills the buckets and proves conservation. Money is proven when every subscription was asked for and every
    /// document could be read; counts always.
    pub fn finish(mut self, books: &Books, read: &Totals<'_>, slot: Slot) -> Result<Tally, Unbalanced> {
        check("verdicts", self.rows, self.tally.counts.total())?;
        for (currency, sums) in &self.money {
            let totals = sums.totals().ok_or_else(|| Unbalanced::Overflow { at: sums.most.1.shown(60) })?;
            self.tally.money.insert(*currency, totals);
        }
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
    /// Sums of usage that did not fit: of each, one record is told as unreadable.
    pub overflown: u64,
}

fn check(what: &str, read: u64, placed: u64) -> Result<(), Unbalanced> {
    if read == placed { Ok(()) } else { Err(Unbalanced::Count { what: what.to_owned(), read, placed }) }
}

//! What a large book must come to, computed from what was injected.

use super::cell::{Kind, rounded, verdict};
use super::{LargeBook, salt};
use crate::domain::money::Money;
use crate::domain::period::Month;
use crate::domain::run::{BasisCounts, Counts, MoneyTotals};
use crate::domain::verdict::Verdict;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What one month must come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedMonth {
    /// The month.
    pub month: Month,
    /// Rows by verdict, unlinked ones too.
    pub counts: Counts,
    /// Subscription rows by basis, by `draft_first`.
    pub basis: BasisCounts,
    /// CAD, in cents.
    pub money: MoneyTotals,
    /// Cells by what was injected.
    pub injected: BTreeMap<Kind, u64>,
}

/// What a book must come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedCounts {
    /// The book.
    pub book: LargeBook,
    /// Per month, the earliest first.
    pub months: Vec<ExpectedMonth>,
}

impl LargeBook {
    /// What this book must come to, by `draft_first` and by `rated` alike. Takes one pass over its cells.
    pub fn expected_counts(&self) -> ExpectedCounts {
        let months = (0u64..).zip(self.months()).map(|(at, month)| self.expected_month(at, month)).collect();
        ExpectedCounts { book: *self, months }
    }

    fn expected_month(&self, at: u64, month: Month) -> ExpectedMonth {
        let mut sum = ExpectedMonth {
            month,
            counts: Counts::default(),
            basis: BasisCounts::default(),
            money: MoneyTotals::default(),
            injected: Kind::ALL.into_iter().map(|k| (k, 0)).collect(),
        };
        for subscription in 0..self.subscriptions {
            self.add_cell(&mut sum, subscription, at);
        }
        for document in (at..self.unlinked_documents()).step_by(usize::try_from(self.months).unwrap_or(usize::MAX)) {
            let cents = self.unlinked_cents(document);
            sum.counts.add(Verdict::Unlinked);
            sum.money.unlinked += cents;
            sum.money.invoiced += cents;
        }
        sum
    }

    fn add_cell(&self, sum: &mut ExpectedMonth, subscription: u64, month: u64) {
        let cell = self.cell(subscription, month);
        let billed = self.billed(&cell);
        let verdict = verdict(&cell, &billed);
        let actual: i64 = billed.iter().map(|b| rounded(b.net)).sum();
        let expected = if cell.kind == Kind::NotInTarget { 0 } else { cell.expected };
        sum.counts.add(verdict);
        match (cell.kind, self.drafted(&cell)) {
            (Kind::NotInTarget, _) => sum.basis.none += 1,
            (_, true) => sum.basis.draft += 1,
            (_, false) => sum.basis.rated += 1,
        }
        sum.money.actual += actual;
        sum.money.expected += expected;
        sum.money.net += expected - actual;
        sum.money.gross += (expected - actual).abs();
        sum.money.invoiced += actual;
        if !matches!(verdict, Verdict::MissingInSource | Verdict::MissingInTarget) {
            sum.money.covered += actual;
        }
        *sum.injected.entry(cell.kind).or_default() += 1;
    }

    /// Documents with no subscription: one to two hundred cells. The `i`-th is in month `i` modulo the months.
    pub(super) const fn unlinked_documents(&self) -> u64 {
        self.cells() * 5 / 1000
    }

    /// The net amount of one of them: 10.00 to 909.99.
    pub(super) fn unlinked_cents(&self, document: u64) -> i64 {
        1000 + i64::try_from(self.draw(salt::UNLINKED, document) % 90_000).unwrap_or(0)
    }
}

impl ExpectedCounts {
    /// Rows of a verdict over all months.
    pub fn of(&self, verdict: Verdict) -> u64 {
        self.months.iter().map(|m| m.counts.of(verdict)).sum()
    }

    /// One JSON object: the counts over all months, and per month counts, basis, money (text, major units) and coverage.
    pub fn to_json(&self) -> Value {
        let counts: Map<String, Value> = Verdict::ALL.into_iter().map(|v| (v.word().to_owned(), self.of(v).into())).collect();
        let months: Map<String, Value> = self.months.iter().map(|m| (m.month.to_string(), month_json(m))).collect();
        json!({
            "service": LargeBook::SERVICE,
            "subscriptions": self.book.subscriptions,
            "seed": self.book.seed,
            "rows": self.months.iter().map(|m| m.counts.total()).sum::<u64>(),
            "counts": counts,
            "periods": months,
        })
    }
}

fn month_json(month: &ExpectedMonth) -> Value {
    let counts: Map<String, Value> = Verdict::ALL.into_iter().map(|v| (v.word().to_owned(), month.counts.of(v).into())).collect();
    let injected: Map<String, Value> = month.injected.iter().map(|(k, n)| (k.word().to_owned(), (*n).into())).collect();
    let money = &month.money;
    json!({
        "rows": month.counts.total(),
        "counts": counts,
        "injected": injected,
        "basis": { "draft": month.basis.draft, "rated": month.basis.rated, "none": month.basis.none },
        "money": { "CAD": {
            "actual": cad(money.actual),
            "expected": cad(money.expected),
            "net": cad(money.net),
            "gross": cad(money.gross),
            "unlinked": cad(money.unlinked),
        } },
        "coverage": { "CAD": money.coverage().map(|c| crate::domain::exact::decimal_text(i128::from(c), 4)) },
    })
}

/// Cents as text with two decimals.
fn cad(cents: i64) -> String {
    use crate::domain::currency::Currency;
    Currency::known("CAD").map_or_else(String::new, |currency| Money::new(cents, currency).to_string())
}

//! Sums of a run by currency and verdict, kept with its header: the heading of a list without reading its rows.

use super::columns::{self, Stored};
use super::fault;
use crate::domain::currency::Currency;
use crate::domain::verdict::Verdict;
use crate::ports::workspace::{FilterTotals, RowFilter, StoreError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Rows, Σ delta and Σ at stake; wide enough for any number of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Sum {
    pub rows: u64,
    pub delta: i128,
    pub at_stake: i128,
}

/// Sums by currency (as code; empty for none) and verdict.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Sums(BTreeMap<(Option<Currency>, u8), Sum>);

impl Sums {
    /// Adds a row.
    pub fn add(&mut self, row: &Stored) {
        let currency = row.amounts.actual_currency.or(row.amounts.expected_currency);
        let sum = self.0.entry((currency, u8::try_from(row.verdict).unwrap_or(u8::MAX))).or_default();
        sum.rows += 1;
        sum.delta += i128::from(row.amounts.delta.unwrap_or(0));
        sum.at_stake += i128::from(row.at_stake);
    }

    /// All rows.
    pub fn rows(&self) -> u64 {
        self.0.values().map(|s| s.rows).sum()
    }

    /// The currencies that occur.
    pub fn currencies(&self) -> Vec<Currency> {
        let mut all: Vec<Currency> = self.0.keys().filter_map(|(c, _)| *c).collect();
        all.dedup();
        all
    }

    /// Rows with one of these verdicts.
    pub fn rows_of(&self, verdicts: &[Verdict]) -> u64 {
        self.0.iter().filter(|((_, v), _)| verdicts.iter().any(|w| w.code() == *v)).map(|(_, s)| s.rows).sum()
    }

    /// The totals of a filter that asks for nothing but verdicts and a currency.
    pub fn totals(&self, filter: &RowFilter) -> Result<Option<FilterTotals>, StoreError> {
        let plain = RowFilter { verdicts: filter.verdicts.clone(), currency: filter.currency, ..RowFilter::default() };
        if plain != *filter {
            return Ok(None);
        }
        let mut by_currency: BTreeMap<Option<Currency>, Sum> = BTreeMap::new();
        for ((currency, verdict), sum) in &self.0 {
            let wanted = filter.verdicts.is_empty() || filter.verdicts.iter().any(|v| v.code() == *verdict);
            if wanted && (filter.currency.is_none() || filter.currency == *currency) {
                let all = by_currency.entry(*currency).or_default();
                *all = Sum { rows: all.rows + sum.rows, delta: all.delta + sum.delta, at_stake: all.at_stake + sum.at_stake };
            }
        }
        totals_of(by_currency).map(Some)
    }

    /// As it is stored. Sums are text, since JSON numbers end at 64 bits.
    pub fn text(&self) -> Result<String, StoreError> {
        let list: Vec<_> = self.0.iter().map(|((c, v), s)| (c, v, s.rows, s.delta.to_string(), s.at_stake.to_string())).collect();
        serde_json::to_string(&list).map_err(|e| fault::unreadable("packing a run's sums", &e))
    }

    /// Reads what [`Sums::text`] wrote.
    pub fn parse(text: &str) -> Result<Self, StoreError> {
        let list: Vec<(Option<Currency>, u8, u64, String, String)> = serde_json::from_str(text).map_err(|e| fault::unreadable("a run's sums", &e))?;
        let number = |t: &str| t.parse::<i128>().map_err(|_| fault::damaged("a run's sums are no numbers"));
        let mut sums = BTreeMap::new();
        for (currency, verdict, rows, delta, at_stake) in list {
            columns::verdict(i64::from(verdict))?;
            sums.insert((currency, verdict), Sum { rows, delta: number(&delta)?, at_stake: number(&at_stake)? });
        }
        Ok(Self(sums))
    }
}

/// Totals in the port's shape; a sum that does not fit is an error, never a cut.
pub(super) fn totals_of(by_currency: BTreeMap<Option<Currency>, Sum>) -> Result<FilterTotals, StoreError> {
    let mut totals = FilterTotals::default();
    for (currency, sum) in by_currency {
        totals.rows += sum.rows;
        let Some(currency) = currency else { continue };
        let fit = |n: i128| i64::try_from(n).map_err(|_| fault::unavailable("the sum of these rows is too large to show", "filter for fewer rows"));
        totals.money.push((currency, fit(sum.delta)?, fit(sum.at_stake)?));
    }
    Ok(totals)
}

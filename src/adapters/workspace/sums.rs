//! Sums of a run by currency and verdict, kept with its header: the heading of a list without reading its rows.

use super::block::Monies;
use super::columns::Amounts;
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

impl Sum {
    /// Adds a row's money.
    pub fn add(&mut self, delta: Option<i64>, at_stake: i64) {
        self.rows += 1;
        self.delta += i128::from(delta.unwrap_or(0));
        self.at_stake += i128::from(at_stake);
    }

    /// Adds the money of other rows.
    pub const fn absorb(&mut self, other: &Self) {
        self.rows += other.rows;
        self.delta += other.delta;
        self.at_stake += other.at_stake;
    }
}

/// Adds a row's money to the sum of its currency.
pub(super) fn add_up(by_currency: &mut BTreeMap<Option<Currency>, Sum>, monies: &Monies) {
    let amounts = monies.amounts();
    by_currency.entry(amounts.currency()).or_default().add(amounts.delta, monies.at_stake());
}

impl Sums {
    /// Adds a row.
    pub fn add(&mut self, verdict: Verdict, amounts: &Amounts, at_stake: i64) {
        self.0.entry((amounts.currency(), verdict.code())).or_default().add(amounts.delta, at_stake);
    }

    /// Takes over the sums of other rows.
    pub fn absorb(&mut self, other: Self) {
        for (of, sum) in other.0 {
            self.0.entry(of).or_default().absorb(&sum);
        }
    }

    /// All rows.
    pub fn rows(&self) -> u64 {
        self.0.values().map(|s| s.rows).sum()
    }

    /// Rows of a verdict.
    pub fn rows_of(&self, verdict: Verdict) -> u64 {
        self.0.iter().filter(|((_, code), _)| *code == verdict.code()).map(|(_, sum)| sum.rows).sum()
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
                by_currency.entry(*currency).or_default().absorb(sum);
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
            Verdict::of_code(verdict).ok_or_else(|| fault::damaged("a run's sums have an unknown verdict"))?;
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

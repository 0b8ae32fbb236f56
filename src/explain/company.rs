//! What the other rows of a run say of one: that all rows of a currency are off by one factor, and that the rows of a customer add up
//! to nothing. One row is no evidence of either.

use crate::domain::currency::Currency;
use crate::domain::glance::{Glance, TextDigest, text_digest};
use crate::domain::money::Money;
use crate::domain::period::Period;
use crate::domain::row::ReconRow;
use std::collections::{BTreeMap, HashMap};

/// Factors of minor units, each with its words: amounts of the source over those of the target.
const FACTORS: [(Scale, &str); 4] = [
    (Scale { up: 100, down: 1 }, "× 10^2"),
    (Scale { up: 1_000, down: 1 }, "× 10^3"),
    (Scale { up: 1, down: 100 }, "÷ 10^2"),
    (Scale { up: 1, down: 1_000 }, "÷ 10^3"),
];
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Scale {
    up: i128,
    down: i128,
}

impl Scale {
    /// Whether amounts are that factor apart, as far as minor units tell.
    fn fits(self, actual: i64, expected: i64) -> bool {
        let (a, t) = (i128::from(actual) * self.down, i128::from(expected) * self.up);
        (a - t).abs() * 2 <= (self.up * self.down)
    }
}

/// A factor that all rows of a currency have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scaled {
    /// `× 10^2`.
    pub words: &'static str,
    /// How many rows it fits.
    pub rows: u64,
    scale: Scale,
}

impl Scaled {
    /// A hundredfold, of so many rows.
    pub const fn hundredfold(rows: u64) -> Self {
        let (scale, words) = FACTORS[0];
        Self { words, rows, scale }
    }

    /// Whether amounts are that factor apart.
    pub fn fits(&self, actual: i64, expected: i64) -> bool {
        actual != 0 && expected != 0 && self.scale.fits(actual, expected)
    }
}

/// Rows of a customer and period that add up to nothing, though none of them does alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group {
    /// How many.
    pub rows: u64,
    /// How many of them the source, and how many the target, has not.
    pub missing: [u64; 2],
}

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    delta: i128,
    rows: u64,
    missing: [u64; 2],
}

type Whose = (TextDigest, Currency, Period);

/// Takes the rows of a run that differ, one after another.
#[derive(Debug, Default)]
pub struct Company {
    scales: BTreeMap<Currency, ([bool; 4], u64)>,
    groups: HashMap<Whose, Sums>,
}

impl Company {
    /// Takes a row that differs.
    pub fn add(&mut self, peer: &Glance) {
        let Some(currency) = peer.actual.or(peer.expected).map(|m| m.currency) else { return };
        let minor = |money: Option<Money>| money.map_or(0, |m| m.minor);
        let (actual, expected) = (minor(peer.actual), minor(peer.expected));
        if !peer.is_linked || peer.expected.is_some_and(|m| m.currency != currency) {
            return;
        }
        if actual != 0 && expected != 0 {
            let (fits, rows) = self.scales.entry(currency).or_insert(([true; 4], 0));
            *rows += 1;
            for (fit, (scale, _)) in fits.iter_mut().zip(FACTORS) {
                *fit &= scale.fits(actual, expected);
            }
        }
        if let Some(customer) = peer.customer.filter(|_| actual != expected) {
            let sums = self.groups.entry((customer, currency, peer.period)).or_default();
            sums.delta += i128::from(expected) - i128::from(actual);
            sums.rows += 1;
            sums.missing[0] += u64::from(peer.actual.is_none());
            sums.missing[1] += u64::from(peer.expected.is_none());
        }
    }

    /// Lets go of what is no group. Call once, after the last row.
    pub fn settle(&mut self) {
        // One side lacks some of them and has the others, at another amount: what it has stands for what it lacks.
        let lacks = |s: &Sums| s.missing.iter().sum::<u64>() < s.rows && s.missing.contains(&0) && s.missing != [0, 0];
        self.groups.retain(|_, sums| sums.delta == 0 && lacks(sums));
        // Nearly every row that differs was one of its own.
        self.groups.shrink_to_fit();
    }

    /// Currencies of which all rows told so far are one factor off. A row of them that agrees refutes it.
    pub fn scaled(&self) -> Vec<Currency> {
        let is_off = |(fits, rows): &([bool; 4], u64)| *rows > 0 && fits.contains(&true);
        self.scales.iter().filter(|(_, found)| is_off(found)).map(|(currency, _)| *currency).collect()
    }

    /// A row of the currency agrees.
    pub fn agrees(&mut self, currency: Currency) {
        self.scales.remove(&currency);
    }

    /// The factor of a row's currency.
    pub fn scale_of(&self, row: &ReconRow) -> Option<Scaled> {
        let (fits, rows) = self.scales.get(&row.currency()?)?;
        let (scale, words) = fits.iter().zip(FACTORS).find_map(|(fit, factor)| fit.then_some(factor))?;
        let scaled = Scaled { words, rows: *rows, scale };
        row.actual.zip(row.expected).is_some_and(|(a, t)| scaled.fits(a.minor, t.minor)).then_some(scaled)
    }

    /// The group of a row.
    pub fn group_of(&self, row: &ReconRow) -> Option<Group> {
        if row.subject.is_unlinked() || row.delta.is_none_or(|d| d.minor == 0) || self.groups.is_empty() {
            return None;
        }
        let sums = self.groups.get(&(text_digest(&row.customer), row.currency()?, row.period))?;
        Some(Group { rows: sums.rows, missing: sums.missing })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_factor_is_one_of_all_rows_or_of_none() {
        let (cad, jpy) = (Currency::known("CAD").unwrap(), Currency::known("JPY").unwrap());
        let month = Period { start: "2026-05-01".parse().unwrap(), end: "2026-06-01".parse().unwrap() };
        let peer = |actual: i64, expected: i64, currency| {
            let money = |minor| Some(Money::new(minor, currency));
            Glance { key: [0; 16], customer: Some([1; 16]), is_linked: true, period: month, actual: money(actual), expected: money(expected) }
        };
        let mut company = Company::default();
        for (actual, expected) in [(500_000, 5_000), (980_000, 9_800)] {
            company.add(&peer(actual, expected, jpy));
        }
        company.add(&peer(1_200, 12, jpy));
        // 349.99 read as minor units is 3.50 after rounding.
        for (actual, expected) in [(350, 34_999), (50, 5_000), (31, 3_000)] {
            company.add(&peer(actual, expected, cad));
        }
        assert_eq!(company.scaled(), [jpy]);
        company.agrees(jpy);
        assert!(company.scaled().is_empty());
    }
}

//! The verdict of one row, from its numbers alone: what a run decides by, and what a correction of it is previewed by.

use super::currency::Currency;
use super::exact::Exact;
use super::money::Money;
use super::rounding::{RoundMode, to_units};
use super::row::{ReconRow, Subject};
use super::side::Side;
use super::verdict::Verdict;

/// What a verdict stands on. An absent side is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comparison {
    /// What the source billed.
    pub actual: Option<Money>,
    /// What the target would bill.
    pub expected: Option<Money>,
    /// Tax the source billed, where stored.
    pub actual_tax: Option<Money>,
    /// Tax the target would bill, where known.
    pub expected_tax: Option<Money>,
    /// A document id stands in it twice.
    pub repeated_id: bool,
    /// How many source documents there are, when all of them are equal and two or more; else 0.
    pub equal_documents: i64,
    /// Largest |delta| in minor units that is tolerated; 0 is off.
    pub tolerance: i64,
}

impl Comparison {
    /// That of a row's documents, with these amounts expected of it. `tolerance` is in major units.
    pub fn of(row: &ReconRow, expected: Option<Money>, expected_tax: Option<Money>, tolerance: Exact) -> Self {
        // The source's stand first.
        let of_source = &row.documents[..row.documents.partition_point(|d| d.side == Side::Source)];
        let equal = of_source.windows(2).all(|w| w[0].net == w[1].net && w[0].kind == w[1].kind);
        let alone = row.subject == Subject::Subscription;
        let digits = row.actual.or(expected).map_or(2, |m| m.currency.exponent());
        Self {
            actual: row.actual,
            expected,
            actual_tax: row.actual_tax,
            expected_tax,
            repeated_id: row.documents.windows(2).any(|w| w[0].side == w[1].side && w[0].id == w[1].id),
            equal_documents: if alone && equal && of_source.len() > 1 { i64::try_from(of_source.len()).unwrap_or(0) } else { 0 },
            tolerance: to_units(tolerance, digits, RoundMode::Down).unwrap_or(0),
        }
    }

    /// The currency it is shown in: the source's where it billed, else the target's.
    pub fn currency(&self) -> Option<Currency> {
        self.actual.or(self.expected).map(|m| m.currency)
    }

    /// expected − actual, an absent side being nought; `None` where that cannot be said.
    pub fn delta(&self) -> Option<Money> {
        let nought = Money::zero(self.currency()?);
        self.expected.unwrap_or(nought).minus(self.actual.unwrap_or(nought))
    }
}

/// Judges a comparison of two readable sides (unreadable ones are `not_comparable` before anybody asks here).
pub fn judge(c: &Comparison) -> Verdict {
    let (Some(actual), Some(expected)) = (c.actual, c.expected) else {
        return match (c.actual, c.expected) {
            (Some(_), None) => Verdict::MissingInTarget,
            (None, Some(expected)) if expected.minor != 0 => Verdict::MissingInSource,
            // Due for nothing and billed by nobody: both sides agree on nought.
            _ => Verdict::Match,
        };
    };
    let Some(delta) = expected.minus(actual) else { return Verdict::NotComparable };
    let tax = match (c.actual_tax, c.expected_tax) {
        (Some(a), Some(e)) => match e.minus(a) {
            Some(tax) => tax.minor,
            None => return Verdict::NotComparable,
        },
        _ => 0,
    };
    let times = c.equal_documents > 0 && expected.minor != 0 && expected.minor.checked_mul(c.equal_documents) == Some(actual.minor);
    if c.repeated_id || times {
        return Verdict::Duplicate;
    }
    let worst = delta.minor.saturating_abs().max(tax.saturating_abs());
    match worst {
        0 => Verdict::Match,
        w if w <= c.tolerance => Verdict::WithinTolerance,
        _ => Verdict::Delta,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cad(minor: i64) -> Money {
        Money::new(minor, Currency::known("CAD").unwrap())
    }

    fn of(actual: Option<i64>, expected: Option<i64>) -> Comparison {
        Comparison {
            actual: actual.map(cad),
            expected: expected.map(cad),
            actual_tax: None,
            expected_tax: None,
            repeated_id: false,
            equal_documents: 0,
            tolerance: 0,
        }
    }

    #[test]
    fn each_verdict() {
        let table = [
            (of(Some(100), Some(100)), Verdict::Match),
            (of(Some(100), Some(101)), Verdict::Delta),
            (Comparison { tolerance: 1, ..of(Some(100), Some(101)) }, Verdict::WithinTolerance),
            (of(Some(100), None), Verdict::MissingInTarget),
            (of(None, Some(100)), Verdict::MissingInSource),
            (of(None, Some(0)), Verdict::Match),
            (Comparison { equal_documents: 2, ..of(Some(200), Some(100)) }, Verdict::Duplicate),
            (Comparison { equal_documents: 2, ..of(Some(200), Some(200)) }, Verdict::Match),
            (Comparison { repeated_id: true, ..of(Some(200), Some(200)) }, Verdict::Duplicate),
            (Comparison { actual_tax: Some(cad(13)), expected_tax: Some(cad(12)), ..of(Some(100), Some(100)) }, Verdict::Delta),
            (Comparison { actual_tax: None, expected_tax: Some(cad(12)), ..of(Some(100), Some(100)) }, Verdict::Match),
        ];
        for (comparison, verdict) in table {
            assert_eq!(judge(&comparison), verdict, "{comparison:?}");
        }
        let yen = Money::new(100, Currency::known("JPY").unwrap());
        assert_eq!(judge(&Comparison { actual: Some(yen), ..of(None, Some(100)) }), Verdict::NotComparable);
    }
}

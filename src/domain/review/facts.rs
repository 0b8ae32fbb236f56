//! What of a row a decision looks at.

use crate::domain::currency::Currency;
use crate::domain::verdict::Verdict;
use serde::{Deserialize, Serialize};

/// A row as decisions see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts<'a> {
    /// Its key, order or document id.
    pub key: &'a str,
    /// Customer for people.
    pub customer: &'a str,
    /// Plan for people.
    pub plan: &'a str,
    /// Its verdict.
    pub verdict: Verdict,
    /// The label of its cause, where there is one.
    pub cause: Option<&'a str>,
    /// Whether that cause is confirmed.
    pub is_confirmed: bool,
    /// The currency of all amounts here.
    pub currency: Option<Currency>,
    /// Net actual in minor units.
    pub actual: Option<i64>,
    /// Net expected in minor units.
    pub expected: Option<i64>,
    /// expected − actual; of a document without a subscription nothing is expected.
    pub delta: Option<i64>,
    /// The same of tax, where both sides have it.
    pub tax: Option<i64>,
}

/// By how much a row differs, to the minor unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Amounts {
    /// Of what.
    pub currency: Currency,
    /// Net.
    pub delta: i64,
    /// Tax, where both sides have it.
    pub tax: Option<i64>,
}

impl Amounts {
    /// What a cap counts: |delta|, or |tax| where only tax differs.
    pub fn at_stake(self) -> i64 {
        let amount = if self.delta == 0 { self.tax.unwrap_or(0) } else { self.delta };
        amount.saturating_abs()
    }
}

impl<'a> Facts<'a> {
    /// Whether there is anything to decide: a match needs no decision, and what lies inside the tolerance has one.
    pub const fn asks(&self) -> bool {
        !matches!(self.verdict, Verdict::Match | Verdict::WithinTolerance)
    }

    /// By how much it differs; `None` where that cannot be told: such a row cannot be waived.
    pub fn amounts(&self) -> Option<Amounts> {
        if self.verdict == Verdict::NotComparable {
            return None;
        }
        Some(Amounts { currency: self.currency?, delta: self.delta?, tax: self.tax })
    }

    /// Its cause without parameters, so that a decision is found again where only they moved.
    pub fn cause_word(&self) -> Option<&'a str> {
        self.cause.map(cause_word)
    }
}

/// `coupon + other_price` of `coupon + other_price 10 %?`.
pub fn cause_word(label: &str) -> &str {
    let label = label.strip_suffix('?').unwrap_or(label);
    let mut end = label.find(' ').unwrap_or(label.len());
    while let Some(rest) = label[end..].strip_prefix(" + ") {
        let next = end + " + ".len();
        end = next + rest.find(' ').unwrap_or(rest.len());
    }
    &label[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_is_told_without_its_parameters() {
        for (label, word) in [
            ("proration_by_day 9/31", "proration_by_day"),
            ("coupon + other_price 10 %?", "coupon + other_price"),
            ("trial?", "trial"),
            ("a + b + c", "a + b + c"),
            ("", ""),
        ] {
            assert_eq!(cause_word(label), word);
        }
    }
}

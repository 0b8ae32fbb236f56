//! What a waived row is expected to differ by: exactly what it differs by now, or a formula in a few words.
//!
//! `now` · `5.00 CAD` · `delta = -10 % of actual` · `delta = 5.00 CAD, tax = 13 % of delta`. Shares are rounded half-up to the minor
//! unit. Where nothing is said of tax, a tax difference may follow the delta: of its sign and never more than it.

use super::{Amounts, Facts};
use crate::domain::exact::Exact;
use crate::domain::money::Money;
use crate::domain::rounding::{RoundMode, to_minor};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What the delta of a row must be for a waiver to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// For each row what it was when the waiver was made; only those rows.
    AsNow,
    /// What a formula says, for every row of the predicate.
    Formula(Formula),
}

/// A formula for the delta and, where said, for the difference of tax.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Formula {
    /// The delta.
    pub delta: Term,
    /// The difference of tax.
    pub tax: Option<Term>,
}

/// One amount of a formula.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Term {
    /// Exactly this, in this currency.
    Amount(Money),
    /// So many per cent of another amount of the row.
    Share {
        /// Per cent.
        percent: Exact,
        /// Of what.
        of: Of,
    },
}

/// What a share is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// What the source billed.
    Actual,
    /// What the target would bill.
    Expected,
    /// The delta; for tax only.
    Delta,
}

/// A formula that says nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} — write now, 5.00 CAD, delta = -10 % of actual, or delta = 5.00 CAD, tax = 13 % of delta")]
pub struct FormulaError(&'static str);

impl Of {
    const fn word(self) -> &'static str {
        match self {
            Self::Actual => "actual",
            Self::Expected => "expected",
            Self::Delta => "delta",
        }
    }
}

impl Term {
    fn read(text: &str, of_delta: bool) -> Result<Self, FormulaError> {
        let Some((percent, of)) = text.split_once('%') else { return amount(text).map(Self::Amount) };
        let percent = percent.trim().parse().map_err(|_| FormulaError("the share is no number"))?;
        let known = [Of::Actual, Of::Expected, Of::Delta].into_iter().find(|o| Some(o.word()) == of.trim().strip_prefix("of ").map(str::trim));
        match known {
            Some(Of::Delta) if !of_delta => Err(FormulaError("a delta cannot be a share of itself")),
            Some(of) => Ok(Self::Share { percent, of }),
            None => Err(FormulaError("a share is of actual, expected or delta")),
        }
    }

    /// The amount it comes to for a row, in minor units; `None` where the row has not what it is of.
    fn of(&self, facts: &Facts<'_>, amounts: Amounts) -> Option<i64> {
        match self {
            Self::Amount(money) => (money.currency == amounts.currency).then_some(money.minor),
            Self::Share { percent, of } => {
                let base = match of {
                    Of::Actual => facts.actual?,
                    Of::Expected => facts.expected?,
                    Of::Delta => amounts.delta,
                };
                let base = Money::new(base, amounts.currency).exact().ok()?;
                let share = base.mul(*percent).and_then(|x| x.div(Exact::whole(100))).ok()?;
                to_minor(share, amounts.currency, RoundMode::HalfUp).ok().map(|m| m.minor)
            }
        }
    }
}

/// `5.00 CAD`: whole minor units of a known currency.
fn amount(text: &str) -> Result<Money, FormulaError> {
    Money::named(text).ok_or(FormulaError("no amount with its currency"))
}

impl Formula {
    /// Whether a row differs by what the formula says.
    pub fn holds(&self, facts: &Facts<'_>) -> bool {
        let Some(amounts) = facts.amounts() else { return false };
        let tax = amounts.tax.unwrap_or(0);
        let follows = || tax == 0 || tax.signum() == amounts.delta.signum() && tax.saturating_abs() <= amounts.delta.saturating_abs();
        let of_tax = self.tax.as_ref().map_or_else(follows, |term| term.of(facts, amounts) == Some(tax));
        of_tax && self.delta.of(facts, amounts) == Some(amounts.delta)
    }
}

impl FromStr for Expected {
    type Err = FormulaError;

    fn from_str(text: &str) -> Result<Self, FormulaError> {
        let text = text.trim();
        if text.eq_ignore_ascii_case("now") {
            return Ok(Self::AsNow);
        }
        let (delta, tax) = text.split_once(',').map_or((text, None), |(delta, tax)| (delta, Some(tax)));
        let delta = match delta.split_once('=') {
            None => delta,
            Some((name, term)) if name.trim() == "delta" => term,
            Some(_) => return Err(FormulaError("the first part says what the delta is")),
        };
        let tax = match tax.map(|t| t.split_once('=')) {
            None => None,
            Some(Some((name, term))) if name.trim() == "tax" => Some(Term::read(term.trim(), true)?),
            Some(_) => return Err(FormulaError("the second part says what the tax is")),
        };
        Ok(Self::Formula(Formula { delta: Term::read(delta.trim(), false)?, tax }))
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Amount(money) => write!(f, "{money} {}", money.currency),
            Self::Share { percent, of } => write!(f, "{percent} % of {}", of.word()),
        }
    }
}

/// As it would be typed: reading it gives the same.
impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AsNow => f.write_str("now"),
            Self::Formula(Formula { delta, tax: None }) => write!(f, "delta = {delta}"),
            Self::Formula(Formula { delta, tax: Some(tax) }) => write!(f, "delta = {delta}, tax = {tax}"),
        }
    }
}

impl Serialize for Expected {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Expected {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::currency::Currency;
    use crate::domain::verdict::Verdict;

    fn facts(currency: &str, amounts: [i64; 2], tax: Option<i64>) -> Facts<'static> {
        let [actual, expected] = amounts;
        Facts {
            key: "sub-1",
            customer: "Acme",
            plan: "Large",
            verdict: Verdict::Delta,
            cause: None,
            is_confirmed: false,
            currency: Currency::known(currency),
            actual: Some(actual),
            expected: Some(expected),
            delta: Some(expected - actual),
            tax,
        }
    }

    #[test]
    fn formulas_hold_to_the_minor_unit() {
        for (text, currency, amounts, tax, holds) in [
            ("5.00 CAD", "CAD", [4500, 5000], None, true),
            ("5.00 CAD", "CAD", [4500, 5000], Some(65), true),
            ("5.00 CAD", "CAD", [4500, 5000], Some(501), false),
            ("5.00 CAD", "CAD", [4500, 5000], Some(-65), false),
            ("5.00 CAD", "CAD", [4500, 5001], None, false),
            ("5.00 CAD", "USD", [4500, 5000], None, false),
            ("delta = -10 % of actual", "CAD", [4505, 4054], None, true),
            ("delta = -10 % of actual", "CAD", [4505, 4055], None, false),
            ("delta = 10 % of expected", "JPY", [1085, 1206], None, true),
            ("delta = 5.00 CAD, tax = 13 % of delta", "CAD", [4500, 5000], Some(65), true),
            ("delta = 5.00 CAD, tax = 13 % of delta", "CAD", [4500, 5000], Some(66), false),
            ("delta = 0.00 CAD, tax = 0.01 CAD", "CAD", [4500, 4500], Some(1), true),
        ] {
            let Expected::Formula(formula) = text.parse().unwrap() else { panic!("{text}") };
            assert_eq!(formula.holds(&facts(currency, amounts, tax)), holds, "{text} {amounts:?} {tax:?}");
        }
    }

    #[test]
    fn what_is_written_is_read_back_and_nonsense_is_refused() {
        for text in ["now", "delta = 5.00 CAD", "delta = -10 % of actual, tax = 1/3 % of delta", "delta = 120 JPY"] {
            assert_eq!(text.parse::<Expected>().unwrap().to_string(), text);
        }
        for text in ["", "5.00", "5.001 CAD", "5 cad?", "10 %", "10 % of delta", "tax = 1.00 CAD", "delta = 1.00 CAD, 2.00 CAD", "delta == 1.00 CAD"]
        {
            assert!(text.parse::<Expected>().is_err(), "{text}");
        }
    }
}

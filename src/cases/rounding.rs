//! Section 5 of the format: rounding, splitting, units.

use super::Operation;
use super::answer::Answer;
use super::fields::{Fault, Fields};
use crate::domain::currency::Currency;
use crate::domain::exact::Exact;
use crate::domain::rounding::{RoundMode, Rounding, to_increment, to_system_units};
use crate::domain::tolerance::inferred;
use crate::rating::allocation::{allocate, shares};
use crate::rating::tax::cash;

pub(super) const OPERATIONS: &[(&str, Operation)] = &[
    ("round", |f| {
        let rounding = Rounding { digits: f.int("dp")?, mode: f.choice("mode", &RoundMode::WORDS)? };
        Ok(Answer::one("value", rounding.of(f.dec("value")?)?))
    }),
    ("round_increment", |f| {
        let mode = f.mode()?;
        Ok(Answer::one("value", to_increment(f.dec("value")?, f.positive("increment")?, mode)?))
    }),
    ("cash_rounding", |f| {
        let [total, cash] = cash(&f.decs("items")?, f.dec("rate")?)?;
        Ok(Answer::one("total", total).and("cash", cash))
    }),
    ("allocate", |f| {
        let total = Exact::whole(i128::from(f.int::<u64>("total")?));
        Ok(Answer::one("parts", allocate(total, &weights(f)?)?))
    }),
    ("prorata_share", |f| Ok(Answer::one("parts", shares(f.dec("total")?, &f.decs("weights")?)?))),
    ("minor_units", |f| {
        let code = f.text("currency")?;
        let currency = Currency::known(code).ok_or_else(|| Fault::wrong("currency", code))?;
        Ok(Answer::one("exponent", i64::from(currency.exponent())))
    }),
    ("to_minor", |f| {
        let multiple: u32 = f.int_or("multiple", 1)?;
        if multiple == 0 {
            return Err(Fault::wrong("multiple", multiple));
        }
        Ok(Answer::one("minor", to_system_units(f.dec("amount")?, f.int("exponent")?, multiple)?))
    }),
    ("tolerance", |f| Ok(Answer::one("tolerance", inferred(&f.texts("amounts")?)?))),
];

/// Weights are not below nought.
fn weights(f: &mut Fields<'_>) -> Result<Vec<Exact>, Fault> {
    let weights = f.decs("weights")?;
    match weights.iter().find(|weight| weight.is_negative()) {
        None => Ok(weights),
        Some(weight) => Err(Fault::wrong("weights", weight)),
    }
}

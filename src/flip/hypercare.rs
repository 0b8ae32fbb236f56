//! First invoices: expected against actual, held outside a band, missing after their day.

use crate::domain::exact::{Exact, NumberError};
use crate::domain::flip::{CareLine, CareState, FlipPack, FlipRules, PackLine};
use crate::domain::money::Money;
use chrono::NaiveDate;

/// What the target has of a subscription's first period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actual {
    /// Its own documents come to so much net.
    Billed(Money),
    /// It has none.
    Nothing,
    /// It cannot be told.
    Unknown(String),
}

/// Holds every line of a wave against what the target has. `of` gives what it has of a subscription.
pub fn care(pack: &FlipPack, rules: &FlipRules, today: NaiveDate, mut of: impl FnMut(&str) -> Actual) -> Vec<CareLine> {
    let line = |line: &PackLine| {
        let (expected, bill_on) = (line.expected.net, line.expected.bill_on);
        let (actual, state) = match of(&line.subscription) {
            Actual::Billed(actual) => match judged(expected, actual, rules) {
                // Before its day it is a draft: that it is right so far proves nothing yet.
                CareState::Clean { .. } if today < bill_on => (Some(actual), CareState::Awaited),
                state => (Some(actual), state),
            },
            // The day itself is not over yet.
            Actual::Nothing if today <= bill_on => (None, CareState::Awaited),
            Actual::Nothing => (None, CareState::Missing),
            Actual::Unknown(why) => (None, CareState::Unknown { why }),
        };
        CareLine { subscription: line.subscription.clone(), bill_on, expected, actual, state }
    };
    pack.lines.iter().map(line).collect()
}

fn judged(expected: Money, actual: Money, rules: &FlipRules) -> CareState {
    let Some(delta) = actual.minus(expected) else {
        return CareState::Held { why: format!("it is in {} and not in {}", actual.currency, expected.currency) };
    };
    match within(expected, delta, rules) {
        Ok(true) => CareState::Clean { delta: delta.minor },
        Ok(false) => CareState::Held { why: format!("it is off by {delta} {}", delta.currency) },
        Err(e) => CareState::Unknown { why: format!("it cannot be held against what was expected: {e}") },
    }
}

fn within(expected: Money, delta: Money, rules: &FlipRules) -> Result<bool, NumberError> {
    let off = delta.exact()?.abs()?;
    let share = expected.exact()?.abs()?.mul(rules.band_percent)?.div(Exact::whole(100))?;
    Ok(off <= rules.band_amount.max(share))
}

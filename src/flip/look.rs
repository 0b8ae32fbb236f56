//! What is read of a change: whether it is there as it was to be, from what both sides say now.

use super::single_writer::as_it_is;
use crate::domain::flip::{Direction, PackLine, Seen, SourceBilling, Step, TargetBilling};
use chrono::NaiveDate;

/// What became of a step that was taken in that direction. A side that has no row of the subscription is `None`.
pub fn seen(step: Step, direction: Direction, line: &PackLine, source: Option<SourceBilling>, target: Option<TargetBilling>) -> Seen {
    let unclear = |why: &str| Seen::Unclear { why: why.to_owned() };
    let is = match step {
        Step::SwitchOff => match source {
            None => return unclear("the source does not list it any more"),
            // Off is what is there, so it is asked for the other way round.
            Some(source) => source.billing.map(|billing| !billing),
        },
        _ => match target {
            None => return unclear("the target does not list it any more"),
            Some(target) => match step {
                Step::LinkCharge => target.charge_linked,
                Step::Confirm => target.billing,
                _ => target.has_payment_token,
            },
        },
    };
    let Some(is) = is else { return unclear("the side does not say whether it is so (NULL, or no true and no false)") };
    match direction {
        Direction::Back => {
            if is {
                Seen::NotThere
            } else {
                Seen::There
            }
        }
        Direction::Forward if !is => Seen::NotThere,
        Direction::Forward => held_to(step, line, source, target),
    }
}

/// A step that is there must be there as it was planned.
fn held_to(step: Step, line: &PackLine, source: Option<SourceBilling>, target: Option<TargetBilling>) -> Seen {
    let day = |what: &str, wanted: NaiveDate, found: Option<NaiveDate>| match found {
        Some(found) if found == wanted => None,
        Some(found) => Some(Seen::Wrong { why: format!("{what} is {found} and not {wanted}") }),
        None => Some(Seen::Unclear { why: format!("{what} is not said") }),
    };
    let (of_source, of_target) = (source.unwrap_or_default(), target.unwrap_or_default());
    let wrong = match step {
        Step::SwitchOff => day("what the source has billed up to", line.billed_through, of_source.billed_through),
        Step::Confirm => day("the first day the target bills", line.expected.period.start, of_target.first_period_start)
            // The target need not say its bill day; where it does, it is the planned one.
            .or_else(|| of_target.first_bill_day.and_then(|found| day("the day of the first invoice", line.expected.bill_on, Some(found))))
            .or_else(|| {
                let flaws = as_it_is(line.expected.period, of_source, of_target);
                (!flaws.is_empty()).then(|| Seen::Wrong { why: flaws.join(", ") })
            }),
        Step::LinkCharge | Step::AttachPayment => None,
    };
    wrong.unwrap_or(Seen::There)
}

//! P1: part of the period, by days: A = q(L × d ÷ D), d and D from dates in the data. Evidence: the first or last day.

use super::{Case, Tries};
use crate::domain::explanation::{Cause, Step};
use crate::domain::side::Side;
use crate::explain::dates::{PART_CHOICES, Part};
use crate::explain::tries::{Named, Try};
use crate::explain::view::Alter;

pub fn tries<'a>(case: &Case<'a>, tries: &mut Tries<'_, 'a>) {
    let Some(base) = &case.base else { return };
    let mut parts = case.parts().to_vec();
    // A target that prorates where the source does not: the whole period is the source's.
    let of_target = case.boundaries().iter().find(|b| b.side == Side::Target).filter(|_| base.inputs.days != base.inputs.of_days);
    if let Some(boundary) = of_target {
        let words = format!("the target bills {} of {} days: {}", base.inputs.days, base.inputs.of_days, boundary.words);
        parts.push(Part { of: base.inputs.of_days, whole: base.inputs.of_days, words, data: vec![boundary.datum()] });
    }
    for part in parts {
        tries.offer(Try {
            cause: Cause::ProrationByDay,
            parameters: format!("{}/{}", part.of, part.whole),
            alter: Alter::Part { of: part.of, whole: part.whole },
            step: Step::Proration,
            choices: PART_CHOICES,
            named: Some(Named::dated(part.words, part.data)),
            free: 0,
        });
    }
}

//! R4: a trial that takes part of the period, or all of it. Evidence: the subscription's `trial_end`.

use super::{Case, Tries, whole};
use crate::domain::explanation::{Cause, Step};
use crate::domain::period::Period;
use crate::domain::side::Side;
use crate::explain::dates::{counted, interval};
use crate::explain::datum::Datum;
use crate::explain::tries::{Named, Try};
use crate::explain::view::Alter;

pub fn tries<'a>(case: &Case<'a>, tries: &mut Tries<'_, 'a>) {
    if case.is_tax() {
        return;
    }
    let interval = interval(case);
    for side in Side::BOTH {
        let Some(end) = case.facts(side).and_then(|f| f.trial_end).filter(|end| *end > interval.start) else { continue };
        let named = Some(Named::dated(format!("{side} subscription is in trial before {end}"), [Datum::Subscription(side, "trial_end")]));
        if end >= interval.end {
            let silent = if side == Side::Source { case.row.actual } else { case.row.expected };
            if silent.is_none_or(|m| m.minor == 0) {
                whole(tries, case, Cause::Trial, Step::Proration, format!("to {end}"), 1, named);
            }
            continue;
        }
        let billed = case.base.as_ref().map(|view| (view.inputs.days, view.inputs.of_days)).filter(|(days, of_days)| days != of_days);
        // A trial the target takes off and the source does not.
        let ignored = billed.filter(|_| side == Side::Target).map(|(_, of_days)| (of_days, of_days));
        for (of, days) in counted(Period { start: end, end: interval.end }, interval).into_iter().chain(ignored) {
            tries.offer(Try {
                cause: Cause::Trial,
                parameters: format!("{of}/{days}"),
                alter: Alter::Part { of, whole: days },
                step: Step::Proration,
                choices: 4,
                named: named.clone(),
                free: 0,
            });
        }
    }
}

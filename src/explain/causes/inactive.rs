//! S6: one side bills, and the other has the subscription paused, cancelled or not yet begun for the whole period.
//! Evidence: its status or dates, or the event.

use super::{Case, Tries, whole};
use crate::domain::evidence::Change;
use crate::domain::explanation::{Cause, Step};
use crate::domain::profile::SubscriptionState;
use crate::domain::side::Side;
use crate::explain::dates::{event_words, state_after};
use crate::explain::datum::Datum;
use crate::explain::tries::Named;

pub fn tries<'a>(case: &Case<'a>, tries: &mut Tries<'_, 'a>) {
    if case.is_tax() {
        return;
    }
    let silent = if case.row.actual.is_none_or(|m| m.minor == 0) {
        Side::Source
    } else if case.row.expected.is_none_or(|m| m.minor == 0) {
        Side::Target
    } else {
        return;
    };
    let Some(facts) = case.facts(silent) else { return };
    let period = case.period();
    let asleep = |status: &str| status == SubscriptionState::Inactive.word() || status == SubscriptionState::Ended.word();
    let of = |column| Datum::Subscription(silent, column);
    let by_dates = if facts.started_on >= period.end {
        Some((format!("{silent} subscription starts on {}", facts.started_on), of("started_on")))
    } else if facts.ended_on.is_some_and(|end| end <= period.start) {
        facts.ended_on.map(|end| (format!("{silent} subscription ended before {end}"), of("ended_on")))
    } else if facts.ended_on.is_none() && asleep(&facts.status) {
        Some((format!("{silent} subscription is {}", facts.status), of("status")))
    } else {
        None
    };
    // The last change of status before the period, where none follows in it.
    let events = &case.evidence.of(silent).events;
    let of_status = || events.iter().filter(|e| e.what == Change::Status);
    let last = of_status().rfind(|e| e.day <= period.start);
    let within = of_status().any(|e| e.day > period.start && e.day < period.end);
    let by_event = last
        .filter(|e| !within && matches!(state_after(case, silent, e), Some(SubscriptionState::Inactive | SubscriptionState::Ended)))
        .map(|e| (format!("{silent} event of {}: {}", e.day, event_words(e)), Datum::Event(silent, Change::Status, e.day)));
    if let Some((words, datum)) = by_dates.or(by_event) {
        whole(tries, case, Cause::Inactive, Step::Scope, format!("in the {silent}"), 1, Some(Named::record(words, [datum])));
    }
}

//! R6: another number of seats: the source's, one that held in the period by the events of the quantity, or their average over its days. Evidence: the subscription or the events.

use super::{Case, Tries};
use crate::domain::evidence::{Change, Event};
use crate::domain::exact::Exact;
use crate::domain::explanation::{Cause, Step};
use crate::domain::side::Side;
use crate::domain::text::Untrusted;
use crate::explain::dates::{event_words, held};
use crate::explain::datum::Datum;
use crate::explain::tries::{Named, Try};
use crate::explain::view::Alter;
use crate::rating::proration::stepwise;

pub fn tries<'a>(case: &Case<'a>, tries: &mut Tries<'_, 'a>) {
    let Some(base) = &case.base else { return };
    let own = base.inputs.quantity;
    let mut offer = |quantity: Exact, how: &str, choices: u32, named: Option<Named>| {
        if quantity != own {
            let parameters = format!("{quantity}{how}");
            tries.offer(Try { cause: Cause::Seats, parameters, alter: Alter::Quantity(quantity), step: Step::Quantity, choices, named, free: 0 });
        }
    };
    if let Some(quantity) = case.facts(Side::Source).map(|f| f.quantity) {
        offer(
            quantity,
            "",
            1,
            Some(Named::standing(format!("source subscription has {quantity}, the target's {own}"), Datum::Subscription(Side::Source, "quantity"))),
        );
    }
    for side in Side::BOTH {
        let events = &case.evidence.of(side).events;
        let counts = held(events, Change::Quantity, case.period());
        let choices = u32::try_from(counts.len() + 2).unwrap_or(u32::MAX);
        for (event, word) in counts {
            let Some(quantity) = number(word) else { continue };
            let words = format!("{side} event of {}: {}", event.day, event_words(event));
            offer(quantity, "", choices, Some(Named::dated(words, [Datum::Event(side, Change::Quantity, event.day)])));
        }
        let events: Vec<&Event> = events.iter().filter(|e| e.what == Change::Quantity).collect();
        if let Some(average) = average(case, &events) {
            let days: Vec<String> = events.iter().map(|e| format!("{} {}", e.day, event_words(e))).collect();
            let data = events.iter().map(|e| Datum::Event(side, Change::Quantity, e.day));
            offer(average, " on average", choices, Some(Named::dated(format!("{side} events: {}", days.join("; ")), data)));
        }
    }
}

fn number(word: &Untrusted) -> Option<Exact> {
    Exact::parse(word.raw().split_whitespace().next()?.as_bytes()).ok()
}

/// Σ n × days ÷ days of the period, from what the events say held before and after each.
fn average(case: &Case<'_>, events: &[&Event]) -> Option<Exact> {
    let period = case.period();
    let within: Vec<&&Event> = events.iter().filter(|e| e.day > period.start && e.day < period.end).collect();
    let first = Some((period.start, number(within.first()?.from.as_ref()?)?));
    let then = within.iter().map(|event| Some((event.day, number(event.to.as_ref()?)?)));
    let steps: Option<Vec<_>> = std::iter::once(first).chain(then).collect();
    stepwise(period, &steps?).ok()
}

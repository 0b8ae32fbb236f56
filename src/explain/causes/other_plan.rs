//! R2: another plan of the target's catalogue. Evidence: the source's subscription or an event names it; where more than one plan
//! fits, each is the other's rival.

use super::{Case, Tries};
use crate::domain::evidence::Change;
use crate::domain::explanation::{Cause, Step};
use crate::domain::row::Terms;
use crate::domain::side::Side;
use crate::domain::text::shown;
use crate::explain::dates::{event_words, held};
use crate::explain::datum::Datum;
use crate::explain::tries::{Named, Try};
use crate::explain::view::Alter;

/// Most plans of a catalogue in which one is tried that nothing names: among more, some plan fits by luck, and it would tell nothing.
const UNNAMED: usize = 24;

pub fn tries<'a>(case: &Case<'a>, tries: &mut Tries<'_, 'a>) {
    let Some(base) = &case.base else { return };
    let own = &base.inputs.plan_id;
    let others = || case.target.terms.iter().filter(|t| t.plan.id != *own && t.plan.currency == base.currency());
    let choices = u32::try_from(case.target.terms.len()).unwrap_or(u32::MAX).max(1);
    let mut offer = |terms: &'a Terms, named: Option<Named>| {
        let (cause, free) = (Cause::OtherPlan, i32::from(named.is_none()));
        let is_named = named.is_some();
        let one = |alter| Try { cause, parameters: shown(&terms.plan.id, 40), alter, step: Step::Price, choices, named, free };
        tries.offer_of((cause, is_named), Alter::Terms(terms), one);
    };
    let mut named_ids = Vec::new();
    if let Some(terms) = case.other_plan() {
        let of_source = case.facts(Side::Source).map_or_else(String::new, |f| f.plan_id.shown(40));
        offer(terms, Some(Named::standing(format!("source subscription is on plan {of_source}"), Datum::Subscription(Side::Source, "plan_id"))));
        named_ids.push(&terms.plan.id);
    }
    for side in Side::BOTH {
        let events = &case.evidence.of(side).events;
        // Beside what held: what it was before its last change, which a side may not have followed.
        let last = events.iter().rfind(|e| e.what == Change::Plan && e.day <= case.period().start);
        let former = last.and_then(|e| Some((e, e.from.as_ref()?)));
        for (event, word) in held(events, Change::Plan, case.period()).into_iter().chain(former) {
            let terms = case.target_plan(side, word.raw()).filter(|t| t.plan.id != *own && t.plan.currency == base.currency());
            if let Some(terms) = terms {
                let words = format!("{side} event of {}: {}", event.day, event_words(event));
                offer(terms, Some(Named::dated(words, [Datum::Event(side, Change::Plan, event.day)])));
                named_ids.push(&terms.plan.id);
            }
        }
    }
    if others().nth(UNNAMED).is_some() {
        return;
    }
    for terms in others().filter(|t| !named_ids.contains(&&t.plan.id)) {
        offer(terms, None);
    }
}

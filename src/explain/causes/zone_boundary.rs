//! U2: usage put into periods by the midnights of another zone than the service's. Evidence: the zone declared of the side that billed, the
//! records it moves, and a neighbouring period in which that side is off the other way: what one period loses, another has too much.

use super::{Case, Tries, by_usage};
use crate::domain::exact::Exact;
use crate::domain::explanation::{Cause, Step};
use crate::domain::text::shown;
use crate::explain::datum::Datum;
use crate::explain::tries::{Named, Try};
use std::collections::BTreeMap;

pub fn tries<'a>(case: &Case<'a>, tries: &mut Tries<'_, 'a>) {
    let side = case.sought_side();
    let moved = || case.evidence.moved.iter().filter(|m| m.side == side);
    let Some(zone) = moved().next().map(|m| shown(&m.zone, 40)) else { return };
    let mut used: BTreeMap<&str, Exact> = BTreeMap::new();
    let mut words = Vec::new();
    for one in moved() {
        let sum = used.entry(one.metric.as_str()).or_insert_with(|| case.used(&one.metric));
        let Ok(then) = (if one.comes { sum.add(one.quantity) } else { sum.sub(one.quantity) }) else { return };
        *sum = then;
        words.push(format!("{} of {} {}", one.quantity, shown(&one.metric, 30), if one.comes { "come in" } else { "fall out" }));
    }
    let Some((alter, exact, money)) = by_usage(case, used) else { return };
    let named = case.turned_beside().map(|month| {
        let words = format!("by the midnights of {zone}, the {side}'s own, {}; {month} is off the other way", words.join(", "));
        Named::record(words, [Datum::UsageZone(side)])
    });
    let free = i32::from(named.is_none());
    tries.amount(Try { cause: Cause::ZoneBoundary, parameters: zone, alter, step: Step::Quantity, choices: 1, named, free }, exact, money);
}

//! U2: usage put into periods by the midnights of another zone than the service's. The zone a side declares says how it puts usage into
//! all its periods; that this row's amount is one of them is told by no row of the data, so it is a candidate at most.

use super::{Case, Tries, by_usage};
use crate::domain::exact::Exact;
use crate::domain::explanation::{Cause, Step};
use crate::domain::text::shown;
use crate::explain::tries::Try;
use std::collections::BTreeMap;

pub fn tries<'a>(case: &Case<'a>, tries: &mut Tries<'_, 'a>) {
    let (side, Some(base)) = (case.sought_side(), &case.base) else { return };
    let is_charged = |metric: &str| base.terms.charges.iter().any(|charge| charge.metric == metric);
    let moved = || case.evidence.moved.iter().filter(|m| m.side == side && is_charged(&m.metric));
    let Some(zone) = moved().next().map(|m| shown(&m.zone, 40)) else { return };
    let mut used: BTreeMap<&str, Exact> = BTreeMap::new();
    for one in moved() {
        let sum = used.entry(one.metric.as_str()).or_insert_with(|| case.used(&one.metric));
        let Ok(then) = (if one.comes { sum.add(one.quantity) } else { sum.sub(one.quantity) }) else { return };
        *sum = then;
    }
    let Some((alter, exact, money)) = by_usage(case, used) else { return };
    tries.amount(Try { cause: Cause::ZoneBoundary, parameters: zone, alter, step: Step::Quantity, choices: 1, named: None, free: 1 }, exact, money);
}

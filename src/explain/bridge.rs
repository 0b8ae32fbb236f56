//! The way from actual to expected in named steps, in exact fractions. What the steps do not reach is the residual: never absorbed.

use super::case::Case;
use super::tries::{Tries, Try};
use super::view::Alter;
use crate::domain::exact::Exact;
use crate::domain::explanation::{Component, OddOne, Step};
use crate::domain::money::Money;

/// The bridge of the first hit.
pub fn of_hit(case: &Case<'_>, tries: &Tries<'_, '_>) -> (Vec<Component>, Exact) {
    let Some(hit) = tries.hits.first() else { return of_facts(case, tries) };
    let given = case.given.exact().unwrap_or(Exact::ZERO);
    let mut before = tries.base.map_or(given, |(exact, _)| exact);
    let mut steps = Vec::new();
    for (one, exact) in hit.of.iter().zip(&hit.exact) {
        push(&mut steps, case, one.step, before, *exact, words(case, one));
        before = *exact;
    }
    close(case, steps, true)
}

/// The bridge of what the source's own records say otherwise, where no cause closes the delta.
pub fn of_facts(case: &Case<'_>, tries: &Tries<'_, '_>) -> (Vec<Component>, Exact) {
    let (Some(base), Some((exact, _))) = (&case.base, tries.base) else { return close(case, Vec::new(), false) };
    let (mut view, mut before) = (base.clone(), exact);
    let mut steps: Vec<Component> = Vec::new();
    let mut facts: Vec<&Try<'_>> = tries.halves.iter().filter(|t| t.named.as_ref().is_some_and(|n| n.bits >= 6)).collect();
    facts.sort_by_key(|t| t.step);
    for one in facts {
        if steps.iter().any(|s| s.step == one.step) {
            continue;
        }
        let Some(altered) = view.altered(&one.alter) else { continue };
        let Some((exact, _)) = case.amount(&altered) else { continue };
        push(&mut steps, case, one.step, before, exact, words(case, one));
        (view, before) = (altered, exact);
    }
    let any = !steps.is_empty();
    close(case, steps, any)
}

fn push(steps: &mut Vec<Component>, case: &Case<'_>, step: Step, before: Exact, after: Exact, words: String) {
    // From the source's side to the target's: what the target has more.
    let more = if case.odd_one == Some(OddOne::TargetEngine) { after.sub(before) } else { before.sub(after) };
    if let Some(amount) = more.ok().filter(|m| !m.is_zero()) {
        steps.push(Component { step, amount, words });
    }
}

/// Adds what the roundings of both sides make, where it is no more than they can make; the rest is residual.
fn close(case: &Case<'_>, mut steps: Vec<Component>, rounds: bool) -> (Vec<Component>, Exact) {
    let expected = case.expected();
    let delta = expected.minus(case.actual()).and_then(|d| d.exact().ok()).unwrap_or(Exact::ZERO);
    if case.odd_one == Some(OddOne::All) && !case.is_tax() {
        let beyond = case.row.drafted.zip(case.row.rated).and_then(|(d, r)| d.minus(r)).and_then(|m| m.exact().ok());
        if let Some(amount) = beyond.filter(|_| case.row.expected == case.row.drafted) {
            steps.push(Component { step: Step::Scope, amount, words: "the target's own document beyond its rating".to_owned() });
        }
    }
    let sum = steps.iter().try_fold(Exact::ZERO, |sum, s| sum.add(s.amount));
    let Some(rest) = sum.and_then(|sum| delta.sub(sum)).ok() else { return (Vec::new(), delta) };
    if rest.is_zero() {
        return (steps, Exact::ZERO);
    }
    if rounds && rest.abs().is_ok_and(|r| r <= most(case)) {
        steps.push(Component { step: Step::Rounding, amount: rest, words: "both sides round to the minor unit".to_owned() });
        return (steps, Exact::ZERO);
    }
    (steps, rest)
}

/// The most that rounding can make: a minor unit for each amount that is rounded on either side.
fn most(case: &Case<'_>) -> Exact {
    let lines: usize = case.row.documents.iter().map(|d| d.lines.len().max(1)).sum();
    let charges = case.base.as_ref().map_or(0, |view| view.terms.charges.len());
    let rounded = i64::try_from(lines + charges + 1).unwrap_or(i64::MAX);
    Money::new(rounded, case.currency()).exact().unwrap_or(Exact::ZERO)
}

/// How a try is redone.
pub fn words(case: &Case<'_>, one: &Try<'_>) -> String {
    let flat = || case.base.as_ref().map_or(Exact::ZERO, super::view::View::flat);
    match &one.alter {
        Alter::Flat(price) => format!("flat {price} in place of {}", flat()),
        Alter::Quantity(quantity) => format!("{} × {quantity}", flat()),
        Alter::Percent(percent) => format!("{percent} % off"),
        Alter::Part { of, whole } => format!("{} × {of}/{whole}", flat()),
        Alter::Usage(metric, quantity) => format!("{quantity} of {} rated", crate::domain::text::shown(metric, 30)),
        Alter::Charge(charge) => format!("charge {} as the source has it", crate::domain::text::shown(&charge.metric, 30)),
        Alter::Terms(terms) => format!("plan {} at {}", crate::domain::text::shown(&terms.plan.id, 40), terms.plan.flat_price),
        Alter::Off { percent, then } if percent.is_zero() => format!("{then} on top"),
        Alter::Off { percent, then } => format!("{percent} % off, then {then} on top"),
        Alter::Whole(amount) => format!("{} {}: {amount}", one.cause.word(), one.parameters),
    }
}

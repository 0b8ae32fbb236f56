//! P4: the plan changed within the period: the old one for the days before, the new one for those after, each line rounded by itself or
//! all at once, and usage beside them; in advance also the next full price. Evidence: the event and both plans. Where it is the rating
//! that has such stretches, the source may have billed one of them for the whole.

use super::{Case, Tries};
use crate::domain::evidence::{Change, Event};
use crate::domain::exact::{Exact, NumberError};
use crate::domain::explanation::{Cause, Step};
use crate::domain::money::Money;
use crate::domain::rounding::to_minor;
use crate::domain::side::Side;
use crate::explain::dates::{event_words, interval};
use crate::explain::datum::Datum;
use crate::explain::tries::{Named, Try};
use crate::explain::view::Alter;
use crate::rating::proration::{Share, prorate, swap};

/// What is left of a rating without its flat price is its usage.
const NO_PRICE: Alter<'static> = Alter::Flat(Exact::ZERO);

pub fn tries<'a>(case: &Case<'a>, tries: &mut Tries<'_, 'a>) {
    unchanged(case, tries);
    let Some(base) = &case.base else { return };
    let interval = interval(case);
    let used = base.altered(&NO_PRICE).and_then(|view| case.amount(&view)).map_or(Exact::ZERO, |(exact, _)| exact);
    for side in Side::BOTH {
        let within = |e: &&Event| e.what == Change::Plan && e.day > interval.start && e.day < interval.end;
        for event in case.evidence.of(side).events.iter().filter(within) {
            let plan = |word: &Option<_>| case.any_plan(side, crate::domain::text::Untrusted::raw(word.as_ref()?));
            let (Some(old), Some(new)) = (plan(&event.from), plan(&event.to)) else { continue };
            let words = format!("{side} event of {}: {}", event.day, event_words(event));
            let named = Named::dated(words, [Datum::Event(side, Change::Plan, event.day)]);
            for whole in [interval.days(), 30 * i64::from(base.terms.plan.interval.months.max(1))] {
                for shift in [0, 1] {
                    let before = (event.day - interval.start).num_days() + shift;
                    if before > 0 && before < whole {
                        let change = Changed { old: old.plan.flat_price, new: new.plan.flat_price, quantity: base.inputs.quantity, before, whole };
                        for (lines, parameters) in change.sums(used) {
                            offer(case, tries, &lines, &parameters, &named);
                        }
                    }
                }
            }
        }
    }
}

/// What the rating has on some days, on all of them.
fn unchanged<'a>(case: &Case<'a>, tries: &mut Tries<'_, 'a>) {
    let Some(base) = &case.base else { return };
    let stretches = &base.inputs.stretches;
    let changes_plan = stretches.windows(2).any(|w| w[0].plan_id != w[1].plan_id);
    let (cause, what) = if changes_plan { (Cause::PlanChange, Change::Plan) } else { (Cause::Seats, Change::Quantity) };
    let of_target = || case.evidence.target.events.iter().filter(|e| e.what == what);
    let events: Vec<String> = of_target().map(|e| format!("{} {}", e.day, event_words(e))).collect();
    let data = || of_target().map(|e| Datum::Event(Side::Target, what, e.day));
    for stretch in stretches.iter().filter(|_| !events.is_empty()) {
        let of_days = base.inputs.of_days;
        let alters = [Alter::Flat(stretch.price), Alter::Quantity(stretch.quantity), Alter::Part { of: of_days, whole: of_days }];
        let view = alters.iter().try_fold(base.clone(), |view, alter| view.altered(alter));
        let Some((exact, money)) = view.and_then(|view| case.amount(&view)) else { continue };
        let one = Try {
            cause,
            parameters: format!("{} × {} for all days", stretch.price, stretch.quantity),
            alter: Alter::Whole(exact),
            step: Step::Proration,
            choices: 4,
            named: Some(Named::dated(format!("target events: {}", events.join("; ")), data())),
            free: 0,
        };
        tries.amount(one, exact, money);
    }
}

/// A change of price within an interval.
struct Changed {
    old: Exact,
    new: Exact,
    quantity: Exact,
    before: i64,
    whole: i64,
}

impl Changed {
    /// The lines it may be billed by, each with its words.
    fn sums(&self, used: Exact) -> Vec<(Vec<Exact>, String)> {
        let Self { old, new, quantity, before, whole } = self;
        let after = whole - before;
        let lines = || {
            let (first, next) = (old.mul(*quantity)?, new.mul(*quantity)?);
            let used = prorate(first, *before, *whole)?;
            let left = swap(first, next, Share { num: after, den: *whole }, None, next)?;
            Ok::<_, NumberError>([vec![used, left.charge], vec![left.charge, left.credit], vec![left.charge, left.credit, next]])
        };
        let Ok(lines) = lines() else { return Vec::new() };
        let in_advance = format!("{new} × {after}/{whole} − {old} × {after}/{whole}");
        let words = [format!("{old} × {before}/{whole} + {new} × {after}/{whole}"), in_advance.clone(), format!("{in_advance} + {new}")];
        let with_usage = |mut lines: Vec<Exact>| {
            lines.extend(Some(used).filter(|u| !u.is_zero()));
            lines
        };
        lines.into_iter().map(with_usage).zip(words).collect()
    }
}

fn offer<'a>(case: &Case<'a>, tries: &mut Tries<'_, 'a>, lines: &[Exact], parameters: &str, named: &Named) {
    let mode = case.rating().round_mode;
    let minor = |amount: Exact| to_minor(amount, case.currency(), mode).ok();
    let Ok(exact) = lines.iter().try_fold(Exact::ZERO, |sum, line| sum.add(*line)) else { return };
    let by_line = lines.iter().try_fold(Money::zero(case.currency()), |sum, line| sum.plus(minor(*line)?));
    let once = minor(exact).filter(|once| Some(*once) != by_line);
    for money in [by_line, once].into_iter().flatten() {
        let one = Try {
            cause: Cause::PlanChange,
            parameters: parameters.to_owned(),
            alter: Alter::Whole(exact),
            step: Step::Proration,
            choices: 12,
            named: Some(named.clone()),
            free: 0,
        };
        tries.amount(one, exact, money);
    }
}

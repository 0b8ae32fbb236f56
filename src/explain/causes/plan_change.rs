//! P4: the plan changed within the period: the old one for the days before, the new one for those after, each line rounded by itself;
//! in advance also the next full price. Evidence: the event and both plans.

use super::{Case, Tries};
use crate::domain::evidence::{Change, Event};
use crate::domain::exact::Exact;
use crate::domain::explanation::{Cause, Step};
use crate::domain::rounding::to_minor;
use crate::domain::row::Terms;
use crate::domain::side::Side;
use crate::domain::text::Untrusted;
use crate::explain::dates::{event_words, interval};
use crate::explain::tries::{Named, Try};
use crate::explain::view::Alter;

pub fn tries(case: &Case<'_>, tries: &mut Tries<'_, '_>) {
    let Some(base) = &case.base else { return };
    let interval = interval(case);
    let quantity = base.inputs.quantity;
    for side in Side::BOTH {
        let within = |e: &&Event| e.what == Change::Plan && e.day > interval.start && e.day < interval.end;
        for event in case.evidence.of(side).events.iter().filter(within) {
            let (Some(old), Some(new)) = (plan(case, event.from.as_ref()), plan(case, event.to.as_ref())) else { continue };
            let (old, new) = (old.plan.flat_price, new.plan.flat_price);
            for whole in [interval.days(), 30] {
                for shift in [0, 1] {
                    let before = (event.day - interval.start).num_days() + shift;
                    if before <= 0 || before >= whole {
                        continue;
                    }
                    let share = |price: Exact, days: i64| price.mul(quantity).ok()?.mul(Exact::ratio(days.into(), whole.into()).ok()?).ok();
                    let after = whole - before;
                    let Some((first, second, credit)) = share(old, before).zip(share(new, after)).zip(share(old, after)).map(|((a, b), c)| (a, b, c))
                    else {
                        continue;
                    };
                    let words = format!("{old} × {before}/{whole} + {new} × {after}/{whole}");
                    let in_advance = format!("{new} × {after}/{whole} − {old} × {after}/{whole}");
                    let next = new.mul(quantity).ok();
                    let with_next = |credit: Exact| Some(vec![second, credit, next?]);
                    let sums = [
                        (Some(vec![first, second]), words),
                        (credit.neg().ok().map(|c| vec![second, c]), in_advance.clone()),
                        (credit.neg().ok().and_then(with_next), format!("{in_advance} + {new}")),
                    ];
                    for (lines, parameters) in sums {
                        let Some(lines) = lines else { continue };
                        let rounded = lines.iter().try_fold(crate::domain::money::Money::zero(case.currency()), |sum, line| {
                            sum.plus(to_minor(*line, case.currency(), case.rating().round_mode).ok()?)
                        });
                        let exact = lines.iter().try_fold(Exact::ZERO, |sum, line| sum.add(*line).ok());
                        let (Some(money), Some(exact)) = (rounded, exact) else { continue };
                        let one = Try {
                            cause: Cause::PlanChange,
                            parameters,
                            alter: Alter::Whole(exact),
                            step: Step::Proration,
                            choices: 12,
                            named: Some(Named::dated(format!("{side} event of {}: {}", event.day, event_words(event)))),
                            free: 0,
                        };
                        tries.amount(one, exact, money);
                    }
                }
            }
        }
    }
}

/// A plan by the word of an event: the target's by id or name, else the source's.
fn plan<'a>(case: &Case<'a>, word: Option<&Untrusted>) -> Option<&'a Terms> {
    let word = word?.raw();
    let named = |t: &&Terms| t.plan.id == word || t.plan.name.raw() == word;
    case.target.terms.iter().find(named).or_else(|| case.source.terms.iter().find(named))
}

//! R5: a least or a most that one side's charge has and the other's has not; for part of a period also prorated.
//! Evidence: the charge.

use super::{Case, Tries};
use crate::domain::exact::Exact;
use crate::domain::explanation::{Cause, Step};
use crate::domain::side::Side;
use crate::domain::text::shown;
use crate::explain::datum::Datum;
use crate::explain::tries::{Named, Try};
use crate::explain::view::Alter;
use crate::rating::proration::prorate;

pub fn tries<'a>(case: &Case<'a>, tries: &mut Tries<'_, 'a>) {
    for &(target, source) in case.charge_pairs() {
        let bounds = (source.minimum, source.maximum);
        if (target.minimum, target.maximum) == bounds {
            continue;
        }
        let word = |bound: Option<Exact>| bound.map_or_else(|| "none".to_owned(), |b| b.to_string());
        let metric = shown(&source.metric, 30);
        let words = format!("source charge {metric}: at least {}, at most {}", word(bounds.0), word(bounds.1));
        let data = ["minimum", "maximum"].map(|column| Datum::Charge(Side::Source, source.metric.clone(), column));
        let mut offer = |minimum: Option<Exact>, maximum: Option<Exact>, parameters: String| {
            let mut charge = target.clone();
            (charge.minimum, charge.maximum) = (minimum, maximum);
            let (alter, named) = (Alter::Charge(Box::new(charge)), Some(Named::record(words.clone(), data.clone()).of_plan()));
            tries.offer(Try { cause: Cause::Commitment, parameters, alter, step: Step::Scope, choices: 2, named, free: 0 });
        };
        let parameters = format!("{metric} {}..{}", word(bounds.0), word(bounds.1));
        offer(bounds.0, bounds.1, parameters.clone());
        for part in case.parts() {
            let share = |bound: Option<Exact>| bound.and_then(|b| prorate(b, part.of, part.whole).ok());
            offer(share(bounds.0), share(bounds.1), format!("{parameters} × {}/{}", part.of, part.whole));
        }
    }
}

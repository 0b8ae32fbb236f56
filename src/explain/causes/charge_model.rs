//! R7: the same charge by another model: tiers for volume, started packages for exact ones. Evidence: the source's own charge.

use super::{Case, Tries};
use crate::domain::explanation::{Cause, Step};
use crate::domain::side::Side;
use crate::domain::text::shown;
use crate::explain::datum::Datum;
use crate::explain::tries::{Named, Try};
use crate::explain::view::Alter;

/// What of the source's charge stands in the place of the target's.
const COLUMNS: [&str; 5] = ["model", "unit_price", "included", "minimum", "maximum"];

pub fn tries<'a>(case: &Case<'a>, tries: &mut Tries<'_, 'a>) {
    for &(target, source) in case.charge_pairs() {
        if target.model == source.model {
            continue;
        }
        let mut charge = source.clone();
        charge.plan_id.clone_from(&target.plan_id);
        let words = format!(
            "source charges {} by {}, the target by {}",
            shown(&source.metric, 30),
            shown(&source.model_word, 20),
            shown(&target.model_word, 20)
        );
        tries.offer(Try {
            cause: Cause::ChargeModel,
            parameters: format!("{} {}", shown(&source.metric, 30), shown(&source.model_word, 20)),
            alter: Alter::Charge(Box::new(charge)),
            step: Step::Price,
            choices: 4,
            named: Some(Named::record(words, COLUMNS.map(|column| Datum::Charge(Side::Source, source.metric.clone(), column))).of_plan()),
            free: 0,
        });
    }
}

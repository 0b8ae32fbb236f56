//! U4: the source prorates the included quantity with the days. Evidence: the first or last day.

use super::{Case, Tries};
use crate::domain::explanation::{Cause, Step};
use crate::domain::text::shown;
use crate::explain::tries::{Named, Try};
use crate::explain::view::Alter;
use crate::rating::proration::prorate;

pub fn tries<'a>(case: &Case<'a>, tries: &mut Tries<'_, 'a>) {
    let Some(base) = &case.base else { return };
    for charge in base.terms.charges.iter().filter(|c| !c.included.is_zero()) {
        for part in case.parts() {
            let Ok(included) = prorate(charge.included, part.of, part.whole) else { continue };
            let mut prorated = charge.clone();
            prorated.included = included;
            tries.offer(Try {
                cause: Cause::ProratedQuota,
                parameters: format!("{} {} × {}/{}", shown(&charge.metric, 30), charge.included, part.of, part.whole),
                alter: Alter::Charge(Box::new(prorated)),
                step: Step::Quota,
                choices: 2,
                named: Some(Named::dated(part.words.clone(), part.data.clone())),
                free: 0,
            });
        }
    }
}

//! U3: the included quantity once for each unit of the plan, or once for all of them. Evidence: the quantity; how the source shares a
//! quota is a flag no contract has, so that it stays a candidate.

use super::{Case, Tries};
use crate::domain::exact::Exact;
use crate::domain::explanation::{Cause, Step};
use crate::domain::text::shown;
use crate::explain::tries::Try;
use crate::explain::view::Alter;

pub fn tries<'a>(case: &Case<'a>, tries: &mut Tries<'_, 'a>) {
    let Some(base) = &case.base else { return };
    if base.inputs.quantity == Exact::ONE {
        return;
    }
    for charge in base.terms.charges.iter().filter(|c| !c.included.is_zero()) {
        let Ok(included) = charge.included.mul(base.inputs.quantity) else { continue };
        let mut pooled = charge.clone();
        pooled.included = included;
        tries.offer(Try {
            cause: Cause::PooledQuota,
            parameters: format!("{} {included}", shown(&charge.metric, 30)),
            alter: Alter::Charge(Box::new(pooled)),
            step: Step::Quota,
            choices: 3,
            named: None,
            free: 0,
        });
    }
}

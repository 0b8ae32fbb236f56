//! U5: the source counted usage twice that came again under one name. Evidence: the repeated records.

use super::{Case, Tries};
use crate::domain::explanation::{Cause, Step};
use crate::domain::text::shown;
use crate::explain::datum::Datum;
use crate::explain::tries::{Named, Try};
use crate::explain::view::Alter;

pub fn tries<'a>(case: &Case<'a>, tries: &mut Tries<'_, 'a>) {
    if case.base.is_none() {
        return;
    }
    for (metric, again) in &case.evidence.repeated {
        let used = case.used(metric);
        let Ok(twice) = used.add(*again) else { continue };
        let words = format!("{again} of {}", shown(metric, 30));
        tries.offer(Try {
            cause: Cause::RepeatedUsage,
            parameters: words.clone(),
            alter: Alter::Usage(metric, twice),
            step: Step::Quantity,
            choices: 1,
            named: Some(Named::record(format!("{words} came again under a name already counted"), [Datum::RepeatedUsage(metric.clone())])),
            free: 0,
        });
    }
}

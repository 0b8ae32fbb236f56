//! How a row's expected amount comes about, as steps a person can redo: recomputed from what the run stored.

use crate::domain::profile::ServiceProfile;
use crate::ports::workspace::RowDetail;
use crate::rating::steps;

/// The steps, deployment by deployment. Empty where the row was not rated.
pub fn rating_steps(detail: &RowDetail, profile: &ServiceProfile) -> Vec<String> {
    let mut out = Vec::new();
    for (inputs, terms) in detail.row.inputs.iter().zip(&detail.terms) {
        let Some(terms) = terms else {
            out.push(format!("terms of plan {} are not kept", crate::domain::text::shown(&inputs.plan_id, 40)));
            continue;
        };
        match steps(inputs, terms, &profile.target) {
            Ok(steps) => out.extend(steps),
            Err(error) => out.push(error.to_string()),
        }
    }
    out
}

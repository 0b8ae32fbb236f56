//! A row judged anew from what is kept of it: the same ratings, the same choice and the same comparison as when it was made.

use super::settle::{Rated, Sides, add_up, settle};
use crate::domain::profile::ServiceProfile;
use crate::domain::row::{ReconRow, Terms};
use crate::domain::side::Side;
use crate::domain::verdict::Verdict;
use crate::rating::rate;

/// The row that its documents, its inputs and the terms of a run make; what is kept of it decides nothing else. Fails, in words,
/// where something it stands on is not there.
///
/// That a document or a price could not be read is nowhere in it: such a row comes out as one that can be compared.
pub fn redo<'t>(kept: &ReconRow, terms: impl Fn(&str) -> Option<&'t Terms>, profile: &ServiceProfile) -> Result<ReconRow, String> {
    let mut out = ReconRow::blank(kept.subject, kept.key.clone(), kept.period);
    out.documents.clone_from(&kept.documents);
    if kept.subject.is_unlinked() {
        let [part] = kept.documents.as_slice() else { return Err("a row of money without a subscription has one document".to_owned()) };
        (out.verdict, out.actual, out.actual_tax) = (Verdict::Unlinked, Some(part.net), part.tax);
        return Ok(out);
    }
    let is_ordered = kept.documents.is_sorted_by_key(|d| (d.side != Side::Source, &d.id));
    if !is_ordered {
        return Err("its documents are not in their order".to_owned());
    }
    let (of_source, of_target) = kept.documents.split_at(kept.documents.partition_point(|d| d.side == Side::Source));
    let mut rated = Ok(Rated::default());
    for inputs in &kept.inputs {
        let terms = terms(&inputs.plan_id).ok_or_else(|| "the terms of its plan are not there".to_owned())?;
        let rating = rate(inputs, terms, &profile.target).map_err(|error| error.to_string())?;
        rated = rated.and_then(|mut all: Rated| all.sum.add(&rating).map(|()| all).map_err(str::to_owned));
    }
    let rated = rated.map(|all| Rated { inputs: kept.inputs.clone(), ..all });
    settle(&mut out, profile, Sides { actual: add_up(of_source), drafted: add_up(of_target), rated }, false);
    Ok(out)
}

//! S4: several subscriptions of one side are one of the other: the rows of the customer and period add up to nothing, and some of them
//! one side has not. Evidence: those rows; the one subscription alone proves nothing.

use super::{Case, Tries, whole};
use crate::domain::explanation::{Cause, Step};
use crate::domain::side::Side;
use crate::domain::verdict::Verdict;
use crate::explain::tries::Named;

pub fn tries<'a>(case: &Case<'a>, tries: &mut Tries<'_, 'a>) {
    let Some(group) = case.around.group.filter(|_| !case.is_tax()) else { return };
    let lacks = if group.missing[0] > 0 { Side::Source } else { Side::Target };
    // A subscription that is there and not due is no merged one.
    let is_missing = matches!(case.row.verdict, Verdict::MissingInSource | Verdict::MissingInTarget);
    if is_missing && case.facts(lacks).is_some() {
        return;
    }
    let missing = group.missing.iter().sum::<u64>();
    let words = format!("{} rows of this customer and period add up to nothing; the {lacks} has {missing} of them not", group.rows);
    whole(tries, case, Cause::MergedMapping, Step::Scope, format!("{} rows", group.rows), 1, Some(Named::joint(words)));
}

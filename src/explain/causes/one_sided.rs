//! S2: billed on one side, and unknown to the other. Evidence: the subscription that is there, and that there is none.

use super::{Case, Tries, whole};
use crate::domain::explanation::{Cause, Step};
use crate::domain::side::Side;
use crate::domain::verdict::Verdict;
use crate::explain::datum::Datum;
use crate::explain::tries::Named;

pub fn tries<'a>(case: &Case<'a>, tries: &mut Tries<'_, 'a>) {
    let (has, lacks) = match case.row.verdict {
        Verdict::MissingInTarget => (Side::Source, Side::Target),
        Verdict::MissingInSource => (Side::Target, Side::Source),
        _ => return,
    };
    if let Some(facts) = case.facts(lacks) {
        // Due there, and not billed: that much is so, and no row says why.
        if facts.due && case.sought.minor == 0 && tries.hits.is_empty() {
            whole(tries, case, Cause::OneSided, Step::Scope, format!("not billed by the {lacks}"), 1, None);
        }
        return;
    }
    let named = case.facts(has).map(|f| format!("{has} subscription {} since {}; the {lacks} has none of this id", f.status, f.started_on));
    let billed = || case.documents(has).next().map(|d| format!("{has} document {}; no subscription of this id on either side", d.id.shown(40)));
    let named = named
        .or_else(billed)
        .map(|words| Named::record(words, [if case.facts(has).is_some() { Datum::Subscription(has, "id") } else { Datum::Documents(has) }]));
    whole(tries, case, Cause::OneSided, Step::Scope, format!("not in the {lacks}"), 1, named);
}

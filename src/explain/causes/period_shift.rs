//! S5: A(p) = T(p ± 1) over at least three periods with at least two different amounts: in advance on one side, in arrears on the
//! other. Evidence: those periods.

use super::{Case, Tries, whole};
use crate::domain::explanation::{Cause, Step};
use crate::domain::money::Money;
use crate::explain::case::Billed;
use crate::explain::tries::Named;
use std::collections::BTreeSet;

/// Periods it must hold in.
const PERIODS: usize = 3;

/// The amounts that agree in a pair of periods: the source's and the target's.
type Shifted = fn(&Billed, &Billed) -> (Option<Money>, Option<Money>);

pub fn tries(case: &Case<'_>, tries: &mut Tries<'_, '_>) {
    let all = case.history;
    if all.len() < PERIODS || case.is_tax() || !all.iter().any(|b| b.period == case.period()) {
        return;
    }
    let pairs: Vec<(&Billed, &Billed)> = all.windows(2).filter(|w| w[0].period.end == w[1].period.start).map(|w| (&w[0], &w[1])).collect();
    if pairs.len() + 1 < PERIODS || pairs.len() + 1 != all.len() {
        return;
    }
    let shifts: [(&str, Shifted); 2] = [
        ("the source bills a period later", |before, after| (after.actual, before.expected)),
        ("the source bills a period earlier", |before, after| (before.actual, after.expected)),
    ];
    for (words, shifted) in shifts {
        let amounts: Option<BTreeSet<i64>> = pairs
            .iter()
            .map(|(before, after)| match shifted(before, after) {
                (Some(a), Some(t)) if a == t => Some(a.minor),
                _ => None,
            })
            .collect();
        if amounts.is_some_and(|a| a.len() >= 2) {
            let named = Some(Named::record(format!("{} periods from {}: {words}", all.len(), all[0].period)));
            whole(tries, case, Cause::PeriodShift, Step::Scope, words.to_owned(), 2, named);
        }
    }
}

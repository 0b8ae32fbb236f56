//! S5: A(p) = T(p ± 1) over at least three periods with at least two different amounts: in advance on one side, in arrears on the
//! other. Evidence: those periods.

use super::{Case, Tries, whole};
use crate::domain::explanation::{Cause, Step};
use crate::domain::money::Money;
use crate::explain::case::Billed;
use crate::explain::datum::Datum;
use crate::explain::tries::Named;
use std::collections::BTreeSet;

/// Periods it must hold in.
const PERIODS: usize = 3;

/// The amounts that agree in a pair of periods: the source's and the target's.
type Shifted = fn(&Billed, &Billed) -> (Option<Money>, Option<Money>);

pub fn tries<'a>(case: &Case<'a>, tries: &mut Tries<'_, 'a>) {
    let all = case.around.history;
    if all.len() < PERIODS || case.is_tax() || !all.iter().any(|b| b.period == case.period()) {
        return;
    }
    let pairs: Vec<(&Billed, &Billed)> = all.windows(2).filter(|w| w[0].period.end == w[1].period.start).map(|w| (&w[0], &w[1])).collect();
    if pairs.len() + 1 != all.len() {
        return;
    }
    let shifts: [(&str, Shifted); 2] = [
        ("the source bills a period later", |before, after| (after.actual, before.expected)),
        ("the source bills a period earlier", |before, after| (before.actual, after.expected)),
    ];
    for (words, shifted) in shifts {
        // The first and the last period of a shift stand on one side only.
        let amounts: Vec<_> = pairs.iter().map(|(before, after)| shifted(before, after)).collect();
        let is_edge = |pair: &&(Option<Money>, Option<Money>)| pair.0.is_none() || pair.1.is_none();
        let first = amounts.iter().take_while(is_edge).count();
        let last = amounts.len() - amounts[first..].iter().rev().take_while(is_edge).count();
        let Some(within) = amounts.get(first..last).filter(|within| within.len() + 1 >= PERIODS) else { continue };
        let equal = |(a, t): &(Option<Money>, Option<Money>)| a.filter(|_| a == t).map(|money| money.minor);
        let amounts: Option<BTreeSet<i64>> = within.iter().map(equal).collect();
        if amounts.is_some_and(|a| a.len() >= 2) {
            let named = Some(Named::record(format!("{} periods from {}: {words}", all.len(), all[0].period), [Datum::OtherRows]));
            whole(tries, case, Cause::PeriodShift, Step::Scope, words.to_owned(), 2, named);
        }
    }
}

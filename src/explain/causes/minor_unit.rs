//! C2: minor units taken for major ones, A = T × 10^k or T ÷ 10^k, k 2 or 3. One row is no evidence: it must hold for all rows of a
//! system and currency, so that alone it is a candidate at most.

use super::{Case, Tries, whole};
use crate::domain::explanation::{Cause, Step};

pub fn tries(case: &Case<'_>, tries: &mut Tries<'_, '_>) {
    let (a, t) = (i128::from(case.sought.minor), i128::from(case.given.minor));
    if a == 0 || t == 0 {
        return;
    }
    for (power, factor) in [(2, 100), (3, 1000)] {
        for (is, words) in [(a == t * factor, format!("× 10^{power}")), (a * factor == t, format!("÷ 10^{power}"))] {
            if is {
                whole(tries, case, Cause::MinorUnit, Step::Scope, words, 4, None);
            }
        }
    }
}

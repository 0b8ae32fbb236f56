//! C2: minor units taken for major ones, A = T × 10^k or T ÷ 10^k, k 2 or 3. One row is no evidence, and not even a guess: a nought too
//! many is a typing error. Evidence: every row of the currency that both sides bill is off by the same factor, and they are several, with
//! the subscription's own of other periods.

use super::{Case, Tries, whole};
use crate::domain::explanation::{Cause, Step};
use crate::explain::tries::Named;

/// Rows it must fit.
const ROWS: u64 = 3;

pub fn tries<'a>(case: &Case<'a>, tries: &mut Tries<'_, 'a>) {
    let Some(scaled) = case.around.scaled.as_ref().filter(|_| !case.is_tax()) else { return };
    let others = case.around.history.iter().filter(|b| b.period != case.period()).filter_map(|b| b.actual.zip(b.expected));
    let (fit, off): (Vec<_>, Vec<_>) = others.partition(|(a, t)| scaled.fits(a.minor, t.minor));
    let rows = scaled.rows + u64::try_from(fit.len()).unwrap_or(0);
    if rows < ROWS || !off.is_empty() {
        return;
    }
    let words = format!("all {rows} rows of {} that both sides bill are {}", case.currency(), scaled.words);
    whole(tries, case, Cause::MinorUnit, Step::Scope, scaled.words.to_owned(), 4, Some(Named::joint(words)));
}

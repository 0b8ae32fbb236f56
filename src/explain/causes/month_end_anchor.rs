//! P6: an anchor at a month's end that drifted on the billing side: after a February it bills from the 28th, not from the 31st again, and
//! the long period at whose end that shows has two of its invoices. Evidence: their dates, a whole month apart in one period of an
//! anchor of 29 to 31. Where the amounts were billed twice on one date they are a duplicate.

use super::{Case, Tries, whole};
use crate::domain::calendar::months_after;
use crate::domain::explanation::{Cause, Step};
use crate::domain::records::DocumentKind;
use crate::domain::row::DocumentPart;
use crate::explain::datum::Datum;
use crate::explain::tries::Named;
use chrono::Datelike;

/// The first day of a month's end.
const LATE: u32 = 29;

pub fn tries<'a>(case: &Case<'a>, tries: &mut Tries<'_, 'a>) {
    let Some(words) = drifted(case) else { return };
    let parameters = format!("day {}", anchor(case));
    whole(tries, case, Cause::MonthEndAnchor, Step::Scope, parameters, 2, Some(Named::record(words, [Datum::Documents(case.sought_side())])));
}

/// Of a period's two ends a short month cuts one at most: the other is its anchor.
fn anchor(case: &Case<'_>) -> u32 {
    let period = case.period();
    period.start.day().max(period.end.day())
}

/// Why two invoices of one period are those of two months, where they are.
pub fn drifted(case: &Case<'_>) -> Option<String> {
    let mut dated: Vec<_> = case.sought_documents().map(|d| Some((d.issued_on?, d))).collect::<Option<_>>()?;
    dated.sort_by_key(|(day, _)| *day);
    let [(first, one), (second, other)] = dated.as_slice() else { return None };
    let is_twice = case.given.minor != 0 && case.given.minor.checked_mul(2) == Some(case.sought.minor);
    let alike = one.net == other.net && [one, other].iter().all(|d| d.kind == DocumentKind::Charge);
    let apart = months_after(*first, 1) == Some(*second);
    if anchor(case) < LATE || !is_twice || !alike || !apart || case.is_tax() {
        return None;
    }
    let name = |d: &DocumentPart| d.id.shown(40);
    Some(format!("{} of {first} and {} of {second} are a month apart, in one period of day {}", name(one), name(other), anchor(case)))
}

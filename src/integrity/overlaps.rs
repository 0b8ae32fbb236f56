//! Days of a subscription that two documents cover.

use super::codes;
use super::notices::Notices;
use crate::domain::period::Period;
use crate::domain::side::Side;
use crate::reconcile::cell::Held;

/// Two documents that cover exactly the same days add up and are listed as several; those that only overlap are noticed here.
pub(super) fn check(held: &Held<'_>, side: Side, notices: &mut Notices) {
    if held.parts.len() + held.covers.len() < 2 {
        return;
    }
    let whole = held.parts.iter().filter_map(|p| Some((p.covers?, p.document.id.raw())));
    let mut covered: Vec<(Period, &str)> = whole.chain(held.covers.iter().copied()).collect();
    covered.sort_unstable();
    for pair in covered.windows(2) {
        let [(first, _), (second, id)] = pair else { continue };
        if first != second && first.overlap_days(*second) > 0 {
            notices.note(&codes::OVERLAP, side, *id, None);
        }
    }
}

//! Charges linked to another plan than the one whose subscription used them.

use super::codes;
use super::notices::Notices;
use crate::domain::side::Side;
use crate::ledger::books::Books;
use crate::reconcile::cell::Cell;

/// A metric that was used and costs nothing on the target's plan, while another plan charges it, is a charge applied to the wrong
/// plan.
pub(super) fn check(books: &Books, cell: &Cell<'_>, notices: &mut Notices) {
    for record in &cell.usage.repeated {
        notices.note(&codes::REPEATED_USAGE, books.profile.usage_from, record.name, None);
    }
    let Some(terms) = cell.known.last(Side::Target).and_then(|standing| standing.terms) else { return };
    for (metric, _) in cell.usage.sums().unwrap_or_default() {
        if !terms.charges.iter().any(|c| c.metric == *metric) && books.target.charges(metric) {
            notices.note(&codes::UNCHARGED_METRIC, Side::Target, format!("{} {metric}", cell.known.key.raw()), None);
        }
    }
}

//! Charges linked to another plan than the one whose subscription used them.

use super::codes;
use super::notices::Notices;
use crate::domain::side::Side;
use crate::ledger::scope::Slot;
use crate::reconcile::month::Books;
use std::collections::BTreeSet;

/// A metric that was used and costs nothing on the target's plan, while another plan charges it, is a charge applied to the wrong plan.
pub(super) fn check(books: &Books, slot: Slot, notices: &mut Notices) {
    let target = &books.target;
    let charged: BTreeSet<&str> = target.plans.values().flat_map(|t| &t.charges).map(|c| c.metric.as_str()).collect();
    for key in books.usage.keys() {
        let Some(plan) = target.subscriptions.get(key).and_then(|s| s.last()).and_then(|s| target.plans.get(&s.plan_id)) else { continue };
        for (metric, _) in books.usage.of(key, slot).unwrap_or_default() {
            if charged.contains(metric.as_str()) && !plan.charges.iter().any(|c| c.metric == metric) {
                notices.note(&codes::UNCHARGED_METRIC, Side::Target, format!("{} {metric}", key.as_str()), None);
            }
        }
    }
    for token in &books.usage.repeated {
        notices.note(&codes::REPEATED_USAGE, books.profile.usage_from, token.raw(), None);
    }
}

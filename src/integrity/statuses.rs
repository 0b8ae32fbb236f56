//! What the status vocabulary filters, and what it does not know.

use super::codes;
use super::notices::Notices;
use crate::domain::profile::SubscriptionState;
use crate::domain::records::SubscriptionStatus;
use crate::domain::side::Side;
use crate::reconcile::month::Books;

pub(super) fn check(books: &Books, side: Side, notices: &mut Notices) {
    let catalogue = books.catalogue(side);
    for (id, terms) in catalogue.plans.iter().filter(|(_, t)| !t.plan.active) {
        let _ = terms;
        notices.note(&codes::INACTIVE_PLAN, side, id.as_str(), None);
    }
    for subscription in catalogue.subscriptions.values().flatten() {
        let id = subscription.key.as_str();
        match subscription.status {
            SubscriptionStatus::Known(SubscriptionState::Active) => {
                if catalogue.plans.get(&subscription.plan_id).is_some_and(|t| !t.plan.active) {
                    notices.note(&codes::ACTIVE_ON_INACTIVE_PLAN, side, id, None);
                }
            }
            SubscriptionStatus::Known(state) => {
                notices.note(&codes::INACTIVE_SUBSCRIPTION, side, id, None);
                if state == SubscriptionState::Ended && subscription.ended_on.is_none() {
                    notices.note(&codes::ENDED_WITHOUT_DATE, side, id, None);
                }
            }
            SubscriptionStatus::Unknown => notices.note(&codes::UNKNOWN_STATUS, side, id, None),
        }
    }
}

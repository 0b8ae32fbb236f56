//! What the status vocabulary filters, and what it does not know.

use super::codes;
use super::notices::Notices;
use crate::domain::profile::SubscriptionState;
use crate::domain::records::SubscriptionStatus;
use crate::domain::side::Side;
use crate::ledger::books::Books;

pub(super) fn check(books: &Books, side: Side, notices: &mut Notices) {
    let catalogue = books.catalogue(side);
    for (id, _) in catalogue.plans.iter().filter(|(_, t)| !t.plan.active) {
        notices.note(&codes::INACTIVE_PLAN, side, id.as_str(), None);
    }
    for (_, subscription) in catalogue.all(&books.keys) {
        let key = || subscription.key.to_key();
        match subscription.status {
            SubscriptionStatus::Known(SubscriptionState::Active) => {
                if catalogue.plans.get(subscription.plan_id).is_some_and(|t| !t.plan.active) {
                    notices.note(&codes::ACTIVE_ON_INACTIVE_PLAN, side, key().as_str(), None);
                }
            }
            SubscriptionStatus::Known(state) => {
                notices.note(&codes::INACTIVE_SUBSCRIPTION, side, key().as_str(), None);
                if state == SubscriptionState::Ended && subscription.ended_on.is_none() {
                    notices.note(&codes::ENDED_WITHOUT_DATE, side, key().as_str(), None);
                }
            }
            SubscriptionStatus::Unknown => notices.note(&codes::UNKNOWN_STATUS, side, key().as_str(), None),
        }
    }
}

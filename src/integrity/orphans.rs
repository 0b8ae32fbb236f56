//! Records that name something that is not there.

use super::codes;
use super::notices::Notices;
use crate::domain::contract::Entity;
use crate::domain::rounding::to_minor;
use crate::domain::side::Side;
use crate::ledger::documents::Bucket;
use crate::ledger::scope::Slot;
use crate::reconcile::month::Books;

pub(super) fn check(books: &Books, side: Side, slot: Slot, notices: &mut Notices) {
    let catalogue = books.catalogue(side);
    let profile = books.profile.side(side);
    for header in books.documents(side).in_slot(slot).filter(|h| h.bucket == Bucket::Linked) {
        let named = header.invoice.subscription.iter().chain(header.lines.iter().filter_map(|l| l.subscription.as_ref()));
        let known =
            |k: &&_| catalogue.subscriptions.contains_key(*k) || catalogue.orders.contains_key(*k) || catalogue.broken_subscriptions.contains(*k);
        if let Some(stranger) = named.into_iter().find(|k| !known(k)) {
            let money = to_minor(header.invoice.subtotal, header.invoice.currency, profile.round_mode).ok();
            notices.note(&codes::ORPHAN_INVOICE, side, format!("{} {}", header.invoice.id, stranger.as_str()), money);
        }
    }
    if books.profile.usage_from == side {
        let known = |k: &&_| catalogue.subscriptions.contains_key(*k) || catalogue.broken_subscriptions.contains(*k);
        for key in books.usage.keys().filter(|k| !known(k)) {
            notices.note(&codes::ORPHAN_USAGE, side, key.as_str(), None);
        }
    }
    for subscription in catalogue.subscriptions.values().flatten() {
        if catalogue.mapped.contains(&Entity::Customers) && !catalogue.customers.contains_key(&subscription.customer_id) {
            notices.note(&codes::ORPHAN_CUSTOMER, side, subscription.key.as_str(), None);
        }
        if catalogue.mapped.contains(&Entity::Plans)
            && !catalogue.plans.contains_key(&subscription.plan_id)
            && !catalogue.broken_plans.contains(&subscription.plan_id)
        {
            notices.note(&codes::ORPHAN_PLAN, side, subscription.key.as_str(), None);
        }
    }
    for entity in [Entity::Customers, Entity::Plans, Entity::Subscriptions] {
        if catalogue.mapped.contains(&entity) && catalogue.read.get(&entity).is_none_or(|rows| *rows == 0) {
            notices.note(&codes::EMPTY_ENTITY, side, entity.word(), None);
        }
    }
    for order in &catalogue.order_clashes {
        notices.note(&codes::ORDER_CLASH, side, order.as_str(), None);
    }
    for charge in &catalogue.stray_charges {
        notices.note(&codes::STRAY_CHARGE, side, charge.as_str(), None);
    }
}

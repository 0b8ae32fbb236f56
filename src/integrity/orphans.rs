//! Records that name something that is not there.

use super::codes;
use super::notices::Notices;
use crate::domain::contract::Entity;
use crate::domain::rounding::to_minor;
use crate::domain::side::Side;
use crate::ledger::books::Books;
use crate::ledger::catalogue::Catalogue;
use crate::ledger::documents::{Bucket, Header};
use crate::ledger::interned::KeyId;
use crate::reconcile::cell::Cell;

fn is_listed(catalogue: &Catalogue, id: KeyId) -> bool {
    catalogue.subscriptions.has(id) || catalogue.broken_subscriptions.contains(&id)
}

pub(super) fn check_document(books: &Books, header: &Header<'_>, side: Side, notices: &mut Notices) {
    if header.bucket != Bucket::Linked {
        return;
    }
    let catalogue = books.catalogue(side);
    let known = |key| {
        // An order of one subscription stands for it: its own number is another.
        let number = header.party.filter(|party| party.key == key).map_or_else(|| books.keys.find(key), |party| party.id);
        number.is_some_and(|id| is_listed(catalogue, id)) || (!catalogue.orders.is_empty() && catalogue.orders.contains_key(&key.to_key()))
    };
    if let Some(stranger) = header.keys().find(|key| !known(*key)) {
        let money = to_minor(header.invoice.subtotal, header.invoice.currency, books.profile.side(side).round_mode).ok();
        notices.note(&codes::ORPHAN_INVOICE, side, format!("{} {}", header.invoice.id, stranger.to_key().as_str()), money);
    }
}

pub(super) fn check_usage(books: &Books, cell: &Cell<'_>, notices: &mut Notices) {
    let side = books.profile.usage_from;
    if !cell.known.party.id.is_some_and(|id| is_listed(books.catalogue(side), id)) {
        notices.note(&codes::ORPHAN_USAGE, side, cell.known.key.raw(), None);
    }
}

pub(super) fn check_catalogue(books: &Books, side: Side, notices: &mut Notices) {
    let catalogue = books.catalogue(side);
    let (customers, plans) = (catalogue.mapped.contains(&Entity::Customers), catalogue.mapped.contains(&Entity::Plans));
    for (_, s) in catalogue.all(&books.keys) {
        if customers && !catalogue.customers.has(s.customer_id) {
            notices.note(&codes::ORPHAN_CUSTOMER, side, s.key.to_key().as_str(), None);
        }
        if plans && !catalogue.plans.contains_key(s.plan_id) && !catalogue.broken_plans.contains(s.plan_id) {
            notices.note(&codes::ORPHAN_PLAN, side, s.key.to_key().as_str(), None);
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

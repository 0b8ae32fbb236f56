//! What the target would bill for one subscription and period by dualrun's rating: nothing, an amount, or unknown.

use super::month::Books;
use crate::domain::key::Key;
use crate::domain::money::Money;
use crate::domain::period::Period;
use crate::domain::profile::Proration;
use crate::domain::records::{Interval, Subscription};
use crate::domain::row::{RatingInputs, SubscriptionFacts, Terms};
use crate::domain::side::Side;
use crate::domain::text::Untrusted;
use crate::ledger::catalogue::Catalogue;
use crate::ledger::scope::Slot;
use crate::rating::{Due, Rating, due, rate};

/// Why an amount cannot be known, in words for the row.
pub type Unknown = String;

/// What is expected of one subscription in one period.
#[derive(Debug, Clone)]
pub enum Expected {
    /// Not there, or not due.
    Nothing,
    /// Due, and rated.
    Rated(Box<(RatingInputs, Rating)>),
    /// Due (or perhaps due), and it cannot be told for how much.
    Unknown(Unknown),
}

/// The subscription of a side that is due in a period.
pub(super) enum DueOf<'a> {
    Nobody,
    One(&'a Subscription, Option<&'a Terms>, Due),
    Several,
}

/// Finds who is due. A plan that is not in the catalogue counts as monthly, so that a missing plan is noticed, not skipped.
pub(super) fn due_of<'a>(catalogue: &'a Catalogue, key: &Key, period: Period) -> DueOf<'a> {
    let mut found = DueOf::Nobody;
    for subscription in catalogue.subscriptions.get(key).into_iter().flatten() {
        let terms = catalogue.plans.get(&subscription.plan_id);
        let interval = terms.map_or(Interval { months: 1 }, |t| t.plan.interval);
        if let Some(due) = due(subscription, interval, period) {
            found = match found {
                DueOf::Nobody => DueOf::One(subscription, terms, due),
                _ => DueOf::Several,
            };
        }
    }
    found
}

/// Rates a subscription of the target.
pub(super) fn expected(books: &Books, key: &Key, slot: Slot, period: Period) -> Expected {
    let target = &books.target;
    if target.broken_subscriptions.contains(key) {
        return Expected::Unknown("the target's subscription row cannot be read".to_owned());
    }
    let (subscription, terms, due) = match due_of(target, key, period) {
        DueOf::Nobody => return Expected::Nothing,
        DueOf::Several => return Expected::Unknown("two target subscriptions with this id are due".to_owned()),
        DueOf::One(subscription, terms, due) => (subscription, terms, due),
    };
    let plan = &subscription.plan_id;
    if target.broken_plans.contains(plan) {
        return Expected::Unknown(format!("a price of plan {} cannot be read", Untrusted::new(plan.as_str()).shown(40)));
    }
    let Some(terms) = terms else {
        return Expected::Unknown(format!("plan {} is not in the target", Untrusted::new(plan.as_str()).shown(40)));
    };
    if terms.plan.interval.months == 0 {
        return Expected::Unknown(format!("plan {} bills by weeks or days, which are not rated", Untrusted::new(plan.as_str()).shown(40)));
    }
    if let Some(currency) = subscription.currency.filter(|c| *c != terms.plan.currency) {
        return Expected::Unknown(format!("the subscription is in {currency}, its plan in {}", terms.plan.currency));
    }
    let Some(usage) = books.usage.of(key, slot) else {
        return Expected::Unknown("its usage cannot be read".to_owned());
    };
    let prorated = books.profile.target.proration == Proration::Day;
    let inputs = RatingInputs {
        plan_id: plan.clone(),
        quantity: subscription.quantity,
        price_override: subscription.price_override,
        discount_percent: subscription.discount_percent,
        days: if prorated { due.days } else { due.of_days },
        of_days: due.of_days,
        usage,
        taxes: target.taxes_of(&subscription.customer_id, period.start),
    };
    match rate(&inputs, terms, &books.profile.target) {
        Ok(rating) => Expected::Rated(Box::new((inputs, rating))),
        Err(error) => Expected::Unknown(error.to_string()),
    }
}

/// What a subscription of the source would cost by the source's own catalogue: the money of one that is due and billed by nobody.
/// `None` where that cannot be told.
pub fn worth(books: &Books, key: &Key, slot: Slot, period: Period) -> Option<Money> {
    let DueOf::One(subscription, Some(terms), due) = due_of(&books.source, key, period) else { return None };
    let inputs = RatingInputs {
        plan_id: subscription.plan_id.clone(),
        quantity: subscription.quantity,
        price_override: subscription.price_override,
        discount_percent: subscription.discount_percent,
        days: if books.profile.source.proration == Proration::Day { due.days } else { due.of_days },
        of_days: due.of_days,
        usage: books.usage.of(key, slot)?,
        taxes: books.source.taxes_of(&subscription.customer_id, period.start),
    };
    rate(&inputs, terms, &books.profile.source).ok().map(|rating| rating.net)
}

/// A side's subscription as it is kept with the row: the one that is due, else the last one read.
pub(super) fn facts(books: &Books, side: Side, key: &Key, period: Period) -> Option<SubscriptionFacts> {
    let catalogue = books.catalogue(side);
    let (subscription, due) = match due_of(catalogue, key, period) {
        DueOf::One(subscription, ..) => (subscription, true),
        DueOf::Nobody => (catalogue.subscriptions.get(key)?.last()?, false),
        DueOf::Several => (catalogue.subscriptions.get(key)?.last()?, true),
    };
    Some(SubscriptionFacts {
        customer_id: Untrusted::new(subscription.customer_id.as_str()),
        plan_id: Untrusted::new(subscription.plan_id.as_str()),
        started_on: subscription.started_on,
        ended_on: subscription.ended_on,
        trial_end: subscription.trial_end,
        quantity: subscription.quantity,
        price_override: subscription.price_override,
        discount_percent: subscription.discount_percent,
        status: subscription.status.word().to_owned(),
        due,
    })
}

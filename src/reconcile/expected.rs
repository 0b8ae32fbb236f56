//! What the target would bill for one subscription and period by dualrun's rating: nothing, an amount, or unknown.

use super::cell::Cell;
use crate::domain::money::Money;
use crate::domain::period::Period;
use crate::domain::profile::Proration;
use crate::domain::records::{Interval, Subscription};
use crate::domain::row::{RatingInputs, SubscriptionFacts, Terms};
use crate::domain::side::Side;
use crate::domain::text::{Untrusted, shown};
use crate::ledger::books::Books;
use crate::ledger::catalogue::Catalogue;
use crate::ledger::interned::KeyId;
use crate::rating::{Due, Rating, due, rate};
use std::borrow::Cow;

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

/// Who is due in a period on either side.
#[derive(Debug)]
pub(super) struct Dues<'a> {
    pub source: DueOf<'a>,
    pub target: DueOf<'a>,
}

/// The subscription of a side that is due in a period.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "nearly every one is the large one, and none is kept")]
pub(super) enum DueOf<'a> {
    Nobody,
    One(Subscription<(), &'a str>, Option<&'a Terms>, Due),
    Several,
}

impl DueOf<'_> {
    /// Whether anybody is.
    pub const fn is_due(&self) -> bool {
        !matches!(self, Self::Nobody)
    }
}

/// Finds who is due. A plan that is not in the catalogue counts as monthly, so that a missing plan is noticed, not skipped.
pub(super) fn due_of(catalogue: &Catalogue, key: Option<KeyId>, period: Period) -> DueOf<'_> {
    let mut found = DueOf::Nobody;
    let Some(key) = key else { return found };
    for (plan, subscription) in catalogue.subscriptions.of(key) {
        let terms = catalogue.terms(plan);
        let interval = terms.map_or(Interval { months: 1 }, |t| t.plan.interval);
        if let Some(due) = due(&subscription, interval, period) {
            found = match found {
                DueOf::Nobody => DueOf::One(subscription, terms, due),
                _ => DueOf::Several,
            };
        }
    }
    found
}

/// Rates a subscription of the target.
pub(super) fn expected<'a>(books: &'a Books, cell: &Cell<'a>) -> Expected {
    let target = &books.target;
    if cell.party.id.is_some_and(|id| target.broken_subscriptions.contains(&id)) {
        return Expected::Unknown("the target's subscription row cannot be read".to_owned());
    }
    let (subscription, terms, due) = match &cell.dues(books).target {
        DueOf::Nobody => return Expected::Nothing,
        DueOf::Several => return Expected::Unknown("two target subscriptions with this id are due".to_owned()),
        DueOf::One(subscription, terms, due) => (subscription, terms, due),
    };
    let plan = subscription.plan_id;
    if target.broken_plans.contains(plan) {
        return Expected::Unknown(format!("a price of plan {} cannot be read", shown(plan, 40)));
    }
    let Some(terms) = terms else {
        return Expected::Unknown(format!("plan {} is not in the target", shown(plan, 40)));
    };
    if terms.plan.interval.months == 0 {
        return Expected::Unknown(format!("plan {} bills by weeks or days, which are not rated", shown(plan, 40)));
    }
    if let Some(currency) = subscription.currency.filter(|c| *c != terms.plan.currency) {
        return Expected::Unknown(format!("the subscription is in {currency}, its plan in {}", terms.plan.currency));
    }
    let Some(inputs) = inputs(books, Side::Target, cell, subscription, *due) else {
        return Expected::Unknown("its usage cannot be read".to_owned());
    };
    match rate(&inputs, terms, &books.profile.target) {
        Ok(rating) => Expected::Rated(Box::new((inputs, rating))),
        Err(error) => Expected::Unknown(error.to_string()),
    }
}

/// What a subscription is rated by; `None` where its usage cannot be known.
fn inputs(books: &Books, side: Side, cell: &Cell<'_>, subscription: &Subscription<(), &str>, due: Due) -> Option<RatingInputs> {
    let prorated = books.profile.side(side).proration == Proration::Day;
    Some(RatingInputs {
        plan_id: subscription.plan_id.to_owned(),
        quantity: subscription.quantity,
        price_override: subscription.price_override,
        discount_percent: subscription.discount_percent,
        days: if prorated { due.days } else { due.of_days },
        of_days: due.of_days,
        usage: cell.usage.sums()?.iter().map(|(metric, sum)| ((*metric).to_owned(), *sum)).collect(),
        taxes: books.catalogue(side).taxes_of(subscription.customer_id, cell.period.start),
    })
}

/// What a subscription of the source would cost by the source's own catalogue: the money of one that is due and billed by nobody.
/// `None` where that cannot be told.
pub fn worth<'a>(books: &'a Books, cell: &Cell<'a>) -> Option<Money> {
    let DueOf::One(subscription, Some(terms), due) = &cell.dues(books).source else { return None };
    let inputs = inputs(books, Side::Source, cell, subscription, *due)?;
    rate(&inputs, terms, &books.profile.source).ok().map(|rating| rating.net)
}

/// A side's subscription as it is kept with the row: the one that is due, else the last one read.
pub(super) fn facts(catalogue: &Catalogue, cell: &Cell<'_>, due: &DueOf<'_>) -> Option<SubscriptionFacts> {
    let last = || catalogue.last_of(cell.party.id?).map(|(subscription, _)| subscription);
    let (subscription, due) = match due {
        DueOf::One(subscription, ..) => (*subscription, true),
        DueOf::Nobody => (last()?, false),
        DueOf::Several => (last()?, true),
    };
    Some(SubscriptionFacts {
        customer_id: Untrusted::new(subscription.customer_id),
        plan_id: Untrusted::new(subscription.plan_id),
        started_on: subscription.started_on,
        ended_on: subscription.ended_on,
        trial_end: subscription.trial_end,
        quantity: subscription.quantity,
        price_override: subscription.price_override,
        discount_percent: subscription.discount_percent,
        status: Cow::Borrowed(subscription.status.word()),
        due,
    })
}

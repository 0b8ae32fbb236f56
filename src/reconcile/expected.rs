//! What a side would bill for one subscription and period by dualrun's rating: nothing, an amount, or unknown.

use super::cell::Cell;
use super::known::Standing;
use crate::domain::money::Money;
use crate::domain::period::Period;
use crate::domain::records::Interval;
use crate::domain::row::RatingInputs;
use crate::domain::side::Side;
use crate::domain::text::shown;
use crate::ledger::books::Books;
use crate::ledger::subscribers::Subscriber;
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

/// Who is due in a period on either side.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dues<'a> {
    pub source: DueOf<'a>,
    pub target: DueOf<'a>,
}

impl<'a> Dues<'a> {
    /// Those of a side.
    pub const fn of(self, side: Side) -> DueOf<'a> {
        match side {
            Side::Source => self.source,
            Side::Target => self.target,
        }
    }
}

/// The subscription of a side that is due in a period.
#[derive(Debug, Clone, Copy)]
pub(super) enum DueOf<'a> {
    Nobody,
    One(&'a Standing<'a>, Due),
    Several,
}

impl DueOf<'_> {
    /// Whether anybody is.
    pub const fn is_due(&self) -> bool {
        !matches!(self, Self::Nobody)
    }
}

/// Finds who is due. A plan that is not in the catalogue counts as monthly, so that a missing plan is noticed, not skipped.
pub(super) fn due_of<'a>(standings: &'a [Standing<'a>], period: Period) -> DueOf<'a> {
    let mut found = DueOf::Nobody;
    for standing in standings {
        let interval = standing.terms.map_or(Interval { months: 1 }, |t| t.plan.interval);
        let found_due = match &standing.changes {
            None => due(&standing.subscription, interval, period),
            Some(changes) => changes.due(&standing.subscription, interval, period),
        };
        if let Some(due) = found_due {
            found = match found {
                DueOf::Nobody => DueOf::One(standing, due),
                _ => DueOf::Several,
            };
        }
    }
    found
}

/// Rates a subscription of the target.
pub(super) fn expected(books: &Books, cell: &Cell<'_>) -> Expected {
    of_side(books, Side::Target, cell)
}

/// Rates what is due on a side by that side's own catalogue and profile.
fn of_side(books: &Books, side: Side, cell: &Cell<'_>) -> Expected {
    let (catalogue, profile) = (books.catalogue(side), books.profile.side(side));
    if cell.known.party.id.is_some_and(|id| catalogue.broken_subscriptions.contains(&id)) {
        return Expected::Unknown(format!("the {side}'s subscription row cannot be read"));
    }
    let (standing, due) = match cell.dues().of(side) {
        DueOf::Nobody => return Expected::Nothing,
        DueOf::Several => return Expected::Unknown(format!("two {side} subscriptions with this id are due")),
        DueOf::One(standing, due) => (standing, due),
    };
    let subscription = &standing.subscription;
    let plan = subscription.plan_id;
    if catalogue.broken_plans.contains(plan) {
        return Expected::Unknown(format!("a price of plan {} cannot be read", shown(plan, 40)));
    }
    let Some(terms) = standing.terms else {
        return Expected::Unknown(format!("plan {} is not in the {side}", shown(plan, 40)));
    };
    if terms.plan.interval.months == 0 {
        return Expected::Unknown(format!("plan {} bills by weeks or days, which are not rated", shown(plan, 40)));
    }
    if let Some(currency) = subscription.currency.filter(|c| *c != terms.plan.currency) {
        return Expected::Unknown(format!("the subscription is in {currency}, its plan in {}", terms.plan.currency));
    }
    let Some(mut inputs) = inputs(books, side, cell, subscription, due) else {
        return Expected::Unknown("its usage cannot be read".to_owned());
    };
    let terms = match standing.changes.as_ref().map(|changes| changes.held(&due, profile.proration)) {
        None => terms,
        Some(Err(why)) => return Expected::Unknown(why),
        Some(Ok(held)) => {
            held.terms.plan.id.clone_into(&mut inputs.plan_id);
            (inputs.quantity, inputs.price_override, inputs.stretches) = (held.quantity, held.price_override, held.stretches);
            (inputs.days, inputs.of_days) = (held.days, held.of_days);
            held.terms
        }
    };
    match rate(&inputs, terms, profile) {
        Ok(rating) => Expected::Rated(Box::new((inputs, rating))),
        Err(error) => Expected::Unknown(error.to_string()),
    }
}

/// What a subscription is rated by; `None` where its usage cannot be known.
fn inputs(books: &Books, side: Side, cell: &Cell<'_>, subscription: &Subscriber<'_>, due: Due) -> Option<RatingInputs> {
    let (days, of_days) = due.counted(books.profile.side(side).proration);
    Some(RatingInputs {
        plan_id: subscription.plan_id.to_owned(),
        quantity: subscription.quantity,
        price_override: subscription.price_override,
        discount_percent: subscription.discount_percent,
        days,
        of_days,
        usage: cell.usage.sums()?.iter().map(|(metric, sum)| ((*metric).to_owned(), *sum)).collect(),
        taxes: books.catalogue(side).taxes_of(subscription.customer_id, cell.period.start),
        stretches: Vec::new(),
    })
}

/// What a subscription of the source would cost by the source's own catalogue: the money of one that is due and billed by nobody.
/// `None` where that cannot be told, for the reasons for which an expected amount could not.
pub fn worth(books: &Books, cell: &Cell<'_>) -> Option<Money> {
    match of_side(books, Side::Source, cell) {
        Expected::Rated(both) => Some(both.1.net),
        Expected::Nothing | Expected::Unknown(_) => None,
    }
}

/// A side's subscription as it is kept with the row: the one that is due, else the last one read; and whether it is due.
pub(super) fn kept<'a>(cell: &Cell<'a>, side: Side) -> Option<(&'a Standing<'a>, bool)> {
    let due = cell.dues().of(side);
    match due {
        DueOf::One(standing, _) => Some((standing, true)),
        _ => Some((cell.known.last(side)?, due.is_due())),
    }
}

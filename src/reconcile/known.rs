//! What the catalogues say of one key, found once for all months.

use crate::domain::evidence::Event;
use crate::domain::key::UUID_TEXT;
use crate::domain::pack::Bent;
use crate::domain::profile::{ChangesWithin, SideProfile};
use crate::domain::row::{SubscriptionFacts, Terms};
use crate::domain::side::Side;
use crate::domain::text::Untrusted;
use crate::ledger::books::{Books, Party};
use crate::ledger::catalogue::Catalogue;
use crate::ledger::subscribers::Subscriber;
use crate::rating::Changes;
use std::borrow::Cow;

/// A key with its subscriptions on both sides.
#[derive(Debug)]
pub struct Known<'a> {
    /// The subscription, or the order.
    pub party: Party<'a>,
    /// The key as rows keep it.
    pub key: Untrusted,
    source: Vec<Standing<'a>>,
    target: Vec<Standing<'a>>,
}

/// A subscription of a side.
#[derive(Debug)]
pub struct Standing<'a> {
    /// The subscription.
    pub subscription: Subscriber<'a>,
    /// The number of its plan.
    pub plan_number: u32,
    /// Its plan and charges, where its plan is in the catalogue.
    pub terms: Option<&'a Terms>,
    /// What changed of it, where its side rates that.
    pub changes: Option<Box<Changes<'a>>>,
    /// Its customer for people: name, else id.
    pub customer: Untrusted,
    /// Its plan for people: name, else id.
    pub plan: Untrusted,
    customer_id: Untrusted,
    plan_id: Untrusted,
}

impl<'a> Known<'a> {
    /// Looks a key up.
    pub fn new(books: &'a Books, party: Party<'a>) -> Self {
        let [source, target] = Side::BOTH.map(|side| standings(books, side, party));
        Self { party, key: party.key.to_key().text(), source, target }
    }

    /// A side's subscriptions.
    pub fn of(&self, side: Side) -> &[Standing<'a>] {
        match side {
            Side::Source => &self.source,
            Side::Target => &self.target,
        }
    }

    /// The last of a side's subscriptions in an order of their own.
    pub fn last(&self, side: Side) -> Option<&Standing<'a>> {
        self.of(side).last()
    }
}

fn standings<'a>(books: &'a Books, side: Side, party: Party<'a>) -> Vec<Standing<'a>> {
    let Some(id) = party.id else { return Vec::new() };
    let catalogue = books.catalogue(side);
    let is_rated = books.profile.side(side).changes == ChangesWithin::Rated && !catalogue.dossiers.is_empty();
    let events = is_rated.then(|| catalogue.dossiers.of(party.key).map(|said| said.events));
    let of = catalogue.subscriptions.of(id).map(|(plan_number, subscription)| {
        let terms = catalogue.terms(plan_number);
        let customer_id = Untrusted::new(subscription.customer_id.as_str(&mut [0; UUID_TEXT]));
        let plan_id = Untrusted::new(subscription.plan_id);
        let name = terms.map(|t| t.plan.name.raw()).filter(|name| !name.is_empty());
        let customer = catalogue.customers.name(subscription.customer_id).map_or_else(|| customer_id.clone(), Untrusted::new);
        let changes = events.as_ref().and_then(|said| changes(catalogue, &subscription, said.as_deref(), books.profile.side(side)));
        Standing {
            subscription,
            plan_number,
            terms,
            changes,
            customer,
            plan: name.map_or_else(|| plan_id.clone(), Untrusted::new),
            customer_id,
            plan_id,
        }
    });
    of.collect()
}

/// What a side's events say of a subscription; `said` is `Err` where they cannot be read back.
fn changes<'a>(
    catalogue: &'a Catalogue,
    subscription: &Subscriber<'a>,
    said: Result<&[Event], &Bent>,
    profile: &SideProfile,
) -> Option<Box<Changes<'a>>> {
    let plan = |word: &str| catalogue.plan_meant(word).filter(|terms| !catalogue.broken_plans.contains(&terms.plan.id));
    let changes = match said {
        Ok(events) => Changes::of(events, subscription, &profile.vocabulary, plan)?,
        Err(bent) => Changes::unknown(subscription, bent.0),
    };
    Some(Box::new(changes))
}

impl Standing<'_> {
    /// The id of its customer, as rows keep it.
    pub const fn customer_id(&self) -> &Untrusted {
        &self.customer_id
    }

    /// The subscription as it is kept with a row.
    pub fn facts(&self, due: bool) -> SubscriptionFacts {
        let subscription = &self.subscription;
        SubscriptionFacts {
            customer_id: self.customer_id.clone(),
            plan_id: self.plan_id.clone(),
            started_on: subscription.started_on,
            ended_on: subscription.ended_on,
            trial_end: subscription.trial_end,
            quantity: subscription.quantity,
            price_override: subscription.price_override,
            discount_percent: subscription.discount_percent,
            status: Cow::Borrowed(subscription.status.word()),
            due,
        }
    }
}

//! One side's customers, plans, charges, subscriptions, taxes and order links, and what it says beside them.

use super::customers::Customers;
use super::errors::RowErrors;
use super::evidence::Dossiers;
use super::interned::{KeyId, Keys};
use super::subscribers::Subscribers;
use crate::domain::contract::Entity;
use crate::domain::contract::columns::{charges, events, plans, subscriptions};
use crate::domain::currency::Currency;
use crate::domain::decode::{Row, RowError};
use crate::domain::evidence::{Discount, Event, ExchangeRate, PriceVersion, Shelf};
use crate::domain::exact::{Exact, NumberError};
use crate::domain::key::{Key, KeyRef, UUID_TEXT};
use crate::domain::profile::ChangesWithin;
use crate::domain::records::{Charge, Customer, Link, Plan, Subscription, SubscriptionRef, Tax};
use crate::domain::row::{AppliedTax, Terms};
use crate::domain::text::Untrusted;
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// What a side sells, and to whom.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    /// By the side's own id.
    pub customers: Customers,
    /// Plans with their charges, by the side's own id.
    pub plans: BTreeMap<String, Terms>,
    /// By key; more than one is a finding, and comparable only where their days do not meet.
    pub subscriptions: Subscribers,
    /// By number of the plan id in `subscriptions`: its place among the plans, once settled.
    terms_of: Vec<Option<Terms>>,
    /// All rates.
    pub taxes: Vec<Tax>,
    /// Whether any tax is taken of others.
    has_compound: bool,
    /// Whether the side maps taxes at all.
    pub has_taxes: bool,
    /// Subscriptions of each order; ids that are a subscription's own are in `order_clashes` instead.
    pub orders: BTreeMap<Key, Vec<Key>>,
    /// Coupons, changes and exchange rates, where they are mapped. Apart, since a catalogue is moved about and these are seldom there.
    pub dossiers: Box<Dossiers>,
    /// Dated prices, where they are mapped; sorted once settled.
    pub prices: Vec<PriceVersion>,
    /// Plans of which a price or charge could not be read.
    pub broken_plans: HashSet<String>,
    /// Subscriptions of which a column could not be read.
    pub broken_subscriptions: HashSet<KeyId>,
    /// Ids read more than once, by entity.
    pub repeated: Vec<(Entity, String)>,
    /// Orders with the id of a subscription: they stand for nothing.
    pub order_clashes: Vec<Key>,
    /// Taxes read twice, each counted once.
    pub repeated_taxes: Vec<String>,
    /// Charges whose plan is not there.
    pub stray_charges: Vec<String>,
    /// Entities the side maps, whether or not they delivered a row.
    pub mapped: BTreeSet<Entity>,
    /// Rows read by entity.
    pub read: BTreeMap<Entity, u64>,
    /// What could not be read.
    pub errors: RowErrors,
    charges: Vec<Charge>,
    /// What any plan charges.
    charged: HashSet<String>,
}

impl Catalogue {
    /// An empty one; `has_taxes` where the side maps taxes.
    pub fn new(has_taxes: bool) -> Self {
        Self { has_taxes, ..Self::default() }
    }

    /// Takes a row of one of the catalogue's entities; rows of others are ignored. `keys` gives subscriptions their numbers.
    pub fn push(&mut self, keys: &mut Keys, entity: Entity, row: &Row<'_>) {
        *self.read.entry(entity).or_default() += 1;
        let outcome = match entity {
            Entity::Customers => self.customer(row),
            Entity::Plans => self.plan(row),
            Entity::Charges => self.charge(row),
            Entity::Subscriptions => self.subscription(keys, row),
            Entity::Taxes => Tax::read(row).map(|tax| self.taxes.push(tax)),
            Entity::Links => Link::read(row).map(|link| self.orders.entry(link.order).or_default().push(link.subscription)),
            Entity::PriceVersions => PriceVersion::read(row, |plan| self.currency_of(plan)).map(|price| self.prices.push(price)),
            Entity::ExchangeRates => ExchangeRate::read(row).map(|rate| self.dossiers.rates.push(rate)),
            Entity::Discounts => {
                Discount::read(row, |key| self.currency_billed(keys, key)).map(|(key, discount)| self.dossiers.discount(key.as_ref(), &discount))
            }
            Entity::Events => self.event(keys, row),
            _ => Ok(()),
        };
        if let Err(error) = outcome {
            self.errors.push(*error);
        }
    }

    fn customer(&mut self, row: &Row<'_>) -> Result<(), Box<RowError>> {
        let customer = Customer::read(row)?;
        if self.customers.push(&customer) {
            self.repeated.push((Entity::Customers, customer.id));
        }
        Ok(())
    }

    fn plan(&mut self, row: &Row<'_>) -> Result<(), Box<RowError>> {
        let plan = Plan::read(row).inspect_err(|_| {
            if let Ok(id) = row.id(plans::ID) {
                self.broken_plans.insert(id.to_owned());
            }
        })?;
        match self.plans.get_mut(&plan.id) {
            None => {
                self.plans.insert(plan.id.clone(), Terms { plan, charges: Vec::new() });
            }
            Some(taken) => {
                // Neither of the two is chosen: what they price cannot be known. Nor does what is shown hang on their order.
                self.broken_plans.insert(plan.id.clone());
                self.repeated.push((Entity::Plans, plan.id.clone()));
                if plan < taken.plan {
                    taken.plan = plan;
                }
            }
        }
        Ok(())
    }

    fn charge(&mut self, row: &Row<'_>) -> Result<(), Box<RowError>> {
        let plans = &self.plans;
        match Charge::read(row, |plan| plans.get(plan).map(|t| t.plan.currency)) {
            Ok(charge) => self.charges.push(charge),
            Err(error) => {
                if let Ok(id) = row.id(charges::PLAN_ID) {
                    self.broken_plans.insert(id.to_owned());
                }
                return Err(error);
            }
        }
        Ok(())
    }

    fn subscription(&mut self, keys: &mut Keys, row: &Row<'_>) -> Result<(), Box<RowError>> {
        let plans = &self.plans;
        let mut scratch = String::new();
        match Subscription::read(row, &mut scratch, |plan| plans.get(plan).map(|t| t.plan.currency)) {
            Ok(subscription) => {
                if self.subscriptions.push(keys.intern(subscription.key), &subscription) {
                    self.repeated.push((Entity::Subscriptions, subscription.key.to_key().as_str().to_owned()));
                }
                Ok(())
            }
            Err(error) => {
                if let Ok(Some(key)) = row.key(subscriptions::ID) {
                    self.broken_subscriptions.insert(keys.intern(key.as_ref()));
                }
                Err(error)
            }
        }
    }

    /// A change that cannot be read is one nobody knows: where changes are rated, so is what its subscription comes to.
    fn event(&mut self, keys: &mut Keys, row: &Row<'_>) -> Result<(), Box<RowError>> {
        match Event::read(row) {
            Ok((key, event)) => self.dossiers.event(key.as_ref(), &event),
            Err(error) => {
                if let (ChangesWithin::Rated, Ok(Some(key))) = (row.profile().changes, row.key(events::SUBSCRIPTION_ID)) {
                    self.broken_subscriptions.insert(keys.intern(key.as_ref()));
                }
                return Err(error);
            }
        }
        Ok(())
    }

    /// The currency a subscription is billed in, where all of its key say the same.
    fn currency_billed(&self, keys: &Keys, key: KeyRef<'_>) -> Option<Currency> {
        let mut said = self.subscriptions.of(keys.find(key)?).map(|(_, s)| s.currency.or_else(|| self.currency_of(s.plan_id)));
        let first = said.next()?;
        first.filter(|_| said.all(|other| other == first))
    }

    /// Brings charges to their plans and everything into a fixed order. Call once, after the last row.
    pub fn settle(&mut self, keys: &Keys) {
        for charge in self.charges.drain(..) {
            match self.plans.get_mut(&charge.plan_id) {
                Some(terms) => terms.charges.push(charge),
                None => self.stray_charges.push(format!("{} {}", charge.plan_id, charge.metric)),
            }
        }
        for (plan, terms) in &mut self.plans {
            terms.charges.sort_by(|a, b| a.metric.cmp(&b.metric).then_with(|| a.cmp(b)));
            // Two charges for one metric: neither is chosen, and adding them up would bill twice.
            for pair in terms.charges.windows(2).filter(|w| w[0].metric == w[1].metric) {
                self.broken_plans.insert(plan.clone());
                self.repeated.push((Entity::Charges, format!("{plan} {}", pair[0].metric)));
            }
        }
        self.charged = self.plans.values().flat_map(|t| &t.charges).map(|c| c.metric.clone()).collect();
        self.taxes.sort();
        self.repeated_taxes = self.taxes.windows(2).filter(|w| w[0] == w[1]).map(|w| format!("{} {}", w[0].name.shown(40), w[0].rate)).collect();
        self.taxes.dedup();
        self.has_compound = self.taxes.iter().any(|t| t.compound);
        let subscriptions = &self.subscriptions;
        let is_taken = |order: &Key| keys.find(order.as_ref()).is_some_and(|id| subscriptions.has(id));
        self.order_clashes = self.orders.keys().filter(|order| is_taken(order)).cloned().collect();
        self.orders.retain(|order, _| !is_taken(order));
        self.subscriptions.settle();
        self.terms_of = self.subscriptions.plans.iter().map(|(_, plan)| self.plans.get(plan).cloned()).collect();
        for keys in self.orders.values_mut() {
            keys.sort();
            keys.dedup();
        }
        self.prices.sort();
        self.dossiers.settle(&self.orders);
        self.stray_charges.sort();
        self.repeated.sort();
    }

    /// What it sells and sold.
    pub fn shelf(&self) -> Shelf {
        Shelf { terms: self.plans.values().cloned().collect(), prices: self.prices.clone(), rates: self.dossiers.rates.clone() }
    }

    /// Name of a customer for people, else the id.
    pub fn customer_name<'a>(&'a self, id: &'a str) -> &'a str {
        self.customers.name(KeyRef::stored(id)).unwrap_or(id)
    }

    /// The plan of a subscription, by the number of its plan id.
    pub fn terms(&self, plan: u32) -> Option<&Terms> {
        self.terms_of.get(plan as usize).and_then(Option::as_ref)
    }

    /// The plan a word means: its id, or a name that no other plan has, whatever its case.
    pub fn plan_meant(&self, word: &str) -> Option<&Terms> {
        self.plans.get(word).or_else(|| {
            let word = word.trim();
            let mut named = self.plans.values().filter(|t| !word.is_empty() && t.plan.name.raw().trim().eq_ignore_ascii_case(word));
            named.next().filter(|_| named.next().is_none())
        })
    }

    /// All subscriptions with their plans, key by key in no order.
    pub fn all<'a>(&'a self, keys: &'a Keys) -> impl Iterator<Item = (KeyId, SubscriptionRef<'a>)> {
        self.subscriptions.iter(keys)
    }

    /// Whether any plan charges a metric.
    pub fn charges(&self, metric: &str) -> bool {
        self.charged.contains(metric)
    }

    /// Currency of a plan.
    pub fn currency_of(&self, plan: &str) -> Option<Currency> {
        self.plans.get(plan).map(|t| t.plan.currency)
    }

    /// The taxes of a customer on a day: a rate for the customer goes before one for the region, that before one for
    /// everybody. `None` where taxes are not mapped or no rate is known: unknown is not nought.
    pub fn taxes_of(&self, customer: KeyRef<'_>, day: NaiveDate) -> Option<Vec<AppliedTax>> {
        if !self.has_taxes || self.customers.is_torn(customer) {
            return None;
        }
        let region = self.customers.region(customer);
        let mut buffer = [0; UUID_TEXT];
        let customer = customer.as_str(&mut buffer);
        let holds = |t: &&Tax| t.valid_from.is_none_or(|from| from <= day) && t.valid_until.is_none_or(|until| day < until);
        let of = |wanted: &dyn Fn(&Tax) -> bool| -> Result<Vec<AppliedTax>, NumberError> {
            let found = self.taxes.iter().filter(holds).filter(|t| wanted(t));
            if self.has_compound {
                return compounded(found.collect());
            }
            let mut found: Vec<AppliedTax> = found.map(|t| AppliedTax { name: t.name.clone(), rate: t.charged() }).collect();
            found.sort_by(|a, b| a.name.cmp(&b.name).then(a.rate.cmp(&b.rate)));
            Ok(found)
        };
        let own = of(&|t| t.customer_id.as_deref() == Some(customer));
        let regional = || region.map_or(Ok(Vec::new()), |r| of(&|t| t.customer_id.is_none() && t.region.as_deref() == Some(r)));
        let general = || of(&|t| t.customer_id.is_none() && t.region.is_none());
        let mut found = [own].into_iter().chain(std::iter::once_with(regional)).chain(std::iter::once_with(general));
        found.find(|found| !matches!(found, Ok(taxes) if taxes.is_empty())).and_then(Result::ok)
    }
}

/// The rates on the net that taxes come to where some are taken of the taxes before them: those in order after the others, by name.
fn compounded(mut taxes: Vec<&Tax>) -> Result<Vec<AppliedTax>, NumberError> {
    taxes.sort_by(|a, b| a.compound.cmp(&b.compound).then_with(|| a.name.cmp(&b.name)).then(a.rate.cmp(&b.rate)));
    let mut raised = Exact::whole(100);
    let applied = taxes.into_iter().map(|tax| {
        let rate = if tax.compound { tax.charged().mul(raised)?.div(Exact::whole(100))? } else { tax.charged() };
        raised = raised.add(rate)?;
        let name = if tax.compound { Untrusted::new(format!("{}: {} % on tax too,", tax.name.raw(), tax.rate)) } else { tax.name.clone() };
        Ok(AppliedTax { name, rate })
    });
    applied.collect()
}

//! A side's subscriptions, a few bytes each: ids are numbers, and what many share is held once.

use super::interned::{KeyId, Keys, Texts};
use crate::domain::key::KeyRef;
use crate::domain::records::{Subscription, SubscriptionRef, SubscriptionTerms};
use chrono::NaiveDate;
use std::collections::{BTreeMap, HashMap};

/// One subscription: twelve bytes, of which a million keys hold two million.
#[derive(Debug, Clone, Copy)]
struct Held {
    customer: u32,
    started_on: NaiveDate,
    /// The number of its plan and terms.
    agreed: u32,
}

/// What many subscriptions share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Agreed {
    plan: u32,
    terms: u32,
}

/// Stands where a side has no subscription of a key.
const NOBODY: u32 = u32::MAX;
const ABSENT: Held = Held { customer: 0, started_on: NaiveDate::MIN, agreed: NOBODY };

/// A subscription without its key, which is at hand already.
pub type Subscriber<'a> = Subscription<(), &'a str, KeyRef<'a>>;

/// Subscriptions of one side by the number of their key.
#[derive(Debug, Clone, Default)]
pub struct Subscribers {
    /// The first of each key; nearly always the only one.
    first: Vec<Held>,
    /// All of a key, where there are several: in their own order once settled.
    several: HashMap<KeyId, Vec<Held>>,
    agreed: Vec<Agreed>,
    agreed_numbers: HashMap<Agreed, u32>,
    terms: Vec<SubscriptionTerms>,
    terms_numbers: BTreeMap<SubscriptionTerms, u32>,
    /// Whether any of them says from which day of the month it is billed.
    is_grid_said: bool,
    keys: usize,
    /// Ids of customers.
    customers: Keys,
    /// Ids of plans.
    pub plans: Texts,
}

/// Takes one more in, and says where it stands.
fn next_number<T>(all: &mut Vec<T>, one: T) -> u32 {
    all.push(one);
    u32::try_from(all.len() - 1).unwrap_or(NOBODY)
}

impl Subscribers {
    /// Takes one; true when the key has one already.
    pub fn push(&mut self, id: KeyId, one: &SubscriptionRef<'_>) -> bool {
        let plan = self.plans.intern(one.plan_id);
        let agreed = self.agreed(plan, one.terms);
        let held = Held { customer: self.customers.intern(one.customer_id), started_on: one.started_on, agreed };
        let at = id as usize;
        if self.first.len() <= at {
            self.first.resize(at + 1, ABSENT);
        }
        if self.first[at].agreed == NOBODY {
            self.first[at] = held;
            self.keys += 1;
            return false;
        }
        let before = self.first[at];
        self.several.entry(id).or_insert_with(|| vec![before]).push(held);
        true
    }

    fn agreed(&mut self, plan: u32, terms: SubscriptionTerms) -> u32 {
        self.is_grid_said |= terms.grid.is_said();
        let terms = *self.terms_numbers.entry(terms).or_insert_with(|| next_number(&mut self.terms, terms));
        let agreed = Agreed { plan, terms };
        *self.agreed_numbers.entry(agreed).or_insert_with(|| next_number(&mut self.agreed, agreed))
    }

    /// Brings those of one key into their own order. Call once, after the last one.
    pub fn settle(&mut self) {
        self.terms_numbers = BTreeMap::new();
        self.agreed_numbers = HashMap::new();
        self.customers.close();
        let mut several = std::mem::take(&mut self.several);
        for same in several.values_mut() {
            same.sort_by(|a, b| self.view(a).cmp(&self.view(b)));
        }
        self.several = several;
    }

    /// Without its key, which is the same for all that are compared.
    fn view(&self, held: &Held) -> Subscriber<'_> {
        let Agreed { plan, terms } = self.agreed[held.agreed as usize];
        let (customer_id, plan_id) = (self.customers.get(held.customer), self.plans.get(plan));
        Subscription { key: (), customer_id, plan_id, started_on: held.started_on, terms: self.terms[terms as usize] }
    }

    fn held(&self, id: KeyId) -> &[Held] {
        if !self.several.is_empty()
            && let Some(same) = self.several.get(&id)
        {
            return same;
        }
        self.first.get(id as usize).filter(|held| held.agreed != NOBODY).map_or(&[], std::slice::from_ref)
    }

    /// Whether a key has one.
    pub fn has(&self, id: KeyId) -> bool {
        self.first.get(id as usize).is_some_and(|held| held.agreed != NOBODY)
    }

    /// Those of a key, in their own order, each with the number of its plan id.
    pub fn of(&self, id: KeyId) -> impl Iterator<Item = (u32, Subscriber<'_>)> {
        self.held(id).iter().map(|held| (self.agreed[held.agreed as usize].plan, self.view(held)))
    }

    /// Whether any of them says from which day of the month it is billed.
    pub const fn any_grid_said(&self) -> bool {
        self.is_grid_said
    }

    /// Numbers of the keys that have one.
    pub fn ids(&self) -> impl Iterator<Item = KeyId> + '_ {
        (0..).zip(&self.first).filter(|(_, held)| held.agreed != NOBODY).map(|(id, _)| id)
    }

    /// How many keys have one.
    pub const fn len(&self) -> usize {
        self.keys
    }

    /// True without any.
    pub const fn is_empty(&self) -> bool {
        self.keys == 0
    }

    /// All of them, key by key in no order, each key's in their own.
    pub fn iter<'a>(&'a self, keys: &'a Keys) -> impl Iterator<Item = (KeyId, SubscriptionRef<'a>)> {
        self.ids().flat_map(move |id| {
            self.of(id).map(move |(_, s)| {
                let Subscription { key: (), customer_id, plan_id, started_on, terms } = s;
                (id, Subscription { key: keys.get(id), customer_id, plan_id, started_on, terms })
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::exact::Exact;
    use crate::domain::key::UUID_TEXT;
    use crate::domain::period::Grid;
    use crate::domain::profile::SubscriptionState;
    use crate::domain::records::SubscriptionStatus;

    #[test]
    fn those_of_one_key_stand_in_the_order_of_their_customers_texts_whatever_form_those_have() {
        let terms = SubscriptionTerms {
            status: SubscriptionStatus::Known(SubscriptionState::Active),
            ended_on: None,
            trial_end: None,
            quantity: Exact::ONE,
            price_override: None,
            discount_percent: Exact::ZERO,
            grid: Grid::CALENDAR,
            currency: None,
        };
        let lower = "e4b7c2d0-1a2b-4c3d-8e4f-5a6b7c8d9e0f";
        let (upper, shorter) = (lower.to_uppercase(), &lower[..35]);
        let mut of = ["zoe", lower, "007", shorter, &upper, "e4b7c2d0-1a2b-4c3d-8e4f-5a6b7c8d9e0g", "", "7"];
        let (mut keys, mut all) = (Keys::default(), Subscribers::default());
        let id = keys.intern(KeyRef::Text("sub-1"));
        for (n, customer) in of.iter().enumerate() {
            let started_on = NaiveDate::default();
            let customer_id = KeyRef::stored(customer);
            let one = SubscriptionRef { key: KeyRef::Text("sub-1"), customer_id, plan_id: "p", started_on, terms };
            assert_eq!(all.push(id, &one), n > 0);
        }
        all.settle();
        of.sort_unstable();
        let told: Vec<String> = all.of(id).map(|(_, one)| one.customer_id.as_str(&mut [0; UUID_TEXT]).to_owned()).collect();
        assert_eq!(told, of);
        assert!(all.any_grid_said());
    }
}

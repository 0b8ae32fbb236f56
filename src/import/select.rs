//! Which source records are carried over: every row read ends as taken, filtered (why) or rejected (why), and as one of them only.
//!
//! Active only, unless all is asked for: a subscription whose status bills, the customers and plans those need, and every plan
//! that is on sale. A real importer that took everything made 464 products of 232 plans.

use super::holding::Holding;
use crate::domain::contract::Entity;
use crate::domain::decode::RowError;
use crate::domain::exact::Exact;
use crate::domain::key::Key;
use crate::domain::money::Money;
use crate::domain::profile::{SideProfile, SubscriptionState};
use crate::domain::records::{Customer, Plan, Subscription, SubscriptionStatus};
use crate::domain::rounding::to_minor;
use crate::domain::row::Terms;
use crate::domain::shadow::{ChargeShadow, CustomerShadow, PlanShadow, RecordId, Shadow, SubscriptionShadow, charge_id};
use crate::domain::text::{Untrusted, shown};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// What is asked of an import.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Only these subscriptions and what they need; empty is all.
    pub only: BTreeSet<Key>,
    /// Inactive records too.
    pub all: bool,
}

/// What becomes of a source record.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "most records are taken")]
pub enum Chosen {
    /// Carried over as this.
    Taken(Shadow),
    /// Left out by what was asked for.
    Filtered {
        /// Why.
        why: String,
        /// Whether what stands for it in the target may be retired: it is over or not sold, and not only paused or not asked for.
        over: bool,
    },
    /// Cannot be carried over.
    Rejected(String),
}

/// A source record and what becomes of it.
#[derive(Debug, Clone)]
pub struct Selected {
    /// Name for people.
    pub name: Untrusted,
    /// Its price.
    pub money: Option<Money>,
    /// What becomes of it.
    pub chosen: Chosen,
    /// Source rows it stands for: more than one where an id is read several times.
    pub rows: u64,
}

/// Everything the source holds, decided.
#[derive(Debug, Default)]
pub struct Selection {
    /// Every record that has an id of its own.
    pub records: BTreeMap<RecordId, Selected>,
    /// Rows that could not be read: rejected, whether or not their id could be.
    pub unreadable: Vec<RowError>,
    /// Rows read, by entity.
    pub read: BTreeMap<Entity, u64>,
    /// Subscriptions, by their normalised id, of which a row could not be read.
    pub broken: BTreeSet<String>,
}

impl Selection {
    /// Whether a row that could not be read may stand for a record: it is listed under its id, or its id is what could not be read.
    pub fn may_be_unread(&self, id: &RecordId) -> bool {
        let unnamed =
            |e: &RowError| e.id.is_empty() || e.column == "id" || id.entity == Entity::Charges && matches!(&*e.column, "plan_id" | "metric");
        let of_entity = || self.unreadable.iter().filter(|e| e.entity == id.entity);
        let named = match id.entity {
            // Listed as written; the same id has many spellings.
            Entity::Subscriptions => self.broken.contains(&id.external_id),
            _ => of_entity().any(|e| e.id == shown(&id.external_id, 120)),
        };
        named || of_entity().any(unnamed)
    }
}

fn filtered(why: impl Into<String>, over: bool) -> Chosen {
    Chosen::Filtered { why: why.into(), over }
}

/// The reason of whatever is left out by `--only`.
pub const NOT_SELECTED: &str = "not in --only";
/// The reason of a plan that is not sold any more.
pub const INACTIVE: &str = "inactive";
/// The reason of such a plan where a subscription that cannot be carried over, or not even be read, may still have it.
pub const IN_DOUBT: &str = "inactive, and perhaps of a rejected subscription";
/// The reason of a customer nobody would be billed for.
pub const NO_SUBSCRIPTION: &str = "no active subscription";

const UNREADABLE_TWIN: &str = "another row of this id cannot be read";

/// Decides about every record of the source.
pub fn select(source: &Holding, profile: &SideProfile, wanted: &Wanted) -> Selection {
    let mut repeated: HashMap<(Entity, &str), u64> = HashMap::new();
    for (entity, id) in &source.catalogue.repeated {
        *repeated.entry((*entity, id)).or_default() += 1;
    }
    let unreadable = source.catalogue.errors.listed().iter().map(|e| (e.entity, e.id.as_str())).collect();
    let mut selector = Selector {
        source,
        profile,
        wanted,
        repeated,
        unreadable,
        out: Selection::default(),
        used_plans: BTreeSet::new(),
        doubted_plans: BTreeSet::new(),
        used_customers: BTreeSet::new(),
    };
    selector.subscriptions();
    selector.plans();
    selector.customers();
    let mut out = selector.out;
    out.read = source.catalogue.read.clone();
    out.broken = source.broken_subscriptions.iter().map(|k| k.as_str().to_owned()).collect();
    out.unreadable = source.catalogue.errors.clone().sorted().into_iter().filter(|e| crate::domain::shadow::CARRIED.contains(&e.entity)).collect();
    out
}

struct Selector<'a> {
    source: &'a Holding,
    profile: &'a SideProfile,
    wanted: &'a Wanted,
    /// Rows beyond the first, by entity and id.
    repeated: HashMap<(Entity, &'a str), u64>,
    /// Rows that could not be read, by entity and the id they are listed under.
    unreadable: HashSet<(Entity, &'a str)>,
    out: Selection,
    used_plans: BTreeSet<&'a str>,
    /// Plans of rejected subscriptions.
    doubted_plans: BTreeSet<&'a str>,
    used_customers: BTreeSet<&'a str>,
}

impl Selector<'_> {
    fn put(&mut self, entity: Entity, id: &str, name: &str, money: Option<Money>, chosen: Chosen) {
        let rows = 1 + self.repeated.get(&(entity, id)).copied().unwrap_or(0);
        self.out.records.insert(RecordId::new(entity, id), Selected { name: Untrusted::new(name), money, chosen, rows });
    }

    fn subscriptions(&mut self) {
        let source = self.source;
        for (key, same) in &source.subscriptions {
            let Some(first) = same.first() else { continue };
            let (money, chosen) = (self.price(first), self.subscription(key, same));
            let customer = source.catalogue.customer_name(&first.customer_id);
            match chosen {
                Chosen::Taken(_) => {
                    self.used_plans.insert(&first.plan_id);
                    self.used_customers.insert(&first.customer_id);
                }
                Chosen::Rejected(_) => self.doubted_plans.extend(same.iter().map(|s| s.plan_id.as_str())),
                Chosen::Filtered { .. } => {}
            }
            self.put(Entity::Subscriptions, key.as_str(), customer, money, chosen);
        }
    }

    /// Price per interval: the subscription's own or its plan's, times its quantity, less its discount.
    fn price(&self, subscription: &Subscription) -> Option<Money> {
        let terms = self.source.catalogue.plans.get(&subscription.plan_id);
        let currency = subscription.currency.or_else(|| terms.map(|t| t.plan.currency))?;
        let price = subscription.price_override.or_else(|| terms.map(|t| t.plan.flat_price))?;
        let rest = Exact::whole(100).sub(subscription.discount_percent).and_then(|p| p.div(Exact::whole(100))).ok()?;
        let whole = price.mul(subscription.quantity).and_then(|p| p.mul(rest)).ok()?;
        to_minor(whole, currency, self.profile.round_mode).ok()
    }

    fn subscription(&self, key: &Key, same: &[Subscription]) -> Chosen {
        let [one] = same else { return Chosen::Rejected(format!("{} rows have this id", same.len())) };
        if self.source.broken_subscriptions.contains(key) {
            return Chosen::Rejected(UNREADABLE_TWIN.to_owned());
        }
        if !self.wanted.only.is_empty() && !self.wanted.only.contains(key) {
            return filtered(NOT_SELECTED, false);
        }
        let columns = self.source.subscription(key).cloned().unwrap_or_default();
        let status = match &one.status {
            SubscriptionStatus::Unknown => {
                return Chosen::Rejected(format!("its status \"{}\" is in no list of [source]", shown(&columns.status, 40)));
            }
            SubscriptionStatus::Known(state @ (SubscriptionState::Ended | SubscriptionState::Inactive)) if !self.wanted.all => {
                return filtered(format!("status {}", shown(&columns.status, 40)), *state == SubscriptionState::Ended);
            }
            SubscriptionStatus::Known(state) => *state,
        };
        let catalogue = &self.source.catalogue;
        if !self.source.customers.contains_key(&one.customer_id) {
            return Chosen::Rejected(format!("its customer {} is not there or cannot be read", shown(&one.customer_id, 60)));
        }
        if self.is_repeated(Entity::Customers, &one.customer_id) || self.has_unreadable_twin(Entity::Customers, &one.customer_id) {
            return Chosen::Rejected(format!("its customer {} is there more than once", shown(&one.customer_id, 60)));
        }
        let plan = match catalogue.plans.get(&one.plan_id) {
            Some(terms) => &terms.plan,
            None => return Chosen::Rejected(format!("its plan {} is not there or cannot be read", shown(&one.plan_id, 60))),
        };
        if let Some(why) = self.plan_refusal(plan) {
            return Chosen::Rejected(format!("its plan {} is rejected: {why}", shown(&one.plan_id, 60)));
        }
        let currency = one.currency.unwrap_or(plan.currency);
        if currency != plan.currency {
            return Chosen::Rejected(format!("it bills in {currency}, its plan {} is priced in {}", shown(&one.plan_id, 60), plan.currency));
        }
        if one.trial_end == Some(NaiveDate::MAX) {
            return Chosen::Rejected("its trial never ends".to_owned());
        }
        Chosen::Taken(Shadow::Subscription(SubscriptionShadow {
            external_id: key.as_str().to_owned(),
            customer: one.customer_id.clone(),
            plan: one.plan_id.clone(),
            status,
            started_on: one.started_on,
            ended_on: one.ended_on,
            trial_end: one.trial_end,
            quantity: one.quantity,
            price_override: one.price_override,
            discount_percent: one.discount_percent,
            anchor_day: one.grid.is_said().then(|| one.grid.anchor()),
            in_advance: columns.in_advance,
            currency,
        }))
    }

    fn is_repeated(&self, entity: Entity, id: &str) -> bool {
        self.repeated.contains_key(&(entity, id))
    }

    /// Whether another row of the same id could not be read: which of the two counts, nobody knows.
    fn has_unreadable_twin(&self, entity: Entity, id: &str) -> bool {
        !self.unreadable.is_empty() && self.unreadable.contains(&(entity, shown(id, 120).as_str()))
    }

    /// Why a plan cannot be carried over. A plan one of whose prices is unknown would bill too little: the whole is refused.
    fn plan_refusal(&self, plan: &Plan) -> Option<String> {
        if self.is_repeated(Entity::Plans, &plan.id) {
            Some("it is there more than once".to_owned())
        } else if self.has_unreadable_twin(Entity::Plans, &plan.id) {
            Some(UNREADABLE_TWIN.to_owned())
        } else if self.source.catalogue.broken_plans.contains(&plan.id) {
            Some("one of its charges cannot be read, or is there twice".to_owned())
        } else if plan.interval.months == 0 {
            Some("it bills by weeks or days, which is not carried over".to_owned())
        } else {
            None
        }
    }

    fn plans(&mut self) {
        let source = self.source;
        for (id, terms) in &source.catalogue.plans {
            let chosen = self.plan(&terms.plan);
            for charge in &terms.charges {
                let own = match &chosen {
                    Chosen::Taken(_) => Chosen::Taken(Shadow::Charge(self.charge(terms, &charge.metric, charge))),
                    Chosen::Filtered { why, over } => filtered(why.as_str(), *over),
                    Chosen::Rejected(why) => Chosen::Rejected(format!("its plan {} is rejected: {why}", shown(id, 60))),
                };
                let external = charge_id(id, &charge.metric);
                // Two of one metric are one record of two rows.
                match self.out.records.get_mut(&RecordId::new(Entity::Charges, &*external)) {
                    Some(seen) => seen.rows += 1,
                    None => {
                        self.out.records.insert(
                            RecordId::new(Entity::Charges, external),
                            Selected { name: Untrusted::new(terms.plan.name.raw()), money: None, chosen: own, rows: 1 },
                        );
                    }
                }
            }
            let money = to_minor(terms.plan.flat_price, terms.plan.currency, self.profile.round_mode).ok();
            self.put(Entity::Plans, id, terms.plan.name.raw(), money, chosen);
        }
        for stray in &source.catalogue.stray_charges {
            let id = RecordId::new(Entity::Charges, stray.as_str());
            let chosen = Chosen::Rejected("its plan is not there or cannot be read".to_owned());
            let selected = self.out.records.entry(id).or_insert(Selected { name: Untrusted::default(), money: None, chosen, rows: 0 });
            selected.rows += 1;
        }
    }

    fn plan(&self, plan: &Plan) -> Chosen {
        if let Some(why) = self.plan_refusal(plan) {
            return Chosen::Rejected(why);
        }
        let used = self.used_plans.contains(plan.id.as_str());
        if !used && !self.wanted.only.is_empty() {
            return filtered(NOT_SELECTED, false);
        }
        // A plan that is not sold any more is still billed to those who have it.
        if !used && !plan.active && !self.wanted.all {
            let none_read = self.source.read(Entity::Subscriptions) == 0;
            let any_unread = self.unreadable.iter().any(|(e, _)| *e == Entity::Subscriptions);
            let in_doubt = none_read || any_unread || self.doubted_plans.contains(plan.id.as_str());
            return if in_doubt { filtered(IN_DOUBT, false) } else { filtered(INACTIVE, true) };
        }
        Chosen::Taken(Shadow::Plan(PlanShadow {
            external_id: plan.id.clone(),
            name: plan.name.raw().to_owned(),
            currency: plan.currency,
            interval_months: plan.interval.months,
            flat_price: plan.flat_price,
            active: plan.active,
        }))
    }

    fn charge(&self, terms: &Terms, metric: &str, charge: &crate::domain::records::Charge) -> ChargeShadow {
        let plan = &terms.plan.id;
        ChargeShadow {
            external_id: charge_id(plan, metric),
            plan: plan.clone(),
            metric: metric.to_owned(),
            model: charge.model_word.clone(),
            included: charge.included,
            package_size: charge.package_size,
            unit_price: charge.unit_price,
            tiers: self.source.tiers(plan, metric).map(ToOwned::to_owned),
            minimum: charge.minimum,
            maximum: charge.maximum,
        }
    }

    fn customers(&mut self) {
        let source = self.source;
        for (id, customer) in &source.customers {
            let chosen = self.customer(customer);
            self.put(Entity::Customers, id, customer.name.raw(), None, chosen);
        }
    }

    fn customer(&self, customer: &Customer) -> Chosen {
        if self.is_repeated(Entity::Customers, &customer.id) {
            return Chosen::Rejected("it is there more than once".to_owned());
        }
        if self.has_unreadable_twin(Entity::Customers, &customer.id) {
            return Chosen::Rejected(UNREADABLE_TWIN.to_owned());
        }
        if !self.used_customers.contains(customer.id.as_str()) {
            if !self.wanted.only.is_empty() {
                return filtered(NOT_SELECTED, false);
            }
            if !self.wanted.all {
                return filtered(NO_SUBSCRIPTION, false);
            }
        }
        let columns = self.source.customer(&customer.id).cloned().unwrap_or_default();
        Chosen::Taken(Shadow::Customer(CustomerShadow {
            external_id: customer.id.clone(),
            name: customer.name.raw().to_owned(),
            email: columns.email,
            country: customer.country.clone(),
            region: customer.region.clone(),
            currency: columns.currency,
        }))
    }
}

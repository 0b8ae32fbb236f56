//! What the target holds, by the source's ids: a record is recognised by the `external_id` its query delivers (a subscription by
//! its id), else by the mapping that earlier loads left. Nothing is recognised by its name.

use super::holding::Holding;
use crate::domain::contract::Entity;
use crate::domain::currency::Currency;
use crate::domain::exact::Exact;
use crate::domain::import::{MappedId, TargetRecord};
use crate::domain::profile::SubscriptionState;
use crate::domain::records::{Charge, Customer, Subscription, SubscriptionStatus};
use crate::domain::row::Terms;
use crate::domain::shadow::{CARRIED, Field, RecordId, charge_id};
use crate::domain::text::shown;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// The target's records.
#[derive(Debug, Default)]
pub struct TargetHolding {
    /// Those that are recognised.
    pub known: BTreeMap<RecordId, TargetRecord>,
    /// Those that are not, with why they are left alone.
    pub others: Vec<(Entity, TargetRecord, String)>,
    /// Records that cannot be told, with why: two target records of one source id, one of two.
    pub unclear: BTreeMap<RecordId, String>,
    /// Entities of which a record that is not recognised may still be there under a name nobody knows, with why.
    pub blind: BTreeMap<Entity, String>,
}

impl TargetHolding {
    /// Recognises what was read.
    pub fn new(target: &Holding, mapping: &[MappedId]) -> Self {
        let mut out = Self::default();
        let repeated = target.catalogue.repeated.iter().map(|(entity, id)| (*entity, id.as_str())).collect();
        let mut reader = Recogniser { target, names: Names::new(target, mapping), repeated, out: &mut out };
        for entity in CARRIED {
            if let Some(why) = reader.blindness(entity, mapping) {
                reader.out.blind.insert(entity, why);
            }
        }
        reader.customers();
        reader.plans();
        reader.subscriptions();
        out
    }

    /// The pairs of ids it shows: one target record for each source record, and one source record for each target record.
    pub fn mapping(&self) -> Vec<MappedId> {
        let pair = |(id, record): (&RecordId, &TargetRecord)| MappedId { id: id.clone(), target_id: record.target_id.clone() };
        self.known.iter().map(pair).collect()
    }
}

/// Source ids of target records, by entity and the target's own id.
struct Names<'a> {
    told: HashMap<(Entity, &'a str), &'a str>,
    mapped: HashMap<(Entity, &'a str), &'a str>,
    /// Target records that stand for two source records at once.
    torn: HashMap<(Entity, &'a str), (&'a str, &'a str)>,
}

impl<'a> Names<'a> {
    fn new(target: &'a Holding, mapping: &'a [MappedId]) -> Self {
        let mut mapped = HashMap::new();
        let mut torn: HashMap<(Entity, &str), (&str, &str)> = HashMap::new();
        for pair in mapping {
            let target = (pair.id.entity, pair.target_id.as_str());
            match mapped.insert(target, pair.id.external_id.as_str()) {
                Some(other) if other != pair.id.external_id => drop(torn.insert(target, (other, &pair.id.external_id))),
                _ => {}
            }
        }
        let customers = target.customers.keys().filter_map(|id| {
            let external = target.customer(id)?.external_id.as_deref()?;
            Some(((Entity::Customers, id.as_str()), external))
        });
        let plans = target.catalogue.plans.keys().filter_map(|id| Some(((Entity::Plans, id.as_str()), target.plan_external_id(id)?)));
        Self { told: customers.chain(plans).collect(), mapped, torn }
    }

    /// The source's id of a target record. What the target says itself goes before what was noted; where both speak and differ,
    /// nobody knows.
    fn of(&self, entity: Entity, target_id: &str) -> Result<Option<&'a str>, (&'a str, &'a str)> {
        if let Some(two) = self.torn.get(&(entity, target_id)) {
            return Err(*two);
        }
        let (told, mapped) = (self.told.get(&(entity, target_id)), self.mapped.get(&(entity, target_id)));
        match (told, mapped) {
            (Some(told), Some(mapped)) if told != mapped => Err((told, mapped)),
            (told, mapped) => Ok(told.or(mapped).copied()),
        }
    }
}

struct Recogniser<'a> {
    target: &'a Holding,
    names: Names<'a>,
    /// Ids the target's queries deliver more than once.
    repeated: HashSet<(Entity, &'a str)>,
    out: &'a mut TargetHolding,
}

impl Recogniser<'_> {
    /// Why a record that is not recognised may be there all the same.
    fn blindness(&self, entity: Entity, mapping: &[MappedId]) -> Option<String> {
        let target = self.target;
        if !target.maps(entity) {
            return Some(format!("target.queries.{entity} is not mapped — write the query in dualrun.toml"));
        }
        if !target.lists_all_errors() {
            let count = target.catalogue.errors.count();
            return Some(format!("{count} rows of the target cannot be read, too many to tell which — mend or leave out those rows"));
        }
        let unreadable = target.unreadable(entity);
        if unreadable > 0 {
            return Some(format!("{unreadable} {entity} of the target cannot be read — mend or leave out those rows"));
        }
        if entity == Entity::Charges && self.out.blind.contains_key(&Entity::Plans) {
            return Some("a charge is recognised by its plan, and plans are not".to_owned());
        }
        let by_external_id = matches!(entity, Entity::Customers | Entity::Plans);
        if !by_external_id || target.delivers(entity, "external_id") || target.read(entity) == 0 {
            return None;
        }
        // Without the column, all that is there must be noted in the mapping, or something unknown is among it.
        let noted: BTreeSet<&str> = mapping.iter().filter(|m| m.id.entity == entity).map(|m| m.target_id.as_str()).collect();
        let all_noted = match entity {
            Entity::Customers => target.customers.keys().all(|id| noted.contains(id.as_str())),
            _ => target.catalogue.plans.keys().all(|id| noted.contains(id.as_str())),
        };
        (!all_noted).then(|| format!("target.queries.{entity} delivers no external_id — select the column that holds the source's id AS external_id"))
    }

    fn take(&mut self, entity: Entity, external: Result<Option<String>, String>, record: TargetRecord) {
        match external {
            Ok(None) => self.out.others.push((entity, record, "not from an import".to_owned())),
            Err(why) => self.out.others.push((entity, record, why)),
            Ok(Some(external)) => {
                let id = RecordId::new(entity, external);
                if let Some(first) = self.out.known.remove(&id) {
                    let ids = format!("{} and {}", shown(&first.target_id, 60), shown(&record.target_id, 60));
                    let why = format!("two target records stand for it: {ids} — retire one of them in the target");
                    for one in [first, record] {
                        self.out.others.push((entity, one, why.clone()));
                    }
                    self.out.unclear.insert(id, why);
                } else if let Some(why) = self.out.unclear.get(&id).cloned() {
                    self.out.others.push((entity, record, why));
                } else {
                    self.out.known.insert(id, record);
                }
            }
        }
    }

    /// The name of a target record, and what is unclear when it has two.
    fn named(&mut self, entity: Entity, target_id: &str) -> Result<Option<String>, String> {
        match self.names.of(entity, target_id) {
            Ok(name) => Ok(name.map(ToOwned::to_owned)),
            Err((told, mapped)) => {
                let why = format!(
                    "{} in the target stands for two records, {} and {} — one of them was renamed",
                    shown(target_id, 60),
                    shown(told, 60),
                    shown(mapped, 60)
                );
                for name in [told, mapped] {
                    self.out.unclear.insert(RecordId::new(entity, name), why.clone());
                }
                Err(why)
            }
        }
    }

    fn unclear_if_repeated(&mut self, entity: Entity, target_id: &str, external: &Result<Option<String>, String>) {
        if let (true, Ok(Some(external))) = (self.repeated.contains(&(entity, target_id)), external) {
            let why = format!("the target's query delivers {} more than once", shown(target_id, 60));
            self.out.unclear.insert(RecordId::new(entity, &**external), why);
        }
    }

    fn customers(&mut self) {
        let target = self.target;
        for (id, customer) in &target.customers {
            let external = self.named(Entity::Customers, id);
            self.unclear_if_repeated(Entity::Customers, id, &external);
            let fields = self.customer_fields(customer);
            self.take(Entity::Customers, external, TargetRecord { target_id: id.clone(), live: false, fields });
        }
    }

    fn customer_fields(&self, customer: &Customer) -> Vec<Field> {
        let columns = self.target.customer(&customer.id);
        let own = |pick: fn(&super::holding::CustomerColumns) -> &Option<String>| columns.and_then(|c| pick(c).clone());
        let all = vec![
            ("name", Some(customer.name.raw().to_owned()).filter(|n| !n.is_empty())),
            ("email", own(|c| &c.email)),
            ("country", customer.country.clone()),
            ("region", customer.region.clone()),
            ("currency", own(|c| &c.currency)),
        ];
        self.delivered(Entity::Customers, all)
    }

    /// Only what the query delivers: a column nobody selected is not an empty one.
    fn delivered(&self, entity: Entity, mut fields: Vec<Field>) -> Vec<Field> {
        let delivers = |column| self.target.delivers(entity, column);
        fields.retain(|(name, _)| match *name {
            // A query without both columns says nothing of how often a plan bills.
            "interval_months" => delivers("interval") || delivers("interval_count"),
            name => delivers(column_of(name)),
        });
        fields
    }

    fn plans(&mut self) {
        let target = self.target;
        for (id, terms) in &target.catalogue.plans {
            let external = self.named(Entity::Plans, id);
            self.unclear_if_repeated(Entity::Plans, id, &external);
            let plan = &terms.plan;
            let fields = vec![
                ("name", Some(plan.name.raw().to_owned()).filter(|n| !n.is_empty())),
                ("currency", Some(plan.currency.code().to_owned())),
                ("interval_months", Some(plan.interval.months.to_string())),
                ("flat_price", Some(plan.flat_price.to_string())),
                ("active", Some(plan.active.to_string())),
            ];
            let fields = self.delivered(Entity::Plans, fields);
            self.charges(terms, external.as_ref().ok().and_then(Option::as_deref));
            self.take(Entity::Plans, external, TargetRecord { target_id: id.clone(), live: plan.active, fields });
        }
    }

    fn charges(&mut self, terms: &Terms, plan: Option<&str>) {
        for charge in &terms.charges {
            let fields = self.charge_fields(charge, plan);
            let target_id = charge_id(&charge.plan_id, &charge.metric);
            let external = Ok(plan.map(|plan| charge_id(plan, &charge.metric)));
            self.take(Entity::Charges, external, TargetRecord { target_id, live: terms.plan.active, fields });
        }
    }

    fn charge_fields(&self, charge: &Charge, plan: Option<&str>) -> Vec<Field> {
        let number = |n: Option<Exact>| n.map(|n| n.to_string());
        let all = vec![
            ("plan", plan.map(ToOwned::to_owned)),
            ("metric", Some(charge.metric.clone())),
            ("model", Some(charge.model_word.clone())),
            ("included", number(Some(charge.included))),
            ("package_size", number(Some(charge.package_size))),
            ("unit_price", number(charge.unit_price)),
            ("tiers", self.target.tiers(&charge.plan_id, &charge.metric).map(ToOwned::to_owned)),
            ("minimum", number(charge.minimum)),
            ("maximum", number(charge.maximum)),
        ];
        self.delivered(Entity::Charges, all)
    }

    fn subscriptions(&mut self) {
        let target = self.target;
        for (key, same) in &target.subscriptions {
            for one in same {
                let live = !matches!(one.status, SubscriptionStatus::Known(SubscriptionState::Ended | SubscriptionState::Inactive));
                let fields = self.subscription_fields(one);
                let record = TargetRecord { target_id: key.as_str().to_owned(), live, fields };
                self.take(Entity::Subscriptions, Ok(Some(key.as_str().to_owned())), record);
            }
        }
    }

    fn subscription_fields(&self, one: &Subscription) -> Vec<Field> {
        let day = |d: Option<chrono::NaiveDate>| d.map(|d| d.to_string());
        // A customer or plan that no import knows is shown by the target's own id, and so differs from every source id.
        let reference = |entity, id: &str| match self.names.of(entity, id) {
            Ok(Some(name)) => Some(name.to_owned()),
            _ => Some(format!("{id} (the target's own)")),
        };
        let unnamed = |entity, id: &str| !matches!(self.names.of(entity, id), Ok(Some(_)));
        let currency = one.currency.or_else(|| self.target.catalogue.currency_of(&one.plan_id));
        let all = vec![
            ("customer", reference(Entity::Customers, &one.customer_id)),
            ("plan", reference(Entity::Plans, &one.plan_id)),
            ("status", Some(one.status.word().to_owned())),
            ("started_on", day(Some(one.started_on))),
            ("ended_on", day(one.ended_on)),
            ("trial_end", day(one.trial_end)),
            ("quantity", Some(one.quantity.to_string())),
            ("price_override", one.price_override.map(|p| p.to_string())),
            ("discount_percent", Some(one.discount_percent.to_string())),
            ("anchor_day", one.grid.is_said().then(|| one.grid.anchor().to_string())),
            ("in_advance", self.target.subscription(&one.key).and_then(|c| c.in_advance).map(|b| b.to_string())),
            ("currency", currency.map(|c: Currency| c.code().to_owned())),
        ];
        let mut fields = self.delivered(Entity::Subscriptions, all);
        // Where the records referred to cannot be told apart, a reference says nothing.
        let mute = |entity, id: &str| self.out.blind.contains_key(&entity) && unnamed(entity, id);
        let (customer, plan) = (mute(Entity::Customers, &one.customer_id), mute(Entity::Plans, &one.plan_id));
        fields.retain(|(name, _)| !(customer && *name == "customer" || plan && *name == "plan"));
        fields
    }
}

/// The contract's column that holds a field.
fn column_of(field: &'static str) -> &'static str {
    match field {
        "customer" => "customer_id",
        "plan" => "plan_id",
        other => other,
    }
}

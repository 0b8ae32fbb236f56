//! What one side holds of the entities an import carries over: its catalogue, and the columns only an import looks at.

use crate::domain::contract::columns::{charges, customers, plans, subscriptions};
use crate::domain::contract::{Column, Entity};
use crate::domain::decode::Row;
use crate::domain::key::Key;
use crate::domain::records::{Customer, Subscription};
use crate::domain::shadow::CARRIED;
use crate::ledger::catalogue::Catalogue;
use crate::ledger::interned::Keys;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// One side, read whole.
#[derive(Debug, Default)]
pub struct Holding {
    /// Plans with their charges, and what could not be read.
    pub catalogue: Catalogue,
    /// Customers by the side's own id, once settled.
    pub customers: BTreeMap<String, Customer>,
    /// Subscriptions by key, those of one key in their own order, once settled.
    pub subscriptions: BTreeMap<Key, Vec<Subscription>>,
    /// Keys of subscriptions of which a column could not be read, once settled.
    pub broken_subscriptions: BTreeSet<Key>,
    keys: Keys,
    /// Contract columns each entity's query delivers, once it delivered a row.
    delivered: BTreeMap<Entity, BTreeSet<&'static str>>,
    customer_columns: HashMap<String, CustomerColumns>,
    plan_external_ids: HashMap<String, String>,
    tiers: HashMap<(String, String), String>,
    subscription_columns: HashMap<Key, SubscriptionColumns>,
}

/// Columns of a customer that no reconciliation needs.
#[derive(Debug, Clone, Default)]
pub struct CustomerColumns {
    /// Address for invoices.
    pub email: Option<String>,
    /// Currency as written.
    pub currency: Option<String>,
    /// The source's id, where the target carries it.
    pub external_id: Option<String>,
}

/// Columns of a subscription that no reconciliation needs.
#[derive(Debug, Clone, Default)]
pub struct SubscriptionColumns {
    /// Its status as written.
    pub status: String,
    /// Billed before the period.
    pub in_advance: Option<bool>,
}

impl Holding {
    /// Notes that the side maps an entity. Call before its rows.
    pub fn mapped(&mut self, entity: Entity) {
        self.catalogue.mapped.insert(entity);
    }

    /// Takes a row.
    pub fn push(&mut self, entity: Entity, row: &Row<'_>) {
        self.catalogue.push(&mut self.keys, entity, row);
        let delivered = || Column::all(entity).filter(|c| row.delivers(*c)).map(Column::name).collect();
        self.delivered.entry(entity).or_insert_with(delivered);
        // What cannot be read here is read as nothing: the column then differs, or the row is an error of the catalogue already.
        let text = |column: Column| row.words(column).ok().flatten().filter(|t| !t.trim().is_empty()).map(ToOwned::to_owned);
        match entity {
            Entity::Customers => {
                if let Some(id) = text(customers::ID) {
                    let columns = CustomerColumns {
                        email: text(customers::EMAIL),
                        currency: text(customers::CURRENCY),
                        external_id: text(customers::EXTERNAL_ID),
                    };
                    self.customer_columns.insert(id, columns);
                }
            }
            Entity::Plans => {
                if let (Some(id), Some(external)) = (text(plans::ID), text(plans::EXTERNAL_ID)) {
                    self.plan_external_ids.insert(id, external);
                }
            }
            Entity::Charges => {
                if let (Some(plan), Some(metric), Some(tiers)) = (text(charges::PLAN_ID), text(charges::METRIC), text(charges::TIERS)) {
                    self.tiers.insert((plan, metric), tiers);
                }
            }
            Entity::Subscriptions => {
                if let Ok(Some(key)) = row.key(subscriptions::ID) {
                    let columns = SubscriptionColumns {
                        status: text(subscriptions::STATUS).unwrap_or_default(),
                        in_advance: row.boolean(subscriptions::IN_ADVANCE).ok().flatten(),
                    };
                    self.subscription_columns.insert(key, columns);
                }
            }
            _ => {}
        }
    }

    /// Brings everything into order. Call once, after the last row.
    pub fn settle(&mut self) {
        self.catalogue.settle(&self.keys);
        self.customers = self.catalogue.customers.iter().map(|c| (c.id.clone(), c)).collect();
        for (_, one) in self.catalogue.all(&self.keys) {
            self.subscriptions.entry(one.key.to_key()).or_default().push(one.to_owned());
        }
        self.broken_subscriptions = self.catalogue.broken_subscriptions.iter().map(|id| self.keys.get(*id).to_key()).collect();
    }

    /// Whether the side maps an entity.
    pub fn maps(&self, entity: Entity) -> bool {
        self.catalogue.mapped.contains(&entity)
    }

    /// Whether the entity's query delivers a contract column.
    pub fn delivers(&self, entity: Entity, column: &str) -> bool {
        self.delivered.get(&entity).is_some_and(|columns| columns.contains(column))
    }

    /// Rows read of an entity.
    pub fn read(&self, entity: Entity) -> u64 {
        self.catalogue.read.get(&entity).copied().unwrap_or(0)
    }

    /// Rows of an entity that could not be read.
    pub fn unreadable(&self, entity: Entity) -> u64 {
        u64::try_from(self.catalogue.errors.listed().iter().filter(|e| e.entity == entity).count()).unwrap_or(u64::MAX)
    }

    /// Whether every row that could not be read is listed. Where not, nobody can say which records are among them.
    pub fn lists_all_errors(&self) -> bool {
        u64::try_from(self.catalogue.errors.listed().len()).is_ok_and(|listed| listed == self.catalogue.errors.count())
    }

    /// The further columns of a customer.
    pub fn customer(&self, id: &str) -> Option<&CustomerColumns> {
        self.customer_columns.get(id)
    }

    /// The source's id of a plan, where the target carries it.
    pub fn plan_external_id(&self, id: &str) -> Option<&str> {
        self.plan_external_ids.get(id).map(String::as_str)
    }

    /// The steps of a charge's model, as written.
    pub fn tiers(&self, plan: &str, metric: &str) -> Option<&str> {
        self.tiers.get(&(plan.to_owned(), metric.to_owned())).map(String::as_str)
    }

    /// The further columns of a subscription.
    pub fn subscription(&self, key: &Key) -> Option<&SubscriptionColumns> {
        self.subscription_columns.get(key)
    }

    /// Entities an import carries over that the side does not map.
    pub fn unmapped(&self) -> impl Iterator<Item = Entity> {
        CARRIED.into_iter().filter(|e| !self.maps(*e))
    }
}

//! Shadows: what an import has the target hold for each source record. Draft-only by type: there is no field for a payment
//! method, a payment token or a linked charge, so no loader can be handed a record that bills anybody.

use super::contract::Entity;
use super::currency::Currency;
use super::exact::Exact;
use super::profile::SubscriptionState;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// The entities an import carries over, in the order they must be there: each only refers to those before it.
pub const CARRIED: [Entity; 4] = [Entity::Customers, Entity::Plans, Entity::Charges, Entity::Subscriptions];

/// A record by its entity and the source's own id.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RecordId {
    /// Which entity.
    pub entity: Entity,
    /// The source's id, which both sides carry; of a charge [`charge_id`].
    pub external_id: String,
}

impl RecordId {
    /// A record's id.
    pub fn new(entity: Entity, external_id: impl Into<String>) -> Self {
        Self { entity, external_id: external_id.into() }
    }
}

impl std::fmt::Display for RecordId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.entity, super::text::shown(&self.external_id, 120))
    }
}

/// The external id of a charge: `plan/metric`, with `%` and `/` of the plan written as `%25` and `%2F`, so that two never meet.
pub fn charge_id(plan: &str, metric: &str) -> String {
    format!("{}/{metric}", plan.replace('%', "%25").replace('/', "%2F"))
}

/// Who would pay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomerShadow {
    /// The source's id.
    pub external_id: String,
    /// Name for people.
    pub name: String,
    /// Address for invoices.
    pub email: Option<String>,
    /// Country code.
    pub country: Option<String>,
    /// Region code.
    pub region: Option<String>,
    /// Currency, as the source writes it.
    pub currency: Option<String>,
}

/// What would be subscribed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanShadow {
    /// The source's id.
    pub external_id: String,
    /// Name for people.
    pub name: String,
    /// Currency of its prices.
    pub currency: Currency,
    /// Whole months between two bills.
    pub interval_months: u32,
    /// Price per interval and unit of quantity, in major units.
    pub flat_price: Exact,
    /// On sale; one that is not may still be billed to those who have it.
    pub active: bool,
}

/// A metered price of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChargeShadow {
    /// [`charge_id`] of the two below.
    pub external_id: String,
    /// Its plan, by the source's id.
    pub plan: String,
    /// What is metered.
    pub metric: String,
    /// The model's own word.
    pub model: String,
    /// Free quantity of the period.
    pub included: Exact,
    /// Units one unit price buys. Never divided into the price: a price per unit would lose digits.
    pub package_size: Exact,
    /// Price of one package, in major units.
    pub unit_price: Option<Exact>,
    /// The model's steps, as the source writes them.
    pub tiers: Option<String>,
    /// Least it comes to.
    pub minimum: Option<Exact>,
    /// Most it comes to.
    pub maximum: Option<Exact>,
}

/// Who would have which plan since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubscriptionShadow {
    /// The external subscription id, normalised.
    pub external_id: String,
    /// Its customer, by the source's id.
    pub customer: String,
    /// Its plan, by the source's id.
    pub plan: String,
    /// What its status means: one that is over or paused is carried over as such, never as one that bills.
    pub status: SubscriptionState,
    /// First day.
    pub started_on: NaiveDate,
    /// First day no longer active, whatever the sides' own ends.
    pub ended_on: Option<NaiveDate>,
    /// First day after the trial.
    pub trial_end: Option<NaiveDate>,
    /// Units of the plan.
    pub quantity: Exact,
    /// Price instead of the list price, in major units.
    pub price_override: Option<Exact>,
    /// Per cent off.
    pub discount_percent: Exact,
    /// Day of the month its periods begin; `None` where the source does not say.
    pub anchor_day: Option<u8>,
    /// Billed before the period; `None` where the source does not say.
    pub in_advance: Option<bool>,
    /// Currency it bills in.
    pub currency: Currency,
}

/// One record as the target shall hold it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Shadow {
    /// A subscription.
    Subscription(SubscriptionShadow),
    /// A charge.
    Charge(ChargeShadow),
    /// A plan.
    Plan(PlanShadow),
    /// A customer.
    Customer(CustomerShadow),
}

/// A field by its name and canonical text; `None` is no value.
pub type Field = (&'static str, Option<String>);

/// Fields whose absence says something: an open end, no trial, the list price. Of the others, what the source does not say is
/// nothing to hold against a target that says more.
pub const TELLING_WHEN_EMPTY: [&str; 5] = ["ended_on", "trial_end", "price_override", "minimum", "maximum"];

/// Fields that decide what is billed, to whom and when. That nobody reads one of them back in the target is no small thing.
pub const DECIDING: [&str; 21] = [
    "customer",
    "plan",
    "status",
    "started_on",
    "ended_on",
    "trial_end",
    "quantity",
    "price_override",
    "discount_percent",
    "anchor_day",
    "currency",
    "interval_months",
    "flat_price",
    "metric",
    "model",
    "included",
    "package_size",
    "unit_price",
    "tiers",
    "minimum",
    "maximum",
];

impl Shadow {
    /// Its entity.
    pub const fn entity(&self) -> Entity {
        match self {
            Self::Customer(_) => Entity::Customers,
            Self::Plan(_) => Entity::Plans,
            Self::Charge(_) => Entity::Charges,
            Self::Subscription(_) => Entity::Subscriptions,
        }
    }

    /// The source's id.
    pub fn external_id(&self) -> &str {
        match self {
            Self::Customer(c) => &c.external_id,
            Self::Plan(p) => &p.external_id,
            Self::Charge(c) => &c.external_id,
            Self::Subscription(s) => &s.external_id,
        }
    }

    /// Entity and id.
    pub fn id(&self) -> RecordId {
        RecordId::new(self.entity(), self.external_id())
    }

    /// Name for people, where it has one.
    pub fn name(&self) -> &str {
        match self {
            Self::Customer(c) => &c.name,
            Self::Plan(p) => &p.name,
            Self::Charge(c) => &c.metric,
            Self::Subscription(_) => "",
        }
    }

    /// Records it refers to: they must be there before it.
    pub fn needs(&self) -> Vec<RecordId> {
        match self {
            Self::Customer(_) | Self::Plan(_) => Vec::new(),
            Self::Charge(c) => vec![RecordId::new(Entity::Plans, &*c.plan)],
            Self::Subscription(s) => vec![RecordId::new(Entity::Customers, &*s.customer), RecordId::new(Entity::Plans, &*s.plan)],
        }
    }

    /// Every field but the external id, in order, as canonical text: what is compared, written to a pack and shown.
    pub fn fields(&self) -> Vec<Field> {
        let text = |t: &str| Some(t.to_owned()).filter(|t| !t.is_empty());
        let said = |t: &Option<String>| t.clone().filter(|t| !t.is_empty());
        let number = |n: Option<Exact>| n.map(|n| n.to_string());
        let day = |d: Option<NaiveDate>| d.map(|d| d.to_string());
        match self {
            Self::Customer(c) => vec![
                ("name", text(&c.name)),
                ("email", said(&c.email)),
                ("country", said(&c.country)),
                ("region", said(&c.region)),
                ("currency", said(&c.currency)),
            ],
            Self::Plan(p) => vec![
                ("name", text(&p.name)),
                ("currency", text(p.currency.code())),
                ("interval_months", Some(p.interval_months.to_string())),
                ("flat_price", number(Some(p.flat_price))),
                ("active", Some(p.active.to_string())),
            ],
            Self::Charge(c) => vec![
                ("plan", text(&c.plan)),
                ("metric", text(&c.metric)),
                ("model", text(&c.model)),
                ("included", number(Some(c.included))),
                ("package_size", number(Some(c.package_size))),
                ("unit_price", number(c.unit_price)),
                ("tiers", said(&c.tiers)),
                ("minimum", number(c.minimum)),
                ("maximum", number(c.maximum)),
            ],
            Self::Subscription(s) => vec![
                ("customer", text(&s.customer)),
                ("plan", text(&s.plan)),
                ("status", text(s.status.word())),
                ("started_on", day(Some(s.started_on))),
                ("ended_on", day(s.ended_on)),
                ("trial_end", day(s.trial_end)),
                ("quantity", number(Some(s.quantity))),
                ("price_override", number(s.price_override)),
                ("discount_percent", number(Some(s.discount_percent))),
                ("anchor_day", s.anchor_day.map(|d| d.to_string())),
                ("in_advance", s.in_advance.map(|b| b.to_string())),
                ("currency", text(s.currency.code())),
            ],
        }
    }

    /// Digest of its content, hex: the same record gives the same text, whatever run or program made it.
    pub fn digest(&self) -> String {
        let mut hasher = blake3::Hasher::new_derive_key("dualrun shadow v1");
        let mut field = |text: Option<&str>| {
            // Absent and empty are two things.
            let length = text.map_or(u64::MAX, |t| t.len() as u64);
            hasher.update(&length.to_le_bytes());
            hasher.update(text.unwrap_or_default().as_bytes());
        };
        field(Some(self.entity().word()));
        field(Some(self.external_id()));
        for (name, value) in self.fields() {
            field(Some(name));
            field(value.as_deref());
        }
        hasher.finalize().to_hex().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(name: &str) -> Shadow {
        let currency = Currency::known("CAD").unwrap();
        Shadow::Plan(PlanShadow {
            external_id: "p".to_owned(),
            name: name.to_owned(),
            currency,
            interval_months: 1,
            flat_price: Exact::whole(50),
            active: true,
        })
    }

    #[test]
    fn a_digest_follows_content_alone() {
        assert_eq!(plan("a").digest(), plan("a").digest());
        assert_ne!(plan("a").digest(), plan("b").digest());
        let Shadow::Plan(p) = plan("a") else { panic!() };
        let spelled = Shadow::Plan(PlanShadow { flat_price: Exact::parse(b"50.00").unwrap(), ..p });
        assert_eq!(plan("a").digest(), spelled.digest(), "50 and 50.00 are one price");
    }

    #[test]
    fn charges_of_two_plans_never_meet() {
        assert_ne!(charge_id("a/b", "c"), charge_id("a", "b/c"));
        assert_ne!(charge_id("a%2F", "c"), charge_id("a/", "c"));
    }

    #[test]
    fn every_kind_is_read_back_as_what_it_was() {
        let shadow = plan("a");
        let text = serde_json::to_string(&shadow).unwrap();
        assert_eq!(serde_json::from_str::<Shadow>(&text).unwrap(), shadow);
        let more = text.replacen('{', "{\"payment_token\":\"x\",", 1);
        assert!(serde_json::from_str::<Shadow>(&more).is_err(), "there is no field for it");
    }
}

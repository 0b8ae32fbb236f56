//! The data contract: the entities of a side, their columns, and which of them must be there.
//! One table feeds configuration, `doctor`, the decoders and the documentation.

pub mod columns;

use serde::{Deserialize, Serialize};

/// What a query of a side delivers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entity {
    /// Who pays.
    Customers,
    /// What can be subscribed to.
    Plans,
    /// Metered prices of a plan.
    Charges,
    /// Who has which plan since when.
    Subscriptions,
    /// Raw usage records, or sums of them.
    Usage,
    /// Invoice headers and credit notes.
    Invoices,
    /// Lines of those documents.
    InvoiceLines,
    /// Orders that stand for several subscriptions.
    Links,
    /// Tax rates by region or customer.
    Taxes,
    /// Earlier prices of a plan.
    PriceVersions,
    /// What one currency cost in another, and since when.
    ExchangeRates,
    /// Coupons of a subscription.
    Discounts,
    /// Dated changes of a subscription.
    Events,
    /// Payments of an invoice.
    Payments,
    /// Scheduled jobs.
    Jobs,
}

/// What a column holds, as the contract means it (not the server's type).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// Any text.
    Text,
    /// A subscription key, normalised by the side's key kind.
    Key,
    /// An exact decimal.
    Number,
    /// A date of the service's zone, or an instant.
    Time,
    /// true/false, t/f, 1/0, yes/no.
    Bool,
}

/// One column of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnSpec {
    /// Fixed name a query must give it.
    pub name: &'static str,
    /// Its kind.
    pub kind: ColumnKind,
    /// Must be there when the entity is mapped. `occurred_at`/`period_start` of usage: one of the two.
    pub required: bool,
}

/// A column by its place in the contract: known while compiling (see [`columns`]), so that reading a field looks for no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    entity: Entity,
    place: usize,
}

impl Column {
    /// The column of that name. In a constant, a name the entity does not have is an error of the compiler.
    ///
    /// # Panics
    /// Where the entity has no such column.
    #[allow(clippy::panic)] // meant for constants, where it is the compiler's error
    pub const fn of(entity: Entity, name: &str) -> Self {
        let columns = entity.columns();
        let mut place = 0;
        while place < columns.len() {
            if same(columns[place].name, name) {
                return Self { entity, place };
            }
            place += 1;
        }
        panic!("the entity has no such column")
    }

    /// The column of a name that is known only at run time.
    pub fn named(entity: Entity, name: &str) -> Option<Self> {
        entity.columns().iter().position(|c| c.name == name).map(|place| Self { entity, place })
    }

    /// All columns of an entity, in the contract's order.
    pub fn all(entity: Entity) -> impl Iterator<Item = Self> {
        (0..entity.columns().len()).map(move |place| Self { entity, place })
    }

    /// Whose column.
    #[inline]
    pub const fn entity(self) -> Entity {
        self.entity
    }

    /// Its place in [`Entity::columns`].
    #[inline]
    pub const fn place(self) -> usize {
        self.place
    }

    /// Its fixed name.
    pub const fn name(self) -> &'static str {
        self.entity.columns()[self.place].name
    }

    /// What it holds.
    pub const fn kind(self) -> ColumnKind {
        self.entity.columns()[self.place].kind
    }
}

/// Whether two texts are the same bytes, told while compiling.
const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}

const fn req(name: &'static str, kind: ColumnKind) -> ColumnSpec {
    ColumnSpec { name, kind, required: true }
}

const fn opt(name: &'static str, kind: ColumnKind) -> ColumnSpec {
    ColumnSpec { name, kind, required: false }
}

use ColumnKind::{Bool, Key, Number, Text, Time};

const CUSTOMERS: &[ColumnSpec] = &[
    req("id", Text),
    opt("name", Text),
    opt("email", Text),
    opt("country", Text),
    opt("region", Text),
    opt("currency", Text),
    opt("status", Text),
    opt("external_id", Text),
];
const PLANS: &[ColumnSpec] = &[
    req("id", Text),
    opt("name", Text),
    req("currency", Text),
    opt("interval", Text),
    opt("interval_count", Number),
    req("flat_price", Number),
    opt("active", Bool),
    opt("external_id", Text),
];
const CHARGES: &[ColumnSpec] = &[
    req("plan_id", Text),
    req("metric", Text),
    opt("model", Text),
    opt("included", Number),
    opt("package_size", Number),
    opt("unit_price", Number),
    opt("tiers", Text),
    opt("minimum", Number),
    opt("maximum", Number),
];
const SUBSCRIPTIONS: &[ColumnSpec] = &[
    req("id", Key),
    req("customer_id", Text),
    req("plan_id", Text),
    req("status", Text),
    req("started_on", Time),
    opt("ended_on", Time),
    opt("trial_end", Time),
    opt("quantity", Number),
    opt("price_override", Number),
    opt("discount_percent", Number),
    opt("anchor_day", Number),
    opt("in_advance", Bool),
    opt("currency", Text),
    opt("state", Text),
    opt("has_payment_token", Bool),
    opt("charge_linked", Bool),
];
const USAGE: &[ColumnSpec] = &[
    req("subscription_id", Key),
    req("metric", Text),
    opt("occurred_at", Time),
    opt("period_start", Time),
    req("quantity", Number),
    opt("ingested_at", Time),
    opt("idempotency_key", Text),
];
const INVOICES: &[ColumnSpec] = &[
    req("id", Text),
    opt("number", Text),
    opt("subscription_id", Key),
    opt("customer_id", Text),
    req("status", Text),
    opt("kind", Text),
    opt("period_start", Time),
    opt("period_end", Time),
    opt("issued_on", Time),
    req("currency", Text),
    req("subtotal", Number),
    opt("tax", Number),
    opt("total", Number),
];
const INVOICE_LINES: &[ColumnSpec] = &[
    req("invoice_id", Text),
    opt("subscription_id", Key),
    opt("period_start", Time),
    opt("period_end", Time),
    opt("kind", Text),
    opt("description", Text),
    opt("quantity", Number),
    opt("unit_price", Number),
    req("amount", Number),
];
const LINKS: &[ColumnSpec] = &[req("order_id", Key), req("subscription_id", Key)];
const TAXES: &[ColumnSpec] = &[
    opt("name", Text),
    req("rate", Number),
    opt("region", Text),
    opt("customer_id", Text),
    opt("valid_from", Time),
    opt("valid_to", Time),
    opt("exempt", Bool),
    opt("compound", Bool),
];
const PRICE_VERSIONS: &[ColumnSpec] =
    &[req("plan_id", Text), opt("metric", Text), req("price", Number), opt("valid_from", Time), opt("valid_to", Time)];
const EXCHANGE_RATES: &[ColumnSpec] = &[req("from_currency", Text), req("to_currency", Text), req("valid_from", Time), req("rate", Number)];
const DISCOUNTS: &[ColumnSpec] = &[
    req("subscription_id", Key),
    opt("code", Text),
    req("kind", Text),
    req("value", Number),
    opt("valid_from", Time),
    opt("valid_to", Time),
    opt("position", Number),
];
const EVENTS: &[ColumnSpec] = &[req("subscription_id", Key), req("at", Time), req("what", Text), opt("from", Text), opt("to", Text)];
const PAYMENTS: &[ColumnSpec] = &[req("invoice_id", Text), opt("at", Time), req("amount", Number), opt("state", Text)];
const JOBS: &[ColumnSpec] = &[req("name", Text), opt("cron", Text), req("active", Bool), opt("last_run", Time), opt("next_run", Time)];

impl Entity {
    /// All entities, in the order they are read and listed.
    pub const ALL: [Self; 15] = [
        Self::Customers,
        Self::Plans,
        Self::Charges,
        Self::Subscriptions,
        Self::Usage,
        Self::Invoices,
        Self::InvoiceLines,
        Self::Links,
        Self::Taxes,
        Self::PriceVersions,
        Self::ExchangeRates,
        Self::Discounts,
        Self::Events,
        Self::Payments,
        Self::Jobs,
    ];

    /// The name in `dualrun.toml` and in every message.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Customers => "customers",
            Self::Plans => "plans",
            Self::Charges => "charges",
            Self::Subscriptions => "subscriptions",
            Self::Usage => "usage",
            Self::Invoices => "invoices",
            Self::InvoiceLines => "invoice_lines",
            Self::Links => "links",
            Self::Taxes => "taxes",
            Self::PriceVersions => "price_versions",
            Self::ExchangeRates => "exchange_rates",
            Self::Discounts => "discounts",
            Self::Events => "events",
            Self::Payments => "payments",
            Self::Jobs => "jobs",
        }
    }

    /// The entity of that name.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|e| e.word() == word)
    }

    /// Its columns, in the contract's order. A decoded row addresses them by their place here.
    pub const fn columns(self) -> &'static [ColumnSpec] {
        match self {
            Self::Customers => CUSTOMERS,
            Self::Plans => PLANS,
            Self::Charges => CHARGES,
            Self::Subscriptions => SUBSCRIPTIONS,
            Self::Usage => USAGE,
            Self::Invoices => INVOICES,
            Self::InvoiceLines => INVOICE_LINES,
            Self::Links => LINKS,
            Self::Taxes => TAXES,
            Self::PriceVersions => PRICE_VERSIONS,
            Self::ExchangeRates => EXCHANGE_RATES,
            Self::Discounts => DISCOUNTS,
            Self::Events => EVENTS,
            Self::Payments => PAYMENTS,
            Self::Jobs => JOBS,
        }
    }
}

impl std::fmt::Display for Entity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

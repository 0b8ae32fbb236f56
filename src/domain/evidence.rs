//! What may explain a difference beside the numbers it stands on: dated prices, discounts and changes of either side, and usage
//! that arrived late or twice. Kept with the rows that differ; nothing of it decides an amount.

use super::decode::When;
use super::exact::Exact;
use super::row::Terms;
use super::side::Side;
use super::text::Untrusted;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// A price a plan or a charge had for some time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PriceVersion {
    /// The plan, by the side's own id.
    pub plan_id: String,
    /// The charge's metric; `None` is the flat price.
    pub metric: Option<String>,
    /// The price, in major units.
    pub price: Exact,
    /// First day; `None` has always held.
    pub valid_from: Option<NaiveDate>,
    /// First day it held no more, whatever the side's ends; `None` still holds.
    pub valid_until: Option<NaiveDate>,
}

/// What a discount takes off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiscountKind {
    /// Per cent.
    Percent,
    /// An amount, in major units.
    Fixed,
}

impl DiscountKind {
    /// The word in files and JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Percent => "percent",
            Self::Fixed => "fixed",
        }
    }
}

/// A coupon of a subscription.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Discount {
    /// Place in the order of stacking, lowest first.
    pub position: i64,
    /// Its code, for people.
    pub code: Untrusted,
    /// What it takes off.
    pub kind: DiscountKind,
    /// How much: per cent, or major units.
    pub value: Exact,
    /// First day; `None` has always held.
    pub valid_from: Option<NaiveDate>,
    /// First day it held no more, whatever the side's ends; `None` still holds.
    pub valid_until: Option<NaiveDate>,
}

impl Discount {
    /// Whether it holds on some day of a half-open span.
    pub fn meets(&self, start: NaiveDate, end: NaiveDate) -> bool {
        self.valid_from.is_none_or(|from| from < end) && self.valid_until.is_none_or(|until| start < until)
    }
}

/// What a dated change is a change of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// The status: paused, cancelled, active again.
    Status,
    /// The plan.
    Plan,
    /// The quantity: seats.
    Quantity,
    /// Something else, by the side's own word.
    Other,
}

/// A dated change of a subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The moment, or the day, as stored.
    pub at: When,
    /// The day in the service's zone.
    pub day: NaiveDate,
    /// Of what.
    pub what: Change,
    /// The side's own word for it.
    pub word: Untrusted,
    /// What it was.
    pub from: Option<Untrusted>,
    /// What it became.
    pub to: Option<Untrusted>,
}

/// What one side says of a subscription.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SideEvidence {
    /// Its coupons, in the order of stacking.
    pub discounts: Vec<Discount>,
    /// Its changes, oldest first.
    pub events: Vec<Event>,
}

/// Usage of a row's period that arrived when the period was over.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LateUsage {
    /// The metric.
    pub metric: String,
    /// The local day it arrived.
    pub arrived_on: NaiveDate,
    /// How much.
    pub quantity: Exact,
}

/// What is kept beside a row that differs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Evidence {
    /// What the source says.
    pub source: SideEvidence,
    /// What the target says.
    pub target: SideEvidence,
    /// Usage of the period that came after its end, added up by metric and day.
    pub late: Vec<LateUsage>,
    /// Usage that came again under a name already counted, and was therefore left out, by metric.
    pub repeated: Vec<(String, Exact)>,
}

impl Evidence {
    /// What a side says.
    pub const fn of(&self, side: Side) -> &SideEvidence {
        match side {
            Side::Source => &self.source,
            Side::Target => &self.target,
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What a side sells and sold: kept once a run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Shelf {
    /// Plans with their charges, in byte order of the plan's id.
    pub terms: Vec<Terms>,
    /// Their earlier and present prices, where the side maps them.
    pub prices: Vec<PriceVersion>,
}

impl Shelf {
    /// A plan with its charges.
    pub fn plan(&self, id: &str) -> Option<&Terms> {
        self.terms.binary_search_by(|terms| terms.plan.id.as_str().cmp(id)).ok().map(|at| &self.terms[at])
    }
}

//! One compared row: what the source billed, what the target would bill, and everything needed to redo it.

use super::currency::Currency;
use super::exact::Exact;
use super::money::Money;
use super::period::Period;
use super::records::{Charge, DocumentKind, Plan, SubscriptionStatus};
use super::side::Side;
use super::text::Untrusted;
use super::verdict::{Basis, Review, Verdict};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// What a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A subscription and period; the row's `key` is the external subscription id.
    Subscription,
    /// An order whose documents do not split by deployment; `key` is the order, `deployments` its subscriptions.
    Order,
    /// A whole document with no subscription; `key` is the document's id.
    UnlinkedDocument,
    /// What is left of a document whose lines name subscriptions; `key` is the document's id.
    UnlinkedRemainder,
}

impl Subject {
    /// The word in files: `subscription`, `order`, `whole`, `remainder`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Subscription => "subscription",
            Self::Order => "order",
            Self::UnlinkedDocument => "whole",
            Self::UnlinkedRemainder => "remainder",
        }
    }

    /// True for money that has no subscription.
    pub const fn is_unlinked(self) -> bool {
        matches!(self, Self::UnlinkedDocument | Self::UnlinkedRemainder)
    }
}

/// A document's part in a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentPart {
    /// Whose document.
    pub side: Side,
    /// Its id.
    pub id: Untrusted,
    /// Its number.
    pub number: Option<Untrusted>,
    /// Adds or takes away.
    pub kind: DocumentKind,
    /// When it was issued.
    pub issued_on: Option<NaiveDate>,
    /// This row's part of its net amount, rounded by the side's profile.
    pub net: Money,
    /// The same before rounding.
    pub exact: Exact,
    /// This row's part of its tax, where it stores one.
    pub tax: Option<Money>,
    /// The lines that make the part, where it has any.
    pub lines: Vec<LinePart>,
}

/// A line of a document's part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinePart {
    /// Words of the line; `None` for what the header holds beyond its lines.
    pub description: Option<Untrusted>,
    /// Its quantity, as stored.
    pub quantity: Option<Exact>,
    /// Its amount, signed, in major units.
    pub amount: Exact,
    /// Whether its side types it as nothing that comes again with the next period.
    #[serde(default)]
    pub one_off: bool,
}

/// A subscription as one side has it, kept with the row for people and for redoing it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionFacts {
    /// Its customer on that side.
    pub customer_id: Untrusted,
    /// Its plan on that side.
    pub plan_id: Untrusted,
    /// First day.
    pub started_on: NaiveDate,
    /// First day no longer active.
    pub ended_on: Option<NaiveDate>,
    /// First day after the trial.
    pub trial_end: Option<NaiveDate>,
    /// Units of the plan.
    pub quantity: Exact,
    /// Price instead of the list price.
    pub price_override: Option<Exact>,
    /// Per cent off.
    pub discount_percent: Exact,
    /// What its status means: `active`, `ended`, `inactive`, `unknown`.
    pub status: Cow<'static, str>,
    /// Due in the row's period by that side's own dates.
    pub due: bool,
}

impl SubscriptionFacts {
    /// A subscription of which only the first day is said: one unit of it, active and due, at the list price.
    pub fn plain(started_on: NaiveDate) -> Self {
        Self {
            customer_id: Untrusted::default(),
            plan_id: Untrusted::default(),
            started_on,
            ended_on: None,
            trial_end: None,
            quantity: Exact::ONE,
            price_override: None,
            discount_percent: Exact::ZERO,
            status: "active".into(),
            due: true,
        }
    }
}

impl SubscriptionStatus {
    /// The word of [`SubscriptionFacts::status`].
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Known(state) => state.word(),
            Self::Unknown => "unknown",
        }
    }
}

/// A tax as it was applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppliedTax {
    /// Its name.
    pub name: Untrusted,
    /// Per cent; nought where exempt.
    pub rate: Exact,
}

/// A stretch of an interval on which a subscription had one plan and one quantity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretch {
    /// Its first day.
    pub from: NaiveDate,
    /// The plan it had.
    pub plan_id: String,
    /// Price of one unit of quantity for the whole interval.
    pub price: Exact,
    /// Whether that is the subscription's own price, which went before the list price.
    pub overridden: bool,
    /// Units of the plan.
    pub quantity: Exact,
    /// Days billed of it, as the side counts them.
    pub days: i64,
}

/// Everything the rating of a row stood on beside the plan and its charges (kept once a run, as [`Terms`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RatingInputs {
    /// The target's plan; where it changed within the interval, the last one, whose charges usage is billed by.
    pub plan_id: String,
    /// Units of the plan.
    pub quantity: Exact,
    /// Price instead of the list price.
    pub price_override: Option<Exact>,
    /// Per cent off flat and overage.
    pub discount_percent: Exact,
    /// Days billed of the interval.
    pub days: i64,
    /// Days of the interval.
    pub of_days: i64,
    /// Summed usage by metric, in byte order of the metric.
    pub usage: Vec<(String, Exact)>,
    /// Taxes that hold on the period's first day; `None` where the target's rate is not known.
    pub taxes: Option<Vec<AppliedTax>>,
    /// Where plan or quantity changed within the interval and the side rates that: what held when, oldest first. The flat price is then
    /// theirs, and no longer `quantity` times one price.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stretches: Vec<Stretch>,
}

/// A plan and its charges as a run rated them: stored once a run, for traces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The plan.
    pub plan: Plan,
    /// Its charges, in byte order of the metric.
    pub charges: Vec<Charge>,
}

/// One row of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReconRow {
    /// What it is about.
    pub subject: Subject,
    /// The subscription's key, the order, or the document's id.
    pub key: Untrusted,
    /// Its period.
    pub period: Period,
    /// Customer for people: name, else id; the source's where it has one.
    pub customer: Untrusted,
    /// The customer's id on the side that named it.
    pub customer_id: Untrusted,
    /// Plan for people: name, else id; the target's where it has one.
    pub plan: Untrusted,
    /// The verdict.
    pub verdict: Verdict,
    /// Where `expected` came from; `None` where there is none.
    pub basis: Option<Basis>,
    /// What the source billed, net, rounded by its profile; `None` where it billed nothing or it cannot be read.
    pub actual: Option<Money>,
    /// What the target would bill, net, rounded by its profile; `None` where it would not, or it cannot be known.
    pub expected: Option<Money>,
    /// expected − actual, an absent side being nought; `None` for `not_comparable` and unlinked rows.
    pub delta: Option<Money>,
    /// The same before any rounding.
    pub exact_delta: Option<Exact>,
    /// Tax as stored; `None` where a document stores none.
    pub actual_tax: Option<Money>,
    /// Tax by draft or rating; `None` where not known.
    pub expected_tax: Option<Money>,
    /// expected − actual tax where both are known.
    pub delta_tax: Option<Money>,
    /// The rating, whatever the basis.
    pub rated: Option<Money>,
    /// The target's own documents, whatever the basis.
    pub drafted: Option<Money>,
    /// Documents of both sides, source first, each in byte order of its id; an id read twice stands twice.
    pub documents: Vec<DocumentPart>,
    /// For [`Subject::Order`]: its subscriptions.
    pub deployments: Vec<Untrusted>,
    /// Why it is not comparable, or another word about it.
    pub why: Option<String>,
    /// The subscription in the source.
    pub source: Option<SubscriptionFacts>,
    /// The subscription in the target.
    pub target: Option<SubscriptionFacts>,
    /// What the rating stood on; one entry a deployment.
    pub inputs: Vec<RatingInputs>,
    /// What people made of it.
    pub review: Review,
}

impl ReconRow {
    /// A row of which nothing is known but what it is about.
    pub fn blank(subject: Subject, key: Untrusted, period: Period) -> Self {
        Self {
            subject,
            key,
            period,
            customer: Untrusted::default(),
            customer_id: Untrusted::default(),
            plan: Untrusted::default(),
            verdict: Verdict::NotComparable,
            basis: None,
            actual: None,
            expected: None,
            delta: None,
            exact_delta: None,
            actual_tax: None,
            expected_tax: None,
            delta_tax: None,
            rated: None,
            drafted: None,
            documents: Vec::new(),
            deployments: Vec::new(),
            why: None,
            source: None,
            target: None,
            inputs: Vec::new(),
            review: Review::Open,
        }
    }

    /// The currency the row is shown in: the source's where it billed, else the target's.
    pub fn currency(&self) -> Option<Currency> {
        self.actual.or(self.expected).map(|m| m.currency)
    }

    /// Money at stake in minor units, for sorting: |delta|, or |actual| of an unlinked or incomparable row.
    pub fn at_stake(&self) -> i64 {
        let money = self.delta.or(self.actual).or(self.expected);
        money.map_or(0, |m| m.minor.saturating_abs())
    }
}

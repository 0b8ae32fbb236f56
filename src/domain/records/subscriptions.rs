//! Subscriptions and what they used.

use super::catalogue::{currency, small_whole};
use crate::domain::currency::Currency;
use crate::domain::decode::{Reason, Row, RowError, When};
use crate::domain::exact::Exact;
use crate::domain::key::Key;
use crate::domain::period::Grid;
use crate::domain::profile::{Ends, MoneyUnit, SubscriptionState};
use chrono::NaiveDate;

/// A status word and what the side's vocabulary says of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SubscriptionStatus {
    /// A known word.
    Known(SubscriptionState),
    /// NULL, or a word outside the vocabulary: a finding that fails.
    Unknown,
}

/// Who has which plan since when.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subscription {
    /// The external subscription id, normalised.
    pub key: Key,
    /// Its customer, by the side's own id.
    pub customer_id: String,
    /// Its plan, by the side's own id.
    pub plan_id: String,
    /// What its status means.
    pub status: SubscriptionStatus,
    /// First day.
    pub started_on: NaiveDate,
    /// First day no longer active, whatever the side's ends; `None` is open.
    pub ended_on: Option<NaiveDate>,
    /// First day after the trial.
    pub trial_end: Option<NaiveDate>,
    /// Units of the plan.
    pub quantity: Exact,
    /// Price that goes before the plan's list price, in major units.
    pub price_override: Option<Exact>,
    /// Per cent off flat and overage alike.
    pub discount_percent: Exact,
    /// Its row of periods.
    pub grid: Grid,
    /// Its own currency, where it names one.
    pub currency: Option<Currency>,
}

impl Subscription {
    /// Reads a row.
    pub fn read(row: &Row<'_>, currency_of_plan: impl Fn(&str) -> Option<Currency>) -> Result<Self, Box<RowError>> {
        let err = |column: &str, r: Reason| row.error(&row.display_id(&["id"]), column, r);
        let key = row.key("id").and_then(|k| k.ok_or(Reason::EmptyId)).map_err(|r| err("id", r))?;
        let text = |column: &str| row.id(column).map_err(|r| err(column, r));
        let number = |column: &str| row.number(column).map_err(|r| err(column, r));
        let plan_id = text("plan_id")?;
        let own = currency(row, "currency").map_err(|r| err("currency", r))?;
        let price_override = match (number("price_override")?, row.profile().money_unit) {
            (Some(price), MoneyUnit::Minor) => {
                let c = own.or_else(|| currency_of_plan(plan_id)).ok_or_else(|| err("price_override", Reason::UnknownCurrency))?;
                Some(super::catalogue::major(price, c, row.profile()).map_err(|r| err("price_override", r))?)
            }
            (price, _) => price,
        };
        let started_on = row.day("started_on").and_then(|d| d.ok_or(Reason::Missing)).map_err(|r| err("started_on", r))?;
        let ended_on = match (row.open_day("ended_on").map_err(|r| err("ended_on", r))?, row.profile().ends) {
            (Some(last), Ends::Inclusive) => last.succ_opt(),
            (end, _) => end,
        };
        if ended_on.is_some_and(|end| end < started_on) {
            return Err(err("ended_on", Reason::EndsBeforeStart));
        }
        let anchor = small_whole(row, "anchor_day").map_err(|r| err("anchor_day", r))?;
        let grid = match anchor {
            None => Grid::default(),
            Some(day) => u8::try_from(day).ok().and_then(Grid::anchored).ok_or_else(|| err("anchor_day", Reason::NotADate))?,
        };
        Ok(Self {
            key,
            customer_id: text("customer_id")?.to_owned(),
            plan_id: plan_id.to_owned(),
            status: status(row).map_err(|r| err("status", r))?,
            started_on,
            ended_on,
            trial_end: row.far_day("trial_end").map_err(|r| err("trial_end", r))?,
            quantity: number("quantity")?.unwrap_or(Exact::ONE),
            price_override,
            discount_percent: number("discount_percent")?.unwrap_or(Exact::ZERO),
            grid,
            currency: own,
        })
    }
}

fn status(row: &Row<'_>) -> Result<SubscriptionStatus, Reason> {
    let known = row.text("status")?.and_then(|word| row.profile().vocabulary.subscriptions.get(word));
    Ok(known.map_or(SubscriptionStatus::Unknown, |state| SubscriptionStatus::Known(*state)))
}

/// One usage record, or a sum of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// Whose.
    pub key: Key,
    /// The local day that decides its period.
    pub day: NaiveDate,
    /// How much.
    pub quantity: Exact,
    /// The local day it arrived, where known.
    pub ingested_on: Option<NaiveDate>,
}

impl Usage {
    /// Reads a row. The metric and the idempotency key stay in the row: the engine interns them.
    pub fn read(row: &Row<'_>) -> Result<Self, Box<UsageError>> {
        let id = || row.display_id(&["idempotency_key", "subscription_id"]);
        let key = row.key("subscription_id").and_then(|k| k.ok_or(Reason::EmptyId));
        let day = match row.when("occurred_at") {
            Ok(Some(when)) => Ok(when.day(row.zone())),
            Ok(None) => row.when("period_start").and_then(|w| w.map(|w: When| w.day(row.zone())).ok_or(Reason::Missing)),
            Err(reason) => Err(reason),
        };
        let (key, day, quantity) = match (key, day, row.required_number("quantity"), row.id("metric")) {
            (Ok(key), Ok(day), Ok(quantity), Ok(_)) => (key, day, quantity),
            (key, day, quantity, metric) => {
                let time_column = if row.bytes("occurred_at").is_some() { "occurred_at" } else { "period_start" };
                let (column, reason) = match (&key, &day, &quantity, &metric) {
                    (Err(r), ..) => ("subscription_id", *r),
                    (_, Err(r), ..) => (time_column, *r),
                    (_, _, Err(r), _) => ("quantity", *r),
                    (_, _, _, Err(r)) => ("metric", *r),
                    _ => ("quantity", Reason::Missing),
                };
                return Err(Box::new(UsageError { error: row.error(&id(), column, reason), key: key.ok(), day: day.ok() }));
            }
        };
        let ingested_on = match row.when("ingested_at") {
            Ok(when) => when.map(|w| w.day(row.zone())),
            Err(r) => return Err(Box::new(UsageError { error: row.error(&id(), "ingested_at", r), key: Some(key), day: Some(day) })),
        };
        Ok(Self { key, day, quantity, ingested_on })
    }
}

/// An unreadable usage record, and whose expected amount can therefore not be known.
#[derive(Debug)]
pub struct UsageError {
    /// What is listed.
    pub error: Box<RowError>,
    /// Whose it is, where that much could be read.
    pub key: Option<Key>,
    /// Its day, where that much could be read.
    pub day: Option<NaiveDate>,
}

//! Subscriptions and what they used.

use super::catalogue::{currency, small_whole};
use crate::domain::contract::Column;
use crate::domain::contract::columns::{subscriptions, usage};
use crate::domain::currency::Currency;
use crate::domain::decode::{Reason, Row, RowError};
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
        let err = |column: Column, r: Reason| row.error(&row.display_id(&[subscriptions::ID]), column, r);
        let key = row.key(subscriptions::ID).and_then(|k| k.ok_or(Reason::EmptyId)).map_err(|r| err(subscriptions::ID, r))?;
        let text = |column: Column| row.id(column).map_err(|r| err(column, r));
        let number = |column: Column| row.number(column).map_err(|r| err(column, r));
        let plan_id = text(subscriptions::PLAN_ID)?;
        let own = currency(row, subscriptions::CURRENCY).map_err(|r| err(subscriptions::CURRENCY, r))?;
        let price_override = match (number(subscriptions::PRICE_OVERRIDE)?, row.profile().money_unit) {
            (Some(price), MoneyUnit::Minor) => {
                let c = own.or_else(|| currency_of_plan(&plan_id)).ok_or_else(|| err(subscriptions::PRICE_OVERRIDE, Reason::UnknownCurrency))?;
                Some(super::catalogue::major(price, c, row.profile()).map_err(|r| err(subscriptions::PRICE_OVERRIDE, r))?)
            }
            (price, _) => price,
        };
        let started_on = row.day(subscriptions::STARTED_ON).and_then(|d| d.ok_or(Reason::Missing)).map_err(|r| err(subscriptions::STARTED_ON, r))?;
        let ended_on = match (row.open_day(subscriptions::ENDED_ON).map_err(|r| err(subscriptions::ENDED_ON, r))?, row.profile().ends) {
            (Some(last), Ends::Inclusive) => last.succ_opt(),
            (end, _) => end,
        };
        if ended_on.is_some_and(|end| end < started_on) {
            return Err(err(subscriptions::ENDED_ON, Reason::EndsBeforeStart));
        }
        let anchor = small_whole(row, subscriptions::ANCHOR_DAY).map_err(|r| err(subscriptions::ANCHOR_DAY, r))?;
        let grid = match anchor {
            None => Grid::default(),
            Some(day) => u8::try_from(day).ok().and_then(Grid::anchored).ok_or_else(|| err(subscriptions::ANCHOR_DAY, Reason::NotADate))?,
        };
        Ok(Self {
            key,
            customer_id: text(subscriptions::CUSTOMER_ID)?.into_owned(),
            plan_id: plan_id.into_owned(),
            status: status(row).map_err(|r| err(subscriptions::STATUS, r))?,
            started_on,
            ended_on,
            trial_end: row.far_day(subscriptions::TRIAL_END).map_err(|r| err(subscriptions::TRIAL_END, r))?,
            quantity: number(subscriptions::QUANTITY)?.unwrap_or(Exact::ONE),
            price_override,
            discount_percent: number(subscriptions::DISCOUNT_PERCENT)?.unwrap_or(Exact::ZERO),
            grid,
            currency: own,
        })
    }
}

fn status(row: &Row<'_>) -> Result<SubscriptionStatus, Reason> {
    let known = row.text(subscriptions::STATUS)?.and_then(|word| row.profile().vocabulary.subscriptions.get(&*word));
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
        let id = || row.display_id(&[usage::IDEMPOTENCY_KEY, usage::SUBSCRIPTION_ID]);
        let key = row.key(usage::SUBSCRIPTION_ID).and_then(|k| k.ok_or(Reason::EmptyId));
        let day = match row.day(usage::OCCURRED_AT) {
            Ok(None) => row.day(usage::PERIOD_START).and_then(|day| day.ok_or(Reason::Missing)),
            day => day.and_then(|day| day.ok_or(Reason::Missing)),
        };
        let (key, day, quantity) = match (key, day, row.required_number(usage::QUANTITY), row.id(usage::METRIC)) {
            (Ok(key), Ok(day), Ok(quantity), Ok(_)) => (key, day, quantity),
            (key, day, quantity, metric) => {
                let time_column = if row.is_null(usage::OCCURRED_AT) { usage::PERIOD_START } else { usage::OCCURRED_AT };
                let (column, reason) = match (&key, &day, &quantity, &metric) {
                    (Err(r), ..) => (usage::SUBSCRIPTION_ID, *r),
                    (_, Err(r), ..) => (time_column, *r),
                    (_, _, Err(r), _) => (usage::QUANTITY, *r),
                    (_, _, _, Err(r)) => (usage::METRIC, *r),
                    _ => (usage::QUANTITY, Reason::Missing),
                };
                return Err(Box::new(UsageError { error: row.error(&id(), column, reason), key: key.ok(), day: day.ok() }));
            }
        };
        let ingested_on = match row.day(usage::INGESTED_AT) {
            Ok(day) => day,
            Err(r) => return Err(Box::new(UsageError { error: row.error(&id(), usage::INGESTED_AT, r), key: Some(key), day: Some(day) })),
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

//! Subscriptions and what they used.

use super::catalogue::{currency, small_whole};
use crate::domain::contract::Column;
use crate::domain::contract::columns::{subscriptions, usage};
use crate::domain::currency::Currency;
use crate::domain::decode::{Reason, Row, RowError, When};
use crate::domain::exact::Exact;
use crate::domain::key::{Key, KeyRef, UUID_TEXT};
use crate::domain::period::Grid;
use crate::domain::profile::{Ends, MoneyUnit, SubscriptionState};
use chrono::{DateTime, NaiveDate, Utc};

/// A status word and what the side's vocabulary says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SubscriptionStatus {
    /// A known word.
    Known(SubscriptionState),
    /// NULL, or a word outside the vocabulary: a finding that fails.
    Unknown,
}

/// Who has which plan since when. `T` is the text of its ids: owned, or borrowed while a row or a catalogue is looked at. `C` is the id of
/// its customer, of which a catalogue holds a UUID in sixteen bytes and not as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subscription<K = Key, T = String, C = T> {
    /// The external subscription id, normalised.
    pub key: K,
    /// Its customer, by the side's own id.
    pub customer_id: C,
    /// Its plan, by the side's own id.
    pub plan_id: T,
    /// First day.
    pub started_on: NaiveDate,
    /// What it is billed by, beside these.
    pub terms: SubscriptionTerms,
}

/// A subscription on its way: nothing of it is owned.
pub type SubscriptionRef<'a> = Subscription<KeyRef<'a>, &'a str, KeyRef<'a>>;

/// What a subscription is billed by, beside its plan and its first day. Many subscriptions share one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SubscriptionTerms {
    /// What its status means.
    pub status: SubscriptionStatus,
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

impl<K, T, C> std::ops::Deref for Subscription<K, T, C> {
    type Target = SubscriptionTerms;

    fn deref(&self) -> &SubscriptionTerms {
        &self.terms
    }
}

impl<'a> SubscriptionRef<'a> {
    /// Reads a row. `scratch` holds a key whose normal form is no part of the row.
    pub fn read(row: &Row<'a>, scratch: &'a mut String, currency_of_plan: impl Fn(&str) -> Option<Currency>) -> Result<Self, Box<RowError>> {
        let err = |column: Column, r: Reason| row.error(&row.display_id(&[subscriptions::ID]), column, r);
        let key = row.key_ref(subscriptions::ID, scratch).and_then(|k| k.ok_or(Reason::EmptyId)).map_err(|r| err(subscriptions::ID, r))?;
        let text = |column: Column| row.id(column).map_err(|r| err(column, r));
        let plan_id = text(subscriptions::PLAN_ID)?;
        let started_on = row.day(subscriptions::STARTED_ON).and_then(|d| d.ok_or(Reason::Missing)).map_err(|r| err(subscriptions::STARTED_ON, r))?;
        let terms = SubscriptionTerms::read(row, started_on, || currency_of_plan(plan_id))?;
        Ok(Self { key, customer_id: KeyRef::stored(text(subscriptions::CUSTOMER_ID)?), plan_id, started_on, terms })
    }

    /// The same, owned.
    pub fn to_owned(self) -> Subscription {
        Subscription {
            key: self.key.to_key(),
            customer_id: self.customer_id.as_str(&mut [0; UUID_TEXT]).to_owned(),
            plan_id: self.plan_id.to_owned(),
            started_on: self.started_on,
            terms: self.terms,
        }
    }
}

impl SubscriptionTerms {
    fn read(row: &Row<'_>, started_on: NaiveDate, plan_currency: impl Fn() -> Option<Currency>) -> Result<Self, Box<RowError>> {
        let err = |column: Column, r: Reason| row.error(&row.display_id(&[subscriptions::ID]), column, r);
        let number = |column: Column| row.number(column).map_err(|r| err(column, r));
        let own = currency(row, subscriptions::CURRENCY).map_err(|r| err(subscriptions::CURRENCY, r))?;
        let price_override = match (number(subscriptions::PRICE_OVERRIDE)?, row.profile().money_unit) {
            (Some(price), MoneyUnit::Minor) => {
                let c = own.or_else(plan_currency).ok_or_else(|| err(subscriptions::PRICE_OVERRIDE, Reason::UnknownCurrency))?;
                Some(row.profile().major(price, c).map_err(|r| err(subscriptions::PRICE_OVERRIDE, r.into()))?)
            }
            (price, _) => price,
        };
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
            status: status(row).map_err(|r| err(subscriptions::STATUS, r))?,
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
    let known = row.words(subscriptions::STATUS)?.and_then(|word| row.profile().vocabulary.subscriptions.get(word));
    Ok(known.map_or(SubscriptionStatus::Unknown, |state| SubscriptionStatus::Known(*state)))
}

/// One usage record, or a sum of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage<'a> {
    /// Whose.
    pub key: KeyRef<'a>,
    /// What was metered.
    pub metric: &'a str,
    /// The local day that decides its period.
    pub day: NaiveDate,
    /// How much.
    pub quantity: Exact,
    /// The local day it arrived, where known.
    pub ingested_on: Option<NaiveDate>,
    /// What names the event, where it carries a name.
    pub idempotency_key: Option<&'a str>,
}

impl<'a> Usage<'a> {
    /// The moment at which it was metered; `None` where it names only a day or a period, or cannot be read.
    pub fn moment(row: &Row<'_>) -> Option<DateTime<Utc>> {
        match row.when(usage::OCCURRED_AT) {
            Ok(Some(When::At(at))) => Some(at),
            _ => None,
        }
    }

    /// Reads a row. `scratch` holds a key whose normal form is no part of the row.
    pub fn read(row: &Row<'a>, scratch: &'a mut String) -> Result<Self, Box<UsageError>> {
        let key = row.key_ref(usage::SUBSCRIPTION_ID, scratch).and_then(|k| k.ok_or(Reason::EmptyId));
        let day = match row.day(usage::OCCURRED_AT) {
            Ok(None) => row.day(usage::PERIOD_START),
            day => day,
        };
        let day = day.and_then(|day| day.ok_or(Reason::Missing));
        let wrong = |column: Column, reason: Reason| {
            let id = row.display_id(&[usage::IDEMPOTENCY_KEY, usage::SUBSCRIPTION_ID]);
            Box::new(UsageError { error: row.error(&id, column, reason), key: key.ok().map(KeyRef::to_key), day: day.ok() })
        };
        let time_column = || if row.is_null(usage::OCCURRED_AT) { usage::PERIOD_START } else { usage::OCCURRED_AT };
        Ok(Self {
            key: key.map_err(|r| wrong(usage::SUBSCRIPTION_ID, r))?,
            day: day.map_err(|r| wrong(time_column(), r))?,
            quantity: row.required_number(usage::QUANTITY).map_err(|r| wrong(usage::QUANTITY, r))?,
            metric: row.id(usage::METRIC).map_err(|r| wrong(usage::METRIC, r))?,
            ingested_on: row.day(usage::INGESTED_AT).map_err(|r| wrong(usage::INGESTED_AT, r))?,
            idempotency_key: row.words(usage::IDEMPOTENCY_KEY).ok().flatten().filter(|token| !token.is_empty()),
        })
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

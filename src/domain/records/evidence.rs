//! Dated prices, exchange rates, coupons and changes: what may explain a difference and decides no amount.

use super::catalogue::{currency, filled};
use crate::domain::contract::Column;
use crate::domain::contract::columns::{discounts, events, exchange_rates, price_versions};
use crate::domain::currency::Currency;
use crate::domain::decode::{Reason, Row, RowError};
use crate::domain::evidence::{Change, Discount, DiscountKind, Event, ExchangeRate, PriceVersion};
use crate::domain::exact::Exact;
use crate::domain::key::{Key, KeyRef};
use crate::domain::profile::{Ends, MoneyUnit};
use crate::domain::text::Untrusted;
use chrono::NaiveDate;

impl PriceVersion {
    /// Reads a row. Prices in minor units need the plan's currency: `currency_of` finds it by plan id.
    pub fn read(row: &Row<'_>, currency_of: impl Fn(&str) -> Option<Currency>) -> Result<Self, Box<RowError>> {
        let plan_id = row.id(price_versions::PLAN_ID).map_err(|r| row.error("", price_versions::PLAN_ID, r))?;
        let metric = row.words(price_versions::METRIC).map_err(|r| row.error(plan_id, price_versions::METRIC, r))?;
        let metric = filled(metric);
        let id = metric.map_or_else(|| plan_id.to_owned(), |metric| format!("{plan_id} {metric}"));
        let err = |column: Column, r: Reason| row.error(&id, column, r);
        let price = row.required_number(price_versions::PRICE).and_then(|price| in_major(row, price, || currency_of(plan_id)));
        let (valid_from, valid_until) = validity(row, (price_versions::VALID_FROM, price_versions::VALID_TO)).map_err(|(c, r)| err(c, r))?;
        Ok(Self {
            plan_id: plan_id.to_owned(),
            metric: metric.map(ToOwned::to_owned),
            price: price.map_err(|r| err(price_versions::PRICE, r))?,
            valid_from,
            valid_until,
        })
    }
}

impl ExchangeRate {
    /// Reads a row. A rate is a number and no money: it has no minor unit.
    pub fn read(row: &Row<'_>) -> Result<Self, Box<RowError>> {
        use exchange_rates::{FROM_CURRENCY, RATE, TO_CURRENCY, VALID_FROM};
        let word = |column: Column| row.words(column).ok().flatten().unwrap_or_default();
        let err = |column: Column, r: Reason| row.error(format!("{} {}", word(FROM_CURRENCY), word(TO_CURRENCY)).trim(), column, r);
        let known = |column: Column| currency(row, column).and_then(|c| c.ok_or(Reason::Missing)).map_err(|r| err(column, r));
        let (from, to) = (known(FROM_CURRENCY)?, known(TO_CURRENCY)?);
        let valid_from = row.day(VALID_FROM).and_then(|day| day.ok_or(Reason::Missing)).map_err(|r| err(VALID_FROM, r))?;
        let rate = row.required_number(RATE).and_then(|rate| if rate > Exact::ZERO { Ok(rate) } else { Err(Reason::NotPositive) });
        Ok(Self { from, to, valid_from, rate: rate.map_err(|r| err(RATE, r))? })
    }
}

impl Discount {
    /// Reads a row: whose coupon, and the coupon. Amounts in minor units need the subscription's currency: `currency_of` finds it.
    pub fn read(row: &Row<'_>, currency_of: impl Fn(KeyRef<'_>) -> Option<Currency>) -> Result<(Key, Self), Box<RowError>> {
        let code = row.words(discounts::CODE).map_err(|r| row.error(&row.display_id(&[discounts::SUBSCRIPTION_ID]), discounts::CODE, r))?;
        let code = code.unwrap_or_default();
        let err = |column: Column, r: Reason| {
            let whose = row.display_id(&[discounts::SUBSCRIPTION_ID]);
            row.error(format!("{whose} {code}").trim(), column, r)
        };
        let key = row.key(discounts::SUBSCRIPTION_ID).and_then(|k| k.ok_or(Reason::EmptyId)).map_err(|r| err(discounts::SUBSCRIPTION_ID, r))?;
        let kind = kind(row).map_err(|r| err(discounts::KIND, r))?;
        let value = row.required_number(discounts::VALUE).and_then(|value| match kind {
            _ if value.is_negative() => Err(Reason::Negative),
            DiscountKind::Percent => Ok(value),
            DiscountKind::Fixed => in_major(row, value, || currency_of(key.as_ref())),
        });
        let (valid_from, valid_until) = validity(row, (discounts::VALID_FROM, discounts::VALID_TO)).map_err(|(c, r)| err(c, r))?;
        let discount = Self {
            position: place(row).map_err(|r| err(discounts::POSITION, r))?,
            code: Untrusted::new(code),
            kind,
            value: value.map_err(|r| err(discounts::VALUE, r))?,
            valid_from,
            valid_until,
        };
        Ok((key, discount))
    }
}

impl Event {
    /// Reads a row: whose change, and the change.
    pub fn read(row: &Row<'_>) -> Result<(Key, Self), Box<RowError>> {
        let err = |column: Column, r: Reason| row.error(&row.display_id(&[events::SUBSCRIPTION_ID, events::AT]), column, r);
        let key = row.key(events::SUBSCRIPTION_ID).and_then(|k| k.ok_or(Reason::EmptyId)).map_err(|r| err(events::SUBSCRIPTION_ID, r))?;
        let at = row.when(events::AT).and_then(|at| at.ok_or(Reason::Missing)).map_err(|r| err(events::AT, r))?;
        let word = row.words(events::WHAT).and_then(|word| word.ok_or(Reason::Missing)).map_err(|r| err(events::WHAT, r))?;
        let said = |column: Column| row.words(column).map(|text| filled(text).map(Untrusted::new)).map_err(|r| err(column, r));
        let event = Self {
            at,
            day: at.day(row.zone()),
            what: Change::of(word),
            word: Untrusted::new(word),
            from: said(events::FROM)?,
            to: said(events::TO)?,
        };
        Ok((key, event))
    }
}

impl Change {
    /// What a side's word means, whatever its case: the contract's word, or one that people write for it.
    fn of(word: &str) -> Self {
        let word: String = word.trim().chars().map(|c| if matches!(c, ' ' | '-' | '.' | ':') { '_' } else { c.to_ascii_lowercase() }).collect();
        match word.trim_end_matches("_change").trim_end_matches("_changed").trim_start_matches("subscription_") {
            "status" | "state" | "cancel" | "cancelled" | "canceled" | "pause" | "paused" | "resume" | "resumed" | "suspend" | "suspended"
            | "activate" | "activated" | "reactivated" | "start" | "started" | "created" | "end" | "ended" | "expired" | "terminated" => Self::Status,
            "plan" | "plan_id" | "product" | "product_id" | "upgrade" | "downgrade" | "swap" => Self::Plan,
            "quantity" | "qty" | "seat" | "seats" | "seat_count" | "units" | "licenses" | "licences" => Self::Quantity,
            _ => Self::Other,
        }
    }
}

fn kind(row: &Row<'_>) -> Result<DiscountKind, Reason> {
    let word = row.words(discounts::KIND)?.ok_or(Reason::Missing)?;
    match word.trim().to_ascii_lowercase().as_str() {
        "percent" | "percentage" | "per_cent" | "percent_off" | "pct" | "%" => Ok(DiscountKind::Percent),
        "fixed" | "fixed_amount" | "amount" | "amount_off" | "absolute" | "flat" => Ok(DiscountKind::Fixed),
        _ => Err(Reason::UnknownWord),
    }
}

/// Its place in the order of stacking; those without one come first.
fn place(row: &Row<'_>) -> Result<i64, Reason> {
    let Some(value) = row.number(discounts::POSITION)? else { return Ok(0) };
    let whole = value.reduced();
    if whole.den() != 1 {
        return Err(Reason::NotANumber);
    }
    i64::try_from(whole.num()).map_err(|_| Reason::TooManyDigits)
}

fn in_major(row: &Row<'_>, value: Exact, currency: impl Fn() -> Option<Currency>) -> Result<Exact, Reason> {
    match row.profile().money_unit {
        MoneyUnit::Major => Ok(value),
        MoneyUnit::Minor => Ok(row.profile().major(value, currency().ok_or(Reason::UnknownCurrency)?)?),
    }
}

/// First day, and first day no more, whatever the side's ends.
fn validity(row: &Row<'_>, (from, to): (Column, Column)) -> Result<(Option<NaiveDate>, Option<NaiveDate>), (Column, Reason)> {
    let first = row.far_day(from).map_err(|r| (from, r))?;
    let until = match (row.open_day(to).map_err(|r| (to, r))?, row.profile().ends) {
        (Some(last), Ends::Inclusive) => last.succ_opt(),
        (end, _) => end,
    };
    match (first, until) {
        (Some(first), Some(until)) if until < first => Err((to, Reason::EndsBeforeStart)),
        validity => Ok(validity),
    }
}

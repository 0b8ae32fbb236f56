//! Customers, plans, charges, taxes and order links.

use super::tiers::{PricedBy, Tiers, read_blocks, read_units};
use crate::domain::contract::Column;
use crate::domain::contract::columns::{charges, customers, links, plans, taxes};
use crate::domain::currency::Currency;
use crate::domain::decode::{Reason, Row, RowError};
use crate::domain::exact::Exact;
use crate::domain::key::Key;
use crate::domain::profile::MoneyUnit;
use crate::domain::text::Untrusted;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// Who pays.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Customer {
    /// The side's own id.
    pub id: String,
    /// Name for people.
    pub name: Untrusted,
    /// Country code.
    pub country: Option<String>,
    /// Region code, by which taxes are found.
    pub region: Option<String>,
}

impl Customer {
    /// Reads a row.
    pub fn read(row: &Row<'_>) -> Result<Self, Box<RowError>> {
        let id = row.id(customers::ID).map_err(|r| row.error("", customers::ID, r))?;
        let text = |column: Column| row.words(column).map_err(|r| row.error(id, column, r));
        Ok(Self {
            id: id.to_owned(),
            name: Untrusted::new(text(customers::NAME)?.unwrap_or_default()),
            country: filled(text(customers::COUNTRY)?).map(ToOwned::to_owned),
            region: filled(text(customers::REGION)?).map(ToOwned::to_owned),
        })
    }
}

/// The billing interval of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Interval {
    /// Whole months: month 1, quarter 3, year 12; 0 for weeks and days, which are not rated.
    pub months: u32,
}

/// What can be subscribed to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Plan {
    /// The side's own id.
    pub id: String,
    /// Name for people.
    pub name: Untrusted,
    /// Currency of its prices.
    pub currency: Currency,
    /// How often it bills.
    pub interval: Interval,
    /// Price per interval and unit of quantity, in major units.
    pub flat_price: Exact,
    /// Sold or retired.
    pub active: bool,
}

impl Plan {
    /// Reads a row.
    pub fn read(row: &Row<'_>) -> Result<Self, Box<RowError>> {
        let id = row.id(plans::ID).map_err(|r| row.error("", plans::ID, r))?;
        let err = |column: Column, r: Reason| row.error(id, column, r);
        let currency =
            currency(row, plans::CURRENCY).map_err(|r| err(plans::CURRENCY, r))?.ok_or_else(|| err(plans::CURRENCY, Reason::UnknownCurrency))?;
        let flat = row.required_number(plans::FLAT_PRICE).map_err(|r| err(plans::FLAT_PRICE, r))?;
        Ok(Self {
            id: id.to_string(),
            name: Untrusted::new(row.words(plans::NAME).map_err(|r| err(plans::NAME, r))?.unwrap_or_default()),
            currency,
            interval: interval(row).map_err(|(column, r)| err(column, r))?,
            flat_price: row.profile().major(flat, currency).map_err(|r| err(plans::FLAT_PRICE, r.into()))?,
            active: row.boolean(plans::ACTIVE).map_err(|r| err(plans::ACTIVE, r))?.unwrap_or(true),
        })
    }
}

fn interval(row: &Row<'_>) -> Result<Interval, (Column, Reason)> {
    let word = row.words(plans::INTERVAL).map_err(|r| (plans::INTERVAL, r))?.map_or_else(|| "month".to_owned(), str::to_ascii_lowercase);
    let base = match word.as_str() {
        "month" | "months" | "monthly" => 1,
        "quarter" | "quarters" | "quarterly" => 3,
        "year" | "years" | "yearly" | "annual" => 12,
        // Weeks and days are not rated: 0 months makes whatever is due on such a plan not comparable, and nothing else.
        "week" | "weeks" | "weekly" | "day" | "days" | "daily" => 0,
        _ => return Err((plans::INTERVAL, Reason::UnknownWord)),
    };
    let count = small_whole(row, plans::INTERVAL_COUNT).map_err(|r| (plans::INTERVAL_COUNT, r))?.unwrap_or(1);
    if count == 0 || count > 1200 {
        return Err((plans::INTERVAL_COUNT, Reason::UnknownWord));
    }
    Ok(Interval { months: base * count })
}

/// How usage becomes money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChargeModel {
    /// Proportional: over ÷ package size × unit price.
    Standard,
    /// Every started package costs its whole price.
    Package,
    /// Only full packages are charged.
    PackageDown,
    /// Each tier prices its own slice.
    Graduated,
    /// Each tier takes its per cent of its own slice.
    GraduatedPercentage,
    /// The tier reached prices everything.
    Volume,
    /// Per cent of what is metered; the unit price is the rate.
    Percentage,
    /// Tiers of blocks, one after the other (Kill Bill's all tiers).
    PackageTiers,
    /// Tiers of blocks, of which one prices everything (Kill Bill's top tier).
    PackageTopTier,
    /// A model this version does not rate: its rows are `not_comparable`, never guessed.
    Unsupported,
}

impl ChargeModel {
    /// The model of a catalogue's word. A word nobody knows is read and not rated.
    pub fn of(word: &str) -> Self {
        match word {
            "standard" => Self::Standard,
            "package" => Self::Package,
            "package_down" => Self::PackageDown,
            "graduated" => Self::Graduated,
            "graduated_percentage" => Self::GraduatedPercentage,
            "volume" => Self::Volume,
            "percentage" => Self::Percentage,
            "package_tiers" => Self::PackageTiers,
            "package_top_tier" => Self::PackageTopTier,
            _ => Self::Unsupported,
        }
    }

    /// Whether one price, and not tiers, says what a unit costs.
    pub const fn has_one_price(self) -> bool {
        matches!(self, Self::Standard | Self::Package | Self::PackageDown | Self::Percentage)
    }
}

/// A metered price of a plan.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Charge {
    /// Its plan.
    pub plan_id: String,
    /// What is metered.
    pub metric: String,
    /// How it is rated.
    pub model: ChargeModel,
    /// The model's own word, for messages.
    pub model_word: String,
    /// Free quantity of the period.
    pub included: Exact,
    /// Units one `unit_price` buys; 1 where none is given.
    pub package_size: Exact,
    /// Price of one package, in major units; more decimals than money. Of a percentage: per cent.
    pub unit_price: Option<Exact>,
    /// What a unit costs where it is not one price; in major units.
    #[serde(default, skip_serializing_if = "Tiers::is_none")]
    pub tiers: Tiers,
    /// Least the charge comes to.
    pub minimum: Option<Exact>,
    /// Most the charge comes to.
    pub maximum: Option<Exact>,
}

impl Charge {
    /// The price of a package, of charges that have one; a rate is none.
    pub const fn package_price(&self) -> Option<Exact> {
        match self.model {
            ChargeModel::Standard | ChargeModel::Package | ChargeModel::PackageDown => self.unit_price,
            _ => None,
        }
    }

    /// Reads a row. Prices in minor units need the plan's currency: `currency_of` finds it by plan id.
    pub fn read(row: &Row<'_>, currency_of: impl Fn(&str) -> Option<Currency>) -> Result<Self, Box<RowError>> {
        let plan_id = row.id(charges::PLAN_ID).map_err(|r| row.error("", charges::PLAN_ID, r))?;
        let metric = row.id(charges::METRIC).map_err(|r| row.error(plan_id, charges::METRIC, r))?;
        let id = format!("{plan_id} {metric}");
        let err = |column: Column, r: Reason| row.error(&id, column, r);
        // Prices in minor units are worth this much of a major one.
        let unit = match (row.profile().money_unit, currency_of(plan_id)) {
            (MoneyUnit::Major, _) => Some(Exact::ONE),
            (MoneyUnit::Minor, Some(c)) => Some(row.profile().major(Exact::ONE, c).map_err(|r| err(charges::UNIT_PRICE, r.into()))?),
            (MoneyUnit::Minor, None) => None,
        };
        let in_major = |column: Column, value: Exact| match unit {
            Some(unit) => value.mul(unit).map_err(|r| err(column, r.into())),
            None => Err(err(column, Reason::UnknownCurrency)),
        };
        let number = |column: Column| row.number(column).map_err(|r| err(column, r));
        let price = |column: Column| number(column)?.map(|value| in_major(column, value)).transpose();
        let word = row.words(charges::MODEL).map_err(|r| err(charges::MODEL, r))?.filter(|m| !m.is_empty());
        let model_word = word.unwrap_or("standard").to_owned();
        let model = ChargeModel::of(&model_word);
        let package_size = number(charges::PACKAGE_SIZE)?.unwrap_or(Exact::ONE);
        if package_size <= Exact::ZERO {
            return Err(err(charges::PACKAGE_SIZE, Reason::Overflow));
        }
        // A rate is no money: it has no unit to be converted from.
        let unit_price = if model == ChargeModel::Percentage { number(charges::UNIT_PRICE)? } else { price(charges::UNIT_PRICE)? };
        if unit_price.is_none() && model.has_one_price() {
            return Err(err(charges::UNIT_PRICE, Reason::Missing));
        }
        let tiers = tiers(row, model).map_err(|r| err(charges::TIERS, r))?;
        let tiers = priced(tiers, model, |value| in_major(charges::TIERS, value))?;
        Ok(Self {
            plan_id: plan_id.to_string(),
            metric: metric.to_owned(),
            model,
            model_word,
            included: row.number(charges::INCLUDED).map_err(|r| err(charges::INCLUDED, r))?.unwrap_or(Exact::ZERO),
            package_size,
            unit_price,
            tiers,
            minimum: price(charges::MINIMUM)?,
            maximum: price(charges::MAXIMUM)?,
        })
    }
}

/// The tiers of a model that has any, in the side's own money unit. Of other models the column says nothing.
fn tiers(row: &Row<'_>, model: ChargeModel) -> Result<Tiers, Reason> {
    let read: fn(&str) -> Option<Tiers> = match model {
        ChargeModel::Graduated | ChargeModel::Volume => |text| read_units(text, PricedBy::Unit).map(Tiers::Units),
        ChargeModel::GraduatedPercentage => |text| read_units(text, PricedBy::Rate).map(Tiers::Units),
        ChargeModel::PackageTiers | ChargeModel::PackageTopTier => |text| read_blocks(text).map(Tiers::Blocks),
        _ => return Ok(Tiers::None),
    };
    let text = filled(row.words(charges::TIERS)?).ok_or(Reason::Missing)?;
    read(text).ok_or(Reason::NotTiers)
}

/// The same with its money in major units; rates stay as they are.
fn priced<E>(mut tiers: Tiers, model: ChargeModel, major: impl Fn(Exact) -> Result<Exact, E>) -> Result<Tiers, E> {
    match &mut tiers {
        Tiers::None => {}
        Tiers::Units(tiers) => {
            for tier in tiers {
                tier.flat = major(tier.flat)?;
                if model != ChargeModel::GraduatedPercentage {
                    tier.unit = major(tier.unit)?;
                }
            }
        }
        Tiers::Blocks(tiers) => {
            for tier in tiers {
                tier.price = major(tier.price)?;
            }
        }
    }
    Ok(tiers)
}

/// A tax rate, for a customer, a region, or everybody.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Tax {
    /// Name for people.
    pub name: Untrusted,
    /// Per cent.
    pub rate: Exact,
    /// Region it is for.
    pub region: Option<String>,
    /// Customer it is for; goes before a region.
    pub customer_id: Option<String>,
    /// First day it holds.
    pub valid_from: Option<NaiveDate>,
    /// Last day it holds, or the first it does not, by the side's declared ends; stored here as the first it does not.
    pub valid_until: Option<NaiveDate>,
    /// No tax at all.
    pub exempt: bool,
    /// Taken of the net and the taxes before it, not of the net alone. Compound taxes come after the others.
    pub compound: bool,
}

impl Tax {
    /// Reads a row. `valid_to` is the last day of validity, as tax tables write it.
    pub fn read(row: &Row<'_>) -> Result<Self, Box<RowError>> {
        let name = row.display_id(&[taxes::NAME, taxes::REGION, taxes::CUSTOMER_ID]);
        let err = |column: Column, r: Reason| row.error(&name, column, r);
        let text = |column: Column| row.words(column).map_err(|r| err(column, r));
        let until = row.open_day(taxes::VALID_TO).map_err(|r| err(taxes::VALID_TO, r))?;
        Ok(Self {
            name: Untrusted::new(text(taxes::NAME)?.unwrap_or_default()),
            rate: row.required_number(taxes::RATE).map_err(|r| err(taxes::RATE, r))?,
            region: filled(text(taxes::REGION)?).map(ToOwned::to_owned),
            customer_id: filled(text(taxes::CUSTOMER_ID)?).map(ToOwned::to_owned),
            valid_from: row.far_day(taxes::VALID_FROM).map_err(|r| err(taxes::VALID_FROM, r))?,
            valid_until: until.and_then(|d| d.succ_opt()),
            exempt: row.boolean(taxes::EXEMPT).map_err(|r| err(taxes::EXEMPT, r))?.unwrap_or(false),
            compound: row.boolean(taxes::COMPOUND).map_err(|r| err(taxes::COMPOUND, r))?.unwrap_or(false),
        })
    }
}

impl Tax {
    /// The rate that is charged: nought where exempt.
    pub const fn charged(&self) -> Exact {
        if self.exempt { Exact::ZERO } else { self.rate }
    }
}

/// One subscription an order stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The order.
    pub order: Key,
    /// One of its subscriptions.
    pub subscription: Key,
}

impl Link {
    /// Reads a row.
    pub fn read(row: &Row<'_>) -> Result<Self, Box<RowError>> {
        let name = row.display_id(&[links::ORDER_ID, links::SUBSCRIPTION_ID]);
        let key = |column: Column| row.key(column).and_then(|k| k.ok_or(Reason::EmptyId)).map_err(|r| row.error(&name, column, r));
        Ok(Self { order: key(links::ORDER_ID)?, subscription: key(links::SUBSCRIPTION_ID)? })
    }
}

pub(super) fn filled(text: Option<&str>) -> Option<&str> {
    text.filter(|t| !t.trim().is_empty())
}

/// An ISO currency; NULL and empty are `None`, anything else unknown is an error.
pub(super) fn currency(row: &Row<'_>, column: Column) -> Result<Option<Currency>, Reason> {
    match row.words(column)? {
        None | Some("") => Ok(None),
        Some(code) => Currency::known(code).map(Some).ok_or(Reason::UnknownCurrency),
    }
}

/// A small whole number; NULL is `None`.
pub(super) fn small_whole(row: &Row<'_>, column: Column) -> Result<Option<u32>, Reason> {
    let Some(value) = row.number(column)? else { return Ok(None) };
    let whole = value.reduced();
    if whole.den() != 1 {
        return Err(Reason::NotANumber);
    }
    u32::try_from(whole.num()).map(Some).map_err(|_| Reason::NotANumber)
}

//! The arithmetic of one rating, each line with all that a person needs to redo it.

use super::cycles::RATIO;
use super::discount::keep;
use super::metered::{Started, beyond, packages};
use super::proration::{Share, daily_price_first, prorate, ratio_first};
use super::spend::clamp;
use super::tax::{self, Taxes};
use super::tiers::{BlockPolicy, graduated, graduated_percentage, package_tiers, volume};
use crate::domain::exact::{Exact, NumberError};
use crate::domain::money::Money;
use crate::domain::profile::{Proration, SideProfile, Stage, ZeroUsage};
use crate::domain::records::{Charge, ChargeModel, Plan};
use crate::domain::rounding::{Rounding, to_minor};
use crate::domain::row::{AppliedTax, RatingInputs, Stretch, Terms};

/// Why something cannot be rated. The row is then `not_comparable`; nothing is guessed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RatingError {
    /// The numbers leave 128 bits.
    #[error("the rating of {0} does not fit exact arithmetic")]
    Number(String),
    /// A charge model this version does not know.
    #[error("charge {metric} of plan {plan} has model {model:?}, which is not rated")]
    Model {
        /// The plan.
        plan: String,
        /// The metric.
        metric: String,
        /// The model's word.
        model: String,
    },
    /// Prices hold tax, and the rate that would take it out is not known.
    #[error("prices include tax and no tax rate is known")]
    TaxUnknown,
}

/// The flat price of an interval, or of a stretch of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlatLine<'t> {
    /// Price of one unit of quantity for the whole interval.
    pub price: Exact,
    /// Whether the subscription's own price went before the list price.
    pub overridden: bool,
    /// Units.
    pub quantity: Exact,
    /// Days billed.
    pub days: i64,
    /// Days of the interval.
    pub of_days: i64,
    /// The stretch it is for, where plan or quantity changed within the interval.
    pub stretch: Option<&'t Stretch>,
}

/// One metered charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageLine<'t> {
    /// Its terms.
    pub charge: &'t Charge,
    /// Price of one package.
    pub unit_price: Exact,
    /// How much was used.
    pub used: Exact,
    /// What is left to pay for beyond what is free.
    pub over: Exact,
    /// Packages charged: exact for `standard`, else whole.
    pub packages: Exact,
}

/// One metered charge whose price hangs on the quantity, or is a part of it: by tiers, or per cent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PricedLine<'t> {
    /// Its terms.
    pub charge: &'t Charge,
    /// How much was used.
    pub used: Exact,
    /// What is left to pay for beyond what is free.
    pub over: Exact,
    /// Whether nothing was used beyond what is free, and nothing is then due.
    pub free: bool,
}

/// What a line is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineOf<'t> {
    /// The plan.
    Flat(FlatLine<'t>),
    /// A charge by unit or package.
    Usage(UsageLine<'t>),
    /// A charge by tiers or per cent.
    Priced(PricedLine<'t>),
}

/// One line of a rating.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RatedLine<'t> {
    /// What for.
    pub of: LineOf<'t>,
    /// After the discount, net of tax, before rounding.
    pub exact: Exact,
    /// Rounded alone, by the side's mode.
    pub rounded: Money,
}

/// A rating.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rating {
    /// Net before rounding.
    pub exact: Exact,
    /// Net, rounded by the side's profile.
    pub net: Money,
    /// Tax by the side's profile; `None` where no rate is known.
    pub tax: Option<Money>,
}

impl Rating {
    /// How much more the net is than what somebody billed, in major units.
    pub fn beyond(&self, billed: Exact) -> Result<Exact, NumberError> {
        self.net.exact()?.sub(billed)
    }

    /// The same of the tax; `None` where no rate is known.
    pub fn tax_beyond(&self, billed: Exact) -> Result<Option<Exact>, NumberError> {
        self.tax.map(|tax| tax.exact()?.sub(billed)).transpose()
    }
}

/// What a subscription's interval is rated by, borrowed from wherever it stands.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'t> {
    /// The plan.
    pub plan: &'t Plan,
    /// Units of it.
    pub quantity: Exact,
    /// Price instead of the list price.
    pub price_override: Option<Exact>,
    /// Per cent off flat and overage.
    pub discount_percent: Exact,
    /// Days billed of the interval.
    pub days: i64,
    /// Days of the interval.
    pub of_days: i64,
    /// Taxes that hold; `None` where they are not known, or not asked for.
    pub taxes: Option<&'t [AppliedTax]>,
    /// What held when, where that changed within the interval: the flat price is then theirs.
    pub stretches: &'t [Stretch],
}

impl<'t> Ground<'t> {
    /// That of a rating's inputs, at the prices of a plan.
    pub fn of(inputs: &'t RatingInputs, plan: &'t Plan) -> Self {
        Self {
            plan,
            quantity: inputs.quantity,
            price_override: inputs.price_override,
            discount_percent: inputs.discount_percent,
            days: inputs.days,
            of_days: inputs.of_days,
            taxes: inputs.taxes.as_deref(),
            stretches: &inputs.stretches,
        }
    }

    /// The price of one unit for the whole interval.
    fn price(&self) -> Exact {
        self.price_override.unwrap_or(self.plan.flat_price)
    }
}

/// Rates a subscription's interval. The quota and packages are neither prorated nor multiplied by quantity; a discount lowers
/// flat and overage alike, before rounding; metrics the plan does not charge cost nothing here (integrity reports them).
pub fn rate(inputs: &RatingInputs, terms: &Terms, profile: &SideProfile) -> Result<Rating, RatingError> {
    rate_lines(inputs, terms, profile, |_| ())
}

/// The same, and shows each line: flat first, then charges in byte order of the metric.
pub fn rate_lines<'t>(
    inputs: &'t RatingInputs,
    terms: &'t Terms,
    profile: &SideProfile,
    each: impl FnMut(RatedLine<'t>),
) -> Result<Rating, RatingError> {
    let used = |charge: &Charge| inputs.usage.iter().find(|(metric, _)| *metric == charge.metric).map_or(Exact::ZERO, |(_, q)| *q);
    rate_charges(&Ground::of(inputs, &terms.plan), terms.charges.iter().map(|charge| (charge, used(charge))), profile, each)
}

/// The same of charges, each with what was used of its metric.
pub fn rate_charges<'t>(
    ground: &Ground<'t>,
    charges: impl Iterator<Item = (&'t Charge, Exact)>,
    profile: &SideProfile,
    mut each: impl FnMut(RatedLine<'t>),
) -> Result<Rating, RatingError> {
    let number = |_: NumberError| RatingError::Number(ground.plan.id.clone());
    let keep = keep(ground.discount_percent).map_err(number)?;
    let net_share = net_share(ground, profile)?;
    let currency = ground.plan.currency;
    let mut exact = Exact::ZERO;
    let mut gross = Exact::ZERO;
    let mut by_line = Money::zero(currency);
    let mut taxes = ground.taxes.map(|taxes| Taxes::new(taxes, currency, profile));
    let mut line = |of: LineOf<'t>, full: Exact, charge: Option<&Charge>| {
        let discounted = full.mul(keep).map_err(number)?;
        // DESIGN's order: the discount first, then what the charge comes to at least and at most.
        let clamped = charge.map_or(discounted, |c| clamp(discounted, c.minimum, c.maximum));
        gross = gross.add(clamped).map_err(number)?;
        let amount = clamped.mul(net_share).map_err(number)?;
        let rounded = to_minor(amount, currency, profile.round_mode).map_err(number)?;
        exact = exact.add(amount).map_err(number)?;
        by_line = by_line.plus(rounded).ok_or(NumberError::Overflow).map_err(number)?;
        if let Some(taxes) = taxes.as_mut().filter(|_| !profile.tax_inclusive) {
            taxes.line(amount, rounded).map_err(number)?;
        }
        each(RatedLine { of, exact: amount, rounded });
        Ok(())
    };
    for flat in flat_lines(ground) {
        let amount = flat_amount(&flat, ground.plan, profile).map_err(number)?;
        line(LineOf::Flat(flat), amount, None)?;
    }
    for (charge, used) in charges {
        if let Some((of, amount)) = charge_line(charge, used, profile)? {
            line(of, amount, Some(charge))?;
        }
    }
    let net = match profile.round_per {
        Stage::Line => by_line,
        Stage::Invoice => to_minor(exact, currency, profile.round_mode).map_err(number)?,
    };
    let tax = match taxes {
        None => None,
        // Prices that hold tax are what the customer pays: the tax is what the net leaves of them, to the last minor unit.
        Some(_) if profile.tax_inclusive => {
            let paid = to_minor(gross, currency, profile.round_mode).map_err(number)?;
            Some(paid.minus(net).ok_or(NumberError::Overflow).map_err(number)?)
        }
        Some(taxes) => Some(taxes.total(net).map_err(number)?),
    };
    Ok(Rating { exact, net, tax })
}

/// What one unit of a price is net of tax: 1, or 1 ÷ (1 + Σ rates) where prices hold tax.
fn net_share(ground: &Ground<'_>, profile: &SideProfile) -> Result<Exact, RatingError> {
    if !profile.tax_inclusive {
        return Ok(Exact::ONE);
    }
    let taxes = ground.taxes.ok_or(RatingError::TaxUnknown)?;
    tax::net_share(taxes.iter().map(|tax| tax.rate)).map_err(|_| RatingError::Number(ground.plan.id.clone()))
}

/// One line for the interval, or one for each stretch of it.
fn flat_lines<'t>(ground: &Ground<'t>) -> impl Iterator<Item = FlatLine<'t>> {
    let Ground { quantity, days, of_days, stretches, .. } = *ground;
    let whole = FlatLine { price: ground.price(), overridden: ground.price_override.is_some(), quantity, days, of_days, stretch: None };
    let of_stretch = move |stretch: &'t Stretch| {
        let Stretch { price, overridden, quantity, days, .. } = *stretch;
        FlatLine { price, overridden, quantity, days, of_days, stretch: Some(stretch) }
    };
    Some(whole).filter(|_| stretches.is_empty()).into_iter().chain(stretches.iter().map(of_stretch))
}

fn flat_amount(line: &FlatLine<'_>, plan: &Plan, profile: &SideProfile) -> Result<Exact, NumberError> {
    let FlatLine { price, quantity, days, of_days, .. } = line;
    let price = price.mul(*quantity)?;
    if days == of_days {
        return Ok(price);
    }
    match profile.proration {
        Proration::DailyPrice => daily_price_first(price, *days, *of_days, daily(plan, profile)),
        Proration::Ratio9 => ratio_first(price, Share { num: *days, den: *of_days }, RATIO),
        Proration::Day | Proration::Fixed30 | Proration::Days30360 | Proration::None => prorate(price, *days, *of_days),
    }
}

/// How the price of a day is rounded, where it is.
pub(super) fn daily(plan: &Plan, profile: &SideProfile) -> Rounding {
    Rounding { digits: plan.currency.exponent(), mode: profile.round_mode }
}

/// The line of a charge and its amount; `None` where nothing is to pay and no minimum asks for it.
fn charge_line<'t>(charge: &'t Charge, used: Exact, profile: &SideProfile) -> Result<Option<(LineOf<'t>, Exact)>, RatingError> {
    let number = |_: NumberError| RatingError::Number(format!("{} {}", charge.plan_id, charge.metric));
    let started = match charge.model {
        ChargeModel::Standard => Some(Started::ByPart),
        ChargeModel::Package => Some(Started::Up),
        ChargeModel::PackageDown => Some(Started::Down),
        _ => None,
    };
    let over = beyond(used, charge.included).map_err(number)?;
    let (of, amount) = if let (Some(started), Some(unit_price)) = (started, charge.unit_price) {
        let packages = packages(over, charge.package_size, started).map_err(number)?;
        let amount = packages.mul(unit_price).map_err(number)?;
        (LineOf::Usage(UsageLine { charge, unit_price, used, over, packages }), amount)
    } else {
        let free = over.is_zero() && profile.zero_usage == ZeroUsage::Free;
        let unrated = || RatingError::Model { plan: charge.plan_id.clone(), metric: charge.metric.clone(), model: charge.model_word.clone() };
        let amount = priced(charge, over).ok_or_else(unrated)?.map_err(number)?;
        (LineOf::Priced(PricedLine { charge, used, over, free }), if free { Exact::ZERO } else { amount })
    };
    let nothing = used.is_zero() && clamp(amount, charge.minimum, charge.maximum).is_zero();
    Ok((!nothing).then_some((of, amount)))
}

/// What a quantity comes to by tiers, or per cent; `None` of a model nobody knows.
fn priced(charge: &Charge, over: Exact) -> Option<Result<Exact, NumberError>> {
    Some(match charge.model {
        ChargeModel::Graduated => graduated(charge.tiers.units(), over),
        ChargeModel::GraduatedPercentage => graduated_percentage(charge.tiers.units(), over),
        ChargeModel::Volume => volume(charge.tiers.units(), over),
        ChargeModel::PackageTiers => package_tiers(charge.tiers.blocks(), over, BlockPolicy::AllTiers),
        ChargeModel::PackageTopTier => package_tiers(charge.tiers.blocks(), over, BlockPolicy::TopTier),
        ChargeModel::Percentage => tax::share(over, charge.unit_price?),
        ChargeModel::Standard | ChargeModel::Package | ChargeModel::PackageDown | ChargeModel::Unsupported => return None,
    })
}

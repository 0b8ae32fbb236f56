//! A rating as steps a person can redo with paper.

use super::rate::{FlatLine, LineOf, PricedLine, RatedLine, RatingError, UsageLine, daily, rate_lines};
use super::tiers::{BlockPolicy, Slice, blocks, reached, slices};
use crate::domain::exact::{Exact, NumberError};
use crate::domain::profile::{Proration, SideProfile, Stage, TaxStage};
use crate::domain::records::{Charge, ChargeModel};
use crate::domain::rounding::{RoundMode, Rounding};
use crate::domain::row::{RatingInputs, Terms};
use crate::domain::text::shown;

/// The steps, one a line: each charge with its tiers, the discount, the rounding, the tax.
pub fn steps(inputs: &RatingInputs, terms: &Terms, profile: &SideProfile) -> Result<Vec<String>, RatingError> {
    let mut out = Vec::new();
    let discount = inputs.discount_percent;
    let rating = rate_lines(inputs, terms, profile, |line| {
        if let LineOf::Priced(priced) = &line.of {
            out.extend(tier_steps(priced));
        }
        out.push(step(&line, discount, profile, daily(&terms.plan, profile)));
    })?;
    let per = if profile.round_per == Stage::Line { "each line" } else { "the sum" };
    out.push(format!("net {} = {} rounded {}, {}", rating.net, exact(rating.exact), mode(profile.round_mode), per));
    match (&inputs.taxes, rating.tax) {
        (Some(taxes), Some(tax)) => {
            let rates: Vec<String> = taxes.iter().map(|t| format!("{} {} %", t.name.shown(24), t.rate)).collect();
            let on = if profile.tax_inclusive {
                "held by the price: what the customer pays less the net"
            } else {
                match profile.tax_per {
                    TaxStage::Line => "on each line",
                    TaxStage::Invoice => "on the net",
                    TaxStage::Once => "on the net, together",
                }
            };
            out.push(format!(
                "tax {tax} = {} {on}, {}",
                if rates.is_empty() { "none".to_owned() } else { rates.join(" + ") },
                mode(profile.round_mode)
            ));
        }
        _ => out.push("tax not known: no rate for this customer, so tax is not compared".to_owned()),
    }
    Ok(out)
}

fn step(line: &RatedLine<'_>, discount: Exact, profile: &SideProfile, daily: Rounding) -> String {
    let working = match &line.of {
        LineOf::Flat(flat) => flat_step(flat, profile.proration, daily),
        LineOf::Usage(UsageLine { charge, unit_price, used, over, packages }) => {
            let size = if charge.package_size == Exact::ONE { String::new() } else { format!(" ÷ {}", charge.package_size) };
            let whole = match charge.model {
                ChargeModel::Package => format!(" = {packages} started packages"),
                ChargeModel::PackageDown => format!(" = {packages} full packages"),
                _ => String::new(),
            };
            format!("{} {over} over{size}{whole} × {unit_price}", metered(charge, *used))
        }
        LineOf::Priced(PricedLine { charge, used, over, free }) => {
            let how = match (free, charge.model, charge.unit_price) {
                (true, ..) => ", nothing to pay for".to_owned(),
                (false, ChargeModel::Percentage, Some(rate)) => format!(" × {rate} %"),
                _ => format!(" by {}, the sum of its tiers", shown(&charge.model_word, 30)),
            };
            format!("{} {over} over{how}", metered(charge, *used))
        }
    };
    let off = if discount.is_zero() { String::new() } else { format!(" − {discount} %") };
    let bounds = match &line.of {
        LineOf::Flat(_) => String::new(),
        LineOf::Usage(UsageLine { charge, .. }) | LineOf::Priced(PricedLine { charge, .. }) => {
            let least = charge.minimum.map_or_else(String::new, |m| format!(", at least {m}"));
            charge.maximum.map_or_else(|| least.clone(), |m| format!("{least}, at most {m}"))
        }
    };
    let without_tax = if profile.tax_inclusive { ", less the tax it holds" } else { "" };
    format!("{working}{off}{bounds}{without_tax} = {}", exact(line.exact))
}

fn metered(charge: &Charge, used: Exact) -> String {
    format!("{} ({used} used, {} included)", shown(&charge.metric, 30), charge.included)
}

fn flat_step(flat: &FlatLine<'_>, proration: Proration, daily: Rounding) -> String {
    let FlatLine { price, quantity, days, of_days, stretch, .. } = flat;
    let name = if flat.overridden { "own price" } else { "flat" };
    let from = stretch.map_or_else(String::new, |s| format!("from {} on plan {}, ", s.from, shown(&s.plan_id, 30)));
    let whole = format!("{from}{name} {price} × {quantity}");
    if days == of_days {
        return whole;
    }
    match proration {
        Proration::DailyPrice => {
            format!("({whole} ÷ {of_days} days, rounded {} to {} decimals) × {days} days", mode(daily.mode), daily.digits)
        }
        Proration::Ratio9 => format!("{whole} × ({days}/{of_days} days, rounded half-up to 9 decimals)"),
        Proration::Day | Proration::Fixed30 | Proration::Days30360 | Proration::None => format!("{whole} × {days}/{of_days} days"),
    }
}

/// What each tier a quantity enters comes to. Nothing where the numbers do not fit: the rating has said so already.
fn tier_steps(line: &PricedLine<'_>) -> Vec<String> {
    if line.free { Vec::new() } else { tier_lines(line).unwrap_or_default() }
}

fn tier_lines(PricedLine { charge, over, .. }: &PricedLine<'_>) -> Result<Vec<String>, NumberError> {
    let name = shown(&charge.metric, 30);
    let unit_line = |slice: &Slice<'_>| {
        let Slice { tier, quantity } = slice;
        let per_cent = if charge.model == ChargeModel::GraduatedPercentage { " %" } else { "" };
        let flat = if tier.flat.is_zero() { String::new() } else { format!(" + {}", tier.flat) };
        let until = tier.up_to.map_or_else(|| "the last tier".to_owned(), |bound| format!("the tier to {bound}"));
        format!("{name} in {until}: {quantity} × {}{per_cent}{flat}", tier.unit)
    };
    match charge.model {
        ChargeModel::Graduated | ChargeModel::GraduatedPercentage => {
            slices(charge.tiers.units(), *over).map(|slice| Ok(unit_line(&slice?))).collect()
        }
        ChargeModel::Volume => {
            let tier = reached(charge.tiers.units(), *over);
            Ok(tier.map(|tier| unit_line(&Slice { tier, quantity: *over })).into_iter().collect())
        }
        ChargeModel::PackageTiers | ChargeModel::PackageTopTier => {
            let policy = if charge.model == ChargeModel::PackageTiers { BlockPolicy::AllTiers } else { BlockPolicy::TopTier };
            let parts = blocks(charge.tiers.blocks(), *over, policy)?;
            Ok(parts.iter().map(|part| format!("{name}: {} started blocks of {} × {}", part.blocks, part.tier.block, part.tier.price)).collect())
        }
        _ => Ok(Vec::new()),
    }
}

/// An exact amount for people: the decimal, or a fraction with its first digits.
fn exact(value: Exact) -> String {
    let text = value.to_string();
    if !text.contains('/') {
        return text;
    }
    match crate::domain::rounding::to_units(value, 6, RoundMode::Down) {
        Ok(units) => format!("{}… ({text})", crate::domain::exact::decimal_text(i128::from(units), 6)),
        Err(_) => text,
    }
}

const fn mode(mode: RoundMode) -> &'static str {
    match mode {
        RoundMode::HalfUp => "half-up",
        RoundMode::HalfEven => "half-even",
        RoundMode::HalfDown => "half-down",
        RoundMode::Up => "up",
        RoundMode::Down => "down",
        RoundMode::Ceil => "towards +∞",
        RoundMode::Floor => "towards −∞",
    }
}

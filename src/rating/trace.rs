//! A rating as steps a person can redo with paper.

use super::rate::{LineOf, RatedLine, RatingError, UsageLine, rate_lines};
use crate::domain::exact::Exact;
use crate::domain::profile::{SideProfile, Stage};
use crate::domain::records::ChargeModel;
use crate::domain::rounding::RoundMode;
use crate::domain::row::{RatingInputs, Terms};
use crate::domain::text::shown;

/// The steps, one a line: each charge, the discount, the rounding, the tax.
pub fn steps(inputs: &RatingInputs, terms: &Terms, profile: &SideProfile) -> Result<Vec<String>, RatingError> {
    let mut out = Vec::new();
    let rating = rate_lines(inputs, terms, profile, |line| out.push(step(&line, inputs.discount_percent, profile.tax_inclusive)))?;
    let per = if profile.round_per == Stage::Line { "each line" } else { "the sum" };
    out.push(format!("net {} = {} rounded {}, {}", rating.net, exact(rating.exact), mode(profile.round_mode), per));
    match (&inputs.taxes, rating.tax) {
        (Some(taxes), Some(tax)) => {
            let rates: Vec<String> = taxes.iter().map(|t| format!("{} {} %", t.name.shown(24), t.rate)).collect();
            let on = if profile.tax_inclusive {
                "held by the price: what the customer pays less the net"
            } else if profile.tax_per == Stage::Line {
                "on each line"
            } else {
                "on the net"
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

fn step(line: &RatedLine<'_>, discount: Exact, inclusive: bool) -> String {
    let working = match &line.of {
        LineOf::Flat(f) => {
            let days = if f.days == f.of_days { String::new() } else { format!(" × {}/{} days", f.days, f.of_days) };
            let price = if f.overridden { "own price" } else { "flat" };
            format!("{price} {} × {}{days}", f.price, f.quantity)
        }
        LineOf::Usage(UsageLine { charge, unit_price, used, over, packages }) => {
            let size = if charge.package_size == Exact::ONE { String::new() } else { format!(" ÷ {}", charge.package_size) };
            let whole = if charge.model == ChargeModel::Package { format!(" = {packages} started packages") } else { String::new() };
            format!("{} ({used} used, {} included) {over} over{size}{whole} × {unit_price}", shown(&charge.metric, 30), charge.included)
        }
    };
    let off = if discount.is_zero() { String::new() } else { format!(" − {discount} %") };
    let bounds = match &line.of {
        LineOf::Flat(_) => String::new(),
        LineOf::Usage(u) => {
            let least = u.charge.minimum.map_or_else(String::new, |m| format!(", at least {m}"));
            u.charge.maximum.map_or_else(|| least.clone(), |m| format!("{least}, at most {m}"))
        }
    };
    let without_tax = if inclusive { ", less the tax it holds" } else { "" };
    format!("{working}{off}{bounds}{without_tax} = {}", exact(line.exact))
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
        RoundMode::Up => "up",
        RoundMode::Down => "down",
    }
}

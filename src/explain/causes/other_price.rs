//! R1: another price: one of its own, the source's list, or an earlier one that held when the subscription or the period began.
//! Evidence: that row.

use super::truncated_price::is_cut;
use super::{Case, Tries};
use crate::domain::evidence::PriceVersion;
use crate::domain::explanation::{Cause, Step};
use crate::domain::side::Side;
use crate::domain::text::shown;
use crate::explain::datum::Datum;
use crate::explain::tries::{Named, Try};
use crate::explain::view::Alter;
use chrono::NaiveDate;

pub fn tries<'a>(case: &Case<'a>, tries: &mut Tries<'_, 'a>) {
    let Some(base) = &case.base else { return };
    let flat = base.flat();
    let mut offer = |alter: Alter<'a>, parameters: String, step: Step, choices: u32, named: Option<Named>| {
        tries.offer(Try { cause: Cause::OtherPrice, parameters, alter, step, choices, named, free: 0 });
    };
    let facts = case.facts(Side::Source);
    if let Some(own) = facts.and_then(|f| f.price_override).filter(|own| *own != flat) {
        offer(
            Alter::Flat(own),
            format!("{own}"),
            Step::Price,
            1,
            Some(Named::standing(format!("source subscription has a price of its own, {own}"), Datum::Subscription(Side::Source, "price_override"))),
        );
    }
    // A price in another currency is no price of this amount, whatever its number.
    let in_currency = case.source_terms().is_none_or(|t| t.plan.currency == case.currency());
    let own_price = facts.is_some_and(|f| f.price_override.is_some());
    if let Some(terms) = case.source_terms().filter(|t| in_currency && case.other_plan().is_none() && !own_price && t.plan.flat_price != flat) {
        let (id, price) = (shown(&terms.plan.id, 40), terms.plan.flat_price);
        let named = Named::standing(format!("source plan {id} costs {price}"), Datum::ListPrice(Side::Source)).of_plan();
        offer(Alter::Flat(price), format!("{price}"), Step::Price, 1, Some(named));
    }
    for &(target, source) in case.charge_pairs().iter().filter(|_| in_currency) {
        if target.model == source.model
            && !is_cut(target, source)
            && (target.unit_price, target.package_size) != (source.unit_price, source.package_size)
        {
            let mut charge = target.clone();
            (charge.unit_price, charge.package_size) = (source.unit_price, source.package_size);
            let price = source.unit_price.map_or_else(|| "none".to_owned(), |p| p.to_string());
            let words = format!("source charges {price} for {} of {}", source.package_size, shown(&source.metric, 30));
            offer(
                Alter::Charge(Box::new(charge)),
                format!("{} {price}", shown(&source.metric, 30)),
                Step::Price,
                1,
                Some(Named::record(words, [Datum::Charge(Side::Source, source.metric.clone(), "unit_price")]).of_plan()),
            );
        }
        if target.included != source.included {
            let mut charge = target.clone();
            charge.included = source.included;
            let words = format!("source includes {} of {}", source.included, shown(&source.metric, 30));
            let parameters = format!("{} {} included", shown(&source.metric, 30), source.included);
            let named = Named::record(words, [Datum::Charge(Side::Source, source.metric.clone(), "included")]).of_plan();
            offer(Alter::Charge(Box::new(charge)), parameters, Step::Quota, 1, Some(named));
        }
    }
    versions(case, &mut offer);
}

/// Versions of the plan's prices on either side that held when the subscription or the period began.
fn versions<'a>(case: &Case<'a>, offer: &mut impl FnMut(Alter<'a>, String, Step, u32, Option<Named>)) {
    let Some(base) = &case.base else { return };
    let days: Vec<NaiveDate> = Side::BOTH
        .iter()
        .filter_map(|side| Some(case.facts(*side)?.started_on))
        .filter(|d| *d < case.period().end)
        .chain([case.period().start])
        .collect();
    for (side, shelf) in [(Side::Source, case.source), (Side::Target, case.target)] {
        let Some(plan) = case.facts(side).map(|f| f.plan_id.raw()).or(Some(base.inputs.plan_id.as_str())) else { continue };
        let of_plan = |v: &&PriceVersion| v.plan_id == plan;
        let choices = u32::try_from(shelf.prices.iter().filter(of_plan).count()).unwrap_or(u32::MAX);
        for (at, version) in shelf.prices.iter().enumerate().filter(|(_, v)| of_plan(v)) {
            if !days.iter().any(|d| held_on(version, *d)) {
                continue;
            }
            let price = version.price;
            let since = version.valid_from.map_or_else(String::new, |from| format!(" from {from}"));
            let until = version.valid_until.map_or_else(String::new, |until| format!(" before {until}"));
            // What held when the subscription began may be its price for good.
            let began = days.iter().any(|d| *d < case.period().start && held_on(version, *d));
            let holds = if began { (None, None) } else { (version.valid_from, version.valid_until) };
            let named = |what: &str| {
                let words = format!("{side} price of plan {}{what}: {price}{since}{until}", shown(plan, 40));
                Some(Named::dated(words, [Datum::PriceVersion(side, at)]).over(holds))
            };
            match &version.metric {
                None => offer(Alter::Flat(price), format!("{price}"), Step::Price, choices, named("")),
                Some(metric) => {
                    let Some(charge) = base.terms.charges.iter().find(|c| c.metric == *metric) else { continue };
                    let mut charge = charge.clone();
                    charge.unit_price = Some(price);
                    let metric = shown(metric, 30);
                    offer(Alter::Charge(Box::new(charge)), format!("{metric} {price}"), Step::Price, choices, named(&format!(", {metric}")));
                }
            }
        }
    }
}

fn held_on(version: &PriceVersion, day: NaiveDate) -> bool {
    version.valid_from.is_none_or(|from| from <= day) && version.valid_until.is_none_or(|until| day < until)
}

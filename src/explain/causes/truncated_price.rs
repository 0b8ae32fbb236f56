//! X5: a unit price with fewer decimals than it has: A = rate(usage, q_k(price)), k 2, 4 or 6. Evidence: the source stores that price.

use super::{Case, Tries};
use crate::domain::exact::Exact;
use crate::domain::explanation::{Cause, Step};
use crate::domain::records::Charge;
use crate::domain::rounding::{RoundMode, Rounding};
use crate::domain::side::Side;
use crate::domain::text::shown;
use crate::explain::datum::Datum;
use crate::explain::tries::{Named, Try};
use crate::explain::view::Alter;

/// Decimals a price is cut to.
const DIGITS: [u32; 3] = [2, 4, 6];

/// A price cut to some decimals, down or to the nearest, as it is stored for its package and as a price of one unit; each with the
/// package it is for.
fn cuts(charge: &Charge) -> Vec<(Exact, Exact)> {
    let Some(price) = charge.unit_price else { return Vec::new() };
    let of_one = price.div(charge.package_size).ok().filter(|_| charge.package_size != Exact::ONE);
    let (mut found, mut last) = (Vec::new(), None);
    for (exact, size) in [Some((price, charge.package_size)), of_one.map(|p| (p, Exact::ONE))].into_iter().flatten() {
        for digits in DIGITS {
            for mode in [RoundMode::Down, RoundMode::HalfUp] {
                let cut = Rounding { digits, mode }.of(exact);
                let cut = cut.ok().filter(|cut| *cut != exact).map(|cut| (cut, size));
                found.extend(cut.filter(|cut| last != Some(*cut)));
                last = cut;
            }
        }
    }
    found
}

/// Whether the source's price is the target's with fewer decimals.
pub fn is_cut(target: &Charge, source: &Charge) -> bool {
    source.unit_price.is_some_and(|price| cuts(target).contains(&(price, source.package_size)))
}

pub fn tries<'a>(case: &Case<'a>, tries: &mut Tries<'_, 'a>) {
    let Some(base) = &case.base else { return };
    let cause = Cause::TruncatedPrice;
    for charge in &base.terms.charges {
        let source = case.charge_pairs().iter().find(|(target, _)| target.metric == charge.metric).map(|(_, source)| source);
        let named = |words| Named::record(words, [Datum::Charge(Side::Source, charge.metric.clone(), "unit_price")]).of_plan();
        for (cut, size) in cuts(charge) {
            let mut altered = charge.clone();
            (altered.unit_price, altered.package_size) = (Some(cut), size);
            let stored = source.is_some_and(|s| (s.unit_price, s.package_size) == (Some(cut), size));
            tries.offer_of((cause, stored), Alter::Charge(Box::new(altered)), |alter| {
                let metric = shown(&charge.metric, 30);
                let named = stored.then(|| named(format!("source charges {cut} for {metric}")));
                Try { cause, parameters: format!("{metric} {cut}"), alter, step: Step::Price, choices: 6, free: i32::from(!stored), named }
            });
        }
    }
}

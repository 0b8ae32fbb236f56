//! The precision lint: unit prices that lose money because of how many digits they are stored with.
//!
//! Two losses are told. A target price that is the source's price cut to fewer digits loses a known amount per unit. A price per
//! single unit with at most three significant digits is uncertain by half of its last digit: what that comes to in a year is the worst case.

use super::codes;
use super::notices::Notices;
use crate::domain::exact::{Exact, NumberError};
use crate::domain::key::Key;
use crate::domain::money::Money;
use crate::domain::records::Charge;
use crate::domain::rounding::{RoundMode, to_minor, to_units};
use crate::domain::row::Terms;
use crate::domain::side::Side;
use crate::ledger::scope::Slot;
use crate::reconcile::month::Books;
use std::collections::BTreeMap;

pub(super) fn check(books: &Books, slot: Slot, notices: &mut Notices) {
    let mut used: BTreeMap<(&str, &str), Exact> = BTreeMap::new();
    let mut partner: BTreeMap<&str, &str> = BTreeMap::new();
    for key in books.usage.keys() {
        let Some(plan) = plan_of(books, Side::Target, key) else { continue };
        if let Some(source) = plan_of(books, Side::Source, key) {
            // Where a plan stands for several, the first by name: the same one whatever the order of rows.
            let first = partner.entry(&plan.plan.id).or_insert(&source.plan.id);
            *first = (*first).min(&source.plan.id);
        }
        for (metric, quantity) in books.usage.of(key, slot).unwrap_or_default() {
            let Some(charge) = plan.charges.iter().find(|c| c.metric == metric) else { continue };
            let over = quantity.sub(charge.included).unwrap_or_default().max(Exact::ZERO);
            let sum = used.entry((&plan.plan.id, &charge.metric)).or_default();
            *sum = sum.add(over).unwrap_or(*sum);
        }
    }
    for ((plan, metric), over) in used {
        let Some(terms) = books.target.plans.get(plan) else { continue };
        let Some(charge) = terms.charges.iter().find(|c| c.metric == metric) else { continue };
        let source = partner.get(plan).and_then(|id| books.source.plans.get(*id)).and_then(|t| t.charges.iter().find(|c| c.metric == metric));
        let (code, loss) = match source.and_then(|s| cut(s, charge)) {
            Some(per_unit) => (&codes::PRECISION_PRICE, Some(per_unit)),
            None => (&codes::PRECISION_UNIT, coarse(charge)),
        };
        if let Some(money) = loss.and_then(|l| yearly(l, over, terms).ok()).filter(|m| m.minor > 0) {
            notices.note(code, Side::Target, format!("{plan} {metric}"), Some(money));
        }
    }
}

fn plan_of<'a>(books: &'a Books, side: Side, key: &Key) -> Option<&'a Terms> {
    let catalogue = books.catalogue(side);
    catalogue.plans.get(&catalogue.subscriptions.get(key)?.last()?.plan_id)
}

/// What a unit loses where the target's price is the source's, rounded at the target's last digit.
fn cut(source: &Charge, target: &Charge) -> Option<Exact> {
    let per_unit = |c: &Charge| c.unit_price?.div(c.package_size).ok();
    let (s, t) = (per_unit(source)?, per_unit(target)?);
    if s == t {
        return None;
    }
    let digits = decimals(target.unit_price?)?;
    let rounded = to_units(s.mul(target.package_size).ok()?, digits, RoundMode::HalfUp).ok()?;
    let is_cut = Exact::scaled(i128::from(rounded), digits).ok()? == target.unit_price?;
    let cut_down =
        Exact::scaled(i128::from(to_units(s.mul(target.package_size).ok()?, digits, RoundMode::Down).ok()?), digits).ok()? == target.unit_price?;
    (is_cut || cut_down).then(|| s.sub(t).and_then(Exact::abs).ok()).flatten()
}

/// Half of the last digit of a price per single unit that has three significant digits or fewer, from the fourth decimal on.
fn coarse(charge: &Charge) -> Option<Exact> {
    let price = charge.unit_price.filter(|_| charge.package_size == Exact::ONE)?;
    let digits = decimals(price)?;
    let small = price.abs().ok()?.mul(Exact::whole(10i128.checked_pow(digits)?)).ok()? < Exact::whole(1000);
    (digits >= 4 && small).then(|| Exact::scaled(1, digits).and_then(|d| d.div(Exact::whole(2))).ok()).flatten()
}

/// Decimals a price ends at.
fn decimals(price: Exact) -> Option<u32> {
    let text = price.to_string();
    if text.contains('/') {
        return None;
    }
    u32::try_from(text.split_once('.').map_or(0, |(_, d)| d.len())).ok()
}

fn yearly(per_unit: Exact, over: Exact, terms: &Terms) -> Result<Money, NumberError> {
    to_minor(per_unit.mul(over)?.mul(Exact::whole(12))?, terms.plan.currency, RoundMode::Down)
}

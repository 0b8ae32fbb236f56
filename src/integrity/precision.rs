//! The precision lint: unit prices that lose money because of how many digits they are stored with.
//!
//! Two losses are told. A target price that is the source's price cut to fewer digits loses a known amount per unit. A price per
//! single unit with at most three significant digits is uncertain by half of its last digit: what that comes to in a year is the worst case.

use super::codes;
use super::notices::Notices;
use crate::domain::exact::{Exact, NumberError};
use crate::domain::money::Money;
use crate::domain::records::Charge;
use crate::domain::rounding::{RoundMode, to_minor, to_units};
use crate::domain::row::Terms;
use crate::domain::side::Side;
use crate::ledger::books::Books;
use crate::reconcile::cell::Cell;

/// What was used beyond the quota of each charge of the target, and the source's plan for the same subscriptions.
#[derive(Debug, Default)]
pub(super) struct Precision {
    /// By number of the target's plan.
    used: Vec<Option<Used>>,
}

#[derive(Debug)]
struct Used {
    /// By place of the charge in its plan; `None` where it was not used.
    over: Vec<Option<Exact>>,
    /// The source's plan, by its id.
    partner: Option<String>,
}

impl Precision {
    /// Takes a key that used something.
    pub(super) fn cell(&mut self, cell: &Cell<'_>) {
        let Some(target) = cell.known.last(Side::Target) else { return };
        let Some(terms) = target.terms else { return };
        let at = target.plan_number as usize;
        if self.used.len() <= at {
            self.used.resize_with(at + 1, || None);
        }
        let used = self.used[at].get_or_insert_with(|| Used { over: vec![None; terms.charges.len()], partner: None });
        if let Some(source) = cell.known.last(Side::Source).filter(|source| source.terms.is_some()) {
            // Where a plan stands for several, the first by name: the same one whatever the order of rows.
            let plan_id = source.subscription.plan_id;
            if used.partner.as_deref().is_none_or(|first| plan_id < first) {
                used.partner = Some(plan_id.to_owned());
            }
        }
        for (metric, quantity) in cell.usage.sums().unwrap_or_default() {
            let found = terms.charges.iter().zip(&mut used.over).find(|(c, _)| c.metric == *metric);
            let Some((charge, sum)) = found else { continue };
            let over = quantity.sub(charge.included).ok().filter(|over| !over.is_negative()).unwrap_or_default();
            let before = sum.unwrap_or_default();
            *sum = Some(before.add(over).unwrap_or(before));
        }
    }

    /// Takes over what other keys of the same month used.
    pub(super) fn absorb(&mut self, other: Self) {
        self.used.resize_with(self.used.len().max(other.used.len()), || None);
        for (ours, theirs) in self.used.iter_mut().zip(other.used) {
            let Some(theirs) = theirs else { continue };
            let Some(ours) = ours else {
                *ours = Some(theirs);
                continue;
            };
            for (sum, more) in ours.over.iter_mut().zip(theirs.over) {
                *sum = match (*sum, more) {
                    (Some(a), Some(b)) => Some(a.add(b).unwrap_or(a)),
                    (a, b) => a.or(b),
                };
            }
            ours.partner = ours.partner.take().into_iter().chain(theirs.partner).min();
        }
    }

    /// Notices what the prices lose at this usage.
    pub(super) fn finish(&self, books: &Books, notices: &mut Notices) {
        for (plan, used) in (0u32..).zip(&self.used) {
            let (Some(terms), Some(used)) = (books.target.terms(plan), used) else { continue };
            let partner = used.partner.as_deref().and_then(|id| books.source.plans.get(id));
            for (charge, over) in terms.charges.iter().zip(&used.over) {
                let Some(over) = *over else { continue };
                let source = partner.and_then(|t| t.charges.iter().find(|c| c.metric == charge.metric));
                let (code, loss) = match source.and_then(|s| cut(s, charge)) {
                    Some(per_unit) => (&codes::PRECISION_PRICE, Some(per_unit)),
                    None => (&codes::PRECISION_UNIT, coarse(charge)),
                };
                if let Some(money) = loss.and_then(|l| yearly(l, over, terms).ok()).filter(|m| m.minor > 0) {
                    notices.note(code, Side::Target, format!("{} {}", terms.plan.id, charge.metric), Some(money));
                }
            }
        }
    }
}

/// What a unit loses where the target's price is the source's, rounded at the target's last digit.
fn cut(source: &Charge, target: &Charge) -> Option<Exact> {
    let per_unit = |c: &Charge| c.package_price()?.div(c.package_size).ok();
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
    let price = charge.package_price().filter(|_| charge.package_size == Exact::ONE)?;
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

//! Which corrections the rows of a run ask for: where the catalogues differ, where a subscription does, and what its explanation names.

use super::{Corrected, Judged, PRORATIONS};
use crate::domain::evidence::{Change, Evidence, PriceVersion, Shelf};
use crate::domain::explanation::{Cause, Certainty, Explanation, Hypothesis};
use crate::domain::fixes::{Carried, Effect, Fix};
use crate::domain::profile::{ChangesWithin, ServiceProfile};
use crate::domain::records::Charge;
use crate::domain::row::{RatingInputs, ReconRow, Subject, Terms};
use crate::domain::side::Side;
use crate::domain::text::shown;
use crate::explain::case::other_plan;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Corrections a run may propose: as many as its catalogue has prices, and no more than can be weighed.
const MOST: usize = 20_000;

/// Corrections proposed by rows that differ, each with how many rows ask for it and what it does to those alone.
#[derive(Debug)]
pub struct Proposals {
    source: Arc<Shelf>,
    target: Arc<Shelf>,
    profile: Arc<ServiceProfile>,
    nothing: Corrected,
    found: BTreeMap<Fix, Effect>,
    /// Rows that are explained by what changed within their period.
    changed: u64,
    /// Whether any row has a change of the target.
    keeps_changes: bool,
}

impl Proposals {
    /// None yet.
    pub fn new([source, target]: [Arc<Shelf>; 2], profile: Arc<ServiceProfile>) -> Self {
        let nothing = Corrected::nothing(Arc::clone(&target), Arc::clone(&profile));
        Self { source, target, profile, nothing, found: BTreeMap::new(), changed: 0, keeps_changes: false }
    }

    /// Takes a row that differs, with what was kept beside it and its explanation.
    pub fn add(&mut self, row: &ReconRow, beside: Option<&Evidence>, told: &Explanation) {
        let changes = |side: Side| beside.into_iter().flat_map(move |b| &b.of(side).events).any(|e| e.what != Change::Other);
        self.keeps_changes |= changes(Side::Target);
        let named = told.hypotheses.iter().take(1).flat_map(|h| &h.causes);
        let is_of_change = told.certainty != Certainty::Unexplained && named.clone().any(|cause| may_be_of_change(*cause));
        self.changed += u64::from(is_of_change && Side::BOTH.into_iter().any(changes));
        let ([inputs], Subject::Subscription, Some(_)) = (row.inputs.as_slice(), row.subject, row.basis) else { return };
        let first = told.hypotheses.first().filter(|_| told.certainty != Certainty::Unexplained);
        let mut asked = Vec::new();
        self.of_catalogue(row, inputs, first, &mut asked);
        of_subscription(row, &mut asked);
        self.of_profile(first.map_or(&[], |h| h.causes.as_slice()), &mut asked);
        for fix in asked {
            self.propose(row, fix);
        }
    }

    fn propose(&mut self, row: &ReconRow, fix: Fix) {
        let mut effect = Effect::default();
        Judged::stored(row).changed(self.nothing.with(&fix).left(row, None).judged(row), &mut effect);
        let is_full = self.found.len() >= MOST;
        match self.found.get_mut(&fix) {
            Some(known) => known.absorb(effect),
            None if is_full => {}
            None => drop(self.found.insert(fix, effect)),
        }
    }

    fn of_catalogue(&self, row: &ReconRow, inputs: &RatingInputs, told: Option<&Hypothesis>, asked: &mut Vec<Fix>) {
        let says = |cause: Cause| told.is_some_and(|h| h.causes.contains(&cause));
        let (Some(facts), Some(target)) = (&row.source, self.target.plan(&inputs.plan_id)) else { return };
        let source = self.source.plan(facts.plan_id.raw());
        let plan = || target.plan.id.clone();
        let by_name = other_plan(&target.plan, facts.plan_id.raw(), source, &self.target);
        let as_told = || {
            let named = told.filter(|_| says(Cause::OtherPlan))?;
            self.target.terms.iter().find(|t| shown(&t.plan.id, 40) == named.parameters)
        };
        if let Some(other) = by_name.or_else(as_told) {
            asked.push(Fix::Mapping { source_plan: facts.plan_id.raw().to_owned(), from: plan(), to: other.plan.id.clone() });
            return;
        }
        let Some(source) = source.filter(|s| s.plan.currency == target.plan.currency) else { return };
        let flat = |to| Fix::FlatPrice { plan: plan(), from: target.plan.flat_price, to };
        if source.plan.flat_price != target.plan.flat_price {
            asked.push(flat(source.plan.flat_price));
        }
        asked.extend(charges(source, target));
        if says(Cause::OtherPrice) {
            let earlier = |v: &&PriceVersion| v.plan_id == source.plan.id;
            for version in self.source.prices.iter().filter(earlier) {
                match &version.metric {
                    None if version.price != target.plan.flat_price => asked.push(flat(version.price)),
                    None => {}
                    Some(metric) => {
                        let Some(charge) = target.charges.iter().find(|c| c.metric == *metric && c.unit_price != Some(version.price)) else {
                            continue;
                        };
                        let to = Charge { unit_price: Some(version.price), ..charge.clone() };
                        let from = Some(Box::new(charge.clone()));
                        asked.push(Fix::Charge { plan: plan(), metric: metric.clone(), from, to: Some(Box::new(to)) });
                    }
                }
            }
        }
    }

    fn of_profile(&self, causes: &[Cause], asked: &mut Vec<Fix>) {
        let (source, target) = (&self.profile.source, &self.profile.target);
        for cause in causes {
            match cause {
                Cause::Rounding | Cause::TaxStage => {
                    if (source.round_per, source.round_mode) != (target.round_per, target.round_mode) {
                        asked.push(Fix::Rounding { per: source.round_per, mode: source.round_mode });
                    }
                    if source.tax_per != target.tax_per {
                        asked.push(Fix::TaxPer { per: source.tax_per });
                    }
                }
                Cause::TaxInclusive => asked.push(Fix::TaxInclusive { to: !target.tax_inclusive }),
                Cause::ProrationByDay | Cause::ProrationBySecond | Cause::DailyPriceRounded | Cause::ComplementProration => {
                    asked.extend(PRORATIONS.into_iter().filter(|rule| *rule != target.proration).map(|to| Fix::Proration { to }));
                }
                _ => {}
            }
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.found.len() + usize::from(self.changes().is_some())
    }

    /// That the target rates what changes within a period, where it does not and that is why rows differ.
    fn changes(&self) -> Option<Fix> {
        let asks = self.changed > 0 && self.profile.target.changes == ChangesWithin::Ignored;
        asks.then_some(Fix::Changes { to: ChangesWithin::Rated, kept: self.keeps_changes })
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Those that do most for the rows that ask for them, at most so many.
    pub fn best(self, most: usize) -> Vec<Fix> {
        let changes = self.changes();
        let most = most.saturating_sub(usize::from(changes.is_some()));
        let mut found: Vec<(Fix, Effect)> = self.found.into_iter().filter(|(_, effect)| effect.rows() > 0).collect();
        found.sort_by_key(|(_, effect)| std::cmp::Reverse((effect.closes(), effect.gained())));
        let mut all: Vec<Fix> = found.iter().take(most.div_ceil(2)).map(|(fix, _)| fix.clone()).collect();
        // Of two currencies the larger numbers are not the larger money: half of them are chosen by rows.
        found.sort_by_key(|(_, effect)| std::cmp::Reverse((effect.gained(), effect.closes())));
        for (fix, _) in found {
            if all.len() < most && !all.contains(&fix) {
                all.push(fix);
            }
        }
        // Always tried: where the run kept too little to tell what it does, that has to be said.
        all.extend(changes);
        all
    }
}

/// Whether a cause may be a change within the period that the target does not rate.
const fn may_be_of_change(cause: Cause) -> bool {
    matches!(
        cause,
        Cause::PlanChange
            | Cause::Seats
            | Cause::Inactive
            | Cause::OtherPlan
            | Cause::ProrationByDay
            | Cause::ProrationBySecond
            | Cause::DailyPriceRounded
            | Cause::ComplementProration
    )
}

/// Where the source's charges differ from the target's: each of the target's becomes the source's.
fn charges(source: &Terms, target: &Terms) -> Vec<Fix> {
    let own = |charge: &Charge| Charge { plan_id: target.plan.id.clone(), ..charge.clone() };
    let fix = |metric: &str, from: Option<&Charge>, to: Option<Charge>| Fix::Charge {
        plan: target.plan.id.clone(),
        metric: metric.to_owned(),
        from: from.cloned().map(Box::new),
        to: to.map(Box::new),
    };
    let mut all = Vec::new();
    for charge in &source.charges {
        let (to, now) = (own(charge), target.charges.iter().find(|c| c.metric == charge.metric));
        if now != Some(&to) {
            all.push(fix(&charge.metric, now, Some(to)));
        }
    }
    for charge in target.charges.iter().filter(|c| source.charges.iter().all(|s| s.metric != c.metric)) {
        all.push(fix(&charge.metric, Some(charge), None));
    }
    all
}

fn of_subscription(row: &ReconRow, asked: &mut Vec<Fix>) {
    let (Some(source), Some(target)) = (&row.source, &row.target) else { return };
    let differs = |what: &Carried| match what {
        Carried::PriceOverride => source.price_override != target.price_override,
        Carried::DiscountPercent => source.discount_percent != target.discount_percent,
        Carried::Quantity => source.quantity != target.quantity,
    };
    asked.extend(Carried::ALL.into_iter().filter(differs).map(|what| Fix::Carry { what }));
}

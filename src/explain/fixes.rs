//! Corrections, and what a run would come to with them: every row they touch is rated and judged anew, those that match today among
//! them. Nothing is estimated: a row of which the run kept too little to tell is counted as such, and stays as it is.

mod propose;
mod rechange;
mod recount;

pub use propose::Proposals;

use crate::domain::evidence::{Evidence, Shelf};
use crate::domain::exact::Exact;
use crate::domain::fixes::{Carried, Effect, Fix};
use crate::domain::judge::{Comparison, judge};
use crate::domain::money::Money;
use crate::domain::profile::{Proration, ServiceProfile, SideProfile};
use crate::domain::records::Charge;
use crate::domain::row::{DocumentPart, RatingInputs, ReconRow, Stretch, Subject, SubscriptionFacts, Terms};
use crate::domain::side::Side;
use crate::domain::verdict::{Basis, Verdict};
use crate::rating::{Summed, rate};
use rechange::{Changed, Rechanged};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// A row as corrections leave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// As it is: they do not touch it.
    Same,
    /// Judged anew.
    Judged(Judged),
    /// Judged by the document the target would make instead of the one it has: that one is what its catalogue says now.
    Redrawn(Judged),
    /// They touch it, and the run kept too little of it to tell.
    Untold,
}

impl Left {
    /// What the row comes to.
    pub const fn judged(self, row: &ReconRow) -> Judged {
        match self {
            Self::Judged(judged) | Self::Redrawn(judged) => judged,
            Self::Same | Self::Untold => Judged::stored(row),
        }
    }
}

/// What a row comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judged {
    /// Its verdict.
    pub verdict: Verdict,
    /// Its delta, where it counts in the sums of a run.
    pub delta: Option<Money>,
}

impl Judged {
    /// What a row came to in its run.
    pub const fn stored(row: &ReconRow) -> Self {
        Self::counted(row.verdict, row.delta)
    }

    const fn counted(verdict: Verdict, delta: Option<Money>) -> Self {
        Self { verdict, delta: if matches!(verdict, Verdict::Unlinked | Verdict::NotComparable) { None } else { delta } }
    }

    /// Adds the way from this to another to an effect.
    pub fn changed(self, to: Self, effect: &mut Effect) {
        if self == to {
            return;
        }
        *effect.moved.entry((self.verdict, to.verdict)).or_default() += 1;
        for (delta, is_new) in [(self.delta, false), (to.delta, true)] {
            let Some(delta) = delta else { continue };
            let (net, gross) = (delta.minor, delta.minor.saturating_abs());
            effect.shift(delta.currency, if is_new { (net, gross) } else { (net.saturating_neg(), gross.saturating_neg()) });
        }
        effect.money.retain(|_, change| *change != (0, 0));
    }
}

/// What ratings come to with corrections.
enum Summing {
    /// What they came to: nothing of them is touched.
    Same,
    /// They cannot be told.
    Untold,
    /// They cannot be rated any more, or have no sum.
    Fails,
    /// This.
    Sum(Summed),
}

/// The target as some corrections make it.
#[derive(Debug, Clone)]
pub struct Corrected {
    target: Arc<Shelf>,
    before: Arc<ServiceProfile>,
    profile: SideProfile,
    /// Plans that are not what the run rated by.
    plans: BTreeMap<String, Terms>,
    /// By the plans of source and target: the plan they belong on.
    mappings: Vec<(String, String, String)>,
    carried: Vec<Carried>,
    /// Whether the run kept any change of the target.
    keeps_changes: bool,
}

impl Corrected {
    /// Nothing corrected.
    pub fn nothing(target: Arc<Shelf>, before: Arc<ServiceProfile>) -> Self {
        let profile = before.target.clone();
        Self { target, before, profile, plans: BTreeMap::new(), mappings: Vec::new(), carried: Vec::new(), keeps_changes: false }
    }

    /// The same with one more.
    #[must_use]
    pub fn with(&self, fix: &Fix) -> Self {
        let mut all = self.clone();
        match fix {
            Fix::FlatPrice { plan, to, .. } => {
                if let Some(terms) = all.plan_mut(plan) {
                    terms.plan.flat_price = *to;
                }
            }
            Fix::Charge { plan, metric, to, .. } => {
                if let Some(terms) = all.plan_mut(plan) {
                    set(&mut terms.charges, metric, to.as_deref());
                }
            }
            Fix::Rounding { per, mode } => (all.profile.round_per, all.profile.round_mode) = (*per, *mode),
            Fix::TaxPer { per } => all.profile.tax_per = *per,
            Fix::TaxInclusive { to } => all.profile.tax_inclusive = *to,
            Fix::Proration { to } => all.profile.proration = *to,
            Fix::Changes { to, kept } => (all.profile.changes, all.keeps_changes) = (*to, *kept),
            Fix::Mapping { source_plan, from, to } => all.mappings.push((source_plan.clone(), from.clone(), to.clone())),
            Fix::Carry { what } => all.carried.push(*what),
        }
        all
    }

    fn plan_mut(&mut self, plan: &str) -> Option<&mut Terms> {
        let known = self.target.plan(plan)?;
        Some(self.plans.entry(plan.to_owned()).or_insert_with(|| known.clone()))
    }

    fn terms(&self, plan: &str) -> Option<&Terms> {
        self.plans.get(plan).or_else(|| self.target.plan(plan))
    }

    /// What a row comes to, with what the run kept beside it.
    pub fn left(&self, row: &ReconRow, beside: Option<&Evidence>) -> Left {
        match (row.basis, self.changed(row, beside)) {
            // A document stays what it is, however its side's changes are rated.
            (Some(Basis::Draft), _) => self.drafted(row),
            (Some(Basis::Rated), changed) if !row.inputs.is_empty() => self.rated(row, changed),
            (None, Changed::Nothing | Changed::NotKept) => Left::Same,
            (Some(Basis::Rated), Changed::Nothing) => self.unrated(row),
            // Nothing of it was rated, and perhaps would be then.
            _ => Left::Untold,
        }
    }

    /// What changed of a row, where changes begin to count.
    fn changed<'e>(&self, row: &ReconRow, beside: Option<&'e Evidence>) -> Changed<'e> {
        if self.begins_changes() { rechange::of(row, beside, self.keeps_changes) } else { Changed::Nothing }
    }

    /// Whether changes of the target begin to count.
    pub fn begins_changes(&self) -> bool {
        rechange::begins(self.before.target.changes, self.profile.changes)
    }

    /// A row that could not be rated, and perhaps could be now: what it would be rated by was not kept.
    fn unrated(&self, row: &ReconRow) -> Left {
        let Some(facts) = &row.target else { return Left::Same };
        let plan = facts.plan_id.raw();
        let is_mapped = self.moves(row).is_some_and(|to| to != plan);
        let taxes = self.profile.tax_inclusive != self.before.target.tax_inclusive;
        if self.plans.contains_key(plan) || is_mapped || taxes { Left::Untold } else { Left::Same }
    }

    /// A row by the target's own document. Where that is what the catalogue rates, a corrected catalogue makes a corrected document;
    /// where it is not, nobody knows what the target would make.
    fn drafted(&self, row: &ReconRow) -> Left {
        let declared = &self.before.target;
        if self.profile.tax_inclusive != declared.tax_inclusive {
            return Left::Untold;
        }
        let then = match self.sum(row, Changed::Nothing) {
            Summing::Same => return self.reread(row),
            Summing::Untold | Summing::Fails => return Left::Untold,
            Summing::Sum(then) => then,
        };
        let now = Self::nothing(Arc::clone(&self.target), Arc::clone(&self.before)).rate_all(row.inputs.iter());
        let Some(now) = now.filter(|now| now.net == row.rated) else { return Left::Untold };
        if (now.net, now.tax()) == (then.net, then.tax()) {
            return self.reread(row);
        }
        let is_one = row.documents.iter().filter(|d| d.side == Side::Target).count() == 1;
        if !is_one || row.drafted != row.rated || row.verdict == Verdict::NotComparable {
            return Left::Untold;
        }
        let tax = match row.expected_tax {
            None => None,
            Some(tax) if now.tax() == Some(tax) => then.tax(),
            Some(_) => return Left::Untold,
        };
        Left::Redrawn(self.judged(row, then.net, tax))
    }

    /// A row whose document stays as it is: the profile may change how it is read.
    fn reread(&self, row: &ReconRow) -> Left {
        let declared = &self.before.target;
        let rounds = (self.profile.round_per, self.profile.round_mode) != (declared.round_per, declared.round_mode);
        let whole = |d: &DocumentPart| {
            let digits = d.net.currency.exponent();
            let fits = |amount: Exact| amount.decimals().is_some_and(|n| u32::from(n) <= digits);
            fits(d.exact) && d.lines.iter().all(|l| fits(l.amount))
        };
        let is_same = !rounds || row.documents.iter().filter(|d| d.side == Side::Target).all(whole);
        if is_same { Left::Same } else { Left::Untold }
    }

    fn judged(&self, row: &ReconRow, net: Option<Money>, tax: Option<Money>) -> Judged {
        let comparison = Comparison::of(row, net, tax, self.before.tolerance);
        Judged::counted(judge(&comparison), comparison.delta())
    }

    fn rated(&self, row: &ReconRow, changed: Changed<'_>) -> Left {
        // What is not comparable stays so, but for currencies that differ; of deployments that are torn too little was kept.
        let stays = || match row.actual.zip(row.expected) {
            Some((actual, expected)) => actual.currency == expected.currency || !row.deployments.is_empty(),
            None => true,
        };
        match self.sum(row, changed) {
            Summing::Same => Left::Same,
            Summing::Untold => Left::Untold,
            _ if row.verdict == Verdict::NotComparable && stays() => Left::Same,
            Summing::Fails => Left::Judged(Judged { verdict: Verdict::NotComparable, delta: None }),
            Summing::Sum(sum) => Left::Judged(self.judged(row, sum.net, sum.tax())),
        }
    }

    /// What the ratings of a row come to.
    fn sum(&self, row: &ReconRow, changed: Changed<'_>) -> Summing {
        let mut inputs = Vec::with_capacity(row.inputs.len());
        for one in &row.inputs {
            let then = match self.rechanged(row, one, changed) {
                Rechanged::Same => self.inputs(row, one),
                Rechanged::Inputs(then) => Some(Cow::Owned(*then)),
                Rechanged::Fails => return Summing::Fails,
                Rechanged::Untold => return Summing::Untold,
            };
            match then {
                Some(then) => inputs.push(then),
                None => return Summing::Untold,
            }
        }
        let is_new = |i: &Cow<'_, RatingInputs>| matches!(i, Cow::Owned(_)) || self.plans.contains_key(i.plan_id.as_str());
        if inputs.is_empty() || !self.rates_otherwise() && !inputs.iter().any(is_new) {
            return Summing::Same;
        }
        self.rate_all(inputs.iter().map(Cow::as_ref)).map_or(Summing::Fails, Summing::Sum)
    }

    /// What a subscription of a row is rated by where its changes count.
    fn rechanged(&self, row: &ReconRow, now: &RatingInputs, changed: Changed<'_>) -> Rechanged {
        let events = match changed {
            Changed::Nothing => return Rechanged::Same,
            Changed::NotKept => return Rechanged::Untold,
            Changed::Kept(events) => events,
        };
        // What it takes over or belongs on has changes that nobody recorded.
        if !self.mappings.is_empty() || !self.carried.is_empty() {
            return Rechanged::Untold;
        }
        let terms = |plan: &str| self.terms(plan);
        rechange::inputs(row, now, events, (&self.target.terms, &terms), (&self.profile, self.before.target.proration))
    }

    fn rate_all<'i>(&self, all: impl Iterator<Item = &'i RatingInputs>) -> Option<Summed> {
        let mut sum = Summed::default();
        for inputs in all {
            let rating = rate(inputs, self.terms(&inputs.plan_id)?, &self.profile).ok()?;
            sum.add(&rating).ok()?;
        }
        Some(sum)
    }

    /// Whether every rating may come to something else.
    fn rates_otherwise(&self) -> bool {
        let (now, then) = (&self.before.target, &self.profile);
        (now.round_per, now.round_mode, now.tax_per, now.tax_inclusive) != (then.round_per, then.round_mode, then.tax_per, then.tax_inclusive)
            || self.recounts()
    }

    fn recounts(&self) -> bool {
        self.profile.proration != self.before.target.proration
    }

    /// Where the subscription of a row belongs.
    fn moves(&self, row: &ReconRow) -> Option<&str> {
        let (source, target) = (row.source.as_ref()?.plan_id.raw(), row.target.as_ref()?.plan_id.raw());
        self.mappings.iter().find(|(of, from, _)| of == source && from == target).map(|(_, _, to)| to.as_str())
    }

    /// What a subscription of a row is rated by then; `None` where that cannot be told.
    fn inputs<'r>(&self, row: &ReconRow, now: &'r RatingInputs) -> Option<Cow<'r, RatingInputs>> {
        let mut inputs = Cow::Borrowed(now);
        // What held on each stretch was read off the events of then: only what its plans cost can be told anew.
        if !now.stretches.is_empty() && (!self.mappings.is_empty() || !self.carried.is_empty() || self.recounts()) {
            return None;
        }
        let price =
            |stretch: &Stretch| Some(self.plans.get(&stretch.plan_id)?.plan.flat_price).filter(|p| !stretch.overridden && *p != stretch.price);
        if now.stretches.iter().any(|stretch| price(stretch).is_some()) {
            for stretch in &mut inputs.to_mut().stretches {
                stretch.price = price(stretch).unwrap_or(stretch.price);
            }
        }
        let is_alone = row.subject == Subject::Subscription && row.inputs.len() == 1;
        if !self.mappings.is_empty() {
            if !is_alone && self.mappings.iter().any(|(_, from, _)| *from == now.plan_id) {
                return None;
            }
            if let Some(to) = self.moves(row).filter(|to| *to != now.plan_id) {
                let (old, new) = (&self.target.plan(&now.plan_id)?.plan, &self.target.plan(to)?.plan);
                if (old.interval, old.currency) != (new.interval, new.currency) {
                    return None;
                }
                to.clone_into(&mut inputs.to_mut().plan_id);
            }
        }
        if !self.carried.is_empty() {
            match (&row.source, &row.target) {
                (Some(source), Some(_)) if is_alone => self.carry(source, &mut inputs),
                (Some(_), Some(_)) => return None,
                _ => {}
            }
        }
        if self.recounts() {
            let terms = self.target.plan(&now.plan_id)?;
            let facts = row.target.as_ref().filter(|_| is_alone);
            let counted = recount::days(row.period, facts, terms.plan.interval, now, [self.before.target.proration, self.profile.proration])?;
            if counted != (now.days, now.of_days) {
                let inputs = inputs.to_mut();
                (inputs.days, inputs.of_days) = counted;
            }
        }
        Some(inputs)
    }

    fn carry(&self, source: &SubscriptionFacts, inputs: &mut Cow<'_, RatingInputs>) {
        for what in &self.carried {
            match what {
                Carried::PriceOverride if inputs.price_override != source.price_override => inputs.to_mut().price_override = source.price_override,
                Carried::DiscountPercent if inputs.discount_percent != source.discount_percent => {
                    inputs.to_mut().discount_percent = source.discount_percent;
                }
                Carried::Quantity if inputs.quantity != source.quantity => inputs.to_mut().quantity = source.quantity,
                _ => {}
            }
        }
    }
}

/// Corrections weighed against each other on what the chosen ones leave: one row after another.
#[derive(Debug)]
pub struct Round {
    chosen: Corrected,
    tries: Vec<Corrected>,
    /// Tries that touch the rows of one plan only.
    of_plan: HashMap<String, Vec<usize>>,
    of_any: Vec<usize>,
}

impl Round {
    /// Of what is chosen and what is tried on top of it.
    pub fn new(chosen: Corrected, tried: &[Fix]) -> Self {
        let (mut of_plan, mut of_any) = (HashMap::<String, Vec<usize>>::new(), Vec::new());
        for (at, fix) in tried.iter().enumerate() {
            match fix {
                Fix::FlatPrice { plan, .. } | Fix::Charge { plan, .. } => of_plan.entry(plan.clone()).or_default().push(at),
                _ => of_any.push(at),
            }
        }
        // A subscription that was moved, or changes within its period, may stand on any plan now.
        if !chosen.mappings.is_empty() || chosen.begins_changes() {
            of_any.extend(of_plan.drain().flat_map(|(_, tries)| tries));
        }
        let tries = tried.iter().map(|fix| chosen.with(fix)).collect();
        Self { chosen, tries, of_plan, of_any }
    }

    /// No effects yet: one for each try.
    pub fn nothing(&self) -> Vec<Effect> {
        vec![Effect::default(); self.tries.len()]
    }

    /// Whether it weighs what is kept beside the rows that differ.
    pub fn asks_evidence(&self) -> bool {
        self.tries.iter().any(Corrected::begins_changes)
    }

    /// Adds what each try does to a row on top of what is chosen.
    pub fn weigh(&self, row: &ReconRow, beside: Option<&Evidence>, effects: &mut [Effect]) {
        let mut plans: Vec<&str> = row.inputs.iter().map(|i| i.plan_id.as_str()).collect();
        plans.extend(row.inputs.iter().flat_map(|i| &i.stretches).map(|stretch| stretch.plan_id.as_str()));
        plans.extend(row.target.as_ref().map(|f| f.plan_id.raw()));
        plans.sort_unstable();
        plans.dedup();
        let of_plans = plans.into_iter().filter_map(|plan| self.of_plan.get(plan)).flatten();
        let mut before = None;
        for at in self.of_any.iter().chain(of_plans) {
            let (Some(effect), Some(tried)) = (effects.get_mut(*at), self.tries.get(*at)) else { continue };
            let left = tried.left(row, beside);
            let base = *before.get_or_insert_with(|| self.chosen.left(row, beside));
            if left == Left::Untold && base != Left::Untold {
                effect.untold += 1;
            }
            let (now, then) = (base.judged(row), left.judged(row));
            effect.redrawn += u64::from(matches!(left, Left::Redrawn(_)) && now != then);
            now.changed(then, effect);
        }
    }
}

/// Puts a charge in the place of that of its metric, in byte order; `None` takes it away.
fn set(charges: &mut Vec<Charge>, metric: &str, to: Option<&Charge>) {
    match (charges.binary_search_by(|c| c.metric.as_str().cmp(metric)), to) {
        (Ok(at), Some(to)) => charges[at] = to.clone(),
        (Ok(at), None) => drop(charges.remove(at)),
        (Err(at), Some(to)) => charges.insert(at, to.clone()),
        (Err(_), None) => {}
    }
}

/// Rules a part of a period may be charged by.
const PRORATIONS: [Proration; 6] =
    [Proration::Day, Proration::Fixed30, Proration::Days30360, Proration::DailyPrice, Proration::Ratio9, Proration::None];

//! A row to be explained, with everything that is known of it.

use super::agreeing::Agreeing;
use super::company::{Group, Scaled};
use super::dates::{Boundary, Part, boundaries, parts};
use super::tries::Span;
use super::view::View;
use crate::domain::calendar::months_after;
use crate::domain::currency::Currency;
use crate::domain::evidence::{Change, Evidence, Shelf};
use crate::domain::exact::Exact;
use crate::domain::explanation::OddOne;
use crate::domain::money::Money;
use crate::domain::period::{Month, Period};
use crate::domain::profile::{Proration, ServiceProfile, SideProfile};
use crate::domain::records::{Charge, Plan};
use crate::domain::row::{DocumentPart, ReconRow, SubscriptionFacts, Terms};
use crate::domain::side::Side;
use std::cell::OnceCell;

/// What was billed for a key in another period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Billed {
    /// The period.
    pub period: Period,
    /// By the source.
    pub actual: Option<Money>,
    /// By the target.
    pub expected: Option<Money>,
}

impl Billed {
    /// Whether the source is off to the other side than by a delta of another period.
    fn is_off_against(&self, delta: Option<Money>) -> bool {
        let own = self.expected.zip(self.actual).and_then(|(expected, actual)| expected.minus(actual));
        own.zip(delta).is_some_and(|(own, delta)| own.currency == delta.currency && own.minor.signum() * delta.minor.signum() < 0)
    }
}

/// How a neighbouring month refutes what lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refuting {
    /// Both sides agree there.
    Agrees,
    /// There the source billed too much where it billed too little here, or the reverse.
    Turned,
}

/// What other rows say of a row: those of its key in other periods, and those of its run.
#[derive(Debug, Clone, Default)]
pub struct Around<'a> {
    /// The key in all periods around where it differs, the row's own among them, oldest first.
    pub history: &'a [Billed],
    /// The months around that were compared whole: in those the history does not name, the key agrees or is not there.
    pub compared: &'a [Month],
    /// Rows of its plan that agree.
    pub agreeing: &'a [Agreeing],
    /// By what all rows of its currency are off.
    pub scaled: Option<Scaled>,
    /// The rows of its customer that add up to nothing with it.
    pub group: Option<Group>,
}

/// Among how many rows an explanation is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Population {
    /// Rows that differ.
    pub rows: u64,
}

/// The sides' profiles, and what is rated by: made once for all rows.
#[derive(Debug, Clone)]
pub struct Rules {
    profile: ServiceProfile,
    /// The target's rating, rounded as the source rounds: what a source with the target's catalogue would bill.
    as_source: SideProfile,
    /// The same with parts of an interval as they are said, however the target prorates.
    by_days: SideProfile,
}

impl Rules {
    /// Those of a service.
    pub fn new(profile: ServiceProfile) -> Self {
        let (billed, target) = (&profile.source, profile.target.clone());
        let as_source = SideProfile { round_per: billed.round_per, round_mode: billed.round_mode, tax_per: billed.tax_per, ..target };
        let by_days = SideProfile { proration: Proration::Day, ..as_source.clone() };
        Self { profile, as_source, by_days }
    }

    /// The same with nothing declared of how the source rounds and taxes: what the target declares is taken for it.
    #[must_use]
    pub fn without_evidence(&self) -> Self {
        let mut profile = self.profile.clone();
        let (source, target) = (&mut profile.source, &profile.target);
        (source.round_per, source.round_mode, source.tax_per) = (target.round_per, target.round_mode, target.tax_per);
        Self::new(profile)
    }
}

/// The plan of the target that a plan of the source stands for by its id or name, where that is not `own`.
pub(super) fn other_plan<'a>(own: &Plan, id: &str, source: Option<&Terms>, target: &'a Shelf) -> Option<&'a Terms> {
    let name = source.map_or("", |t| t.plan.name.raw());
    let named = |plan: &Plan| plan.id == id || is_name(plan, name);
    if named(own) {
        return None;
    }
    target.terms.iter().find(|t| named(&t.plan) && t.plan.currency == own.currency)
}

/// A row that differs, and what may explain it.
#[derive(Debug, Clone)]
pub struct Case<'a> {
    /// The row.
    pub row: &'a ReconRow,
    /// What was kept beside it.
    pub evidence: &'a Evidence,
    /// What the source sells.
    pub source: &'a Shelf,
    /// What the target sells.
    pub target: &'a Shelf,
    /// Both sides' profiles.
    pub rules: &'a Rules,
    /// What other rows say.
    pub around: Around<'a>,
    /// What the rating stood on, where it is one rating.
    pub(super) base: Option<View<'a>>,
    /// The amount to be found.
    pub(super) sought: Money,
    /// What the other side has: the rating where there is one.
    pub(super) given: Money,
    /// Which of three sides disagrees, where the target has a document of its own.
    pub(super) odd_one: Option<OddOne>,
    /// Whether the nets agree and it is the taxes that do not.
    tax: bool,
    /// Looked for once.
    other_plan: OnceCell<Option<&'a Terms>>,
    charge_pairs: OnceCell<Vec<(&'a Charge, &'a Charge)>>,
    boundaries: OnceCell<Vec<Boundary>>,
    parts: OnceCell<Vec<Part>>,
}

impl<'a> Case<'a> {
    /// A case of a row; `None` where it has no delta to explain.
    pub fn new(row: &'a ReconRow, evidence: &'a Evidence, [source, target]: [&'a Shelf; 2], rules: &'a Rules, around: Around<'a>) -> Option<Self> {
        let delta = row.delta?;
        let currency = row.currency()?;
        let or_nought = |money: Option<Money>| money.unwrap_or(Money::zero(currency));
        let plain = |sought, given| Self {
            row,
            evidence,
            source,
            target,
            rules,
            around,
            base: None,
            sought,
            given,
            odd_one: None,
            tax: false,
            other_plan: OnceCell::new(),
            charge_pairs: OnceCell::new(),
            boundaries: OnceCell::new(),
            parts: OnceCell::new(),
        };
        if let (0, Some((sought, given))) = (delta.minor, row.actual_tax.zip(row.expected_tax)) {
            let case = Self { tax: true, ..plain(sought, given) };
            return (sought != given).then_some(case);
        }
        if delta.minor == 0 {
            return None;
        }
        let (actual, expected) = (or_nought(row.actual), or_nought(row.expected));
        let base = match row.inputs.as_slice() {
            [inputs] => target.plan(&inputs.plan_id).map(|terms| View::new(inputs, terms)),
            _ => None,
        };
        let odd_one = odd_one(row, actual);
        // Where source and rating agree, it is the target's own document that has to be found.
        let (sought, given) = match odd_one {
            Some(OddOne::TargetEngine) => (expected, actual),
            Some(OddOne::TargetCatalogue | OddOne::All) => (actual, or_nought(row.rated)),
            _ => (actual, expected),
        };
        Some(Self { base, odd_one, ..plain(sought, given) })
    }

    /// Both sides' profiles.
    pub(super) const fn profile(&self) -> &'a ServiceProfile {
        &self.rules.profile
    }

    /// What is rated by.
    pub(super) const fn rating(&self) -> &'a SideProfile {
        &self.rules.as_source
    }

    /// What a view comes to, as the source rounds: before rounding, and after.
    pub(super) fn amount(&self, view: &View<'_>) -> Option<(Exact, Money)> {
        view.amount(if view.parted { &self.rules.by_days } else { &self.rules.as_source })
    }

    /// The currency of the row.
    pub(super) const fn currency(&self) -> Currency {
        self.sought.currency
    }

    /// A side's subscription.
    pub(super) const fn facts(&self, side: Side) -> Option<&'a SubscriptionFacts> {
        match side {
            Side::Source => self.row.source.as_ref(),
            Side::Target => self.row.target.as_ref(),
        }
    }

    /// The source's plan of the subscription, with its charges.
    pub(super) fn source_terms(&self) -> Option<&'a Terms> {
        self.source.plan(self.facts(Side::Source)?.plan_id.raw())
    }

    /// The plan of the target's catalogue that the source's subscription names by id or name, where it is another one.
    pub(super) fn other_plan(&self) -> Option<&'a Terms> {
        let look = || {
            let own = &self.base.as_ref()?.terms.plan;
            other_plan(own, self.facts(Side::Source)?.plan_id.raw(), self.source_terms(), self.target)
        };
        *self.other_plan.get_or_init(look)
    }

    /// The plan of the target's catalogue that a side's word means: its id or name, or those of the side's own plan that has such a twin.
    pub(super) fn target_plan(&self, side: Side, word: &str) -> Option<&'a Terms> {
        let meant = |word: &str| self.target.terms.iter().find(|t| t.plan.id == word || is_name(&t.plan, word));
        meant(word).or_else(|| meant(self.shelf_plan(side, word)?.plan.name.raw()))
    }

    /// The plan a word means: the target's, else the side's own.
    pub(super) fn any_plan(&self, side: Side, word: &str) -> Option<&'a Terms> {
        self.target_plan(side, word).or_else(|| self.shelf_plan(side, word))
    }

    fn shelf_plan(&self, side: Side, word: &str) -> Option<&'a Terms> {
        let shelf = if side == Side::Source { self.source } else { self.target };
        shelf.terms.iter().find(|t| t.plan.id == word || is_name(&t.plan, word))
    }

    /// Charges of one metric on both sides, the target's first.
    pub(super) fn charge_pairs(&self) -> &[(&'a Charge, &'a Charge)] {
        self.charge_pairs.get_or_init(|| {
            let (Some(base), Some(source), None) = (&self.base, self.source_terms(), self.other_plan()) else { return Vec::new() };
            let twin = |charge: &'a Charge| Some((charge, source.charges.iter().find(|c| c.metric == charge.metric)?));
            base.terms.charges.iter().filter_map(twin).collect()
        })
    }

    /// The days on which something began or ended by the data.
    pub(super) fn boundaries(&self) -> &[Boundary] {
        self.boundaries.get_or_init(|| boundaries(self))
    }

    /// The parts of the interval that those days make.
    pub(super) fn parts(&self) -> &[Part] {
        self.parts.get_or_init(|| parts(self))
    }

    /// A month beside the row's in which what holds over a span of days holds whole, and cannot: the key is billed alike by both sides
    /// there, or the source is off to the other side. What lasts moves an amount one way.
    pub(super) fn refuting_month(&self, (from, until): Span) -> Option<(Month, Refuting)> {
        let own = Month::of(self.row.period.start);
        let is_monthly = self.base.as_ref().is_some_and(|view| view.terms.plan.interval.months == 1 && !view.flat().is_zero());
        // A change on record may be why the neighbour is otherwise.
        let dated = |side| self.evidence.of(side).events.iter().any(|e| e.what != Change::Status);
        if !is_monthly || Side::BOTH.into_iter().any(dated) {
            return None;
        }
        [-1, 1].into_iter().find_map(|step| {
            let month = own.plus(step);
            let (start, end) = if step < 0 {
                (months_after(self.row.period.start, -1)?, self.row.period.start)
            } else {
                (self.row.period.end, months_after(self.row.period.end, 1)?)
            };
            let told = self.around.history.iter().find(|b| Month::of(b.period.start) == month);
            let refuting = match told {
                None if self.around.compared.contains(&month) => Refuting::Agrees,
                Some(billed) if billed.is_off_against(self.row.delta) => Refuting::Turned,
                _ => return None,
            };
            let is_billed = |facts: &SubscriptionFacts| {
                facts.started_on <= start && facts.ended_on.is_none_or(|e| e >= end) && facts.trial_end.is_none_or(|t| t <= start)
            };
            let both = Side::BOTH.into_iter().all(|side| self.facts(side).is_some_and(is_billed));
            let holds = from.is_none_or(|d| d <= start) && until.is_none_or(|d| d >= end);
            (both && holds).then_some((month, refuting))
        })
    }

    /// How much of a metric the rating stands on.
    pub(super) fn used(&self, metric: &str) -> Exact {
        let used = self.base.iter().flat_map(|view| &view.inputs.usage).find(|(m, _)| m == metric);
        used.map_or(Exact::ZERO, |(_, quantity)| *quantity)
    }

    /// The side whose amount has to be found: the source's, unless it is the target's own document that disagrees.
    pub(super) const fn sought_side(&self) -> Side {
        match self.odd_one {
            Some(OddOne::TargetEngine) => Side::Target,
            _ => Side::Source,
        }
    }

    /// The documents whose amount has to be found. Those of the other side say nothing of it.
    pub(super) fn sought_documents(&self) -> impl Iterator<Item = &'a DocumentPart> {
        self.documents(self.sought_side())
    }

    /// The tax that stands beside the amount to be found.
    pub(super) const fn sought_tax(&self) -> Option<Money> {
        match self.sought_side() {
            Side::Source => self.row.actual_tax,
            Side::Target => self.row.expected_tax,
        }
    }

    /// A side's documents.
    pub(super) fn documents(&self, side: Side) -> impl Iterator<Item = &'a DocumentPart> {
        self.row.documents.iter().filter(move |d| d.side == side)
    }

    /// The greatest amount it is about, in minor units: what a random amount would be drawn from.
    pub(super) fn reach(&self) -> u128 {
        let list = self.base.as_ref().and_then(|view| {
            let list = view.flat().mul(view.inputs.quantity).ok()?;
            crate::domain::rounding::to_minor(list, self.currency(), crate::domain::rounding::RoundMode::HalfUp).ok()
        });
        let all = [self.sought, self.given, list.unwrap_or(Money::zero(self.currency()))];
        all.into_iter().map(|m| u128::from(m.minor.unsigned_abs())).max().unwrap_or(0) + 1
    }

    /// Whether it is about tax.
    pub(super) const fn is_tax(&self) -> bool {
        self.tax
    }

    /// What the source billed of it.
    pub(super) fn actual(&self) -> Money {
        let stored = if self.tax { self.row.actual_tax } else { self.row.actual };
        stored.unwrap_or(Money::zero(self.currency()))
    }

    /// What the target would bill of it.
    pub(super) fn expected(&self) -> Money {
        let stored = if self.tax { self.row.expected_tax } else { self.row.expected };
        stored.unwrap_or(Money::zero(self.currency()))
    }

    /// The days of its period.
    pub(super) const fn period(&self) -> Period {
        self.row.period
    }

    /// The amount to be found, in major units.
    pub(super) fn sought_exact(&self) -> Exact {
        self.sought.exact().unwrap_or(Exact::ZERO)
    }
}

/// Whether words are a plan's name, whatever their case and the blanks around them.
fn is_name(plan: &Plan, words: &str) -> bool {
    !words.trim().is_empty() && plan.name.raw().trim().eq_ignore_ascii_case(words.trim())
}

/// Compares the source's amount, the target's document and the rating. `None` where the target has no document, or all agree.
fn odd_one(row: &ReconRow, actual: Money) -> Option<OddOne> {
    let (drafted, rated) = (row.drafted?, row.rated?);
    match (actual == drafted, actual == rated, drafted == rated) {
        (true, true, _) => None,
        (false, false, true) => Some(OddOne::SourceOffList),
        (true, false, _) => Some(OddOne::TargetCatalogue),
        (false, true, _) => Some(OddOne::TargetEngine),
        (false, false, false) => Some(OddOne::All),
    }
}

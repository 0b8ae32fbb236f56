//! Two runs of one month against each other: what of a row changed, and how far each change moved its delta. The rating is redone
//! with one change after another, in a fixed order, so that what they moved adds up; what is left is the rules' doing, and said so.

use crate::domain::evidence::Shelf;
use crate::domain::exact::Exact;
use crate::domain::money::Money;
use crate::domain::profile::SideProfile;
use crate::domain::records::Charge;
use crate::domain::row::{AppliedTax, DocumentPart, RatingInputs, ReconRow, SubscriptionFacts, Terms};
use crate::domain::side::Side;
use crate::domain::since::{Change, Had, RowChange, What};
use crate::domain::text::{Untrusted, shown};
use crate::domain::verdict::Basis;
use crate::rating::rate;
use std::fmt::{Display, Write as _};

/// Columns a text of the data may take.
const WIDE: usize = 40;

/// What both runs rated by.
#[derive(Debug)]
pub struct Ground<'a> {
    /// The target's catalogue, before and after.
    pub shelves: [&'a Shelf; 2],
    /// What the target declares.
    pub profile: &'a SideProfile,
}

/// A row that one run alone has.
pub fn one_sided(row: &ReconRow, is_new: bool) -> RowChange {
    let had = Some(Had::of(row));
    let (what, before, after) = if is_new { (What::RowAppeared, None, had) } else { (What::RowVanished, had, None) };
    let moved = row.delta.and_then(|d| if is_new { Some(d) } else { negative(d) });
    let words = format!("{}{}", row.verdict.word(), row.why.as_deref().map_or_else(String::new, |why| format!(", {}", shown(why, 120))));
    of(row, before, after, vec![Change { what, side: None, words, moved }])
}

/// What of a row changed; `None` where nothing did.
pub fn compare(before: &ReconRow, after: &ReconRow, ground: &Ground<'_>) -> Option<RowChange> {
    if before == after {
        return None;
    }
    let mut changes = Vec::new();
    documents(before, after, &mut changes);
    for (side, old, new) in [(Side::Source, &before.source, &after.source), (Side::Target, &before.target, &after.target)] {
        subscription(side, old.as_ref(), new.as_ref(), &mut changes);
    }
    rating(before, after, ground, &mut changes);
    left(before, after, &mut changes);
    let (was, is) = (Had::of(before), Had::of(after));
    (was != is || !changes.is_empty()).then(|| of(after, Some(was), Some(is), changes))
}

fn of(row: &ReconRow, before: Option<Had>, after: Option<Had>, changes: Vec<Change>) -> RowChange {
    RowChange { key: row.key.clone(), period: row.period, customer: row.customer.clone(), before, after, changes }
}

fn negative(money: Money) -> Option<Money> {
    Money::zero(money.currency).minus(money)
}

/// Documents by their ids; those of one id in the order they stand in.
fn documents(before: &ReconRow, after: &ReconRow, changes: &mut Vec<Change>) {
    let mut gone: Vec<&DocumentPart> = before.documents.iter().collect();
    for new in &after.documents {
        let twin = gone.iter().position(|old| (old.side, &old.id) == (new.side, &new.id)).map(|at| gone.remove(at));
        let moved = match twin {
            None => Some(new.net),
            Some(old) if old.net == new.net && old.kind == new.kind => continue,
            Some(old) => new.net.minus(old.net),
        };
        let name = format!("{} document {}", new.side, new.id.shown(WIDE));
        let (what, words) = match twin {
            None => (What::DocumentAppeared, format!("{name}: {}", new.net)),
            Some(old) => (What::DocumentChanged, format!("{name}: {} → {}", old.net, new.net)),
        };
        changes.push(Change { what, side: Some(new.side), words, moved: by_document(before, after, new.side, moved) });
    }
    for old in gone {
        let words = format!("{} document {}: {}", old.side, old.id.shown(WIDE), old.net);
        let moved = by_document(before, after, old.side, negative(old.net));
        changes.push(Change { what: What::DocumentGone, side: Some(old.side), words, moved });
    }
}

/// How far a document moves the delta: the source's always, the target's own where they decide in both runs.
fn by_document(before: &ReconRow, after: &ReconRow, side: Side, moved: Option<Money>) -> Option<Money> {
    match side {
        Side::Source => moved.and_then(negative),
        Side::Target => moved.filter(|_| before.basis == Some(Basis::Draft) && after.basis == Some(Basis::Draft)),
    }
}

fn pair(old: impl Display, new: impl Display) -> String {
    format!("{old} → {new}")
}

fn maybe(value: Option<impl Display>) -> String {
    value.map_or_else(|| "none".to_owned(), |v| v.to_string())
}

/// What a subscription says otherwise; its money is told where it is rated.
fn subscription(side: Side, before: Option<&SubscriptionFacts>, after: Option<&SubscriptionFacts>, changes: &mut Vec<Change>) {
    let mut say = |words: String| changes.push(Change { what: What::Subscription, side: Some(side), words, moved: None });
    let (old, new) = match (before, after) {
        (Some(old), Some(new)) => (old, new),
        (None, Some(_)) => return say(format!("{side} subscription appeared")),
        (Some(_), None) => return say(format!("{side} subscription is gone")),
        (None, None) => return,
    };
    let text = |t: &Untrusted| t.shown(WIDE);
    let mut field = |name: &str, changed: bool, words: String| {
        if changed {
            say(format!("{side} {name} {words}"));
        }
    };
    field("customer", old.customer_id != new.customer_id, pair(text(&old.customer_id), text(&new.customer_id)));
    field("status", old.status != new.status, pair(&old.status, &new.status));
    // Of the target these are told where they are rated, with their money.
    if side == Side::Source {
        field("plan", old.plan_id != new.plan_id, pair(text(&old.plan_id), text(&new.plan_id)));
        field("quantity", old.quantity != new.quantity, pair(old.quantity, new.quantity));
        field("price_override", old.price_override != new.price_override, pair(maybe(old.price_override), maybe(new.price_override)));
        field("discount_percent", old.discount_percent != new.discount_percent, pair(old.discount_percent, new.discount_percent));
    }
    field("started_on", old.started_on != new.started_on, pair(old.started_on, new.started_on));
    field("ended_on", old.ended_on != new.ended_on, pair(maybe(old.ended_on), maybe(new.ended_on)));
    field("trial_end", old.trial_end != new.trial_end, pair(maybe(old.trial_end), maybe(new.trial_end)));
    field("due", old.due != new.due, pair(old.due, new.due));
}

/// A rating on its way from what it stood on to what it stands on.
struct Way<'a> {
    inputs: RatingInputs,
    terms: Terms,
    profile: &'a SideProfile,
    net: Option<Money>,
    counts: bool,
    changes: &'a mut Vec<Change>,
}

impl Way<'_> {
    /// One step further. The amount is rated anew; where it cannot be, the step moves nothing that could be told.
    fn step(&mut self, what: What, words: String) {
        let net = rate(&self.inputs, &self.terms, self.profile).ok().map(|r| r.net);
        let moved = net.zip(self.net).and_then(|(new, old)| new.minus(old)).filter(|_| self.counts);
        self.net = net;
        self.changes.push(Change { what, side: if what == What::Usage { None } else { Some(Side::Target) }, words, moved });
    }
}

/// Prices, plan, subscription, days, usage and taxes of what was rated, in this order.
fn rating(before: &ReconRow, after: &ReconRow, ground: &Ground<'_>, changes: &mut Vec<Change>) {
    if before.inputs.len() != after.inputs.len() {
        return;
    }
    let counts = before.basis == Some(Basis::Rated) && after.basis == Some(Basis::Rated);
    let [old_shelf, new_shelf] = ground.shelves;
    for (old, new) in before.inputs.iter().zip(&after.inputs) {
        let (Some(old_terms), Some(new_terms)) = (old_shelf.plan(&old.plan_id), new_shelf.plan(&new.plan_id)) else { continue };
        let net = rate(old, old_terms, ground.profile).ok().map(|r| r.net);
        let mut way = Way { inputs: old.clone(), terms: old_terms.clone(), profile: ground.profile, net, counts, changes: &mut *changes };
        if let Some(edited) = new_shelf.plan(&old.plan_id) {
            prices(&mut way, edited);
        }
        if old.plan_id != new.plan_id {
            (way.inputs.plan_id, way.terms) = (new.plan_id.clone(), new_terms.clone());
            way.step(What::Subscription, format!("target plan {}", pair(shown(&old.plan_id, WIDE), shown(&new.plan_id, WIDE))));
        }
        if old.quantity != new.quantity {
            way.inputs.quantity = new.quantity;
            way.step(What::Subscription, format!("target quantity {}", pair(old.quantity, new.quantity)));
        }
        if old.price_override != new.price_override {
            way.inputs.price_override = new.price_override;
            way.step(What::Subscription, format!("target price_override {}", pair(maybe(old.price_override), maybe(new.price_override))));
        }
        if old.discount_percent != new.discount_percent {
            way.inputs.discount_percent = new.discount_percent;
            way.step(What::Subscription, format!("target discount_percent {}", pair(old.discount_percent, new.discount_percent)));
        }
        if (old.days, old.of_days, &old.stretches) != (new.days, new.of_days, &new.stretches) {
            (way.inputs.days, way.inputs.of_days) = (new.days, new.of_days);
            way.inputs.stretches.clone_from(&new.stretches);
            let mut words = format!("target bills {}/{} → {}/{} days", old.days, old.of_days, new.days, new.of_days);
            if old.stretches != new.stretches {
                let _ = write!(words, ", in {} → {} stretches", old.stretches.len().max(1), new.stretches.len().max(1));
            }
            way.step(What::Subscription, words);
        }
        usage(&mut way, old, new);
        if old.taxes != new.taxes {
            way.inputs.taxes.clone_from(&new.taxes);
            way.step(What::Tax, format!("taxes {}", pair(taxes(old.taxes.as_ref()), taxes(new.taxes.as_ref()))));
        }
    }
}

fn prices(way: &mut Way<'_>, edited: &Terms) {
    let plan = shown(&edited.plan.id, WIDE);
    if way.terms.plan.flat_price != edited.plan.flat_price {
        let words = format!("plan {plan}: flat price {}", pair(way.terms.plan.flat_price, edited.plan.flat_price));
        way.terms.plan.flat_price = edited.plan.flat_price;
        way.step(What::Price, words);
    }
    if (way.terms.plan.interval, way.terms.plan.currency) != (edited.plan.interval, edited.plan.currency) {
        way.terms.plan = edited.plan.clone();
        way.step(What::Price, format!("plan {plan}: interval or currency"));
    }
    let old = way.terms.charges.clone();
    let find = |all: &[Charge], metric: &str| all.iter().find(|c| c.metric == metric).cloned();
    let mut metrics: Vec<&String> = old.iter().chain(&edited.charges).map(|c| &c.metric).collect();
    metrics.sort_unstable();
    metrics.dedup();
    for metric in metrics {
        let (was, is) = (find(&old, metric), find(&edited.charges, metric));
        if was == is {
            continue;
        }
        let price = |c: &Option<Charge>| c.as_ref().map_or_else(|| "none".to_owned(), |c| maybe(c.unit_price));
        let words = format!("plan {plan}: {} {}", shown(metric, WIDE), pair(price(&was), price(&is)));
        way.terms.charges.retain(|c| c.metric != *metric);
        way.terms.charges.extend(is);
        way.terms.charges.sort_by(|a, b| a.metric.cmp(&b.metric));
        way.step(What::Price, words);
    }
}

fn usage(way: &mut Way<'_>, old: &RatingInputs, new: &RatingInputs) {
    let find = |all: &[(String, Exact)], metric: &str| all.iter().find(|(m, _)| m == metric).map_or(Exact::ZERO, |(_, q)| *q);
    let mut metrics: Vec<&String> = old.usage.iter().chain(&new.usage).map(|(metric, _)| metric).collect();
    metrics.sort_unstable();
    metrics.dedup();
    for metric in metrics {
        let (was, is) = (find(&old.usage, metric), find(&new.usage, metric));
        if was == is {
            continue;
        }
        match way.inputs.usage.binary_search_by(|(m, _)| m.cmp(metric)) {
            Ok(at) => way.inputs.usage[at].1 = is,
            Err(at) => way.inputs.usage.insert(at, (metric.clone(), is)),
        }
        way.step(What::Usage, format!("usage {} {}", shown(metric, WIDE), pair(was, is)));
    }
}

fn taxes(of: Option<&Vec<AppliedTax>>) -> String {
    let one = |tax: &AppliedTax| format!("{} {} %", tax.name.shown(WIDE), tax.rate);
    of.map_or_else(|| "unknown".to_owned(), |all| if all.is_empty() { "none".to_owned() } else { all.iter().map(one).collect::<Vec<_>>().join(", ") })
}

/// What the changes leave of the way from one delta to the other.
fn left(before: &ReconRow, after: &ReconRow, changes: &mut Vec<Change>) {
    let currency = after.currency().or(before.currency());
    let Some(nought) = currency.map(Money::zero) else { return };
    let (was, is) = (before.delta.unwrap_or(nought), after.delta.unwrap_or(nought));
    let told = changes.iter().filter_map(|c| c.moved).try_fold(nought, Money::plus);
    let Some(rest) = is.minus(was).zip(told).and_then(|(all, told)| all.minus(told)).filter(|rest| rest.minor != 0) else { return };
    let basis = |row: &ReconRow| row.basis.map_or("none", Basis::word);
    let (what, words) = if before.basis != after.basis {
        (What::Basis, format!("expected by {}", pair(basis(before), basis(after))))
    } else if changes.iter().any(|c| c.what == What::Subscription && c.side == Some(Side::Target)) || before.inputs.len() != after.inputs.len() {
        (What::Subscription, "what is due in the target".to_owned())
    } else {
        (What::Rules, "what a side declares, or how an amount is read".to_owned())
    };
    changes.push(Change { what, side: None, words, moved: Some(rest) });
}

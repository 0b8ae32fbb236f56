//! What a plan and a load come to, counted: each kind with its word, its number and its money.

use crate::domain::contract::Entity;
use crate::domain::currency::Currency;
use crate::domain::import::{EntityPlan, Group, Import, LoadTally};
use crate::domain::text::shown;
use crate::present::{money, numbers};
use std::collections::BTreeMap;

/// Records of a kind: `6 create`, with what they are worth.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    /// Of [`Fate::word`] or [`InTarget::word`], or `withdrawn`.
    pub word: &'static str,
    /// How many.
    pub count: u64,
    /// What they are worth, by currency in minor units.
    pub money: BTreeMap<Currency, i64>,
}

/// What an import does with an entity's records: all six kinds, in the order they are told.
pub fn fates(plan: &EntityPlan) -> [Told; 6] {
    [
        told("create", [&plan.create]),
        told("update", [&plan.update]),
        told("unchanged", [&plan.unchanged]),
        told("filtered", plan.filtered.values()),
        told("rejected", plan.rejected.values()),
        told("withdrawn", [&plan.withdrawn]),
    ]
}

/// How an entity's records stand in the target: all six kinds, in the order they are told.
pub fn in_target(plan: &EntityPlan) -> [Told; 6] {
    ["present", "differs", "missing", "retire", "unknown", "left"].map(|word| told(word, plan.in_target.get(word)))
}

fn told<'a>(word: &'static str, groups: impl IntoIterator<Item = &'a Group>) -> Told {
    let mut out = Told { word, ..Told::default() };
    for group in groups {
        out.count += group.count;
        for (currency, minor) in &group.money {
            let sum = out.money.entry(*currency).or_default();
            *sum = sum.saturating_add(*minor);
        }
    }
    out
}

/// Counts of all entities together. Money is not added: a price of a plan and one of a subscription are two things.
pub fn total(entities: &BTreeMap<Entity, EntityPlan>, of: fn(&EntityPlan) -> [Told; 6]) -> [Told; 6] {
    let mut out = of(&EntityPlan::default());
    for plan in entities.values() {
        for (sum, told) in out.iter_mut().zip(of(plan)) {
            sum.count += told.count;
        }
    }
    out
}

/// `6 create · 81 filtered`: those there are any of.
pub fn counts_text(told: &[Told]) -> String {
    let some = told.iter().filter(|t| t.count > 0).map(|t| format!("{} {}", numbers::count(t.count), t.word));
    let all: Vec<String> = some.collect();
    if all.is_empty() { "nothing".to_owned() } else { all.join(" · ") }
}

/// `CAD  create 200.00 · filtered 4,050.00`, a line for each currency there is money in.
pub fn money_lines(told: &[Told]) -> Vec<String> {
    let mut currencies: Vec<Currency> = told.iter().flat_map(|t| t.money.keys().copied()).collect();
    currencies.sort_unstable();
    currencies.dedup();
    let one = |currency: Currency| {
        let of = |t: &Told| t.money.get(&currency).map(|m| format!("{} {}", t.word, money::grouped(*m, currency)));
        format!("{currency}  {}", told.iter().filter_map(of).collect::<Vec<_>>().join(" · "))
    };
    currencies.into_iter().map(one).collect()
}

/// `81 inactive in the source: pl-001, pl-002 …`, a line for each reason.
pub fn reasons(groups: &BTreeMap<String, Group>) -> Vec<String> {
    groups.iter().map(|(why, group)| format!("{} {}: {}", numbers::count(group.count), shown(why, 200), samples(group))).collect()
}

/// The first ids of a group, and whether there are more.
pub fn samples(group: &Group) -> String {
    let ids: Vec<String> = group.samples.iter().map(|id| id.shown(40)).collect();
    let more = if group.count > ids.len() as u64 { " …" } else { "" };
    format!("{}{more}", ids.join(", "))
}

/// What a load came to: `12 verified · 2 parked`; empty where nothing was to be handed over.
pub fn load_text(load: &LoadTally) -> String {
    let all = [
        (load.verified, "verified"),
        (load.handed_over, "in a pack"),
        (load.mismatched, "not as sent"),
        (load.rejected, "refused by the target"),
        (load.parked, "parked"),
        (load.dropped, "given up"),
        (load.held, "held back"),
        (load.unsent, "not sent"),
    ];
    let mut words: Vec<String> = all.into_iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{} {word}", numbers::count(n))).collect();
    if load.unread_fields > 0 {
        words.push(format!("{} not read back", numbers::counted(load.unread_fields, "field", "fields")));
    }
    words.join(" · ")
}

/// Records of the staged copy an import left.
pub fn staged_count(import: &Import) -> u64 {
    import.entities.values().map(|e| e.create.count + e.update.count + e.unchanged.count).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::Money;

    #[test]
    fn counts_and_money_are_told_apart() {
        let cad = Currency::known("CAD").unwrap();
        let mut plan = EntityPlan::default();
        plan.create.add("s-1", Some(Money::new(20_000, cad)));
        plan.filtered.entry("inactive".to_owned()).or_default().add("s-2", Some(Money::new(500, cad)));
        let entities = BTreeMap::from([(Entity::Subscriptions, plan.clone())]);
        assert_eq!(counts_text(&total(&entities, fates)), "1 create · 1 filtered");
        assert_eq!(money_lines(&fates(&plan)), ["CAD  create 200.00 · filtered 5.00"]);
        assert_eq!(reasons(&plan.filtered), ["1 inactive: s-2"]);
        assert_eq!(counts_text(&in_target(&plan)), "nothing");
    }
}

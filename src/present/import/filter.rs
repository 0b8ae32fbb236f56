//! The filter of an import's lines: `entity:plans fate:rejected target:differs delivery:parked money:>10 free text`.

use crate::domain::contract::Entity;
use crate::domain::exact::Exact;
use crate::domain::import::DeliveryState;
use crate::domain::shadow::CARRIED;
use crate::present::filter::{FilterError, Word, money_bound, quote, split};
use crate::present::import::{ImportRow, why};

/// What is known, for errors and help.
pub const KNOWN: &str = "entity: fate: target: delivery: money:> money:< or free text";

/// Words behind `fate:`.
pub const FATES: [&str; 7] = ["create", "update", "unchanged", "filtered", "rejected", "absent", "withdrawn"];
/// Words behind `target:`.
pub const IN_TARGET: [&str; 6] = ["present", "differs", "missing", "retire", "unknown", "left"];

/// Which lines pass: all that is said must hold; of several words for one thing, one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LineFilter {
    /// Of these entities; empty is all.
    pub entities: Vec<Entity>,
    /// With one of these words of `Fate::word`, or `withdrawn`.
    pub fates: Vec<&'static str>,
    /// With one of these words of `InTarget::word`.
    pub in_target: Vec<&'static str>,
    /// With a newest delivery in one of these states.
    pub deliveries: Vec<DeliveryState>,
    /// Worth more than this, in the line's own currency.
    pub money_above: Option<Exact>,
    /// Worth less.
    pub money_below: Option<Exact>,
    /// In lower case; part of id, name or why.
    pub text: Option<String>,
}

impl LineFilter {
    /// Whether a row passes.
    pub fn passes(&self, row: ImportRow<'_>) -> bool {
        let line = row.line;
        let worth = || line.and_then(|l| l.money).and_then(|m| m.exact().ok());
        (self.entities.is_empty() || self.entities.contains(&row.id.entity))
            && (self.fates.is_empty() || line.is_some_and(|l| self.fates.iter().any(|w| is_fate(w, l.fate.word(), super::is_withdrawn(l)))))
            && (self.in_target.is_empty() || line.and_then(|l| l.in_target.as_ref()).is_some_and(|t| self.in_target.contains(&t.word())))
            && (self.deliveries.is_empty() || row.delivery.is_some_and(|d| self.deliveries.contains(&d.state)))
            && self.money_above.is_none_or(|m| worth().is_some_and(|w| w > m))
            && self.money_below.is_none_or(|m| worth().is_some_and(|w| w < m))
            && self.text.as_deref().is_none_or(|t| has(row, t))
    }
}

fn is_fate(wanted: &str, word: &str, withdrawn: bool) -> bool {
    if wanted == "withdrawn" { withdrawn } else { wanted == word }
}

fn has(row: ImportRow<'_>, part: &str) -> bool {
    let holds = |text: &str| text.to_lowercase().contains(part);
    holds(&row.id.external_id)
        || row.line.is_some_and(|l| holds(l.name.raw()) || holds(&why(l)))
        || row.delivery.is_some_and(|d| holds(&d.reason) || d.target_id.as_deref().is_some_and(holds))
}

/// Reads a filter.
pub fn parse(text: &str) -> Result<LineFilter, FilterError> {
    let mut filter = LineFilter::default();
    let mut free: Vec<String> = Vec::new();
    for word in split(text)? {
        match word.name.as_deref() {
            None => free.push(word.value),
            Some(name) => narrow(&mut filter, &name.to_ascii_lowercase(), &word)?,
        }
    }
    let free = free.join(" ").to_lowercase();
    filter.text = (!free.is_empty()).then_some(free);
    Ok(filter)
}

fn narrow(filter: &mut LineFilter, name: &str, word: &Word) -> Result<(), FilterError> {
    if word.value.is_empty() {
        return Err(word.error("nothing after the colon", KNOWN));
    }
    match name {
        "entity" | "e" => several(&mut filter.entities, word, &CARRIED.map(Entity::word), |t| CARRIED.into_iter().find(|e| is_named(*e, t)))?,
        "fate" | "import" => several(&mut filter.fates, word, &FATES, |t| FATES.into_iter().find(|w| *w == t))?,
        "target" | "in_target" => several(&mut filter.in_target, word, &IN_TARGET, |t| IN_TARGET.into_iter().find(|w| *w == t))?,
        "delivery" => several(&mut filter.deliveries, word, &DeliveryState::ALL.map(DeliveryState::word), DeliveryState::named)?,
        "money" | "m" => money_bound(&mut filter.money_above, &mut filter.money_below, word)?,
        _ => return Err(word.error("no such word (quote it to search for it)", format!("known: {KNOWN}"))),
    }
    Ok(())
}

/// `plans`, or one `plan`.
fn is_named(entity: Entity, text: &str) -> bool {
    entity.word() == text || crate::domain::import::singular(entity) == text
}

fn several<T: PartialEq>(into: &mut Vec<T>, word: &Word, known: &[&str], named: impl Fn(&str) -> Option<T>) -> Result<(), FilterError> {
    for part in word.value.split(',') {
        let found = named(part).ok_or_else(|| word.error("not known", known.join(", ")))?;
        if !into.contains(&found) {
            into.push(found);
        }
    }
    Ok(())
}

/// Writes a filter as it would be typed; [`parse`] of it gives the same filter.
pub fn to_text(filter: &LineFilter) -> String {
    let mut words = Vec::new();
    let mut several = |name: &str, values: Vec<&str>| {
        if !values.is_empty() {
            words.push(format!("{name}:{}", values.join(",")));
        }
    };
    several("entity", filter.entities.iter().map(|e| e.word()).collect());
    several("fate", filter.fates.clone());
    several("target", filter.in_target.clone());
    several("delivery", filter.deliveries.iter().map(|d| d.word()).collect());
    words.extend(filter.money_above.map(|m| format!("money:>{m}")));
    words.extend(filter.money_below.map(|m| format!("money:<{m}")));
    words.extend(filter.text.as_deref().map(quote));
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::import::{Fate, InTarget, PlanLine};
    use crate::domain::shadow::RecordId;

    fn line(entity: Entity, id: &str, fate: Fate, in_target: Option<InTarget>) -> PlanLine {
        let name = "Acme Co".into();
        PlanLine {
            id: RecordId::new(entity, id),
            name,
            money: None,
            fate,
            in_target,
            source: None,
            staged: None,
            target: None,
            unread: Vec::new(),
            delivery: None,
        }
    }

    #[test]
    fn words_narrow_and_are_written_back() {
        let rejected = line(Entity::Plans, "pl-1", Fate::Rejected("no currency".to_owned()), None);
        let differs = line(Entity::Subscriptions, "sub-2", Fate::Create, Some(InTarget::Differs(Vec::new())));
        let passes = |text: &str, line: &PlanLine| parse(text).unwrap().passes(ImportRow::of(line, None));
        assert!(passes("entity:plans fate:rejected acme", &rejected) && !passes("entity:plan fate:rejected", &differs));
        assert!(passes("target:differs,missing", &differs) && !passes("target:differs", &rejected));
        assert!(passes("currency", &rejected) && !passes("money:>1", &rejected) && !passes("delivery:parked", &rejected));
        for text in ["entity:plans,charges fate:create target:differs delivery:parked money:>10 \"a b\"", "", "sub-1"] {
            assert_eq!(to_text(&parse(text).unwrap()), text);
        }
        let error = parse("fate:crated").unwrap_err().to_string();
        assert!(error.contains("create, update"), "{error}");
    }
}

//! Decisions made ready to be looked up for many rows.

use crate::domain::period::Month;
use crate::domain::review::{Act, Amounts, Deed, Expected, Facts, Reason, Waiver, WaiverState};
use chrono::NaiveDate;
use std::collections::HashMap;

/// What a row was when it was decided on: cause and amounts.
type Then<'a> = (Option<&'a str>, Option<Amounts>);

/// The newest word on a row.
#[derive(Debug)]
pub(super) struct Word<'a> {
    /// The act.
    pub act: &'a Act,
    /// By how much the rows of the key and cause differed then; mostly it is one row.
    pub amounts: Vec<Option<Amounts>>,
}

/// A waiver with its rows, where it has a list of them.
#[derive(Debug)]
pub(super) struct Listed<'a> {
    pub waiver: Waiver,
    state: WaiverState,
    /// By key: cause and amounts of each row that was looked at.
    rows: HashMap<&'a str, Vec<Then<'a>>>,
}

/// How a waiver takes a row it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Take {
    /// It accepts it.
    Holds,
    /// It does not, and why in words.
    Not(Reason, String),
}

/// All decisions of a service as they stand on a day, for the rows of a month.
#[derive(Debug)]
pub struct Ledger<'a> {
    /// By key: the newest on each cause.
    words: HashMap<&'a str, Vec<(Option<&'a str>, Word<'a>)>>,
    pub(super) waivers: Vec<Listed<'a>>,
}

impl<'a> Ledger<'a> {
    /// Folds acts, oldest first. Waivers that are revoked, or begin with a later month, are left out.
    pub fn of(acts: &'a [Act], month: Month, today: NaiveDate) -> Self {
        let mut words: HashMap<&str, Vec<(Option<&str>, Word<'a>)>> = HashMap::new();
        for act in acts.iter().filter(|a| matches!(a.deed, Deed::Resolve { .. } | Deed::Reopen { .. })) {
            for subject in &act.subjects {
                let (of_key, cause) = (words.entry(subject.key.raw()).or_default(), subject.cause.as_deref());
                // The act's own words on a key stay together; older ones give way.
                of_key.retain(|(was, word)| *was != cause || word.act.id == act.id);
                match of_key.iter_mut().find(|(was, _)| *was == cause) {
                    Some((_, word)) => word.amounts.push(subject.amounts),
                    None => of_key.push((cause, Word { act, amounts: vec![subject.amounts] })),
                }
            }
        }
        let by_id: HashMap<i64, &Act> = acts.iter().map(|a| (a.id, a)).collect();
        let listed = |waiver: Waiver| {
            let state = waiver.state(today);
            let mut rows: HashMap<&str, Vec<Then<'a>>> = HashMap::new();
            for subject in by_id.get(&waiver.id).into_iter().flat_map(|act| &act.subjects) {
                rows.entry(subject.key.raw()).or_default().push((subject.cause.as_deref(), subject.amounts));
            }
            Listed { waiver, state, rows }
        };
        let wanted = |w: &Waiver| w.revoked.is_none() && w.terms.from <= month;
        Self { words, waivers: Waiver::all(acts).into_iter().filter(wanted).map(listed).collect() }
    }

    /// The newest word on a row, in whichever month it was said.
    pub(super) fn word(&self, facts: &Facts<'_>) -> Option<&Word<'a>> {
        let cause = facts.cause_word();
        self.words.get(facts.key)?.iter().find(|(was, _)| *was == cause).map(|(_, word)| word)
    }
}

impl Listed<'_> {
    /// How it takes a row; `None` where it is not about it.
    pub fn take(&self, facts: &Facts<'_>) -> Option<Take> {
        let (id, terms) = (self.waiver.id, &self.waiver.terms);
        let holds = match &terms.expected {
            Expected::AsNow => {
                let (cause, amounts) = (facts.cause_word(), facts.amounts());
                self.rows.get(facts.key)?.iter().any(|(was, then)| *was == cause && then.is_some() && *then == amounts)
            }
            Expected::Formula(formula) => {
                if !terms.predicate.covers(facts) {
                    return None;
                }
                formula.holds(facts)
            }
        };
        match (holds, self.state) {
            (true, WaiverState::Counts) => Some(Take::Holds),
            (false, WaiverState::Counts) => Some(Take::Not(
                Reason::Moved,
                format!("waiver #{id} does not hold: the row differs by something else than accepted ({})", terms.expected),
            )),
            (true, WaiverState::Expired) => Some(Take::Not(Reason::Expired, format!("waiver #{id} expired on {}", terms.expires))),
            (true, WaiverState::NotConfirmed) => Some(Take::Not(Reason::NotConfirmed, format!("waiver #{id} is not confirmed by a second person"))),
            // What does not count anyway is not to blame for a row it would not accept.
            (false, _) | (_, WaiverState::Revoked) => None,
        }
    }
}

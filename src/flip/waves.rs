//! Cutting waves: canary first, then larger ones; the longest proven, simplest and smallest before the others.

use crate::domain::flip::{FlipPack, FlipRules, LeftOut, PackLine};
use std::collections::{BTreeMap, BTreeSet};

/// What makes a subscription harder than another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Complexity {
    /// Metered charges of its plan.
    pub charges: u32,
    /// A price of its own, a discount: each counts.
    pub discounts: u32,
    /// Times its plan changed over the months that were compared.
    pub plan_changes: u32,
    /// Other subscriptions of its customer.
    pub siblings: u32,
}

impl Complexity {
    /// All of it together.
    pub const fn score(self) -> u32 {
        self.charges.saturating_add(self.discounts).saturating_add(self.plan_changes).saturating_add(self.siblings)
    }
}

/// A subscription that may be flipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ready {
    /// Months in a row, up to the newest, in which it matched or was waived.
    pub streak: u32,
    /// How hard it is.
    pub complexity: Complexity,
    /// What its wave's pack holds of it.
    pub line: PackLine,
}

/// A subscription of the source, and whether it may be flipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The external subscription id.
    pub subscription: String,
    /// Ready, or why not.
    pub ready: Result<Box<Ready>, Vec<String>>,
}

/// A wave as somebody wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// Its name: the file's.
    pub name: String,
    /// The subscriptions, normalised.
    pub subscriptions: Vec<String>,
}

/// Waves, and what is in none: every candidate is in exactly one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// Numbered on.
    pub waves: Vec<FlipPack>,
    /// In byte order.
    pub left_out: Vec<LeftOut>,
}

/// Why no waves can be cut as asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CutError {
    /// A list names what is no candidate.
    #[error("{list} names {subscription}, which is no subscription that is to be flipped — check it, letter by letter")]
    Unknown {
        /// The list.
        list: String,
        /// The id, neutralised.
        subscription: String,
    },
    /// A subscription is listed twice.
    #[error("{subscription} is in {first} and in {second} — each subscription is flipped once")]
    Twice {
        /// The id, neutralised.
        subscription: String,
        /// The list it is in.
        first: String,
        /// And the other one.
        second: String,
    },
    /// Two candidates are one subscription.
    #[error("{subscription} is a candidate twice")]
    Repeated {
        /// The id, neutralised.
        subscription: String,
    },
}

fn shown(text: &str) -> String {
    crate::domain::text::shown(text, 60)
}

/// Cuts waves, numbered from `first`: the lists as they are written, then everything else, and at last those that were postponed: they
/// hold nobody up. Whoever is in a list is there, postponed or not.
pub fn cut(candidates: Vec<Candidate>, rules: &FlipRules, (lists, postponed): (&[List], &[List]), first: u32) -> Result<Cut, CutError> {
    let mut ready: BTreeMap<String, Ready> = BTreeMap::new();
    let mut left_out: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for Candidate { subscription, ready: of } in candidates {
        if ready.contains_key(&subscription) || left_out.contains_key(&subscription) {
            return Err(CutError::Repeated { subscription: shown(&subscription) });
        }
        match of {
            Ok(it) => drop(ready.insert(subscription, *it)),
            // A reason is owed, whoever forgot it.
            Err(why) if why.is_empty() => drop(left_out.insert(subscription, vec!["it cannot be told why".to_owned()])),
            Err(why) => drop(left_out.insert(subscription, why)),
        }
    }
    let mut waves: Vec<(String, Vec<PackLine>)> = Vec::new();
    let mut listed: BTreeMap<&str, &str> = BTreeMap::new();
    for list in lists {
        let mut lines = Vec::new();
        for subscription in &list.subscriptions {
            if let Some(earlier) = listed.insert(subscription, &list.name) {
                return Err(CutError::Twice { subscription: shown(subscription), first: shown(earlier), second: shown(&list.name) });
            }
            match ready.remove(subscription) {
                Some(it) => lines.push(it.line),
                None if left_out.contains_key(subscription) => {}
                None => return Err(CutError::Unknown { list: shown(&list.name), subscription: shown(subscription) }),
            }
        }
        waves.push((list.name.clone(), lines));
    }
    let later: Vec<(String, Vec<PackLine>)> =
        postponed.iter().map(|list| (list.name.clone(), list.subscriptions.iter().filter_map(|id| Some(ready.remove(id)?.line)).collect())).collect();
    waves.extend(by_themselves(ready.into_values().collect(), rules, lists.is_empty()));
    waves.extend(later);
    let number = |at: usize| first.saturating_add(u32::try_from(at).unwrap_or(u32::MAX));
    let waves = waves.into_iter().filter(|(_, lines)| !lines.is_empty()).enumerate().map(|(at, (from, mut lines))| {
        lines.sort_by(|a, b| a.subscription.cmp(&b.subscription));
        FlipPack { wave: number(at), from, lines }
    });
    let left_out = left_out.into_iter().map(|(subscription, why)| LeftOut { subscription, why }).collect();
    Ok(Cut { waves: waves.collect(), left_out })
}

/// Canary, then each so many times as large as the one before it.
fn by_themselves(mut ready: Vec<Ready>, rules: &FlipRules, is_first: bool) -> Vec<(String, Vec<PackLine>)> {
    // Money of several currencies is only put in an order here, never added.
    let money = |r: &Ready| r.line.expected.net.exact().unwrap_or(crate::domain::exact::Exact::ZERO);
    ready.sort_by(|a, b| {
        let proven = b.streak.cmp(&a.streak);
        let simple = a.complexity.score().cmp(&b.complexity.score());
        proven.then(simple).then_with(|| money(a).cmp(&money(b))).then_with(|| a.line.subscription.cmp(&b.line.subscription))
    });
    let mut size = rules.canary.max(1);
    let mut waves = Vec::new();
    let mut rest = ready.into_iter().map(|r| r.line).peekable();
    while rest.peek().is_some() {
        let from = if waves.is_empty() && is_first { "canary" } else { "wave" };
        waves.push((from.to_owned(), rest.by_ref().take(size).collect()));
        size = size.saturating_mul(rules.growth.max(1));
    }
    waves
}

/// Every subscription of some waves.
impl Cut {
    /// Ids in all waves.
    pub fn flipped(&self) -> BTreeSet<&str> {
        self.waves.iter().flat_map(|wave| &wave.lines).map(|line| line.subscription.as_str()).collect()
    }
}

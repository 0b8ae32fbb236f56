//! Acts folded to what they leave: the newest evidence, each person's last word, waivers and broken glass.

use super::Waiting;
use crate::domain::gate::{CheckEvidence, GateAct, GateDeed, Glass, Seal, SignOff};
use crate::domain::person::{Operator, folded, same_person};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// A stage or check in an environment: stage, check, environment.
type Place<'a> = (&'a str, &'a str, &'a str);

/// A person's last word on a stage.
#[derive(Debug, Clone, Copy)]
pub(super) enum Word<'a> {
    Go(&'a GateAct, &'a SignOff),
    NoGo(&'a GateAct, &'a str),
}

/// What acts leave.
#[derive(Debug, Default)]
pub(super) struct Folded<'a> {
    evidence: BTreeMap<Place<'a>, (&'a GateAct, &'a CheckEvidence)>,
    /// By stage, environment and person.
    words: BTreeMap<(&'a str, &'a str, String), Word<'a>>,
    by_id: BTreeMap<i64, &'a GateAct>,
    /// Acts that a second person may agree to.
    made: BTreeSet<i64>,
    /// The first second person who agreed to one.
    confirmed: BTreeMap<i64, &'a GateAct>,
    withdrawn: BTreeSet<i64>,
}

/// Whether an act is vouched for as it must be to count, being about another: itself where it is the first.
pub(super) type Vouched<'f> = &'f dyn Fn(&GateAct, &GateAct) -> bool;

/// A waiver of a check that two people made.
#[derive(Debug, Clone)]
pub(super) struct CheckWaiver<'a> {
    pub by: String,
    pub confirmed_by: String,
    pub reason: &'a str,
    pub expires: DateTime<Utc>,
}

impl<'a> Folded<'a> {
    /// Of names that no list of operators has, only observations count and what shuts: they are nobody.
    pub fn of(acts: &'a [GateAct], operators: &[Operator], vouched: Vouched<'_>) -> Self {
        let mut all = Self::default();
        for act in acts {
            all.take(act, operators.iter().any(|o| same_person(&o.id, &act.actor)), vouched);
            all.by_id.insert(act.id, act);
        }
        all
    }

    fn take(&mut self, act: &'a GateAct, is_operator: bool, vouched: Vouched<'_>) {
        match &act.deed {
            GateDeed::Observe(evidence) => {
                self.evidence.insert((&evidence.stage, &evidence.check, &evidence.environment), (act, evidence));
            }
            GateDeed::Sign(sign) => {
                self.words.insert((&sign.stage, &sign.environment, folded(&act.actor)), Word::Go(act, sign));
            }
            GateDeed::NoGo { stage, environment, reason } => {
                self.words.insert((stage, environment, folded(&act.actor)), Word::NoGo(act, reason));
            }
            GateDeed::Confirm { act: id, .. } => {
                let first = self.by_id.get(id).filter(|_| self.made.contains(id) && !self.withdrawn.contains(id));
                let agrees = first.is_some_and(|first| is_another(first, act) && vouched(act, first));
                if is_operator && agrees {
                    self.confirmed.entry(*id).or_insert(act);
                }
            }
            GateDeed::Withdraw { act: id, .. } => self.withdraw(*id, act),
            GateDeed::WaiveCheck { .. } | GateDeed::BreakGlass(_) if is_operator && vouched(act, act) => {
                self.made.insert(act.id);
            }
            GateDeed::WaiveCheck { .. } | GateDeed::BreakGlass(_) | GateDeed::Flip(_) => {}
        }
    }

    /// What opens may be taken back by anybody, a no only by who said it.
    fn withdraw(&mut self, id: i64, by: &GateAct) {
        let Some(act) = self.by_id.get(&id).copied() else { return };
        let place = match &act.deed {
            GateDeed::NoGo { stage, environment, .. } if same_person(&act.actor, &by.actor) => Some((stage, environment)),
            GateDeed::NoGo { .. } => return,
            GateDeed::Sign(sign) => Some((&sign.stage, &sign.environment)),
            _ => None,
        };
        self.withdrawn.insert(id);
        let Some((stage, environment)) = place else { return };
        let key = (stage.as_str(), environment.as_str(), folded(&act.actor));
        if self.words.get(&key).is_some_and(|word| word.act().id == id) {
            self.words.remove(&key);
        }
    }

    /// The newest evidence of a check in an environment.
    pub fn evidence(&self, place: Place<'_>) -> Option<(&'a GateAct, &'a CheckEvidence)> {
        self.evidence.get(&place).copied()
    }

    /// Everybody's last word on a stage.
    pub fn words(&self, stage: &str, environment: &str) -> impl Iterator<Item = Word<'a>> {
        self.words.iter().filter(move |((s, e, _), _)| *s == stage && *e == environment).map(|(_, word)| *word)
    }

    /// Who said no to a stage, and why.
    pub fn refused(&self, stage: &str, environment: &str) -> Vec<(String, String)> {
        let no = |word: Word<'_>| if let Word::NoGo(act, reason) = word { Some((act.actor.clone(), reason.to_owned())) } else { None };
        self.words(stage, environment).filter_map(no).collect()
    }

    pub fn is_withdrawn(&self, act: i64) -> bool {
        self.withdrawn.contains(&act)
    }

    /// The waiver of a piece of evidence that counts at a moment.
    pub fn waiver(&self, place: Place<'_>, digest: &str, now: DateTime<Utc>) -> Option<CheckWaiver<'a>> {
        self.confirmed.iter().rev().find_map(|(id, second)| {
            let first = self.by_id.get(id).copied().filter(|first| !self.is_withdrawn(first.id))?;
            let GateDeed::WaiveCheck { stage, check, environment, evidence, reason, expires, .. } = &first.deed else { return None };
            let is_it = (stage.as_str(), check.as_str(), environment.as_str()) == place && evidence == digest && now < *expires;
            is_it.then(|| CheckWaiver { by: told(first), confirmed_by: told(second), reason, expires: *expires })
        })
    }

    /// What one person made and a second has not agreed to yet.
    pub fn waiting(&self, now: DateTime<Utc>) -> Vec<Waiting> {
        let of = |id: &i64| {
            let act = self.by_id.get(id).filter(|_| !self.confirmed.contains_key(id) && !self.is_withdrawn(*id))?;
            let (what, expires, why, money) = match &act.deed {
                GateDeed::WaiveCheck { stage, check, environment, expires, reason, .. } => {
                    (format!("waive {stage}/{check} in {environment}"), *expires, reason.clone(), Vec::new())
                }
                GateDeed::BreakGlass(terms) => {
                    let reasons = if terms.blockers.len() == 1 { "reason" } else { "reasons" };
                    let why = format!("{} ({} {reasons})", terms.reason, terms.blockers.len());
                    ("break the glass".to_owned(), terms.expires, why, terms.exposure.clone())
                }
                _ => return None,
            };
            let reasons = if let GateDeed::BreakGlass(terms) = &act.deed { terms.blockers.clone() } else { Vec::new() };
            let terms = format!("until {}: {why}", expires.format("%Y-%m-%d %H:%MZ"));
            (now < expires).then(|| Waiting { act: *id, by: act.actor.clone(), what, terms, reasons, money })
        };
        self.made.iter().filter_map(of).collect()
    }

    /// Every breaking of the glass that two people made, oldest first.
    pub fn glass(&self) -> Vec<Glass> {
        let of = |(id, second): (&i64, &&'a GateAct)| {
            let first = self.by_id.get(id)?;
            let GateDeed::BreakGlass(terms) = &first.deed else { return None };
            let (by, confirmed_by) = (first.actor.clone(), second.actor.clone());
            let attested = (is_attested(first), is_attested(second));
            Some(Glass { act: *id, by, confirmed_by, at: second.at, terms: terms.as_ref().clone(), attested })
        };
        self.confirmed.iter().filter_map(of).collect()
    }
}

/// Two people, and two keys where both signed: two people with one key are one.
fn is_another(first: &GateAct, second: &GateAct) -> bool {
    let key = |act: &GateAct| act.deed.seal().and_then(Seal::key).map(str::to_owned);
    !same_person(&first.actor, &second.actor) && key(first).is_none_or(|own| key(second).as_ref() != Some(&own))
}

fn is_attested(act: &GateAct) -> bool {
    act.deed.seal().is_none_or(Seal::is_attested)
}

/// Who, and whether only a name vouches for that.
fn told(act: &GateAct) -> String {
    if is_attested(act) { format!("{} (attested)", act.actor) } else { act.actor.clone() }
}

impl<'a> Word<'a> {
    pub const fn act(self) -> &'a GateAct {
        match self {
            Self::Go(act, _) | Self::NoGo(act, _) => act,
        }
    }
}

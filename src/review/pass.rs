//! The rows of a run, one after another; what they come to is known at the end, for a cap is on all of them together.

use super::ledger::{Ledger, Take, Word};
use crate::domain::period::Zone;
use crate::domain::review::{Amounts, Apart, Deed, Facts, Reason, ReviewTally, Standing, WaiverRoll};
use crate::domain::verdict::{Review, Verdict};
use std::collections::{BTreeMap, BTreeSet};

/// Looks at rows in any order. Memory grows with the rows that decisions are about, not with the run.
#[derive(Debug)]
pub struct Pass<'l, 'a> {
    ledger: &'l Ledger<'a>,
    zone: Zone,
    tally: ReviewTally,
    /// Rows that decisions are about and no cap can change.
    settled: Vec<(i64, Standing)>,
    /// Rows a waiver accepts as long as its cap does: number, place of the waiver, document without a subscription, amounts.
    accepted: Vec<(i64, usize, bool, Amounts)>,
    /// By place of the waiver: rows it does not accept.
    refused: BTreeMap<usize, BTreeMap<Reason, Apart>>,
}

impl<'l, 'a> Pass<'l, 'a> {
    /// Before the first row.
    pub fn new(ledger: &'l Ledger<'a>, zone: Zone) -> Self {
        Self { ledger, zone, tally: ReviewTally::default(), settled: Vec::new(), accepted: Vec::new(), refused: BTreeMap::new() }
    }

    /// The next row, by its number in the run. Rows that ask for nothing are passed over.
    pub fn push(&mut self, seq: i64, facts: &Facts<'_>) {
        if !facts.asks() {
            return;
        }
        let (is_unlinked, amounts) = (facts.verdict == Verdict::Unlinked, facts.amounts());
        let word = self.ledger.word(facts);
        let why = match word.map(|w| said(w, amounts)) {
            Some(Ok(standing)) => return self.settle(seq, standing, (is_unlinked, amounts)),
            Some(Err(why)) => Some(why),
            None => None,
        };
        let mut refused: Option<(usize, Reason, String)> = None;
        for (at, listed) in self.ledger.waivers.iter().enumerate() {
            match (listed.take(facts), amounts) {
                (Some(Take::Holds), Some(amounts)) => return self.accepted.push((seq, at, is_unlinked, amounts)),
                (Some(Take::Not(reason, why)), _) if refused.is_none() => refused = Some((at, reason, why)),
                _ => {}
            }
        }
        if let Some((at, reason, why)) = refused {
            let standing = Standing { review: Review::Open, waiver: Some(self.ledger.waivers[at].waiver.id), until: None, why };
            self.refuse(at, reason, (is_unlinked, amounts));
            self.settle(seq, standing, (is_unlinked, amounts));
        } else if let Some(why) = why {
            self.settle(seq, Standing { review: Review::Open, waiver: None, until: None, why }, (is_unlinked, amounts));
        } else {
            let review = if facts.is_confirmed { Review::Explained } else { Review::Open };
            self.tally.of_mut(review).add(is_unlinked, amounts);
        }
    }

    fn settle(&mut self, seq: i64, standing: Standing, (is_unlinked, amounts): (bool, Option<Amounts>)) {
        self.tally.of_mut(standing.review).add(is_unlinked, amounts);
        self.settled.push((seq, standing));
    }

    fn refuse(&mut self, at: usize, reason: Reason, (is_unlinked, amounts): (bool, Option<Amounts>)) {
        self.refused.entry(at).or_default().entry(reason).or_default().add(is_unlinked, amounts);
    }

    /// The rows that decisions are about, by number, and what all rows come to.
    pub fn finish(mut self) -> (Vec<(i64, Standing)>, ReviewTally) {
        let mut totals: BTreeMap<usize, BTreeMap<_, i128>> = BTreeMap::new();
        for (_, at, _, amounts) in &self.accepted {
            *totals.entry(*at).or_default().entry(amounts.currency).or_default() += i128::from(amounts.at_stake());
        }
        let passed: BTreeSet<_> = totals
            .iter()
            .flat_map(|(at, sums)| sums.iter().map(move |(currency, sum)| (*at, *currency, *sum)))
            .filter(|(at, currency, sum)| {
                let caps = &self.ledger.waivers[*at].waiver.terms.cap;
                caps.iter().find(|cap| cap.currency == *currency).is_none_or(|cap| *sum > i128::from(cap.minor))
            })
            .map(|(at, currency, _)| (at, currency))
            .collect();
        let mut waived: BTreeMap<usize, Apart> = BTreeMap::new();
        for (seq, at, is_unlinked, amounts) in std::mem::take(&mut self.accepted) {
            let waiver = &self.ledger.waivers[at].waiver;
            let id = waiver.id;
            let standing = if passed.contains(&(at, amounts.currency)) {
                self.refuse(at, Reason::CapPassed, (is_unlinked, Some(amounts)));
                let why = format!("waiver #{id} does not hold: its rows pass the cap in {}", amounts.currency);
                Standing { review: Review::Open, waiver: Some(id), until: None, why }
            } else {
                waived.entry(at).or_default().add(is_unlinked, Some(amounts));
                let why = format!("waiver #{id} of {}: {}", waiver.terms.owner, waiver.terms.reason);
                Standing { review: Review::Waived, waiver: Some(id), until: Some(waiver.until(self.zone)), why }
            };
            self.settle(seq, standing, (is_unlinked, Some(amounts)));
        }
        let about: BTreeSet<usize> = waived.keys().chain(self.refused.keys()).copied().collect();
        self.tally.waivers = about
            .into_iter()
            .map(|at| {
                let waiver = &self.ledger.waivers[at].waiver;
                WaiverRoll {
                    waiver: waiver.id,
                    until: waiver.until(self.zone),
                    waived: waived.remove(&at).unwrap_or_default(),
                    reopened: self.refused.remove(&at).unwrap_or_default(),
                }
            })
            .collect();
        self.settled.sort_unstable_by_key(|(seq, _)| *seq);
        (self.settled, self.tally)
    }
}

/// What the newest word makes of a row: resolved, or open and why.
fn said(word: &Word<'_>, amounts: Option<Amounts>) -> Result<Standing, String> {
    let (act, actor) = (word.act, &word.act.actor);
    match &act.deed {
        Deed::Resolve { reason } if amounts.is_some() && word.amounts.contains(&amounts) => {
            Ok(Standing { review: Review::Resolved, waiver: None, until: None, why: format!("resolved by {actor}: {reason}") })
        }
        Deed::Resolve { .. } => Err(format!("resolved by {actor} in {}, and the amount moved since", act.month)),
        Deed::Reopen { reason } => Err(format!("reopened by {actor}: {reason}")),
        _ => Err(String::new()),
    }
}

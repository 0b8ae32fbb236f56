//! How far the explainer can be trusted: a made-up book with one known cause a row, the same book with every row that says so taken
//! away, and noise. All of it follows from a seed.

mod ground;
mod inject;

use super::{Case, Population, Rules, explain};
use crate::domain::currency::Currency;
use crate::domain::exact::Exact;
use crate::domain::explanation::{Cause, Certainty, Explanation};
use crate::domain::records::DocumentKind;
use crate::domain::row::{DocumentPart, ReconRow, SubscriptionFacts};
use crate::domain::side::Side;
use chrono::Days;
use ground::Ground;
use serde::Serialize;

/// What a calibration counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Calibration {
    /// Rows with a known cause.
    pub injected: u64,
    /// Of them, those whose cause was named first; in a made-up book also confirmed.
    pub named_first: u64,
    /// Of the same rows without the row of the data that says so, those that were confirmed all the same.
    pub without_evidence_confirmed: u64,
    /// Rows with an amount out of thin air, at a list price of 10 or more.
    pub noise_rows: u64,
    /// Of them, those that were explained: confirmed, or as a candidate.
    pub noise_explained: u64,
}

impl Calibration {
    /// Whether it is as good as it has to be: 98 in 100 named, none confirmed without evidence, 5 in 1,000 of noise explained.
    pub const fn holds(&self) -> bool {
        let named = self.named_first.saturating_mul(100) >= self.injected.saturating_mul(98);
        named && self.without_evidence_confirmed == 0 && self.noise_explained.saturating_mul(1000) <= self.noise_rows.saturating_mul(5)
    }
}

/// Calibrates with `rows` rows of each kind.
pub fn calibrate(rows: u64, seed: u64, currency: Currency) -> Calibration {
    let mut sum = Calibration { injected: rows, noise_rows: rows, ..Calibration::default() };
    each(rows, seed, currency, |what| match what {
        Judged::Injected(cause, told) => {
            let first = told.hypotheses.first().map(|h| h.causes.as_slice());
            sum.named_first += u64::from(told.certainty == Certainty::Confirmed && first == Some(&[cause]));
        }
        Judged::Stripped(told) => sum.without_evidence_confirmed += u64::from(told.certainty == Certainty::Confirmed),
        Judged::Noise(told) => sum.noise_explained += u64::from(told.certainty != Certainty::Unexplained),
    });
    sum
}

/// A row without what says why it differs: the amounts stay, both sides tell the same of it as its rating, no tax is known, and its
/// documents have no lines.
pub fn stripped(row: &ReconRow) -> ReconRow {
    let mut row = row.clone();
    let long_ago = row.period.start - Days::new(400);
    let known = row.target.as_ref().or(row.source.as_ref());
    let mut plain = SubscriptionFacts { customer_id: row.customer_id.clone(), ..SubscriptionFacts::plain(long_ago) };
    if let Some(facts) = known {
        (plain.customer_id, plain.plan_id) = (facts.customer_id.clone(), facts.plan_id.clone());
    }
    if let [inputs] = row.inputs.as_slice() {
        plain.plan_id = inputs.plan_id.as_str().into();
        (plain.quantity, plain.price_override, plain.discount_percent) = (inputs.quantity, inputs.price_override, inputs.discount_percent);
    }
    (row.actual_tax, row.expected_tax, row.delta_tax) = (None, None, None);
    (row.source, row.target) = (Some(plain.clone()), Some(plain));
    if let Some(actual) = row.actual {
        row.documents.retain(|d| d.side == Side::Target);
        let exact = actual.exact().unwrap_or(Exact::ZERO);
        let (id, issued_on) = ("-".into(), Some(row.period.end));
        let kind = DocumentKind::Charge;
        row.documents
            .insert(0, DocumentPart { side: Side::Source, id, number: None, kind, issued_on, net: actual, exact, tax: None, lines: Vec::new() });
    }
    row
}

/// What was made of a made-up row.
enum Judged {
    Injected(Cause, Explanation),
    Stripped(Explanation),
    Noise(Explanation),
}

fn each(rows: u64, seed: u64, currency: Currency, mut take: impl FnMut(Judged)) {
    let population = Population { rows };
    for at in 0..rows {
        let mut ground = Ground::new(seed, at, currency);
        let cause = inject::into(&mut ground);
        if let Some(told) = told(&ground, population) {
            take(Judged::Injected(cause, told));
        }
        ground.strip();
        if let Some(told) = told(&ground, population) {
            take(Judged::Stripped(told));
        }
        let mut ground = Ground::new(!seed, at, currency);
        ground.noise();
        if let Some(told) = told(&ground, population) {
            take(Judged::Noise(told));
        }
    }
}

fn told(ground: &Ground, population: Population) -> Option<Explanation> {
    let shelves = [&ground.shelves[0], &ground.shelves[1]];
    let rules = Rules::new(ground.profile.clone());
    let case = Case::new(&ground.row, &ground.evidence, shelves, &rules, ground.around())?;
    Some(explain(&case, population))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn known_causes_are_named_noise_is_not_and_nothing_is_confirmed_without_its_row() {
        let mut wrong: BTreeMap<String, usize> = BTreeMap::new();
        let cad = Currency::known("CAD").unwrap();
        each(3_000, 7, cad, |what| match what {
            Judged::Injected(cause, told) => {
                let first = told.hypotheses.first().map(|h| h.causes.as_slice());
                if told.certainty != Certainty::Confirmed || first != Some(&[cause]) {
                    *wrong.entry(format!("{} told {} {first:?}", cause.word(), told.certainty.word())).or_default() += 1;
                }
            }
            Judged::Stripped(told) if told.certainty == Certainty::Confirmed => {
                *wrong.entry(format!("without evidence {:?}", told.hypotheses)).or_default() += 1;
            }
            Judged::Noise(told) if told.certainty != Certainty::Unexplained => {
                *wrong.entry(format!("noise {} {:?}", told.certainty.word(), told.hypotheses.first().map(|h| &h.causes))).or_default() += 1;
            }
            _ => {}
        });
        let found = calibrate(3_000, 7, cad);
        assert!(found.holds(), "{found:?}: {wrong:#?}");
        assert_eq!(found.injected, 3_000);
    }

    #[test]
    fn a_bridge_sums_to_its_delta_to_the_last_digit() {
        for at in 0..2_000 {
            let mut ground = Ground::new(11, at, Currency::known("CAD").unwrap());
            if at % 3 == 0 {
                ground.noise();
            } else {
                inject::into(&mut ground);
            }
            let Some(told) = told(&ground, Population { rows: 100 }) else { continue };
            let sum = told.bridge.iter().fold(told.residual, |sum, step| sum.add(step.amount).unwrap());
            let delta = ground.row.delta.filter(|d| d.minor != 0).or(ground.row.delta_tax).unwrap();
            assert_eq!(sum, delta.exact().unwrap(), "{at}: {told:?}");
            let explained = told.certainty != Certainty::Unexplained;
            assert!(!explained || told.residual.is_zero(), "{at}: {told:?}");
        }
    }
}

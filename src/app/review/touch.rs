//! What a decision would touch: rows, money, the largest of them. The same look shows it and makes it.

use super::{Chosen, facts};
use crate::app::error::AppError;
use crate::domain::currency::Currency;
use crate::domain::review::{Expected, Facts, Predicate, Subject, Sum, Terms};
use crate::domain::run::Run;
use crate::ports::workspace::{RowFilter, RowLine, StoreError, Workspace};
use std::collections::BTreeMap;

/// Rows shown of all that are touched.
const LARGEST: usize = 10;

/// The rows a decision is about.
#[derive(Debug, Clone, Default)]
pub struct Touched {
    /// They and their money.
    pub sum: Sum,
    /// What a cap counts of them, by currency.
    pub at_stake: BTreeMap<Currency, i64>,
    /// Those with most money at stake, greatest first.
    pub largest: Vec<RowLine>,
    /// Rows the filter passes that have no amount: nobody can decide on what cannot be compared.
    pub incomparable: u64,
    /// Rows a waiver is about and does not accept, since its formula says another amount.
    pub other_amount: u64,
    /// As they are kept with the decision.
    pub subjects: Vec<Subject>,
}

impl Touched {
    /// A row of which no amount is known is no row to decide on, but one to say a word about.
    fn add_any(&mut self, line: RowLine) {
        let facts = facts(&line);
        if facts.amounts().is_some() {
            return self.add(line);
        }
        self.sum.add(None);
        self.subjects.push(subject(&line, &facts));
        if self.largest.len() < LARGEST {
            self.largest.push(line);
        }
    }

    fn add(&mut self, line: RowLine) {
        let facts = facts(&line);
        let Some(amounts) = facts.amounts() else {
            self.incomparable += 1;
            return;
        };
        self.sum.add(Some(amounts));
        let at_stake = self.at_stake.entry(amounts.currency).or_default();
        *at_stake = at_stake.saturating_add(amounts.at_stake());
        self.subjects.push(subject(&line, &facts));
        let at_stake = |line: &RowLine| super::facts(line).amounts().map_or(0, crate::domain::review::Amounts::at_stake);
        let place = self.largest.partition_point(|other| at_stake(other) >= amounts.at_stake());
        if place < LARGEST {
            self.largest.insert(place, line);
            self.largest.truncate(LARGEST);
        }
    }

    /// Currencies in which they come to more than a cap, with the sum and the cap, which may be missing.
    pub fn over(&self, terms: &Terms) -> Vec<(Currency, i64, Option<i64>)> {
        let caps: BTreeMap<Currency, i64> = terms.cap.iter().map(|cap| (cap.currency, cap.minor)).collect();
        let with_cap = self.at_stake.iter().map(|(currency, sum)| (*currency, *sum, caps.get(currency).copied()));
        with_cap.filter(|(_, sum, cap)| cap.is_none_or(|cap| *sum > cap)).collect()
    }
}

pub(super) fn subject(line: &RowLine, facts: &Facts<'_>) -> Subject {
    Subject { key: line.key.clone(), cause: facts.cause_word().map(str::to_owned), amounts: facts.amounts() }
}

/// What a waiver may ask of rows: words that mean the same in every month.
pub fn predicate(filter: &RowFilter) -> Result<Predicate, AppError> {
    let RowFilter { key, customer, plan, cause, verdicts, currency, .. } = filter.clone();
    let predicate = Predicate { key, customer, plan, cause, verdicts, currency };
    let plain = RowFilter {
        key: predicate.key.clone(),
        customer: predicate.customer.clone(),
        plan: predicate.plan.clone(),
        cause: predicate.cause.clone(),
        verdicts: predicate.verdicts.clone(),
        currency: predicate.currency,
        ..RowFilter::default()
    };
    if plain != *filter {
        return Err(AppError::Usage(
            "a waiver is about key:, cust:, plan:, cause:, verdict: and currency: only — leave the other words out".to_owned(),
        ));
    }
    if predicate.is_empty() {
        return Err(AppError::Usage("a waiver of everything is none — say which rows, as cause:coupon plan:large".to_owned()));
    }
    Ok(predicate)
}

fn filter_of(predicate: &Predicate) -> RowFilter {
    let Predicate { key, customer, plan, cause, verdicts, currency } = predicate.clone();
    RowFilter { verdicts, key, customer, plan, currency, cause, ..RowFilter::default() }
}

/// The rows of a run that a waiver on these terms would accept.
pub async fn touched_by_waiver<W: Workspace + ?Sized>(store: &W, run: &Run, terms: &Terms) -> Result<Touched, StoreError> {
    let mut touched = Touched::default();
    let about = Chosen::of_filter(filter_of(&terms.predicate));
    let look = |line: RowLine| {
        let facts = facts(&line);
        let accepts = match &terms.expected {
            Expected::AsNow => true,
            Expected::Formula(formula) => facts.amounts().is_none() || formula.holds(&facts),
        };
        if !terms.predicate.covers(&facts) {
            return;
        }
        if accepts { touched.add(line) } else { touched.other_amount += 1 }
    };
    about.each(store, run.id, true, look).await?;
    Ok(touched)
}

/// What a deed about these rows would touch: one that decides, only rows that ask for a decision.
pub async fn touched_by_rows<W: Workspace + ?Sized>(store: &W, run: &Run, rows: &Chosen, decides: bool) -> Result<Touched, StoreError> {
    let mut touched = Touched::default();
    rows.each(store, run.id, decides, |line| if decides { touched.add(line) } else { touched.add_any(line) }).await?;
    Ok(touched)
}

//! A [`RowFilter`] over the lines of a block.

use super::explanations::Causes;
use super::reviews::States;
use super::unpack::Line;
use crate::domain::currency::Currency;
use crate::domain::exact::{Exact, NumberError};
use crate::domain::pack::Bent;
use crate::ports::workspace::{RowFilter, StoreError};
use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;

/// Looks for a text, whatever its case in ASCII.
#[derive(Debug)]
pub(super) struct Needle(Vec<u8>);

impl Needle {
    /// Of a text that is asked for; nothing is looked for in nothing.
    pub fn of(text: Option<&String>) -> Option<Self> {
        text.filter(|t| !t.is_empty()).map(|t| Self(t.to_ascii_lowercase().into_bytes()))
    }

    /// Whether it is in a text.
    pub fn is_in(&self, text: &str) -> bool {
        let (needle, text) = (&self.0, text.as_bytes());
        let Some(last) = text.len().checked_sub(needle.len()) else { return false };
        let (small, great) = (needle[0], needle[0].to_ascii_uppercase());
        let starts = text[..=last].iter().enumerate().filter(|(_, b)| **b == small || **b == great);
        starts.into_iter().any(|(at, _)| text[at..at + needle.len()].eq_ignore_ascii_case(needle))
    }
}

/// What is known of whether a needle is in a word of the block being read.
#[derive(Debug, Default)]
struct Known(Vec<Option<bool>>);

impl Known {
    fn is_in(&mut self, needle: &Needle, number: usize, line: &Line<'_>) -> Result<bool, Bent> {
        if let Some(known) = self.0.get(number).copied().flatten() {
            return Ok(known);
        }
        // First the word: of one that is not there the number may be anything.
        let is_in = needle.is_in(&line.word(number)?);
        self.0.resize(self.0.len().max(number + 1), None);
        self.0[number] = Some(is_in);
        Ok(is_in)
    }
}

/// Money bounds of one currency in its minor units.
#[derive(Debug)]
struct Bounds {
    currency: Currency,
    above: Option<i64>,
    below: Option<i64>,
}

/// A filter made ready for many rows.
#[derive(Debug)]
pub(super) struct Sieve<'f> {
    filter: &'f RowFilter,
    text: Option<Needle>,
    customer: Option<Needle>,
    plan: Option<Needle>,
    causes: Option<Causes>,
    states: Option<States>,
    bounds: Vec<Bounds>,
    known: [Known; 3],
    scratch: String,
}

impl<'f> Sieve<'f> {
    /// For rows of a run, of which it must be known what was made of them where a cause or a state of review is asked for.
    pub async fn of(conn: &mut SqliteConnection, run: i64, filter: &'f RowFilter, now: DateTime<Utc>) -> Result<Self, StoreError> {
        Ok(Self {
            filter,
            text: Needle::of(filter.text.as_ref()),
            customer: Needle::of(filter.customer.as_ref()),
            plan: Needle::of(filter.plan.as_ref()),
            causes: Causes::wanted(conn, run, filter).await?,
            states: States::wanted(conn, run, filter, now).await?,
            bounds: Vec::new(),
            known: Default::default(),
            scratch: String::new(),
        })
    }

    /// To be told before the lines of each block: its words are others.
    pub fn next_block(&mut self) {
        self.known.iter_mut().for_each(|k| k.0.clear());
    }

    /// Whether the line of a number passes every part that is set.
    pub fn passes(&mut self, line: &Line<'_>, seq: i64) -> Result<bool, Bent> {
        let f = self.filter;
        let plain = (f.verdicts.is_empty() || f.verdicts.contains(&line.verdict))
            && f.basis.is_none_or(|b| line.basis == Some(b))
            && self.states.as_ref().is_none_or(|states| states.pass(seq, line.verdict, line.review))
            && self.causes.as_ref().is_none_or(|causes| causes.pass(seq, line.verdict));
        Ok(plain && self.passes_money(line) && self.passes_texts(line)?)
    }

    /// Bounds are in major units, amounts in minor units. A row of no currency has no money and is within none.
    fn passes_money(&mut self, line: &Line<'_>) -> bool {
        let f = self.filter;
        let bounded = f.money_above.is_some() || f.money_below.is_some();
        if !bounded && f.currency.is_none() {
            return true;
        }
        let Some(currency) = line.monies.amounts().currency() else { return false };
        if f.currency.is_some_and(|c| c != currency) {
            return false;
        }
        let at = self.bounds.iter().position(|b| b.currency == currency).unwrap_or_else(|| {
            let above = f.money_above.map(|bound| floor_minor(bound, currency));
            let below = f.money_below.map(|bound| ceil_minor(bound, currency));
            self.bounds.push(Bounds { currency, above, below });
            self.bounds.len() - 1
        });
        let (at_stake, bounds) = (line.monies.at_stake(), &self.bounds[at]);
        bounds.above.is_none_or(|above| at_stake > above) && bounds.below.is_none_or(|below| at_stake < below)
    }

    fn passes_texts(&mut self, line: &Line<'_>) -> Result<bool, Bent> {
        let [in_customer, in_plan, anywhere] = &mut self.known;
        if let Some(needle) = &self.customer
            && !in_customer.is_in(needle, line.customer, line)?
        {
            return Ok(false);
        }
        if let Some(needle) = &self.plan
            && !in_plan.is_in(needle, line.plan, line)?
        {
            return Ok(false);
        }
        if let Some(key) = &self.filter.key {
            self.scratch.clear();
            line.key().push(&mut self.scratch)?;
            if self.scratch != *key {
                return Ok(false);
            }
        }
        let Some(needle) = &self.text else { return Ok(true) };
        if anywhere.is_in(needle, line.customer, line)? || anywhere.is_in(needle, line.plan, line)? {
            return Ok(true);
        }
        self.scratch.clear();
        line.key().push(&mut self.scratch)?;
        if needle.is_in(&self.scratch) {
            return Ok(true);
        }
        self.scratch.clear();
        line.documents.push(&mut self.scratch)?;
        Ok(needle.is_in(&self.scratch))
    }
}

fn ceil_minor(bound: Exact, currency: Currency) -> i64 {
    let far = if bound.is_negative() { i64::MIN } else { i64::MAX };
    let scaled = bound.mul(Exact::whole(10i128.pow(currency.exponent())));
    scaled.map_or(far, |n| narrow(n.ceil(), far))
}

fn floor_minor(bound: Exact, currency: Currency) -> i64 {
    let negated: Result<Exact, NumberError> = bound.neg();
    negated.map_or(i64::MAX, |n| ceil_minor(n, currency).saturating_neg())
}

fn narrow(whole: Exact, far: i64) -> i64 {
    let whole = whole.reduced();
    i64::try_from(whole.num()).unwrap_or(far)
}

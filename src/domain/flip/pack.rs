//! The flip pack of a wave: every change with its inverse, and what the target is expected to bill first.

use super::change::{Change, Direction, Step};
use super::rules::FlipRules;
use crate::domain::currency::Currency;
use crate::domain::gate::digest_of;
use crate::domain::money::Money;
use crate::domain::period::{Month, Period};
use crate::domain::text::Untrusted;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The first invoice the target is expected to make of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    /// The period it is for.
    pub period: Period,
    /// The day it is made.
    pub bill_on: NaiveDate,
    /// Net of tax.
    pub net: Money,
    /// Tax; `None` where no rate is known.
    pub tax: Option<Money>,
}

/// A subscription in a wave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackLine {
    /// The external subscription id.
    pub subscription: String,
    /// Its customer, for people.
    pub customer: Untrusted,
    /// Its plan, for people.
    pub plan: Untrusted,
    /// The first day the source has not billed.
    pub billed_through: NaiveDate,
    /// Its first invoice.
    pub expected: Expected,
    /// Its changes, one of each step, in order.
    pub changes: Vec<Change>,
}

impl PackLine {
    /// Its change of a step.
    pub fn change(&self, step: Step) -> Option<&Change> {
        self.changes.iter().find(|change| change.step() == step)
    }
}

/// What a pack comes to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Totals {
    /// Subscriptions.
    pub count: u64,
    /// Expected first invoices net, by currency, in minor units. Currencies are never added together.
    pub money: BTreeMap<Currency, i64>,
    /// The largest of them in each currency, with its subscription.
    pub largest: BTreeMap<Currency, (String, i64)>,
}

impl Totals {
    /// `12 subscriptions, 860.95 CAD`: plain digits, as they are typed.
    pub fn words(&self) -> String {
        let subscriptions = if self.count == 1 { "subscription" } else { "subscriptions" };
        let amounts: Vec<String> = self.money.iter().map(|(currency, minor)| format!("{} {currency}", Money::new(*minor, *currency))).collect();
        format!("{} {subscriptions}, {}", self.count, if amounts.is_empty() { "no money".to_owned() } else { amounts.join(" + ") })
    }
}

/// A wave and its pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlipPack {
    /// Which wave, from 1.
    pub wave: u32,
    /// How it came about: `canary`, `wave`, or the name of the list it was written in.
    pub from: String,
    /// Its subscriptions, in byte order of their ids.
    pub lines: Vec<PackLine>,
}

impl FlipPack {
    /// The line of a subscription.
    pub fn line(&self, subscription: &str) -> Option<&PackLine> {
        let at = self.lines.binary_search_by(|line| line.subscription.as_str().cmp(subscription)).ok()?;
        self.lines.get(at)
    }

    /// Count, money and largest. A sum that leaves 64 bits stays at their end: no phrase of such a wave is typed by mistake.
    pub fn totals(&self) -> Totals {
        let mut totals = Totals { count: u64::try_from(self.lines.len()).unwrap_or(u64::MAX), ..Totals::default() };
        for line in &self.lines {
            let Money { minor, currency } = line.expected.net;
            let sum = totals.money.entry(currency).or_default();
            *sum = sum.saturating_add(minor);
            let largest = totals.largest.entry(currency).or_insert_with(|| (line.subscription.clone(), minor));
            if minor > largest.1 {
                *largest = (line.subscription.clone(), minor);
            }
        }
        totals
    }

    /// What is typed to apply it: `flip wave 1: 12 subscriptions, 860.95 CAD`.
    pub fn phrase(&self, direction: Direction) -> String {
        let verb = match direction {
            Direction::Forward => "flip",
            Direction::Back => "back out",
        };
        format!("{verb} wave {}: {}", self.wave, self.totals().words())
    }

    /// Digest of every change and every amount in it.
    pub fn digest(&self) -> String {
        digest_of("flip pack v1", self)
    }
}

/// A subscription that is in no wave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The external subscription id.
    pub subscription: String,
    /// Why, each in a few words; never empty.
    pub why: Vec<String>,
}

/// All waves as they were planned, and what that stood on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlipPlan {
    /// The month that was compared.
    pub month: Month,
    /// The run that counts.
    pub run: i64,
    /// Its digest.
    pub run_digest: String,
    /// Digest of the configuration that decides numbers.
    pub config_digest: String,
    /// Digest of what is configured about the flip.
    pub flip_digest: String,
    /// The rules it was made by.
    pub rules: FlipRules,
    /// Waves, in the order they are flipped.
    pub waves: Vec<FlipPack>,
    /// Subscriptions in none, in byte order.
    pub left_out: Vec<LeftOut>,
}

impl FlipPlan {
    /// Digest of all of it.
    pub fn digest(&self) -> String {
        digest_of("flip plan v1", self)
    }
}

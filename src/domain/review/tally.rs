//! How the rows of a run stand, and what that comes to: counted by state, and priced by waiver.

use super::Amounts;
use crate::domain::currency::Currency;
use crate::domain::verdict::Review;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Why a row that a waiver is about is open all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// It differs by something else than was accepted.
    Moved,
    /// All rows together are more than the cap.
    CapPassed,
    /// The waiver's last day is over.
    Expired,
    /// No second person confirmed the waiver.
    NotConfirmed,
}

impl Reason {
    /// The word in files.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Moved => "moved",
            Self::CapPassed => "cap_passed",
            Self::Expired => "expired",
            Self::NotConfirmed => "not_confirmed",
        }
    }
}

/// How a row stands where decisions say so; a row none is about is open, or explained by a confirmed cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The state.
    pub review: Review,
    /// The waiver that counts, or that does not hold.
    pub waiver: Option<i64>,
    /// When a waived row opens again by itself.
    pub until: Option<DateTime<Utc>>,
    /// Why it stands so.
    pub why: String,
}

impl Standing {
    /// The same at a moment: what is over by then is open.
    #[must_use]
    pub fn at(self, now: DateTime<Utc>) -> Self {
        if self.until.is_none_or(|until| now < until) {
            return self;
        }
        let why = self.waiver.map_or_else(String::new, |id| format!("waiver #{id} expired"));
        Self { review: Review::Open, waiver: self.waiver, until: None, why }
    }
}

/// Rows and their money: signed and absolute, never added over currencies.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sum {
    /// Rows.
    pub rows: u64,
    /// Σ delta and Σ |delta|, minor units by currency: the same sums a run has.
    pub money: BTreeMap<Currency, (i64, i64)>,
}

impl Sum {
    /// Adds a row.
    pub fn add(&mut self, amounts: Option<Amounts>) {
        self.rows += 1;
        if let Some(amounts) = amounts {
            let (net, gross) = self.money.entry(amounts.currency).or_default();
            // A subset of a run's rows, whose own sums are checked to fit.
            *net = net.saturating_add(amounts.delta);
            *gross = gross.saturating_add(amounts.delta.saturating_abs());
        }
    }

    /// Takes over other rows.
    pub fn absorb(&mut self, other: &Self) {
        self.rows += other.rows;
        for (currency, (net, gross)) in &other.money {
            let all = self.money.entry(*currency).or_default();
            *all = (all.0.saturating_add(*net), all.1.saturating_add(*gross));
        }
    }

    /// Gives rows away that are in it.
    fn lose(&mut self, other: &Self) {
        self.rows = self.rows.saturating_sub(other.rows);
        for (currency, (net, gross)) in &other.money {
            let left = self.money.entry(*currency).or_default();
            *left = (left.0.saturating_sub(*net), left.1.saturating_sub(*gross));
        }
        self.money.retain(|_, money| *money != (0, 0));
    }

    /// Σ |delta| by currency.
    pub fn gross(&self) -> impl Iterator<Item = (Currency, i64)> + '_ {
        self.money.iter().map(|(currency, (_, gross))| (*currency, *gross))
    }
}

/// The same for rows of a subscription and for documents without one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Apart {
    /// Rows that were compared.
    pub compared: Sum,
    /// Documents without a subscription.
    pub unlinked: Sum,
}

impl Apart {
    /// Adds a row.
    pub fn add(&mut self, is_unlinked: bool, amounts: Option<Amounts>) {
        if is_unlinked { &mut self.unlinked } else { &mut self.compared }.add(amounts);
    }

    /// Takes over other rows.
    pub fn absorb(&mut self, other: &Self) {
        self.compared.absorb(&other.compared);
        self.unlinked.absorb(&other.unlinked);
    }

    fn lose(&mut self, other: &Self) {
        self.compared.lose(&other.compared);
        self.unlinked.lose(&other.unlinked);
    }

    /// Both together.
    pub fn all(&self) -> Sum {
        let mut all = self.compared.clone();
        all.absorb(&self.unlinked);
        all
    }
}

/// What a waiver comes to in a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaiverRoll {
    /// Which.
    pub waiver: i64,
    /// The first moment at which it does not count.
    pub until: DateTime<Utc>,
    /// Rows it accepts.
    pub waived: Apart,
    /// Rows it is about that are open all the same.
    pub reopened: BTreeMap<Reason, Apart>,
}

/// Every row of a run that asks for a decision, by how it stands.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ReviewTally {
    /// Nobody decided.
    pub open: Apart,
    /// A confirmed cause is named.
    pub explained: Apart,
    /// Accepted by two people.
    pub waived: Apart,
    /// Mended.
    pub resolved: Apart,
    /// By waiver, those that are about any row of the run.
    pub waivers: Vec<WaiverRoll>,
}

impl ReviewTally {
    /// Rows of a state.
    pub const fn of(&self, review: Review) -> &Apart {
        match review {
            Review::Open => &self.open,
            Review::Explained => &self.explained,
            Review::Waived => &self.waived,
            Review::Resolved => &self.resolved,
        }
    }

    /// The same, to be added to.
    pub const fn of_mut(&mut self, review: Review) -> &mut Apart {
        match review {
            Review::Open => &mut self.open,
            Review::Explained => &mut self.explained,
            Review::Waived => &mut self.waived,
            Review::Resolved => &mut self.resolved,
        }
    }

    /// How many of its waivers are over at a moment.
    pub fn expired(&self, now: DateTime<Utc>) -> usize {
        self.waivers.iter().filter(|w| now >= w.until).count()
    }

    /// The same at a moment: what waivers accepted that are over by then is open.
    #[must_use]
    pub fn at(mut self, now: DateTime<Utc>) -> Self {
        for roll in self.waivers.iter_mut().filter(|w| now >= w.until && w.waived != Apart::default()) {
            let over = std::mem::take(&mut roll.waived);
            self.waived.lose(&over);
            self.open.absorb(&over);
            roll.reopened.entry(Reason::Expired).or_default().absorb(&over);
        }
        self
    }
}

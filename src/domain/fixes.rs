//! Corrections of the target, or of what is declared about it, and what each would do to a run: recomputed row by row.

use super::currency::Currency;
use super::exact::Exact;
use super::profile::{ChangesWithin, Proration, Stage, TaxStage};
use super::records::Charge;
use super::rounding::RoundMode;
use super::run::{Counts, Run};
use super::together::Apart;
use super::verdict::Verdict;
use serde::Serialize;
use std::collections::BTreeMap;

/// What each subscription of the target can take over from the source's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Carried {
    /// The price of its own.
    PriceOverride,
    /// Its discount.
    DiscountPercent,
    /// Its units.
    Quantity,
}

impl Carried {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::PriceOverride, Self::DiscountPercent, Self::Quantity];

    /// The column of the contract.
    pub const fn word(self) -> &'static str {
        match self {
            Self::PriceOverride => "price_override",
            Self::DiscountPercent => "discount_percent",
            Self::Quantity => "quantity",
        }
    }
}

/// One correction.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fix {
    /// A plan of the target gets this flat price.
    FlatPrice {
        /// The plan, by the target's id.
        plan: String,
        /// Its price now.
        from: Exact,
        /// Its price then.
        to: Exact,
    },
    /// A charge of a plan of the target becomes this one.
    Charge {
        /// The plan, by the target's id.
        plan: String,
        /// What it meters.
        metric: String,
        /// The charge now; `None` where there is none.
        from: Option<Box<Charge>>,
        /// The charge then; `None` takes it away.
        to: Option<Box<Charge>>,
    },
    /// The target rounds so.
    Rounding {
        /// What is rounded.
        per: Stage,
        /// How.
        mode: RoundMode,
    },
    /// The target rounds its tax there.
    TaxPer {
        /// Where.
        per: TaxStage,
    },
    /// The target's prices hold tax, or do not.
    TaxInclusive {
        /// Whether they do.
        to: bool,
    },
    /// The target charges part of a period so.
    Proration {
        /// How.
        to: Proration,
    },
    /// The target rates pauses and changes of plan or quantity within a period so.
    Changes {
        /// How.
        to: ChangesWithin,
        /// Whether the run kept any change of the target: without one nothing can be told.
        kept: bool,
    },
    /// Subscriptions of a plan of the source stand on another plan of the target.
    Mapping {
        /// The source's plan.
        source_plan: String,
        /// The target's plan they stand on.
        from: String,
        /// The one they belong on.
        to: String,
    },
    /// Every subscription of the target takes something over from the source's.
    Carry {
        /// What.
        what: Carried,
    },
}

/// What a correction does to the rows it touches.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Effect {
    /// Rows whose verdict or delta changes, by what they are and become; where only the delta changes, that is the same.
    pub moved: BTreeMap<(Verdict, Verdict), u64>,
    /// Rows it touches of which the run kept too little to tell: they are counted as they are now.
    pub untold: u64,
    /// Rows that change by a document the target would have to make anew: the one it has is what its catalogue says now.
    pub redrawn: u64,
    /// By currency, in minor units: how Σ delta and Σ |delta| change.
    pub money: BTreeMap<Currency, (i64, i64)>,
}

impl Effect {
    /// Takes over the rows of another.
    pub fn absorb(&mut self, other: Self) {
        (self.untold, self.redrawn) = (self.untold + other.untold, self.redrawn + other.redrawn);
        for (of, rows) in other.moved {
            *self.moved.entry(of).or_default() += rows;
        }
        for (currency, change) in other.money {
            self.shift(currency, change);
        }
        self.money.retain(|_, change| *change != (0, 0));
    }

    /// Changes the sums of a currency.
    pub fn shift(&mut self, currency: Currency, (net, gross): (i64, i64)) {
        let sums = self.money.entry(currency).or_default();
        *sums = (sums.0.saturating_add(net), sums.1.saturating_add(gross));
    }

    fn count(&self, which: impl Fn(Verdict, Verdict) -> bool) -> u64 {
        self.moved.iter().filter(|((from, to), _)| which(*from, *to)).map(|(_, rows)| rows).sum()
    }

    /// Rows whose verdict or delta changes.
    pub fn rows(&self) -> u64 {
        self.count(|_, _| true)
    }

    /// Rows that match then, and do not now.
    pub fn gained(&self) -> u64 {
        self.count(|from, to| from != Verdict::Match && to == Verdict::Match)
    }

    /// Rows that match now, and would no more.
    pub fn lost(&self) -> u64 {
        self.count(|from, to| from == Verdict::Match && to != Verdict::Match)
    }

    /// The most money it closes in one currency; currencies are never added.
    pub fn closes(&self) -> i64 {
        self.money.values().map(|(_, gross)| gross.saturating_neg()).max().unwrap_or(0)
    }

    /// Whether it is worth making: it closes money or wins matches, and makes neither worse in any currency.
    pub fn helps(&self) -> bool {
        let worse = self.money.values().any(|(_, gross)| *gross > 0) || self.gained() < self.lost();
        !worse && (self.closes() > 0 || self.gained() > self.lost())
    }
}

/// What a run comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Rows by verdict.
    pub counts: Counts,
    /// Σ delta and Σ |delta| by currency.
    pub money: Vec<Apart>,
}

impl Standing {
    /// What a run came to.
    pub fn of(run: &Run) -> Self {
        let apart = |(currency, sums): (&Currency, &super::run::MoneyTotals)| Apart { currency: *currency, net: sums.net, gross: sums.gross };
        Self { counts: run.tally.counts, money: run.tally.money.iter().map(apart).collect() }
    }

    /// The same after something was done.
    #[must_use]
    pub fn after(&self, effect: &Effect) -> Self {
        let mut after = self.clone();
        for ((from, to), rows) in &effect.moved {
            after.counts.moved(*from, *to, *rows);
        }
        for (currency, (net, gross)) in &effect.money {
            match after.money.iter_mut().find(|m| m.currency == *currency) {
                Some(m) => (m.net, m.gross) = (m.net.saturating_add(*net), m.gross.saturating_add(*gross)),
                None => after.money.push(Apart { currency: *currency, net: *net, gross: *gross }),
            }
        }
        after.money.sort_by_key(|m| m.currency);
        after
    }

    /// Matches ÷ rows in ten-thousandths, cut, so that 10000 means all; `None` without rows.
    pub fn match_rate(&self) -> Option<u64> {
        let rows = self.counts.total();
        (rows > 0).then(|| u64::try_from(u128::from(self.counts.of(Verdict::Match)) * 10_000 / u128::from(rows)).unwrap_or(0))
    }
}

/// A correction of the set, in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// What to correct.
    pub fix: Fix,
    /// What it would do made alone.
    pub alone: Effect,
    /// What it does on top of those before it.
    pub marginal: Effect,
    /// What the run comes to with it and those before it.
    pub after: Standing,
}

/// The fewest corrections that close most, and what is left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixes {
    /// What the run came to.
    pub before: Standing,
    /// Those that close most, each on what the ones before it leave.
    pub chosen: Vec<Chosen>,
    /// Others that were tried, each alone; those that close most first.
    pub others: Vec<(Fix, Effect)>,
    /// Corrections the rows proposed.
    pub proposed: usize,
    /// How many of those were tried.
    pub tried: usize,
}

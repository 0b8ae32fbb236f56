//! A large book of any size that is the same for the same seed, with known deltas and the counts they must come to.
//!
//! Nothing of it is ever in memory as a whole: every row follows from the seed and its own place, so the tables are
//! written batch by batch and the expected counts are computed in a pass of their own.
//!
//! # Shape
//! Per subscription and month (a *cell*) four raw usage records and one paid source invoice; in the target one draft.
//! 232 plans of a flat price, an included quantity and a price beyond it. The last month is always 2026-05.
//!
//! # What is injected ([`cell::Kind`])
//! proration by a fraction of 30 days, a list price 10 % up, no source invoice, amounts off by parts of a cent, the same
//! invoice twice, one bill split over two invoices; one subscription in a thousand is not in the target; one document in
//! two hundred has no subscription. Void invoices stand beside some. Both sides round each document half-up.
//! A draft always equals the rating, so the verdicts are the same by `draft_first` and by `rated`.

pub mod cell;
pub mod expected;
pub mod plan;
pub mod project;
pub mod rows;
pub mod sql;

pub use expected::{ExpectedCounts, ExpectedMonth};
pub use project::{large_toml_postgres, large_toml_sqlite};
pub use rows::{Batches, LargeTable};
pub use sql::write_sql;

use crate::domain::period::Month;
use crate::domain::random::{draw, mix};

/// A generated book: how many, and from which seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LargeBook {
    subscriptions: u64,
    months: u64,
    seed: u64,
}

/// Why a book of that size is not generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LargeBookError {
    /// Too few or too many subscriptions.
    #[error("{0} subscriptions: a generated book has 1 to {max}", max = LargeBook::MAX_SUBSCRIPTIONS)]
    Subscriptions(u64),
    /// Too few or too many months.
    #[error("{0} months: a generated book has 1 to {max}", max = LargeBook::MAX_MONTHS)]
    Months(u32),
}

impl LargeBook {
    /// Most subscriptions of a book.
    pub const MAX_SUBSCRIPTIONS: u64 = 20_000_000;
    /// Most months of a book.
    pub const MAX_MONTHS: u32 = 120;
    /// The service's name.
    pub const SERVICE: &'static str = "large";

    /// A book of so many subscriptions and months. The same three numbers give the same bytes, in every version.
    pub fn new(subscriptions: u64, months: u32, seed: u64) -> Result<Self, LargeBookError> {
        if !(1..=Self::MAX_SUBSCRIPTIONS).contains(&subscriptions) {
            return Err(LargeBookError::Subscriptions(subscriptions));
        }
        if !(1..=Self::MAX_MONTHS).contains(&months) {
            return Err(LargeBookError::Months(months));
        }
        Ok(Self { subscriptions, months: u64::from(months), seed })
    }

    /// Its subscriptions.
    pub const fn subscriptions(&self) -> u64 {
        self.subscriptions
    }

    /// Its seed.
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// Its months, the earliest first; the last is 2026-05.
    pub fn months(&self) -> impl Iterator<Item = Month> + use<> {
        let months = i32::try_from(self.months).unwrap_or(0);
        let last = Month::new(2026, 5);
        (0..months).filter_map(move |m| last.map(|l| l.plus(m + 1 - months)))
    }

    /// Its cells: one per subscription and month.
    pub const fn cells(&self) -> u64 {
        self.subscriptions * self.months
    }

    const fn customers(&self) -> u64 {
        if self.subscriptions < 2 { 1 } else { self.subscriptions / 2 }
    }

    const fn customer_of(&self, subscription: u64) -> u64 {
        1 + subscription % self.customers()
    }

    fn draw(&self, salt: u64, at: u64) -> u64 {
        draw(self.seed, salt, at)
    }

    /// The 128 bits of a subscription's id. The lower half is a permutation of its number, so no two are the same.
    fn key_bits(&self, subscription: u64) -> u128 {
        let (high, low) = (self.draw(salt::KEY, subscription), mix(subscription ^ mix(self.seed)));
        (u128::from(high) << 64) | u128::from(low)
    }

    /// Whether the target knows the subscription: all but about one in a thousand.
    pub fn in_target(&self, subscription: u64) -> bool {
        !self.draw(salt::ABSENT, subscription).is_multiple_of(1000)
    }
}

/// One stream of random numbers per question, so that a new question never moves the answers of the others.
mod salt {
    pub const KEY: u64 = 1;
    pub const PLAN: u64 = 2;
    pub const USAGE: u64 = 3;
    pub const KIND: u64 = 4;
    pub const SHARE: u64 = 5;
    pub const SUB_CENT: u64 = 6;
    pub const ABSENT: u64 = 7;
    pub const UNLINKED: u64 = 8;
    pub const VOID: u64 = 9;
    pub const DRAFT: u64 = 10;
    pub const START: u64 = 11;
    pub const DAY: u64 = 12;
}

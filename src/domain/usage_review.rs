//! Usage far from a subscription's own history: flagged for a person to look at before it is billed, never altered.

use super::exact::Exact;
use super::period::{Month, Period};
use super::text::Untrusted;

/// The statistic in words.
pub const STATISTIC: &str = "farther from the median of its other whole months than 6 median deviations and than half the median";

/// One quantity that stands out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unusual {
    /// The subscription.
    pub key: Untrusted,
    /// Its customer, for people.
    pub customer: Untrusted,
    /// The period.
    pub period: Period,
    /// What is metered.
    pub metric: String,
    /// How much was used.
    pub quantity: Exact,
    /// The median of the other months.
    pub median: Exact,
    /// The median of how far those are from it.
    pub deviation: Exact,
    /// How many other months.
    pub months: usize,
}

/// What was looked at, and what stands out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UsageReview {
    /// Other months that were read.
    pub months: Vec<Month>,
    /// Rows that differ and whose usage was compared: those that match are not looked at.
    pub rows: u64,
    /// Quantities that stand out, in stored order; the first of them.
    pub unusual: Vec<Unusual>,
    /// How many more there are.
    pub more: u64,
}

//! What is configured about the flip.

use crate::domain::exact::Exact;
use serde::{Deserialize, Serialize};

/// How waves are cut, when a flip is too near a renewal, and how far a first invoice may be off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlipRules {
    /// Subscriptions of the first wave.
    pub canary: usize,
    /// How many times as many the next wave has.
    pub growth: usize,
    /// Hours around a renewal in which nothing is flipped.
    pub buffer_hours: u32,
    /// Most that a first invoice may be off, in major units of its currency.
    pub band_amount: Exact,
    /// The same in per cent of what was expected. The wider of the two holds.
    pub band_percent: Exact,
    /// Days ahead that the simulator looks at.
    pub candidate_days: u32,
}

impl Default for FlipRules {
    /// A canary of 5, then three times as many each time; 48 hours; to the cent; 45 days.
    fn default() -> Self {
        Self { canary: 5, growth: 3, buffer_hours: 48, band_amount: Exact::ZERO, band_percent: Exact::ZERO, candidate_days: 45 }
    }
}

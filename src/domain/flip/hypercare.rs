//! First invoices as they came, beside what was expected.

use crate::domain::exact::Exact;
use crate::domain::money::Money;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// How a first invoice stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum CareState {
    /// There, and within the band.
    Clean {
        /// Actual − expected, minor units.
        delta: i64,
    },
    /// There, and outside the band or in another currency: not to be sent or charged before somebody looked at it.
    Held {
        /// Why.
        why: String,
    },
    /// Not there, and not due yet.
    Awaited,
    /// Not there, and its day is over.
    Missing,
    /// It cannot be told.
    Unknown {
        /// Why.
        why: String,
    },
}

/// A subscription's first invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CareLine {
    /// The external subscription id.
    pub subscription: String,
    /// The day it was to be made.
    pub bill_on: NaiveDate,
    /// Expected, net.
    pub expected: Money,
    /// The target's own documents of the first period, net.
    pub actual: Option<Money>,
    /// How it stands.
    pub state: CareState,
}

/// A look at the first invoices of a wave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// The wave.
    pub wave: u32,
    /// The day it was looked on, in the service's zone.
    pub on: NaiveDate,
    /// The target's snapshot, as its server names it.
    pub snapshot: String,
    /// Most that a first invoice might be off then, in major units of its currency.
    #[serde(default)]
    pub band_amount: Exact,
    /// The same in per cent of what was expected.
    #[serde(default)]
    pub band_percent: Exact,
    /// Each subscription of the wave that is flipped, in byte order.
    pub lines: Vec<CareLine>,
}

impl CareLine {
    /// What of its first period was there, or why that could not be told.
    pub fn as_seen(&self) -> Result<Option<Money>, &str> {
        match (&self.state, self.actual) {
            (CareState::Unknown { why }, None) => Err(why),
            (_, actual) => Ok(actual),
        }
    }
}

impl Look {
    /// Whether every first invoice is there and within the band. None at all is not clean.
    pub fn is_clean(&self) -> bool {
        !self.lines.is_empty() && self.lines.iter().all(|line| matches!(line.state, CareState::Clean { .. }))
    }

    /// Lines that somebody must look at.
    pub fn alarms(&self) -> impl Iterator<Item = &CareLine> {
        self.lines.iter().filter(|line| matches!(line.state, CareState::Held { .. } | CareState::Missing | CareState::Unknown { .. }))
    }
}

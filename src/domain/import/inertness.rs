//! Whether anything in the target could bill, send or charge: checks, each with its light.

use crate::domain::text::{Untrusted, shown};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Code of the finding of a run that the target could bill.
pub const NOT_INERT: &str = "target_not_inert";

/// When inertness was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// Before a load.
    BeforeLoad,
    /// After a load.
    AfterLoad,
    /// With a reconciliation.
    Reconcile,
    /// When somebody asked.
    Asked,
    /// With the checks of a wave, before it is applied.
    Flip,
}

impl Occasion {
    /// For people.
    pub const fn word(self) -> &'static str {
        match self {
            Self::BeforeLoad => "before a load",
            Self::AfterLoad => "after a load",
            Self::Reconcile => "with a reconciliation",
            Self::Asked => "asked for",
            Self::Flip => "before a flip",
        }
    }
}

/// What one check of inertness came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Light {
    /// It counted nought.
    Inert,
    /// So many things that could bill, send or charge.
    Breach {
        /// How many.
        count: u64,
        /// The query's second column, where it has one: an example. From outside.
        sample: Option<Untrusted>,
    },
    /// It could not be told, which is as bad.
    Unknown {
        /// Why.
        why: String,
    },
}

/// A check of inertness and what it came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InertnessCheck {
    /// Its name, as configured.
    pub name: String,
    /// What it came to.
    pub light: Light,
    /// So many more, of subscriptions that are flipped or of what a flip switches on: by the flip's own record they must be there.
    #[serde(default)]
    pub expected: u64,
}

/// All checks of inertness at one moment, over one snapshot of the target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inertness {
    /// When, by this machine's clock.
    pub at: DateTime<Utc>,
    /// Why it was looked at.
    pub occasion: Occasion,
    /// The import it belongs to.
    pub import: Option<i64>,
    /// The run it belongs to.
    pub run: Option<i64>,
    /// Digest of the checks as they were configured.
    pub digest: String,
    /// Digest of the subscriptions that were flipped then; empty where none was.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub flipped: String,
    /// Each check, in the configured order. Empty proves nothing.
    pub checks: Vec<InertnessCheck>,
}

impl Inertness {
    /// Whether the target is proven inert: there are checks, and each counted nought.
    pub fn holds(&self) -> bool {
        !self.checks.is_empty() && self.checks.iter().all(|c| c.light == Light::Inert)
    }

    /// Checks that do not hold, breaches and unknown ones.
    pub fn broken(&self) -> impl Iterator<Item = &InertnessCheck> {
        self.checks.iter().filter(|c| c.light != Light::Inert)
    }

    /// Whether something was seen that could bill, send or charge.
    pub fn is_breached(&self) -> bool {
        self.checks.iter().any(|c| matches!(c.light, Light::Breach { .. }))
    }

    /// `has a payment token: 2 (sub-1003); mail queue: not known (…)`; `None` where it holds.
    pub fn alarm(&self) -> Option<String> {
        if self.checks.is_empty() {
            return Some("no check of inertness is configured: nothing proves that the target cannot bill".to_owned());
        }
        let words = |c: &InertnessCheck| match &c.light {
            Light::Inert => None,
            Light::Breach { count, sample } => {
                let sample = sample.as_ref().map_or_else(String::new, |s| format!(" ({})", s.shown(60)));
                Some(format!("{}: {count}{sample}", shown(&c.name, 60)))
            }
            Light::Unknown { why } => Some(format!("{}: not known, {why}", shown(&c.name, 60))),
        };
        let all: Vec<String> = self.checks.iter().filter_map(words).collect();
        (!all.is_empty()).then(|| all.join("; "))
    }
}

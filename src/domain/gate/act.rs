//! One act of one person about the gates or the flip: made once, never changed. Another act may take it back.

use super::evidence::CheckEvidence;
use super::signoff::SignOff;
use crate::domain::flip::FlipDeed;
use crate::domain::money::Money;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// An act with who made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateAct {
    /// From 1, in the order they were made; sign-offs are named by it. 0 until it is kept.
    pub id: i64,
    /// Of which service.
    pub service: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub actor: String,
    /// What.
    pub deed: GateDeed,
}

/// What can be done about gates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "deed", rename_all = "snake_case")]
pub enum GateDeed {
    /// A check was made.
    Observe(Box<CheckEvidence>),
    /// A check that does not pass is accepted. Counts only when a second person confirms it, for the very evidence it was made on.
    WaiveCheck {
        /// The stage.
        stage: String,
        /// The check.
        check: String,
        /// The environment.
        environment: String,
        /// Digest of the evidence that is accepted.
        evidence: String,
        /// Why.
        reason: String,
        /// When it ends.
        expires: DateTime<Utc>,
    },
    /// A second person agrees to a [`GateDeed::WaiveCheck`] or a [`GateDeed::BreakGlass`].
    Confirm {
        /// The act.
        act: i64,
    },
    /// A go.
    Sign(Box<SignOff>),
    /// A no-go: the stage does not pass while it stands.
    NoGo {
        /// The stage.
        stage: String,
        /// The environment.
        environment: String,
        /// Why.
        reason: String,
    },
    /// Takes a sign-off, a no-go, a waiver of a check or a breaking of the glass back.
    Withdraw {
        /// The act.
        act: i64,
        /// Why.
        reason: String,
    },
    /// Opens the flip although gates do not hold. Counts only when a second person confirms it.
    BreakGlass(Box<BreakGlass>),
    /// A step of the flip.
    Flip(Box<FlipDeed>),
}

/// An emergency opening, with its price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreakGlass {
    /// Why it cannot wait.
    pub reason: String,
    /// What blocked then, a sentence each.
    pub blockers: Vec<String>,
    /// The money at stake behind them.
    pub exposure: Vec<Money>,
    /// When it ends.
    pub expires: DateTime<Utc>,
}

/// A broken glass that counts: the flip is open although gates do not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Glass {
    /// The number of its act.
    pub act: i64,
    /// Who broke it.
    pub by: String,
    /// Who agreed.
    pub confirmed_by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Why, and at what price.
    pub terms: BreakGlass,
}

impl GateAct {
    /// The fact by which an entry of the journal is known to be of an act: its number.
    pub const FACT: &'static str = "gate_act";

    /// What the journal keeps of it.
    pub fn journal_facts(&self) -> serde_json::Result<serde_json::Value> {
        let deed = serde_json::to_value(&self.deed)?;
        Ok(serde_json::json!({ Self::FACT: self.id, "service": self.service, "deed": deed }))
    }
}

impl GateDeed {
    /// The kind of its journal entry.
    pub const fn journal_kind(&self) -> &'static str {
        match self {
            Self::Observe(_) => "check_observed",
            Self::WaiveCheck { .. } => "check_waived",
            Self::Confirm { .. } => "gate_act_confirmed",
            Self::Sign(_) => "stage_signed",
            Self::NoGo { .. } => "stage_refused",
            Self::Withdraw { .. } => "gate_act_withdrawn",
            Self::BreakGlass(_) => "glass_broken",
            Self::Flip(deed) => deed.journal_kind(),
        }
    }
}

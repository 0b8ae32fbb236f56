//! One act of one person about the gates or the flip: made once, never changed. Another act may take it back.

use super::digest::digest_of;
use super::evidence::CheckEvidence;
use super::signoff::{Seal, SignOff, statement};
use super::standing::told;
use crate::domain::currency::Currency;
use crate::domain::flip::FlipDeed;
use crate::domain::money::Money;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
        /// How it is vouched for.
        #[serde(default, skip_serializing_if = "Seal::is_attested")]
        seal: Seal,
    },
    /// A second person agrees to a [`GateDeed::WaiveCheck`] or a [`GateDeed::BreakGlass`].
    Confirm {
        /// The act.
        act: i64,
        /// Digest of what is agreed to ([`GateDeed::digest`]); empty where no signature is over it.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        of: String,
        /// How it is vouched for.
        #[serde(default, skip_serializing_if = "Seal::is_attested")]
        seal: Seal,
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
    /// The money behind each of them that has any, minor units: the same words for more money are another reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub stakes: BTreeMap<String, BTreeMap<Currency, i64>>,
    /// Digest of the configuration then: what blocks under another was not what was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configuration: Option<String>,
    /// Digest of what the project would act on then, as [`super::Place::digest`] has it. Elsewhere, or by other means, it opens nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// The money at stake behind them.
    pub exposure: Vec<Money>,
    /// When it ends.
    pub expires: DateTime<Utc>,
    /// How it is vouched for.
    #[serde(default, skip_serializing_if = "Seal::is_attested")]
    pub seal: Seal,
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
    /// Whether only a name vouches for who broke it, and for who agreed.
    pub attested: (bool, bool),
}

impl Glass {
    /// Both people, for people: a name that nobody vouches for says so.
    pub fn people(&self) -> [String; 2] {
        [told(&self.by, self.attested.0), told(&self.confirmed_by, self.attested.1)]
    }
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
    /// A word of agreement by name.
    pub const fn confirm(act: i64) -> Self {
        Self::Confirm { act, of: String::new(), seal: Seal::Attested }
    }

    /// How a word of a person that opens something is vouched for; `None` for what is no such word.
    pub const fn seal(&self) -> Option<&Seal> {
        match self {
            Self::Sign(sign) => Some(&sign.seal),
            Self::WaiveCheck { seal, .. } | Self::Confirm { seal, .. } => Some(seal),
            Self::BreakGlass(glass) => Some(&glass.seal),
            Self::Observe(_) | Self::NoGo { .. } | Self::Withdraw { .. } | Self::Flip(_) => None,
        }
    }

    /// The same, vouched for so; what is no such word stays as it is.
    #[must_use]
    pub fn sealed(mut self, by: Seal) -> Self {
        match &mut self {
            Self::Sign(sign) => sign.seal = by,
            Self::WaiveCheck { seal, .. } | Self::Confirm { seal, .. } => *seal = by,
            Self::BreakGlass(glass) => glass.seal = by,
            Self::Observe(_) | Self::NoGo { .. } | Self::Withdraw { .. } | Self::Flip(_) => {}
        }
        self
    }

    /// Digest of what was done, with how it was vouched for.
    pub fn digest(&self) -> String {
        digest_of("gate deed v1", self)
    }

    /// What a person's signature of it is over, byte by byte: a text that a person can read. `None` for what is never signed.
    pub fn message(&self, service: &str, person: &str) -> Option<String> {
        match self {
            Self::Sign(sign) => Some(sign.message(service, person)),
            Self::WaiveCheck { stage, check, environment, evidence, reason, expires, .. } => {
                let expires = expires.to_rfc3339();
                let fields = [
                    ("stage", stage.as_str()),
                    ("check", check),
                    ("environment", environment),
                    ("evidence", evidence),
                    ("reason", reason),
                    ("expires", &expires),
                ];
                Some(statement("waiver of a check", service, &fields, person))
            }
            Self::BreakGlass(glass) => {
                let expires = glass.expires.to_rfc3339();
                let exposure: Vec<String> = glass.exposure.iter().map(|m| format!("{} {}", m.minor, m.currency)).collect();
                let mut fields = vec![("reason", glass.reason.as_str()), ("expires", &expires)];
                fields.extend(exposure.iter().map(|money| ("exposure in minor units", money.as_str())));
                fields.extend(glass.blockers.iter().map(|what| ("although", what.as_str())));
                Some(statement("breaking of the glass", service, &fields, person))
            }
            Self::Confirm { act, of, .. } => Some(statement("agreement", service, &[("act", &act.to_string()), ("digest", of)], person)),
            Self::Observe(_) | Self::NoGo { .. } | Self::Withdraw { .. } | Self::Flip(_) => None,
        }
    }

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

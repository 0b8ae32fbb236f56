//! Which rows a waiver is about, whatever run they are of: the words of the filter language that mean the same in every month.

use super::Facts;
use crate::domain::currency::Currency;
use crate::domain::explanation::Certainty;
use crate::domain::verdict::Verdict;
use serde::{Deserialize, Serialize};

/// Every part that is set must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Predicate {
    /// This key, letter by letter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// This text in the customer, whatever its case (ASCII).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// This text in the plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// This text in the cause; `unexplained` is for rows without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// One of these verdicts; empty is any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verdicts: Vec<Verdict>,
    /// This currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
}

impl Predicate {
    /// Whether it asks for nothing: a waiver of everything is none.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a row is one of those it is about.
    pub fn covers(&self, facts: &Facts<'_>) -> bool {
        let is_in = |text: &str, asked: &Option<String>| asked.as_ref().is_none_or(|asked| contains(text, asked));
        facts.asks()
            && self.key.as_deref().is_none_or(|key| key == facts.key)
            && is_in(facts.customer, &self.customer)
            && is_in(facts.plan, &self.plan)
            && (self.verdicts.is_empty() || self.verdicts.contains(&facts.verdict))
            && self.currency.is_none_or(|c| Some(c) == facts.currency)
            && self.cause.as_deref().is_none_or(|cause| names(facts, cause))
    }
}

fn names(facts: &Facts<'_>, asked: &str) -> bool {
    if asked.eq_ignore_ascii_case(Certainty::Unexplained.word()) {
        return facts.verdict.asks_for_cause() && facts.cause.is_none();
    }
    facts.cause.is_some_and(|label| contains(label, asked))
}

fn contains(text: &str, asked: &str) -> bool {
    text.to_ascii_lowercase().contains(&asked.to_ascii_lowercase())
}

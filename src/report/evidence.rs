//! Checks that were made, for people and for machines.

use crate::domain::gate::{Check, CheckEvidence, CheckKind, GateAct};
use crate::domain::text::shown;
use crate::present::words::{Signs, outcome_label, outcome_sign};
use serde_json::{Value, json};

/// The word of a check's kind.
pub const fn kind_word(kind: &CheckKind) -> &'static str {
    match kind {
        CheckKind::Sql(_) => "sql",
        CheckKind::Command(_) => "command",
        CheckKind::Tests(_) => "tests",
        CheckKind::Log(_) => "log",
        CheckKind::Metric(_) => "metric",
        CheckKind::Schedule(_) => "schedule",
        CheckKind::Manual(_) => "manual",
    }
}

/// A line a check, and what was seen below where it does not pass.
pub fn lines(check: &Check, evidence: &CheckEvidence) -> Vec<String> {
    let word = evidence.outcome.word();
    let apart = if check.observe_only { " · only observed" } else { "" };
    let place = format!("{}/{}", evidence.stage, evidence.check);
    let sign = outcome_sign(word, Signs::Unicode);
    let mut out = vec![format!("{sign} {:<12} {:<34} {}{apart}", outcome_label(word), shown(&place, 60), shown(&evidence.summary, 160))];
    if !evidence.outcome.opens() {
        let owner = check.owner.as_ref().map_or_else(String::new, |owner| format!(" · owner {}", shown(owner, 40)));
        out.push(format!("    {}{owner}", shown(&check.title, 160)));
        out.extend(evidence.observed.iter().map(|line| format!("    {}", shown(line, 200))));
    }
    out
}

/// The same for machines, with who, when, and what it stands on.
pub fn object(check: &Check, evidence: &CheckEvidence, act: &GateAct) -> Value {
    json!({
        "stage": evidence.stage,
        "check": evidence.check,
        "title": check.title,
        "kind": kind_word(&check.kind),
        "owner": check.owner,
        "observe_only": check.observe_only,
        "environment": evidence.environment,
        "outcome": evidence.outcome,
        "summary": evidence.summary,
        "observed": evidence.observed,
        "stands_on": evidence.stands_on,
        "digest": evidence.digest(),
        "act": act.id,
        "actor": act.actor,
        "at": act.at,
    })
}

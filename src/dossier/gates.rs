//! How the gates stand, folded anew from what a dossier holds, beside what it states.

use crate::domain::dossier::{Stand, bound_configuration};
use crate::domain::gate::{GateAct, Runbook, digest_of};
use crate::domain::review::Act;
use crate::domain::run::Run;
use crate::gates::{Bases, Gated, Known, barred, look};
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::collections::BTreeMap;

/// What [`crate::gates`] says of a signature before it says why.
const UNHELD: &str = "its signature does not hold: ";

/// What gates are folded from.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a> {
    /// What sign-offs stand on beside the rest.
    pub stand: &'a Stand,
    /// Digest of the configuration as it is there.
    pub config: &'a str,
    /// The runbook.
    pub runbook: &'a Runbook,
    /// Acts about the gates, oldest first.
    pub acts: &'a [GateAct],
    /// Decisions about rows, oldest first.
    pub decisions: &'a [Act],
    /// Runs that count.
    pub runs: &'a [&'a Run],
    /// Who adopted a configuration, oldest first, by the journal.
    pub adopters: &'a [String],
    /// Signatures by the number of their act.
    pub signatures: &'a BTreeMap<i64, Result<(), String>>,
    /// The moment.
    pub at: DateTime<Utc>,
}

/// The gates folded anew, and what does not hold of that which they stand on.
pub fn refold(ground: &Ground<'_>) -> (Gated, Vec<String>) {
    let Ground { stand, config, runbook, acts, decisions, runs, .. } = *ground;
    let mut wrong = Vec::new();
    if stand.config != config {
        wrong.push(format!("the configuration's digest is stated as {}, and is {config}", stand.config));
    }
    let bound = bound_configuration(config, stand.coverage_floor, &stand.inertness_digest, &stand.operators);
    if stand.configuration != bound {
        wrong.push(format!("the digest of all that sign-offs are bound to is stated as {}, and is {bound}", stand.configuration));
    }
    let run = stand.gated_by.and_then(|id| runs.iter().find(|run| run.id == id).copied());
    let compared = runs.iter().filter(|run| run.tally.counts.total() > 0).max_by_key(|run| run.request.month);
    if stand.gated_by.is_some() != run.is_some() || compared.is_some_and(|newest| Some(newest.id) != stand.gated_by) {
        wrong.push("the gates do not stand on the newest run that counts".to_owned());
    }
    for (month, stood) in &stand.months {
        let of = runs.iter().find(|run| run.request.month.to_string() == *month);
        if of.is_none_or(|run| run.digests.run != stood.run || run.request.config_digest != stood.config) {
            wrong.push(format!("{month} is not stated to stand by its run that counts"));
        }
    }
    let decided: Vec<&Act> = decisions.iter().filter(|act| act.deed.decides()).collect();
    let bases = Bases {
        config: config.to_owned(),
        configuration: bound,
        review: digest_of("decisions v1", &decided),
        program: stand.program.clone(),
        months: stand.months.iter().map(|(month, stood)| (month.clone(), stood.digest())).collect(),
        ..Bases::of(stand.place.as_ref(), run)
    };
    let barred = barred(ground.adopters, decisions, acts);
    let (now, operators, signatures) = (ground.at, &stand.operators, ground.signatures);
    let (files, matched) = (&stand.files, &stand.matched);
    (look(&Known { runbook, acts, now, bases: &bases, files, matched, operators, barred: &barred, signatures }), wrong)
}

/// Where what is stated is not what was folded: a path in it, what is stated there and what is so.
pub fn differences(stated: &Value, folded: &Value) -> Vec<String> {
    let mut out = Vec::new();
    walk(stated, folded, "", &mut out);
    out
}

fn walk(stated: &Value, folded: &Value, path: &str, out: &mut Vec<String>) {
    match (stated, folded) {
        (Value::Object(a), Value::Object(b)) => {
            let mut names: Vec<&String> = a.keys().chain(b.keys()).collect();
            names.sort_unstable();
            names.dedup();
            for name in names {
                let of = |map: &serde_json::Map<String, Value>| map.get(name).cloned().unwrap_or(Value::Null);
                walk(&of(a), &of(b), &joined(path, name), out);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (at, (one, other)) in a.iter().zip(b).enumerate() {
                // A stage, a check and a seat go by their own names.
                let name = ["id", "check", "role"].iter().find_map(|key| other.get(key)?.as_str().map(str::to_owned));
                walk(one, other, &joined(path, &name.unwrap_or_else(|| (at + 1).to_string())), out);
            }
        }
        _ if stated == folded || same_but_for_why(stated, folded) => {}
        _ => out.push(format!("{path} is stated as {}, and is {}", told(stated), told(folded))),
    }
}

/// Why a signature does not hold names the file of keys, which lay elsewhere then: that it does not is what is said.
fn same_but_for_why(stated: &Value, folded: &Value) -> bool {
    let before = |text: &Value| text.as_str().and_then(|text| text.split_once(UNHELD)).map(|(before, _)| before.to_owned());
    before(stated).is_some_and(|stated| before(folded) == Some(stated))
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") }
}

fn told(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= 120 { text } else { format!("{}…", text.chars().take(119).collect::<String>()) }
}

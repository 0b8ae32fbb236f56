//! How each check stands: its newest evidence, and whether that still counts.

use super::Known;
use super::fold::Folded;
use crate::domain::gate::{Check, CheckEvidence, CheckStanding, GateAct, Outcome, RunbookStage};
use chrono::TimeDelta;
use std::collections::BTreeMap;

/// All checks of all stages, by stage.
pub(super) fn all(known: &Known<'_>, folded: &Folded<'_>) -> BTreeMap<String, Vec<CheckStanding>> {
    let of = |stage: &RunbookStage| {
        let places = stage.environments.iter().flat_map(|environment| stage.checks.iter().map(move |check| (environment, check)));
        places.map(|(environment, check)| standing(known, folded, (stage, check), environment)).collect()
    };
    known.runbook.stages.iter().map(|stage| (stage.id.clone(), of(stage))).collect()
}

fn standing(known: &Known<'_>, folded: &Folded<'_>, (stage, check): (&RunbookStage, &Check), environment: &str) -> CheckStanding {
    let place = (stage.id.as_str(), check.id.as_str(), environment);
    let mut standing = CheckStanding {
        check: check.id.clone(),
        title: check.title.clone(),
        environment: environment.to_owned(),
        owner: check.owner.clone(),
        observe_only: check.observe_only,
        outcome: Outcome::NotRun,
        why: "never made".to_owned(),
        observed_at: None,
        observed_by: None,
        act: None,
        evidence: None,
        observed: Vec::new(),
    };
    let Some((act, evidence)) = folded.evidence(place) else { return standing };
    let digest = evidence.digest();
    (standing.observed_at, standing.observed_by, standing.act) = (Some(act.at), Some(act.actor.clone()), Some(act.id));
    (standing.outcome, standing.why) = (evidence.outcome, evidence.summary.clone());
    standing.observed.clone_from(&evidence.observed);
    let waiver = folded.waiver(place, &digest, known.now);
    if act.at > known.now {
        (standing.outcome, standing.why) = (Outcome::Invalid, "observed in the future: a clock is wrong".to_owned());
    } else if let Some(why) = stale(known, check, act, evidence) {
        (standing.outcome, standing.why) = (Outcome::Stale, why);
    } else if let Some(waiver) = waiver.filter(|_| !evidence.outcome.opens()) {
        let (by, second) = (waiver.by, waiver.confirmed_by);
        let until = waiver.expires.format("%Y-%m-%d");
        (standing.outcome, standing.why) = (Outcome::Waived, format!("waived until {until} by {by} and {second}: {}", waiver.reason));
    }
    standing.evidence = Some(digest);
    standing
}

/// Why evidence does not count any more.
fn stale(known: &Known<'_>, check: &Check, act: &GateAct, evidence: &CheckEvidence) -> Option<String> {
    let stands_on = &evidence.stands_on;
    if stands_on.check != check.digest() {
        return Some("the check was changed since".to_owned());
    }
    if stands_on.config != known.bases.config {
        return Some("the configuration changed since".to_owned());
    }
    if stands_on.program != known.bases.program {
        return Some(format!("made by {}", stands_on.program));
    }
    if stands_on.run.is_some() && stands_on.run != known.bases.run {
        return Some("another reconciliation counts since".to_owned());
    }
    if let Some((path, _)) = stands_on.files.iter().find(|(path, digest)| known.files.get(*path) != Some(digest)) {
        return Some(format!("{path} changed since, or cannot be read"));
    }
    let longest = i64::try_from(check.max_age_seconds).ok().and_then(TimeDelta::try_seconds).unwrap_or(TimeDelta::MAX);
    (known.now - act.at > longest).then(|| "too old".to_owned())
}

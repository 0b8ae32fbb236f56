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
    } else if let Some(why) = mislabelled(known, check, environment, evidence) {
        (standing.outcome, standing.why) = (Outcome::Invalid, why);
    } else if let Some(why) = stale(known, check, act, evidence) {
        (standing.outcome, standing.why) = (Outcome::Stale, why);
    } else if let Some(waiver) = waiver.filter(|_| !evidence.outcome.opens()) {
        let (by, second) = (&waiver.by, &waiver.confirmed_by);
        let until = waiver.expires.format("%Y-%m-%d");
        (standing.outcome, standing.why) = (Outcome::Waived, format!("waived until {until} by {by} and {second}: {}", waiver.reason));
    }
    standing.evidence = Some(digest);
    standing
}

/// Evidence of another environment that was observed where the flip happens is of that environment by its label only.
fn mislabelled(known: &Known<'_>, check: &Check, environment: &str, evidence: &CheckEvidence) -> Option<String> {
    let (own, here) = (&known.runbook.environment, &known.bases.databases);
    let is_label = environment != own && !check.kind.asks().is_empty() && !here.is_empty() && evidence.stands_on.place == *here;
    is_label.then(|| {
        format!(
            "observed at the databases of {own}: for {environment}, name its own in a configuration beside this one, \
             dualrun -C FILE gates run --environment {environment}"
        )
    })
}

/// Why evidence does not count any more.
fn stale(known: &Known<'_>, check: &Check, act: &GateAct, evidence: &CheckEvidence) -> Option<String> {
    let (stands_on, bases) = (&evidence.stands_on, known.bases);
    if stands_on.check != check.digest() {
        return Some("the check was changed since".to_owned());
    }
    if stands_on.config != bases.config {
        return Some("the configuration changed since".to_owned());
    }
    if stands_on.program != bases.program {
        return Some(format!("made by {}", stands_on.program));
    }
    let changed = moved(known, check, evidence).or_else(|| months(known, evidence)).or_else(|| files(known, check, evidence));
    if changed.is_some() {
        return changed;
    }
    let longest = i64::try_from(check.max_age_seconds).ok().and_then(TimeDelta::try_seconds).unwrap_or(TimeDelta::MAX);
    (known.now - act.at > longest).then(|| "too old".to_owned())
}

/// Where the flip happens, a database that is asked must be the one that was asked; elsewhere it must be known which it was.
fn moved(known: &Known<'_>, check: &Check, evidence: &CheckEvidence) -> Option<String> {
    let (then, now) = (&evidence.stands_on.place, &known.bases.databases);
    let is_own = evidence.environment == known.runbook.environment;
    check.kind.asks().iter().find_map(|side| match (then.get(side), now.get(side)) {
        (Some(then), Some(now)) if is_own && then != now => Some(format!("observed at {then}, and the {side} is {now} now")),
        (None, Some(now)) => Some(format!("it is not kept where it was observed, and the {side} is {now}")),
        (Some(then), None) if is_own => Some(format!("observed at {then}, and it is not known where the {side} is now")),
        _ => None,
    })
}

/// Reconciliations it used: each month's run, and what was decided about its rows.
fn months(known: &Known<'_>, evidence: &CheckEvidence) -> Option<String> {
    let (stands_on, bases) = (&evidence.stands_on, known.bases);
    if stands_on.run.is_some() && stands_on.run != bases.run {
        return Some("another reconciliation counts since".to_owned());
    }
    let changed = stands_on.months.iter().find(|(month, stood)| bases.months.get(*month) != Some(stood))?.0;
    Some(format!("{changed} stands otherwise since: another run, or its decisions and waivers are others or over"))
}

/// Files it read, and names that came or went.
fn files(known: &Known<'_>, check: &Check, evidence: &CheckEvidence) -> Option<String> {
    let stands_on = &evidence.stands_on;
    if let Some((path, _)) = stands_on.files.iter().find(|(path, digest)| known.files.get(*path) != Some(digest)) {
        return Some(format!("{path} changed since, or cannot be read"));
    }
    let other = |pattern: &&String| stands_on.matched.get(*pattern) != known.matched.get(*pattern);
    let pattern = check.kind.patterns().iter().find(other)?;
    let Some(then) = stands_on.matched.get(pattern) else { return Some(format!("it is not kept which files {pattern} named")) };
    let Some(now) = known.matched.get(pattern) else { return Some(format!("it cannot be told which files {pattern} names now")) };
    let came = now.iter().find(|name| !then.contains(name)).map(|name| format!("{name} came since, which {pattern} names"));
    let went = then.iter().find(|name| !now.contains(name)).map(|name| format!("{name} is gone since"));
    came.or(went).or_else(|| Some(format!("{pattern} names files in another order")))
}

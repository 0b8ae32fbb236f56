//! What somebody who signs is shown of a stage: each check with its outcome as it counts now.

use super::Outcome;
use crate::domain::gate::{Check, CheckEvidence, GateAct, GateDeed, RunbookStage};
use chrono::{DateTime, TimeDelta, Utc};

/// A check as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenCheck {
    /// Its id.
    pub id: String,
    /// What it proves.
    pub title: String,
    /// Whether it is shown only.
    pub observe_only: bool,
    /// What it comes to now.
    pub outcome: Outcome,
    /// In a few words.
    pub summary: String,
    /// The act it was observed by, when, and by whom; `None` where it never ran.
    pub observed: Option<(i64, DateTime<Utc>, String)>,
}

/// The newest evidence of a check in an environment, with its act.
pub fn newest_evidence<'a>(acts: &'a [GateAct], stage: &str, check: &str, environment: &str) -> Option<(&'a GateAct, &'a CheckEvidence)> {
    acts.iter().rev().find_map(|act| match &act.deed {
        GateDeed::Observe(of) if (of.stage.as_str(), of.check.as_str(), of.environment.as_str()) == (stage, check, environment) => {
            Some((act, &**of))
        }
        _ => None,
    })
}

/// The checks of a stage in an environment, by configuration and program as they are now.
pub fn seen(stage: &RunbookStage, environment: &str, acts: &[GateAct], (config, program): (&str, &str), now: DateTime<Utc>) -> Vec<SeenCheck> {
    let of = |check: &Check| {
        let (id, title, observe_only) = (check.id.clone(), check.title.clone(), check.observe_only);
        let Some((act, evidence)) = newest_evidence(acts, &stage.id, &check.id, environment) else {
            return SeenCheck { id, title, observe_only, outcome: Outcome::NotRun, summary: "never ran".to_owned(), observed: None };
        };
        let stale = stale(check, act, evidence, (config, program), now);
        let outcome = if stale.is_some() { evidence.outcome.max(Outcome::Stale) } else { evidence.outcome };
        let summary = stale.map_or_else(|| evidence.summary.clone(), |why| format!("{} · {why}", evidence.summary));
        SeenCheck { id, title, observe_only, outcome, summary, observed: Some((act.id, act.at, act.actor.clone())) }
    };
    stage.checks.iter().map(of).collect()
}

fn stale(check: &Check, act: &GateAct, evidence: &CheckEvidence, (config, program): (&str, &str), now: DateTime<Utc>) -> Option<&'static str> {
    let on = &evidence.stands_on;
    let age = i64::try_from(check.max_age_seconds).ok().and_then(TimeDelta::try_seconds);
    if on.check != check.digest() {
        Some("the check is another now")
    } else if on.config != config {
        Some("the configuration is another now")
    } else if on.program != program {
        Some("this program is another version now")
    } else if age.is_none_or(|age| now - act.at > age) {
        Some("too old")
    } else if act.at > now {
        Some("made in the future")
    } else {
        None
    }
}

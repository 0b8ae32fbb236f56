//! Evidence of a manual check, as an adapter makes it.

use dualrun::cli::PROGRAM;
use dualrun::config::Settings;
use dualrun::domain::gate::{CheckEvidence, GateDeed, Outcome, StandsOn};

/// A check of the runbook's environment, made now.
pub fn stated(settings: &Settings, (stage, check): (&str, &str), outcome: Outcome, summary: &str) -> GateDeed {
    let asked = settings.runbook.as_ref().unwrap().stage(stage).unwrap().check(check).unwrap().digest();
    let stands_on = StandsOn { check: asked, config: settings.digest.clone(), program: PROGRAM.into(), ..StandsOn::default() };
    let (stage, check, environment) = (stage.into(), check.into(), "production".into());
    GateDeed::Observe(Box::new(CheckEvidence { stage, check, environment, outcome, summary: summary.into(), observed: vec![], stands_on }))
}

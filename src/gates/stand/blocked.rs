//! What is missing to go, as the shortest list of acts in their order: the first stage that is shut in full, each later one in a line.

use super::{CheckStanding, GatesStanding, Known, StageStanding};
use crate::domain::gate::{Check, CheckKind, Outcome, RunbookStage};
use crate::gates::assess::{Blocker, Stage, block};

/// The acts that are missing.
pub fn blocked(known: &Known<'_>, standing: &GatesStanding) -> Vec<Blocker> {
    if standing.stages.is_empty() {
        return vec![block(Stage::Gates, "the runbook has no stage", "write stages into runbook.toml")];
    }
    let is_shut = standing.stages.iter().any(|s| !s.outcome.opens());
    let waiting = standing.waiting.iter().filter(|_| is_shut).map(|w| {
        of(
            format!("act {} of {} would {}, and waits for a second person", w.act, w.by, w.what),
            &format!("dualrun gates confirm {} --as NAME", w.act),
            None,
        )
    });
    let mut out: Vec<Blocker> = waiting.collect();
    // Nothing of it holds here, whatever else is mended. It is no gate's matter: glass that was broken for gates does not cover it.
    out.extend(known.bases.elsewhere.as_ref().map(|why| block(Stage::Reconcile, why.clone(), "dualrun reconcile reads these databases (r)")));
    let shut = known.runbook.stages.iter().zip(&standing.stages).filter(|(_, s)| !s.outcome.opens());
    for (number, (stage, standing)) in shut.enumerate() {
        if number == 0 { in_full(known, stage, standing, &mut out) } else { out.push(in_a_line(standing)) }
    }
    out
}

fn in_full(known: &Known<'_>, stage: &RunbookStage, standing: &StageStanding, out: &mut Vec<Blocker>) {
    let (name, before) = (&standing.id, out.len());
    for (who, why) in &standing.refused {
        out.push(of(format!("{name}: {who} said no: {why}"), &format!("settle it; then {who} signs, or withdraws the no"), Some(who)));
    }
    let counted = || standing.checks.iter().filter(|c| !c.observe_only && !c.outcome.opens());
    if standing.checks.iter().all(|c| c.observe_only) {
        out.push(of(format!("{name}: no check counts, and that proves nothing"), "give the stage a check in runbook.toml", None));
    }
    to_be_made(known, stage, counted(), out);
    for check in counted().filter(|c| !is_to_be_made(c)) {
        let what = format!("{name}/{}: {} in {}: {}", check.check, check.outcome.word(), check.environment, check.why);
        out.push(of(what, &format!("mend it, then dualrun gates run {name}/{} (r)", check.check), check.owner.as_ref()));
    }
    let missing: Vec<&str> = standing.seats.iter().filter(|seat| seat.signed.is_none()).map(|seat| seat.role.as_str()).collect();
    if !missing.is_empty() {
        let roles = missing.join(", ");
        let void: Vec<String> = standing.void.iter().map(|v| format!("; {}'s sign-off does not count: {}", v.person, v.why)).collect();
        let what = format!("{name}: {} of {} have not signed ({roles}){}", missing.len(), standing.seats.len(), void.concat());
        out.push(of(what, &format!("dualrun sign {name} --as NAME (s)"), Some(&roles)));
    }
    if let Some((until, why)) = &standing.shut_until {
        out.push(of(format!("{name}: {why}"), &format!("wait until {}", until.format("%Y-%m-%d %H:%MZ")), None));
    }
    if out.len() == before {
        out.push(of(format!("{name}: {}", standing.summary), &format!("look at {name} in Gates (5)"), None));
    }
}

/// Checks that only need to be made are one act, by environment and by whether a person must speak.
fn to_be_made<'a>(known: &Known<'_>, stage: &RunbookStage, open: impl Iterator<Item = &'a CheckStanding>, out: &mut Vec<Blocker>) {
    let open: Vec<&CheckStanding> = open.filter(|c| is_to_be_made(c)).collect();
    let is_manual = |c: &CheckStanding| matches!(stage.check(&c.check), Some(Check { kind: CheckKind::Manual(_), .. }));
    for environment in &stage.environments {
        let here = || open.iter().copied().filter(|c| c.environment == *environment);
        let made: Vec<&str> = here().filter(|c| !is_manual(c)).map(|c| c.check.as_str()).collect();
        let there = if *environment == known.runbook.environment { String::new() } else { format!(" --environment {environment}") };
        if !made.is_empty() {
            let what = format!("{}: to be made{}: {}", stage.id, in_words(&there), made.join(", "));
            out.push(of(what, &format!("dualrun gates run {}{there} (R)", stage.id), None));
        }
        for check in here().filter(|c| is_manual(c)) {
            let what = format!("{}/{}: somebody must state it{}", stage.id, check.check, in_words(&there));
            out.push(of(what, &format!("dualrun gates attest {}/{} --note TEXT{there}", stage.id, check.check), check.owner.as_ref()));
        }
    }
}

fn in_words(there: &str) -> String {
    there.replace(" --environment ", " in ")
}

const fn is_to_be_made(check: &CheckStanding) -> bool {
    matches!(check.outcome, Outcome::NotRun | Outcome::Stale)
}

fn in_a_line(standing: &StageStanding) -> Blocker {
    let (held, counted) = standing.held();
    let what = format!(
        "{}: {} of {counted} checks do not hold, {} of {} sign-offs are missing",
        standing.id,
        counted - held,
        standing.seats.len() - standing.filled(),
        standing.seats.len()
    );
    of(what, &format!("after the stages before it: dualrun gates run {}", standing.id), None)
}

fn of(what: String, remedy: &str, owner: Option<&String>) -> Blocker {
    Blocker { owner: owner.cloned(), ..block(Stage::Gates, what, remedy) }
}

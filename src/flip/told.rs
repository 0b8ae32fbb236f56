//! How the flip stands, whole and as data: what a dossier states, and what is folded anew from its acts beside it.

use super::standing::{LineStanding, Standing, WaveStanding};
use crate::domain::flip::{FlipPlan, Step};
use serde_json::{Value, json};

/// Everything that the acts come to.
pub fn told(standing: &Standing) -> Value {
    json!({
        "plan": standing.plan.as_ref().map(|plan| of_plan(plan, &standing.plan_digest)),
        "waves": standing.waves.values().map(of_wave).collect::<Vec<_>>(),
        "left_out": standing.left_out,
        "postponed": standing.postponed,
        "held": standing.held.as_ref().map(|(who, at, why)| json!({ "by": who, "at": at, "why": why })),
        "completed": standing.completed,
        "incomplete": standing.incomplete(),
    })
}

fn of_plan(plan: &FlipPlan, digest: &str) -> Value {
    json!({
        "digest": digest,
        "month": plan.month,
        "run": plan.run,
        "run_digest": plan.run_digest,
        "config_digest": plan.config_digest,
        "flip_digest": plan.flip_digest,
        "rules": plan.rules,
    })
}

fn of_wave(wave: &WaveStanding) -> Value {
    let totals = wave.pack.totals();
    let begun = wave.begun.as_ref().map(|(at, begun)| json!({ "at": at, "how": begun }));
    json!({
        "id": format!("wave {}", wave.pack.wave),
        "state": wave.state().word(),
        "from": wave.pack.from,
        "pack": wave.pack.digest(),
        "totals": totals,
        "begun": begun,
        "first_begun": wave.first_begun,
        "ended": wave.ended,
        "postponed": wave.postponed.as_ref().map(|(until, why)| json!({ "until": until, "why": why })),
        "aborted": wave.aborted,
        "point_of_no_return": wave.no_return,
        "hypercare": wave.look,
        "hypercare_clean": wave.look.as_ref().map(crate::domain::flip::Look::is_clean),
        "rehearsal": wave.rehearsal,
        "lines": wave.lines.iter().map(|((subscription, step), line)| of_line(subscription, *step, line)).collect::<Vec<_>>(),
    })
}

fn of_line(subscription: &str, step: Step, line: &LineStanding) -> Value {
    json!({
        "id": format!("{subscription} {}", step.word()),
        "state": line.state.word(),
        "direction": line.direction,
        "tries": line.tries,
        "reason": line.reason,
        "there": line.there,
    })
}

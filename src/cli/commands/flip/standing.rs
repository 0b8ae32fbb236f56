//! How the flip stands: what blocks first, then each wave with its lines and what may be done next.

use super::wave::cost_object;
use crate::app::flip::{LineState, Standing, WaveStanding, WaveState};
use crate::domain::flip::Step;
use crate::domain::text::shown;
use crate::present::{money, numbers, times};
use crate::report::flip as report;
use chrono::NaiveDate;
use serde_json::{Map, Value, json};

/// Blockers told first; the rest are counted.
const TOLD: usize = 5;
/// Lines listed that somebody must look at.
const LISTED: usize = 20;

/// For people.
pub(super) fn lines(standing: &Standing, blockers: Option<&Vec<String>>, today: NaiveDate) -> Vec<String> {
    let mut out = Vec::new();
    if let Some(blockers) = blockers {
        out.push(format!("BLOCKED ({} reasons; dualrun gates lists them)", blockers.len()));
        out.extend(blockers.iter().take(TOLD).map(|b| format!("  {}", shown(b, 200))));
    }
    if let Some((who, at, why)) = &standing.held {
        out.push(format!("HELD by {} since {}: {}", shown(who, 60), times::to_the_second(*at), shown(why, 160)));
    }
    if let Some(at) = standing.completed {
        out.push(format!("completed {}", times::to_the_second(at)));
    }
    if standing.waves.is_empty() {
        out.push("no wave is planned — dualrun flip plan".to_owned());
    }
    for (number, wave) in &standing.waves {
        let totals = wave.pack.totals();
        out.push(format!(
            "{} wave {number} · {} · {} · {} · {}",
            sign(wave.state()),
            wave.state().word().replace('_', " "),
            numbers::counted(totals.count, "subscription", "subscriptions"),
            money::list(totals.money.iter().map(|(c, m)| (*c, *m))),
            counts(wave)
        ));
        out.push(format!("    {}", next(standing, *number, today)));
    }
    out.extend(report::left_out_lines(&standing.left_out));
    out
}

const fn sign(state: WaveState) -> &'static str {
    match state {
        WaveState::Planned => "◌",
        WaveState::Applying | WaveState::BackingOut => "!",
        WaveState::Applied | WaveState::Clean => "✓",
        WaveState::BackedOut => "←",
    }
}

fn counts(wave: &WaveStanding) -> String {
    let words: Vec<String> = wave.counts().iter().map(|(state, n)| format!("{n} {}", state.word().replace('_', " "))).collect();
    words.join(", ")
}

/// What may be done with a wave next, with the command that does it; or why nothing may.
fn next(standing: &Standing, number: u32, today: NaiveDate) -> String {
    let allowed = standing.allowed(number, today);
    let state = standing.waves.get(&number).map(WaveStanding::state);
    let mut words = Vec::new();
    match (state, allowed.apply) {
        (Some(WaveState::Planned), Ok(())) => words.push(format!("dualrun flip {number} checks it, dualrun flip apply {number} does it")),
        (Some(WaveState::Applying), Ok(())) => words.push(format!("dualrun flip apply {number} goes on")),
        (Some(WaveState::Planned | WaveState::Applying), Err(why)) => words.push(why),
        (Some(WaveState::Applied | WaveState::Clean), _) => words.push(format!("dualrun flip hypercare {number} looks at its first invoices")),
        _ => {}
    }
    match (state, allowed.back_out) {
        (Some(WaveState::Applying | WaveState::Applied | WaveState::Clean | WaveState::BackingOut), Ok(())) => {
            words.push(format!("dualrun flip back-out {number} undoes it"));
        }
        (Some(WaveState::Applied | WaveState::Clean | WaveState::BackingOut), Err(why)) => words.push(why),
        _ => {}
    }
    if words.is_empty() { "nothing is left to do".to_owned() } else { words.join(" · ") }
}

/// Lines of a wave that are neither planned nor where they were to be brought, for people.
pub(super) fn line_states(wave: &WaveStanding) -> Vec<String> {
    let is_open = |state: LineState| !matches!(state, LineState::Planned | LineState::Verified | LineState::BackedOut);
    let open: Vec<_> = wave.lines.iter().filter(|(_, line)| is_open(line.state)).collect();
    let mut out = vec![String::new(), format!("{} · {}", wave.state().word().replace('_', " "), counts(wave))];
    for ((subscription, step), line) in open.iter().take(LISTED) {
        let (subscription, why) = (shown(subscription, 60), shown(&line.reason, 200));
        out.push(format!("  {} {} · {} · {why}", line.state.word(), step.act(line.direction).word(), subscription));
    }
    out
}

/// Every line of a wave with its state, for machines.
pub(super) fn lines_object(wave: &WaveStanding) -> Value {
    let line = |((subscription, step), line): (&(String, Step), &crate::app::flip::LineStanding)| json!({ "subscription": subscription, "step": step, "state": line.state.word(), "tries": line.tries, "reason": line.reason });
    wave.lines.iter().map(line).collect()
}

/// For machines.
pub(super) fn object(standing: &Standing, blockers: Option<&Vec<String>>, today: NaiveDate) -> Value {
    let wave = |(number, wave): (&u32, &WaveStanding)| {
        let totals = wave.pack.totals();
        let allowed = standing.allowed(*number, today);
        let counts: Map<String, Value> = wave.counts().iter().map(|(state, n)| (state.word().to_owned(), (*n).into())).collect();
        json!({
            "wave": number,
            "state": wave.state().word(),
            "subscriptions": totals.count,
            "money": report::amounts(&totals.money),
            "digest": wave.pack.digest(),
            "lines": counts,
            "may_apply": allowed.apply.is_ok(),
            "may_not_apply": allowed.apply.err(),
            "may_back_out": allowed.back_out.is_ok(),
            "may_not_back_out": allowed.back_out.err(),
            "back_out": cost_object(wave),
            "postponed_until": wave.postponed.as_ref().map(|(until, _)| until),
            "aborted": wave.aborted,
            "point_of_no_return": wave.no_return,
            "hypercare": wave.look.as_ref().map(report::look_object),
            "rehearsed": wave.rehearsal.as_ref().map(|r| json!({ "whole": r.whole, "at": r.began_at })),
        })
    };
    json!({
        "blockers": blockers,
        "held": standing.held.as_ref().map(|(who, at, why)| json!({ "by": who, "since": at, "reason": why })),
        "completed": standing.completed,
        "may_not_complete": standing.incomplete(),
        "plan": standing.plan.as_ref().map(|plan| json!({ "digest": standing.plan_digest, "period": plan.month, "run": plan.run })),
        "waves": standing.waves.iter().map(wave).collect::<Vec<_>>(),
        "left_out": standing.left_out,
    })
}

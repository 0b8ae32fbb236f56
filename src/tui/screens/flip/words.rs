//! The flip in words: what may be done next, and what a check, an apply, a back-out or a look at first invoices came to.

use crate::app::flip::{Came, Cared, Checked, LineState, Planned, Simulation, Standing, WaveStanding, WaveState, cost};
use crate::domain::currency::Currency;
use crate::domain::flip::{Direction, Rehearsal};
use crate::domain::text::shown;
use crate::present::{flip, money, numbers, times};
use crate::report::flip as report;
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// A sentence about what became of something, and whether it came whole.
pub type Ending = (String, bool);
/// A page: its title, and its lines.
pub type Page = (String, Vec<String>);

/// The state of a wave, for people.
pub fn state(wave: &WaveStanding) -> String {
    let state = wave.state().word().replace('_', " ");
    let wrong = alarms(wave);
    match (&wave.no_return, &wave.aborted) {
        _ if wrong > 0 => format!("{state}, {wrong} held"),
        (Some(_), _) => format!("{state}, no return"),
        (None, Some(_)) if matches!(wave.state(), WaveState::Planned | WaveState::Applying) => format!("{state}, aborted"),
        _ => state,
    }
}

/// First invoices that want a look before anything is sent or charged.
pub fn alarms(wave: &WaveStanding) -> usize {
    let is_there = !matches!(wave.state(), WaveState::Planned | WaveState::BackedOut);
    wave.look.as_ref().filter(|_| is_there).map_or(0, |look| look.alarms().count())
}

/// `3 verified, 1 planned`.
pub fn counts(wave: &WaveStanding) -> String {
    let word = |(state, n): (&LineState, &u64)| format!("{n} {}", state.word().replace('_', " "));
    wave.counts().iter().map(word).collect::<Vec<_>>().join(", ")
}

/// What may be done with a wave next, with the key that does it; or why nothing may.
pub fn next(standing: &Standing, number: u32, today: NaiveDate, blocked: usize) -> String {
    let allowed = standing.allowed(number, today);
    let state = standing.waves.get(&number).map(WaveStanding::state);
    let mut words = Vec::new();
    match (state, allowed.apply) {
        (Some(WaveState::Planned), Ok(())) if blocked > 0 => words.push("blocked · d dry run".to_owned()),
        (Some(WaveState::Planned), Ok(())) => words.push("d dry run · a applies it".to_owned()),
        (Some(WaveState::Applying), Ok(())) => words.push("a goes on".to_owned()),
        (Some(WaveState::Planned | WaveState::Applying), Err(why)) => words.push(by_key(&why)),
        (Some(WaveState::Applied | WaveState::Clean), _) => words.push("c first invoices".to_owned()),
        _ => {}
    }
    match (state, allowed.back_out) {
        (Some(WaveState::BackingOut), Ok(())) => words.push("b goes on back".to_owned()),
        (Some(WaveState::Applying | WaveState::Applied | WaveState::Clean), Ok(())) => words.push("b backs it out".to_owned()),
        (Some(WaveState::Applied | WaveState::Clean | WaveState::BackingOut), Err(why)) => words.push(by_key(&why)),
        _ => {}
    }
    if words.is_empty() { "nothing is left to do".to_owned() } else { words.join(" · ") }
}

/// A reason as the engine says it, with the key of this screen in place of the command.
pub fn by_key(why: &str) -> String {
    let keys = [
        ("dualrun flip resume", "h resumes it"),
        ("dualrun flip back-out goes on", "b goes on"),
        ("dualrun flip back-out, or flip plan", "b backs it out, p plans anew"),
        ("dualrun flip plan makes new waves", "p makes new waves"),
        ("dualrun flip plan", "p plans anew"),
        ("dualrun flip shows which there are", "p plans waves"),
    ];
    let mut text = shown(why, 300);
    for (command, key) in keys {
        text = text.replace(command, key);
    }
    text
}

/// What backing a wave out costs now, or why it cannot be.
pub fn way_back(wave: &WaveStanding) -> Vec<String> {
    flip::way_back(wave.no_return.as_ref(), &cost(wave))
}

/// Waves that were cut.
pub fn planned(planned: &Planned) -> Ending {
    let waves = numbers::counted(planned.plan.waves.len() as u64, "wave", "waves");
    let left = numbers::count(planned.plan.left_out.len() as u64);
    match (planned.is_new, planned.plan.waves.is_empty()) {
        (_, true) => (format!("nothing to flip: {left} in no wave, each with why below"), false),
        (true, false) => (format!("{waves} planned, {left} in no wave; Enter opens one, d checks it"), true),
        (false, false) => (format!("it is the plan that stood before: {waves}, {left} in no wave"), true),
    }
}

/// A dry run.
pub fn checked(checked: &Checked) -> (Ending, Page) {
    let wave = checked.wave;
    let run = checked.run.map_or_else(|| "nothing was read anew".to_owned(), |run| format!("run #{run} over fresh snapshots"));
    let mut lines = vec![run, format!("pack {}", checked.pack)];
    lines.extend(checked.certificate.as_ref().map(|digest| format!("the gates hold, certificate {digest}")));
    lines.push(String::new());
    let blockers = checked.blockers.len() as u64;
    let ending = if blockers == 0 {
        lines.push("Nothing is in the way. a applies it, and asks for this phrase:".to_owned());
        lines.push(format!("  {}", checked.phrase));
        (format!("wave {wave}: nothing is in the way"), true)
    } else {
        lines.push("In the way, most urgent first:".to_owned());
        lines.extend(checked.blockers.iter().map(|b| format!("  {}", by_key(b))));
        let reasons = numbers::counted(blockers, "reason is", "reasons are");
        (format!("wave {wave}: {reasons} in the way"), false)
    };
    (ending, (format!("Dry run of wave {wave}"), lines))
}

/// What an apply or a back-out came to.
pub fn came(came: &Came) -> (Ending, Page) {
    let (number, of) = (came.wave, came.standing.waves.get(&came.wave));
    let back = of.is_some_and(|wave| wave.direction() == Direction::Back);
    let (verb, key) = if back { ("backed out", "b") } else { ("applied", "a") };
    let ending = match (&came.stopped, came.whole) {
        (Some(why), _) => (format!("wave {number} is not {verb} whole: {} — {key} goes on", shown(why, 200)), false),
        (None, true) if back => (format!("wave {number} is backed out, every line read back: nothing of it bills in the target"), true),
        (None, true) => (format!("wave {number} is applied, every line read back; c looks at its first invoices"), true),
        (None, false) => {
            let stuck = numbers::counted(came.stuck.len() as u64, "subscription waits", "subscriptions wait");
            (format!("wave {number} is not {verb} whole: {stuck} for somebody to look — mend it, then {key} goes on"), false)
        }
    };
    let mut lines = vec![ending.0.clone(), String::new()];
    lines.extend(of.map(|wave| format!("lines: {}", counts(wave))));
    lines.extend(came.steps.iter().map(|step| format!("  {:<28} {}", shown(&step.what, 40), times::duration(step.milliseconds))));
    if !came.stuck.is_empty() {
        lines.push(String::new());
        lines.push("Nothing can be done for these before somebody looked:".to_owned());
        lines.extend(came.stuck.iter().map(|(id, why)| format!("  {} · {}", shown(id, 60), shown(why, 200))));
    }
    lines.push(String::new());
    lines.extend(of.into_iter().flat_map(way_back));
    (ending, (format!("Wave {number}, {verb}"), lines))
}

/// A look at the days ahead.
pub fn simulated(simulation: &Simulation) -> (Ending, Page) {
    let ending = match simulation.recommended {
        Some(on) => (format!("{on} is recommended: {}", shown(&simulation.why, 200)), true),
        None => (format!("no day is recommended: {}", shown(&simulation.why, 200)), false),
    };
    let mut lines = vec![ending.0.clone(), String::new()];
    let amounts = |of: &BTreeMap<Currency, i64>| if of.is_empty() { "–".to_owned() } else { money::list(of.iter().map(|(c, m)| (*c, *m))) };
    lines.push("NEAR renew close to it; days billed TWICE, or by NOBODY; bills that come EARLIER or LATER.".to_owned());
    lines.push(format!("  {:<10} {:>5} {:>6} {:>7} {:>15} {:>15}", "DAY", "NEAR", "TWICE", "NOBODY", "EARLIER", "LATER"));
    for day in &simulation.candidates {
        let mark = if simulation.recommended == Some(day.on) { "→" } else { " " };
        let unknown = if day.unknown > 0 { format!("  {} not known", numbers::count(day.unknown)) } else { String::new() };
        let days = |n: i64| numbers::count(n.unsigned_abs());
        let (near, twice, nobody) = (numbers::count(day.near.len() as u64), days(day.twice), days(day.nobody));
        let (earlier, later) = (amounts(&day.earlier), amounts(&day.later));
        lines.push(format!("{mark} {:<10} {near:>5} {twice:>6} {nobody:>7} {earlier:>15} {later:>15}{unknown}", day.on.to_string()));
    }
    (ending, ("The days ahead".to_owned(), lines))
}

/// A rehearsal.
pub fn rehearsed(rehearsal: &Rehearsal) -> (Ending, Page) {
    let wave = rehearsal.wave;
    let ending = match &rehearsal.failure {
        None => (format!("wave {wave} was applied and backed out whole on the copy"), true),
        Some(why) => (format!("the rehearsal of wave {wave} is not whole: {}", shown(why, 200)), false),
    };
    (ending, (format!("Rehearsal of wave {wave}"), report::rehearsal_lines(rehearsal)))
}

/// A look at first invoices.
pub fn cared(cared: &Cared) -> (Ending, Page) {
    let (wave, alarms) = (cared.look.wave, cared.look.alarms().count() as u64);
    let ending = match (alarms, cared.look.is_clean()) {
        (0, true) => (format!("wave {wave}: every first invoice is clean"), true),
        (0, false) => (format!("wave {wave}: first invoices are awaited, none is wrong"), true),
        _ => {
            let count = numbers::counted(alarms, "first invoice wants", "first invoices want");
            (format!("wave {wave}: {count} a look before anything is sent or charged"), false)
        }
    };
    let mut lines = vec![ending.0.clone(), String::new()];
    lines.extend(report::look_lines(&cared.look));
    lines.push(String::new());
    lines.extend(cared.standing.waves.get(&wave).into_iter().flat_map(way_back));
    (ending, (format!("First invoices of wave {wave}"), lines))
}

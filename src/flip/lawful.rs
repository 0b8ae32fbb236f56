//! Whether a flip went as it may: act by act, each step could be taken where the flip stood then, and what all of them come to.

use super::course::Next;
use super::hypercare::{Actual, care};
use super::standing::{LineState, Standing, WaveStanding, WaveState};
use crate::domain::flip::{Begun, Direction, FlipDeed, FlipPack, FlipRules, Look, Point, Seen};
use crate::domain::gate::{GateAct, GateDeed};
use crate::domain::period::Zone;
use crate::domain::text::shown;
use chrono::NaiveDate;

/// Where the flip stands by these acts, oldest first, and every step of them that could not be taken, each with its act. Without the
/// service's zone no day is held against another.
pub fn walk(acts: &[GateAct], zone: Option<Zone>) -> (Standing, Vec<String>) {
    let (mut standing, mut wrong) = (Standing::default(), Vec::new());
    for act in acts {
        if let GateDeed::Flip(deed) = &act.deed {
            let day = zone.map_or(NaiveDate::MAX, |zone| zone.day_of(act.at));
            wrong.extend(unlawful(&standing, deed, day).into_iter().map(|what| format!("act {}: {what}", act.id)));
        }
        standing.hear(act);
    }
    (standing, wrong)
}

/// Why a step could not be taken then; empty where it could.
fn unlawful(standing: &Standing, deed: &FlipDeed, day: NaiveDate) -> Vec<String> {
    let wave = |number: u32| standing.waves.get(&number).ok_or_else(|| vec![format!("it is of wave {number}, which nobody planned")]);
    let held = match deed {
        FlipDeed::Planned(plan) => Ok(plan.waves.iter().flat_map(|pack| planned(standing, pack)).collect()),
        FlipDeed::Begun(begun) => wave(begun.wave).map(|wave| begins(standing, wave, begun, day)),
        FlipDeed::Sending(of) => wave(of.wave).map(|wave| sends(standing, wave, of, day)),
        FlipDeed::Answered { of, told } => wave(of.wave).map(|wave| {
            let is_sent = |id: &String| wave.line(id, of.step) == LineState::Sending;
            told_of(of, told.len(), of.subscriptions.iter().find(|id| !is_sent(id)).map(|id| format!("{} was not sent", shown(id, 60))))
        }),
        FlipDeed::ReadBack { of, seen } => wave(of.wave).map(|wave| {
            let unsent = |(id, seen): &(&String, &Seen)| **seen == Seen::There && wave.line(id, of.step) == LineState::Planned;
            let stray = of.subscriptions.iter().find(|id| wave.pack.line(id).is_none()).map(|id| format!("{} is in no pack", shown(id, 60)));
            let first = of.subscriptions.iter().zip(seen).find(unsent).map(|(id, _)| format!("{} is there, and was never sent", shown(id, 60)));
            told_of(of, seen.len(), stray.or(first))
        }),
        FlipDeed::Ended { wave: number, direction } => wave(*number).map(|wave| {
            let is_done = wave.begun.is_some() && wave.direction() == *direction && wave.next() == Next::Done;
            if is_done { Vec::new() } else { vec![format!("wave {number} was not where it was to be brought")] }
        }),
        FlipDeed::Postponed { wave: number, .. } | FlipDeed::Aborted { wave: number, .. } => wave(*number).map(|wave| match wave.state() {
            WaveState::Planned | WaveState::Applying => Vec::new(),
            state => vec![format!("wave {number} was {}", words(state))],
        }),
        FlipDeed::PointOfNoReturn { wave: number, payment } => wave(*number).map(|wave| {
            let is_of_it = wave.begun.is_some() && wave.pack.line(&payment.subscription).is_some();
            if is_of_it { Vec::new() } else { vec![format!("the payment of {} is none of wave {number}", shown(&payment.subscription, 60))] }
        }),
        FlipDeed::Looked(look) => wave(look.wave).map(|wave| looked(wave, look)),
        FlipDeed::Rehearsed(rehearsal) => wave(rehearsal.wave).map(|_| Vec::new()),
        FlipDeed::Resume { .. } if standing.held.is_none() => Ok(vec!["nobody held the flip".to_owned()]),
        FlipDeed::Hold { .. } | FlipDeed::Resume { .. } => Ok(Vec::new()),
        FlipDeed::Completed { .. } => Ok(standing.incomplete().into_iter().map(|why| format!("it was not complete: {why}")).collect()),
    };
    held.unwrap_or_else(|wrong| wrong)
}

fn words(state: WaveState) -> String {
    state.word().replace('_', " ")
}

/// Whoever is in a wave for good is planned in no other.
fn planned(standing: &Standing, pack: &FlipPack) -> Vec<String> {
    let is_begun = standing.waves.get(&pack.wave).is_some_and(|wave| wave.begun.is_some());
    let again = is_begun.then(|| format!("it plans wave {} anew, which had begun", pack.wave));
    let twice = pack.lines.iter().filter_map(|line| {
        let wave = standing.wave_of(&line.subscription)?;
        Some(format!("it plans {}, which is in wave {wave}", shown(&line.subscription, 60)))
    });
    again.into_iter().chain(twice).collect()
}

fn begins(standing: &Standing, wave: &WaveStanding, begun: &Begun, day: NaiveDate) -> Vec<String> {
    let mut wrong = Vec::new();
    if begun.pack != wave.pack.digest() {
        wrong.push(format!("the pack of wave {} is another than the one it began with", begun.wave));
    }
    if begun.phrase != wave.pack.phrase(begun.direction) {
        wrong.push(format!("\"{}\" was typed, which is not what wave {} is", shown(&begun.phrase, 120), begun.wave));
    }
    if begun.direction == Direction::Forward && begun.certificate.is_none() {
        wrong.push("it began with nothing that the gates certified".to_owned());
    }
    wrong.extend(allowed(standing, begun.wave, begun.direction, day));
    wrong
}

fn allowed(standing: &Standing, wave: u32, direction: Direction, day: NaiveDate) -> Option<String> {
    let allowed = standing.allowed(wave, day);
    let may = if direction == Direction::Forward { allowed.apply } else { allowed.back_out };
    may.err().map(|why| format!("it was not allowed: {why}"))
}

/// What was handed over is what was to be handed over next: in the target nothing before the source was read back as off.
fn sends(standing: &Standing, wave: &WaveStanding, of: &Point, day: NaiveDate) -> Vec<String> {
    let act = of.step.act(of.direction).word();
    let next = match wave.next() {
        Next::Send(next) if (next.step, next.direction) == (of.step, of.direction) => next.subscriptions,
        _ => Vec::new(),
    };
    let early = of.subscriptions.iter().filter(|id| !next.contains(id));
    let early = early.map(|id| format!("{act} of {} was not what came next", shown(id, 60)));
    early.chain(allowed(standing, of.wave, of.direction, day)).collect()
}

fn told_of(of: &Point, told: usize, wrong: Option<String>) -> Vec<String> {
    let missing = (told != of.subscriptions.len()).then(|| format!("{told} answers are of {} subscriptions", of.subscriptions.len()));
    missing.into_iter().chain(wrong).collect()
}

/// First invoices as they were seen, judged anew within the band that was kept with them.
fn looked(wave: &WaveStanding, look: &Look) -> Vec<String> {
    let mut wrong = Vec::new();
    if !matches!(wave.state(), WaveState::Applying | WaveState::Applied | WaveState::Clean) {
        wrong.push(format!("wave {} was {}: it had no first invoices", look.wave, words(wave.state())));
    }
    let rules = FlipRules { band_amount: look.band_amount, band_percent: look.band_percent, ..FlipRules::default() };
    let anew = care(&wave.pack, &rules, look.on, |id| match look.lines.iter().find(|line| line.subscription == id) {
        None => Actual::Nothing,
        Some(line) => line.as_seen().map_or_else(|why| Actual::Unknown(why.to_owned()), |actual| actual.map_or(Actual::Nothing, Actual::Billed)),
    });
    if anew.len() != look.lines.len() {
        wrong.push(format!("{} of {} first invoices were looked at", look.lines.len(), anew.len()));
    }
    let other = anew.iter().zip(&look.lines).filter(|(anew, told)| anew != told);
    wrong.extend(other.map(|(anew, told)| format!("the first invoice of {} is not what was told of it", shown(&told.subscription, 60)) + &but(anew)));
    wrong
}

fn but(line: &crate::domain::flip::CareLine) -> String {
    format!(": it is {}", shown(&serde_json::to_string(&line.state).unwrap_or_default(), 120))
}

//! The runbook's part of `gates`: each stage in a line, and of the first that is shut its checks and seats.

use crate::app::standing::{CheckStanding, GatesStanding, Seat, StageStanding};
use crate::domain::text::shown;
use crate::present::times;
use crate::present::words::{Signs, outcome_label, outcome_sign};
use chrono::{DateTime, Utc};

/// All of it.
pub fn lines(standing: &GatesStanding, now: DateTime<Utc>) -> Vec<String> {
    let name = shown(&standing.runbook, 80);
    let mut out = vec![String::new(), format!("runbook {name}: {} of {} stages passed", standing.passed(), standing.stages.len())];
    let open = standing.stages.iter().position(|s| !s.outcome.opens());
    for (at, stage) in standing.stages.iter().enumerate() {
        out.push(format!("{} {:<16} {}", sign(stage.outcome.word()), shown(&stage.id, 16), shown(&stage.summary, 160)));
        if Some(at) == open {
            out.extend(in_full(stage, now));
        }
    }
    let waiting = standing.waiting.iter();
    out.extend(waiting.map(|w| format!("act {} of {} would {}: it waits for a second person", w.act, shown(&w.by, 40), shown(&w.what, 100))));
    out
}

fn sign(word: &str) -> &'static str {
    outcome_sign(word, Signs::Unicode)
}

fn in_full(stage: &StageStanding, now: DateTime<Utc>) -> Vec<String> {
    let checks = stage.checks.iter().map(|check| check_line(check, now));
    let seats = stage.seats.iter().map(seat_line);
    let void = stage.void.iter().map(|v| format!("      {} as {}: does not count, {}", shown(&v.person, 40), shown(&v.role, 30), shown(&v.why, 120)));
    checks.chain(seats).chain(void).collect()
}

fn check_line(check: &CheckStanding, now: DateTime<Utc>) -> String {
    let word = check.outcome.word();
    let seen = check.observed_at.zip(check.observed_by.as_ref());
    let seen = seen.map_or_else(String::new, |(at, by)| format!(" · {} by {}", times::relative(now, at), shown(by, 30)));
    let apart = if check.observe_only { " · only observed" } else { "" };
    let (name, label, why) = (shown(&check.check, 24), outcome_label(word), shown(&check.why, 120));
    format!("    {} {name:<24} {label:<12} {why} in {}{seen}{apart}", sign(word), shown(&check.environment, 20))
}

fn seat_line(seat: &Seat) -> String {
    let role = shown(&seat.role, 24);
    match &seat.signed {
        Some(signed) => format!("    {} {role:<24} {:<12} by {}", sign("pass"), "signed", shown(&signed.told(), 60)),
        None => format!("    {} {role:<24} not signed", sign("not_run")),
    }
}

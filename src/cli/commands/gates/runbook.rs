//! The runbook's part of `gates`: each stage in a line, and of the first that is shut its checks and seats.

use crate::app::standing::{GatesStanding, StageStanding};
use crate::domain::text::shown;
use crate::present::gates::{check_line, seat_line, void_line};
use crate::present::words::{Signs, outcome_sign};
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
    let checks = stage.checks.iter().map(|check| check_line(check, now, Signs::Unicode));
    let seats = stage.seats.iter().map(|seat| seat_line(seat, now, Signs::Unicode));
    checks.chain(seats).chain(stage.void.iter().map(void_line)).map(|line| format!("    {line}")).collect()
}

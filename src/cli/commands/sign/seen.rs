//! What somebody who signs is shown: the stage, what must be so, its checks with outcome and age, earlier words, and the digest.

use super::seal_words;
use crate::app::gates::View;
use crate::domain::gate::{GateAct, GateDeed};
use crate::domain::text::shown;
use crate::present::gates::{check_line, seat_line, void_line};
use crate::present::words::Signs;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// Widest a sentence is shown.
const TEXT: usize = 160;
/// Widest a name is shown.
const NAME: usize = 60;

/// For people.
pub fn lines(view: &View, now: DateTime<Utc>) -> Vec<String> {
    let View { stage, standing, .. } = view;
    let role = view.role.as_ref().map_or_else(String::new, |role| format!(" · as {}", shown(role, NAME)));
    let mut out = vec![format!("{} · {} · {}{role}", shown(&stage.id, NAME), shown(&stage.title, TEXT), shown(&view.environment, NAME))];
    out.extend(stage.requires.iter().map(|sentence| format!("  must be so: {}", shown(sentence, TEXT))));
    let checks = standing.checks.iter().map(|check| check_line(check, now, Signs::Unicode));
    let seats = standing.seats.iter().map(|seat| seat_line(seat, now, Signs::Unicode));
    out.extend(checks.chain(seats).chain(standing.void.iter().map(void_line)).map(|line| format!("  {line}")));
    out.extend(standing.refused.iter().map(|(who, why)| format!("  ✗ NO-GO by {}: {}", shown(who, NAME), shown(why, TEXT))));
    out.extend(view.place.lines().iter().map(|line| format!("  acts on: {}", shown(line, TEXT))));
    out.push(format!("  digest {}", standing.binding.digest()));
    out
}

/// How an act is vouched for.
pub fn seal_of(act: &GateAct) -> String {
    act.deed.seal().map(seal_words).unwrap_or_default()
}

/// An act in a few words.
pub fn deed(deed: &GateDeed) -> String {
    deed.journal_kind().replace('_', " ")
}

/// For machines.
pub fn object(view: &View) -> Value {
    json!({
        "stage": view.stage.id, "title": view.stage.title, "requires": view.stage.requires, "environment": view.environment, "role": view.role, "place": view.place,
        "standing": view.standing, "digest": view.standing.binding.digest(),
    })
}

//! What somebody who signs is shown: the stage, what must be so, its checks with outcome and age, earlier words, and the digest.

use super::{seal_of as seal, seal_words};
use crate::app::gates::View;
use crate::app::standing::{CheckStanding, Seat};
use crate::domain::gate::{GateAct, GateDeed};
use crate::domain::text::shown;
use crate::present::times;
use crate::present::words::{Signs, outcome_sign};
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
    out.extend(standing.checks.iter().map(|check| check_line(check, now)));
    out.extend(standing.seats.iter().map(|seat| seat_line(seat, now)));
    let void = standing.void.iter().map(|v| {
        format!("  ! {}'s sign-off as {} (act {}) does not count: {}", shown(&v.person, NAME), shown(&v.role, NAME), v.act, shown(&v.why, TEXT))
    });
    out.extend(void);
    out.extend(standing.refused.iter().map(|(who, why)| format!("  ✗ NO-GO by {}: {}", shown(who, NAME), shown(why, TEXT))));
    out.push(format!("  digest {}", standing.binding.digest()));
    out
}

fn check_line(check: &CheckStanding, now: DateTime<Utc>) -> String {
    let word = check.outcome.word();
    let seen = check.observed_at.zip(check.observed_by.as_ref());
    let seen = seen.map_or_else(String::new, |(at, by)| format!(" · {} by {}", times::relative(now, at), shown(by, NAME)));
    let only = if check.observe_only { " · only looked at" } else { "" };
    let (id, title, why, place) = (shown(&check.check, NAME), shown(&check.title, TEXT), shown(&check.why, TEXT), shown(&check.environment, NAME));
    format!("  {} {word:<12} {id} · {title} · {why} in {place}{seen}{only}", outcome_sign(word, Signs::Unicode))
}

fn seat_line(seat: &Seat, now: DateTime<Utc>) -> String {
    let role = shown(&seat.role, NAME);
    let Some(signed) = &seat.signed else { return format!("  ◌ not signed   {role}") };
    format!("  ✓ signed       {role} · by {} (act {}) {}", shown(&signed.told(), NAME), signed.act, times::relative(now, signed.at))
}

/// How an act that is a sign-off is vouched for.
pub fn seal_of(act: &GateAct) -> String {
    seal(&act.deed).map(seal_words).unwrap_or_default()
}

/// An act in a few words.
pub fn deed(deed: &GateDeed) -> String {
    deed.journal_kind().replace('_', " ")
}

/// For machines.
pub fn object(view: &View) -> Value {
    json!({
        "stage": view.stage.id, "title": view.stage.title, "requires": view.stage.requires, "environment": view.environment, "role": view.role,
        "standing": view.standing, "digest": view.standing.binding.digest(),
    })
}

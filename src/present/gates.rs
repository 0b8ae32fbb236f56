//! Checks, seats and sign-offs of a stage in lines that every front end says alike.

use super::times;
use super::words::{Signs, outcome_label, outcome_sign};
use crate::domain::gate::{CheckStanding, Seat, Void};
use crate::domain::text::shown;
use chrono::{DateTime, Utc};

/// Widest a sentence is shown.
const TEXT: usize = 160;
/// Widest a name is shown.
const NAME: usize = 60;

/// `✓ pass         restored · The backup was restored · stated in production · 3 min ago by ana`
pub fn check_line(check: &CheckStanding, now: DateTime<Utc>, signs: Signs) -> String {
    let word = check.outcome.word();
    let seen = check.observed_at.zip(check.observed_by.as_ref());
    let seen = seen.map_or_else(String::new, |(at, by)| format!(" · {} by {}", times::relative(now, at), shown(by, NAME)));
    let only = if check.observe_only { " · only looked at" } else { "" };
    let (id, title, why, place) = (shown(&check.check, NAME), shown(&check.title, TEXT), shown(&check.why, TEXT), shown(&check.environment, NAME));
    format!("{} {:<12} {id} · {title} · {why} in {place}{seen}{only}", outcome_sign(word, signs), outcome_label(word))
}

/// `✓ signed       finance · by ana (act 7) just now`, or whose seat is free.
pub fn seat_line(seat: &Seat, now: DateTime<Utc>, signs: Signs) -> String {
    let role = shown(&seat.role, NAME);
    let Some(signed) = &seat.signed else { return format!("{} not signed   {role}", outcome_sign("not_run", signs)) };
    let (by, at) = (shown(&signed.told(), NAME), times::relative(now, signed.at));
    format!("{} signed       {role} · by {by} (act {}) {at}", outcome_sign("pass", signs), signed.act)
}

/// A sign-off that does not count, and why.
pub fn void_line(void: &Void) -> String {
    let (who, role, why) = (shown(&void.person, NAME), shown(&void.role, NAME), shown(&void.why, TEXT));
    format!("! {who}'s sign-off as {role} (act {}) does not count: {why}", void.act)
}

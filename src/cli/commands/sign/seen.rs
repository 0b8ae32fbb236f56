//! What somebody who signs is shown: the stage, what must be so, its checks with outcome and age, earlier words, and the digest.

use super::{seal_of as seal, seal_words};
use crate::app::gates::{Earlier, SeenCheck, View};
use crate::domain::gate::{GateAct, GateDeed, Part};
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
    let View { stage, environment, .. } = view;
    let role = view.role.as_ref().map_or_else(String::new, |role| format!(" · as {}", shown(role, NAME)));
    let mut out = vec![format!("{} · {} · {}{role}", shown(&stage.id, NAME), shown(&stage.title, TEXT), shown(environment, NAME))];
    out.extend(stage.requires.iter().map(|sentence| format!("  must be so: {}", shown(sentence, TEXT))));
    out.extend(view.checks.iter().map(|check| line(check, now)));
    let shut = view.checks.iter().filter(|check| !check.observe_only && !check.outcome.opens()).count();
    if shut > 0 {
        out.push(format!("  ! {shut} of the checks do not pass: the gate stays shut, whoever signs"));
    }
    out.extend(view.earlier.iter().map(|earlier| earlier_line(earlier, now)));
    let no_go = |(who, why, act): &(String, String, i64)| format!("  NO-GO by {} (act {act}): {}", shown(who, NAME), shown(why, TEXT));
    out.extend(view.no_goes.iter().map(no_go));
    out.push(format!("  digest {}", view.binding.digest()));
    out
}

fn line(check: &SeenCheck, now: DateTime<Utc>) -> String {
    let word = check.outcome.word();
    let age = check.observed.as_ref().map_or_else(String::new, |(_, at, by)| format!(" · {} by {}", times::relative(now, *at), shown(by, NAME)));
    let only = if check.observe_only { " · only looked at" } else { "" };
    let (id, title) = (shown(&check.id, NAME), shown(&check.title, TEXT));
    format!("  {} {word:<12} {id} · {title} · {}{age}{only}", outcome_sign(word, Signs::Unicode), shown(&check.summary, TEXT))
}

fn earlier_line(earlier: &Earlier, now: DateTime<Utc>) -> String {
    let act = &earlier.act;
    let (who, role, age) = (shown(&act.actor, NAME), shown(&earlier.role, NAME), times::relative(now, act.at));
    format!("  signed as {role} by {who} (act {}) {age} · {} · {}", act.id, seal_of(act), counts(&earlier.changed))
}

/// Whether a sign-off is of what is there now.
pub fn counts(changed: &[Part]) -> String {
    if changed.is_empty() {
        return "of what is there now".to_owned();
    }
    let parts: Vec<&str> = changed.iter().map(|part| part.word()).collect();
    format!("counts no more: another now: {}", parts.join(", "))
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
    let check = |check: &SeenCheck| {
        let (act, at, by) = match &check.observed {
            Some((act, at, by)) => (json!(act), json!(at), json!(by)),
            None => (Value::Null, Value::Null, Value::Null),
        };
        json!({
            "check": check.id, "title": check.title, "outcome": check.outcome, "summary": check.summary, "observe_only": check.observe_only,
            "act": act, "at": at, "by": by,
        })
    };
    let earlier = |e: &Earlier| json!({ "act": e.act.id, "by": e.act.actor, "role": e.role, "at": e.act.at, "signed": e.is_signed, "changed": e.changed });
    json!({
        "stage": view.stage.id, "title": view.stage.title, "requires": view.stage.requires, "environment": view.environment, "role": view.role,
        "checks": view.checks.iter().map(check).collect::<Vec<_>>(),
        "earlier": view.earlier.iter().map(earlier).collect::<Vec<_>>(),
        "no_goes": view.no_goes.iter().map(|(who, why, act)| json!({ "by": who, "reason": why, "act": act })).collect::<Vec<_>>(),
        "binding": view.binding, "digest": view.binding.digest(),
    })
}

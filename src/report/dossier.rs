//! What verifying a dossier came to: what does not hold first, then what was looked at, then what nothing in it can prove.

use super::glass;
use crate::domain::dossier::{Checked, Complaint, Verified, WaveHeld};
use crate::domain::gate::Outcome;
use crate::present::{numbers, times};
use serde_json::{Value, json};

/// For people.
pub fn lines(verified: &Verified) -> Vec<String> {
    let Verified { service, made_at, made_by, digest, journal, stages, complaints, more, notes, taken, .. } = verified;
    let mut out = Vec::new();
    let wrong = complaints.len() as u64 + more;
    if verified.holds() {
        out.push("the dossier holds".to_owned());
    } else {
        out.push(format!("the dossier does not hold: {}", numbers::counted(wrong, "thing is", "things are") + " not as stated"));
        out.extend(complaints.iter().map(|Complaint { place, what }| format!("  {place}: {what}")));
        if *more > 0 {
            out.push(format!("  and {} more", numbers::count(*more)));
        }
    }
    out.push(String::new());
    if let Some(at) = made_at {
        out.push(format!("service  {service} · made {} by {made_by}", times::absolute(*at)));
        out.push(format!("digest   {digest}"));
    }
    if let Some(head) = journal {
        out.push(format!("journal  {} entries, head {}", head.length, head.hash));
    }
    out.extend(looked_at(&verified.checked));
    if !stages.is_empty() {
        let passed = stages.iter().filter(|s| s.outcome.opens()).count();
        out.push(format!("gates    {passed} of {} stages passed when it was made, folded anew", stages.len()));
        let shut = stages.iter().filter(|s| s.outcome != Outcome::Pass);
        out.extend(shut.map(|s| format!("  {} {}: {}", s.id, s.outcome.word(), s.summary)));
    }
    out.extend(verified.waves.iter().map(wave_line));
    out.extend(verified.broken_glass.iter().map(glass::line));
    out.extend(notes.iter().map(|note| format!("note     {note}")));
    if !taken.is_empty() {
        out.extend([String::new(), "taken as stated, because nothing in a dossier can prove it:".to_owned()]);
        out.extend(taken.iter().map(|line| format!("  {line}")));
    }
    out
}

/// `flip     wave 1 applied · 2 subscriptions · first invoices clean`.
fn wave_line(wave: &WaveHeld) -> String {
    let count = numbers::counted(wave.subscriptions, "subscription", "subscriptions");
    let first = match wave.clean {
        None => "",
        Some(true) => " · first invoices clean",
        Some(false) => " · first invoices not clean",
    };
    let paid = if wave.no_return { " · a payment was captured" } else { "" };
    format!("flip     wave {} {} · {count}{first}{paid}", wave.wave, wave.state.replace('_', " "))
}

fn looked_at(checked: &Checked) -> [String; 2] {
    let c = checked;
    [
        format!(
            "checked  {} · {} · {} of {} judged anew",
            numbers::counted(c.files, "file", "files"),
            numbers::counted(c.runs, "run", "runs"),
            numbers::count(c.rows_redone),
            numbers::counted(c.rows, "row", "rows")
        ),
        format!(
            "         {} · {} · {} of {} hold",
            numbers::counted(c.gate_acts, "act about gates and flip", "acts about gates and flip"),
            numbers::counted(c.decisions, "decision", "decisions"),
            numbers::count(c.signatures_held),
            numbers::counted(c.signatures, "signature", "signatures")
        ),
    ]
}

/// For machines.
pub fn object(verified: &Verified) -> Value {
    let mut object = json!(verified);
    object["holds"] = verified.holds().into();
    object["broken_glass"] = glass::objects(&verified.broken_glass);
    object
}

//! Who signed a stage: each role is a seat, each person sits in one.

use super::Known;
use super::fold::{Folded, Word};
use super::seals::unsealed;
use crate::domain::gate::{Binding, GateAct, RunbookStage, Seal, Seat, SignOff, Signed, Void};
use crate::domain::person::{ANYBODY, same_person};
use chrono::TimeDelta;

/// The seats of a stage, and the sign-offs that do not count.
pub(super) fn of(known: &Known<'_>, folded: &Folded<'_>, stage: &RunbookStage, now: &Binding) -> (Vec<Seat>, Vec<Void>) {
    let mut void = Vec::new();
    let mut counting: Vec<(&GateAct, &SignOff)> = Vec::new();
    for word in folded.words(&stage.id, &known.runbook.environment) {
        let Word::Go(act, sign) = word else { continue };
        match why_void(known, stage, (act, sign), now) {
            None => counting.push((act, sign)),
            Some(why) => void.push(Void { act: act.id, person: act.actor.clone(), role: sign.role.clone(), why }),
        }
    }
    counting.sort_by_key(|(act, _)| act.id);
    let mut seats: Vec<Seat> = stage.signers.iter().map(|role| Seat { role: role.clone(), signed: None }).collect();
    let mut keys: Vec<(&str, &str)> = Vec::new();
    for (act, sign) in counting {
        if let Some(key) = sign.seal.key() {
            if let Some((_, first)) = keys.iter().find(|(other, _)| *other == key) {
                let why = format!("is signed with the key of {first}: two people have two keys");
                void.push(Void { act: act.id, person: act.actor.clone(), role: sign.role.clone(), why });
                continue;
            }
            keys.push((key, &act.actor));
        }
        let attested = sign.seal == Seal::Attested;
        let signed = Signed { act: act.id, person: act.actor.clone(), at: act.at, attested };
        // A seat of the very role first: the others are anybody's.
        let own = seats.iter().position(|seat| seat.signed.is_none() && seat.role == sign.role);
        let place = own.or_else(|| seats.iter().position(|seat| seat.signed.is_none() && seat.role == ANYBODY));
        match place.and_then(|at| seats.get_mut(at)) {
            Some(seat) => seat.signed = Some(signed),
            None => void.push(Void { act: act.id, person: signed.person, role: sign.role.clone(), why: "no seat of that role is free".to_owned() }),
        }
    }
    (seats, void)
}

/// Why a sign-off does not count now.
fn why_void(known: &Known<'_>, stage: &RunbookStage, (act, sign): (&GateAct, &SignOff), now: &Binding) -> Option<String> {
    let changed = sign.binding.changed(now);
    if !changed.is_empty() {
        let words: Vec<&str> = changed.into_iter().map(crate::domain::gate::Part::word).collect();
        return Some(format!("changed since: {}", words.join(", ")));
    }
    let Some(operator) = known.operators.iter().find(|o| same_person(&o.id, &act.actor)) else {
        return Some("is none of the operators in dualrun.toml".to_owned());
    };
    if !operator.may_sign_as(&sign.role) {
        return Some(format!("does not have the role {}", sign.role));
    }
    if let Some((_, why)) = known.barred.iter().find(|(person, _)| same_person(person, &act.actor)) {
        return Some(why.clone());
    }
    if act.at > known.now {
        return Some("signed in the future: a clock is wrong".to_owned());
    }
    let longest = stage.expires_seconds.map(|s| i64::try_from(s).ok().and_then(TimeDelta::try_seconds).unwrap_or(TimeDelta::MAX));
    if longest.is_some_and(|longest| known.now - act.at > longest) {
        return Some("expired".to_owned());
    }
    unsealed(known, (act, &sign.seal), operator, stage.signature)
}

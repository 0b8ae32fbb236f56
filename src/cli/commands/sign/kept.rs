//! `sign list`, `sign verify` and `sign export`: the sign-offs that are kept.

use super::{out, seen};
use crate::app::gates::{GateDesk, Kept, holds, standing, vouched, vouched_act};
use crate::app::standing::GatesStanding;
use crate::cli::Exit;
use crate::cli::atomic_file::Target;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::domain::gate::{GateDeed, Seal, SignOff};
use crate::domain::text::shown;
use crate::ports::signer::SignatureFault;
use crate::present::times;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::Path;

/// Whether a signature holds, where there is one.
type Verified = Option<Result<(), SignatureFault>>;

/// All sign-offs, with whether they count and why not. One that counts no more wants a look: exit code 1.
pub async fn list(context: &Context, desk: &GateDesk<'_>) -> Result<Exit, CliError> {
    let now = standing(desk).await?;
    let signed = vouched(desk).await?.into_iter().filter_map(|kept| Some((void(&kept, kept.signoff()?, &now), kept)));
    let all: Vec<(Kept, Option<String>)> = signed.map(|(void, kept)| (kept, void)).collect();
    if context.json() {
        let whole = |(kept, void): &(Kept, Option<String>)| with(with(object(kept), "counts", &json!(void.is_none())), "why", &json!(void));
        out::json(&json!({ "signoffs": all.iter().map(whole).collect::<Vec<_>>() }))?;
    } else if all.is_empty() {
        out::say("nobody signed yet");
    } else {
        let counts = |void: &Option<String>| void.as_ref().map_or_else(|| "counts".to_owned(), |why| format!("does not count: {}", shown(why, 200)));
        out::lines(all.iter().map(|(kept, void)| format!("{} · {}", head(kept), counts(void))))?;
    }
    let settled = |(kept, void): &(Kept, Option<String>)| kept.withdrawn.is_some() || void.is_none();
    Ok(if all.iter().all(settled) { Exit::Clean } else { Exit::Differences })
}

/// Why a sign-off does not count now; `None` where somebody sits in a seat by it.
fn void(kept: &Kept, signoff: &SignOff, now: &GatesStanding) -> Option<String> {
    if let Some((by, _)) = &kept.withdrawn {
        return Some(format!("taken back by {by}"));
    }
    let Some(stage) = now.stage(&signoff.stage) else { return Some("the runbook has no such stage".to_owned()) };
    if stage.seats.iter().filter_map(|seat| seat.signed.as_ref()).any(|signed| signed.act == kept.act.id) {
        return None;
    }
    let void = stage.void.iter().find(|void| void.act == kept.act.id);
    Some(void.map_or_else(|| "a later word of the same person stands".to_owned(), |void| void.why.clone()))
}

/// Verifies all. A signature that does not hold is exit code 1; so is it where nothing was signed.
pub async fn verify(context: &Context, desk: &GateDesk<'_>, allowed_signers: &Path) -> Result<Exit, CliError> {
    let verifier = context.wiring.verifier(allowed_signers);
    let all: Vec<(Kept, Verified)> =
        vouched(desk).await?.into_iter().map(|kept| (holds(&kept.act, verifier.as_ref()), kept)).map(|(v, k)| (k, v)).collect();
    let count = |is: fn(&Verified) -> bool| all.iter().filter(|(_, verified)| is(verified)).count();
    let (hold, attested) = (count(|v| matches!(v, Some(Ok(())))), count(Option::is_none));
    let broken = all.len() - hold - attested;
    if context.json() {
        let why = |v: &Verified| json!(v.as_ref().and_then(|v| v.as_ref().err()).map(ToString::to_string));
        let whole = |(kept, v): &(Kept, Verified)| with(with(object(kept), "holds", &json!(v.as_ref().map(Result::is_ok))), "why", &why(v));
        let (signoffs, others): (Vec<_>, Vec<_>) = all.iter().partition(|(kept, _)| kept.signoff().is_some());
        let [signoffs, others] = [signoffs, others].map(|of| of.into_iter().map(whole).collect::<Vec<Value>>());
        let by = allowed_signers.to_string_lossy();
        let counts = json!({ "allowed_signers": by, "hold": hold, "broken": broken, "attested": attested });
        out::json(&with(with(counts, "signoffs", &json!(signoffs)), "others", &json!(others)))?;
    } else {
        out::lines(all.iter().map(|(kept, verified)| format!("{} · {}", head(kept), verified_words(verified))))?;
        let others = if all.iter().all(|(kept, _)| kept.signoff().is_some()) { "" } else { " and other words" };
        out::say(&format!("{hold} of {} sign-offs{others} hold by signature, {attested} are by name only", all.len()));
    }
    Ok(if broken == 0 && !all.is_empty() { Exit::Clean } else { Exit::Differences })
}

/// Writes message and signature, and the command that checks them without dualrun.
pub async fn export(context: &Context, desk: &GateDesk<'_>, act: i64, (dir, allowed): (&Path, &Path)) -> Result<Exit, CliError> {
    let Kept { act, seal, .. } = vouched_act(desk, act).await?;
    let (Seal::Ssh { principal, signature, .. }, Some(message)) = (&seal, act.deed.message(&act.service, &act.actor)) else {
        return Err(CliError::Usage(format!("act {} is by name only: there is no signature to write", act.id)));
    };
    std::fs::create_dir_all(dir).map_err(|e| CliError::Usage(format!("--out {}: {e} — name a directory this user may make", path(dir))))?;
    let name = format!("{}-{}.txt", if matches!(act.deed, GateDeed::Sign(_)) { "signoff" } else { "act" }, act.id);
    let command = command(&name, allowed, principal, act.at);
    let files = [(name.clone(), message), (format!("{name}.sig"), signature.clone()), (format!("{name}.verify"), format!("{command}\n"))];
    for (name, text) in &files {
        let mut target = Target::open(&dir.join(name))?;
        target.write_all(text.as_bytes()).map_err(|e| target.error(&e))?;
        target.publish()?;
    }
    if context.json() {
        let names: Vec<&String> = files.iter().map(|(name, _)| name).collect();
        out::json(&json!({ "act": act.id, "directory": dir.to_string_lossy(), "files": names, "command": command }))?;
    } else {
        out::lines([command])?;
        out::say(&format!("wrote {name}, its signature and this command into {}; run it there", path(dir)));
    }
    Ok(Exit::Clean)
}

/// The keys are taken from the project, not from the export: who made it could have written them.
fn command(name: &str, allowed: &Path, principal: &str, at: DateTime<Utc>) -> String {
    let allowed = allowed.canonicalize().unwrap_or_else(|_| allowed.to_owned());
    let at = at.format("%Y%m%d%H%M%SZ");
    format!(
        "ssh-keygen -Y verify -f {} -I {} -n {} -Overify-time={at} -s {name}.sig < {name}",
        word(&allowed.to_string_lossy()),
        word(principal),
        SignOff::NAMESPACE
    )
}

/// A text as one word of a shell.
fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@:".contains(c);
    if !text.is_empty() && text.chars().all(plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

fn path(path: &Path) -> String {
    shown(&path.to_string_lossy(), 200)
}

fn head(Kept { act, withdrawn, .. }: &Kept) -> String {
    let back = withdrawn.as_ref().map_or_else(String::new, |(_, why)| format!(" · taken back: {}", shown(why, 160)));
    let who = shown(&act.actor, 60);
    let did = match &act.deed {
        GateDeed::Sign(signoff) => {
            let SignOff { stage, environment, role, .. } = signoff.as_ref();
            format!("{who} signed {} ({}) as {}", shown(stage, 60), shown(environment, 60), shown(role, 60))
        }
        GateDeed::WaiveCheck { stage, check, .. } => format!("{who} waived {}/{}", shown(stage, 60), shown(check, 60)),
        GateDeed::Confirm { act, .. } => format!("{who} agreed to act {act}"),
        other => format!("{who}: {}", seen::deed(other)),
    };
    format!("act {} {} · {did} · {}{back}", act.id, times::absolute(act.at), seen::seal_of(act))
}

fn verified_words(verified: &Verified) -> String {
    match verified {
        None => "nothing to verify".to_owned(),
        Some(Ok(())) => "the signature holds".to_owned(),
        Some(Err(fault)) => format!("DOES NOT HOLD: {fault}"),
    }
}

fn object(kept: &Kept) -> Value {
    let Kept { act, seal, withdrawn } = kept;
    let what = match kept.signoff() {
        Some(SignOff { stage, environment, role, binding, .. }) => {
            json!({ "stage": stage, "environment": environment, "role": role, "digest": binding.digest() })
        }
        None => json!({ "what": act.deed.journal_kind() }),
    };
    let back = withdrawn.as_ref().map(|(by, reason)| json!({ "by": by, "reason": reason }));
    [("act", json!(act.id)), ("at", json!(act.at)), ("by", json!(act.actor)), ("seal", json!(seal)), ("withdrawn", json!(back))]
        .iter()
        .fold(what, |object, (name, value)| with(object, name, value))
}

fn with(mut object: Value, name: &str, value: &Value) -> Value {
    object[name] = value.clone();
    object
}

//! `sign`: shows what a sign-off of a stage would be bound to, asks, and signs. A no-go and a withdrawal need no look.

mod kept;
mod seen;

use super::out;
use crate::app::gates::{GateDesk, Sealing, SignedOff, View, look, no_go, sign, withdraw};
use crate::cli::Exit;
use crate::cli::args::{SignArgs, SignCommand, SignWith, VouchWith};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::gate_setup;
use crate::config::Settings;
use crate::domain::gate::{GateAct, Seal};
use crate::domain::text::shown;
use crate::ports::signer::{KeyFrom, PassphraseFrom, Signer};
use serde_json::json;
use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Longest signature that is read from a file.
const LONGEST: u64 = 64 << 10;

/// Runs it.
pub async fn run(context: &Context, args: &SignArgs) -> Result<Exit, CliError> {
    let settings = context.settings()?;
    with_gates(context, &settings, args.wait, async |desk| match &args.command {
        Some(SignCommand::List) => kept::list(context, desk).await,
        Some(SignCommand::Verify { allowed_signers }) => {
            kept::verify(context, desk, allowed_signers.as_ref().unwrap_or(&settings.allowed_signers)).await
        }
        Some(SignCommand::Export { act, out }) => kept::export(context, desk, *act, (out, &settings.allowed_signers)).await,
        None => act(context, &settings, desk, args).await,
    })
    .await
}

/// Hands out the desk at which acts about gates are made.
pub(super) async fn with_gates<T>(
    context: &Context,
    settings: &Settings,
    wait: u64,
    work: impl AsyncFnOnce(&GateDesk<'_>) -> Result<T, CliError>,
) -> Result<T, CliError> {
    let (door, clock, actor) = (context.wiring.door(&settings.dir), context.wiring.clock(), context.actor(settings));
    let (setup, outside) = (gate_setup(settings), context.wiring.outside(settings));
    let desk = GateDesk {
        door: door.as_ref(),
        clock: clock.as_ref(),
        service: &settings.service.service,
        actor: &actor,
        setup: &setup,
        outside: outside.as_ref(),
        wait: Duration::from_secs(wait),
    };
    work(&desk).await
}

async fn act(context: &Context, settings: &Settings, desk: &GateDesk<'_>, args: &SignArgs) -> Result<Exit, CliError> {
    let (stage, environment) = (args.stage.as_deref().unwrap_or_default(), args.environment.as_deref());
    let reason = args.reason.as_deref().unwrap_or_default();
    if let Some(id) = args.withdraw {
        return said(context, &withdraw(desk, id, reason).await?, &format!("act {id} is taken back"));
    }
    if args.no_go {
        let act = no_go(desk, stage, environment, reason).await?;
        return said(context, &act, &format!("no-go for {}: it does not pass until act {} is taken back", shown(stage, 60), act.id));
    }
    let view = look(desk, stage, environment, args.role.as_deref()).await?;
    if args.message {
        out::bytes(view.signoff()?.message(desk.service, desk.actor).as_bytes())?;
        return Ok(Exit::Clean);
    }
    if !context.json() {
        out::lines(seen::lines(&view, context.now()))?;
    }
    let sealing = sealing(settings, &args.with);
    let signer = if view.refusals.is_empty() { sealing?.map(|from| context.wiring.signer(settings, from)) } else { None };
    if view.refusals.is_empty() && !args.yes {
        asked(&view, desk.actor)?;
    }
    let signed = sign(desk, &view, signer.as_deref().map_or(Sealing::Attested, Sealing::Signed)).await?;
    told(context, &view, &signed)
}

/// Vouches for a word that opens something, as it was asked: by the key that is named, by the agent where the runbook asks for a
/// signature, or by the name.
pub(super) fn vouching<'a>(with: &VouchWith, signer: Option<&'a dyn Signer>) -> Sealing<'a> {
    match signer {
        _ if with.attested => Sealing::Attested,
        Some(signer) if with.key.is_some() => Sealing::Signed(signer),
        signer => Sealing::WhereAsked(signer),
    }
}

/// The key that is named, else the agent that runs here.
pub(super) fn key_from(with: &VouchWith) -> Option<KeyFrom> {
    if let Some(path) = &with.key {
        let passphrase = with.passphrase_file.clone().map_or(PassphraseFrom::Terminal, PassphraseFrom::File);
        return Some(KeyFrom::File { path: path.clone(), passphrase });
    }
    let socket = std::env::var_os("SSH_AUTH_SOCK").filter(|socket| !socket.is_empty()).map(PathBuf::from);
    socket.map(|socket| KeyFrom::Agent { socket })
}

/// Where the signature comes from; `None` where a name alone shall do.
fn sealing(settings: &Settings, with: &SignWith) -> Result<Option<KeyFrom>, CliError> {
    if with.by.attested {
        return Ok(None);
    }
    if let Some(path) = &with.signature {
        return Ok(Some(KeyFrom::Made { signature: read_signature(path)? }));
    }
    let none = || {
        let signers = shown(&settings.allowed_signers.to_string_lossy(), 160);
        CliError::Usage(format!(
            "no ssh-agent runs here — write --key FILE (a key that {signers} lists for you), or --attested where the stage lets it"
        ))
    };
    key_from(&with.by).map(Some).ok_or_else(none)
}

fn read_signature(path: &Path) -> Result<String, CliError> {
    let name = || shown(&path.to_string_lossy(), 200);
    let failed = |e: std::io::Error| CliError::Usage(format!("--signature {}: {e} — name what ssh-keygen -Y sign wrote", name()));
    if std::fs::metadata(path).map_err(failed)?.len() > LONGEST {
        return Err(CliError::Usage(format!("--signature {}: larger than any signature", name())));
    }
    std::fs::read_to_string(path).map_err(failed)
}

/// Asks at the terminal. Anything but `y` signs nothing.
fn asked(view: &View, actor: &str) -> Result<(), CliError> {
    if !std::io::stdin().is_terminal() {
        return Err(CliError::Usage("nobody can be asked here — look with --message, then write --yes".to_owned()));
    }
    let (stage, role) = (shown(&view.stage.id, 60), shown(view.role.as_deref().unwrap_or_default(), 60));
    let question = format!("{} signs GO for {stage} as {role}, bound to what is shown above. y or n? ", shown(actor, 60));
    let mut answer = String::new();
    let mut stderr = std::io::stderr();
    let answered = stderr.write_all(question.as_bytes()).and_then(|()| stderr.flush()).and_then(|()| std::io::stdin().lock().read_line(&mut answer));
    match answered {
        Ok(_) if answer.trim().eq_ignore_ascii_case("y") => Ok(()),
        _ => Err(CliError::Usage("not answered with y: nothing was signed".to_owned())),
    }
}

fn told(context: &Context, view: &View, signed: &SignedOff) -> Result<Exit, CliError> {
    let (act, seal) = (&signed.act, seen::seal_of(&signed.act));
    if context.json() {
        let meanwhile: Vec<i64> = signed.meanwhile.iter().map(|act| act.id).collect();
        out::json(&json!({ "act": act, "digest": view.standing.binding.digest(), "seen": seen::object(view), "meanwhile": meanwhile }))?;
        return Ok(Exit::Clean);
    }
    for other in &signed.meanwhile {
        out::say(&format!("meanwhile {}: {} (act {}) — nothing of what you saw", shown(&other.actor, 60), seen::deed(&other.deed), other.id));
    }
    let (who, stage, role) = (shown(&act.actor, 60), shown(&view.stage.id, 60), shown(view.role.as_deref().unwrap_or_default(), 60));
    out::lines([format!("act {}: {who} signed {stage} as {role} · {seal}", act.id)])?;
    Ok(Exit::Clean)
}

fn said(context: &Context, act: &GateAct, words: &str) -> Result<Exit, CliError> {
    if context.json() {
        out::json(&json!({ "act": act }))?;
    } else {
        out::lines([format!("act {}: {words}", act.id)])?;
    }
    Ok(Exit::Clean)
}

/// A seal in a few words.
pub(super) fn seal_words(seal: &Seal) -> String {
    match seal {
        Seal::Attested => "ATTESTED by name only, no signature".to_owned(),
        Seal::Ssh { principal, fingerprint, .. } => format!("signed by key {} of {}", shown(fingerprint, 60), shown(principal, 80)),
    }
}

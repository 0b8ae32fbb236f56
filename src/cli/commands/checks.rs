//! `gates …`. `run`, `attest`, `check`: the runbook's checks, made, said, and looked at before they are made.

use super::{opening, out};
use crate::app::gates::{Asking, Chosen, Made, Prepared, attest, observe, prepare, runbook_of, select};
use crate::cli::args::{GatesAttestArgs, GatesCommand, GatesRunArgs};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::{Exit, signals};
use crate::domain::gate::{CheckKind, Outcome, Runbook};
use crate::domain::text::shown;
use crate::present::words::{Signs, outcome_label, outcome_sign};
use crate::report::evidence;
use serde_json::json;
use std::time::Duration;

/// Runs one of them.
pub async fn run(context: &Context, command: &GatesCommand) -> Result<Exit, CliError> {
    match command {
        GatesCommand::Run(args) => make(context, args).await,
        GatesCommand::Attest(args) => say(context, args).await,
        GatesCommand::Check => look(context).await,
        GatesCommand::Waive(args) => opening::waive(context, args).await,
        GatesCommand::Confirm(args) => opening::agree(context, args).await,
        GatesCommand::BreakGlass(args) => opening::break_open(context, args).await,
    }
}

/// Makes checks. Any that counts and does not pass is exit code 1, and so is none at all.
async fn make(context: &Context, args: &GatesRunArgs) -> Result<Exit, CliError> {
    let cancel = signals::cancel_on_signal();
    let settings = context.settings()?;
    let runbook = runbook_of(settings.runbook.as_ref())?;
    let chosen = select(runbook, &args.what)?;
    let environment = environment(runbook, args.environment.as_deref())?;
    let project = context.project(&settings)?;
    let asking = Asking { environment, wait: Duration::from_secs(args.wait) };
    let mut written = Ok(());
    let mut tell = |made: &Made| {
        if !context.json() && written.is_ok() {
            written = out::lines(evidence::lines(&made.check, &made.evidence));
        }
    };
    let made = observe(&project, &chosen, asking, &cancel, &mut tell).await?;
    written?;
    let manual: Vec<String> = chosen.iter().filter(|c| matches!(c.check.kind, CheckKind::Manual(_))).map(place).collect();
    if context.json() {
        let checks: Vec<_> = made.iter().map(|m| evidence::object(&m.check, &m.evidence, &m.act)).collect();
        out::json(&json!({ "environment": environment, "checks": checks, "manual": manual }))?;
    } else {
        for name in &manual {
            out::say(&format!("{name} is a person's word — dualrun gates attest {name} --note TEXT"));
        }
        if made.is_empty() {
            out::say("no check was made: nothing is proven");
        }
    }
    let passes = !made.is_empty() && made.iter().filter(|m| !m.check.observe_only).all(|m| m.evidence.outcome.opens());
    Ok(if passes { Exit::Clean } else { Exit::Differences })
}

fn place(chosen: &Chosen<'_>) -> String {
    format!("{}/{}", chosen.stage.id, chosen.check.id)
}

/// The environment asked for, which some stage must ask about; else the runbook's own.
fn environment<'a>(runbook: &'a Runbook, asked: Option<&'a str>) -> Result<&'a str, CliError> {
    let Some(asked) = asked else { return Ok(&runbook.environment) };
    let mut known: Vec<&str> = runbook.stages.iter().flat_map(|s| s.environments.iter().map(String::as_str)).collect();
    known.push(&runbook.environment);
    known.sort_unstable();
    known.dedup();
    if known.contains(&asked) {
        return Ok(asked);
    }
    Err(CliError::Usage(format!("no stage asks about the environment {} — the runbook names {}", shown(asked, 60), known.join(", "))))
}

/// Keeps a person's word.
async fn say(context: &Context, args: &GatesAttestArgs) -> Result<Exit, CliError> {
    let settings = context.settings()?;
    let runbook = runbook_of(settings.runbook.as_ref())?;
    if !args.what.contains('/') {
        return Err(CliError::Usage("name one check — dualrun gates attest STAGE/CHECK --note TEXT".to_owned()));
    }
    let chosen = select(runbook, std::slice::from_ref(&args.what))?;
    let Some(Chosen { stage, check }) = chosen.first() else { return Ok(Exit::Differences) };
    let environment = environment(runbook, args.environment.as_deref())?;
    let project = context.project(&settings)?;
    let attached = args.attach.as_deref().map(std::path::absolute).transpose();
    let attached = attached.map_err(|e| CliError::Usage(format!("--attach: {e}")))?;
    let asking = Asking { environment, wait: Duration::from_secs(args.wait) };
    let made = attest(&project, (&stage.id, check), (&args.note, !args.fails, attached.as_deref()), asking).await?;
    if context.json() {
        out::json(&evidence::object(&made.check, &made.evidence, &made.act))?;
    } else {
        out::lines(evidence::lines(&made.check, &made.evidence))?;
    }
    Ok(if made.evidence.outcome.opens() { Exit::Clean } else { Exit::Differences })
}

/// Looks at the checks without making them.
async fn look(context: &Context) -> Result<Exit, CliError> {
    let cancel = signals::cancel_on_signal();
    let settings = context.settings()?;
    let runbook = runbook_of(settings.runbook.as_ref())?;
    let project = context.project(&settings)?;
    let prepared = prepare(&project, &select(runbook, &[])?, &cancel).await?;
    if context.json() {
        let object = |p: &Prepared| json!({ "stage": p.stage, "check": p.check, "outcome": p.outcome, "what": p.what });
        out::json(&json!({ "runbook": runbook.name, "stages": runbook.stages.len(), "checks": prepared.iter().map(object).collect::<Vec<_>>() }))?;
    } else {
        let checks: usize = runbook.stages.iter().map(|s| s.checks.len()).sum();
        out::lines([format!("{} · {} stages · {checks} checks", shown(&runbook.name, 80), runbook.stages.len())])?;
        out::lines(prepared.iter().map(|p| {
            let sign = outcome_sign(p.outcome.word(), Signs::Unicode);
            let place = format!("{}/{}", p.stage, p.check);
            format!("{sign} {:<12} {place:<34} {}", outcome_label(p.outcome.word()), shown(&p.what, 200))
        }))?;
    }
    // What nobody could be asked about is told apart from what is wrong.
    let worst = prepared.iter().map(|p| p.outcome).filter(|outcome| !matches!(outcome, Outcome::Pass | Outcome::NotRun)).max();
    Ok(match worst {
        None => Exit::Clean,
        Some(_) if prepared.iter().any(|p| p.outcome == Outcome::Error) => Exit::Refused,
        Some(_) => Exit::Differences,
    })
}

//! `report dossier`: all of a cutover as an evidence pack of plain files.

use super::out;
use crate::app::dossier::{Contents, Written, write};
use crate::cli::Exit;
use crate::cli::args::ReportArgs;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::gate_setup;
use crate::config::Settings;
use crate::domain::dossier::file;
use crate::domain::text::shown;
use crate::present::numbers;
use serde_json::json;
use std::io::ErrorKind;
use std::path::Path;
use tokio_util::sync::CancellationToken;

/// Writes it: whole under its name, or nothing.
pub async fn run(context: &Context, args: &ReportArgs, cancel: &CancellationToken) -> Result<Exit, CliError> {
    if args.run.is_some() || args.period.is_some() || args.filter.is_some() {
        return Err(CliError::Usage("a dossier holds every run that counts — leave --run, --period and --filter out".to_owned()));
    }
    if args.out == Path::new("-") {
        return Err(CliError::Usage("a dossier is a folder — name a new one: --out DIR".to_owned()));
    }
    let settings = context.settings()?;
    let store = context.workspace(&settings.dir).await?;
    let (setup, outside, actor) = (gate_setup(&settings), context.wiring.outside(&settings), context.actor(&settings));
    let texts = texts(&settings)?;
    let contents = Contents {
        service: &settings.service.service,
        actor: &actor,
        gates: &setup,
        outside: outside.as_ref(),
        coverage_floor: settings.coverage_floor,
        inertness_digest: &settings.inertness_digest,
        texts: &texts,
        now: context.now(),
    };
    let name = shown(&args.out.to_string_lossy(), 200);
    let failed = |e: std::io::Error| CliError::Write(format!("--out {name}: {e} — name a new folder where this user may write; nothing was written"));
    let mut sink = context.wiring.new_dossier(&args.out).map_err(failed)?;
    let Written { manifest, rows } = write(store.as_ref(), &contents, sink.as_mut(), cancel).await?;
    sink.publish().map_err(failed)?;
    let files = manifest.files.len();
    if context.json() {
        let head = json!({ "length": manifest.journal.length, "head": manifest.journal.hash });
        out::json(&json!({ "dossier": name, "files": files, "rows": rows, "digest": manifest.digest, "journal": head }))?;
    } else {
        out::lines([
            format!("dossier in {name}: {files} files, {}", numbers::counted(rows, "row", "rows")),
            format!("digest   {}", manifest.digest),
            format!("journal  {} entries, head {}", manifest.journal.length, manifest.journal.hash),
            "keep the digest elsewhere; whoever has the folder verifies it: dualrun verify DIR".to_owned(),
        ])?;
    }
    Ok(Exit::Clean)
}

/// The files that are taken as they are. Nothing secret is in any of them: the configuration refuses secrets written out.
fn texts(settings: &Settings) -> Result<Vec<(&'static str, Vec<u8>)>, CliError> {
    let mut texts = vec![(file::CONFIGURATION, settings.canonical().map_err(CliError::unexpected)?.into_bytes())];
    let runbook = settings.runbook.is_some().then_some((file::RUNBOOK_TEXT, &settings.runbook_path, true));
    let wanted = [(file::CONFIGURATION_TEXT, &settings.path, true), (file::ALLOWED_SIGNERS, &settings.allowed_signers, false)];
    for (name, path, must) in wanted.into_iter().chain(runbook) {
        match std::fs::read(path) {
            Ok(bytes) => texts.push((name, bytes)),
            Err(e) if e.kind() == ErrorKind::NotFound && !must => {}
            Err(e) => return Err(CliError::Usage(format!("{}: {e}", shown(&path.to_string_lossy(), 200)))),
        }
    }
    Ok(texts)
}

//! `init`: a commented `dualrun.toml` and a `runbook.toml`, each with its JSON schema. Overwrites nothing. Asked for nothing in
//! particular on a terminal, it is an assistant there.

use super::{out, tui};
use crate::cli::args::{InitArgs, InitKind};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::{Exit, Opening, Started, WriteProject};
use crate::config;
use crate::domain::text::shown;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Writes them, or opens the assistant that does.
pub async fn run(context: &Context, args: &InitArgs) -> Result<Exit, CliError> {
    let asks_for_nothing = args.dir.is_none() && args.kind.is_none() && args.runbook.is_none();
    if asks_for_nothing && tui::can_draw() && !context.json() {
        return assistant(context).await;
    }
    write(context, args)
}

/// Asks in the terminal; where everything is there in the end, goes on to the first reconciliation.
async fn assistant(context: &Context) -> Result<Exit, CliError> {
    let dir = context.global.directory.clone();
    let place = std::path::absolute(&dir).map_err(|e| CliError::Usage(format!("{}: {e}", name(&dir))))?;
    absent(&place.join(config::FILE_NAME))?;
    let to = place.clone();
    let write: WriteProject = Arc::new(move |text| {
        config::of_text(text, &to).map_err(|e| e.to_string())?;
        let files = project_files(&to, text, config::runbook_template()).map_err(|e| e.to_string())?;
        keep(&to, &files).map_err(|e| e.to_string())?;
        Ok(files.iter().map(|(path, _)| name(path)).collect())
    });
    if context.wiring.assistant(&place, (context.asked(), &context.user()?), write).await? == Started::Reconcile {
        return tui::run(&context.in_dir(place), Opening::AskMonth).await;
    }
    Ok(Exit::Clean)
}

fn write(context: &Context, args: &InitArgs) -> Result<Exit, CliError> {
    let dir = args.dir.as_deref().unwrap_or(&context.global.directory);
    let runbook = match &args.runbook {
        None => config::runbook_template(),
        Some(name) => {
            let known = config::runbooks();
            let found = known.iter().find(|(word, _)| word == name).map(|(_, text)| *text);
            let names = known.map(|(word, _)| word).join(", ");
            found.ok_or_else(|| CliError::Usage(format!("there is no runbook {} — there are {names}", shown(name, 60))))?
        }
    };
    let template = match args.kind {
        None | Some(InitKind::Postgres) => config::template().to_owned(),
        Some(InitKind::Sqlite) => for_sqlite(config::template()),
    };
    let mut files = project_files(dir, &template, runbook)?;
    // A project that is there already may still take a runbook over.
    if args.runbook.is_some() && dir.join(config::FILE_NAME).symlink_metadata().is_ok() {
        files.drain(..2);
    }
    keep(dir, &files)?;
    for (path, _) in &files {
        out::say(&format!("wrote {}", name(path)));
    }
    out::say("next: fill in dualrun.toml and runbook.toml, then dualrun doctor and dualrun gates check");
    Ok(Exit::Clean)
}

/// The files of a project: configuration and runbook, each with its schema.
fn project_files(dir: &Path, configuration: &str, runbook: &str) -> Result<Vec<(PathBuf, String)>, CliError> {
    Ok(vec![
        (dir.join(config::FILE_NAME), configuration.to_owned()),
        (dir.join(config::SCHEMA_FILE_NAME), pretty(&config::schema())?),
        (dir.join(config::RUNBOOK_NAME), runbook.to_owned()),
        (dir.join(config::RUNBOOK_SCHEMA_NAME), pretty(&config::runbook_schema())?),
    ])
}

/// Writes all of them, or none where one is there already.
fn keep(dir: &Path, files: &[(PathBuf, String)]) -> Result<(), CliError> {
    std::fs::create_dir_all(dir).map_err(|e| CliError::Usage(format!("{}: {e} — name a directory this user may make", name(dir))))?;
    files.iter().try_for_each(|(path, _)| absent(path))?;
    files.iter().try_for_each(|(path, text)| write_new(path, text))
}

fn absent(path: &Path) -> Result<(), CliError> {
    if path.symlink_metadata().is_ok() {
        return Err(CliError::Usage(format!("{} is there already and stays as it is — move it away, or init another directory", name(path))));
    }
    Ok(())
}

fn pretty(schema: &serde_json::Value) -> Result<String, CliError> {
    Ok(serde_json::to_string_pretty(schema).map_err(CliError::unexpected)? + "\n")
}

/// The same template with both sides in SQLite files: the keys that only a server has become comments.
fn for_sqlite(template: &str) -> String {
    const SERVER_KEYS: [&str; 4] = ["host = ", "database = ", "user = ", "password = "];
    let mut side = "";
    let mut lines = Vec::new();
    for line in template.lines() {
        match line {
            "[source]" => side = "source",
            "[target]" => side = "target",
            _ => {}
        }
        lines.push(if line == "kind = \"postgres\"" {
            format!(
                "kind = \"sqlite\"
path = \"{side}.db\"
"
            )
        } else if SERVER_KEYS.iter().any(|key| line.starts_with(key)) {
            format!(
                "#{line}
"
            )
        } else {
            format!(
                "{line}
"
            )
        });
    }
    lines.concat()
}

fn write_new(path: &Path, text: &str) -> Result<(), CliError> {
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().map_err(|e: std::io::Error| CliError::Usage(format!("{}: {e} — name a directory this user may write", name(path))))
}

fn name(path: &Path) -> String {
    shown(&path.to_string_lossy(), 200)
}

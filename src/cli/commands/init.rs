//! `init`: a commented `dualrun.toml` and a `runbook.toml`, each with its JSON schema. Overwrites nothing.

use super::out;
use crate::cli::Exit;
use crate::cli::args::{InitArgs, InitKind};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::config;
use crate::domain::text::shown;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

/// Writes them.
pub fn run(context: &Context, args: &InitArgs) -> Result<Exit, CliError> {
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
    std::fs::create_dir_all(dir).map_err(|e| CliError::Usage(format!("{}: {e} — name a directory this user may make", name(dir))))?;
    let template = match args.kind {
        InitKind::Postgres => config::template().to_owned(),
        InitKind::Sqlite => for_sqlite(config::template()),
    };
    let mut files =
        vec![(dir.join(config::RUNBOOK_NAME), runbook.to_owned()), (dir.join(config::RUNBOOK_SCHEMA_NAME), pretty(&config::runbook_schema())?)];
    // A project that is there already may still take a runbook over.
    let is_there = dir.join(config::FILE_NAME).symlink_metadata().is_ok();
    if !(is_there && args.runbook.is_some()) {
        files.insert(0, (dir.join(config::FILE_NAME), template));
        files.insert(1, (dir.join(config::SCHEMA_FILE_NAME), pretty(&config::schema())?));
    }
    for (path, _) in &files {
        if path.symlink_metadata().is_ok() {
            return Err(CliError::Usage(format!("{} is there already and stays as it is — move it away, or init another directory", name(path))));
        }
    }
    for (path, text) in &files {
        write_new(path, text)?;
    }
    for (path, _) in &files {
        out::say(&format!("wrote {}", name(path)));
    }
    out::say("next: fill in dualrun.toml and runbook.toml, then dualrun doctor and dualrun gates check");
    Ok(Exit::Clean)
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

//! `init`: a commented `dualrun.toml` and its JSON schema. Overwrites nothing.

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

/// Writes both files.
pub fn run(context: &Context, args: &InitArgs) -> Result<Exit, CliError> {
    let dir = args.dir.as_deref().unwrap_or(&context.global.directory);
    std::fs::create_dir_all(dir).map_err(|e| CliError::Usage(format!("{}: {e} — name a directory this user may make", name(dir))))?;
    let (file, schema) = (dir.join(config::FILE_NAME), dir.join(config::SCHEMA_FILE_NAME));
    for path in [&file, &schema] {
        if path.symlink_metadata().is_ok() {
            return Err(CliError::Usage(format!("{} is there already and stays as it is — move it away, or init another directory", name(path))));
        }
    }
    let template = match args.kind {
        InitKind::Postgres => config::template().to_owned(),
        InitKind::Sqlite => for_sqlite(config::template()),
    };
    write_new(&file, &template)?;
    let text = serde_json::to_string_pretty(&config::schema()).map_err(CliError::unexpected)?;
    write_new(&schema, &(text + "\n"))?;
    for path in [&file, &schema] {
        out::say(&format!("wrote {}", name(path)));
    }
    out::say("next: fill in dualrun.toml, then dualrun doctor");
    Ok(Exit::Clean)
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

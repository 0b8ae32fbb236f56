//! `cases run`: worked cases replayed against the engine, from a file or a folder of files.

use super::out;
use crate::cases::{self, Case, Outcome};
use crate::cli::Exit;
use crate::cli::args::CasesRunArgs;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::domain::text::shown;
use std::path::{Path, PathBuf};

/// A case that does not hold is a difference; a file that holds no cases is an error.
pub fn run(context: &Context, args: &CasesRunArgs) -> Result<Exit, CliError> {
    let mut cases = Vec::new();
    for file in files(&args.path)? {
        cases.extend(read(&file)?);
    }
    if cases.is_empty() {
        return Err(wrong(&args.path, "no cases in it — name a file of cases, or a folder of such files (*.json)"));
    }
    let outcome = cases::run(&cases);
    if context.json() {
        out::json(&outcome)?;
    } else {
        out::lines(lines(&outcome))?;
    }
    Ok(if outcome.holds() { Exit::Clean } else { Exit::Differences })
}

fn wrong(path: &Path, what: impl std::fmt::Display) -> CliError {
    CliError::Usage(format!("{}: {what}", shown(&path.to_string_lossy(), 200)))
}

/// The file, or the `*.json` of the folder in order of their names.
fn files(path: &Path) -> Result<Vec<PathBuf>, CliError> {
    let told = |e: std::io::Error| wrong(path, e);
    if !std::fs::metadata(path).map_err(told)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = std::fs::read_dir(path).map_err(told)?.map(|entry| entry.map(|e| e.path()));
    let mut files = entries.collect::<Result<Vec<PathBuf>, std::io::Error>>().map_err(told)?;
    files.retain(|file| file.extension().is_some_and(|e| e.eq_ignore_ascii_case("json")));
    files.sort();
    Ok(files)
}

fn read(file: &Path) -> Result<Vec<Case>, CliError> {
    let text = std::fs::read_to_string(file).map_err(|e| wrong(file, e))?;
    cases::read(&text).map_err(|e| wrong(file, e))
}

fn lines(outcome: &Outcome) -> Vec<String> {
    let mut lines = vec![format!("{} cases: {} hold, {} fail, {} unknown", outcome.total, outcome.hold, outcome.fail.len(), outcome.unknown.len())];
    let value = |value: &serde_json::Value| shown(&value.to_string(), 400);
    lines.extend(outcome.fail.iter().map(|failure| {
        let got = failure.why.as_ref().map_or_else(|| format!("got {}", value(&failure.got)), |why| shown(why, 200));
        format!("{}: expected {}, {got}", shown(&failure.id, 80), value(&failure.expected))
    }));
    if !outcome.unknown.is_empty() {
        let ids: Vec<String> = outcome.unknown.iter().map(|id| shown(id, 80)).collect();
        let names: Vec<String> = outcome.unknown_operations.iter().map(|name| shown(name, 80)).collect();
        lines.push(format!("of operations that are not known ({}): {}", names.join(", "), ids.join(", ")));
    }
    lines
}

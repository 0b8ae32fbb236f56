//! `explain ID --export DIR`: the ratings of rows as cases that `cases run` replays.

use crate::app::explain::export::{Golden, NotKept, keep as write};
use crate::cli::commands::out;
use crate::cli::error::CliError;
use crate::domain::text::shown;
use crate::report::json_text;
use std::path::Path;

pub(super) use crate::app::explain::export::golden;

/// Writes them, and says where.
pub(super) fn keep(folder: &Path, cases: &[Golden], force: bool) -> Result<(), CliError> {
    let mut files: Vec<(String, String)> = Vec::new();
    for Golden { name, case } in cases {
        // One subscription may be named twice.
        if files.iter().all(|(known, _)| known != name) {
            files.push((name.clone(), json_text::file(case).map_err(CliError::unexpected)?));
        }
    }
    let paths = write(folder, &files, force).map_err(|error| match error {
        NotKept::Differs { .. } => CliError::Usage(error.to_string()),
        NotKept::Io { .. } => CliError::Write(error.to_string()),
    })?;
    for path in paths {
        out::say(&format!("case in {}", shown(&path.to_string_lossy(), 200)));
    }
    Ok(())
}

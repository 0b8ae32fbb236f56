//! What every check over files asks first: are they there.

use super::Judged;
use crate::domain::gate::{FileSeen, Outcome};

/// Why files cannot be judged at all: they could not be read, or there are none.
pub(super) fn there<'a>(what: &str, files: &'a Result<Vec<FileSeen>, String>) -> Result<&'a [FileSeen], Judged> {
    match files {
        Err(why) => Err(Judged::new(Outcome::Error, why)),
        Ok(files) if files.is_empty() => Err(Judged::new(Outcome::Fail, format!("no {what} is there"))),
        Ok(files) => Ok(files),
    }
}

/// `reports/a.xml 3f2a… 2026-05-01 10:00:00Z`.
pub(super) fn line(file: &FileSeen) -> String {
    let digest = file.digest.get(..12).unwrap_or(&file.digest);
    format!("{} ({digest}, {})", file.path, file.modified.format("%Y-%m-%d %H:%M:%SZ"))
}

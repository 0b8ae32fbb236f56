//! Writes the table as it is seen into a file of the project: the same rows, order and columns, by the same writers as `dualrun report`.

use crate::app::error::AppError;
use crate::app::progress::{Observer, Progress};
use crate::app::project::Project;
use crate::app::rows::Rows;
use crate::app::told::told;
use crate::domain::text::shown;
use crate::ports::workspace::StoreError;
use crate::present::filter;
use crate::report::csv::CsvReport;
use crate::report::json::JsonLinesReport;
use crate::report::{Facts, ReportWriter};
use crate::tui::model::job::WriteAsked;
use crate::tui::model::palette::FileKind;
use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::NamedTempFile;
use tokio_util::sync::CancellationToken;

/// Where such files go, in the project's directory.
const EXPORTS: &str = "exports";
/// Files of one name at most.
const NAMES: u32 = 1_000;

/// Writes them; how many rows, and into which file, which is there whole or not at all.
pub(super) async fn write(
    project: &Project,
    asked: &WriteAsked,
    observer: &Arc<dyn Observer>,
    cancel: &CancellationToken,
) -> Result<(u64, PathBuf), AppError> {
    let store = project.door.read().await?.ok_or_else(|| AppError::Usage("the workspace is gone — read it again".to_owned()))?;
    let run = store.run(asked.run).await?;
    let (month, all) = (run.request.month, run.tally.counts.total());
    let today = project.profile.zone.day_of(project.clock.now());
    let told = told(store.as_ref(), run, (today, &project.gates.operators)).await?;
    let text = filter::to_text(&asked.filter);
    let facts = Facts { filter: Some(text.as_str()).filter(|t| !t.is_empty()), ..Facts::of(&told) };
    let folder = project.dir.join(EXPORTS);
    let failed = |why: io::Error| AppError::Usage(format!("{}: {why} — no file is left of it", shown(&folder.to_string_lossy(), 200)));
    fs::create_dir_all(&folder).map_err(failed)?;
    let mut out = BufWriter::new(temporary(&folder).map_err(failed)?);
    let mut rows = 0;
    {
        let mut writer = writer(asked, &mut out, &facts);
        writer.begin().map_err(failed)?;
        let rows_asked = Rows { run: asked.run, filter: asked.filter.clone(), sort: asked.sort };
        let written = rows_asked.each(store.as_ref(), |some| {
            if cancel.is_cancelled() {
                return Err(Stop::Cancelled);
            }
            writer.rows(some).map_err(Stop::Writing)?;
            rows += some.len() as u64;
            observer.hear(Progress::Judged { keys: rows, of: all, rows });
            Ok(())
        });
        match written.await {
            Ok(()) => {}
            Err(Stop::Store(error)) => return Err(error.into()),
            Err(Stop::Writing(error)) => return Err(failed(error)),
            Err(Stop::Cancelled) => return Err(AppError::Stopped("writing; no file is left of it".to_owned())),
        }
        writer.end().map_err(failed)?;
    }
    let file = out.into_inner().map_err(|e| failed(e.into_error()))?;
    let path = publish(file, &folder, &format!("rows-{month}"), asked.kind.extension()).map_err(failed)?;
    Ok((rows, path))
}

enum Stop {
    Store(StoreError),
    Writing(io::Error),
    Cancelled,
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

fn writer<'a>(asked: &WriteAsked, out: &'a mut BufWriter<NamedTempFile>, facts: &Facts<'_>) -> Box<dyn ReportWriter + Send + 'a> {
    match asked.kind {
        FileKind::Csv => Box::new(CsvReport::of(out, facts, &asked.columns)),
        FileKind::JsonLines => Box::new(JsonLinesReport::of(out, facts, &asked.columns)),
    }
}

fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    tempfile::Builder::new().prefix(".dualrun-").suffix(".tmp").tempfile_in(folder)
}

/// Gives the file the first name that is free: nothing is written over.
fn publish(file: NamedTempFile, folder: &Path, stem: &str, extension: &str) -> io::Result<PathBuf> {
    file.as_file().sync_all()?;
    let mut file = file;
    for n in 1..=NAMES {
        let name = if n == 1 { format!("{stem}.{extension}") } else { format!("{stem}-{n}.{extension}") };
        let path = folder.join(name);
        match file.persist_noclobber(&path) {
            Ok(_) => return File::open(folder)?.sync_all().map(|()| path),
            Err(error) if error.error.kind() == ErrorKind::AlreadyExists => file = error.file,
            Err(error) => return Err(error.error),
        }
    }
    Err(io::Error::new(ErrorKind::AlreadyExists, "too many files of that name are there already"))
}

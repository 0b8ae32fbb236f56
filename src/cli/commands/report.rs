//! `report`: a stored run as a file. Rows come some at a time, so the memory needed does not grow with the run.

use super::standing::chosen;
use super::{dossier, out};
use crate::app::rows::Rows;
use crate::app::told::told;
use crate::cli::args::{ReportArgs, ReportKind};
use crate::cli::atomic_file::Target;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::{Exit, signals};
use crate::ports::workspace::{RowFilter, RowLine, Sort, StoreError, Workspace};
use crate::present::filter;
use crate::report::csv::CsvReport;
use crate::report::json::{JsonLinesReport, JsonReport};
use crate::report::text::{FILE_WIDTH, TextReport};
use crate::report::{Facts, ReportWriter};
use std::io::Write;
use tokio_util::sync::CancellationToken;

/// Writes it.
pub async fn run(context: &Context, args: &ReportArgs) -> Result<Exit, CliError> {
    let cancel = signals::cancel_on_signal();
    if args.kind == ReportKind::Dossier {
        return dossier::run(context, args, &cancel).await;
    }
    let settings = context.settings()?;
    let wanted = args.filter.as_deref().map_or_else(|| Ok(RowFilter::default()), filter::parse);
    let wanted = wanted.map_err(|e| CliError::Usage(format!("--filter {e}")))?;
    let store = context.workspace(&settings.dir).await?;
    let run = chosen(store.as_ref(), &settings, (args.run, args.period.as_deref()), context.now()).await?;
    let loaded = told(store.as_ref(), run, (context.today(&settings), &settings.operators)).await?;
    let facts = Facts { filter: args.filter.as_deref(), ..Facts::of(&loaded) };
    let mut target = Target::open(&args.out)?;
    let width = if target.is_stdout() { out::width() } else { FILE_WIDTH };
    let written = {
        let mut writer = writer(args.kind, &mut target, facts, width);
        write_rows(writer.as_mut(), store.as_ref(), loaded.run.id, wanted, &cancel).await
    };
    match written {
        Ok(rows) => {
            let to_file = !target.is_stdout();
            target.publish()?;
            if to_file {
                out::say(&format!("wrote {rows} rows of run #{}", loaded.run.id));
            }
            Ok(Exit::Clean)
        }
        Err(Stopped::Writing(error)) => Err(target.error(&error)),
        Err(Stopped::Early(error)) => Err(error),
    }
}

enum Stopped {
    Writing(std::io::Error),
    Early(CliError),
}

impl From<StoreError> for Stopped {
    fn from(error: StoreError) -> Self {
        Self::Early(error.into())
    }
}

impl From<std::io::Error> for Stopped {
    fn from(error: std::io::Error) -> Self {
        Self::Writing(error)
    }
}

fn writer<'a>(kind: ReportKind, out: &'a mut (impl Write + Send), facts: Facts<'a>, width: usize) -> Box<dyn ReportWriter + Send + 'a> {
    match kind {
        // A dossier is no writing of rows: it went its own way before.
        ReportKind::Text | ReportKind::Dossier => Box::new(TextReport::new(out, facts, width)),
        ReportKind::Csv => Box::new(CsvReport::new(out, &facts)),
        ReportKind::Json => Box::new(JsonReport::new(out, facts)),
        ReportKind::Jsonl => Box::new(JsonLinesReport::new(out, &facts)),
    }
}

async fn write_rows(
    writer: &mut (dyn ReportWriter + Send),
    store: &dyn Workspace,
    run: i64,
    filter: RowFilter,
    cancel: &CancellationToken,
) -> Result<u64, Stopped> {
    writer.begin()?;
    let mut written = 0;
    let look = |rows: &[RowLine]| {
        if cancel.is_cancelled() {
            return Err(Stopped::Early(CliError::Write("stopped; nothing was written".to_owned())));
        }
        writer.rows(rows)?;
        written += u64::try_from(rows.len()).unwrap_or(u64::MAX);
        Ok(())
    };
    Rows { run, filter, sort: Sort::default() }.each(store, look).await?;
    writer.end()?;
    Ok(written)
}

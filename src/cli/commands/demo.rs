//! `demo`: builds the demo, compares its months and opens the terminal on it.

use super::{out, tui};
use crate::app::reconcile::{ReconcileOptions, reconcile};
use crate::cli::args::DemoArgs;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::{DemoBook, DemoPlan, Exit, Opening, bug, progress, signals};
use crate::domain::period::Month;
use crate::domain::text::shown;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Runs it. Without `--dir` it lives in a private temporary directory that is removed at the end.
pub async fn run(context: &Context, args: &DemoArgs) -> Result<Exit, CliError> {
    let scripts = scripts(args)?;
    if args.setup_only && args.dir.is_none() && scripts.is_none() {
        return Err(CliError::Usage("--setup-only builds and leaves: it needs to know where — add --dir DIR".to_owned()));
    }
    let mut temporary = None;
    let dir = match &args.dir {
        Some(dir) => Some(dir.clone()).filter(|d| scripts.as_ref() != Some(d)),
        None if args.setup_only || scripts.is_some() => None,
        None => Some(private(&mut temporary)?),
    };
    let leaves = args.setup_only || scripts.is_some();
    let built = context.wiring.demo(&plan(args, dir.clone(), scripts.clone())).await?;
    if let Some(expected) = &built.expected {
        out::lines([expected])?;
    }
    let Some(dir) = dir.as_ref().filter(|_| !leaves) else {
        built_in(dir.as_deref(), scripts.as_deref(), built.months.last());
        return Ok(Exit::Clean);
    };
    let context = context.in_dir(dir.clone());
    let settings = context.settings()?;
    if temporary.is_some() {
        // A report beside its workspace would go with it.
        bug::belongs_to(None);
    }
    let project = context.project(&settings)?;
    let open = tui::can_draw();
    let options = ReconcileOptions { months: built.months, only: Vec::new(), dry_run: false, recheck: false, wait: Duration::from_secs(5) };
    // Signals are only listened to where no terminal opens: that one must put the screen back itself.
    let cancel = if open { tokio_util::sync::CancellationToken::new() } else { signals::cancel_on_signal() };
    reconcile(&project, &options, progress::observer(context.global.quiet), cancel).await?;
    if open { tui::run(&context, Opening::Tour).await } else { super::status::run(&context).await }
}

/// Where the scripts for psql go, when they are asked for.
fn scripts(args: &DemoArgs) -> Result<Option<PathBuf>, CliError> {
    match (&args.as_sql, &args.dir) {
        (None, _) => Ok(None),
        (Some(Some(told)), _) => Ok(Some(told.clone())),
        (Some(None), Some(dir)) => Ok(Some(dir.clone())),
        (Some(None), None) => Err(CliError::Usage("--as-sql needs to know where — write --as-sql OUT, or add --dir DIR".to_owned())),
    }
}

fn built_in(dir: Option<&Path>, scripts: Option<&Path>, last: Option<&Month>) {
    let month = last.map_or_else(|| "previous".to_owned(), ToString::to_string);
    if let Some(dir) = dir {
        out::say(&format!("built in {0} — dualrun -C {0} reconcile --period {month}", name(dir)));
    }
    if let Some(dir) = scripts {
        out::say(&format!("scripts in {0} — psql -f {0}/source.sql, psql -f {0}/target.sql", name(dir)));
    }
}

fn private(keep: &mut Option<tempfile::TempDir>) -> Result<PathBuf, CliError> {
    let made = tempfile::Builder::new().prefix("dualrun-demo-").tempdir();
    let made = made.map_err(|e| CliError::Usage(format!("no temporary directory: {e} — name one with --dir")))?;
    Ok(keep.insert(made).path().join("project"))
}

fn plan(args: &DemoArgs, dir: Option<PathBuf>, as_sql: Option<PathBuf>) -> DemoPlan {
    let book = match (&args.book, args.subscriptions) {
        (Some(folder), _) => DemoBook::Folder(folder.clone()),
        (None, Some(subscriptions)) => DemoBook::Large { subscriptions, seed: args.seed, months: args.months },
        (None, None) => DemoBook::Embedded,
    };
    DemoPlan { book, bad: args.bad, dir, as_sql }
}

fn name(path: &Path) -> String {
    shown(&path.to_string_lossy(), 200)
}

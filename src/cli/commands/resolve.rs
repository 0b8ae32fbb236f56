//! `resolve`: says that rows are mended, one or all that pass a filter; `--reopen` takes it back.

use super::out;
use super::standing::{chosen, row_of, touched_lines, touched_object};
use super::waive::with_desk;
use crate::app::review::{Chosen, decide_on, touched_by_rows};
use crate::cli::Exit;
use crate::cli::args::ResolveArgs;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::domain::review::Deed;
use crate::ports::workspace::RowFilter;
use crate::present::filter;

/// Runs it.
pub async fn run(context: &Context, args: &ResolveArgs) -> Result<Exit, CliError> {
    let settings = context.settings()?;
    let reason = args.reason.trim().to_owned();
    if reason.is_empty() {
        return Err(CliError::Usage("a decision has a reason — write --reason".to_owned()));
    }
    let store = context.workspace(&settings.dir).await?;
    let run = chosen(store.as_ref(), &settings, (args.of.run, args.of.period.as_deref()), context.now()).await?;
    let wanted = match (&args.key, &args.filter) {
        (Some(key), _) => {
            let key = row_of(store.as_ref(), &settings, &run, key).await?.key.raw().to_owned();
            RowFilter { key: Some(key), ..RowFilter::default() }
        }
        (None, Some(text)) => filter::parse(text).map_err(|e| CliError::Usage(format!("--filter {e}")))?,
        (None, None) => return Err(CliError::Usage("say which rows: a KEY or --filter".to_owned())),
    };
    if wanted == RowFilter::default() {
        return Err(CliError::Usage("--filter says nothing — write at least one word, as verdict:unlinked".to_owned()));
    }
    let deed = if args.reopen { Deed::Reopen { reason } } else { Deed::Resolve { reason } };
    let rows = Chosen::of_filter(wanted);
    let touched = if args.apply {
        with_desk(context, &settings, args.of.wait, async |desk| Ok(decide_on(desk, &run, &rows, deed).await?.touched)).await?
    } else {
        touched_by_rows(store.as_ref(), &run, &rows, true).await?
    };
    if context.json() {
        let mut object = touched_object(&run, &touched);
        object["applied"] = args.apply.into();
        out::json(&object)?;
    } else {
        out::lines(touched_lines(&run, &touched))?;
        out::say(if args.apply {
            "done; a row opens again by itself when its amount moves"
        } else {
            "nothing was changed — with --apply it is done"
        });
    }
    Ok(if touched.sum.rows == 0 { Exit::Differences } else { Exit::Clean })
}

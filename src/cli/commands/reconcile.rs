//! `reconcile`: reads both sides, compares, stores, and shows what came of it.

use super::out;
use super::standing::{exit_of, worst_rows};
use crate::app::reconcile::{ReconcileOptions, reconcile};
use crate::app::told::told;
use crate::cli::args::ReconcileArgs;
use crate::cli::context::{Context, opened};
use crate::cli::error::CliError;
use crate::cli::{Exit, period, progress, signals};
use crate::domain::run::Run;
use crate::domain::told::Told;
use crate::present::unreadable;
use crate::report::run_object::RunObject;
use crate::report::{Facts, summary};
use serde_json::json;
use std::time::Duration;

/// Runs it.
pub async fn run(context: &Context, args: &ReconcileArgs) -> Result<Exit, CliError> {
    let cancel = signals::cancel_on_signal();
    let settings = context.settings()?;
    let project = context.project(&settings)?;
    let period = period::months(&args.period, project.profile.zone, context.now()).map_err(CliError::Usage)?;
    let options = options(args, period.months)?;
    let observer = progress::observer(context.global.quiet);
    let runs = reconcile(&project, &options, observer, cancel).await?;
    let store = opened(project.door.as_ref()).await?;
    let mut loaded = Vec::with_capacity(runs.len());
    for run in runs {
        loaded.push(told(store.as_ref(), run, (context.today(&settings), &settings.operators)).await?);
    }
    say_unreadable(&loaded);
    if context.json() {
        print_json(&loaded, period.range)?;
    } else {
        for of_run in &loaded {
            out::lines(summary::lines(&Facts::of(of_run)))?;
            out::lines(worst_rows(store.as_ref(), &of_run.run).await?)?;
        }
        where_next(&loaded);
    }
    Ok(loaded.iter().map(|l| exit_of(&l.run, &l.findings)).max().unwrap_or(Exit::Incomplete))
}

fn options(args: &ReconcileArgs, months: Vec<crate::domain::period::Month>) -> Result<ReconcileOptions, CliError> {
    let only: Vec<String> = args.only.iter().map(|id| id.trim().to_owned()).collect();
    if only.iter().any(String::is_empty) {
        return Err(CliError::Usage("--only has an empty id — write --only sub-1,sub-2".to_owned()));
    }
    Ok(ReconcileOptions { months, only, dry_run: args.dry_run, recheck: args.recheck, wait: Duration::from_secs(args.wait) })
}

fn print_json(loaded: &[Told], range: bool) -> Result<(), CliError> {
    let objects: Vec<_> = loaded.iter().map(|l| (l, Facts::of(l))).collect();
    let objects: Vec<RunObject<'_>> = objects.iter().map(|(_, facts)| RunObject::new(facts)).collect();
    match objects.as_slice() {
        [one] if !range => out::json(one),
        many => out::json(&json!({ "runs": many })),
    }
}

/// Unreadable rows told one by one; the report lists the others.
const TOLD: usize = 10;

/// Says which rows kept a run from being complete. Months of one reading share them.
fn say_unreadable(loaded: &[Told]) {
    let Some(first) = loaded.iter().find(|l| !l.rejected.is_empty()) else { return };
    first.rejected.iter().take(TOLD).for_each(|error| out::say(&unreadable::line(error)));
    let (all, id) = (first.run.tally.rejected, first.run.id);
    let listed = u64::try_from(first.rejected.len().min(TOLD)).unwrap_or(u64::MAX);
    let more = if all > listed { format!("and {} more — ", all - listed) } else { String::new() };
    out::say(&format!("{more}a run with unreadable rows counts for nothing; dualrun report json --run {id} lists them"));
}

fn where_next(loaded: &[Told]) {
    let differs = |run: &Run| exit_of(run, &[]) == Exit::Differences;
    match loaded {
        [one] if differs(&one.run) => {
            let id = one.run.id;
            let what = if one.run.tally.counts.total() == 0 { "nothing was compared: check the month and the queries. " } else { "" };
            out::say(&format!("{what}look closer: dualrun tui, or dualrun report text --run {id}"));
        }
        [_] => {}
        many => out::say(&format!("{} runs; look closer: dualrun tui, or dualrun status", many.len())),
    }
}

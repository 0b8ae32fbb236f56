//! `import`: what would be carried over; with `--apply`, stages it and hands it to the target through the loader.

use super::out;
use crate::app::import::{ImportOptions, Meant, ParkedVerb, apply_import, digest, parked, plan_import, settle_parked};
use crate::cli::args::{ImportArgs, ImportCommand, ParkedCommand};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::{Exit, progress, signals};
use crate::domain::import::{Delivery, DeliveryState, Import, ImportPlan, ImportState, Inertness};
use crate::domain::text::shown;
use crate::report::import_plan::{self, ImportFacts};
use serde_json::json;
use std::time::Duration;

/// Runs it.
pub async fn run(context: &Context, args: &ImportArgs) -> Result<Exit, CliError> {
    if let Some(ImportCommand::Parked(command)) = &args.command {
        return on_parked(context, command).await;
    }
    let cancel = signals::cancel_on_signal();
    let settings = context.settings()?;
    let project = context.project(&settings)?;
    let options = ImportOptions {
        only: args.only.clone(),
        all: args.all,
        stage_only: args.stage_only,
        expected: args.plan.clone(),
        retire: args.retire,
        wait: Duration::from_secs(args.wait),
    };
    let observer = progress::observer(context.global.quiet);
    let (plan, import, inertness, unkept) = if args.apply {
        let applied = apply_import(&project, &options, observer, cancel).await?;
        (applied.plan, Some(applied.import), applied.inertness, None)
    } else {
        let planned = plan_import(&project, &options, observer, cancel).await?;
        (planned.plan, None, planned.inertness, planned.unkept)
    };
    let loader = project.import.loader.as_ref().map(|l| l.place());
    let service = project.profile.service.as_str();
    let facts = ImportFacts {
        service,
        plan: &plan,
        digest: &digest(&plan, args.retire),
        import: import.as_ref(),
        inertness: &inertness,
        loader: loader.as_deref(),
    };
    if context.json() {
        out::json(&import_plan::object(&facts))?;
    } else {
        out::lines(import_plan::lines(&facts))?;
        out::say(&where_next(&plan, import.as_ref(), &inertness, loader.as_deref(), args));
    }
    if let Some(why) = unkept {
        out::say(&format!("that the target is not inert could not be kept: {why} — dualrun inertness looks again and keeps it"));
    }
    Ok(exit(&plan, import.as_ref(), &inertness, args))
}

/// Rows that could not be read are incomplete data; whatever else keeps a record from where it belongs is a difference.
fn exit(plan: &ImportPlan, import: Option<&Import>, inertness: &Inertness, args: &ImportArgs) -> Exit {
    let unread = plan.unread() > 0 || import.is_some_and(Import::unread_deciding);
    let unclear = plan.rejected() > 0 || plan.in_target("unknown") > 0 || unread;
    let arrived = |i: &Import| match i.state {
        ImportState::Complete => i.load.dropped == 0 && i.load.handed_over == 0,
        // Staged because there is nobody to hand it to is not what was asked for.
        ImportState::Staged => args.stage_only,
        _ => false,
    };
    if plan.unreadable() > 0 {
        Exit::Incomplete
    } else if unclear || !inertness.holds() || !import.is_none_or(arrived) {
        Exit::Differences
    } else {
        Exit::Clean
    }
}

fn where_next(plan: &ImportPlan, import: Option<&Import>, inertness: &Inertness, loader: Option<&str>, args: &ImportArgs) -> String {
    if !inertness.holds() {
        let done = match import.map(|i| i.state) {
            None => "nothing was changed",
            Some(ImportState::Staged) => "staged",
            Some(_) => "not complete",
        };
        let look = if inertness.checks.is_empty() { "write [inertness] in dualrun.toml" } else { "stop it there; dualrun inertness looks again" };
        return format!("{done}; nothing is handed over while the target is not proven inert — {look}");
    }
    let retire = plan.in_target("retire");
    let retiring = if retire > 0 && !args.retire { format!("; --retire retires the {retire} that should not be there") } else { String::new() };
    match (import, loader) {
        (None, Some(loader)) => {
            format!(
                "nothing was changed — dualrun import --apply{} stages this and hands what is missing or differs to {}{retiring}",
                if args.retire { " --retire" } else { "" },
                shown(loader, 200)
            )
        }
        (None, None) => "nothing was changed — dualrun import --apply stages this; no loader is named in [import], so it ends there".to_owned(),
        (Some(import), _) => match import.state {
            ImportState::Complete if import.load.handed_over > 0 => {
                "have the pack loaded, then dualrun import --apply again: it holds every field against it".to_owned()
            }
            ImportState::Complete if import.load.dropped > 0 => {
                format!(
                    "staged and loaded without the {} given up: the flip stays blocked — dualrun import parked list shows which",
                    import.load.dropped
                )
            }
            ImportState::Complete if !import.request.only.is_empty() => {
                "partial: does not count for the flip — dualrun import --apply imports everything".to_owned()
            }
            ImportState::Complete if import.unread_deciding() => {
                "not proven: fields that decide what is billed are not read back — select them in [target.queries], then import again".to_owned()
            }
            ImportState::Complete if import.load.of == 0 => {
                format!("staged; the target already has everything{retiring} — dualrun reconcile compares what the target would bill now")
            }
            ImportState::Complete => format!("staged, loaded and verified{retiring} — dualrun reconcile compares what the target would bill now"),
            ImportState::Staged if import.request.no_loader => {
                "staged; no loader is named in [import], so nothing was handed to the target".to_owned()
            }
            ImportState::Staged => "staged; nothing was handed to the target — dualrun import --apply does".to_owned(),
            _ if import.load.rejected + import.load.parked == 0 => {
                "not everything arrived — dualrun import --apply again goes on from there".to_owned()
            }
            _ => "not everything arrived — dualrun import parked list shows what waits for a word; import again goes on from there".to_owned(),
        },
    }
}

fn meant(ids: &[String]) -> Meant<'_> {
    if ids.is_empty() { Meant::All } else { Meant::Ids(ids) }
}

async fn on_parked(context: &Context, command: &ParkedCommand) -> Result<Exit, CliError> {
    let settings = context.settings()?;
    let project = context.project(&settings)?;
    let wait = Duration::from_secs(5);
    let (verb, decided) = match command {
        ParkedCommand::List => ("parked", parked(&project).await?),
        ParkedCommand::Retry { ids } => ("to be tried again", settle_parked(&project, ParkedVerb::Retry, meant(ids), wait).await?),
        ParkedCommand::Drop { ids } => ("dropped", settle_parked(&project, ParkedVerb::Drop, meant(ids), wait).await?),
    };
    let of = |state: DeliveryState| decided.iter().filter(|d| d.state == state).count();
    let (parked, dropped) = (of(DeliveryState::Parked), of(DeliveryState::Dropped));
    if context.json() {
        out::json(&json!({ "state": verb, "records": decided.iter().map(import_plan::delivery_object).collect::<Vec<_>>() }))?;
    } else {
        out::lines(decided.iter().map(|d| line(d, if d.state == DeliveryState::Dropped { "dropped" } else { verb })))?;
        out::say(&match (command, decided.len()) {
            (ParkedCommand::List, 0) => "nothing is parked".to_owned(),
            (ParkedCommand::List, _) => {
                format!("{parked} parked, {dropped} given up — dualrun import parked retry ID, or drop ID (all of them without an ID)")
            }
            (ParkedCommand::Retry { .. }, n) => format!("{n} will be handed over with the next dualrun import --apply"),
            (ParkedCommand::Drop { .. }, n) => format!("{n} given up, until their content changes"),
        });
    }
    Ok(if matches!(command, ParkedCommand::List) && decided.iter().any(|d| d.state == DeliveryState::Parked) {
        Exit::Differences
    } else {
        Exit::Clean
    })
}

fn line(delivery: &Delivery, verb: &str) -> String {
    let tries = if delivery.tries == 1 { "1 try".to_owned() } else { format!("{} tries", delivery.tries) };
    format!("{} {} · {verb} · {tries} · {}", delivery.act.word(), delivery.id, shown(&delivery.reason, 200))
}

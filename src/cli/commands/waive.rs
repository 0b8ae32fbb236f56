//! `waive`: what a waiver would touch; with `--apply`, makes it for a second person to confirm. Lists, confirms and ends waivers.

use super::out;
use super::standing::{chosen, touched_lines, touched_object};
use crate::app::review::{Desk, Touched, WaiverState, confirm, predicate, revoke, touched_by_waiver, waive};
use crate::app::told::reviewed;
use crate::cli::Exit;
use crate::cli::args::{WaiveArgs, WaiveCommand};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::config::Settings;
use crate::domain::money::Money;
use crate::domain::review::{Expected, Terms, Waiver};
use crate::domain::run::Run;
use crate::domain::text::shown;
use crate::domain::told::ReviewFacts;
use crate::present::{filter, money};
use crate::report::review::{lines, object, waiver_object};
use serde_json::json;
use std::time::Duration;

/// Runs it.
pub async fn run(context: &Context, args: &WaiveArgs) -> Result<Exit, CliError> {
    let settings = context.settings()?;
    match &args.command {
        None => make(context, &settings, args).await,
        Some(WaiveCommand::List) => list(context, &settings).await,
        Some(WaiveCommand::Confirm { id }) => {
            with_desk(context, &settings, 5, async |desk| told(context, &confirm(desk, *id).await?, WaiverState::Counts)).await
        }
        Some(WaiveCommand::Revoke { id, reason }) => {
            with_desk(context, &settings, 5, async |desk| told(context, &revoke(desk, *id, reason).await?, WaiverState::Revoked)).await
        }
    }
}

/// Hands out the desk at which decisions are made.
pub(super) async fn with_desk<T>(
    context: &Context,
    settings: &Settings,
    wait: u64,
    work: impl AsyncFnOnce(&Desk<'_>) -> Result<T, CliError>,
) -> Result<T, CliError> {
    let (door, clock, actor) = (context.wiring.door(&settings.dir), context.wiring.clock(), context.actor(settings));
    let (service, zone) = (settings.service.service.as_str(), settings.service.zone);
    let desk = Desk { door: door.as_ref(), clock: clock.as_ref(), service, zone, actor: &actor, wait: Duration::from_secs(wait) };
    work(&desk).await
}

/// What was typed, as the terms of a waiver from a run's month on.
fn terms(args: &WaiveArgs, run: &Run) -> Result<Terms, CliError> {
    let missing = || CliError::Usage("a waiver needs --filter, --delta, --cap, --owner, --reason and --expires".to_owned());
    let typed = |text: &Option<String>| text.clone().ok_or_else(missing);
    let wanted = filter::parse(&typed(&args.filter)?).map_err(|e| CliError::Usage(format!("--filter {e}")))?;
    let expected: Expected = typed(&args.delta)?.parse().map_err(|e| CliError::Usage(format!("--delta: {e}")))?;
    let cap = |text: &String| {
        let read = Money::named(text).filter(|cap| cap.minor >= 0);
        read.ok_or_else(|| CliError::Usage(format!("--cap {}: no amount — write 200.00 CAD", shown(text, 40))))
    };
    let cap: Vec<Money> = args.cap.iter().map(cap).collect::<Result<_, _>>()?;
    if (1..cap.len()).any(|i| cap[..i].iter().any(|other| other.currency == cap[i].currency)) {
        return Err(CliError::Usage("--cap names a currency twice".to_owned()));
    }
    let (owner, reason) = (typed(&args.owner)?.trim().to_owned(), typed(&args.reason)?.trim().to_owned());
    let expires = args.expires.ok_or_else(missing)?;
    Ok(Terms { predicate: predicate(&wanted)?, expected, cap, owner, reason, from: run.request.month, expires })
}

async fn make(context: &Context, settings: &Settings, args: &WaiveArgs) -> Result<Exit, CliError> {
    let store = context.workspace(&settings.dir).await?;
    let run = chosen(store.as_ref(), settings, (args.of.run, args.of.period.as_deref()), context.now()).await?;
    let terms = terms(args, &run)?;
    let (id, touched) = if args.apply {
        let waived = with_desk(context, settings, args.of.wait, async |desk| Ok(waive(desk, &run, &terms).await?)).await?;
        (Some(waived.id), waived.touched)
    } else {
        (None, touched_by_waiver(store.as_ref(), &run, &terms).await?)
    };
    let over = touched.over(&terms);
    if context.json() {
        let mut object = touched_object(&run, &touched);
        object["applied"] = id.is_some().into();
        object["waiver"] = id.into();
        object["delta"] = terms.expected.to_string().into();
        object["cap_passed"] = over.iter().map(|(currency, ..)| currency.to_string()).collect();
        out::json(&object)?;
    } else {
        out::lines(touched_lines(&run, &touched))?;
        for (currency, sum, cap) in &over {
            let cap = cap.map_or_else(|| "there is no cap".to_owned(), |cap| format!("the cap is {}", money::grouped(cap, *currency)));
            out::say(&format!("{} {currency}, and {cap}: it would count for nothing", money::grouped(*sum, *currency)));
        }
        out::say(&where_next(id, &touched));
    }
    Ok(if touched.sum.rows == 0 || !over.is_empty() { Exit::Differences } else { Exit::Clean })
}

fn where_next(id: Option<i64>, touched: &Touched) -> String {
    match id {
        Some(id) => format!("waiver #{id} is made, and counts once a second person confirms it: dualrun waive confirm {id} --as NAME"),
        None if touched.sum.rows == 0 => "nothing would be waived, and nothing was changed".to_owned(),
        None => "nothing was changed — with --apply it is made, for a second person to confirm".to_owned(),
    }
}

fn told(context: &Context, waiver: &Waiver, state: WaiverState) -> Result<Exit, CliError> {
    if context.json() {
        out::json(&waiver_object(waiver, state, None))?;
    } else {
        let how = if state == WaiverState::Counts { "counts" } else { "is revoked" };
        out::lines([format!("waiver #{} {how}", waiver.id)])?;
    }
    Ok(Exit::Clean)
}

/// All waivers, revoked ones too. What does not count, or does not hold for a row it is about, wants a look: exit code 1.
async fn list(context: &Context, settings: &Settings) -> Result<Exit, CliError> {
    let store = context.workspace(&settings.dir).await?;
    let (service, today) = (&settings.service.service, context.today(settings));
    let all: Vec<_> = Waiver::all(&store.acts(service).await?).into_iter().map(|w| (w.state(today), w)).map(|(s, w)| (w, s)).collect();
    let newest = store.current_runs().await?.into_iter().rfind(|r| r.request.service == *service);
    let tally = match &newest {
        Some(run) => reviewed(store.as_ref(), run, today).await?.and_then(|r| r.tally),
        None => None,
    };
    let facts = ReviewFacts { tally, waivers: all };
    if context.json() {
        let mut object = object(&facts);
        object["period"] = json!(newest.as_ref().map(|r| r.request.month));
        object["run"] = json!(newest.as_ref().map(|r| r.id));
        out::json(&object)?;
    } else if facts.waivers.is_empty() {
        out::say("there is no waiver");
    } else {
        out::lines(lines(&facts))?;
    }
    let counts = |state: &WaiverState| matches!(state, WaiverState::Counts | WaiverState::Revoked);
    let reopened = facts.tally.iter().flat_map(|t| &t.waivers).any(|roll| !roll.reopened.is_empty());
    Ok(if reopened || !facts.waivers.iter().all(|(_, state)| counts(state)) { Exit::Differences } else { Exit::Clean })
}

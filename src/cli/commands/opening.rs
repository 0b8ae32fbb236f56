//! `gates waive`, `gates confirm`, `gates break-glass`: opening what does not hold, which takes two people.

use super::out;
use super::sign::{key_from, seal_words, vouching, with_gates};
use super::standing::configured;
use crate::app::flip::way;
use crate::app::gates::{Break, CheckWaiver, GateDesk, Sealing, break_glass, confirm, exposure, waive_check};
use crate::app::standing::{Blocker, Waiting};
use crate::cli::Exit;
use crate::cli::args::{GatesBreakArgs, GatesConfirmArgs, GatesWaiveArgs, VouchWith};
use crate::cli::context::{Context, opened};
use crate::cli::error::CliError;
use crate::cli::gate_setup;
use crate::config::Settings;
use crate::domain::gate::GateAct;
use crate::domain::money::Money;
use crate::domain::text::shown;
use crate::present::{money, numbers};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use std::time::Duration;

/// Accepts a check that does not pass; it counts once a second person confirms it.
pub async fn waive(context: &Context, args: &GatesWaiveArgs) -> Result<Exit, CliError> {
    let settings = context.settings()?;
    let (stage, check) = args.what.split_once('/').ok_or_else(|| CliError::Usage(format!("{}: write STAGE/CHECK", shown(&args.what, 60))))?;
    let expires = until(context, args.lasting)?;
    let waiver = CheckWaiver {
        stage,
        check,
        environment: args.environment.as_deref(),
        reason: &args.reason,
        expires,
        seen: newest(context, &settings).await?,
    };
    let act = vouched(context, &settings, (&args.with, args.wait), async |desk, sealing| Ok(waive_check(desk, &waiver, sealing).await?)).await?;
    told(context, &act, &format!("{} is waived until {}", shown(&args.what, 80), expires.format("%Y-%m-%d %H:%MZ")))
}

/// Agrees, as a second person. Says first to what; without the phrase nothing is done.
pub async fn agree(context: &Context, args: &GatesConfirmArgs) -> Result<Exit, CliError> {
    let settings = context.settings()?;
    let seen = newest(context, &settings).await?;
    let phrase = format!("agree to act {}", args.act);
    // Of an act that does not wait, confirming says why.
    if let Some(waiting) = Box::pin(waiting(context, &settings, args.act)).await?.filter(|_| args.confirm.as_deref() != Some(phrase.as_str())) {
        if context.json() {
            out::json(&json!({ "waiting": waiting, "confirm": phrase }))?;
        } else {
            let Waiting { act, by, what, terms, reasons, money } = waiting;
            let price =
                if money.is_empty() { String::new() } else { format!(" · {} at stake", money::list(money.iter().map(|m| (m.currency, m.minor)))) };
            let first = format!("act {act} by {}: {} {}{price}", shown(&by, 60), shown(&what, 120), shown(&terms, 400));
            out::lines(std::iter::once(first).chain(reasons.iter().map(|reason| format!("  {}", shown(reason, 200)))))?;
        }
        return Err(CliError::Usage(format!("nothing was done — if you agree to it, say so: --confirm \"{phrase}\"")));
    }
    let act = vouched(context, &settings, (&args.with, args.wait), async |desk, sealing| Ok(confirm(desk, args.act, seen, sealing).await?)).await?;
    if context.json() {
        out::json(&json!({ "act": act }))?;
    } else {
        out::lines([format!("act {} counts: confirmed by {} · {}", args.act, shown(&act.actor, 60), seal(&act))])?;
    }
    Ok(Exit::Clean)
}

/// Opens the flip although gates do not hold. Says what blocks and at what price first; without the phrase nothing is done.
pub async fn break_open(context: &Context, args: &GatesBreakArgs) -> Result<Exit, CliError> {
    let settings = context.settings()?;
    let seen = newest(context, &settings).await?;
    let (setup, outside, store) =
        (gate_setup(&settings), context.wiring.outside(&settings), opened(context.wiring.door(&settings.dir).as_ref()).await?);
    let configured = configured(&settings, (&setup, outside.as_ref()), context.now());
    let blockers = way(Some(store.as_ref()), &configured).await?.assessment.blockers;
    let exposure = if blockers.is_empty() { Vec::new() } else { exposure(store.as_ref(), &configured).await? };
    drop(store);
    let phrase = phrase(&blockers, &exposure);
    if !blockers.is_empty() && args.confirm.as_deref() != Some(phrase.as_str()) {
        if !context.json() {
            out::lines(super::gates::blocker_lines(&blockers))?;
        }
        return Err(CliError::Usage(format!("nothing was done — if it cannot wait, say so: --confirm \"{phrase}\"")));
    }
    let wanted = Break { reason: &args.reason, blockers: &blockers, exposure: &exposure, expires: until(context, args.lasting)?, seen };
    let act = vouched(context, &settings, (&args.with, args.wait), async |desk, sealing| Ok(break_glass(desk, &wanted, sealing).await?)).await?;
    told(context, &act, "the glass is broken, and every later report will say so")
}

/// Does it at the desk, vouched for as it was asked.
async fn vouched<T>(
    context: &Context,
    settings: &Settings,
    (with, wait): (&VouchWith, u64),
    work: impl AsyncFnOnce(&GateDesk<'_>, Sealing<'_>) -> Result<T, CliError>,
) -> Result<T, CliError> {
    let signer = key_from(with).map(|from| context.wiring.signer(settings, from));
    with_gates(context, settings, wait, async |desk| work(desk, vouching(with, signer.as_deref())).await).await
}

/// What waits for a second person under that number.
async fn waiting(context: &Context, settings: &Settings, act: i64) -> Result<Option<Waiting>, CliError> {
    let (setup, outside) = (gate_setup(settings), context.wiring.outside(settings));
    let store = opened(context.wiring.door(&settings.dir).as_ref()).await?;
    let gates = way(Some(store.as_ref()), &configured(settings, (&setup, outside.as_ref()), context.now())).await?.gates;
    Ok(gates.and_then(|gated| gated.standing.waiting.into_iter().find(|waiting| waiting.act == act)))
}

fn seal(act: &GateAct) -> String {
    act.deed.seal().map(seal_words).unwrap_or_default()
}

/// The words that name what is opened: how much is at stake, each amount once, of how many reasons.
fn phrase(blockers: &[Blocker], exposure: &[Money]) -> String {
    let amounts = money::list(exposure.iter().map(|m| (m.currency, m.minor)));
    let amounts = if amounts.is_empty() { String::new() } else { format!(", {amounts}") };
    format!("break the glass: {}{amounts}", numbers::counted(blockers.len() as u64, "reason", "reasons"))
}

fn until(context: &Context, lasting: Duration) -> Result<DateTime<Utc>, CliError> {
    let lasting = TimeDelta::from_std(lasting).ok().and_then(|lasting| context.now().checked_add_signed(lasting));
    lasting.ok_or_else(|| CliError::Usage("--for is longer than any calendar — write 2h".to_owned()))
}

/// The newest act there is: what comes after it was not seen.
async fn newest(context: &Context, settings: &Settings) -> Result<i64, CliError> {
    let store = opened(context.wiring.door(&settings.dir).as_ref()).await?;
    Ok(store.gate_acts(&settings.service.service).await?.last().map_or(0, |act| act.id))
}

fn told(context: &Context, act: &GateAct, what: &str) -> Result<Exit, CliError> {
    if context.json() {
        out::json(&json!({ "act": act }))?;
    } else {
        out::lines([format!("act {}: {what} · {}", act.id, seal(act))])?;
        out::say(&format!("it counts once a second person confirms it: dualrun gates confirm {} --as NAME", act.id));
    }
    Ok(Exit::Clean)
}

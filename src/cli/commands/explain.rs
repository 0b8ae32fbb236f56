//! `explain`: why rows differ, from what their run kept: no database is opened, nothing is written.

mod book;
mod export;
mod fixes;
mod since;

use super::out;
use super::standing::chosen;
use crate::app::explain::{Calibration, Explainer, Gathering, History, Pass, Told, UsageLook, calibrate};
use crate::cli::args::ExplainArgs;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::{Exit, signals};
use crate::config::Settings;
use crate::domain::currency::Currency;
use crate::domain::explanation::{Certainty, Explanation};
use crate::domain::key::Key;
use crate::domain::row::ReconRow;
use crate::domain::run::Run;
use crate::domain::text::{Untrusted, shown};
use crate::ports::workspace::Workspace;
use crate::present::{explain as words, money};
use crate::report::explanation::{object, together, unusual};
use crate::report::json_text;
use serde_json::json;
use std::io::Write as _;
use std::sync::Arc;

/// Clusters listed for people; JSON has all of them.
const CLUSTERS: usize = 15;

/// Runs it. What is not confirmed is exit code 1; so is a calibration that does not hold.
pub async fn run(context: &Context, args: &ExplainArgs) -> Result<Exit, CliError> {
    if args.calibrate {
        let found = match &args.book {
            Some(folder) => book::calibrate(context, folder).await?,
            None => made_up(args)?,
        };
        return told(context, &found);
    }
    let settings = context.settings()?;
    let store = context.workspace(&settings.dir).await?;
    let run = chosen(store.as_ref(), &settings, (args.run, args.period.as_deref()), context.now()).await?;
    if let Some(since) = args.since {
        return since::print(context, store.as_ref(), &run, &settings.service, since).await;
    }
    let history = Arc::new(History::near(store.as_ref(), std::slice::from_ref(&run)).await?);
    let explainer = Explainer::open(store.as_ref(), &run, &settings.service, history).await?;
    if run.request.config_digest != settings.digest {
        out::say(&format!("run #{} was made by another configuration; it is explained by the present one", run.id));
    }
    if args.fixes {
        fixes::print(context, store.as_ref(), &run, explainer).await
    } else if args.all {
        all(context, store.as_ref(), &run, explainer).await
    } else {
        some(context, &settings, store.as_ref(), &run, &explainer, args).await
    }
}

fn made_up(args: &ExplainArgs) -> Result<Calibration, CliError> {
    let cad = Currency::known("CAD").ok_or_else(|| CliError::Usage("the made-up book has no currency".to_owned()))?;
    Ok(calibrate(args.rows, args.seed, cad))
}

fn told(context: &Context, found: &Calibration) -> Result<Exit, CliError> {
    if context.json() {
        out::json(found)?;
    } else {
        out::lines([
            format!("{} of {} known causes named first and confirmed", found.named_first, found.injected),
            format!("{} confirmed of the same rows without the row of the data that says so", found.without_evidence_confirmed),
            format!("{} of {} rows of noise explained", found.noise_explained, found.noise_rows),
        ])?;
    }
    Ok(if found.holds() { Exit::Clean } else { Exit::Differences })
}

/// `sub-1002 · Bolt Inc · Large · 2026-05 · delta +141.94 CAD`.
fn head(row: &ReconRow) -> String {
    let delta = row.delta.map_or_else(String::new, |d| format!(" {}", money::signed_named(d)));
    let parts = [row.key.shown(60), row.customer.shown(40), row.plan.shown(40), row.period.to_string()];
    format!("{} · {}{delta}", parts.iter().filter(|p| !p.is_empty()).cloned().collect::<Vec<_>>().join(" · "), row.verdict.word())
}

async fn some(
    context: &Context,
    settings: &Settings,
    store: &dyn Workspace,
    run: &Run,
    explainer: &Explainer,
    args: &ExplainArgs,
) -> Result<Exit, CliError> {
    let profile = &settings.service.source;
    let (mut found, mut golden) = (Vec::new(), Vec::new());
    for id in &args.ids {
        let key = Key::normalised(id, profile.key, profile.key_normaliser).map_err(|e| CliError::Usage(format!("{}: {e}", shown(id, 60))))?;
        let line = store.find(run.id, key.as_str(), None).await?;
        let absent =
            || CliError::Usage(format!("{} has no row in run #{} of {} — check the id, letter by letter", shown(id, 60), run.id, run.request.month));
        let detail = store.detail(run.id, line.ok_or_else(absent)?.seq).await?;
        let told = explainer.one(&detail.row, detail.evidence.as_ref());
        if args.export.is_some() {
            golden.extend(export::golden(&detail, told.as_ref(), &settings.service)?);
        }
        found.push((detail.row, told));
    }
    if let Some(folder) = &args.export {
        export::keep(folder, &golden, args.force)?;
    }
    if context.json() {
        let objects = found.iter().map(|(row, told)| match told {
            Some(told) => object(row, told),
            None => json!({ "period": row.period.to_string(), "subscription_id": row.key, "verdict": row.verdict.word(), "certainty": null, "why": row.why }),
        });
        out::json(&json!({ "run": run.id, "period": run.request.month, "rows": objects.collect::<Vec<_>>() }))?;
    } else {
        let lines = found.iter().flat_map(|(row, told)| {
            let body = match told {
                Some(told) => words::lines(row, told),
                None => vec![format!("nothing to explain: {}", row.why.as_deref().map_or_else(|| row.verdict.word().to_owned(), |w| shown(w, 200)))],
            };
            std::iter::once(head(row)).chain(body).chain([String::new()])
        });
        out::lines(lines)?;
    }
    let open = found.iter().any(|(_, told)| told.as_ref().is_some_and(|t| t.certainty != Certainty::Confirmed));
    Ok(if open { Exit::Differences } else { Exit::Clean })
}

/// Every row that differs, as they come; then what they come to together. JSON is one object, written as it is made.
async fn all(context: &Context, store: &dyn Workspace, run: &Run, explainer: Explainer) -> Result<Exit, CliError> {
    let cancel = signals::cancel_on_signal();
    let mut pass = Pass::new(store, explainer).await?;
    let (mut sum, mut usage) = (Gathering::default(), UsageLook::of(store, run).await?);
    let (json, mut first) = (context.json(), true);
    if json {
        write(&format!("{{\"run\":{},\"period\":\"{}\",\"rows\":[", run.id, run.request.month))?;
    }
    while let Some(rows) = pass.next(&cancel).await? {
        usage.add(&rows).await?;
        let mut text = String::new();
        for Told { row, explanation: told, fits, .. } in &rows {
            sum.add(row, told, fits);
            if json {
                text.push_str(if std::mem::take(&mut first) { "\n" } else { ",\n" });
                text.push_str(&json_text::line(&object(row, told)).map_err(CliError::unexpected)?);
            } else {
                text.push_str(&line(row, told));
                text.push('\n');
            }
        }
        write(&text)?;
    }
    let (sum, usage) = (sum.finish(), usage.finish());
    if json {
        let [together, usage] = [together(&sum), unusual(&usage)].map(|object| json_text::line(&object).map_err(CliError::unexpected));
        write(&format!("\n],\"together\":{},\"usage\":{}}}\n", together?, usage?))?;
    } else {
        let lines = words::together_lines(&sum, CLUSTERS).into_iter().chain(words::usage_lines(&usage));
        out::lines(std::iter::once(String::new()).chain(lines))?;
    }
    let open = sum.rows.iter().sum::<u64>() > sum.of(Certainty::Confirmed);
    Ok(if open { Exit::Differences } else { Exit::Clean })
}

fn line(row: &ReconRow, told: &Explanation) -> String {
    format!("{} · {}", head(row), told.label().map_or_else(|| Certainty::Unexplained.word().to_owned(), |label| shown(&label, 80)))
}

fn write(text: &str) -> Result<(), CliError> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|e| CliError::stdout(&e))
}

/// A key of a label as the workspace writes it.
fn key_of(settings: &Settings, id: &str) -> Untrusted {
    let profile = &settings.service.source;
    Key::normalised(id, profile.key, profile.key_normaliser).map_or_else(|_| Untrusted::new(id), |key| key.text())
}

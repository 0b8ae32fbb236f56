//! `status`: the newest and the current run of each month, and what blocks the flip.

use super::gates::blocker_object;
use super::standing::{MonthRuns, Months, exit_of};
use super::{gates, out};
use crate::cli::Exit;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::domain::run::{Run, RunState};
use crate::domain::text::shown;
use crate::present::{times, words};
use crate::report::run_object::RunBrief;
use crate::report::{glass, review, summary};
use chrono::{DateTime, Utc};
use serde_json::json;

/// Prints it. The exit code is the worst of the newest month's current run, a newer run that did not end well (4), and anything
/// that blocks (1).
pub async fn run(context: &Context) -> Result<Exit, CliError> {
    let settings = context.settings()?;
    let months = Months::load(context, &settings).await?;
    let now = context.now();
    if context.json() {
        out::json(&object(&settings.service.service, &settings.digest, &months, now))?;
    } else {
        out::lines(lines(&settings.service.service, &months, now))?;
    }
    Ok(exit(&months))
}

fn exit(months: &Months) -> Exit {
    let assessment = &months.way.assessment;
    let blocked = if assessment.blockers.is_empty() { Exit::Clean } else { Exit::Differences };
    // A newer run that failed or could not read every row speaks louder than the one that still counts; a stopped one does not.
    let ended_badly = |n: &&Run| matches!(n.state, RunState::Failed | RunState::Incomplete);
    let newer = |m: &MonthRuns| {
        let after = |n: &&Run| m.current.as_ref().is_none_or(|c| n.id > c.id);
        m.newest_full.as_ref().filter(after).filter(ended_badly).map(|n| exit_of(n, &[]))
    };
    let newer = months.newest().and_then(newer).unwrap_or(Exit::Clean);
    // A run that does not count cannot make the month clean, however well its few rows match.
    match months.newest() {
        Some(MonthRuns { current: Some(run), .. }) => exit_of(run, &months.findings).max(newer).max(blocked),
        Some(MonthRuns { newest: Some(run), .. }) => exit_of(run, &months.findings).max(Exit::Differences),
        _ => Exit::Differences,
    }
}

fn object(service: &str, digest: &str, months: &Months, now: DateTime<Utc>) -> serde_json::Value {
    let brief = |run: Option<&Run>| run.map(|r| json!(RunBrief::new(r, now)));
    let review = |run: Option<&Run>| months.reviews.get(&run?.id).map(review::object);
    let of_month = |m: &MonthRuns| {
        let (current, newest) = (m.current.as_ref(), m.newest.as_ref());
        json!({ "period": m.month, "current": brief(current), "newest": brief(newest), "review": review(current) })
    };
    let assessment = &months.way.assessment;
    json!({
        "service": service,
        "config_digest": digest,
        "adopted_config_digest": months.adopted,
        "months": months.all.iter().map(of_month).collect::<Vec<_>>(),
        "stages": assessment.stages,
        "blockers": assessment.blockers.iter().map(blocker_object).collect::<Vec<_>>(),
        "broken_glass": glass::objects(months.glass_ever()),
        "journal": months.journal.as_ref().map(|j| json!({ "head": j.hash, "length": j.length })),
    })
}

fn lines(service: &str, months: &Months, now: DateTime<Utc>) -> Vec<String> {
    let mut out = vec![shown(service, 80)];
    out.extend(months.glass_ever().iter().map(glass::line));
    if months.all.is_empty() {
        out.push("no run yet — dualrun reconcile makes the first".to_owned());
    }
    for month in &months.all {
        out.push(String::new());
        out.extend(of_month(month, now));
        let review = month.current.as_ref().and_then(|run| months.reviews.get(&run.id));
        out.extend(review.map(review::lines).unwrap_or_default());
    }
    out.push(String::new());
    let assessment = &months.way.assessment;
    out.extend(gates::stage_lines(assessment));
    out.extend(gates::blocker_lines(&assessment.blockers));
    if let Some(journal) = &months.journal {
        out.push(String::new());
        out.push(format!("journal  {} entries, head {}", journal.length, journal.hash));
    }
    out
}

fn of_month(month: &MonthRuns, now: DateTime<Utc>) -> Vec<String> {
    let line = |run: &Run, what: &str| {
        let age = run.finished_at.map_or_else(String::new, |at| format!(" · {}", times::relative(now, at)));
        let marks = words::run_marks(run).iter().map(|m| format!(" · *** {m} ***")).collect::<Vec<_>>().concat();
        format!("{}  run #{} · {} · {what}{age}{marks}", month.month, run.id, run.state.word())
    };
    let mut out = Vec::new();
    match &month.current {
        Some(run) => {
            out.push(line(run, "current"));
            out.push(summary::counts(run));
            out.extend(summary::money_lines(run));
        }
        None => out.push(format!("{}  no run counts yet", month.month)),
    }
    if let Some(newest) = month.newest.as_ref().filter(|n| month.current.as_ref().is_none_or(|c| c.id != n.id)) {
        out.push(line(newest, "newest"));
    }
    out
}

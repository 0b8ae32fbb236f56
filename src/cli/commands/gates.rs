//! `gates`: the stages of the way, and everything that blocks the flip.

mod runbook;

use super::out;
use super::standing::Months;
use crate::app::standing::{Assessment, Blocker, StageState};
use crate::cli::Exit;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::domain::text::shown;
use crate::present::money;
use crate::present::words::{Signs, outcome_sign};
use crate::report::{glass, review};
use serde_json::json;

/// Prints them. Anything that blocks is exit code 1: an unknown never passes.
pub async fn run(context: &Context) -> Result<Exit, CliError> {
    let settings = context.settings()?;
    let months = Months::load(context, &settings).await?;
    let assessment = &months.way.assessment;
    let review = months.newest().and_then(|m| months.reviews.get(&m.current.as_ref()?.id));
    if context.json() {
        out::json(&json!({
            "period": months.newest().map(|m| m.month.to_string()),
            "review": review.map(review::object),
            "stages": assessment.stages,
            "runbook": months.way.gates.as_ref().map(|gated| &gated.standing),
            "broken_glass": glass::objects(months.glass_ever()),
            "open": assessment.opens(),
            "blockers": assessment.blockers.iter().map(blocker_object).collect::<Vec<_>>(),
        }))?;
    } else {
        if let Some(month) = months.newest() {
            let run = month.telling().map_or_else(|| "no run".to_owned(), |r| format!("run #{}", r.id));
            out::lines([format!("{} · {run}", month.month)])?;
            out::lines(review.and_then(|r| r.tally.as_ref()).map(review::tally_line))?;
        }
        out::lines(months.glass_ever().iter().map(glass::line))?;
        out::lines(stage_lines(assessment))?;
        if let Some(gated) = &months.way.gates {
            out::lines(runbook::lines(&gated.standing, context.now()))?;
        }
        out::lines(blocker_lines(&assessment.blockers))?;
    }
    Ok(if assessment.blockers.is_empty() { Exit::Clean } else { Exit::Differences })
}

/// A blocker for machines, its money as text.
pub fn blocker_object(blocker: &Blocker) -> serde_json::Value {
    let Blocker { stage, what, money: amounts, remedy, owner } = blocker;
    let amounts: serde_json::Map<String, serde_json::Value> = amounts.iter().map(|(c, m)| (c.to_string(), money::plain(*m, *c).into())).collect();
    json!({ "stage": stage, "what": what, "money": amounts, "remedy": remedy, "owner": owner })
}

/// The stages, a line each.
pub fn stage_lines(assessment: &Assessment) -> impl Iterator<Item = String> {
    let line = |s: &StageState| format!("{} {:<10} {}", outcome_sign(s.outcome.word(), Signs::Unicode), s.stage.word(), shown(&s.summary, 120));
    assessment.stages.iter().map(line)
}

/// What blocks, in the order it is to be done.
pub fn blocker_lines(blockers: &[Blocker]) -> Vec<String> {
    let mut out = Vec::new();
    if !blockers.is_empty() {
        out.push(String::new());
        out.push("what blocks the flip:".to_owned());
    }
    for blocker in blockers {
        let amounts = money::list(blocker.money.iter().copied());
        let amounts = if amounts.is_empty() { amounts } else { format!(" · {amounts}") };
        let owner = blocker.owner.as_ref().map(|who| format!(" · {}", shown(who, 40))).unwrap_or_default();
        out.push(format!("  {:<10} {}{amounts}{owner}", blocker.stage.word(), shown(&blocker.what, 160)));
        out.push(format!("             → {}", shown(&blocker.remedy, 160)));
    }
    out
}

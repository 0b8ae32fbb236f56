//! Accepting a check that does not pass: one person says so, for the very evidence there is; another confirms it.

use super::look::{counting, standing_by};
use super::seal::{Sealing, sealed};
use super::{GateDesk, overtaken, reason_of, withdrawal};
use crate::app::error::AppError;
use crate::app::gates::place_now;
use crate::domain::gate::{GateAct, GateDeed, Outcome, Seal, SignatureRule};
use crate::domain::person::same_person;
use crate::domain::text::shown;
use crate::gates::{CheckStanding, signature_rule};
use crate::ports::workspace::Workspace;
use chrono::{DateTime, Utc};

/// A check to be accepted.
#[derive(Debug, Clone, Copy)]
pub struct CheckWaiver<'a> {
    /// The stage.
    pub stage: &'a str,
    /// The check.
    pub check: &'a str,
    /// Where; else the runbook's environment.
    pub environment: Option<&'a str>,
    /// Why.
    pub reason: &'a str,
    /// When it ends.
    pub expires: DateTime<Utc>,
    /// The newest act when it was looked at.
    pub seen: i64,
}

/// Accepts a check that does not pass. It counts for nothing until a second person confirms it, and only for the evidence there is now.
pub async fn waive_check(desk: &GateDesk<'_>, waiver: &CheckWaiver<'_>, sealing: Sealing<'_>) -> Result<GateAct, AppError> {
    let deed = waiving(desk, desk.reader().await?.as_ref(), waiver).await?;
    let rule = signature_rule(desk.runbook()?, &deed);
    let kept = sealed(desk, deed.clone(), rule, sealing)?;
    let store = desk.enter("waive check").await?;
    if waiving(desk, store.as_ref(), waiver).await? != deed {
        return Err(AppError::Changed("the evidence is another by now: nothing was waived — look again".to_owned()));
    }
    Ok(store.gate_act(desk.service, desk.actor, &kept, Some(waiver.seen)).await?)
}

/// The waiver as it would be kept, not yet vouched for; else what stands against it.
async fn waiving<W: Workspace + ?Sized>(desk: &GateDesk<'_>, store: &W, waiver: &CheckWaiver<'_>) -> Result<GateDeed, AppError> {
    desk.listed()?;
    let stage = desk.stage(waiver.stage)?;
    let environment = waiver.environment.map_or_else(|| desk.signed_in(None), Ok)?;
    let refuse = |why: String| Err(AppError::Usage(why));
    let name = format!("{}/{}", shown(&stage.id, 60), shown(waiver.check, 60));
    let Some(check) = stage.check(waiver.check) else {
        return refuse(format!("the runbook has no check {name} — dualrun gates lists them"));
    };
    if check.observe_only {
        return refuse(format!("{name} is only looked at, and blocks nothing: there is nothing to waive"));
    }
    if waiver.expires <= desk.clock.now() {
        return refuse("its end is over already — write an --expires to come".to_owned());
    }
    let reason = reason_of(waiver.reason, "a waiver")?;
    let standing = standing_of(desk, store, (&stage.id, &check.id, environment)).await?;
    let Some((standing, evidence)) = standing.and_then(|of| of.evidence.clone().map(|evidence| (of, evidence))) else {
        return refuse(format!("{name} was never made in {} — dualrun gates run makes it", shown(environment, 60)));
    };
    if standing.outcome.opens() {
        return refuse(format!("{name} is {}: there is nothing to waive", standing.outcome.word()));
    }
    if standing.outcome == Outcome::Stale {
        return refuse(format!("{name} is stale, and nothing that is stale can be accepted — dualrun gates run makes it anew"));
    }
    let (stage, check, environment) = (stage.id.clone(), check.id.clone(), environment.to_owned());
    Ok(GateDeed::WaiveCheck { stage, check, environment, evidence, reason, expires: waiver.expires, seal: Seal::Attested })
}

/// A second person agrees that a check is waived, or that the glass is broken. `seen` is the newest act when it was looked at.
pub async fn confirm(desk: &GateDesk<'_>, id: i64, seen: i64, sealing: Sealing<'_>) -> Result<GateAct, AppError> {
    let first = agreed(desk, desk.reader().await?.as_ref(), id, seen).await?;
    let rule = signature_rule(desk.runbook()?, &first.deed);
    let deed = GateDeed::Confirm { act: id, of: first.deed.digest(), seal: Seal::Attested };
    let deed = sealed(desk, deed, rule, sealing)?;
    if first.deed.seal().zip(deed.seal()).is_some_and(|(one, other)| one.key().is_some() && one.key() == other.key()) {
        return Err(AppError::Usage(format!("act {id} was signed with the same key — two people have two keys")));
    }
    let store = desk.enter("confirm").await?;
    agreed(desk, store.as_ref(), id, seen).await?;
    Ok(store.gate_act(desk.service, desk.actor, &deed, Some(seen)).await?)
}

/// What would be agreed to; else what stands against it.
async fn agreed<W: Workspace + ?Sized>(desk: &GateDesk<'_>, store: &W, id: i64, seen: i64) -> Result<GateAct, AppError> {
    desk.listed()?;
    let acts = store.gate_acts(desk.service).await?;
    let refuse = |why: String| Err(AppError::Usage(why));
    let Some(act) = acts.iter().find(|act| act.id == id) else {
        return refuse(format!("there is no act {id} — dualrun gates shows what waits for a second person"));
    };
    let (expires, current) = match &act.deed {
        GateDeed::BreakGlass(glass) => {
            let (configuration, place) = (&desk.setup.configuration, place_now(&desk.setup.place, desk.outside).digest());
            if glass.configuration.as_ref() != Some(configuration) || glass.place.as_ref() != Some(&place) {
                return refuse(format!(
                    "act {id} was made under another configuration, or with other databases, programs or keys: it counts for nothing — break the glass anew"
                ));
            }
            (glass.expires, true)
        }
        GateDeed::WaiveCheck { stage, check, environment, evidence, expires, .. } => {
            let now = standing_of(desk, store, (stage, check, environment)).await?;
            (*expires, now.and_then(|now| now.evidence).as_ref() == Some(evidence))
        }
        other => return refuse(format!("act {id} ({}) needs no second person", other.journal_kind().replace('_', " "))),
    };
    let agrees = |a: &&GateAct| matches!(a.deed, GateDeed::Confirm { act, .. } if act == id) && !same_person(&a.actor, &act.actor);
    if let Some(before) = acts.iter().find(agrees) {
        return refuse(format!("act {id} was confirmed already, by {}", shown(&before.actor, 60)));
    }
    if withdrawal(&acts, id).is_some() {
        return refuse(format!("act {id} was taken back — make another"));
    }
    if same_person(&act.actor, desk.actor) {
        return refuse(format!("act {id} was made by {}: a second person confirms it — write --as with your own name", shown(&act.actor, 60)));
    }
    if expires <= desk.clock.now() {
        return refuse(format!("act {id} is over since {} — make another", expires.format("%Y-%m-%d %H:%MZ")));
    }
    if !current {
        return refuse(format!("act {id} accepts evidence that is not the newest any more — look at the check, then waive it anew"));
    }
    if act.deed.seal().is_some_and(Seal::is_attested) && signature_rule(desk.runbook()?, &act.deed) == SignatureRule::Signed {
        return refuse(format!("act {id} is only attested, and the runbook asks for a signature: it counts for nothing — make another, signed"));
    }
    if let Some(first) = acts.iter().find(|act| act.id > seen) {
        return Err(overtaken(first));
    }
    Ok(act.clone())
}

/// How a check stands in an environment.
async fn standing_of<W: Workspace + ?Sized>(
    desk: &GateDesk<'_>,
    store: &W,
    (stage, check, environment): (&str, &str, &str),
) -> Result<Option<CheckStanding>, AppError> {
    let run = counting(store, desk.service).await?;
    let all = standing_by(desk, store, run.as_ref()).await?;
    let of_stage = all.stages.into_iter().find(|of| of.id == stage);
    Ok(of_stage.and_then(|of| of.checks.into_iter().find(|of| of.check == check && of.environment == environment)))
}

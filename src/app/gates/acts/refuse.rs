//! A no-go, and taking acts back.

use super::{GateDesk, newest, reason_of, withdrawal};
use crate::app::error::AppError;
use crate::domain::gate::{GateAct, GateDeed};
use crate::domain::person::same_person;
use crate::domain::text::shown;

/// Records a no-go. By anybody, at any moment, whatever else was done meanwhile: nothing may keep a person from saying no.
pub async fn no_go(desk: &GateDesk<'_>, stage: &str, environment: Option<&str>, reason: &str) -> Result<GateAct, AppError> {
    let (stage, environment) = (desk.stage(stage)?.id.clone(), desk.signed_in(environment)?.to_owned());
    let deed = GateDeed::NoGo { stage, environment, reason: reason_of(reason, "a no-go")? };
    Ok(desk.enter("sign no-go").await?.gate_act(desk.service, desk.actor, &deed, None).await?)
}

/// Takes an act back. What opens is taken back by anybody, a no only by who said it.
pub async fn withdraw(desk: &GateDesk<'_>, id: i64, reason: &str) -> Result<GateAct, AppError> {
    let reason = reason_of(reason, "a withdrawal")?;
    let store = desk.enter("withdraw").await?;
    let acts = store.gate_acts(desk.service).await?;
    let refuse = |why: String| Err(AppError::Usage(why));
    let Some(act) = acts.iter().find(|act| act.id == id) else {
        return refuse(format!("there is no act {id} — dualrun sign list shows them"));
    };
    let own_only = match &act.deed {
        GateDeed::NoGo { .. } => true,
        GateDeed::Sign(_) | GateDeed::WaiveCheck { .. } | GateDeed::BreakGlass(_) => false,
        _ => return refuse(format!("act {id} ({}) cannot be taken back", act.deed.journal_kind().replace('_', " "))),
    };
    if let Some(before) = withdrawal(&acts, id) {
        return refuse(format!("act {id} was taken back already, by {} (act {})", shown(&before.actor, 60), before.id));
    }
    if own_only && !same_person(&act.actor, desk.actor) {
        let who = shown(&act.actor, 60);
        return refuse(format!("act {id} is {who}'s: only {who} takes it back"));
    }
    Ok(store.gate_act(desk.service, desk.actor, &GateDeed::Withdraw { act: id, reason }, Some(newest(&acts))).await?)
}

//! Looking at a stage as somebody who may sign it: all that the sign-off will be bound to, and what stands against it.

use super::{GateDesk, binding, newest};
use crate::app::error::AppError;
use crate::domain::gate::{Binding, GateAct, GateDeed, Part, RunbookStage, Seal, SignOff};
use crate::domain::person::Person;
use crate::domain::review::{Act, Deed};
use crate::gates::{Editor, Refusal, SeenCheck, SignOrder, refusals, role_for, seen, standing_signoffs};
use crate::ports::workspace::{StoreError, Workspace};

/// A stage as it was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// The stage.
    pub stage: RunbookStage,
    /// Where.
    pub environment: String,
    /// The role the person would sign in; none where the stage asks for nobody.
    pub role: Option<String>,
    /// Its checks.
    pub checks: Vec<SeenCheck>,
    /// What a sign-off would be bound to.
    pub binding: Binding,
    /// Sign-offs that stand.
    pub earlier: Vec<Earlier>,
    /// No-goes that stand: who, why, and the act.
    pub no_goes: Vec<(String, String, i64)>,
    /// What stands against signing.
    pub refusals: Vec<Refusal>,
    /// The newest act when this was looked at.
    pub newest: i64,
}

/// A sign-off that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    /// The act.
    pub act: GateAct,
    /// In which role.
    pub role: String,
    /// Whether a signature vouches for it.
    pub is_signed: bool,
    /// What is another now: where anything is, it does not count.
    pub changed: Vec<Part>,
}

/// Looks at a stage.
pub async fn look(desk: &GateDesk<'_>, stage: &str, environment: Option<&str>, role: Option<&str>) -> Result<View, AppError> {
    let stage = desk.stage(stage)?;
    let environment = desk.environment(stage, environment)?;
    look_by(desk, desk.reader().await?.as_ref(), (stage, environment), role).await
}

/// The same by an open workspace.
pub(super) async fn look_by<W: Workspace + ?Sized>(
    desk: &GateDesk<'_>,
    store: &W,
    (stage, environment): (&RunbookStage, &str),
    role: Option<&str>,
) -> Result<View, AppError> {
    let acts = store.gate_acts(desk.service).await?;
    let by = (desk.config_digest, desk.program);
    let binding = binding(store, desk.service, by, (stage, environment), &acts).await?;
    let editors = editors(desk, store, &stage.id, &acts).await?;
    let order = SignOrder { stage, environment, person: desk.actor, people: desk.people, acts: &acts, binding: &binding, editors: &editors };
    let role = role.or_else(|| role_for(&order)).map(str::to_owned);
    let refusals = role.as_ref().map_or_else(Vec::new, |role| refusals(&order, role));
    let earlier = |(act, signoff): (&GateAct, &SignOff)| Earlier {
        act: act.clone(),
        role: signoff.role.clone(),
        is_signed: matches!(signoff.seal, Seal::Ssh { .. }),
        changed: signoff.binding.changed(&binding),
    };
    Ok(View {
        checks: seen(stage, environment, &acts, by, desk.clock.now()),
        earlier: standing_signoffs(&acts, &stage.id, environment).into_iter().map(earlier).collect(),
        no_goes: no_goes(&acts, &stage.id, environment),
        newest: newest(&acts),
        stage: stage.clone(),
        environment: environment.to_owned(),
        role,
        refusals,
        binding,
    })
}

/// A sign-off that is kept, by the number of its act.
pub async fn signoff_of(desk: &GateDesk<'_>, id: i64) -> Result<(GateAct, SignOff), AppError> {
    let acts = desk.reader().await?.gate_acts(desk.service).await?;
    let found = acts.into_iter().find_map(|act| match &act.deed {
        GateDeed::Sign(signoff) if act.id == id => Some((act.clone(), SignOff::clone(signoff))),
        _ => None,
    });
    found.ok_or_else(|| AppError::Usage(format!("act {id} is no sign-off — dualrun sign list shows them")))
}

fn no_goes(acts: &[GateAct], stage: &str, environment: &str) -> Vec<(String, String, i64)> {
    let stands = |id: i64| super::withdrawal(acts, id).is_none();
    let of = acts.iter().filter_map(|act| match &act.deed {
        GateDeed::NoGo { stage: s, environment: e, reason } if (s.as_str(), e.as_str()) == (stage, environment) && stands(act.id) => {
            Some((act.actor.clone(), reason.clone(), act.id))
        }
        _ => None,
    });
    of.collect()
}

/// Who last changed what the numbers rest on: adopted the configuration; made, confirmed or ended the newest waiver; waived a check of
/// the stage last, or confirmed that.
async fn editors<W: Workspace + ?Sized>(desk: &GateDesk<'_>, store: &W, stage: &str, acts: &[GateAct]) -> Result<Vec<Editor>, StoreError> {
    let adopted = store.newest_entry("config_adopted").await?;
    let mut editors: Vec<Editor> =
        adopted.into_iter().map(|entry| Editor { person: entry.actor, did: "adopted the configuration".to_owned() }).collect();
    editors.extend(waiver_editors(&store.acts(desk.service).await?));
    let waived = acts.iter().rev().find(|act| matches!(&act.deed, GateDeed::WaiveCheck { stage: of, .. } if of == stage));
    if let Some(waived) = waived {
        editors.push(Editor { person: waived.actor.clone(), did: format!("waived a check of the stage (act {})", waived.id) });
        let confirmed = acts.iter().filter(|act| matches!(act.deed, GateDeed::Confirm { act } if act == waived.id));
        editors.extend(confirmed.map(|act| Editor { person: act.actor.clone(), did: format!("confirmed that a check is waived (act {})", waived.id) }));
    }
    Ok(editors)
}

fn waiver_editors(acts: &[Act]) -> Vec<Editor> {
    let Some(newest) = acts.iter().rev().find(|act| matches!(act.deed, Deed::Waive(_))).map(|act| act.id) else { return Vec::new() };
    let did = |act: &Act| match act.deed {
        Deed::Waive(_) if act.id == newest => Some("made"),
        Deed::Confirm { waiver } if waiver == newest => Some("confirmed"),
        Deed::Revoke { waiver, .. } if waiver == newest => Some("revoked"),
        _ => None,
    };
    acts.iter().filter_map(|act| Some(Editor { person: act.actor.clone(), did: format!("{} waiver #{newest}", did(act)?) })).collect()
}

/// The principal a person signs as; without a list of people, the name itself.
pub(super) fn principal(people: &[Person], person: &str) -> Option<String> {
    match Person::named(people, person) {
        Some(listed) => listed.principal.clone(),
        None => people.is_empty().then(|| person.to_owned()),
    }
}

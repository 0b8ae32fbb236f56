//! What a sign-off of a stage is bound to, by what the workspace holds now. A part that is not there is left out.

use crate::domain::gate::{Binding, GateAct, Part, RunbookStage, digest_of};
use crate::domain::run::Run;
use crate::gates::newest_evidence;
use crate::ports::workspace::{StoreError, Workspace};
use std::collections::BTreeMap;

/// The binding of a stage in an environment. A run of another configuration is none.
pub async fn binding<W: Workspace + ?Sized>(
    store: &W,
    service: &str,
    (config, program): (&str, &str),
    (stage, environment): (&RunbookStage, &str),
    acts: &[GateAct],
) -> Result<Binding, StoreError> {
    let mut parts: BTreeMap<Part, String> = BTreeMap::from([
        (Part::Gate, stage.digest()),
        (Part::Configuration, config.to_owned()),
        (Part::Program, digest_of("program v1", program)),
    ]);
    let newest = store.current_runs().await?.into_iter().rfind(|run| run.request.service == service);
    if let Some(run) = newest.filter(|run| run.request.config_digest == config) {
        let of = &run.digests;
        parts.extend([(Part::SourceInputs, of.source.clone()), (Part::TargetInputs, of.target.clone()), (Part::Run, of.run.clone())]);
        parts.extend(review(store, &run).await?.map(|digest| (Part::Review, digest)));
    }
    parts.extend(evidence(stage, environment, acts).map(|digest| (Part::Evidence, digest)));
    parts.retain(|_, digest| !digest.is_empty());
    Ok(Binding(parts))
}

/// Digest of what was decided about rows, and what that makes of the run now; none where that was not looked at since.
async fn review<W: Workspace + ?Sized>(store: &W, run: &Run) -> Result<Option<String>, StoreError> {
    let mut acts = store.acts(&run.request.service).await?;
    acts.retain(|act| act.deed.decides());
    let tally = store.review(run.id).await?;
    Ok((acts.is_empty() || tally.is_some()).then(|| digest_of("review state v1", &(acts, tally))))
}

/// Digest of the newest evidence of each check; none where a check that counts never ran, and where there is no such check.
fn evidence(stage: &RunbookStage, environment: &str, acts: &[GateAct]) -> Option<String> {
    let of = |check: &str| newest_evidence(acts, &stage.id, check, environment).map(|(_, evidence)| evidence.digest());
    let all: Vec<(&str, bool, Option<String>)> = stage.checks.iter().map(|check| (check.id.as_str(), check.observe_only, of(&check.id))).collect();
    let counted = || all.iter().filter(|(_, observe_only, _)| !observe_only);
    let whole = counted().next().is_some() && counted().all(|(.., digest)| digest.is_some());
    whole.then(|| digest_of("stage evidence v1", &(environment, all)))
}

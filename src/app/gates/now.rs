//! How the runbook's gates stand now: reads what the engine folds.

use crate::domain::gate::{GateAct, GateDeed, Glass, Runbook, Seal, SignOff, digest_of};
use crate::domain::person::Operator;
use crate::domain::run::Run;
use crate::gates::{Bases, Gated, Known, barred, look};
use crate::ports::workspace::{StoreError, Workspace};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// What gates stand on beside the workspace, as it is configured.
#[derive(Debug, Clone, Default)]
pub struct GateSetup {
    /// The runbook; `None` where there is none, and then the gates do not open.
    pub runbook: Option<Runbook>,
    /// The people who may sign.
    pub operators: Vec<Operator>,
    /// Digest of the configuration that decides numbers.
    pub config: String,
    /// Digest of the whole configuration a sign-off is bound to.
    pub configuration: String,
    /// This program's version.
    pub program: String,
}

/// Looks at what is neither configured nor in the workspace.
pub trait Outside: Sync {
    /// Digest of a file now; `None` where it cannot be read.
    fn digest(&self, path: &str) -> Option<String>;
    /// Whether a signature holds for its act; else why not.
    fn signature(&self, act: &GateAct, sign: &SignOff) -> Result<(), String>;
}

/// How the gates stand for a run: the one that counts of the newest month. `None` where there is no runbook.
pub async fn gated<W: Workspace + ?Sized>(
    store: &W,
    service: &str,
    (setup, outside): (&GateSetup, &dyn Outside),
    run: Option<&Run>,
    now: DateTime<Utc>,
) -> Result<Option<Gated>, StoreError> {
    let Some(runbook) = &setup.runbook else { return Ok(None) };
    let acts = store.gate_acts(service).await?;
    let reviews = store.acts(service).await?;
    let decided: Vec<_> = reviews.iter().filter(|act| act.deed.decides()).collect();
    let counting = run.filter(|run| run.counts_as_evidence());
    let bases = Bases {
        config: setup.config.clone(),
        configuration: setup.configuration.clone(),
        source: counting.map(|r| r.digests.source.clone()),
        target: counting.map(|r| r.digests.target.clone()),
        run: counting.map(|r| r.digests.run.clone()),
        review: digest_of("decisions v1", &decided),
        program: setup.program.clone(),
    };
    let barred = barred(&store.config_adopters().await?, &reviews, &acts);
    let (files, signatures) = (evidence_files(&acts, outside), signatures(&acts, outside));
    let known =
        Known { runbook, acts: &acts, now, bases: &bases, files: &files, operators: &setup.operators, barred: &barred, signatures: &signatures };
    Ok(Some(look(&known)))
}

/// Every breaking of the glass that ever counted: it is told in every later report.
pub async fn glass_ever<W: Workspace + ?Sized>(store: &W, service: &str, operators: &[Operator]) -> Result<Vec<Glass>, StoreError> {
    Ok(crate::gates::glass_ever(&store.gate_acts(service).await?, operators))
}

/// The files that evidence stands on, as they are now.
pub(in crate::app) fn evidence_files(acts: &[GateAct], outside: &dyn Outside) -> BTreeMap<String, String> {
    // Only the newest evidence of a check stands for it; reports and programs of older looks need not be read again.
    let mut newest = BTreeMap::new();
    for act in acts {
        if let GateDeed::Observe(evidence) = &act.deed {
            newest.insert((&evidence.stage, &evidence.check, &evidence.environment), &evidence.stands_on.files);
        }
    }
    let named: BTreeSet<&String> = newest.into_values().flat_map(BTreeMap::keys).collect();
    named.into_iter().filter_map(|path| outside.digest(path).map(|digest| (path.clone(), digest))).collect()
}

fn signatures(acts: &[GateAct], outside: &dyn Outside) -> BTreeMap<i64, Result<(), String>> {
    let signed = acts.iter().filter_map(|act| match &act.deed {
        GateDeed::Sign(sign) if matches!(sign.seal, Seal::Ssh { .. }) => Some((act, sign)),
        _ => None,
    });
    signed.map(|(act, sign)| (act.id, outside.signature(act, sign))).collect()
}

//! How the runbook's gates stand now: reads what the engine folds.

use super::months::months_used;
use super::outside::{EvidenceFiles, Outside, evidence_files, place_now, signatures};
use crate::domain::gate::{Glass, Place, Runbook, digest_of};
use crate::domain::person::Operator;
use crate::domain::run::Run;
use crate::gates::{Bases, Gated, Known, barred, look};
use crate::ports::workspace::{StoreError, Workspace};
use chrono::{DateTime, Utc};

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
    /// What the project would act on, as far as it is written.
    pub place: Place,
    /// This program's version.
    pub program: String,
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
    let months = months_used(store, service, &acts, now).await?;
    let bases = Bases {
        config: setup.config.clone(),
        configuration: setup.configuration.clone(),
        review: digest_of("decisions v1", &decided),
        program: setup.program.clone(),
        months: months.iter().map(|(month, stood)| (month.clone(), stood.digest())).collect(),
        ..Bases::of(Some(&place_now(&setup.place, outside)), run)
    };
    let barred = barred(&store.config_adopters().await?, &reviews, &acts);
    let EvidenceFiles { files, matched } = evidence_files(&acts, outside);
    let known = Known {
        runbook,
        acts: &acts,
        now,
        bases: &bases,
        files: &files,
        matched: &matched,
        operators: &setup.operators,
        barred: &barred,
        signatures: &signatures(&acts, outside),
    };
    Ok(Some(look(&known)))
}

/// Every breaking of the glass that ever counted: it is told in every later report.
pub async fn glass_ever<W: Workspace + ?Sized>(store: &W, service: &str, operators: &[Operator]) -> Result<Vec<Glass>, StoreError> {
    Ok(crate::gates::glass_ever(&store.gate_acts(service).await?, operators))
}

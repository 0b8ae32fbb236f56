//! Whether the gates hold, asked anew each time: by what blocks the way as it is assessed.

use super::check::{Certified, Gatekeeper};
use super::{Standing, standing};
use crate::app::error::AppError;
use crate::app::gates::{Outside, gated, make_anew};
use crate::app::project::Project;
use crate::app::standing::{self as way_of, Assessment, Gated, assess, imports};
use crate::domain::run::{Run, newest_compared};
use crate::ports::workspace::{StoreError, Workspace, WorkspaceWriter};
use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

/// Runs looked through for the newest month's newest.
const RUNS_LOOKED_AT: usize = 1_000;

/// The way to the flip as it stands, and what the gates certify.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// Its stages, and everything that blocks.
    pub assessment: Assessment,
    /// How the runbook's gates stand; `None` where there is no runbook.
    pub gates: Option<Gated>,
}

impl Way {
    /// The digest of what the gates certify where they hold, or what blocks, a sentence each.
    pub fn certified(self) -> Certified {
        let told = |b: &way_of::Blocker| format!("{}: {} → {}", b.stage.word(), b.what, b.remedy);
        match self.gates.filter(|_| self.assessment.opens()) {
            Some(gated) => Ok(gated.standing.certificate()),
            // Without a runbook there is nothing that could be certified.
            None if self.assessment.blockers.is_empty() => Err(vec!["there is no runbook: nothing certifies that the flip may happen".to_owned()]),
            None => Err(self.assessment.blockers.iter().map(told).collect()),
        }
    }
}

/// Assesses the way by the newest month that anything was compared in.
pub async fn way<W: Workspace + ?Sized>(store: &W, project: &Project, flip: &Standing) -> Result<Way, StoreError> {
    let service = project.profile.service.as_str();
    let of_service = |run: &Run| run.request.service == service;
    let runs: Vec<Run> = store.runs(RUNS_LOOKED_AT).await?.into_iter().filter(of_service).collect();
    let counting: Vec<Run> = store.current_runs().await?.into_iter().filter(of_service).collect();
    let current = newest_compared(&counting);
    let month = current.map(|run| run.request.month).or_else(|| runs.iter().map(|run| run.request.month).max());
    let of_month = |run: &&Run| Some(run.request.month) == month;
    // A newer month that could not be read holds the flip of an older one, too.
    let latest = runs.iter().find(|run| run.is_full() && month.is_none_or(|month| run.request.month >= month));
    let findings = match current.or_else(|| runs.iter().find(of_month)) {
        Some(run) => store.findings(run.id).await?,
        None => Vec::new(),
    };
    let review = match current {
        Some(run) => store.review(run.id).await?,
        None => None,
    };
    let deliveries = store.deliveries(service).await?;
    let imports = imports(store, service, &deliveries).await?;
    let inertness = store.inertness(service).await?;
    let outside = (&project.gates, project.outside.as_ref() as &dyn Outside);
    let gates = gated(store, service, outside, current, project.clock.now()).await?;
    let assessment = assess(&way_of::Standing {
        latest,
        current,
        findings: &findings,
        review: review.as_ref(),
        imports: &imports,
        inertness: inertness.as_ref(),
        inertness_digest: &project.import.inertness_digest,
        is_checked: !project.import.inertness.is_empty(),
        config_digest: &project.config_digest,
        coverage_floor: project.coverage_floor,
        gates: gates.as_ref(),
        has_flipped: flip.has_flipped(),
    });
    Ok(Way { assessment, gates })
}

/// The gates of a project.
#[derive(Clone, Copy)]
pub struct Gates<'a>(pub &'a Project);

#[async_trait]
impl Gatekeeper for Gates<'_> {
    async fn make_anew(&self, store: &dyn WorkspaceWriter, cancel: &CancellationToken) -> Result<(), AppError> {
        make_anew(self.0, store, cancel).await
    }

    async fn certify(&self) -> Result<Certified, AppError> {
        let flip = standing(self.0).await?;
        match self.0.door.read().await? {
            Some(store) => Ok(way(store.as_ref(), self.0, &flip).await?.certified()),
            None => Ok(Err(vec!["nothing was compared yet — dualrun reconcile".to_owned()])),
        }
    }
}

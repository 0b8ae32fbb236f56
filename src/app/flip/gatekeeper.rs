//! Whether the gates hold, asked anew each time: by what blocks the way as it is assessed.

use super::check::{Certified, Gatekeeper};
use super::{Standing, standing_in};
use crate::app::error::AppError;
use crate::app::gates::{GateSetup, Outside, gated, make_anew};
use crate::app::inertness::look_before_flip;
use crate::app::project::Project;
use crate::app::standing::{self as way_of, Assessment, Gated, assess, imports};
use crate::domain::finding::Finding;
use crate::domain::import::{ImportStanding, Inertness};
use crate::domain::review::ReviewTally;
use crate::domain::run::{Run, RunState, newest_compared};
use crate::ports::workspace::{StoreError, Workspace, WorkspaceWriter};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;

/// What the way stands on beside the workspace: no connection and no secret is needed to say how it stands.
#[derive(Clone, Copy)]
pub struct Configured<'a> {
    /// The service.
    pub service: &'a str,
    /// What gates stand on, as it is configured.
    pub gates: &'a GateSetup,
    /// What they stand on elsewhere.
    pub outside: &'a dyn Outside,
    /// Digest of the checks of inertness.
    pub inertness_digest: &'a str,
    /// Whether any check of inertness is configured.
    pub is_checked: bool,
    /// Digest of the configuration that decides numbers.
    pub config_digest: &'a str,
    /// Coverage wanted at least, in ten-thousandths.
    pub coverage_floor: i64,
    /// Now.
    pub now: DateTime<Utc>,
}

impl Project {
    /// What its way stands on.
    pub fn configured(&self) -> Configured<'_> {
        Configured {
            service: &self.profile.service,
            gates: &self.gates,
            outside: self.outside.as_ref(),
            inertness_digest: &self.import.inertness_digest,
            is_checked: !self.import.inertness.is_empty(),
            config_digest: &self.config_digest,
            coverage_floor: self.coverage_floor,
            now: self.clock.now(),
        }
    }
}

/// The way to the flip as it stands, and what the gates certify.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// Its stages, and everything that blocks.
    pub assessment: Assessment,
    /// How the runbook's gates stand; `None` where there is no runbook.
    pub gates: Option<Gated>,
    /// Where the flip stands.
    pub flip: Standing,
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

/// What the workspace knows of the way.
#[derive(Default)]
struct Known {
    latest: Option<Run>,
    current: Option<Run>,
    findings: Vec<Finding>,
    review: Option<ReviewTally>,
    imports: ImportStanding,
    inertness: Option<Inertness>,
    gates: Option<Gated>,
    flip: Standing,
}

/// Assesses the way by the newest month that anything was compared in. Where there is no workspace nothing is known.
pub async fn way<W: Workspace + ?Sized>(store: Option<&W>, configured: &Configured<'_>) -> Result<Way, StoreError> {
    let known = match store {
        Some(store) => known(store, configured).await?,
        None => Known::default(),
    };
    let Known { latest, current, findings, review, imports, inertness, gates, flip } = known;
    let assessment = assess(&way_of::Standing {
        latest: latest.as_ref(),
        current: current.as_ref(),
        findings: &findings,
        review: review.as_ref(),
        imports: &imports,
        inertness: inertness.as_ref(),
        inertness_digest: configured.inertness_digest,
        is_checked: configured.is_checked,
        config_digest: configured.config_digest,
        coverage_floor: configured.coverage_floor,
        gates: gates.as_ref(),
        flipped: &flip.flipped().digest(),
    });
    Ok(Way { assessment, gates, flip })
}

async fn known<W: Workspace + ?Sized>(store: &W, configured: &Configured<'_>) -> Result<Known, StoreError> {
    let service = configured.service;
    let of_service = |run: &Run| run.request.service == service;
    let runs = store.newest_runs(service).await?;
    let counting: Vec<Run> = store.current_runs().await?.into_iter().filter(of_service).collect();
    let current = newest_compared(&counting);
    let month = current.map(|run| run.request.month).or_else(|| runs.iter().map(|run| run.request.month).max());
    let of_month = |run: &&Run| Some(run.request.month) == month;
    // A newer month that could not be read holds the flip of an older one, too, until that month is read: of each the newest run speaks.
    let from_month = || runs.iter().filter(|run| month.is_none_or(|month| run.request.month >= month));
    let unread = |run: &&Run| matches!(run.state, RunState::Failed | RunState::Incomplete);
    let latest = from_month().filter(unread).max_by_key(|run| run.id).or_else(|| from_month().max_by_key(|run| run.id)).cloned();
    let findings = match current.or_else(|| runs.iter().find(of_month)) {
        Some(run) => store.findings(run.id).await?,
        None => Vec::new(),
    };
    let review = match current {
        Some(run) => store.review(run.id).await?,
        None => None,
    };
    let deliveries = store.deliveries(service).await?;
    Ok(Known {
        latest,
        findings,
        review,
        imports: imports(store, service, &deliveries).await?,
        inertness: store.inertness(service).await?,
        gates: gated(store, service, (configured.gates, configured.outside), current, configured.now).await?,
        current: current.cloned(),
        flip: standing_in(store, service).await?,
    })
}

/// The gates of a project.
#[derive(Clone, Copy)]
pub struct Gates<'a>(pub &'a Project);

#[async_trait]
impl Gatekeeper for Gates<'_> {
    async fn make_anew(&self, store: &dyn WorkspaceWriter, cancel: &CancellationToken) -> Result<(), AppError> {
        // First: a check of the runbook may count what is seen here.
        look_before_flip(self.0, store, cancel).await?;
        make_anew(self.0, store, cancel).await
    }

    async fn certify(&self) -> Result<Certified, AppError> {
        match self.0.door.read().await? {
            Some(store) => Ok(way(Some(store.as_ref()), &self.0.configured()).await?.certified()),
            None => Ok(Err(vec!["nothing was compared yet — dualrun reconcile".to_owned()])),
        }
    }
}

//! Is the target inert? Each configured query counts what could bill, send or charge there; nought is inert, anything else is a
//! breach, and what cannot be counted is as bad.

use super::error::AppError;
use super::parameters;
use super::project::Project;
use crate::domain::decode::{Batch, ResultColumn};
use crate::domain::finding::{About, Finding, Weight};
use crate::domain::import::{Inertness, InertnessCheck, Light, NOT_INERT, Occasion};
use crate::domain::period::Month;
use crate::domain::text::{Untrusted, shown, shown_bytes};
use crate::ports::database::{Fault, FaultKind, Query, RowSink, Session};
use crate::ports::workspace::{StoreError, WorkspaceWriter};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Runs every check on a session of the target. A query that fails is a check that is not known; only a session that is lost is a
/// fault.
pub(super) async fn look(project: &Project, session: &mut dyn Session) -> Result<Vec<InertnessCheck>, Fault> {
    let mut checks = Vec::with_capacity(project.import.inertness.len());
    let zone = project.profile.zone;
    let month = Month::of(zone.day_of(project.clock.now()));
    for (name, query) in &project.import.inertness {
        let query = parameters::over(query, parameters::window(month, month), zone);
        let light = match count(session, &query).await {
            Ok(light) => light,
            Err(fault) if matches!(fault.kind, FaultKind::ConnectionLost | FaultKind::Cancelled) => return Err(fault),
            Err(fault) => Light::Unknown { why: fault.what },
        };
        checks.push(InertnessCheck { name: name.clone(), light });
    }
    Ok(checks)
}

/// Looks of a use case, and where they are kept. A look that does not hold is kept at once, whatever becomes of the session it was
/// taken in; one that holds counts only when that session ended well.
pub(super) struct Watch<'a> {
    pub project: &'a Project,
    /// The workspace, where it is held already; else it is taken for a moment.
    pub store: Option<&'a dyn WorkspaceWriter>,
    pub occasion: Occasion,
    pub import: Option<i64>,
}

/// A look, and why it was not kept, where that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Look {
    pub inertness: Inertness,
    pub unkept: Option<String>,
}

/// Longest wait for another program that writes the workspace, where a look has to be kept that nobody asked to keep.
const MOMENT: Duration = Duration::from_secs(1);

impl Watch<'_> {
    /// Looks, and keeps what does not hold.
    pub async fn look(&self, session: &mut dyn Session) -> Result<Look, AppError> {
        let checks = look(self.project, session).await?;
        let digest = self.project.import.inertness_digest.clone();
        let (at, occasion, import) = (self.project.clock.now(), self.occasion, self.import);
        let inertness = Inertness { at, occasion, import, run: None, digest, checks };
        let unkept = match self.store {
            _ if inertness.broken().next().is_none() => None,
            Some(store) => {
                self.keep(store, &inertness).await?;
                None
            }
            None => match self.project.door.write("import", &self.project.actor, MOMENT).await {
                Ok(store) => self.keep(store.as_ref(), &inertness).await.err(),
                Err(error) => Some(error),
            }
            .map(|error| error.to_string()),
        };
        Ok(Look { inertness, unkept })
    }

    /// Keeps a look that holds (or that nothing was checked in), its session having ended well.
    pub async fn settle(&self, look: &Look) -> Result<(), AppError> {
        match self.store {
            Some(store) if look.inertness.broken().next().is_none() => Ok(self.keep(store, &look.inertness).await?),
            _ => Ok(()),
        }
    }

    async fn keep(&self, store: &dyn WorkspaceWriter, inertness: &Inertness) -> Result<(), StoreError> {
        store.note_inertness(&self.project.profile.service, &self.project.actor, inertness).await
    }
}

/// Looks now, because somebody asked, and keeps what was seen.
pub async fn look_now(project: &Project, wait: Duration, cancel: &CancellationToken) -> Result<Inertness, AppError> {
    if project.import.inertness.is_empty() {
        return Err(AppError::Usage("no check of inertness is configured — write [inertness] in dualrun.toml".to_owned()));
    }
    let store = project.door.write("inertness", &project.actor, wait).await?;
    let mut session = project.target.database.open(&project.limits, cancel).await?;
    let watch = Watch { project, store: Some(store.as_ref()), occasion: Occasion::Asked, import: None };
    let seen = watch.look(session.as_mut()).await?;
    session.close().await?;
    watch.settle(&seen).await?;
    Ok(seen.inertness)
}

/// Keeps what a reconciliation saw, where anything is checked.
pub(super) async fn note(project: &Project, store: &dyn WorkspaceWriter, checks: &[InertnessCheck], run: i64) -> Result<(), AppError> {
    if checks.is_empty() {
        return Ok(());
    }
    let seen = Inertness {
        at: project.clock.now(),
        occasion: Occasion::Reconcile,
        import: None,
        run: Some(run),
        digest: project.import.inertness_digest.clone(),
        checks: checks.to_vec(),
    };
    Ok(store.note_inertness(&project.profile.service, &project.actor, &seen).await?)
}

/// The finding of a run over a target that is not proven inert; `None` where it is, or where nothing is checked.
pub(super) fn finding(checks: &[InertnessCheck]) -> Option<Finding> {
    let broken: Vec<&InertnessCheck> = checks.iter().filter(|c| c.light != Light::Inert).collect();
    let first = broken.first()?;
    let what = match &first.light {
        Light::Unknown { why } => format!("it cannot be told whether the target is inert ({}: {why})", shown(&first.name, 60)),
        _ => "the target could bill, send or charge".to_owned(),
    };
    Some(Finding {
        code: NOT_INERT.to_owned(),
        side: About::Target,
        weight: Weight::Blocking,
        count: u64::try_from(broken.len()).unwrap_or(u64::MAX),
        ids: broken.iter().map(|c| Untrusted::new(c.name.as_str())).collect(),
        money: BTreeMap::new(),
        message: what,
        remedy: "see what each check counts (dualrun inertness), and stop it in the target".to_owned(),
    })
}

async fn count(session: &mut dyn Session, query: &Query) -> Result<Light, Fault> {
    let mut answer = OneRow::default();
    session.stream(query, &mut answer).await?;
    Ok(answer.light())
}

/// The one row of a check: how many, and where there is a second column, an example.
#[derive(Debug, Default)]
struct OneRow {
    columns: usize,
    rows: usize,
    count: Option<Vec<u8>>,
    sample: Option<String>,
}

impl OneRow {
    fn light(&self) -> Light {
        let unknown = |why: String| Light::Unknown { why };
        if self.columns == 0 || self.columns > 2 {
            return unknown(format!("the query gives {} columns where one number (and an example) belongs", self.columns));
        }
        if self.rows != 1 {
            return unknown(format!("the query gives {} rows where one belongs — select count(*)", self.rows));
        }
        let Some(count) = &self.count else { return unknown("the query gives NULL — select count(*)".to_owned()) };
        match std::str::from_utf8(count).ok().and_then(|text| text.parse::<u64>().ok()) {
            Some(0) => Light::Inert,
            Some(count) => Light::Breach { count, sample: self.sample.as_deref().map(Untrusted::new) },
            None => unknown(format!("\"{}\" is no whole number from 0 — select count(*)", shown(&shown_bytes(count, 40), 40))),
        }
    }
}

impl RowSink for OneRow {
    fn columns(&mut self, columns: &[ResultColumn]) -> Result<(), Fault> {
        self.columns = columns.len();
        Ok(())
    }

    fn rows(&mut self, batch: &Batch) -> Result<(), Fault> {
        if self.rows == 0 && !batch.is_empty() {
            self.count = batch.field(0, 0).map(<[u8]>::to_vec);
            self.sample = if self.columns > 1 { batch.field(0, 1).map(|b| shown_bytes(b, 120)) } else { None };
        }
        self.rows += batch.len();
        Ok(())
    }
}

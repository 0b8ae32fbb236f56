//! Is the target inert? Each configured query counts what could bill, send or charge there; nought is inert, anything else is a
//! breach, and what cannot be counted is as bad.

use super::error::AppError;
use super::flip;
use super::parameters;
use super::project::Project;
use crate::domain::decode::{Batch, ResultColumn};
use crate::domain::finding::{About, Finding, Weight};
use crate::domain::import::{Inertness, InertnessCheck, Light, NOT_INERT, Occasion};
use crate::domain::key::Key;
use crate::domain::period::Month;
use crate::domain::profile::SideProfile;
use crate::domain::text::{Untrusted, shown, shown_bytes};
use crate::flip::Flipped;
use crate::ports::database::{Fault, FaultKind, RowSink, Session};
use crate::ports::workspace::{StoreError, WorkspaceWriter};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// What the checks came to over one snapshot, and digest of the subscriptions that are flipped: theirs is left out of what is counted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Seen {
    pub checks: Vec<InertnessCheck>,
    pub flipped: String,
}

/// Runs every check on a session of the target. A query that fails is a check that is not known; only a session that is lost is a
/// fault.
pub(super) async fn look(project: &Project, session: &mut dyn Session) -> Result<Seen, AppError> {
    let setup = &project.import;
    let mut checks = Vec::with_capacity(setup.inertness.len());
    let zone = project.profile.zone;
    let month = Month::of(zone.day_of(project.clock.now()));
    // By its acts now, which are no older than the snapshot: whoever was flipped in between is left out, and was not there yet.
    let flipped = if setup.inertness.is_empty() { Flipped::default() } else { flip::standing(project).await?.flipped() };
    for (name, query) in &setup.inertness {
        let query = parameters::over(query, parameters::window(month, month), zone);
        let mut answer = Answer { profile: Some(&project.profile.target), flipped: Some(&flipped), ..Answer::default() };
        let (light, expected) = match session.stream(&query, &mut answer).await {
            Ok(_) => answer.light(),
            Err(fault) if matches!(fault.kind, FaultKind::ConnectionLost | FaultKind::Cancelled) => return Err(fault.into()),
            Err(fault) => (Light::Unknown { why: fault.what }, 0),
        };
        let check = InertnessCheck { name: name.clone(), light, expected };
        // A check that says whose each row is was asked about everybody else: what it found is nobody's that was flipped.
        let ends = !flipped.is_empty() && setup.ends_with_flip.contains(name) && answer.whose().is_none();
        checks.push(if ends { switched_on(check) } else { check });
    }
    Ok(Seen { checks, flipped: flipped.digest() })
}

/// What a flip switches on is no breach once somebody is flipped; what cannot be counted is as bad as before.
fn switched_on(check: InertnessCheck) -> InertnessCheck {
    match check.light {
        Light::Breach { count, .. } => InertnessCheck { light: Light::Inert, expected: check.expected.saturating_add(count), ..check },
        _ => check,
    }
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
        let Seen { checks, flipped } = look(self.project, session).await?;
        let digest = self.project.import.inertness_digest.clone();
        let (at, occasion, import) = (self.project.clock.now(), self.occasion, self.import);
        let inertness = Inertness { at, occasion, import, run: None, digest, flipped, checks };
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
    look_and_keep((project, store.as_ref()), Occasion::Asked, cancel).await
}

/// Looks before a wave is applied, while the workspace is held; nothing where nothing is checked.
pub(super) async fn look_before_flip(project: &Project, store: &dyn WorkspaceWriter, cancel: &CancellationToken) -> Result<(), AppError> {
    if !project.import.inertness.is_empty() {
        look_and_keep((project, store), Occasion::Flip, cancel).await?;
    }
    Ok(())
}

async fn look_and_keep(
    (project, store): (&Project, &dyn WorkspaceWriter),
    occasion: Occasion,
    cancel: &CancellationToken,
) -> Result<Inertness, AppError> {
    let mut session = project.target.database.open(&project.limits, cancel).await?;
    let watch = Watch { project, store: Some(store), occasion, import: None };
    let seen = watch.look(session.as_mut()).await?;
    session.close().await?;
    watch.settle(&seen).await?;
    Ok(seen.inertness)
}

/// Keeps what a reconciliation saw, where anything is checked.
pub(super) async fn note(project: &Project, store: &dyn WorkspaceWriter, seen: &Seen, run: i64) -> Result<(), AppError> {
    if seen.checks.is_empty() {
        return Ok(());
    }
    let Seen { checks, flipped } = seen.clone();
    let (at, digest) = (project.clock.now(), project.import.inertness_digest.clone());
    let seen = Inertness { at, occasion: Occasion::Reconcile, import: None, run: Some(run), digest, flipped, checks };
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

/// The column by which a check lists, one in a row, what could bill of which subscription.
const WHOSE: &str = "subscription_id";

/// What a check answers: one row with how many there are, and where there is a second column, an example; or a row for each of them,
/// which says whose it is.
#[derive(Default)]
struct Answer<'a> {
    /// How the target writes keys.
    profile: Option<&'a SideProfile>,
    flipped: Option<&'a Flipped>,
    columns: Vec<ResultColumn>,
    rows: u64,
    /// Rows of nobody who is flipped.
    counted: u64,
    /// The first row's first field.
    count: Option<Vec<u8>>,
    sample: Option<String>,
}

impl Answer<'_> {
    fn whose(&self) -> Option<usize> {
        self.columns.iter().position(|column| column.name.eq_ignore_ascii_case(WHOSE))
    }

    /// What it comes to, and how many more there are of who is flipped.
    fn light(&self) -> (Light, u64) {
        let unknown = |why: String| (Light::Unknown { why }, 0);
        let sample = self.sample.as_deref().map(Untrusted::new);
        if self.columns.is_empty() || self.columns.len() > 2 {
            return unknown(format!("the query gives {} columns where one number (and an example) belongs", self.columns.len()));
        }
        if self.whose().is_some() {
            let expected = self.rows - self.counted;
            return match self.counted {
                0 => (Light::Inert, expected),
                count => (Light::Breach { count, sample }, expected),
            };
        }
        if self.rows != 1 {
            return unknown(format!("the query gives {} rows where one belongs — select count(*), or list each with its {WHOSE}", self.rows));
        }
        let Some(count) = &self.count else { return unknown("the query gives NULL — select count(*)".to_owned()) };
        match std::str::from_utf8(count).ok().and_then(|text| text.parse::<u64>().ok()) {
            Some(0) => (Light::Inert, 0),
            Some(count) => (Light::Breach { count, sample }, 0),
            None => unknown(format!("\"{}\" is no whole number from 0 — select count(*)", shown(&shown_bytes(count, 40), 40))),
        }
    }

    fn field(&self, batch: &Batch, row: usize, at: usize) -> Option<Vec<u8>> {
        Some(self.columns.get(at)?.wire.printed(batch.field(row, at)?).into_owned())
    }

    /// A row that does not say whose it is, or of whom no key can be made, is of nobody who is flipped.
    fn is_flipped(&self, raw: Option<&[u8]>) -> bool {
        let (Some(profile), Some(flipped)) = (self.profile, self.flipped) else { return false };
        let text = raw.and_then(|bytes| std::str::from_utf8(bytes).ok());
        let key = text.and_then(|text| Key::normalised(text, profile.key, profile.key_normaliser).ok());
        key.is_some_and(|key| flipped.has(key.as_str()))
    }
}

impl RowSink for Answer<'_> {
    fn columns(&mut self, columns: &[ResultColumn]) -> Result<(), Fault> {
        self.columns = columns.to_vec();
        Ok(())
    }

    fn rows(&mut self, batch: &Batch) -> Result<(), Fault> {
        let whose = self.whose();
        for row in 0..batch.len() {
            let is_first = self.counted == 0;
            self.rows += 1;
            if whose.is_some_and(|at| self.is_flipped(self.field(batch, row, at).as_deref())) {
                continue;
            }
            self.counted += 1;
            if is_first {
                self.count = self.field(batch, row, 0);
                // Of two columns the example is the one that is not counted by.
                let of = if self.columns.len() > 1 { Some(whose.map_or(1, |at| 1 - at.min(1))) } else { whose };
                self.sample = of.and_then(|at| self.field(batch, row, at)).map(|b| shown_bytes(&b, 120));
            }
        }
        Ok(())
    }
}

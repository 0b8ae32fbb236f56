//! The staged import: what of the source would be carried over, the staged copy of it, and its way through a loader into the
//! target. Nothing here writes to a database of either side.

mod load;
mod parked;
mod reading;

pub use parked::{Meant, ParkedVerb, parked, settle_parked};

use super::error::AppError;
use super::inertness::{Look, Watch};
use super::progress::{Observer, Progress};
use super::project::Project;
use crate::domain::contract::Entity;
use crate::domain::import::{Act, DeliveryState, Import, ImportPlan, ImportRequest, ImportState, Inertness, LoadTally, MappedId, Occasion};
use crate::domain::key::Key;
use crate::domain::run::SnapshotInfo;
use crate::domain::shadow::{CARRIED, RecordId, Shadow};
use crate::domain::side::Side;
use crate::domain::text::shown;
use crate::import::{Known, NoPlan, TargetHolding, Wanted, plan, select};
use crate::ports::staging::{ImportEnd, StageChange, Staging};
use crate::ports::workspace::WorkspaceWriter;
use reading::{Sides, read_sides};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// What an import is asked to do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImportOptions {
    /// Only these subscriptions, as typed, and what they need; empty is all.
    pub only: Vec<String>,
    /// Inactive records too.
    pub all: bool,
    /// Stage, and hand nothing to a loader.
    pub stage_only: bool,
    /// Retire what should not be in the target.
    pub retire: bool,
    /// The digest of what was looked at ([`digest`]): where something else would be done by now, nothing is.
    pub expected: Option<String>,
    /// Longest wait for another program that writes the workspace, or for a loader's program of an earlier import.
    pub wait: Duration,
}

/// A plan, and how inert the target was when it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// The plan.
    pub plan: ImportPlan,
    /// Inertness over the same snapshot of the target. Where it does not hold it was kept, though nothing else was.
    pub inertness: Inertness,
    /// Why it could not be kept.
    pub unkept: Option<String>,
}

/// An import that acted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// What was planned, before anything was handed over.
    pub plan: ImportPlan,
    /// What came of it.
    pub import: Import,
    /// Inertness at its end.
    pub inertness: Inertness,
}

/// Names what an import would do, hex: the plan, whether it retires, and what it leaves alone because it waits for somebody's word.
pub fn digest(plan: &ImportPlan, retire: bool) -> String {
    let mut hasher = blake3::Hasher::new_derive_key("dualrun import v1");
    let mut text = |text: &str| {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    };
    text(&plan.digest());
    text(if retire { "retire" } else { "" });
    for line in &plan.lines {
        if let Some(act) = line.act().filter(|act| *act == Act::Put || retire).filter(|act| load::waits(line, *act).is_some()) {
            for part in [act.word(), line.id.entity.word(), &line.id.external_id] {
                text(part);
            }
        }
    }
    hasher.finalize().to_hex().as_str().get(..32).unwrap_or_default().to_owned()
}

/// Shows what an import would do. Reads both sides and the workspace, and changes nothing; only a target that is seen not to be inert
/// is kept in the workspace, so that it is not forgotten.
pub async fn plan_import(
    project: &Project,
    options: &ImportOptions,
    observer: Arc<dyn Observer>,
    cancel: CancellationToken,
) -> Result<Planned, AppError> {
    let wanted = wanted(project, options)?;
    let watch = Watch { project, store: None, occasion: Occasion::Asked, import: None };
    let sides = read_sides(&watch, &observer, &cancel).await?;
    let known = match project.door.read().await? {
        Some(store) => known(store.as_ref(), &project.profile.service).await?,
        None => Known::default(),
    };
    observer.hear(Progress::Phase("planning".to_owned()));
    let plan = planned(project, &sides, &known, &wanted, options)?;
    let Look { inertness, unkept } = sides.look;
    Ok(Planned { plan, inertness, unkept })
}

/// Stages, and hands over what the target lacks. Cancelling leaves the import `interrupted`: what was staged stays, what was handed
/// over is known, and the next import goes on from there.
pub async fn apply_import(
    project: &Project,
    options: &ImportOptions,
    observer: Arc<dyn Observer>,
    cancel: CancellationToken,
) -> Result<Applied, AppError> {
    let wanted = wanted(project, options)?;
    let store = enter(project, options.wait, &cancel).await?;
    if store.adopted_config().await?.as_deref() != Some(project.config_digest.as_str()) {
        store.adopt_config(&project.actor, &project.config_digest).await?;
    }
    let import = store.begin_import(&request(project, options, &wanted)).await?;
    let apply = Apply { project, options, wanted: &wanted, store: store.as_ref(), import: &import, observer: &observer, cancel: &cancel };
    match Box::pin(apply.run()).await {
        Ok((plan, end, inertness)) => {
            let import = store.end_import(&import, &end).await?;
            Ok(Applied { plan, import, inertness })
        }
        Err(Ended { error, load }) => {
            let state = if cancel.is_cancelled() { ImportState::Interrupted } else { ImportState::Failed };
            let end = ImportEnd { state, load, pack: None, failure: Some(error.to_string()) };
            // What the workspace says about ending it does not hide the first error.
            let _ = store.end_import(&import, &end).await;
            Err(error)
        }
    }
}

/// Takes the workspace. Whoever is stopped while another program has it does not wait on.
async fn enter(project: &Project, wait: Duration, cancel: &CancellationToken) -> Result<Arc<dyn WorkspaceWriter>, AppError> {
    tokio::select! {
        entered = project.door.write("import", &project.actor, wait) => Ok(entered?),
        () = cancel.cancelled() => Err(AppError::Stopped("another dualrun wrote the workspace; nothing was begun".to_owned())),
    }
}

fn wanted(project: &Project, options: &ImportOptions) -> Result<Wanted, AppError> {
    // Charges too: a service that meters nothing says so by a query without rows.
    let needed = CARRIED;
    let lacking: Vec<String> =
        needed.iter().filter(|e| !project.source.queries.contains_key(e)).map(|e| format!("{}.queries.{e}", Side::Source)).collect();
    if !lacking.is_empty() {
        return Err(AppError::Usage(format!("{} not mapped — an import needs it: write the query in dualrun.toml", lacking.join(", "))));
    }
    let profile = &project.profile.source;
    let mut only = BTreeSet::new();
    for raw in &options.only {
        let key =
            Key::normalised(raw, profile.key, profile.key_normaliser).map_err(|e| AppError::Usage(format!("--only {}: {e}", shown(raw, 60))))?;
        only.insert(key);
    }
    Ok(Wanted { only, all: options.all })
}

fn request(project: &Project, options: &ImportOptions, wanted: &Wanted) -> ImportRequest {
    ImportRequest {
        service: project.profile.service.clone(),
        only: wanted.only.iter().map(|k| k.as_str().to_owned()).collect(),
        all: options.all,
        stage_only: options.stage_only || project.import.loader.is_none(),
        no_loader: !options.stage_only && project.import.loader.is_none(),
        retire: options.retire,
        actor: project.actor.clone(),
        program: project.program.clone(),
        config_digest: project.config_digest.clone(),
    }
}

/// What the workspace knows of earlier imports.
async fn known<S: Staging + ?Sized>(store: &S, service: &str) -> Result<Known, AppError> {
    let staged = store.staged(service).await?;
    let imports = store.imports(service, 100).await?;
    let newest = imports.iter().find_map(|i| i.snapshots.first());
    let staged_at = newest.filter(|_| !staged.is_empty()).map(|s: &SnapshotInfo| s.local_clock);
    let deliveries = store.deliveries(service).await?;
    // What a loader told before it was killed is as good as what was mapped at the end of a load; what was read back otherwise than it
    // told is no word to go by.
    let mut mapping = store.mapping(service).await?;
    let mapped: BTreeSet<RecordId> = mapping.iter().map(|pair| pair.id.clone()).collect();
    let told = deliveries
        .values()
        .filter(|d| d.act == Act::Put && d.id.entity != Entity::Charges && d.state != DeliveryState::Mismatch && !mapped.contains(&d.id));
    mapping.extend(told.filter_map(|d| Some(MappedId { id: d.id.clone(), target_id: d.target_id.clone()? })));
    Ok(Known { staged, staged_at, deliveries, mapping })
}

fn planned(project: &Project, sides: &Sides, known: &Known, wanted: &Wanted, options: &ImportOptions) -> Result<ImportPlan, AppError> {
    if !sides.source.lists_all_errors() {
        let count = sides.source.catalogue.errors.count();
        let what = format!("source: {count} rows cannot be read, too many to list — dualrun reconcile shows which; mend those rows or the query");
        return Err(AppError::TooMuch(what));
    }
    // Without it every plan looks as if it were on sale: a real importer made 464 products of 232 plans that way.
    if !options.all && sides.source.read(Entity::Plans) > 0 && !sides.source.delivers(Entity::Plans, "active") {
        let words = "source.queries.plans delivers no active — select whether a plan is on sale AS active, or import inactive ones too (--all)";
        return Err(AppError::Usage(words.to_owned()));
    }
    let selection = select(&sides.source, &project.profile.source, wanted);
    let nowhere: Vec<String> = wanted.only.iter().filter(|k| !sides.source.subscriptions.contains_key(*k)).map(|k| shown(k.as_str(), 60)).collect();
    if !nowhere.is_empty() {
        let ids = nowhere.join(",");
        return Err(AppError::Usage(format!("--only {ids}: the source has no subscription of that id — check it, letter by letter")));
    }
    let target = TargetHolding::new(&sides.target, &known.mapping);
    plan(&selection, &target, known, !options.only.is_empty(), sides.snapshots.clone()).map_err(|e| match e {
        NoPlan::Unbalanced { .. } => AppError::Bug(e.to_string()),
        NoPlan::Overflow { .. } => AppError::TooMuch(format!("source: {e}")),
    })
}

/// An error, and how far the load had come.
struct Ended {
    error: AppError,
    load: LoadTally,
}

impl<E: Into<AppError>> From<E> for Ended {
    fn from(error: E) -> Self {
        Self { error: error.into(), load: LoadTally::default() }
    }
}

struct Apply<'a> {
    project: &'a Project,
    options: &'a ImportOptions,
    wanted: &'a Wanted,
    store: &'a dyn WorkspaceWriter,
    import: &'a Import,
    observer: &'a Arc<dyn Observer>,
    cancel: &'a CancellationToken,
}

impl Apply<'_> {
    async fn run(&self) -> Result<(ImportPlan, ImportEnd, Inertness), Ended> {
        let service = &self.project.profile.service;
        let loader = self.project.import.loader.as_ref().filter(|_| !self.options.stage_only);
        if let Some(loader) = loader {
            // Before the target is read: what an earlier program still does there would be missed.
            tokio::select! {
                ready = loader.ready(self.options.wait) => ready.map_err(AppError::from)?,
                () = self.cancel.cancelled() => return Err(AppError::Stopped("a loader's program of an earlier import ran; nothing was staged".to_owned()).into()),
            }
        }
        let sides = read_sides(&self.watch(Occasion::BeforeLoad), self.observer, self.cancel).await?;
        let before = sides.look.inertness.clone();
        let known = known(self.store, service).await?;
        let plan = planned(self.project, &sides, &known, self.wanted, self.options)?;
        self.stop_if_cancelled("reading; nothing was staged")?;
        if self.options.expected.as_ref().is_some_and(|expected| *expected != digest(&plan, self.options.retire)) {
            let words = "the source, the target, the staged copy, what is parked or what is asked for changed since the plan was looked at; nothing was done — look at the plan as it is now";
            return Err(AppError::Changed(words.to_owned()).into());
        }
        self.observer.hear(Progress::Phase("staging".to_owned()));
        self.stage(&plan).await?;
        let ended = |state, load, pack, failure| ImportEnd { state, load, pack, failure };
        let Some(loader) = loader else {
            return Ok((plan, ended(ImportState::Staged, LoadTally::default(), None, None), before));
        };
        if let Some(alarm) = before.alarm() {
            let failure = format!("nothing was handed over, the target is not proven inert: {alarm}");
            return Ok((plan, ended(ImportState::Incomplete, LoadTally::default(), None, Some(failure)), before));
        }
        let load = load::Load { apply: self, loader: loader.as_ref(), plan: &plan, mapping: &known.mapping, deliveries: &known.deliveries };
        let loaded = load.run(sides).await?;
        let inertness = loaded.inertness.unwrap_or(before);
        let failure = loaded.stopped.or_else(|| inertness.alarm().map(|alarm| format!("after the load the target is not inert: {alarm}")));
        let whole = loaded.tally.is_whole() && failure.is_none();
        let state = if whole { ImportState::Complete } else { ImportState::Incomplete };
        Ok((plan, ended(state, loaded.tally, loader.pack(), failure), inertness))
    }

    const fn watch(&self, occasion: Occasion) -> Watch<'_> {
        Watch { project: self.project, store: Some(self.store), occasion, import: Some(self.import.id) }
    }

    fn stop_if_cancelled(&self, doing: &str) -> Result<(), AppError> {
        if self.cancel.is_cancelled() { Err(AppError::Stopped(doing.to_owned())) } else { Ok(()) }
    }

    async fn stage(&self, plan: &ImportPlan) -> Result<(), AppError> {
        let changed = |l: &&crate::domain::import::PlanLine| l.fate.is_taken() && l.source != l.staged;
        let put: Vec<Shadow> = plan.lines.iter().filter(changed).filter_map(|l| l.source.clone()).collect();
        let change = StageChange { put: &put, withdraw: &plan.withdrawn, snapshots: &plan.snapshots, entities: &plan.entities };
        Ok(self.store.stage(self.import, change).await?)
    }
}

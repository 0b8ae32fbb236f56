//! Reading both sides: one snapshot a side, catalogues first, then documents and usage at once.

mod drain;
mod spill;
mod streams;

pub(super) use drain::drain;
pub(super) use spill::{Gathered, bent};
pub(super) use streams::{DocumentsRead, UsageRead};

use super::error::AppError;
use super::inertness;
use super::parameters;
use super::progress::{Observer, Progress};
use super::project::Project;
use crate::domain::contract::Entity;
use crate::domain::decode::Row;
use crate::domain::key::Key;
use crate::domain::period::{Month, Period};
use crate::domain::profile::BasisRule;
use crate::domain::run::{SnapshotInfo, UsageWay};
use crate::domain::side::Side;
use crate::ledger::books::Books;
use crate::ledger::catalogue::Catalogue;
use crate::ledger::interned::Keys;
use crate::ledger::scope::Scope;
use crate::ledger::summing::Choice;
use crate::ports::database::{Query, Session};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use streams::Ground;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// What is asked of the readers.
pub(super) struct Wanted {
    pub first: Month,
    pub months: usize,
    pub only: BTreeSet<Key>,
    /// How usage is to be read.
    pub usage: Choice,
}

/// Both sides as they were read, and where from.
pub(super) struct Reading {
    pub books: Arc<Books>,
    pub actual: DocumentsRead,
    pub drafts: DocumentsRead,
    pub usage: UsageRead,
    pub snapshots: Vec<SnapshotInfo>,
    /// Inertness over the same snapshot of the target; empty where no check is configured.
    pub inertness: inertness::Seen,
}

/// Entities of a catalogue, in the order they must be read: plans before what is priced by them, subscriptions before what is said
/// of them.
const CATALOGUE: [Entity; 10] = [
    Entity::Customers,
    Entity::Plans,
    Entity::Charges,
    Entity::Subscriptions,
    Entity::Taxes,
    Entity::Links,
    Entity::PriceVersions,
    Entity::ExchangeRates,
    Entity::Discounts,
    Entity::Events,
];

/// Says which mapped entity a reconciliation cannot do without.
pub(super) fn check_mapping(project: &Project) -> Result<(), AppError> {
    let mut needed = vec![(Side::Source, Entity::Invoices)];
    if project.profile.basis == BasisRule::Draft {
        needed.push((Side::Target, Entity::Invoices));
    } else {
        needed.extend([(Side::Target, Entity::Subscriptions), (Side::Target, Entity::Plans)]);
    }
    let missing = needed.into_iter().filter(|(side, entity)| !project.side(*side).queries.contains_key(entity));
    let words: Vec<String> = missing.map(|(side, entity)| format!("{side}.queries.{entity}")).collect();
    if words.is_empty() { Ok(()) } else { Err(AppError::Usage(format!("{} not mapped — write the query in dualrun.toml", words.join(", ")))) }
}

/// Reads everything. Nothing of it counts before this returned well: both transactions ended with every tripwire holding.
pub(super) async fn read(
    project: &Project,
    wanted: Wanted,
    observer: &Arc<dyn Observer>,
    cancel: &CancellationToken,
) -> Result<(Reading, Gathered), AppError> {
    observer.hear(Progress::Phase("connecting".to_owned()));
    let limits = &project.limits;
    let (source, target) = tokio::join!(project.source.database.open(limits, cancel), project.target.database.open(limits, cancel));
    let (source, target) = match (source, target) {
        (Ok(s), Ok(t)) => (s, t),
        (Err(fault), other) | (other, Err(fault)) => {
            if let Ok(session) = other {
                let _ = session.close().await;
            }
            return Err(fault.into());
        }
    };
    let snapshots = vec![source.info().clone(), target.info().clone()];
    let reader = Reader { project, wanted: &wanted, observer };
    observer.hear(Progress::Phase("reading catalogues".to_owned()));
    let ([source, target], books) = reader.catalogues([source, target]).await?;
    observer.hear(Progress::Phase(reader.phase()));
    let ground = Ground {
        books: Arc::new(books),
        observer: Arc::clone(observer),
        door: Arc::clone(&project.door),
        cancel: cancel.clone(),
        usage: wanted.usage.clone(),
        most: limits.max_rows,
    };
    let Moved { source, mut target, mut actual, mut drafts, mut usage } = reader.movements(source, target, &ground).await?;
    let inertness = inertness::look(project, target.as_mut()).await?;
    observer.hear(Progress::Phase("closing snapshots".to_owned()));
    let (source, target) = tokio::join!(source.close(), target.close());
    source?;
    target?;
    let gathered = Gathered { source: actual.gathered(), target: drafts.gathered(), usage: usage.gathered() };
    Ok((Reading { books: ground.books, actual, drafts, usage, snapshots, inertness }, gathered))
}

/// Tells each subscription's own periods. What the source says goes before what the target says; an order has the periods of
/// its deployments.
fn anchor(scope: &mut Scope, keys: &mut Keys, source: &Catalogue, target: &Catalogue) {
    for (id, subscription) in source.all(keys) {
        scope.anchor(id, subscription.grid);
    }
    for (id, subscription) in target.all(keys) {
        if !source.subscriptions.of(id).any(|(_, s)| s.grid.is_said()) {
            scope.anchor(id, subscription.grid);
        }
    }
    for (order, deployments) in &target.orders {
        let grid = deployments.first().map(|first| scope.grid(keys.find(first.as_ref())));
        if let Some(grid) = grid.filter(|g| !g.is_calendar()) {
            scope.anchor(keys.intern(order.as_ref()), grid);
        }
    }
}

struct Reader<'a> {
    project: &'a Project,
    wanted: &'a Wanted,
    observer: &'a Arc<dyn Observer>,
}

/// What the streams of both sides came to, and their sessions.
struct Moved {
    source: Box<dyn Session>,
    target: Box<dyn Session>,
    actual: DocumentsRead,
    drafts: DocumentsRead,
    usage: UsageRead,
}

/// What one task of the streams came to.
enum Streamed {
    Documents(Side, Box<dyn Session>, Box<DocumentsRead>, Option<Box<UsageRead>>),
    Usage(Box<dyn Session>, Box<UsageRead>),
}

impl Reader<'_> {
    /// What is about to be read, and usage in which way.
    fn phase(&self) -> String {
        let Choice { way, why } = &self.wanted.usage;
        if !self.project.side(self.project.profile.usage_from).queries.contains_key(&Entity::Usage) {
            return "reading documents".to_owned();
        }
        let way = if *way == UsageWay::Sums { "the server's sums of usage" } else { "usage record by record" };
        format!("reading documents, and {way}: {why}")
    }

    fn query(&self, side: Side, entity: Entity, any_anchor: bool) -> Option<Query> {
        let documents = matches!(entity, Entity::Invoices | Entity::InvoiceLines);
        let shift = if documents { self.project.profile.side(side).period_shift } else { 0 };
        let days: Period = Scope::window(self.wanted.first, self.wanted.months, any_anchor, shift);
        self.project.side(side).queries.get(&entity).map(|q| parameters::over(q, days, self.project.profile.zone))
    }

    /// Both catalogues, each on a task of its own, over one table of keys.
    async fn catalogues(&self, sessions: [Box<dyn Session>; 2]) -> Result<([Box<dyn Session>; 2], Books), AppError> {
        let keys = Arc::new(Mutex::new(Keys::default()));
        let profile = Arc::new(self.project.profile.clone());
        let mut tasks = JoinSet::new();
        for (side, mut session) in Side::BOTH.into_iter().zip(sessions) {
            let queries: Vec<(Entity, Query)> = CATALOGUE.into_iter().filter_map(|e| Some((e, self.query(side, e, true)?))).collect();
            let (keys, profile, observer) = (Arc::clone(&keys), Arc::clone(&profile), Arc::clone(self.observer));
            let read = async move {
                let mut catalogue = Catalogue::new(queries.iter().any(|(entity, _)| *entity == Entity::Taxes));
                for (entity, query) in &queries {
                    catalogue.mapped.insert(*entity);
                    let take = |row: &Row<'_>| catalogue.push(&mut keys.lock().unwrap_or_else(PoisonError::into_inner), *entity, row);
                    drain(session.as_mut(), query, *entity, &profile, &observer, take).await?;
                }
                Ok::<_, AppError>((session, catalogue))
            };
            tasks.spawn(async move { (side, read.await) });
        }
        let (mut source, mut target) = (None, None);
        while let Some(done) = tasks.join_next().await {
            let (side, read) = done.map_err(|e| AppError::Bug(format!("a reader ended: {e}")))?;
            // Where both fail, the source's error is told: the target's waits for it, and never the other way.
            match side {
                Side::Source => source = Some(read?),
                Side::Target => target = Some(read),
            }
        }
        let (Some(source), Some(target)) = (source, target) else { return Err(AppError::Bug("a catalogue was not read".to_owned())) };
        let ((from, mut source), (to, mut target)) = (source, target?);
        let mut keys = std::mem::take(&mut *keys.lock().unwrap_or_else(PoisonError::into_inner));
        source.settle(&keys);
        target.settle(&keys);
        let mut scope = Scope::new(self.wanted.first, self.wanted.months, self.wanted.only.clone());
        anchor(&mut scope, &mut keys, &source, &target);
        Ok(([from, to], Books::new(self.project.profile.clone(), scope, keys, source, target)))
    }

    /// Documents of both sides and usage, all at once where the sides allow more than one session on their snapshot.
    async fn movements(&self, mut source: Box<dyn Session>, mut target: Box<dyn Session>, ground: &Ground) -> Result<Moved, AppError> {
        let any_anchor = ground.books.scope.any_anchored();
        let metered = self.project.profile.usage_from;
        let mut usage_query = self.query(metered, Entity::Usage, any_anchor);
        let mut tasks = JoinSet::new();
        let host = if metered == Side::Source { &mut source } else { &mut target };
        let spare = if usage_query.is_some() { host.fork().await? } else { None };
        if let Some(mut spare) = spare {
            let (ground, query) = (ground.clone(), usage_query.take());
            tasks.spawn(async move {
                let usage = ground.usage(spare.as_mut(), query.as_ref()).await?;
                Ok::<_, AppError>(Streamed::Usage(spare, Box::new(usage)))
            });
        }
        for (side, mut session) in [(Side::Source, source), (Side::Target, target)] {
            let ground = ground.clone();
            let (headers, lines) = (self.query(side, Entity::Invoices, any_anchor), self.query(side, Entity::InvoiceLines, any_anchor));
            // Where one session is all there is, usage comes after the documents.
            let usage = if side == metered { usage_query.take() } else { None };
            tasks.spawn(async move {
                let documents = ground.documents(side, session.as_mut(), headers.as_ref(), lines.as_ref()).await?;
                let usage = match usage {
                    Some(query) => Some(Box::new(ground.usage(session.as_mut(), Some(&query)).await?)),
                    None => None,
                };
                Ok(Streamed::Documents(side, session, Box::new(documents), usage))
            });
        }
        let (mut from_source, mut from_target, mut usage_read) = (None, None, None);
        while let Some(done) = tasks.join_next().await {
            match done.map_err(|e| AppError::Bug(format!("a reader ended: {e}")))?? {
                Streamed::Usage(spare, usage) => {
                    spare.close().await?;
                    usage_read = Some(*usage);
                }
                Streamed::Documents(side, session, documents, usage) => {
                    usage_read = usage.map(|u| *u).or(usage_read);
                    *(if side == Side::Source { &mut from_source } else { &mut from_target }) = Some((session, *documents));
                }
            }
        }
        let (Some((mut source, actual)), Some((target, drafts))) = (from_source, from_target) else {
            return Err(AppError::Bug("documents were not read".to_owned()));
        };
        let usage = match usage_read {
            Some(usage) => usage,
            None => ground.usage(source.as_mut(), None).await?,
        };
        Ok(Moved { source, target, actual, drafts, usage })
    }
}

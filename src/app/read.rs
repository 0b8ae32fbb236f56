//! Reading both sides into the books: one snapshot a side, catalogues first, then documents and usage at once.

use super::error::AppError;
use super::inertness;
use super::parameters;
use super::progress::{Observer, Progress};
use super::project::Project;
use crate::domain::contract::Entity;
use crate::domain::decode::{Batch, Layout, ResultColumn, Row};
use crate::domain::import::InertnessCheck;
use crate::domain::key::Key;
use crate::domain::period::{Month, Period};
use crate::domain::profile::{BasisRule, ServiceProfile};
use crate::domain::run::SnapshotInfo;
use crate::domain::side::Side;
use crate::ledger::catalogue::Catalogue;
use crate::ledger::documents::DocumentLedger;
use crate::ledger::scope::Scope;
use crate::ledger::usage::UsageLedger;
use crate::ports::database::{Fault, FaultKind, Query, RowSink, Session};
use crate::reconcile::month::Books;
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// What is asked of the readers.
pub(super) struct Wanted {
    pub first: Month,
    pub months: usize,
    pub only: BTreeSet<Key>,
}

/// Both sides as they were read, and where from.
pub(super) struct Reading {
    pub books: Books,
    pub snapshots: Vec<SnapshotInfo>,
    /// Inertness over the same snapshot of the target; empty where no check is configured.
    pub inertness: Vec<InertnessCheck>,
}

/// Entities of a catalogue, in the order they must be read: plans before what is priced by them.
const CATALOGUE: [Entity; 6] = [Entity::Customers, Entity::Plans, Entity::Charges, Entity::Subscriptions, Entity::Taxes, Entity::Links];

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
pub(super) async fn read(project: &Project, wanted: Wanted, observer: &Arc<dyn Observer>, cancel: &CancellationToken) -> Result<Reading, AppError> {
    observer.hear(Progress::Phase("connecting".to_owned()));
    let limits = &project.limits;
    let (source, target) = tokio::join!(project.source.database.open(limits, cancel), project.target.database.open(limits, cancel));
    let (mut source, mut target) = match (source, target) {
        (Ok(s), Ok(t)) => (s, t),
        (Err(fault), other) | (other, Err(fault)) => {
            if let Ok(session) = other {
                let _ = session.close().await;
            }
            return Err(fault.into());
        }
    };
    let snapshots = vec![source.info().clone(), target.info().clone()];
    let reader = Reader { project, wanted: &wanted, observer, any_anchor: true };
    observer.hear(Progress::Phase("reading catalogues".to_owned()));
    let (from_source, from_target) = tokio::join!(reader.catalogue(Side::Source, source.as_mut()), reader.catalogue(Side::Target, target.as_mut()));
    let (source_catalogue, target_catalogue) = (from_source?, from_target?);
    let mut scope = Scope::new(wanted.first, wanted.months, wanted.only.clone());
    anchor(&mut scope, &source_catalogue, &target_catalogue);
    let any_anchor = scope.any_anchored();
    let reader = Reader { any_anchor, ..reader };
    observer.hear(Progress::Phase("reading documents and usage".to_owned()));
    let (actual, drafts, usage) = reader.movements(&mut source, &mut target, &scope).await?;
    let inertness = inertness::look(project, target.as_mut()).await?;
    observer.hear(Progress::Phase("closing snapshots".to_owned()));
    let (source, target) = tokio::join!(source.close(), target.close());
    source?;
    target?;
    let mut books = Books { profile: project.profile.clone(), scope, source: source_catalogue, target: target_catalogue, actual, drafts, usage };
    settle(&mut books);
    Ok(Reading { books, snapshots, inertness })
}

/// Tells each subscription's own periods. What the source says goes before what the target says; an order has the periods of
/// its deployments.
fn anchor(scope: &mut Scope, source: &Catalogue, target: &Catalogue) {
    for subscription in source.subscriptions.values().flatten() {
        scope.anchor(&subscription.key, subscription.grid);
    }
    for subscription in target.subscriptions.values().flatten() {
        let told = source.subscriptions.get(&subscription.key).into_iter().flatten().any(|s| s.grid.is_said());
        if !told {
            scope.anchor(&subscription.key, subscription.grid);
        }
    }
    for (order, deployments) in &target.orders {
        if let Some(first) = deployments.first() {
            scope.anchor(order, scope.grid(first));
        }
    }
}

/// Attributes documents: target ids that are orders stand for their deployments.
fn settle(books: &mut Books) {
    let itself = |key: &Key| vec![key.clone()];
    let orders = &books.target.orders;
    let deployments = |key: &Key| orders.get(key).cloned().unwrap_or_else(|| vec![key.clone()]);
    books.actual.settle(&books.scope, &books.profile.source, &itself);
    books.drafts.settle(&books.scope, &books.profile.target, &deployments);
}

struct Reader<'a> {
    project: &'a Project,
    wanted: &'a Wanted,
    observer: &'a Arc<dyn Observer>,
    any_anchor: bool,
}

impl Reader<'_> {
    fn query(&self, side: Side, entity: Entity) -> Option<Query> {
        let documents = matches!(entity, Entity::Invoices | Entity::InvoiceLines);
        let shift = if documents { self.project.profile.side(side).period_shift } else { 0 };
        let days: Period = Scope::window(self.wanted.first, self.wanted.months, self.any_anchor, shift);
        self.project.side(side).queries.get(&entity).map(|q| parameters::over(q, days, self.project.profile.zone))
    }

    async fn catalogue(&self, side: Side, session: &mut dyn Session) -> Result<Catalogue, AppError> {
        let mut catalogue = Catalogue::new(self.query(side, Entity::Taxes).is_some());
        for entity in CATALOGUE {
            if let Some(query) = self.query(side, entity) {
                catalogue.mapped.insert(entity);
                let take = |row: &Row<'_>| catalogue.push(entity, row);
                drain(session, &query, entity, &self.project.profile, self.observer, take).await?;
            }
        }
        catalogue.settle();
        Ok(catalogue)
    }

    /// Documents of both sides and usage, all at once where the sides allow more than one session on their snapshot.
    async fn movements(
        &self,
        source: &mut Box<dyn Session>,
        target: &mut Box<dyn Session>,
        scope: &Scope,
    ) -> Result<(DocumentLedger, DocumentLedger, UsageLedger), AppError> {
        let usage_from = self.project.profile.usage_from;
        let usage_query = self.query(usage_from, Entity::Usage);
        let host = if usage_from == Side::Source { &mut *source } else { &mut *target };
        let spare = if usage_query.is_some() { host.fork().await? } else { None };
        let Some(mut spare) = spare else {
            let (actual, drafts) =
                tokio::try_join!(self.documents(Side::Source, source.as_mut(), scope), self.documents(Side::Target, target.as_mut(), scope))?;
            let host = if usage_from == Side::Source { source } else { target };
            let usage = self.usage(usage_query.as_ref(), host.as_mut(), scope).await?;
            return Ok((actual, drafts, usage));
        };
        let all = tokio::try_join!(
            self.documents(Side::Source, source.as_mut(), scope),
            self.documents(Side::Target, target.as_mut(), scope),
            self.usage(usage_query.as_ref(), spare.as_mut(), scope)
        )?;
        spare.close().await?;
        Ok(all)
    }

    async fn documents(&self, side: Side, session: &mut dyn Session, scope: &Scope) -> Result<DocumentLedger, AppError> {
        let lines = self.query(side, Entity::InvoiceLines);
        let mut ledger = DocumentLedger::new(lines.is_some());
        let profile = &self.project.profile;
        if let Some(query) = self.query(side, Entity::Invoices) {
            let take = |row: &Row<'_>| ledger.push_header(row, profile.currency, scope);
            drain(session, &query, Entity::Invoices, profile, self.observer, take).await?;
        }
        if let Some(query) = lines {
            drain(session, &query, Entity::InvoiceLines, profile, self.observer, |row: &Row<'_>| ledger.push_line(row)).await?;
        }
        Ok(ledger)
    }

    async fn usage(&self, query: Option<&Query>, session: &mut dyn Session, scope: &Scope) -> Result<UsageLedger, AppError> {
        let mut ledger = UsageLedger::default();
        if let Some(query) = query {
            let take = |row: &Row<'_>| ledger.push(row, scope);
            drain(session, query, Entity::Usage, &self.project.profile, self.observer, take).await?;
        }
        Ok(ledger)
    }
}

/// Streams a query into a taker of rows.
pub(super) async fn drain(
    session: &mut dyn Session,
    query: &Query,
    entity: Entity,
    profile: &ServiceProfile,
    observer: &Arc<dyn Observer>,
    take: impl FnMut(&Row<'_>) + Send,
) -> Result<(), AppError> {
    let mut sink = Sink { query, entity, profile, observer, layout: None, take, rows: 0, bytes: 0 };
    session.stream(query, &mut sink).await?;
    sink.tell(true);
    Ok(())
}

struct Sink<'a, F> {
    query: &'a Query,
    entity: Entity,
    profile: &'a ServiceProfile,
    observer: &'a Arc<dyn Observer>,
    layout: Option<Layout>,
    take: F,
    rows: u64,
    bytes: u64,
}

impl<F> Sink<'_, F> {
    fn tell(&self, done: bool) {
        self.observer.hear(Progress::Read { side: self.query.side, entity: self.entity, rows: self.rows, bytes: self.bytes, done });
    }
}

impl<F: FnMut(&Row<'_>) + Send> RowSink for Sink<'_, F> {
    fn columns(&mut self, columns: &[ResultColumn]) -> Result<(), Fault> {
        let layout = Layout::new(self.entity, columns).map_err(|error| Fault {
            side: self.query.side,
            kind: FaultKind::NoSuchColumn,
            query: Some(self.query.name.clone()),
            what: error.to_string(),
            remedy: "name the contract's columns in the query; dualrun doctor lists them".to_owned(),
        })?;
        self.layout = Some(layout);
        Ok(())
    }

    fn rows(&mut self, batch: &Batch) -> Result<(), Fault> {
        let Some(layout) = &self.layout else { return Ok(()) };
        for row in batch.rows(layout, self.profile.side(self.query.side), self.profile.zone) {
            (self.take)(&row);
        }
        self.rows += u64::try_from(batch.len()).unwrap_or(0);
        self.bytes += u64::try_from(batch.byte_len()).unwrap_or(0);
        self.tell(false);
        Ok(())
    }

    fn paused(&mut self, why: Option<&str>) {
        let side = self.query.side;
        self.observer.hear(Progress::Phase(why.map_or_else(|| format!("{side} goes on"), |why| format!("{side} paused: {why}"))));
    }
}

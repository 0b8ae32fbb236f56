//! One query's rows into a taker.

use crate::app::error::AppError;
use crate::app::progress::{Observer, Progress};
use crate::domain::contract::Entity;
use crate::domain::decode::{Batch, Layout, ResultColumn, Row};
use crate::domain::profile::ServiceProfile;
use crate::ports::database::{Fault, FaultKind, Query, RowSink, Session, Summed, Summing};
use crate::ports::workspace::StoreError;
use std::sync::Arc;

/// Takes rows, and makes room between batches of them.
pub trait Taker: Send {
    /// The result's columns, before any row.
    fn columns(&mut self, _: &[ResultColumn]) {}
    /// Records taken, where a row stands for several.
    fn records(&self) -> Option<u64> {
        None
    }
    /// Looks over the rows of a batch before they are taken.
    fn look_ahead<'b>(&mut self, _: impl Iterator<Item = Row<'b>>) {}
    /// Takes a row.
    fn row(&mut self, row: &Row<'_>);
    /// After a batch.
    fn make_room(&mut self) -> Result<(), StoreError> {
        Ok(())
    }
}

impl<F: FnMut(&Row<'_>) + Send> Taker for F {
    fn row(&mut self, row: &Row<'_>) {
        self(row);
    }
}

/// Streams a query into a taker of rows.
pub async fn drain(
    session: &mut dyn Session,
    query: &Query,
    entity: Entity,
    profile: &ServiceProfile,
    observer: &Arc<dyn Observer>,
    take: impl Taker,
) -> Result<(), AppError> {
    let mut sink = Sink { query, entity, profile, observer, layout: None, take, rows: 0, bytes: 0, no_room: None };
    let streamed = session.stream(query, &mut sink).await;
    sink.end()?;
    streamed?;
    sink.tell(true);
    Ok(())
}

/// Streams sums of a query's rows into a taker. Where they are refused, what was taken does not count.
pub async fn drain_sums(
    session: &mut dyn Session,
    (query, summing): (&Query, Summing),
    entity: Entity,
    profile: &ServiceProfile,
    observer: &Arc<dyn Observer>,
    take: impl Taker,
) -> Result<Summed, AppError> {
    let mut sink = Sink { query, entity, profile, observer, layout: None, take, rows: 0, bytes: 0, no_room: None };
    let streamed = session.stream_sums(query, summing, &mut sink).await;
    sink.end()?;
    let summed = streamed?;
    sink.tell(summed == Summed::Whole);
    Ok(summed)
}

struct Sink<'a, T> {
    query: &'a Query,
    entity: Entity,
    profile: &'a ServiceProfile,
    observer: &'a Arc<dyn Observer>,
    layout: Option<Layout>,
    take: T,
    rows: u64,
    bytes: u64,
    no_room: Option<StoreError>,
}

impl<T: Taker> Sink<'_, T> {
    fn tell(&self, done: bool) {
        let rows = self.take.records().unwrap_or(self.rows);
        self.observer.hear(Progress::Read { side: self.query.side, entity: self.entity, rows, bytes: self.bytes, done });
    }

    /// The error of the workspace, which is told before that of the stream it ended.
    fn end(&mut self) -> Result<(), AppError> {
        self.no_room.take().map_or(Ok(()), |error| Err(error.into()))
    }

    fn fault(&self, kind: FaultKind, what: String, remedy: &str) -> Fault {
        Fault { side: self.query.side, kind, query: Some(self.query.name.clone()), what, remedy: remedy.to_owned() }
    }
}

impl<T: Taker> RowSink for Sink<'_, T> {
    fn columns(&mut self, columns: &[ResultColumn]) -> Result<(), Fault> {
        self.take.columns(columns);
        let layout = Layout::new(self.entity, columns);
        let remedy = "name the contract's columns in the query; dualrun doctor lists them";
        self.layout = Some(layout.map_err(|error| self.fault(FaultKind::NoSuchColumn, error.to_string(), remedy))?);
        Ok(())
    }

    fn rows(&mut self, batch: &Batch) -> Result<(), Fault> {
        let Some(layout) = &self.layout else { return Ok(()) };
        let rows = || batch.rows(layout, self.profile.side(self.query.side), self.profile.zone);
        self.take.look_ahead(rows());
        for row in rows() {
            self.take.row(&row);
        }
        self.rows += u64::try_from(batch.len()).unwrap_or(0);
        self.bytes += u64::try_from(batch.byte_len()).unwrap_or(0);
        self.tell(false);
        // The error of the workspace is the one that is told; this one only ends the stream.
        self.take.make_room().map_err(|error| {
            let fault = self.fault(FaultKind::Failed, error.to_string(), "");
            self.no_room = Some(error);
            fault
        })
    }

    fn paused(&mut self, why: Option<&str>) {
        let side = self.query.side;
        self.observer.hear(Progress::Phase(why.map_or_else(|| format!("{side} goes on"), |why| format!("{side} paused: {why}"))));
    }
}

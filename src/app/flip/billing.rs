//! Who bills now, by either side's own word, each read over one snapshot.

use crate::app::error::AppError;
use crate::app::parameters;
use crate::app::project::{FlipSetup, Project};
use crate::domain::decode::{Batch, ResultColumn, When, Wire, parse_when};
use crate::domain::exact::Exact;
use crate::domain::flip::{SourceBilling, TargetBilling};
use crate::domain::key::Key;
use crate::domain::period::Month;
use crate::domain::profile::{Ends, SideProfile};
use crate::domain::run::SnapshotInfo;
use crate::domain::side::Side;
use crate::domain::text::shown;
use crate::flip::Paid;
use crate::ports::database::{Fault, FaultKind, Query, RowSink, Session};
use chrono::NaiveDate;
use std::collections::BTreeMap;
use tokio_util::sync::CancellationToken;

/// The source's word.
#[derive(Debug, Clone)]
pub(super) struct OfSource {
    /// By external subscription id. One listed twice says nothing.
    pub of: BTreeMap<String, SourceBilling>,
    pub snapshot: SnapshotInfo,
}

/// The target's word.
#[derive(Debug, Clone)]
pub(super) struct OfTarget {
    /// By external subscription id. One listed twice says nothing.
    pub of: BTreeMap<String, TargetBilling>,
    /// Payments it captured.
    pub payments: Vec<Paid>,
    pub snapshot: SnapshotInfo,
}

/// Reads the source's.
pub(super) async fn of_source(project: &Project, setup: &FlipSetup, cancel: &CancellationToken) -> Result<OfSource, AppError> {
    let mut session = open(project, Side::Source, cancel).await?;
    let snapshot = session.info().clone();
    let rows = table(project, &setup.source_billing, session.as_mut(), (&["subscription_id", "billing", "billed_through"], &[])).await?;
    // Nothing read counts before the session ended with every tripwire holding.
    session.close().await?;
    let reader = Reader { project, side: Side::Source };
    let mut of = BTreeMap::new();
    for row in &rows {
        let through = match (row.day("billed_through", &reader), reader.profile().ends) {
            (Some(last), Ends::Inclusive) => last.succ_opt(),
            (first, _) => first,
        };
        once(&mut of, reader.key(row, &setup.source_billing)?, SourceBilling { billing: row.flag("billing"), billed_through: through });
    }
    Ok(OfSource { of, snapshot })
}

/// Reads the target's.
pub(super) async fn of_target(project: &Project, setup: &FlipSetup, cancel: &CancellationToken) -> Result<OfTarget, AppError> {
    let mut session = open(project, Side::Target, cancel).await?;
    let snapshot = session.info().clone();
    let needed: &[&str] = &["subscription_id", "billing", "first_period_start", "has_payment_token", "charge_linked"];
    let rows = table(project, &setup.target_billing, session.as_mut(), (needed, &["first_bill_day"])).await?;
    let paid = table(project, &setup.target_payments, session.as_mut(), (&["subscription_id", "captured_on"], &["amount"])).await?;
    session.close().await?;
    let reader = Reader { project, side: Side::Target };
    let mut of = BTreeMap::new();
    for row in &rows {
        let billing = TargetBilling {
            billing: row.flag("billing"),
            first_period_start: row.day("first_period_start", &reader),
            first_bill_day: row.day("first_bill_day", &reader),
            has_payment_token: row.flag("has_payment_token"),
            charge_linked: row.flag("charge_linked"),
        };
        once(&mut of, reader.key(row, &setup.target_billing)?, billing);
    }
    let mut payments = Vec::with_capacity(paid.len());
    for row in &paid {
        let amount = row.text("amount").and_then(|text| Exact::parse(text.as_bytes()).ok());
        payments.push(Paid { subscription: reader.key(row, &setup.target_payments)?, on: row.when("captured_on", &reader), amount });
    }
    Ok(OfTarget { of, payments, snapshot })
}

async fn open(project: &Project, side: Side, cancel: &CancellationToken) -> Result<Box<dyn Session>, AppError> {
    Ok(project.side(side).database.open(&project.limits, cancel).await?)
}

/// What a side says of one subscription in two rows, it does not say.
fn once<T: Default>(of: &mut BTreeMap<String, T>, key: String, value: T) {
    of.entry(key).and_modify(|known| *known = T::default()).or_insert(value);
}

struct Reader<'a> {
    project: &'a Project,
    side: Side,
}

impl Reader<'_> {
    fn profile(&self) -> &SideProfile {
        self.project.profile.side(self.side)
    }

    /// A row that cannot be told whose it is may be anybody's: then nothing of the query counts.
    fn key(&self, row: &Line, query: &Query) -> Result<String, AppError> {
        let (raw, profile) = (row.text("subscription_id").unwrap_or_default(), self.profile());
        let key = Key::normalised(raw, profile.key, profile.key_normaliser);
        key.map(|key| key.as_str().to_owned()).map_err(|e| {
            let (name, raw) = (&query.name, shown(raw, 60));
            AppError::Usage(format!("{}: {name} gives a row whose subscription_id is \"{raw}\": {e} — leave such rows out in the query", self.side))
        })
    }
}

/// A row, as the text of each column that was asked for.
struct Line(BTreeMap<&'static str, Option<String>>);

impl Line {
    fn text(&self, column: &str) -> Option<&str> {
        self.0.get(column)?.as_deref()
    }

    fn flag(&self, column: &str) -> Option<bool> {
        match self.text(column)?.to_ascii_lowercase().as_str() {
            "t" | "true" | "1" => Some(true),
            "f" | "false" | "0" => Some(false),
            _ => None,
        }
    }

    fn when(&self, column: &str, reader: &Reader<'_>) -> Option<When> {
        parse_when(self.text(column)?.as_bytes(), reader.project.profile.zone, reader.profile().naive_timestamps).ok()
    }

    /// The day in the service's zone.
    fn day(&self, column: &str, reader: &Reader<'_>) -> Option<NaiveDate> {
        Some(self.when(column, reader)?.day(reader.project.profile.zone))
    }
}

async fn table(
    project: &Project,
    query: &Query,
    session: &mut dyn Session,
    (needed, known): (&'static [&'static str], &'static [&'static str]),
) -> Result<Vec<Line>, AppError> {
    let zone = project.profile.zone;
    let month = Month::of(zone.day_of(project.clock.now()));
    let query = parameters::over(query, parameters::window(month, month), zone);
    let mut sink = Sink { query: &query, needed, known, places: Vec::new(), lines: Vec::new() };
    session.stream(&query, &mut sink).await?;
    Ok(sink.lines)
}

struct Sink<'a> {
    query: &'a Query,
    needed: &'static [&'static str],
    known: &'static [&'static str],
    places: Vec<(&'static str, usize, Wire)>,
    lines: Vec<Line>,
}

impl RowSink for Sink<'_> {
    fn columns(&mut self, columns: &[ResultColumn]) -> Result<(), Fault> {
        let fault = |what: String, remedy: &str| Fault {
            side: self.query.side,
            kind: FaultKind::NoSuchColumn,
            query: Some(self.query.name.clone()),
            what,
            remedy: remedy.to_owned(),
        };
        let mut places = Vec::new();
        for name in self.needed.iter().chain(self.known) {
            let mut found = columns.iter().enumerate().filter(|(_, column)| column.name == *name);
            match (found.next(), found.next()) {
                (Some(_), Some(_)) => return Err(fault(format!("it gives {name} twice"), "give each column a name of its own")),
                (Some((at, column)), None) => places.push((*name, at, column.wire)),
                (None, _) if self.needed.contains(name) => {
                    return Err(fault(format!("it gives no {name}"), "select it AS that name; where it is not known, select NULL"));
                }
                (None, _) => {}
            }
        }
        self.places = places;
        Ok(())
    }

    fn rows(&mut self, batch: &Batch) -> Result<(), Fault> {
        for row in 0..batch.len() {
            let text = |(name, at, wire): &(&'static str, usize, Wire)| {
                let field = batch.field(row, *at).map(|bytes| String::from_utf8_lossy(&wire.printed(bytes)).into_owned());
                (*name, field)
            };
            self.lines.push(Line(self.places.iter().map(text).collect()));
        }
        Ok(())
    }
}

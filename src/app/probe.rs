//! Looks at a database nothing is configured about yet: whether it can be read and only read, which known system it is, which entities of
//! the contract lie there under their own names, and which words their statuses are.

use crate::domain::contract::{Column, Entity};
use crate::domain::decode::{Batch, ResultColumn};
use crate::domain::side::Side;
use crate::domain::text::shown;
use crate::ports::database::{Database, DatabaseKind, DoctorFinding, Fault, Limits, Query, RowSink, Session, Severity};
use std::collections::BTreeMap;
use tokio_util::sync::CancellationToken;

/// Words of a status that are kept: one of more is no status.
const WORDS: usize = 24;
/// Names that a server may read as something else than a column.
const RESERVED: [&str; 4] = ["from", "to", "interval", "position"];

/// A known system, by tables that only it has together.
const SYSTEMS: [(&str, [&str; 3]); 4] = [
    ("odoo", ["sale_order", "account_move", "ir_module_module"]),
    ("algapsa", ["client_contract_lines", "invoice_charges", "recurring_service_periods"]),
    ("lago", ["billable_metrics", "billing_entities", "fees"]),
    ("killbill", ["blocking_states", "invoice_items", "tenant_kvs"]),
];

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Probe {
    /// About connection and role, graver ones first.
    pub findings: Vec<DoctorFinding>,
    /// Whether it was read at all.
    pub reached: bool,
    /// The known system it is.
    pub system: Option<&'static str>,
    /// Entities that lie there whole, each with a query that reads them.
    pub queries: BTreeMap<Entity, String>,
    /// Entities that lie there under their name and lack a column.
    pub lacking: BTreeMap<Entity, Vec<&'static str>>,
    /// Words of the statuses of subscriptions and documents.
    pub statuses: BTreeMap<Entity, Vec<String>>,
}

impl Probe {
    /// Whether anything about connection or role keeps it from being used.
    pub fn is_refused(&self) -> bool {
        !self.reached || self.findings.iter().any(|f| f.severity == Severity::Error)
    }
}

/// Looks; never fails: what fails is a finding.
pub async fn probe(database: &dyn Database, side: Side, cancel: &CancellationToken) -> Probe {
    let limits = Limits::default();
    let mut probe = Probe { findings: database.inspect(&limits, cancel).await, ..Probe::default() };
    if !probe.findings.iter().any(|f| f.severity == Severity::Error) {
        match database.open(&limits, cancel).await {
            Ok(session) => look(&mut probe, session, side, database.kind()).await,
            Err(fault) => probe.findings.push(finding(&fault)),
        }
    }
    probe.findings.sort_by_key(|f| std::cmp::Reverse(f.severity));
    probe
}

fn finding(fault: &Fault) -> DoctorFinding {
    let (code, message, remedy) = (fault.kind.word().to_owned(), fault.what.clone(), fault.remedy.clone());
    DoctorFinding { severity: Severity::Error, side: Some(fault.side), code, message, remedy }
}

async fn look(probe: &mut Probe, mut session: Box<dyn Session>, side: Side, kind: DatabaseKind) {
    probe.reached = true;
    let asked = |sql: String| Query { side, entity: None, name: "a first look".to_owned(), sql, parameters: BTreeMap::new() };
    for (name, tables) in SYSTEMS {
        let mut all = true;
        for table in tables {
            all = all && session.judge(&asked(format!("select 1 as one from {table}"))).await.is_ok();
        }
        if all {
            probe.system = Some(name);
        }
    }
    for entity in Entity::ALL {
        // What does not exist under the contract's name is to be mapped by hand; that is no fault.
        let Ok(columns) = session.judge(&asked(format!("select * from {entity}"))).await else { continue };
        match query(entity, &columns, kind) {
            Ok(query) => drop(probe.queries.insert(entity, query)),
            Err(lacking) => drop(probe.lacking.insert(entity, lacking)),
        }
    }
    for entity in [Entity::Subscriptions, Entity::Invoices].into_iter().filter(|e| probe.queries.contains_key(e)) {
        let mut words = Words::default();
        if session.stream(&asked(format!("select distinct status from {entity}")), &mut words).await.is_ok() {
            words.found.sort_unstable();
            probe.statuses.insert(entity, words.found);
        }
    }
    if let Err(fault) = session.close().await {
        probe.findings.push(finding(&fault));
    }
}

/// A query that reads an entity from a table of its own name; else the columns that lack.
fn query(entity: Entity, delivered: &[ResultColumn], kind: DatabaseKind) -> Result<String, Vec<&'static str>> {
    let has = |name: &str| delivered.iter().any(|c| c.name == name);
    let mut lacking: Vec<&'static str> = entity.columns().iter().filter(|c| c.required && !has(c.name)).map(|c| c.name).collect();
    if entity == Entity::Usage && !has("occurred_at") && !has("period_start") {
        lacking.push("occurred_at");
    }
    if !lacking.is_empty() {
        return Err(lacking);
    }
    let quote = if kind == DatabaseKind::MariaDb { '`' } else { '"' };
    let name = |column: Column| {
        let name = column.name();
        if RESERVED.contains(&name) { format!("{quote}{name}{quote}") } else { name.to_owned() }
    };
    let columns: Vec<String> = Column::all(entity).filter(|c| has(c.name())).map(name).collect();
    Ok(format!("select {} from {entity}", columns.join(", ")))
}

/// Takes words of a column, where there are few.
#[derive(Default)]
struct Words {
    found: Vec<String>,
}

impl RowSink for Words {
    fn columns(&mut self, _: &[ResultColumn]) -> Result<(), Fault> {
        Ok(())
    }

    fn rows(&mut self, batch: &Batch) -> Result<(), Fault> {
        for row in 0..batch.len() {
            let word = batch.field(row, 0).and_then(|bytes| std::str::from_utf8(bytes).ok()).filter(|w| !w.is_empty() && shown(w, 60) == *w);
            self.found.extend(word.filter(|_| self.found.len() < WORDS).map(str::to_owned));
        }
        Ok(())
    }
}

//! SQL checks: each in a read-only session of its own, so that one that breaks its session, or trips a wire at its end, spoils no other.

use crate::app::parameters;
use crate::app::project::Project;
use crate::domain::decode::{Batch, ResultColumn};
use crate::domain::gate::{SqlCheck, SqlOn, SqlSeen};
use crate::domain::period::Month;
use crate::domain::side::Side;
use crate::domain::text::shown;
use crate::ports::database::{Database, Fault, FaultKind, Limits, Query, RowSink};
use tokio_util::sync::CancellationToken;

/// Rows kept of an answer.
const KEPT: usize = 20;
/// Bytes kept of each field of them.
const KEPT_BYTES: usize = 4 << 10;

/// The query of a check, over a month.
pub fn query_of(name: &str, check: &SqlCheck, project: &Project, month: Month) -> Query {
    let side = match check.on {
        SqlOn::Source => Side::Source,
        SqlOn::Target | SqlOn::Workspace => Side::Target,
    };
    let query = Query { side, entity: None, name: format!("check {name}"), sql: check.sql.clone(), parameters: check.parameters.clone() };
    parameters::over(&query, parameters::window(month, month), project.profile.zone)
}

/// What was seen, on which snapshot, and whether the role that saw it could have written.
pub(super) struct Asked {
    pub seen: SqlSeen,
    pub snapshot: Option<String>,
    pub writable_role: bool,
}

/// Asks one query.
pub(super) async fn ask(database: &dyn Database, limits: &Limits, query: &Query, cancel: &CancellationToken) -> Asked {
    let mut session = match database.open(limits, cancel).await {
        Ok(session) => session,
        Err(fault) => return Asked { seen: seen_of(&fault), snapshot: None, writable_role: false },
    };
    let (snapshot, writable_role) = (session.info().snapshot.clone(), session.info().writable_role);
    let mut answer = Answer::default();
    let streamed = session.stream(query, &mut answer).await;
    // What was read counts only when the session ended well.
    let ended = session.close().await;
    let seen = match streamed.and(ended) {
        Ok(()) => SqlSeen::Rows { columns: answer.columns, rows: answer.rows, first: answer.first },
        Err(fault) => seen_of(&fault),
    };
    Asked { seen, snapshot: Some(snapshot), writable_role }
}

/// A fault as what was seen: what the server does not take as it is written is invalid, anything else broke.
pub(super) fn seen_of(fault: &Fault) -> SqlSeen {
    let why = if fault.remedy.is_empty() { fault.what.clone() } else { format!("{} — {}", fault.what, fault.remedy) };
    if is_invalid(fault.kind) { SqlSeen::Invalid(why) } else { SqlSeen::Broke(why) }
}

pub(super) const fn is_invalid(kind: FaultKind) -> bool {
    matches!(kind, FaultKind::Refused | FaultKind::NoSuchTable | FaultKind::NoSuchColumn | FaultKind::InvalidQuery)
}

#[derive(Default)]
struct Answer {
    columns: Vec<String>,
    rows: u64,
    first: Vec<Vec<Option<Vec<u8>>>>,
}

impl RowSink for Answer {
    fn columns(&mut self, columns: &[ResultColumn]) -> Result<(), Fault> {
        self.columns = columns.iter().map(|c| shown(&c.name, 60)).collect();
        Ok(())
    }

    fn rows(&mut self, batch: &Batch) -> Result<(), Fault> {
        let field = |row, at| batch.field(row, at).map(|bytes| bytes.get(..KEPT_BYTES).unwrap_or(bytes).to_vec());
        for row in 0..batch.len().min(KEPT.saturating_sub(self.first.len())) {
            self.first.push((0..batch.width()).map(|at| field(row, at)).collect());
        }
        self.rows += u64::try_from(batch.len()).unwrap_or(0);
        Ok(())
    }
}

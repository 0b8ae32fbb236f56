//! The scheduled jobs of a side, by its `jobs`.

use super::asking::{is_invalid, seen_of};
use crate::app::parameters;
use crate::app::project::{Project, SideAccess};
use crate::domain::contract::columns::jobs::{ACTIVE, CRON, LAST_RUN, NAME, NEXT_RUN};
use crate::domain::contract::{Column, Entity};
use crate::domain::decode::{Batch, Layout, ResultColumn, Row};
use crate::domain::gate::{JobSeen, JobsSeen, SqlSeen};
use crate::domain::period::Month;
use crate::domain::profile::ServiceProfile;
use crate::domain::side::Side;
use crate::domain::text::Untrusted;
use crate::ports::database::{Fault, FaultKind, RowSink};
use tokio_util::sync::CancellationToken;

/// More jobs than these are no scheduler.
const MOST: usize = 100_000;

/// What was seen of a side's jobs, on which snapshot, and whether the role that saw it could have written.
pub(super) struct OfSide {
    pub seen: JobsSeen,
    pub snapshot: Option<String>,
    pub writable_role: bool,
}

/// Jobs of a side.
pub(super) async fn jobs(project: &Project, side: Side, month: Month, cancel: &CancellationToken) -> OfSide {
    let unread = |seen| OfSide { seen, snapshot: None, writable_role: false };
    let SideAccess { database, queries } = project.side(side);
    let Some(query) = queries.get(&Entity::Jobs) else { return unread(JobsSeen::Unmapped) };
    let query = parameters::over(query, parameters::window(month, month), project.profile.zone);
    let mut session = match database.open(&project.limits, cancel).await {
        Ok(session) => session,
        Err(fault) => return unread(of_fault(&fault)),
    };
    let (snapshot, writable_role) = (session.info().snapshot.clone(), session.info().writable_role);
    let mut reader = Reader { side, profile: &project.profile, layout: None, jobs: Vec::new(), unread: None };
    let streamed = session.stream(&query, &mut reader).await;
    let ended = session.close().await;
    let seen = match (streamed.and(ended), reader.unread) {
        (Err(fault), _) => of_fault(&fault),
        (Ok(()), Some(why)) => JobsSeen::Broke(why),
        (Ok(()), None) => JobsSeen::Jobs(reader.jobs),
    };
    OfSide { seen, snapshot: Some(snapshot), writable_role }
}

fn of_fault(fault: &Fault) -> JobsSeen {
    match seen_of(fault) {
        SqlSeen::Invalid(why) => JobsSeen::Invalid(why),
        _ if is_invalid(fault.kind) => JobsSeen::Invalid(fault.what.clone()),
        _ => JobsSeen::Broke(fault.what.clone()),
    }
}

struct Reader<'a> {
    side: Side,
    profile: &'a ServiceProfile,
    layout: Option<Layout>,
    jobs: Vec<JobSeen>,
    unread: Option<String>,
}

impl RowSink for Reader<'_> {
    fn columns(&mut self, columns: &[ResultColumn]) -> Result<(), Fault> {
        let fault = |what: String| Fault { side: self.side, kind: FaultKind::NoSuchColumn, query: None, what, remedy: String::new() };
        self.layout = Some(Layout::new(Entity::Jobs, columns).map_err(|e| fault(e.to_string()))?);
        Ok(())
    }

    fn rows(&mut self, batch: &Batch) -> Result<(), Fault> {
        let Some(layout) = &self.layout else { return Ok(()) };
        for row in batch.rows(layout, self.profile.side(self.side), self.profile.zone) {
            match job(&row) {
                Ok(job) if self.jobs.len() < MOST => self.jobs.push(job),
                Ok(_) => self.unread = Some(format!("more than {MOST} jobs")),
                Err(why) => self.unread = Some(why),
            }
        }
        Ok(())
    }
}

fn job(row: &Row<'_>) -> Result<JobSeen, String> {
    let of = |column: Column| move |reason| row.error(&row.display_id(&[NAME]), column, reason).to_string();
    let text = |column: Column| row.text(column).map(|text| text.map(|t| Untrusted::new(t.as_ref()))).map_err(of(column));
    let active = row.boolean(ACTIVE).and_then(|is| is.ok_or(crate::domain::decode::Reason::Missing)).map_err(of(ACTIVE))?;
    let name = row.id(NAME).map_err(of(NAME))?;
    Ok(JobSeen { name: Untrusted::new(name), cron: text(CRON)?, active, last_run: text(LAST_RUN)?, next_run: text(NEXT_RUN)? })
}

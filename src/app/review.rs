//! Deciding on rows: what a decision would touch, making it, and looking anew at how rows stand by all decisions.

mod chosen;
mod decide;
mod take_back;
mod touch;

pub use chosen::Chosen;
pub use decide::{Decided, Desk, Waived, confirm, decide_on, note, revoke, waive};
pub use take_back::{stays, take_back};
pub use touch::{Touched, predicate, touched_by_rows, touched_by_waiver};

use super::error::AppError;
use crate::domain::period::Zone;
pub use crate::domain::review::WaiverState;
use crate::domain::review::{Act, Facts};
use crate::domain::run::{Run, RunState};
use crate::domain::verdict::Verdict;
use crate::ports::workspace::{RowFilter, RowLine, StoreError, Workspace, WorkspaceWriter};
use crate::review::{Ledger, Pass};
use chrono::{DateTime, Utc};

/// The acts of a service with the rows they are about.
pub async fn acts<W: Workspace + ?Sized>(store: &W, service: &str) -> Result<Vec<Act>, StoreError> {
    let mut acts = store.acts(service).await?;
    if acts.is_empty() {
        return Ok(acts);
    }
    let mut subjects = store.subjects(service).await?.into_iter().peekable();
    for act in &mut acts {
        while let Some((_, subject)) = subjects.next_if(|(id, _)| *id == act.id) {
            act.subjects.push(subject);
        }
    }
    if subjects.peek().is_some() {
        return Err(StoreError::Damaged { what: "rows of decisions that were never made".to_owned() });
    }
    Ok(acts)
}

/// A row as decisions see it.
pub fn facts(line: &RowLine) -> Facts<'_> {
    let currency = line.actual_currency.or(line.expected_currency);
    let of = |amount: Option<i64>, of| amount.filter(|_| of == currency);
    let (actual, expected) = (of(line.actual, line.actual_currency), of(line.expected, line.expected_currency));
    let delta = if line.verdict == Verdict::Unlinked { actual.and_then(i64::checked_neg) } else { line.delta };
    let taxes = of(line.actual_tax, line.actual_currency).zip(of(line.expected_tax, line.expected_currency));
    Facts {
        key: line.key.raw(),
        customer: line.customer.raw(),
        plan: line.plan.raw(),
        verdict: line.verdict,
        cause: line.cause.as_deref(),
        // The label of what is not confirmed says so.
        is_confirmed: line.cause.as_ref().is_some_and(|label| !label.ends_with('?')),
        currency,
        actual,
        expected,
        delta,
        tax: taxes.and_then(|(actual, expected)| expected.checked_sub(actual)),
    }
}

/// Looks anew at how the rows of a run stand by these acts, and keeps it.
async fn look<W: WorkspaceWriter + ?Sized>(store: &W, run: &Run, acts: &[Act], (zone, now): (Zone, DateTime<Utc>)) -> Result<(), StoreError> {
    let ledger = Ledger::of(acts, run.request.month, zone.day_of(now));
    let mut pass = Pass::new(&ledger, zone);
    Chosen::of_filter(RowFilter::default()).each(store, run.id, true, |line| pass.push(line.seq, &facts(&line))).await?;
    let (standings, tally) = pass.finish();
    store.keep_review(run.id, &standings, &tally).await
}

/// Carries decisions over to runs that were just made. Where nobody ever decided anything, there is nothing to look at.
pub(super) async fn carry_over<W: WorkspaceWriter + ?Sized>(store: &W, runs: &[Run], (zone, now): (Zone, DateTime<Utc>)) -> Result<(), AppError> {
    let Some(service) = runs.first().map(|run| run.request.service.as_str()) else { return Ok(()) };
    let acts = acts(store, service).await?;
    if !acts.iter().any(|act| act.deed.decides()) {
        return Ok(());
    }
    for run in runs.iter().filter(|run| matches!(run.state, RunState::Complete | RunState::Incomplete)) {
        look(store, run, &acts, (zone, now)).await?;
    }
    Ok(())
}

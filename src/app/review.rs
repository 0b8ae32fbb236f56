//! Deciding on rows: what a decision would touch, making it, and looking anew at how rows stand by all decisions.

mod decide;
mod touch;

pub use decide::{Desk, Waived, confirm, note, resolve, revoke, waive};
pub use touch::{Touched, predicate, touched_by_filter, touched_by_waiver};

use super::error::AppError;
use crate::domain::period::Zone;
pub use crate::domain::review::WaiverState;
use crate::domain::review::{Act, Facts};
use crate::domain::run::{Run, RunState};
use crate::domain::verdict::Verdict;
use crate::ports::workspace::{PageFrom, PageRequest, RowFilter, RowLine, Sort, StoreError, Workspace, WorkspaceWriter};
use crate::review::{Ledger, Pass};
use chrono::{DateTime, Utc};

/// Rows looked at between two looks at the store.
const PAGE: usize = 2_000;

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

/// Calls for every row of a run that passes a filter and asks for a decision, in stored order.
async fn each<W: Workspace + ?Sized>(store: &W, run: i64, filter: &RowFilter, mut look: impl FnMut(RowLine)) -> Result<(), StoreError> {
    let asks = |v: &Verdict| !matches!(v, Verdict::Match | Verdict::WithinTolerance);
    let verdicts: Vec<Verdict> = if filter.verdicts.is_empty() { Verdict::ALL.to_vec() } else { filter.verdicts.clone() };
    let verdicts: Vec<Verdict> = verdicts.into_iter().filter(asks).collect();
    if verdicts.is_empty() {
        return Ok(());
    }
    let filter = RowFilter { verdicts, ..filter.clone() };
    let mut from = PageFrom::Start;
    loop {
        let page = store.page(&PageRequest { run, filter: filter.clone(), sort: Sort::default(), from, limit: PAGE }).await?;
        let last = page.rows.last().map(|(cursor, _)| cursor.clone());
        page.rows.into_iter().for_each(|(_, line)| look(line));
        match last {
            Some(last) if page.more_after => from = PageFrom::After(last),
            _ => return Ok(()),
        }
    }
}

/// Looks anew at how the rows of a run stand by these acts, and keeps it.
async fn look<W: WorkspaceWriter + ?Sized>(store: &W, run: &Run, acts: &[Act], (zone, now): (Zone, DateTime<Utc>)) -> Result<(), StoreError> {
    let ledger = Ledger::of(acts, run.request.month, zone.day_of(now));
    let mut pass = Pass::new(&ledger, zone);
    each(store, run.id, &RowFilter::default(), |line| pass.push(line.seq, &facts(&line))).await?;
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

//! Gathers what reports tell of a run.

use super::explain::together;
use super::gates::glass_ever;
use crate::domain::person::Operator;
use crate::domain::review::{Waiver, WaiverState};
use crate::domain::run::Run;
use crate::domain::told::{ReviewFacts, Told};
use crate::ports::workspace::{StoreError, Workspace};
use chrono::NaiveDate;

/// Unreadable rows listed in a report; the tally counts them all.
const REJECTED_LISTED: usize = 10_000;

/// What was decided of a service, and what that comes to in a run as things stand today.
pub async fn reviewed(store: &dyn Workspace, run: &Run, today: NaiveDate) -> Result<Option<ReviewFacts>, StoreError> {
    let acts = store.acts(&run.request.service).await?;
    if !acts.iter().any(|act| act.deed.decides()) {
        return Ok(None);
    }
    let tally = store.review(run.id).await?;
    let waivers = Waiver::all(&acts).into_iter().map(|waiver| (waiver.state(today), waiver));
    let named = |id: i64| tally.iter().flat_map(|t| &t.waivers).any(|roll| roll.waiver == id);
    let waivers = waivers.filter(|(state, waiver)| *state != WaiverState::Revoked || named(waiver.id)).map(|(state, waiver)| (waiver, state));
    Ok(Some(ReviewFacts { waivers: waivers.collect(), tally }))
}

/// Gathers what belongs to a run.
pub async fn told(store: &dyn Workspace, run: Run, (today, operators): (NaiveDate, &[Operator])) -> Result<Told, StoreError> {
    let findings = store.findings(run.id).await?;
    let rejected = store.rejected(run.id, REJECTED_LISTED).await?;
    let journal = store.journal_head().await?;
    let review = reviewed(store, &run, today).await?;
    let together = together(store, run.id).await?;
    let glass = glass_ever(store, &run.request.service, operators).await?;
    Ok(Told { run, findings, rejected, journal, review, together, glass })
}

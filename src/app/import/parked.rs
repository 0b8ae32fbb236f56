//! Deliveries that wait for somebody's word: parked ones, to be tried again or given up.

use crate::app::error::AppError;
use crate::app::project::Project;
use crate::domain::import::{Delivery, DeliveryState};
use crate::domain::text::shown;
use std::time::Duration;

/// What is decided about parked deliveries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParkedVerb {
    /// Hand it over again with the next import.
    Retry,
    /// Give it up until its content changes.
    Drop,
}

/// All that is parked or was given up, by entity and id.
pub async fn parked(project: &Project) -> Result<Vec<Delivery>, AppError> {
    let Some(store) = project.door.read().await? else { return Ok(Vec::new()) };
    let all = store.deliveries(&project.profile.service).await?;
    Ok(all.into_values().filter(|d| matches!(d.state, DeliveryState::Parked | DeliveryState::Dropped)).collect())
}

/// Decides about the parked deliveries of these ids (all of them where none is named), and keeps who did. What was given up is taken
/// up again only by its id. An id that is not parked is an error, and then nothing is decided.
pub async fn settle_parked(project: &Project, verb: ParkedVerb, ids: &[String], wait: Duration) -> Result<Vec<Delivery>, AppError> {
    let store = project.door.write("import", &project.actor, wait).await?;
    let service = &project.profile.service;
    let all = store.deliveries(service).await?;
    let is_meant = |d: &&Delivery| match d.state {
        DeliveryState::Parked => true,
        DeliveryState::Dropped => verb == ParkedVerb::Retry && ids.contains(&d.id.external_id),
        _ => false,
    };
    let waiting: Vec<&Delivery> = all.values().filter(is_meant).collect();
    let named = |d: &&&Delivery| ids.is_empty() || ids.contains(&d.id.external_id);
    let unknown: Vec<String> = ids.iter().filter(|id| !waiting.iter().any(|d| d.id.external_id == **id)).map(|id| shown(id, 60)).collect();
    if !unknown.is_empty() {
        return Err(AppError::Usage(format!("{}: nothing of that id is parked — dualrun import parked list shows what is", unknown.join(", "))));
    }
    let decided: Vec<Delivery> = waiting
        .iter()
        .filter(named)
        .map(|d| match verb {
            ParkedVerb::Retry => Delivery { state: DeliveryState::Unknown, tries: 0, ..(*d).clone() },
            ParkedVerb::Drop => Delivery { state: DeliveryState::Dropped, ..(*d).clone() },
        })
        .collect();
    if !decided.is_empty() {
        let word = if verb == ParkedVerb::Retry { "retry" } else { "drop" };
        store.settle_parked(service, &project.actor, word, &decided).await?;
    }
    Ok(decided)
}

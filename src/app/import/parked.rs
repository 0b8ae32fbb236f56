//! Deliveries that wait for somebody's word: parked ones, to be tried again or given up.

use crate::app::error::AppError;
use crate::app::project::Project;
use crate::domain::import::{Delivery, DeliveryState};
use crate::domain::shadow::RecordId;
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

/// Which parked deliveries are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meant<'a> {
    /// All of them.
    All,
    /// Those of these external ids, of whatever entity.
    Ids(&'a [String]),
    /// Those of these records.
    Records(&'a [RecordId]),
}

impl Meant<'_> {
    fn by_name(&self, id: &RecordId) -> bool {
        match self {
            Self::All => false,
            Self::Ids(ids) => ids.contains(&id.external_id),
            Self::Records(records) => records.contains(id),
        }
    }

    /// What is named and is none of these, for people.
    fn missing(&self, waiting: &[&Delivery]) -> Vec<String> {
        match self {
            Self::All => Vec::new(),
            Self::Ids(ids) => ids.iter().filter(|id| !waiting.iter().any(|d| d.id.external_id == **id)).map(|id| shown(id, 60)).collect(),
            Self::Records(records) => records.iter().filter(|id| !waiting.iter().any(|d| d.id == **id)).map(ToString::to_string).collect(),
        }
    }
}

/// All that is parked or was given up, by entity and id.
pub async fn parked(project: &Project) -> Result<Vec<Delivery>, AppError> {
    let Some(store) = project.door.read().await? else { return Ok(Vec::new()) };
    let all = store.deliveries(&project.profile.service).await?;
    Ok(all.into_values().filter(|d| matches!(d.state, DeliveryState::Parked | DeliveryState::Dropped)).collect())
}

/// Decides about parked deliveries, and keeps who did. What was given up is taken up again only by its name. A name that is not parked
/// is an error, and then nothing is decided.
pub async fn settle_parked(project: &Project, verb: ParkedVerb, meant: Meant<'_>, wait: Duration) -> Result<Vec<Delivery>, AppError> {
    let store = project.door.write("import", &project.actor, wait).await?;
    let service = &project.profile.service;
    let all = store.deliveries(service).await?;
    let is_meant = |d: &&Delivery| match d.state {
        DeliveryState::Parked => meant == Meant::All || meant.by_name(&d.id),
        DeliveryState::Dropped => verb == ParkedVerb::Retry && meant.by_name(&d.id),
        _ => false,
    };
    let waiting: Vec<&Delivery> = all.values().filter(is_meant).collect();
    let unknown = meant.missing(&waiting);
    if !unknown.is_empty() {
        return Err(AppError::Usage(format!("{}: nothing of that id is parked — dualrun import parked list shows what is", unknown.join(", "))));
    }
    let decided: Vec<Delivery> = waiting
        .iter()
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

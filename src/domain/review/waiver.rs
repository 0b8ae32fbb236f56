//! A waiver as it stands after all that was decided about it.

use super::{Act, Deed, Terms};
use crate::domain::period::Zone;
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::BTreeMap;

/// A waiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// The act that made it.
    pub id: i64,
    /// Its terms.
    pub terms: Terms,
    /// Who made it.
    pub made_by: String,
    /// When.
    pub made_at: DateTime<Utc>,
    /// The second person, where there is one.
    pub confirmed_by: Option<String>,
    /// Who ended it, and why.
    pub revoked: Option<(String, String)>,
}

/// How a waiver stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaiverState {
    /// No second person confirmed it: it counts for nothing.
    NotConfirmed,
    /// It counts.
    Counts,
    /// Its last day is over.
    Expired,
    /// Somebody ended it.
    Revoked,
}

impl WaiverState {
    /// The word in files.
    pub const fn word(self) -> &'static str {
        match self {
            Self::NotConfirmed => "not_confirmed",
            Self::Counts => "counts",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

impl Waiver {
    /// All waivers made by some acts, in their order. A confirmation by who made it counts for nothing, wherever it came from.
    pub fn all(acts: &[Act]) -> Vec<Self> {
        let mut all: BTreeMap<i64, Self> = BTreeMap::new();
        for act in acts {
            match &act.deed {
                Deed::Waive(terms) => {
                    let (made_by, made_at) = (act.actor.clone(), act.at);
                    all.insert(act.id, Self { id: act.id, terms: Terms::clone(terms), made_by, made_at, confirmed_by: None, revoked: None });
                }
                Deed::Confirm { waiver } => {
                    let confirmed =
                        all.get_mut(waiver).filter(|w| w.confirmed_by.is_none() && !crate::domain::person::same_person(&w.made_by, &act.actor));
                    if let Some(waiver) = confirmed {
                        waiver.confirmed_by = Some(act.actor.clone());
                    }
                }
                Deed::Revoke { waiver, reason } => {
                    if let Some(waiver) = all.get_mut(waiver).filter(|w| w.revoked.is_none()) {
                        waiver.revoked = Some((act.actor.clone(), reason.clone()));
                    }
                }
                Deed::Note { .. } | Deed::Own { .. } | Deed::Resolve { .. } | Deed::Reopen { .. } => {}
            }
        }
        all.into_values().collect()
    }

    /// How it stands on a day of the service's zone.
    pub fn state(&self, today: NaiveDate) -> WaiverState {
        if self.revoked.is_some() {
            WaiverState::Revoked
        } else if today > self.terms.expires {
            WaiverState::Expired
        } else if self.confirmed_by.is_none() {
            WaiverState::NotConfirmed
        } else {
            WaiverState::Counts
        }
    }

    /// The first moment at which it does not count any more.
    pub fn until(&self, zone: Zone) -> DateTime<Utc> {
        let after = self.terms.expires.succ_opt().unwrap_or(self.terms.expires);
        zone.start_of(after)
    }
}

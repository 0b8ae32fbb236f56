//! What people decide about the flip at any moment, also while it runs: hold, resume, postpone, abort.

use super::{Standing, WaveState, keep, standing_in, wave_of, writer};
use crate::app::error::AppError;
use crate::app::project::Project;
use crate::domain::flip::FlipDeed;
use chrono::NaiveDate;
use std::time::Duration;

/// A decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Nothing is done until somebody resumes it.
    Hold,
    /// It may go on.
    Resume,
    /// A wave is not applied before that day.
    Postpone(u32, NaiveDate),
    /// A wave goes no further.
    Abort(u32),
}

/// Keeps it. One that runs hears it before its next batch.
pub async fn decide(project: &Project, decision: &Decision, reason: &str, wait: Duration) -> Result<Standing, AppError> {
    if reason.trim().is_empty() {
        return Err(AppError::Usage("say why: --reason TEXT".to_owned()));
    }
    let store = writer(project, wait).await?;
    let standing = standing_in(store.as_ref(), &project.profile.service).await?;
    let reason = reason.trim().to_owned();
    let deed = match *decision {
        Decision::Hold => FlipDeed::Hold { reason },
        Decision::Resume if standing.held.is_none() => return Err(AppError::Usage("nobody holds the flip".to_owned())),
        Decision::Resume => FlipDeed::Resume { reason },
        Decision::Postpone(wave, until) => match wave_of(&standing, wave)?.state() {
            WaveState::Planned | WaveState::Applying => FlipDeed::Postponed { wave, until, reason },
            state => return Err(AppError::Usage(format!("wave {wave} is {}: there is nothing to postpone", words(state)))),
        },
        Decision::Abort(wave) => match wave_of(&standing, wave)?.state() {
            WaveState::Planned | WaveState::Applying => FlipDeed::Aborted { wave, reason },
            state => return Err(AppError::Usage(format!("wave {wave} is {}: dualrun flip back-out {wave} undoes it", words(state)))),
        },
    };
    keep(store.as_ref(), project, deed, None).await?;
    Ok(standing_in(store.as_ref(), &project.profile.service).await?)
}

fn words(state: WaveState) -> String {
    state.word().replace('_', " ")
}

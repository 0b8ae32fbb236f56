//! Whether the gates hold, asked anew each time: by what blocks the way as it is assessed.

use super::super::standing::{Months, assessed};
use crate::app::error::AppError;
use crate::app::flip::{Certified, Gatekeeper, WaveState, standing};
use crate::app::project::Project;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::config::Settings;
use crate::domain::gate::digest_of;
use crate::domain::import::{InertnessCheck, Light};
use async_trait::async_trait;

/// Asks the assessment of the way.
pub(super) struct Assessing<'a> {
    pub context: &'a Context,
    pub settings: &'a Settings,
    pub project: &'a Project,
}

impl Assessing<'_> {
    /// The digest of what holds, or what blocks.
    pub async fn blockers(&self) -> Result<Certified, CliError> {
        let today = self.context.today(self.settings);
        let mut months = Months::load(self.project.door.as_ref(), &self.project.profile.service, today).await?;
        let flip = standing(self.project).await?;
        // What was flipped bills, as it shall: from then on the flip itself holds each subscription of the target that can bill against
        // the waves that began, in place of the checks that count any.
        if flip.waves.values().any(|wave| !matches!(wave.state(), WaveState::Planned | WaveState::BackedOut)) {
            months.findings.retain(|finding| finding.code != "target_not_inert");
            if let Some(seen) = &mut months.inertness {
                seen.checks = vec![InertnessCheck { name: "bills only what was flipped".to_owned(), light: Light::Inert }];
            }
        }
        let assessment = assessed(&months, self.settings);
        if assessment.blockers.is_empty() {
            return Ok(Ok(digest_of("assessment v1", &assessment)));
        }
        Ok(Err(assessment.blockers.iter().map(|b| format!("{}: {} → {}", b.stage.word(), b.what, b.remedy)).collect()))
    }
}

#[async_trait]
impl Gatekeeper for Assessing<'_> {
    async fn certify(&self) -> Result<Certified, AppError> {
        self.blockers().await.map_err(|error| match error {
            CliError::App(error) => error,
            other => AppError::Usage(other.to_string()),
        })
    }
}

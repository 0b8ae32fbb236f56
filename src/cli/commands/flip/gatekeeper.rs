//! Whether the gates hold, asked anew each time: by what blocks the way as it is assessed.

use super::super::standing::{Months, assessed};
use crate::app::error::AppError;
use crate::app::flip::{Certified, Gatekeeper, WaveState, standing};
use crate::app::project::Project;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::config::Settings;
use crate::domain::import::{InertnessCheck, Light};
use async_trait::async_trait;

/// Asks the assessment of the way.
pub(super) struct Assessing<'a> {
    pub context: &'a Context,
    pub settings: &'a Settings,
    pub project: &'a Project,
}

impl Assessing<'_> {
    /// The gates' certificate, or what blocks.
    pub async fn blockers(&self) -> Result<Certified, CliError> {
        let mut months = Months::load(self.context, self.settings).await?;
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
        match &months.gates {
            Some(gated) if assessment.opens() => Ok(Ok(gated.standing.certificate())),
            // Without a runbook there is nothing that could be certified.
            None if assessment.blockers.is_empty() => Ok(Err(vec!["there is no runbook: nothing certifies that the flip may happen".to_owned()])),
            _ => Ok(Err(assessment.blockers.iter().map(|b| format!("{}: {} → {}", b.stage.word(), b.what, b.remedy)).collect())),
        }
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

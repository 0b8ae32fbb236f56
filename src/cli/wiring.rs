//! What the command line needs made for it. The composition root implements this; nothing else knows which adapters exist.

use super::error::CliError;
use crate::app::project::Project;
use crate::config::Settings;
use crate::ports::clock::Clock;
use crate::ports::workspace::WorkspaceDoor;
use async_trait::async_trait;
use std::path::Path;
use std::sync::Arc;

/// What the operator asked beyond the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Who acts.
    pub actor: String,
    /// Whether a role that can write is let in by name.
    pub allow_writable_role: bool,
}

/// Makes the parts of a project.
#[async_trait]
pub trait Wiring: Send + Sync {
    /// The clock.
    fn clock(&self) -> Arc<dyn Clock>;

    /// The workspace of a project's directory; nothing is opened yet.
    fn door(&self, dir: &Path) -> Arc<dyn WorkspaceDoor>;

    /// The whole project. Fetches secrets, connects to nothing. May take as long as a secret's command does.
    fn project(&self, settings: &Settings, asked: &Asked) -> Result<Project, CliError>;

    /// Opens the terminal and returns when it was quit.
    async fn terminal(&self, project: Project) -> Result<(), CliError>;
}

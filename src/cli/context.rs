//! What every command works with: what was typed for all of them, and the parts made from it when they are wanted.

use super::args::{Format, Global};
use super::bug;
use super::error::CliError;
use super::who;
use super::wiring::{Asked, Wiring};
use crate::app::project::Project;
use crate::config::user::{self, UserSettings};
use crate::config::{self, Settings};
use crate::ports::workspace::{Workspace, WorkspaceDoor};
use chrono::{DateTime, NaiveDate, Utc};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The frame of a command.
pub struct Context {
    /// Options of every command.
    pub global: Global,
    /// Makes the parts.
    pub wiring: Arc<dyn Wiring>,
    asked: Asked,
}

impl Context {
    /// Fails where nobody can be said to act.
    pub fn new(global: Global, wiring: Arc<dyn Wiring>) -> Result<Self, CliError> {
        // A variable that is set to nothing is as good as none; only a name typed so is a mistake.
        let unset = || std::env::var_os("DUALRUN_OPERATOR").is_some_and(|name| name.is_empty());
        let named = global.operator.as_deref().filter(|name| !(name.is_empty() && unset()));
        let actor = who::acts(named).map_err(CliError::Usage)?;
        let asked = Asked { actor, allow_writable_role: global.allow_writable_role };
        Ok(Self { global, wiring, asked })
    }

    /// The same in another project's directory.
    pub fn in_dir(&self, directory: PathBuf) -> Self {
        let global = Global { directory, ..self.global.clone() };
        Self { global, wiring: Arc::clone(&self.wiring), asked: self.asked.clone() }
    }

    /// What was asked beyond the configuration.
    pub const fn asked(&self) -> &Asked {
        &self.asked
    }

    /// True where JSON is wanted.
    pub fn json(&self) -> bool {
        self.global.format == Format::Json
    }

    /// Now.
    pub fn now(&self) -> DateTime<Utc> {
        self.wiring.clock().now()
    }

    /// Today in a service's zone.
    pub fn today(&self, settings: &Settings) -> NaiveDate {
        settings.service.zone.day_of(self.now())
    }

    /// The configuration of the project's directory.
    pub fn settings(&self) -> Result<Settings, CliError> {
        bug::belongs_to(Some(&self.global.directory));
        Ok(config::load(&self.global.directory)?)
    }

    /// What the operator has chosen of the terminal, in their own file and on the command line.
    pub fn user(&self) -> Result<UserSettings, CliError> {
        let mut user = user::load(user::path(|name| std::env::var_os(name)))?;
        user.looks.theme = self.global.theme.or(user.looks.theme);
        Ok(user)
    }

    /// The project of a configuration.
    pub fn project(&self, settings: &Settings) -> Result<Project, CliError> {
        self.wiring.project(settings, &Asked { actor: self.actor(settings), ..self.asked.clone() })
    }

    /// Who acts: an operator's own spelling where the configuration lists one.
    pub fn actor(&self, settings: &Settings) -> String {
        settings.operator(&self.asked.actor).map_or_else(|| self.asked.actor.clone(), |operator| operator.id.clone())
    }

    /// The workspace of a project's directory, for reading.
    pub async fn workspace(&self, dir: &Path) -> Result<Arc<dyn Workspace>, CliError> {
        opened(self.wiring.door(dir).as_ref()).await
    }
}

/// A workspace that must be there.
pub async fn opened(door: &dyn WorkspaceDoor) -> Result<Arc<dyn Workspace>, CliError> {
    door.read().await?.ok_or_else(|| CliError::Usage("there is no run yet — dualrun reconcile makes the first".to_owned()))
}

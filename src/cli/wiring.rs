//! What the command line needs made for it. The composition root implements this; nothing else knows which adapters exist.

use super::error::CliError;
use crate::app::gates::{GateSetup, Outside};
use crate::app::project::Project;
use crate::config::user::UserSettings;
use crate::config::{Problems, Settings};
use crate::domain::period::Month;
use crate::ports::clock::Clock;
use crate::ports::dossier::{DossierSink, DossierSource};
use crate::ports::signer::{KeyFrom, Signer, Verifier};
use crate::ports::workspace::WorkspaceDoor;
use crate::present::keys::KeyLine;
use async_trait::async_trait;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// This program with its version, as runs, evidence and sign-offs name it.
pub const PROGRAM: &str = concat!("dualrun ", env!("CARGO_PKG_VERSION"));

/// What gates stand on, as it is configured.
pub fn gate_setup(settings: &Settings) -> GateSetup {
    GateSetup {
        runbook: settings.runbook.clone(),
        operators: settings.operators.clone(),
        config: settings.digest.clone(),
        configuration: settings.bound_digest(),
        place: settings.place(),
        program: PROGRAM.to_owned(),
    }
}

/// What the operator asked beyond the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Who acts.
    pub actor: String,
    /// Whether a role that can write is let in by name.
    pub allow_writable_role: bool,
}

/// Which book a demo project is built from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DemoBook {
    /// The one inside the program.
    Embedded,
    /// A folder of CSV files.
    Folder(PathBuf),
    /// A large made-up one.
    Large {
        /// So many subscriptions.
        subscriptions: u64,
        /// Decides everything else about it.
        seed: u64,
        /// So many months.
        months: u32,
    },
}

/// A demo project to build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoPlan {
    /// From what.
    pub book: DemoBook,
    /// With the records that cannot be read.
    pub bad: bool,
    /// Where the project goes: a directory without one, or one to be made. `None` builds no project, only scripts.
    pub dir: Option<PathBuf>,
    /// Where the same book goes as scripts for `psql`.
    pub as_sql: Option<PathBuf>,
}

/// A demo project that was built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoBuilt {
    /// The months it has documents of, ascending.
    pub months: Vec<Month>,
    /// What a large book must come to, as JSON.
    pub expected: Option<String>,
}

/// Writes a project's files with that `dualrun.toml` and names them; else says why not.
pub type WriteProject = Arc<dyn Fn(&str) -> Result<Vec<String>, String> + Send + Sync>;

/// How the assistant of `init` ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Started {
    /// The operator left.
    Left,
    /// The files are there, and the first month shall be reconciled.
    Reconcile,
}

/// What the terminal opens with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// Nothing in particular.
    Plain,
    /// The short tour.
    Tour,
    /// The question which month to reconcile.
    AskMonth,
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

    /// What signs, with a key from there.
    fn signer(&self, settings: &Settings, from: KeyFrom) -> Box<dyn Signer>;

    /// What verifies signatures, by that file of `allowed_signers`.
    fn verifier(&self, allowed_signers: &Path) -> Box<dyn Verifier>;
    /// What gates stand on beside the configuration and the workspace.
    fn outside(&self, settings: &Settings) -> Arc<dyn Outside + Send>;

    /// A dossier on its way to a folder.
    fn new_dossier(&self, folder: &Path) -> std::io::Result<Box<dyn DossierSink>>;

    /// The dossier in a folder.
    fn dossier(&self, folder: &Path) -> Box<dyn DossierSource>;

    /// Builds a demo project.
    async fn demo(&self, plan: &DemoPlan) -> Result<DemoBuilt, CliError>;

    /// Opens the assistant of `init` for a directory and returns when it was left.
    async fn assistant(&self, dir: &Path, (asked, user): (&Asked, &UserSettings), write: WriteProject) -> Result<Started, CliError>;

    /// The terminal's keys as an operator has them, or what is wrong with what was chosen.
    fn keys(&self, user: &UserSettings) -> Result<Vec<KeyLine>, Problems>;

    /// Opens the terminal, with that in front, and returns when it was quit.
    async fn terminal(&self, settings: &Settings, project: Project, opened: (&UserSettings, Opening)) -> Result<(), CliError>;
}

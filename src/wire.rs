//! The composition root: what was configured becomes a project of adapters. Nothing else names one.

mod demo;
mod outside;

use crate::adapters::clock::SystemClock;
use crate::adapters::dossier_files::{DossierFolder, NewDossier};
use crate::adapters::evidence_files::EvidenceFiles;
use crate::adapters::loader::{CommandLoader, CommandSetup, PackLoader};
use crate::adapters::mariadb::MariaDb;
use crate::adapters::memory::MemoryFile;
use crate::adapters::postgres::Postgres;
use crate::adapters::runner::ProgramRunner;
use crate::adapters::sqlite::Sqlite;
use crate::adapters::ssh::{AllowedSigners, SshSigner};
use crate::adapters::workspace::{Door, WORKSPACE_FILE};
use crate::app::gates::Outside;
use crate::app::project::{CheckSetup, FlipSetup, ImportSetup, Project, SideAccess};
use crate::app::trace::rating_steps;
use crate::cli::{Asked, CliError, DemoBuilt, DemoPlan, Opening, PROGRAM, Started, Wiring, WriteProject, gate_setup};
use crate::config::user::UserSettings;
use crate::config::{self, Check, LoaderSettings, Problems, Settings};
use crate::domain::side::Side;
use crate::ports::clock::Clock;
use crate::ports::connection::{Connection, SqliteConnection};
use crate::ports::database::Database;
use crate::ports::dossier::{DossierSink, DossierSource};
use crate::ports::loader::{FlipLoader, Loader};
use crate::ports::signer::{KeyFrom, Signer, Verifier};
use crate::ports::workspace::WorkspaceDoor;
use crate::present::keys::KeyLine;
use crate::tui::assistant::{self, AssistantServices, Outcome, Reach};
use crate::tui::effects::Copies;
use crate::tui::keymap::Keymap;
use crate::tui::{self, Services, TuiError};
use async_trait::async_trait;
use outside::FromProject;
use std::path::Path;
use std::sync::Arc;

/// Where a loader's program says what it has to say, beside the workspace.
const LOADER_LOG: &str = ".dualrun/loader.log";
/// The same of the program that switches billing in the source.
const SOURCE_LOG: &str = ".dualrun/source.log";
/// What the terminal keeps for its next start.
const TERMINAL: &str = "terminal.json";

/// The real parts: this machine's clock, files and servers.
#[derive(Debug, Clone)]
pub struct Wire {
    clock: Arc<dyn Clock>,
}

impl Default for Wire {
    fn default() -> Self {
        Self { clock: Arc::new(SystemClock) }
    }
}

impl Wire {
    fn side(&self, settings: &Settings, side: Side, asked: &Asked) -> Result<SideAccess, CliError> {
        let of_side = settings.side(side);
        let clock = Arc::clone(&self.clock);
        let database: Arc<dyn Database> = match of_side.connection(&|name| std::env::var(name).ok())? {
            Connection::Sqlite(connection) => Arc::new(Sqlite::new(side, connection, clock)),
            Connection::Postgres(mut connection) => {
                connection.allow_writable_role |= asked.allow_writable_role;
                Arc::new(Postgres::new(side, connection, clock))
            }
            Connection::MariaDb(mut connection) => {
                connection.allow_writable_role |= asked.allow_writable_role;
                Arc::new(MariaDb::new(side, connection, clock))
            }
        };
        let queries = of_side.queries.keys().filter_map(|entity| Some((*entity, of_side.query(*entity)?))).collect();
        Ok(SideAccess { database, queries })
    }
}

impl Wire {
    /// Opens the projects of copies, for whoever acts here.
    fn copies(&self, actor: &str) -> Copies {
        let (wire, asked) = (self.clone(), Asked { actor: actor.to_owned(), allow_writable_role: false });
        Arc::new(move |dir| {
            let settings = config::load(dir).map_err(|e| e.to_string())?;
            wire.project(&settings, &asked).map_err(|e| e.to_string())
        })
    }

    fn check_setup(&self, dir: &Path) -> CheckSetup {
        let workspace = SqliteConnection { path: dir.join(WORKSPACE_FILE), written: WORKSPACE_FILE.to_owned() };
        CheckSetup {
            runner: Arc::new(ProgramRunner::new(dir)),
            files: Arc::new(EvidenceFiles::new(dir)),
            // It is no side; whose words its errors carry is said by who asks.
            workspace: Arc::new(Sqlite::new(Side::Target, workspace, Arc::clone(&self.clock))),
        }
    }
}

/// A loader, where its program's words go, and where it is configured.
fn loader(settings: &Settings, loader: LoaderSettings, (log, written): (&str, &'static str)) -> Arc<dyn FlipLoader> {
    match loader {
        LoaderSettings::Command { argv, batch, timeout, pause, env } => {
            let (dir, log) = (settings.dir.clone(), settings.dir.join(log));
            Arc::new(CommandLoader::new(CommandSetup { argv, dir, batch, timeout, pause, env, log, written }))
        }
        LoaderSettings::Pack { dir } => Arc::new(PackLoader::new(&settings.service.service, dir)),
    }
}

fn target_loader(settings: &Settings) -> Option<Arc<dyn FlipLoader>> {
    settings.loader.clone().map(|of| loader(settings, of, (LOADER_LOG, "program in [import]")))
}

fn import_setup(settings: &Settings) -> ImportSetup {
    let loader = target_loader(settings).map(|loader| loader as Arc<dyn Loader>);
    let inertness = settings.inertness.iter().map(|check: &Check| (check.name.clone(), check.query())).collect();
    let ends_with_flip = settings.flip.iter().flat_map(|flip| flip.switches_on.clone()).collect();
    ImportSetup { loader, inertness, ends_with_flip, inertness_digest: settings.inertness_digest.clone() }
}

fn flip_setup(settings: &Settings) -> Option<FlipSetup> {
    let flip = settings.flip.as_ref()?;
    let [source_billing, target_billing, target_payments] = flip.queries();
    let source = loader(settings, flip.source.clone(), (SOURCE_LOG, "source_program in [flip]"));
    let (rules, digest) = (flip.rules.clone(), flip.digest());
    Some(FlipSetup { rules, digest, source_billing, target_billing, target_payments, source, target: target_loader(settings) })
}

/// What signs by the agent that runs here; `None` where none does.
fn agent(allowed_signers: &Path) -> Option<Arc<dyn Signer>> {
    let socket = std::env::var_os("SSH_AUTH_SOCK").filter(|socket| !socket.is_empty())?;
    let from = KeyFrom::Agent { socket: socket.into() };
    Some(Arc::new(SshSigner::new(from, AllowedSigners::new(allowed_signers.to_owned()))))
}

#[async_trait]
impl Wiring for Wire {
    fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    fn door(&self, dir: &Path) -> Arc<dyn WorkspaceDoor> {
        Arc::new(Door::new(dir, Arc::clone(&self.clock)))
    }

    fn project(&self, settings: &Settings, asked: &Asked) -> Result<Project, CliError> {
        Ok(Project {
            dir: settings.dir.clone(),
            profile: settings.service.clone(),
            limits: settings.limits.clone(),
            source: self.side(settings, Side::Source, asked)?,
            target: self.side(settings, Side::Target, asked)?,
            import: import_setup(settings),
            flip: flip_setup(settings),
            checks: Some(self.check_setup(&settings.dir)),
            door: self.door(&settings.dir),
            clock: self.clock(),
            config_digest: settings.digest.clone(),
            coverage_floor: settings.coverage_floor,
            actor: asked.actor.clone(),
            program: PROGRAM.to_owned(),
            gates: gate_setup(settings),
            outside: self.outside(settings),
        })
    }

    fn outside(&self, settings: &Settings) -> Arc<dyn Outside + Send> {
        let databases = [&settings.source, &settings.target].into_iter().filter_map(|side| side.place.file()).map(Path::to_owned).collect();
        Arc::new(FromProject { dir: settings.dir.clone(), allowed_signers: settings.allowed_signers.clone(), databases })
    }

    fn signer(&self, settings: &Settings, from: KeyFrom) -> Box<dyn Signer> {
        Box::new(SshSigner::new(from, AllowedSigners::new(settings.allowed_signers.clone())))
    }

    fn verifier(&self, allowed_signers: &Path) -> Box<dyn Verifier> {
        Box::new(AllowedSigners::new(allowed_signers.to_owned()))
    }

    fn new_dossier(&self, folder: &Path) -> std::io::Result<Box<dyn DossierSink>> {
        Ok(Box::new(NewDossier::at(folder)?))
    }

    fn dossier(&self, folder: &Path) -> Box<dyn DossierSource> {
        Box::new(DossierFolder::new(folder.to_owned()))
    }

    async fn demo(&self, plan: &DemoPlan) -> Result<DemoBuilt, CliError> {
        demo::build(plan).await
    }

    fn keys(&self, user: &UserSettings) -> Result<Vec<KeyLine>, Problems> {
        Ok(Keymap::with(&user.keys)?.pages())
    }

    async fn terminal(&self, settings: &Settings, project: Project, (user, opening): (&UserSettings, Opening)) -> Result<(), CliError> {
        let keys = Arc::new(Keymap::with(&user.keys)?);
        let profile = project.profile.clone();
        let services = Services {
            door: Arc::clone(&project.door),
            clock: self.clock(),
            agent: agent(&settings.allowed_signers),
            steps: Arc::new(move |detail| rating_steps(detail, &profile)),
            tour: opening == Opening::Tour,
            ask_month: opening == Opening::AskMonth,
            copies: Some(self.copies(&project.actor)),
            memory: Some(Arc::new(MemoryFile::new(&settings.dir, TERMINAL))),
            looks: user.looks,
            keys,
            project: Some(project),
        };
        tui::run(services).await.map_err(ended_badly)
    }

    async fn assistant(&self, dir: &Path, (asked, user): (&Asked, &UserSettings), write: WriteProject) -> Result<Started, CliError> {
        let keys = Arc::new(Keymap::with(&user.keys)?);
        let (wire, asked, place) = (self.clone(), asked.clone(), dir.to_owned());
        let reach: Reach = Arc::new(move |text, side| {
            let settings = config::of_text(text, &place).map_err(|e| e.to_string())?;
            wire.side(&settings, side, &asked).map(|access| access.database).map_err(|e| e.to_string())
        });
        let services = AssistantServices { dir: dir.to_owned(), zone: std::env::var("TZ").ok(), looks: user.looks, keys, reach, write };
        let outcome = assistant::run(services).await.map_err(ended_badly)?;
        Ok(if outcome == Outcome::Reconcile { Started::Reconcile } else { Started::Left })
    }
}

fn ended_badly(error: TuiError) -> CliError {
    match error {
        TuiError::Terminal(_) => CliError::Usage(error.to_string()),
        TuiError::Panicked => CliError::unexpected(error),
    }
}

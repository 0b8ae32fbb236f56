//! The way in: where the workspace lies, and what happens before anybody may read or write it.

use super::fault;
use super::keeper::Keeper;
use super::lock::{self, Holder, Lock};
use super::mount;
use super::reader::Reader;
use super::schema::{self, Found, MIGRATIONS};
use super::scratch::ScratchFile;
use super::views::Views;
use super::writer::Writer;
use crate::ports::clock::Clock;
use crate::ports::scratch::Scratch;
use crate::ports::workspace::{StoreError, Workspace, WorkspaceDoor, WorkspaceWriter};
use async_trait::async_trait;
use sqlx::ConnectOptions;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The directory in the project.
pub(in crate::adapters) const DIRECTORY: &str = ".dualrun";
/// The store.
const FILE: &str = "workspace.db";
/// The lock file of the one turn at changing who bills.
const TURN: &str = "flip.lock";
/// How long it is waited for: a program that is just being started may hold it for a moment, whoever it is started by.
const MOMENT: Duration = Duration::from_millis(500);

/// The workspace of a project, from its directory: for who reads it as a database like any other.
pub const WORKSPACE_FILE: &str = ".dualrun/workspace.db";
/// Only its owner looks into it.
const PRIVATE: u32 = 0o700;

/// Opens the workspace of a project directory.
#[derive(Debug, Clone)]
pub struct Door {
    directory: PathBuf,
    clock: Arc<dyn Clock>,
    views: Arc<Views>,
}

impl Door {
    /// The workspace of that project; nothing is touched yet.
    pub fn new(project_dir: impl AsRef<Path>, clock: Arc<dyn Clock>) -> Self {
        Self { directory: project_dir.as_ref().join(DIRECTORY), clock, views: Arc::default() }
    }

    /// The same, keeping no sorted list of more rows than that: a page of more is found by reading the run through.
    #[must_use]
    pub fn with_lists_of(self, rows: usize) -> Self {
        Self { views: Arc::new(Views::of_at_most(rows)), ..self }
    }

    fn file(&self) -> PathBuf {
        self.directory.join(FILE)
    }
}

#[async_trait]
impl WorkspaceDoor for Door {
    fn scratch(&self) -> Result<Box<dyn Scratch>, StoreError> {
        Ok(Box::new(ScratchFile::new(&self.directory)?))
    }

    async fn read(&self) -> Result<Option<Arc<dyn Workspace>>, StoreError> {
        let file = self.file();
        let newest = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
        match schema::probe(&file, MIGRATIONS.len()).await? {
            Found::Nothing => Ok(None),
            Found::Schema(v) if v < newest => {
                let what = format!("it has schema {v} of an older dualrun");
                Err(fault::unavailable(&what, "run a command that writes, such as reconcile: it keeps a copy and brings it up to date"))
            }
            Found::Schema(_) => Ok(Some(Arc::new(Reader::open(&file, Arc::clone(&self.views), Arc::clone(&self.clock))))),
        }
    }

    async fn turn(&self, purpose: &str, actor: &str) -> Result<Box<dyn std::any::Any + Send>, StoreError> {
        make_private(&self.directory)?;
        mount::refuse_network(&self.directory)?;
        let holder = Holder { purpose, actor, since: self.clock.now() };
        Ok(Box::new(Lock::take(&self.directory.join(TURN), holder, MOMENT).await?))
    }

    async fn write(&self, purpose: &str, actor: &str, wait: Duration) -> Result<Arc<dyn WorkspaceWriter>, StoreError> {
        make_private(&self.directory)?;
        mount::refuse_network(&self.directory)?;
        let holder = Holder { purpose, actor, since: self.clock.now() };
        let lock = Lock::take(&self.directory.join(lock::FILE), holder, wait).await?;
        let file = self.file();
        let found = schema::probe(&file, MIGRATIONS.len()).await?;
        let mut conn = schema::writing(&file).connect().await.map_err(fault::store)?;
        schema::migrate(&mut conn, &file, found, MIGRATIONS, (actor, self.clock.now())).await?;
        let keeper = Arc::new(Keeper::new(file.clone(), conn, Arc::clone(&self.clock), actor, lock));
        let recovered = keeper.recover().await?;
        Ok(Arc::new(Writer { reader: Reader::open(&file, Arc::clone(&self.views), Arc::clone(&self.clock)), keeper, recovered }))
    }
}

/// Makes the directory, or closes an existing one to others.
fn make_private(directory: &Path) -> Result<(), StoreError> {
    match std::fs::DirBuilder::new().mode(PRIVATE).create(directory) {
        Ok(()) => return Ok(()),
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(e) => return Err(fault::at_path("making", directory, &e)),
    }
    let mode = std::fs::metadata(directory).map_err(|e| fault::at_path("looking at", directory, &e))?.permissions().mode();
    if mode & 0o077 != 0 {
        let private = std::fs::Permissions::from_mode(PRIVATE);
        std::fs::set_permissions(directory, private).map_err(|e| fault::at_path("closing to others", directory, &e))?;
    }
    Ok(())
}

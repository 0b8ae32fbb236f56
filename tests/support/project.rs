//! Projects for tests: a book or a folder with a `dualrun.toml`, wired to the real adapters.

#[path = "outside.rs"]
mod outside;

use super::memory::{Memory, Noon};
use dualrun::adapters::book_files::{read_book, write_project};
use dualrun::adapters::sqlite::Sqlite;
use dualrun::app::gates::GateSetup;
use dualrun::app::progress::Silent;
use dualrun::app::project::{ImportSetup, Project, SideAccess};
use dualrun::app::reconcile::{ReconcileOptions, reconcile};
use dualrun::config::{Settings, load};
use dualrun::domain::contract::Entity;
use dualrun::domain::period::Month;
use dualrun::domain::side::Side;
use dualrun::ports::connection::Connection;
use dualrun::ports::database::Database;
use dualrun::ports::workspace::WorkspaceDoor;
use outside::Blind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The specimen book of the tests.
pub fn specimen() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/books/specimen")
}

/// A month.
pub fn month(text: &str) -> Month {
    Month::parse(text).expect("a month")
}

/// Options for whole months.
pub fn whole(months: &[&str]) -> ReconcileOptions {
    ReconcileOptions { months: months.iter().map(|m| month(m)).collect(), only: Vec::new(), dry_run: false, recheck: false, wait: Duration::ZERO }
}

/// A project of the files in a folder, SQLite sides only unless `databases` says otherwise.
pub fn project(dir: &Path, door: Arc<dyn WorkspaceDoor>) -> Project {
    let settings = load(dir).unwrap_or_else(|e| panic!("{e}"));
    let database = |side: Side| -> Arc<dyn Database> {
        match settings.side(side).connection(&|_| None).unwrap_or_else(|e| panic!("{e}")) {
            Connection::Sqlite(file) => Arc::new(Sqlite::new(side, file, Arc::new(Noon))),
            other => panic!("not for this test: {:?}", other.kind()),
        }
    };
    assemble(&settings, dir, [database(Side::Source), database(Side::Target)], door)
}

/// A project of settings and databases.
pub fn assemble(settings: &Settings, dir: &Path, databases: [Arc<dyn Database>; 2], door: Arc<dyn WorkspaceDoor>) -> Project {
    let [source, target] = databases;
    let access = |side: Side, database: Arc<dyn Database>| SideAccess {
        database,
        queries: Entity::ALL.into_iter().filter_map(|e| Some((e, settings.side(side).query(e)?))).collect(),
    };
    Project {
        dir: dir.to_owned(),
        profile: settings.service.clone(),
        limits: settings.limits.clone(),
        source: access(Side::Source, source),
        target: access(Side::Target, target),
        door,
        clock: Arc::new(Noon),
        import: ImportSetup {
            loader: None,
            inertness: settings.inertness.iter().map(|c| (c.name.clone(), c.query())).collect(),
            ends_with_flip: Vec::new(),
            inertness_digest: settings.inertness_digest.clone(),
        },
        flip: None,
        checks: None,
        config_digest: settings.digest.clone(),
        coverage_floor: 9500,
        actor: "ana".to_owned(),
        program: "test".to_owned(),
        gates: GateSetup::default(),
        outside: Arc::new(Blind),
    }
}

/// Builds a book's project in a folder and reconciles whole months of it.
pub async fn run_book(book: &Path, bad: bool, months: &[&str]) -> (tempfile::TempDir, Memory) {
    let dir = tempfile::tempdir().expect("a folder");
    let book = read_book(book, bad).unwrap_or_else(|e| panic!("{e}"));
    write_project(&book, dir.path()).await.unwrap_or_else(|e| panic!("{e}"));
    let memory = Memory::default();
    let project = project(dir.path(), Arc::new(memory.clone()));
    reconcile(&project, &whole(months), Arc::new(Silent), CancellationToken::new()).await.unwrap_or_else(|e| panic!("{e}"));
    (dir, memory)
}

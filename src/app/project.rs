//! A project as the use cases see it: profiles, queries, the two databases, the workspace, the clock. Made by `wire`.

use super::gates::{GateSetup, Outside};
use crate::domain::contract::Entity;
use crate::domain::flip::FlipRules;
use crate::domain::profile::ServiceProfile;
use crate::domain::side::Side;
use crate::ports::clock::Clock;
use crate::ports::database::{Database, Limits, Query};
use crate::ports::files::Files;
use crate::ports::loader::{FlipLoader, Loader};
use crate::ports::runner::Runner;
use crate::ports::workspace::WorkspaceDoor;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// One side: its database and its queries, still without the period's parameters.
#[derive(Clone)]
pub struct SideAccess {
    /// The database.
    pub database: Arc<dyn Database>,
    /// The mapped entities.
    pub queries: BTreeMap<Entity, Query>,
}

/// What an import needs beside the sides.
#[derive(Clone, Default)]
pub struct ImportSetup {
    /// What hands records to the target; `None` where none is configured: then an import ends with the staged copy.
    pub loader: Option<Arc<dyn Loader>>,
    /// Checks of inertness, each with its name: queries of the target that count what could bill, send or charge.
    pub inertness: Vec<(String, Query)>,
    /// Names of those that count what a flip switches on: they end with the first subscription that is flipped.
    pub ends_with_flip: Vec<String>,
    /// Digest of the checks as they are configured.
    pub inertness_digest: String,
}

/// What the flip needs beside the sides.
#[derive(Clone)]
pub struct FlipSetup {
    /// How waves are cut and first invoices are held.
    pub rules: FlipRules,
    /// Digest of what is configured about it.
    pub digest: String,
    /// Who bills, by the source.
    pub source_billing: Query,
    /// Who bills, by the target.
    pub target_billing: Query,
    /// Payments the target captured.
    pub target_payments: Query,
    /// What switches billing off in the source, and on again.
    pub source: Arc<dyn FlipLoader>,
    /// What makes the changes in the target; `None` where no loader is configured.
    pub target: Option<Arc<dyn FlipLoader>>,
}

/// What checks of the runbook are made with, beside the two sides.
#[derive(Clone)]
pub struct CheckSetup {
    /// Runs programs.
    pub runner: Arc<dyn Runner>,
    /// Reads files.
    pub files: Arc<dyn Files>,
    /// The workspace's own database, opened read-only as a side's is.
    pub workspace: Arc<dyn Database>,
}

/// Everything a use case needs.
#[derive(Clone)]
pub struct Project {
    /// The directory of `dualrun.toml`.
    pub dir: PathBuf,
    /// What is declared about the service and its sides.
    pub profile: ServiceProfile,
    /// Bounds of sessions.
    pub limits: Limits,
    /// The source.
    pub source: SideAccess,
    /// The target.
    pub target: SideAccess,
    /// What an import needs.
    pub import: ImportSetup,
    /// What the flip needs; `None` where nothing is configured about it.
    pub flip: Option<FlipSetup>,
    /// What checks are made with; `None` where none can be.
    pub checks: Option<CheckSetup>,
    /// The workspace.
    pub door: Arc<dyn WorkspaceDoor>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Digest of the configuration that decides numbers.
    pub config_digest: String,
    /// Coverage wanted at least, in ten-thousandths.
    pub coverage_floor: i64,
    /// Who acts; attested, not signed.
    pub actor: String,
    /// This program's version.
    pub program: String,
    /// What gates stand on, as it is configured.
    pub gates: GateSetup,
    /// What they stand on elsewhere.
    pub outside: Arc<dyn Outside + Send>,
}

impl Project {
    /// One side.
    pub const fn side(&self, side: Side) -> &SideAccess {
        match side {
            Side::Source => &self.source,
            Side::Target => &self.target,
        }
    }
}

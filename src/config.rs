//! `dualrun.toml`: what the operator declares, checked as a whole, with every problem at once.
//!
//! The file travels: bytes → text (`document`) → sections held against one key table ([`keys`], `section`,
//! `shape`) → [`Settings`], the only thing others may hold. Nothing here opens a database. A secret is fetched
//! when a connection is asked for ([`SideSettings::connection`]), not before, and is in no message.

mod connection;
mod digest;
mod document;
pub mod draft;
mod flip;
mod import;
mod inertness;
pub mod keys;
pub mod known;
mod nearest;
mod operators;
mod placeholders;
mod plain_secret;
mod preset;
mod problem;
mod query;
pub mod runbook;
mod schema;
mod secret;
mod secret_command;
mod section;
mod service;
mod shape;
mod side;
mod signing;
mod template;
pub mod user;
mod vocabulary;

pub use connection::ConnectionPlace;
pub use document::At;
pub use flip::FlipSettings;
pub use import::LoaderSettings;
pub use inertness::Check;
pub use nearest::nearest;
pub use problem::{Problem, Problems};
pub use query::QueryText;
pub use schema::{runbook_schema, schema};
pub use secret::Secret;
pub use side::SideSettings;
pub use template::{runbook_template, runbooks, template};
pub use vocabulary::USUAL_INACTIVE;

use crate::domain::dossier::bound_configuration;
use crate::domain::gate::{LoaderPlace, Place, Runbook};
use crate::domain::person::{Operator, same_person};
use crate::domain::profile::ServiceProfile;
use crate::domain::side::Side;
use crate::ports::database::Limits;
use document::Findings;
use section::Section;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::DeTable;

/// The file's name in a project's directory.
pub const FILE_NAME: &str = "dualrun.toml";

/// The runbook's name in a project's directory, unless the configuration names another.
pub const RUNBOOK_NAME: &str = "runbook.toml";

/// The name under which a runbook expects its schema beside it.
pub const RUNBOOK_SCHEMA_NAME: &str = "runbook.schema.json";

/// The name under which the template expects the schema beside it.
pub const SCHEMA_FILE_NAME: &str = "dualrun.schema.json";

/// A checked configuration.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The file.
    pub path: PathBuf,
    /// The directory it is in: paths in it start there, and the workspace is in it.
    pub dir: PathBuf,
    /// The service and both sides' profiles: all the engines need.
    pub service: ServiceProfile,
    /// Bounds of every database session.
    pub limits: Limits,
    /// How the source is reached and asked.
    pub source: SideSettings,
    /// How the target is reached and asked.
    pub target: SideSettings,
    /// What hands records to the target; `None` where none is named.
    pub loader: Option<LoaderSettings>,
    /// Checks of inertness.
    pub inertness: Vec<Check>,
    /// BLAKE3 hex over them. Decides no number.
    pub inertness_digest: String,
    /// What is configured about the flip; `None` where nothing is: then nothing can be flipped.
    pub flip: Option<FlipSettings>,
    /// The people who may act and sign.
    pub operators: Vec<Operator>,
    /// The file of principals and their keys, by which signatures are verified. Decides no number.
    pub allowed_signers: PathBuf,
    /// Part of the invoiced money that must be reconciled before the flip, in ten-thousandths. Decides no number.
    pub coverage_floor: i64,
    /// The runbook of the cutover; `None` where there is no file.
    pub runbook: Option<Runbook>,
    /// Where the runbook is, or would be.
    pub runbook_path: PathBuf,
    /// BLAKE3 hex over what decides the numbers: the profile, SQL texts and parameters. Places, secrets, limits,
    /// operators, comments, key order and file paths are not in it.
    pub digest: String,
}

impl Settings {
    /// One side's settings.
    pub const fn side(&self, side: Side) -> &SideSettings {
        match side {
            Side::Source => &self.source,
            Side::Target => &self.target,
        }
    }

    /// Digest of all a sign-off is bound to of it: what decides the numbers, the floor, the checks of inertness, and the people.
    pub fn bound_digest(&self) -> String {
        bound_configuration(&self.digest, self.coverage_floor, &self.inertness_digest, &self.operators)
    }

    /// What [`Settings::digest`] is over, byte by byte. No secret, place or person is in it.
    pub fn canonical(&self) -> Result<String, serde_json::Error> {
        digest::canonical(&self.service, [&self.source, &self.target])
    }

    /// What this project would act on, as far as it is written: which programs and keys that comes to is looked at later.
    pub fn place(&self) -> Place {
        let loader = |of: &LoaderSettings| match of {
            LoaderSettings::Command { argv, env, .. } => LoaderPlace::Command { argv: argv.clone(), env: env.clone(), files: BTreeMap::new() },
            LoaderSettings::Pack { dir } => LoaderPlace::Pack { dir: dir.strip_prefix(&self.dir).unwrap_or(dir).to_string_lossy().into_owned() },
        };
        let (source, target) = (self.flip.as_ref().map(|flip| &flip.source), self.loader.as_ref());
        let loaders = [(Side::Source, source), (Side::Target, target)].into_iter().filter_map(|(side, of)| Some((side, loader(of?))));
        Place {
            databases: Side::BOTH.into_iter().map(|side| (side, self.side(side).place.told().clone())).collect(),
            loaders: loaders.collect(),
            flip: self.flip.as_ref().map(FlipSettings::digest),
            signers: None,
        }
    }

    /// The operator of that id, compared as people are told apart.
    pub fn operator(&self, id: &str) -> Option<&Operator> {
        self.operators.iter().find(|o| same_person(&o.id, id))
    }
}

/// Reads a configuration: the file itself, or the directory that holds `dualrun.toml`.
pub fn load(path_or_dir: &Path) -> Result<Settings, Problems> {
    let path = if path_or_dir.is_dir() { path_or_dir.join(FILE_NAME) } else { path_or_dir.to_path_buf() };
    if std::fs::metadata(&path).is_err_and(|e| e.kind() == std::io::ErrorKind::NotFound) {
        let problem = Problem {
            file: path,
            line: 0,
            column: 0,
            what: "no such file".to_owned(),
            instead: "run dualrun init, or name the project's directory with -C".to_owned(),
        };
        return Err(problem.into());
    }
    let text = document::read_text(&path)?;
    read(&text, &path)
}

/// The same of a text that is not in a file yet, as it would be in that directory.
pub fn of_text(text: &str, dir: &Path) -> Result<Settings, Problems> {
    read(text, &dir.join(FILE_NAME))
}

fn read(text: &str, path: &Path) -> Result<Settings, Problems> {
    let dir = path.parent().filter(|d| !d.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_path_buf();
    let mut findings = Findings::new(path, text);
    let table = findings.parse();
    let settings = settings(&table, path, &dir, &mut findings);
    match settings {
        Some(settings) if findings.is_empty() => Ok(settings),
        _ => Err(findings.into_problems()),
    }
}

fn settings(table: &Spanned<DeTable<'_>>, path: &Path, dir: &Path, findings: &mut Findings<'_>) -> Option<Settings> {
    plain_secret::refuse_plain_secrets(table.get_ref(), findings);
    let root = Section::of_table(table.get_ref(), 0..0, String::new(), keys::ROOT, findings);
    for (name, what) in [("service", "no service configured"), ("source", "no source configured"), ("target", "no target configured")] {
        if !root.names(name) {
            findings.missing(&(0..0), what, format!("write a [{name}] section; dualrun init writes a commented file"));
        }
    }
    let limits = service::limits(root.value("limits"), findings);
    let operators = operators::operators(root.value("operators"), findings);
    let allowed_signers = signing::signing(root.value("signing"), dir, findings);
    let service = root.value("service").and_then(|value| service::service(value, findings));
    let loader = import::import(root.value("import"), dir, findings);
    let name = service.as_ref().map_or("", |s| s.name.as_str());
    let inertness = inertness::inertness(root.value("inertness"), name, dir, findings);
    let flip = flip::flip(root.value("flip"), dir, &inertness, findings);
    let runbook = runbook::runbook(service.as_ref(), dir, &operators, findings);
    let runbook_path = runbook::path(service.as_ref(), dir);
    let [source, target] = Side::BOTH.map(|s| root.value(s.word()).map(|value| side::side(value, s, dir, findings)));
    let (service, source, target) = (service?, source?, target?);
    let coverage_floor = service.coverage_floor;
    let service = ServiceProfile {
        service: service.name,
        zone: service.zone,
        currency: service.currency,
        usage_from: service.usage_from,
        basis: service.basis,
        tolerance: service.tolerance,
        source: source.profile?,
        target: target.profile?,
    };
    let (source, target) = (source.settings?, target.settings?);
    let digest = match digest::canonical(&service, [&source, &target]) {
        Ok(canonical) => digest::digest(&canonical),
        Err(e) => {
            findings.at(&(0..0), format!("cannot be written in canonical form: {e}"), "");
            return None;
        }
    };
    let inertness_digest = inertness::digest(&inertness, flip.as_ref().map_or(&[], |flip| &flip.switches_on));
    Some(Settings {
        path: path.to_path_buf(),
        dir: dir.to_path_buf(),
        service,
        limits,
        source,
        target,
        loader,
        inertness,
        inertness_digest,
        flip,
        operators,
        allowed_signers,
        runbook,
        runbook_path,
        coverage_floor,
        digest,
    })
}

//! A project over the nasty tables: what each side's queries say, and the run of it.

use crate::cluster::{self, Cluster};
use crate::memory::{Kept, Memory};
use dualrun::app::error::AppError;
use dualrun::app::progress::Silent;
use dualrun::app::project::Project;
use dualrun::app::reconcile::{ReconcileOptions, reconcile};
use dualrun::cli::{Asked, Wiring as _};
use dualrun::config::load;
use dualrun::domain::period::Month;
use dualrun::wire::Wire;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const DATABASE: &str = "nasty";
/// May read both schemas and nothing else.
const READER: &str = "reader";
/// The same, with the settings of somebody far away.
pub const FAR_READER: &str = "far_reader";

/// The month the corpus bills.
pub const APRIL: &str = "2026-04";

/// The shared cluster with both schemas loaded.
fn nasty() -> &'static Cluster {
    static LOADED: OnceLock<()> = OnceLock::new();
    let cluster = cluster::shared();
    LOADED.get_or_init(|| {
        cluster.create_database(DATABASE);
        cluster.psql(DATABASE, include_str!("../nasty/pg_source.sql"));
        cluster.psql(DATABASE, include_str!("../nasty/pg_target.sql"));
        for role in [READER, FAR_READER] {
            cluster.psql(
                DATABASE,
                &format!(
                    "create role {role} login; grant usage on schema src, tgt to {role}; grant select on all tables in schema src, tgt to {role}"
                ),
            );
        }
        let settings = ["timezone = 'Asia/Kolkata'", "datestyle = 'German'", "extra_float_digits = -15", "bytea_output = 'escape'"];
        let sql: Vec<String> = settings.iter().map(|s| format!("alter role {FAR_READER} set {s}")).collect();
        cluster.psql(DATABASE, &sql.join(";"));
    });
    cluster
}

/// Queries and further settings of a project; both sides read the nasty database.
pub struct Desk {
    role: &'static str,
    service: Vec<String>,
    source: Side,
    target: Side,
}

struct Side {
    place: Option<String>,
    settings: BTreeMap<&'static str, String>,
    queries: BTreeMap<&'static str, String>,
}

impl Side {
    fn new(billable: &str) -> Self {
        let settings = [
            ("active", "[\"active\"]".to_owned()),
            ("billable", format!("[\"{billable}\"]")),
            ("ends", "\"exclusive\"".to_owned()),
            ("round_per", "\"invoice\"".to_owned()),
            ("round_mode", "\"half_up\"".to_owned()),
            ("credit_amounts", "\"signed\"".to_owned()),
        ];
        Self { place: None, settings: settings.into(), queries: BTreeMap::new() }
    }

    fn text(&self, name: &str, role: &str) -> String {
        let mut out = format!("[{name}]\n");
        if let Some(place) = &self.place {
            out.push_str(place);
        } else {
            let (host, port) = (nasty().socket_directory(), nasty().port());
            let _ = writeln!(out, "kind = \"postgres\"\nhost = \"{host}\"\nport = {port}\ndatabase = \"{DATABASE}\"\nuser = \"{role}\"");
        }
        for (key, value) in &self.settings {
            let _ = writeln!(out, "{key} = {value}");
        }
        let _ = writeln!(out, "[{name}.queries]");
        for (entity, sql) in &self.queries {
            let _ = writeln!(out, "{entity} = '''{sql}'''");
        }
        out
    }
}

impl Desk {
    /// No queries yet: exclusive ends, half up per invoice, signed credits, no currency assumed.
    pub fn new() -> Self {
        Self { role: READER, service: Vec::new(), source: Side::new("paid"), target: Side::new("posted") }
    }

    /// A target that has one plan of 10.00 CAD a month and, by `subscriptions`, who has it.
    pub fn against(subscriptions: &str) -> Self {
        Self::new().target("plans", "select 'basic' as id, 'CAD' as currency, 10.00 as flat_price").target(
            "subscriptions",
            &format!(
                "select s.id, 'c' as customer_id, 'basic' as plan_id, 'active' as status, date '2020-01-01' as started_on from ({subscriptions}) s"
            ),
        )
    }

    /// Reads as another role.
    pub fn role(mut self, role: &'static str) -> Self {
        self.role = role;
        self
    }

    /// A line of `[service]`.
    pub fn service(mut self, line: &str) -> Self {
        self.service.push(line.to_owned());
        self
    }

    /// A query of the source.
    pub fn source(mut self, entity: &'static str, sql: &str) -> Self {
        self.source.queries.insert(entity, sql.to_owned());
        self
    }

    /// A query of the target.
    pub fn target(mut self, entity: &'static str, sql: &str) -> Self {
        self.target.queries.insert(entity, sql.to_owned());
        self
    }

    /// A setting of the source, its value as TOML.
    pub fn source_setting(mut self, key: &'static str, value: &str) -> Self {
        self.source.settings.insert(key, value.to_owned());
        self
    }

    /// A setting of both sides, its value as TOML.
    pub fn setting(mut self, key: &'static str, value: &str) -> Self {
        self.target.settings.insert(key, value.to_owned());
        self.source_setting(key, value)
    }

    /// Sides that are SQLite files instead.
    pub fn files(mut self, source: &Path, target: &Path) -> Self {
        for (side, path) in [(&mut self.source, source), (&mut self.target, target)] {
            side.place = Some(format!("kind = \"sqlite\"\npath = \"{}\"\n", path.display()));
        }
        self
    }

    /// The project of it in a folder, with its real workspace there.
    pub fn project(&self, dir: &Path) -> Project {
        let mut text = "[service]\nname = \"nasty\"\n".to_owned();
        if !self.service.iter().any(|l| l.starts_with("time_zone")) {
            text.push_str("time_zone = \"America/Toronto\"\n");
        }
        for line in &self.service {
            let _ = writeln!(text, "{line}");
        }
        text.push_str(&self.source.text("source", self.role));
        text.push_str(&self.target.text("target", self.role));
        std::fs::write(dir.join("dualrun.toml"), text).expect("a file");
        let settings = load(dir).unwrap_or_else(|e| panic!("{e}"));
        let asked = Asked { actor: "ana".to_owned(), allow_writable_role: false };
        Wire::default().project(&settings, &asked).unwrap_or_else(|e| panic!("{e}"))
    }

    /// One run a month, kept in memory.
    pub async fn try_months(&self, months: &[&str]) -> Result<Vec<Kept>, AppError> {
        let dir = tempfile::tempdir().expect("a folder");
        let memory = Memory::default();
        let project = Project { door: Arc::new(memory.clone()), ..self.project(dir.path()) };
        run(&project, months).await?;
        Ok(memory.kept())
    }

    /// The run of a month.
    pub async fn month(&self, month: &str) -> Kept {
        self.try_months(&[month]).await.unwrap_or_else(|e| panic!("{e}")).pop().expect("a run")
    }

    /// The run of the corpus' month.
    pub async fn run(&self) -> Kept {
        self.month(APRIL).await
    }
}

/// Reconciles months of a project.
pub async fn run(project: &Project, months: &[&str]) -> Result<(), AppError> {
    let months = months.iter().map(|m| Month::parse(m).expect("a month")).collect();
    let options = ReconcileOptions { months, only: Vec::new(), dry_run: false, recheck: false, wait: Duration::ZERO };
    reconcile(project, &options, Arc::new(Silent), CancellationToken::new()).await.map(|_| ())
}

/// What the server itself says to a query that answers with one JSON value.
pub fn json(sql: &str) -> serde_json::Value {
    serde_json::from_str(&nasty().psql(DATABASE, sql)).expect("JSON")
}

//! What is measured: a `dualrun.toml` whose two sides are loaded databases of one PostgreSQL server, what it must come to, and
//! the queries of its own that make the floor.

use chrono::{DateTime, Utc};
use dualrun::domain::period::Month;
use dualrun::domain::side::Side;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Rows by verdict, those that are none left out.
pub type Counts = BTreeMap<String, u64>;

/// A project and its server.
pub struct Subject {
    /// Text of the `dualrun.toml`.
    pub toml: String,
    pub port: u16,
    /// Whose rights show the server's own process.
    pub superuser: String,
    pub psql: PathBuf,
    pub first: Month,
    pub last: Month,
    /// What all months together must come to.
    pub expected: Counts,
}

/// What one run of dualrun came to.
#[derive(Debug, PartialEq, Eq)]
pub struct Outcome {
    pub counts: Counts,
    /// One a month: runs over the same data have the same.
    pub digests: Vec<String>,
}

/// When the last of its runs was published, as a run said in JSON.
pub fn published(json: &str) -> DateTime<Utc> {
    let value: Value = serde_json::from_str(json).expect("JSON");
    let at = |run: &Value| run["finished_at"].as_str().expect("an instant").parse().expect("an instant");
    value["runs"].as_array().expect("runs").iter().map(at).max().expect("a run")
}

impl Subject {
    /// The command line's `FROM..TO`.
    pub fn period(&self) -> String {
        format!("{}..{}", self.first, self.last)
    }

    /// Rows that are a subscription in a period.
    pub fn cells(&self) -> u64 {
        self.expected.iter().filter(|(verdict, _)| *verdict != "unlinked").map(|(_, n)| n).sum()
    }

    /// The same project through another port of this machine.
    pub fn toml_by(&self, port: u16) -> String {
        self.toml.replace(&format!("\nport = {}\n", self.port), &format!("\nport = {port}\n"))
    }

    /// Process of the server, by its own word.
    pub fn postmaster(&self) -> u32 {
        let asked = self.ask("select split_part(pg_read_file('postmaster.pid'), E'\\n', 1)");
        asked.trim().parse().expect("the server's process")
    }

    /// Which server.
    pub fn version(&self) -> String {
        self.ask("select current_setting('server_version') || ', shared_buffers ' || current_setting('shared_buffers') || ', fsync ' || current_setting('fsync')")
            .trim()
            .to_owned()
    }

    fn ask(&self, sql: &str) -> String {
        let asked = self.psql(&self.superuser, "postgres").args(["-c", sql]).output().expect("psql can be run");
        assert!(asked.status.success(), "psql: {}", String::from_utf8_lossy(&asked.stderr));
        String::from_utf8(asked.stdout).expect("UTF-8")
    }

    fn psql(&self, user: &str, database: &str) -> Command {
        let mut command = Command::new(&self.psql);
        command.args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", user, "-d", database]);
        command
    }

    /// Every query of the project as a binary COPY to nowhere, over all its months: the least that reading takes.
    pub fn floor(&self) -> Vec<Command> {
        let project: toml::Table = self.toml.parse().expect("TOML");
        let zone = project["service"]["time_zone"].as_str().expect("a zone");
        let of_side = |side: Side| {
            let section = &project[side.word()];
            let text = |key: &str| section[key].as_str().expect("a text").to_owned();
            let queries = section["queries"].as_table().expect("queries").values().map(|q| self.filled(q.as_str().expect("SQL"), zone));
            let copy = move |sql: String| {
                let mut command = self.psql(&text("user"), &text("database"));
                command.arg("-c").arg(format!("COPY ({sql}) TO STDOUT (FORMAT binary)")).stdout(Stdio::null());
                command
            };
            queries.map(copy).collect::<Vec<_>>()
        };
        Side::BOTH.into_iter().flat_map(of_side).collect()
    }

    fn filled(&self, sql: &str, zone: &str) -> String {
        let (start, end) = (self.first.first_day(), self.last.plus(1).first_day());
        let midnight = |day: chrono::NaiveDate| format!("(timestamp '{day}' at time zone '{zone}')");
        sql.replace(":period_start_at", &midnight(start))
            .replace(":period_end_at", &midnight(end))
            .replace(":period_start", &format!("date '{start}'"))
            .replace(":period_end", &format!("date '{end}'"))
    }
}

/// What a run said, as JSON. Panics where it is no complete result.
pub fn outcome(json: &str) -> Outcome {
    let value: Value = serde_json::from_str(json).expect("JSON");
    let mut outcome = Outcome { counts: Counts::new(), digests: Vec::new() };
    for run in value["runs"].as_array().expect("runs") {
        assert_eq!(run["state"], "complete", "{}", run["period"]);
        outcome.digests.push(run["digest"].as_str().expect("a digest").to_owned());
        for (verdict, count) in counts(&run["counts"]) {
            *outcome.counts.entry(verdict).or_default() += count;
        }
    }
    outcome
}

/// An object of numbers by verdict.
pub fn counts(object: &Value) -> Counts {
    let all = object.as_object().expect("counts").iter().map(|(verdict, n)| (verdict.clone(), n.as_u64().expect("a count")));
    all.filter(|(_, n)| *n > 0).collect()
}

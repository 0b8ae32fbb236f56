//! A `dualrun.toml` as somebody answers questions about it: what is typed is read here, and the file is written from it. A secret is
//! never part of it, only where it comes from.

use super::secret::is_variable;
use crate::domain::contract::Entity;
use crate::domain::side::Side;
use crate::domain::text::shown;
use crate::ports::connection::is_local;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use toml_edit::Value;
use url::Url;

/// Where a side's database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// An SQLite file.
    File(String),
    /// A server.
    Server {
        /// `postgres` or `mariadb`.
        kind: &'static str,
        /// Host name, address, or the directory of a socket.
        host: String,
        /// Where it is not the usual one.
        port: Option<u16>,
        /// Database.
        database: String,
        /// Role.
        user: String,
    },
}

/// Where a secret comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretFrom {
    /// An environment variable.
    Env(String),
    /// A file nobody else can read.
    File(String),
    /// A program that prints it.
    Command(Vec<String>),
}

/// One side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftSide {
    /// Where it is.
    pub address: Address,
    /// Where its password comes from.
    pub password: Option<SecretFrom>,
    /// The known system it is.
    pub system: Option<&'static str>,
    /// Status words that bill, of subscriptions.
    pub active: Vec<String>,
    /// Status words that count, of documents.
    pub billable: Vec<String>,
    /// `ends`, `round_per` and `round_mode`, where the system does not say them.
    pub words: BTreeMap<&'static str, String>,
    /// What is mapped.
    pub queries: BTreeMap<Entity, String>,
}

/// The file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Of which service.
    pub service: String,
    /// Its zone.
    pub zone: String,
    /// The currency of records that name none.
    pub currency: Option<String>,
    /// The side that bills today.
    pub source: DraftSide,
    /// The side that shall bill.
    pub target: DraftSide,
}

impl Address {
    /// Reads `postgres://user@host:5432/database`, `mariadb://…`, `host=… dbname=… user=…`, or the path of an SQLite file.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() {
            return Err("say where it is: postgres://user@host/database, mariadb://user@host/database, or the path of an SQLite file".to_owned());
        }
        match text.split_once("://") {
            Some((scheme, _)) => Self::of_url(scheme, text),
            None if text.split_whitespace().all(|part| part.contains('=')) => Self::of_parts(text),
            None => Ok(Self::File(text.strip_prefix("sqlite:").unwrap_or(text).to_owned())),
        }
    }

    fn of_url(scheme: &str, text: &str) -> Result<Self, String> {
        let kind = kind(scheme).ok_or_else(|| format!("{}:// is no database that is known: postgres, mariadb or mysql", shown(scheme, 20)))?;
        let url = Url::parse(text).map_err(|e| format!("that is no address: {e}"))?;
        if url.password().is_some() {
            return Err(PLAIN.to_owned());
        }
        let decoded = |text: &str| {
            url::form_urlencoded::parse(format!("x={}", text.replace('+', "%2B")).as_bytes()).next().map_or_else(String::new, |(_, v)| v.into_owned())
        };
        let mut parts = Parts { host: decoded(url.host_str().unwrap_or_default()), port: url.port(), ..Parts::default() };
        (parts.user, parts.database) = (decoded(url.username()), decoded(url.path().trim_start_matches('/')));
        for (name, value) in url.query_pairs() {
            parts.take(&name, &value)?;
        }
        parts.address(kind)
    }

    fn of_parts(text: &str) -> Result<Self, String> {
        let (mut parts, mut of) = (Parts::default(), "postgres");
        for (name, value) in text.split_whitespace().filter_map(|part| part.split_once('=')) {
            match name {
                "kind" => of = kind(value).ok_or_else(|| format!("{} is no kind that is known: postgres or mariadb", shown(value, 20)))?,
                _ => parts.take(name, value)?,
            }
        }
        parts.address(of)
    }
}

const PLAIN: &str = "a password in the address would be kept in plain: leave it out, and say below where it comes from";

fn kind(word: &str) -> Option<&'static str> {
    match word {
        "postgres" | "postgresql" => Some("postgres"),
        "mariadb" | "mysql" => Some("mariadb"),
        _ => None,
    }
}

#[derive(Default)]
struct Parts {
    host: String,
    port: Option<u16>,
    database: String,
    user: String,
}

impl Parts {
    fn take(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name {
            "host" => value.clone_into(&mut self.host),
            "dbname" | "database" => value.clone_into(&mut self.database),
            "user" => value.clone_into(&mut self.user),
            "port" => self.port = Some(value.parse().map_err(|_| format!("{} is no port", shown(value, 20)))?),
            "password" => return Err(PLAIN.to_owned()),
            // How a connection is protected is decided by where it goes, and may be changed in the file.
            "sslmode" | "ssl-mode" => {}
            _ => return Err(format!("{} is not known: host, port, dbname and user are", shown(name, 30))),
        }
        Ok(())
    }

    fn address(self, kind: &'static str) -> Result<Address, String> {
        for (value, what) in [(&self.host, "host"), (&self.database, "database"), (&self.user, "user")] {
            if value.is_empty() {
                return Err(format!("it names no {what}: {kind}://user@host/database"));
            }
        }
        Ok(Address::Server { kind, host: self.host, port: self.port, database: self.database, user: self.user })
    }
}

impl SecretFrom {
    /// Reads `env:NAME`, `file:PATH` or `command:PROGRAM ARGUMENT …`; nothing where none is needed.
    pub fn parse(text: &str) -> Result<Option<Self>, String> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let (from, what) = text.split_once(':').map(|(from, what)| (from.trim(), what.trim())).filter(|(_, what)| !what.is_empty()).ok_or(UNNAMED)?;
        match from {
            "env" if is_variable(what) => Ok(Some(Self::Env(what.to_owned()))),
            "file" => Ok(Some(Self::File(what.to_owned()))),
            "command" => Ok(Some(Self::Command(what.split_whitespace().map(str::to_owned).collect()))),
            _ => Err(UNNAMED.to_owned()),
        }
    }

    fn toml(&self) -> String {
        match self {
            Self::Env(name) => format!("{{ env = {} }}", quoted(name)),
            Self::File(path) => format!("{{ file = {} }}", quoted(path)),
            Self::Command(words) => format!("{{ command = {} }}", list(words)),
        }
    }
}

const UNNAMED: &str =
    "the secret itself is never kept: say where it comes from, as env:APP_DB_PASSWORD, file:secret.txt or command:/usr/bin/pass show app";

impl DraftSide {
    /// A side of which no more than its place is known: enough to look at it.
    pub fn unseen(address: Address, password: Option<SecretFrom>) -> Self {
        let words = [("ends", "inclusive"), ("round_per", "invoice"), ("round_mode", "half_up")].map(|(key, word)| (key, word.to_owned()));
        let queries = BTreeMap::from([(Entity::Subscriptions, "select 1 as id".to_owned())]);
        Self { address, password, system: None, active: vec!["active".to_owned()], billable: vec!["paid".to_owned()], words: words.into(), queries }
    }

    fn write(&self, side: Side, out: &mut String) {
        let _ = writeln!(out, "\n[{side}]");
        match &self.address {
            Address::File(path) => {
                let _ = writeln!(out, "kind = \"sqlite\"\npath = {}", quoted(path));
            }
            Address::Server { kind, host, port, database, user } => {
                let _ = writeln!(out, "kind = {}\nhost = {}", quoted(kind), quoted(host));
                if let Some(port) = port {
                    let _ = writeln!(out, "port = {port}");
                }
                let _ = writeln!(out, "database = {}\nuser = {}", quoted(database), quoted(user));
                if let Some(password) = &self.password {
                    let _ = writeln!(out, "password = {}", password.toml());
                }
                let _ = writeln!(
                    out,
                    "# {}",
                    if is_local(host) { "On this machine: tls is off unless said." } else { "tls = \"verify-full\" unless said." }
                );
            }
        }
        if let Some(system) = self.system {
            let _ = writeln!(out, "profile = {}", quoted(system));
        }
        let _ = writeln!(out, "active = {}\nbillable = {}", list(&self.active), list(&self.billable));
        for (key, word) in &self.words {
            let _ = writeln!(out, "{key} = {}", quoted(word));
        }
        let _ = writeln!(out, "\n[{side}.queries]");
        for (entity, sql) in &self.queries {
            let _ = writeln!(out, "{entity} = {}", quoted(sql));
        }
        for entity in Entity::ALL.into_iter().take(7).filter(|e| !self.queries.contains_key(e)) {
            let columns: Vec<&str> = entity.columns().iter().filter(|c| c.required).map(|c| c.name).collect();
            let _ = writeln!(out, "# {entity}: not found under that name. A query that gives at least {}", columns.join(", "));
            let _ = writeln!(out, "#{entity} = \"select … from …\"");
        }
    }
}

impl Draft {
    /// The file's text.
    pub fn text(&self) -> String {
        let mut out = String::from("#:schema dualrun.schema.json\n");
        out.push_str("# Written by the assistant of dualrun init. Every key with its meaning is in the template: dualrun init --kind postgres --dir ELSEWHERE\n");
        let _ = writeln!(out, "\n[service]\nname = {}\ntime_zone = {}", quoted(&self.service), quoted(&self.zone));
        if let Some(currency) = &self.currency {
            let _ = writeln!(out, "currency = {}", quoted(currency));
        }
        self.source.write(Side::Source, &mut out);
        self.target.write(Side::Target, &mut out);
        if self.target.system == Some("odoo") {
            out.push_str("\n# Looked at before and after a load and with each reconciliation.\n[inertness]\npreset = \"odoo19\"\n");
        }
        out
    }
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn list(words: &[String]) -> String {
    format!("[{}]", words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_whole_and_hold_no_password() {
        let server = |kind, host: &str, port, database: &str, user: &str| {
            Ok(Address::Server { kind, host: host.to_owned(), port, database: database.to_owned(), user: user.to_owned() })
        };
        assert_eq!(Address::parse("postgres://ro@db.internal:5433/app"), server("postgres", "db.internal", Some(5433), "app", "ro"));
        assert_eq!(Address::parse("mysql://ro%40x@h/erp"), server("mariadb", "h", None, "erp", "ro@x"));
        assert_eq!(
            Address::parse("postgresql:///app?host=/var/run/postgresql&user=ro"),
            server("postgres", "/var/run/postgresql", None, "app", "ro")
        );
        assert_eq!(Address::parse("host=h dbname=app user=ro port=5432"), server("postgres", "h", Some(5432), "app", "ro"));
        assert_eq!(Address::parse(" data/source.db "), Ok(Address::File("data/source.db".to_owned())));
        for (text, says) in [
            ("", "say where"),
            ("postgres://ro:hunter2@h/app", "in plain"),
            ("host=h dbname=app user=ro password=hunter2", "in plain"),
            ("postgres://h/app", "names no user"),
            ("oracle://ro@h/app", "no database that is known"),
            ("postgres://ro@h:99999/app", "no address"),
            ("host=h dbname=a user=b colour=red", "colour is not known"),
        ] {
            let error = Address::parse(text).unwrap_err();
            assert!(error.contains(says) && !error.contains("hunter2"), "{text}: {error}");
        }
    }

    #[test]
    fn secrets_are_named_and_never_taken() {
        assert_eq!(SecretFrom::parse("env:APP"), Ok(Some(SecretFrom::Env("APP".to_owned()))));
        assert_eq!(
            SecretFrom::parse("command: /usr/bin/pass show app").unwrap().unwrap().toml(),
            "{ command = [\"/usr/bin/pass\", \"show\", \"app\"] }"
        );
        assert_eq!(SecretFrom::parse("  "), Ok(None));
        for text in ["hunter2", "env:", "plain:hunter2", "env:hunter2 x"] {
            assert!(!SecretFrom::parse(text).unwrap_err().contains("hunter2"));
        }
    }

    #[test]
    fn what_it_writes_is_a_configuration() {
        let mut source = DraftSide::unseen(Address::parse("postgres://ro@db/app").unwrap(), SecretFrom::parse("command:/bin/pass \"x\"").unwrap());
        source.active = vec!["ac\"tive".to_owned()];
        let mut target = DraftSide::unseen(Address::parse("mariadb://ro@db/erp").unwrap(), None);
        (target.system, target.words) = (Some("odoo"), BTreeMap::new());
        let draft = Draft { service: "my \"shop\"".to_owned(), zone: "America/Toronto".to_owned(), currency: Some("CAD".to_owned()), source, target };
        let dir = tempfile::tempdir().unwrap();
        let settings = crate::config::of_text(&draft.text(), dir.path()).unwrap_or_else(|e| panic!("{e}\n{}", draft.text()));
        assert_eq!((settings.service.service.as_str(), settings.inertness.is_empty()), ("my \"shop\"", false));
    }
}

//! How a side is reached: the connection's keys, held back from secrets until a connection is really wanted.

use super::document::Findings;
use super::problem::Problems;
use super::secret::Secret;
use super::section::Section;
use super::shape::{duration, quoted};
use crate::domain::gate::DatabasePlace;
use crate::ports::connection::{Connection, MariaDbConnection, Mercy, PostgresConnection, SqliteConnection, TlsMode, is_local};
use crate::ports::database::DatabaseKind;
use std::path::{Path, PathBuf};

/// Keys that only a side on a server has.
const SERVER_KEYS: [&str; 9] = ["host", "port", "database", "user", "password", "tls", "root_cert", "max_replica_lag", "max_active_sessions"];
/// Those that only PostgreSQL has: elsewhere one session reads, since no other can be on its snapshot.
const POSTGRES_KEYS: [&str; 2] = ["search_path", "max_streams"];
/// What has no default there.
const SERVER_REQUIRED: [(&str, &str); 3] =
    [("host", "host = \"db.internal\""), ("database", "database = \"app\""), ("user", "user = \"dualrun_ro\"")];
/// Kinds by their words. MariaDB and MySQL are one kind: the server says which it is.
const KINDS: [(&str, DatabaseKind); 4] =
    [("postgres", DatabaseKind::Postgres), ("mariadb", DatabaseKind::MariaDb), ("mysql", DatabaseKind::MariaDb), ("sqlite", DatabaseKind::Sqlite)];

/// Where a side's database is; its password is not fetched yet.
#[derive(Debug, Clone)]
pub struct ConnectionPlace {
    connection: Connection,
    password: Option<Secret>,
    told: DatabasePlace,
}

impl ConnectionPlace {
    /// The kind of database.
    pub const fn kind(&self) -> DatabaseKind {
        self.connection.kind()
    }

    /// Where it is and as whom it is read, without a secret.
    pub const fn told(&self) -> &DatabasePlace {
        &self.told
    }

    /// The file, where it is one.
    pub fn file(&self) -> Option<&Path> {
        match &self.connection {
            Connection::Sqlite(file) => Some(&file.path),
            Connection::Postgres(_) | Connection::MariaDb(_) => None,
        }
    }

    /// The whole connection, its secret fetched now.
    pub(super) fn connection(&self, env: &dyn Fn(&str) -> Option<String>) -> Result<Connection, Problems> {
        let mut connection = self.connection.clone();
        if let Some(secret) = &self.password {
            match &mut connection {
                Connection::Postgres(server) => server.password = Some(secret.fetch(env)?),
                Connection::MariaDb(server) => server.password = Some(secret.fetch(env)?),
                Connection::Sqlite(_) => {}
            }
        }
        Ok(connection)
    }

    /// Reads the connection's keys of a side.
    pub(super) fn parsed(section: &Section<'_, '_>, dir: &Path, findings: &mut Findings<'_>) -> Option<Self> {
        match section.choose("kind", &KINDS, None)? {
            DatabaseKind::Sqlite => sqlite(section, dir, findings),
            DatabaseKind::Postgres => postgres(section, dir, findings),
            DatabaseKind::MariaDb => mariadb(section, dir, findings),
        }
    }
}

fn foreign(section: &Section<'_, '_>, keys: &[&str], kind: &str, findings: &mut Findings<'_>) {
    for key in keys.iter().filter(|k| section.names(k)) {
        let what = format!("{} {key} does not belong to kind = \"{kind}\"", section.title);
        findings.at(&section.span_of(key), what, "remove it, or change the kind");
    }
}

fn sqlite(section: &Section<'_, '_>, dir: &Path, findings: &mut Findings<'_>) -> Option<ConnectionPlace> {
    foreign(section, &SERVER_KEYS, "sqlite", findings);
    foreign(section, &POSTGRES_KEYS, "sqlite", findings);
    if !section.names("path") {
        findings.missing(&section.span, format!("{} has no path", section.title), "write path = \"source.db\"");
    }
    let written = section.text("path")?;
    let told = DatabasePlace { kind: DatabaseKind::Sqlite, at: written.to_owned(), user: String::new(), schemas: Vec::new() };
    let connection = SqliteConnection { path: dir.join(written), written: written.to_owned() };
    Some(ConnectionPlace { connection: Connection::Sqlite(connection), password: None, told })
}

fn postgres(section: &Section<'_, '_>, dir: &Path, findings: &mut Findings<'_>) -> Option<ConnectionPlace> {
    foreign(section, &["path"], "postgres", findings);
    let server = Server::parsed(section, dir, findings)?;
    let connection = PostgresConnection {
        port: server.port.unwrap_or(5432),
        host: server.host,
        database: server.database,
        user: server.user,
        password: None,
        tls: server.tls,
        root_cert: server.root_cert,
        search_path: search_path(section),
        allow_writable_role: false,
        mercy: Mercy { max_streams: section.integer("max_streams").and_then(|n| usize::try_from(n).ok()), ..server.mercy },
    };
    let (at, user, schemas) = (connection.place(), connection.user.clone(), connection.search_path.clone());
    let told = DatabasePlace { kind: DatabaseKind::Postgres, at, user, schemas };
    Some(ConnectionPlace { connection: Connection::Postgres(connection), password: server.password, told })
}

fn mariadb(section: &Section<'_, '_>, dir: &Path, findings: &mut Findings<'_>) -> Option<ConnectionPlace> {
    let kind = section.text("kind").unwrap_or("mariadb");
    foreign(section, &["path"], kind, findings);
    foreign(section, &POSTGRES_KEYS, kind, findings);
    let server = Server::parsed(section, dir, findings)?;
    let connection = MariaDbConnection {
        port: server.port.unwrap_or(3306),
        host: server.host,
        database: server.database,
        user: server.user,
        password: None,
        tls: server.tls,
        root_cert: server.root_cert,
        allow_writable_role: false,
        mercy: server.mercy,
    };
    let (at, user) = (connection.place(), connection.user.clone());
    let told = DatabasePlace { kind: DatabaseKind::MariaDb, at, user, schemas: Vec::new() };
    Some(ConnectionPlace { connection: Connection::MariaDb(connection), password: server.password, told })
}

/// What every server's connection has.
struct Server {
    host: String,
    port: Option<u16>,
    database: String,
    user: String,
    password: Option<Secret>,
    tls: TlsMode,
    root_cert: Option<PathBuf>,
    mercy: Mercy,
}

impl Server {
    fn parsed(section: &Section<'_, '_>, dir: &Path, findings: &mut Findings<'_>) -> Option<Self> {
        for (key, example) in SERVER_REQUIRED {
            if !section.names(key) {
                findings.missing(&section.span, format!("{} has no {key}", section.title), format!("write {example}"));
            }
        }
        let password = section.value("password").and_then(|value| Secret::parsed(value, format!("{} password", section.title), dir, findings));
        let host = host(section, findings).unwrap_or_default();
        let local = is_local(&host);
        let default = if local { TlsMode::Off } else { TlsMode::VerifyFull };
        let tls = section.choose("tls", &[("verify-full", TlsMode::VerifyFull), ("off", TlsMode::Off)], Some(default))?;
        if tls == TlsMode::Off && !local && !host.is_empty() {
            let what = format!("{} tls is off for {}, which is not this machine", section.title, quoted(&host));
            findings.at(&section.span_of("tls"), what, "write tls = \"verify-full\"; off is only for a Unix socket or a loopback address");
        }
        Some(Self {
            host,
            port: section.integer("port").and_then(|p| u16::try_from(p).ok()),
            database: section.text("database").unwrap_or_default().to_owned(),
            user: section.text("user").unwrap_or_default().to_owned(),
            password,
            tls,
            root_cert: section.text("root_cert").map(|path| dir.join(path)),
            mercy: Mercy {
                max_streams: None,
                max_replica_lag: section.text("max_replica_lag").and_then(duration),
                max_active_sessions: section.integer("max_active_sessions").and_then(|n| u32::try_from(n).ok()),
            },
        })
    }
}

fn host(section: &Section<'_, '_>, findings: &mut Findings<'_>) -> Option<String> {
    let host = section.text("host")?;
    if !host.starts_with('/') && (host.contains(['/', '@', ',']) || host.contains(char::is_whitespace)) {
        let what = format!("{} host is not a host name", section.title);
        findings.at(&section.span_of("host"), what, "write the name or address alone, and port, database and user as keys of their own");
        return None;
    }
    Some(host.to_owned())
}

fn search_path(section: &Section<'_, '_>) -> Vec<String> {
    if section.names("search_path") {
        section.words("search_path").into_iter().map(|(schema, _)| schema.to_owned()).collect()
    } else {
        vec!["public".to_owned()]
    }
}

//! How to reach a side: what configuration resolves to and adapters take. Secrets have no Debug, Display or Serialize.

use super::database::DatabaseKind;
use secrecy::SecretString;
use std::path::PathBuf;
use std::time::Duration;

/// Where a side's database is.
#[derive(Debug, Clone)]
pub enum Connection {
    /// A PostgreSQL server.
    Postgres(PostgresConnection),
    /// A MariaDB or MySQL server.
    MariaDb(MariaDbConnection),
    /// An SQLite file.
    Sqlite(SqliteConnection),
}

impl Connection {
    /// Its kind.
    pub const fn kind(&self) -> DatabaseKind {
        match self {
            Self::Postgres(_) => DatabaseKind::Postgres,
            Self::MariaDb(_) => DatabaseKind::MariaDb,
            Self::Sqlite(_) => DatabaseKind::Sqlite,
        }
    }
}

/// How the connection to a server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsMode {
    /// Certificate chain and host name are verified. The default for every host that is not local.
    VerifyFull,
    /// No TLS. Accepted only for a local socket or a loopback address; never fallen back to.
    Off,
}

/// Everything needed to reach a PostgreSQL database; no field is taken from PG* variables or `~/.pgpass`.
#[derive(Debug, Clone)]
pub struct PostgresConnection {
    /// Host name, address, or the directory of a Unix socket (starts with `/`).
    pub host: String,
    /// Port, also of the socket.
    pub port: u16,
    /// Database name.
    pub database: String,
    /// Role.
    pub user: String,
    /// Its password; `SecretString` prints as redacted.
    pub password: Option<SecretString>,
    /// Protection.
    pub tls: TlsMode,
    /// Extra root certificate (PEM).
    pub root_cert: Option<PathBuf>,
    /// Schemas looked in after `pg_catalog`.
    pub search_path: Vec<String>,
    /// Let a role in that can write; stamped on every report and blocks the flip.
    pub allow_writable_role: bool,
    /// How the server is spared.
    pub mercy: Mercy,
}

/// How a busy server is spared while it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mercy {
    /// Most parallel sessions, where a server has several; `None` is what the limits say.
    pub max_streams: Option<usize>,
    /// Reading pauses while a replica lags more than this.
    pub max_replica_lag: Option<Duration>,
    /// Reading pauses while more sessions than this are at work; ours do not count.
    pub max_active_sessions: Option<u32>,
}

impl Mercy {
    /// Whether the server has to be looked at while it is read.
    pub const fn watches(&self) -> bool {
        self.max_replica_lag.is_some() || self.max_active_sessions.is_some()
    }
}

impl PostgresConnection {
    /// True for a Unix socket or a loopback address.
    pub fn is_local(&self) -> bool {
        is_local(&self.host)
    }

    /// Host and database: `db.example:5432/billing`. From the configuration, not yet fit to be shown.
    pub fn place(&self) -> String {
        format!("{}:{}/{}", self.host, self.port, self.database)
    }
}

/// Everything needed to reach a MariaDB or MySQL database; no field is taken from the environment or an option file.
#[derive(Debug, Clone)]
pub struct MariaDbConnection {
    /// Host name, address, or the path of a Unix socket or of the directory it is in (starts with `/`).
    pub host: String,
    /// Port.
    pub port: u16,
    /// Database name.
    pub database: String,
    /// Account.
    pub user: String,
    /// Its password; `SecretString` prints as redacted.
    pub password: Option<SecretString>,
    /// Protection.
    pub tls: TlsMode,
    /// Extra root certificate (PEM).
    pub root_cert: Option<PathBuf>,
    /// Let an account in that can write; stamped on every report and blocks the flip.
    pub allow_writable_role: bool,
    /// How the server is spared.
    pub mercy: Mercy,
}

impl MariaDbConnection {
    /// True for a Unix socket or a loopback address.
    pub fn is_local(&self) -> bool {
        is_local(&self.host)
    }

    /// Host and database: `db.example:3306/billing`, `/run/mysqld/mysqld.sock/billing`. From the configuration, not yet fit to be shown.
    pub fn place(&self) -> String {
        let port = if self.host.starts_with('/') { String::new() } else { format!(":{}", self.port) };
        format!("{}{port}/{}", self.host, self.database)
    }
}

/// Whether a host is this machine: a Unix socket or a loopback address.
pub fn is_local(host: &str) -> bool {
    host.starts_with('/') || host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// An SQLite file, opened read-only.
#[derive(Debug, Clone)]
pub struct SqliteConnection {
    /// The file.
    pub path: PathBuf,
    /// What the configuration writes of it, as snapshots name it: not yet fit to be shown.
    pub written: String,
}

//! Reaches the server: every field set here, nothing taken from the environment; TLS verified or refused.

use super::ask::{no_panic, row};
use super::fault::{Blame, TLS_REMEDY};
use crate::domain::side::Side;
use crate::domain::text::shown;
use crate::ports::connection::{MariaDbConnection, TlsMode};
use crate::ports::database::{Fault, FaultKind};
use secrecy::ExposeSecret as _;
use sqlx::ConnectOptions as _;
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlSslMode};
use std::path::PathBuf;
use std::time::Duration;

/// Longest the way to a usable connection may take: name, socket, TLS, password.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The socket's name where only its directory is given.
const SOCKET: &str = "mysqld.sock";
/// How a certificate begins in a PEM file.
const PEM_HEAD: &[u8] = b"-----BEGIN CERTIFICATE-----";
/// What to do where MySQL's password plugin meets a connection it does not take a password on.
const SHA2_REMEDY: &str = "set tls = \"verify-full\" with root_cert, or host to the server's Unix socket: these plugins send the password itself, \
                           which goes out only where nobody can read it; an account IDENTIFIED WITH mysql_native_password works on loopback too";

/// How the connection is protected, in the words of reports.
pub fn transport(to: &MariaDbConnection) -> &'static str {
    match to.tls {
        _ if to.host.starts_with('/') => "local socket",
        TlsMode::VerifyFull => "TLS verify-full",
        TlsMode::Off => "plaintext (loopback)",
    }
}

/// Host and database for people: `db.example:3306/billing`, `/run/mysqld/mysqld.sock/billing`.
pub fn place(to: &MariaDbConnection) -> String {
    shown(&to.place(), 120)
}

/// Connects, or says why not within [`CONNECT_TIMEOUT`].
pub async fn connect(side: Side, to: &MariaDbConnection) -> Result<MySqlConnection, Fault> {
    let blame = Blame::side(side);
    let options = trust(blame, to, options(side, to)?).await?;
    let connected = async {
        let mut connection = no_panic(options.connect()).await.map_err(|e| explain(side, to, &e))?;
        plain_password(blame, to, &mut connection).await?;
        Ok(connection)
    };
    tokio::time::timeout(CONNECT_TIMEOUT, connected).await.unwrap_or_else(|_| {
        Err(blame.fault(
            FaultKind::Unreachable,
            format!("{} did not answer within {} s", place(to), CONNECT_TIMEOUT.as_secs()),
            "check host, port and firewall; a port that swallows packets, or another service on it, looks like this",
        ))
    })
}

/// The driver's options. Never printed: their Debug holds the password.
fn options(side: Side, to: &MariaDbConnection) -> Result<MySqlConnectOptions, Fault> {
    let blame = Blame::side(side);
    if to.tls == TlsMode::Off && !to.is_local() {
        return Err(blame.fault(FaultKind::Tls, format!("plaintext to {} is refused: it is not a local host", place(to)), TLS_REMEDY));
    }
    let socket = socket(&to.host);
    let ssl = match to.tls {
        // MySQL's password plugin asks for TLS here too. Whose socket it is, the file system says: no name is verified.
        _ if socket.is_some() => MySqlSslMode::Preferred,
        TlsMode::VerifyFull => MySqlSslMode::VerifyIdentity,
        TlsMode::Off => MySqlSslMode::Disabled,
    };
    let mut options = MySqlConnectOptions::new()
        // A name TLS can be asked for; the socket is what is connected to.
        .host(if socket.is_some() { "localhost" } else { &to.host })
        .port(to.port)
        .username(&to.user)
        .database(&to.database)
        .ssl_mode(ssl)
        .charset("utf8mb4")
        .statement_cache_capacity(0)
        .enable_cleartext_plugin(false)
        // All of these are pinned by `settings`, and read back.
        .pipes_as_concat(false)
        .no_engine_substitution(false)
        .timezone(None)
        .set_names(false)
        .disable_statement_logging();
    if let Some(path) = socket {
        options = options.socket(path);
    }
    if let Some(password) = &to.password {
        options = options.password(password.expose_secret());
    }
    Ok(options)
}

/// The socket a host that is a path means: the file itself, or the one of the usual name in a directory.
fn socket(host: &str) -> Option<PathBuf> {
    let path = host.starts_with('/').then(|| PathBuf::from(host))?;
    Some(if path.is_dir() { path.join(SOCKET) } else { path })
}

/// The certificates the server's is checked against, beside the system's.
async fn trust(blame: Blame<'_>, to: &MariaDbConnection, options: MySqlConnectOptions) -> Result<MySqlConnectOptions, Fault> {
    let Some(path) = to.root_cert.as_ref().filter(|_| to.tls == TlsMode::VerifyFull) else { return Ok(options) };
    let shown_path = shown(&path.to_string_lossy(), 120);
    let pem = tokio::fs::read(path).await.map_err(|e| {
        blame.fault(FaultKind::Tls, format!("root_cert {shown_path} cannot be read: {}", shown(&e.to_string(), 80)), "correct its path or its rights")
    })?;
    if !pem.windows(PEM_HEAD.len()).any(|w| w == PEM_HEAD) {
        return Err(blame.fault(FaultKind::Tls, format!("root_cert {shown_path} holds no certificate"), "give a PEM file"));
    }
    Ok(options.ssl_ca_from_pem(pem))
}

/// MySQL lets an account of its SHA-2 plugins in over plain TCP for as long as the server remembers it, and afterwards wants
/// the password itself. What works only until the server is restarted is refused now.
async fn plain_password(blame: Blame<'_>, to: &MariaDbConnection, connection: &mut MySqlConnection) -> Result<(), Fault> {
    if to.tls != TlsMode::Off || to.host.starts_with('/') || to.password.is_none() {
        return Ok(());
    }
    let version = row(connection, "SELECT @@version").await.map_err(|e| blame.driver(&e))?;
    if version.text(0).contains("MariaDB") {
        return Ok(());
    }
    // Where the server does not tell, it asked for nothing more than this program gives.
    let Ok(account) = row(connection, "SHOW CREATE USER CURRENT_USER()").await else { return Ok(()) };
    match SHA2_PLUGINS.iter().find(|p| account.text(0).contains(**p)) {
        Some(plugin) => Err(sha2(blame, to, plugin)),
        None => Ok(()),
    }
}

const SHA2_PLUGINS: [&str; 2] = ["caching_sha2_password", "sha256_password"];

fn sha2(blame: Blame<'_>, to: &MariaDbConnection, plugin: &str) -> Fault {
    let what = format!("{} wants the password by {plugin}, which plain TCP does not protect: it was not sent", place(to));
    blame.fault(FaultKind::Authentication, what, SHA2_REMEDY)
}

/// Why the connection failed.
fn explain(side: Side, to: &MariaDbConnection, error: &sqlx::Error) -> Fault {
    let blame = Blame::side(side);
    let place = place(to);
    match error {
        sqlx::Error::Tls(inner) => tls_fault(blame, to, &inner.to_string()),
        sqlx::Error::Io(io) if to.tls == TlsMode::VerifyFull && is_tls_error(io) => tls_fault(blame, to, &io.to_string()),
        sqlx::Error::Io(io) => blame.fault(
            FaultKind::Unreachable,
            format!("cannot reach {place}: {}", shown(&io.to_string(), 120)),
            "check host and port, that the server runs and listens there, and the firewall",
        ),
        // The driver has no RSA: it ends before a password goes out.
        sqlx::Error::Configuration(inner) if inner.to_string().contains("RSA") => sha2(blame, to, "a SHA-2 plugin"),
        sqlx::Error::Configuration(inner) => blame.fault(
            FaultKind::Unreachable,
            format!("cannot connect to {place}: {}", shown(&inner.to_string(), 120)),
            "check the connection's settings in dualrun.toml",
        ),
        sqlx::Error::Protocol(text) if text.contains("plugin") => blame.fault(
            FaultKind::Authentication,
            format!("{place} asks for the password in a way this program does not use: {}", shown(text, 120)),
            "give the account mysql_native_password, or on MySQL caching_sha2_password",
        ),
        _ => {
            let mut fault = blame.driver(error);
            if fault.kind == FaultKind::ConnectionLost {
                fault.kind = FaultKind::Unreachable;
            }
            fault.what = format!("{place}: {}", fault.what);
            fault
        }
    }
}

/// The TLS library's errors come wrapped as input errors of the socket.
fn is_tls_error(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::InvalidData
}

fn tls_fault(blame: Blame<'_>, to: &MariaDbConnection, text: &str) -> Fault {
    let place = place(to);
    let (what, remedy) = if text.contains("does not support TLS") {
        (format!("{place} does not offer TLS"), "turn TLS on at the server (ssl_cert, ssl_key); plaintext is never tried".to_owned())
    } else if text.contains("NotValidForName") || text.contains("not valid for name") {
        (format!("the certificate of {place} is for another name"), "connect by a name that stands in its subjectAltName".to_owned())
    } else if text.contains("UnknownIssuer") {
        (format!("nobody known vouches for the certificate of {place}"), "set root_cert to the CA that signed it".to_owned())
    } else if text.contains("Expired") || text.contains("expired") {
        (format!("the certificate of {place} has expired"), "renew it at the server".to_owned())
    } else {
        (format!("TLS with {place} failed: {}", shown(text, 160)), TLS_REMEDY.to_owned())
    };
    blame.fault(FaultKind::Tls, what, remedy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::connection::Mercy;

    fn to(host: &str, tls: TlsMode) -> MariaDbConnection {
        MariaDbConnection {
            host: host.to_owned(),
            port: 3306,
            database: "d".to_owned(),
            user: "u".to_owned(),
            password: Some("CANARY-pw".into()),
            tls,
            root_cert: None,
            allow_writable_role: false,
            mercy: Mercy::default(),
        }
    }

    #[test]
    fn plaintext_goes_to_local_hosts_only() {
        for host in ["db.example", "10.0.0.5", "localhost.evil.example", "::ffff:10.0.0.5", "0.0.0.0"] {
            let Err(fault) = options(Side::Source, &to(host, TlsMode::Off)) else { panic!("{host} was let through") };
            assert_eq!(fault.kind, FaultKind::Tls, "{host}");
            assert!(!fault.to_string().contains("CANARY"));
        }
        for host in ["/run/mysqld/mysqld.sock", "localhost", "127.0.0.1", "::1"] {
            assert!(options(Side::Source, &to(host, TlsMode::Off)).is_ok(), "{host}");
        }
    }

    #[test]
    fn a_path_is_a_socket_or_its_directory() {
        assert_eq!(socket("/tmp"), Some(PathBuf::from("/tmp/mysqld.sock")));
        assert_eq!(socket("/nowhere/my.sock"), Some(PathBuf::from("/nowhere/my.sock")));
        assert_eq!(socket("localhost"), None);
    }
}

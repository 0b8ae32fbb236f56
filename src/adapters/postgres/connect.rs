//! Reaches the server: every field set here, none taken from `PG*` variables or `~/.pgpass`; TLS verified or refused.

use super::fault::{Blame, TLS_REMEDY, sqlstate};
use crate::domain::side::Side;
use crate::domain::text::shown;
use crate::ports::connection::{PostgresConnection, TlsMode};
use crate::ports::database::{Fault, FaultKind};
use secrecy::ExposeSecret as _;
use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use std::time::Duration;

/// Longest the way to a usable connection may take: name, socket, TLS, password.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// What the server's `pg_stat_activity` shows for our sessions.
pub const APPLICATION: &str = "dualrun";
/// Prepared statements kept per connection: our own few; operator SQL is never kept.
const STATEMENTS: usize = 16;
/// Variables the driver reads and offers no way to clear.
const STUBBORN: [&str; 2] = ["PGSSLCERT", "PGSSLKEY"];

/// How a certificate begins in a PEM file.
const PEM_HEAD: &[u8] = b"-----BEGIN CERTIFICATE-----";

/// How the connection is protected, in the words of reports.
pub fn transport(to: &PostgresConnection) -> &'static str {
    match to.tls {
        _ if to.host.starts_with('/') => "local socket",
        TlsMode::VerifyFull => "TLS verify-full",
        TlsMode::Off => "plaintext (loopback)",
    }
}

/// Host and database for people: `db.example:5432/billing`.
pub fn place(to: &PostgresConnection) -> String {
    shown(&to.place(), 120)
}

/// Connects, or says why not within [`CONNECT_TIMEOUT`].
pub async fn connect(side: Side, to: &PostgresConnection) -> Result<PgConnection, Fault> {
    let blame = Blame::side(side);
    let options = trust(blame, to, options(side, to)?).await?;
    match tokio::time::timeout(CONNECT_TIMEOUT, options.connect()).await {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(error)) => Err(explain(side, to, &error)),
        Err(_) => Err(blame.fault(
            FaultKind::Unreachable,
            format!("{} did not answer within {} s", place(to), CONNECT_TIMEOUT.as_secs()),
            "check host, port and firewall; a port that swallows packets looks like this",
        )),
    }
}

/// The driver's options. Never printed: their Debug holds the password.
fn options(side: Side, to: &PostgresConnection) -> Result<PgConnectOptions, Fault> {
    let blame = Blame::side(side);
    let socket = to.host.starts_with('/');
    if to.tls == TlsMode::Off && !to.is_local() {
        return Err(blame.fault(FaultKind::Tls, format!("plaintext to {} is refused: it is not a local host", place(to)), TLS_REMEDY));
    }
    let stubborn = STUBBORN.iter().find(|n| std::env::var_os(n).is_some());
    if let Some(name) = stubborn.filter(|_| to.tls == TlsMode::VerifyFull && !socket) {
        return Err(blame.fault(
            FaultKind::Tls,
            format!("the environment sets {name}, which would change how this connection is made"),
            format!("unset {name}; everything is said in dualrun.toml"),
        ));
    }
    // What the environment says for these is overwritten; PGOPTIONS cannot be, so every setting is pinned and read back.
    let options = PgConnectOptions::new_without_pgpass()
        .host(&to.host)
        .port(to.port)
        .username(&to.user)
        .password(to.password.as_ref().map_or("", |p| p.expose_secret()))
        .database(&to.database)
        .application_name(APPLICATION)
        .statement_cache_capacity(STATEMENTS)
        .ssl_mode(if to.tls == TlsMode::Off || socket { PgSslMode::Disable } else { PgSslMode::VerifyFull })
        .disable_statement_logging();
    Ok(options)
}

/// The certificates the server's is checked against, beside the system's. Without `root_cert` an empty PEM clears PGSSLROOTCERT.
async fn trust(blame: Blame<'_>, to: &PostgresConnection, options: PgConnectOptions) -> Result<PgConnectOptions, Fault> {
    let Some(path) = to.root_cert.as_ref().filter(|_| to.tls == TlsMode::VerifyFull) else {
        return Ok(options.ssl_root_cert_from_pem(Vec::new()));
    };
    let shown_path = shown(&path.to_string_lossy(), 120);
    let pem = tokio::fs::read(path).await.map_err(|e| {
        blame.fault(FaultKind::Tls, format!("root_cert {shown_path} cannot be read: {}", shown(&e.to_string(), 80)), "correct its path or its rights")
    })?;
    if !pem.windows(PEM_HEAD.len()).any(|w| w == PEM_HEAD) {
        return Err(blame.fault(FaultKind::Tls, format!("root_cert {shown_path} holds no certificate"), "give a PEM file"));
    }
    Ok(options.ssl_root_cert_from_pem(pem))
}

/// Why the connection failed.
fn explain(side: Side, to: &PostgresConnection, error: &sqlx::Error) -> Fault {
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
        sqlx::Error::Configuration(inner) => blame.fault(
            FaultKind::Unreachable,
            format!("cannot connect to {place}: {}", shown(&inner.to_string(), 120)),
            "check the connection's settings in dualrun.toml",
        ),
        sqlx::Error::Database(inner) if sqlstate(error).as_deref() == Some("28000") && inner.message().contains("no encryption") => blame.fault(
            FaultKind::Authentication,
            format!("{place} takes no plaintext connection from here for this role (28000)"),
            "set tls = \"verify-full\" and root_cert, or add a line to pg_hba.conf",
        ),
        _ => {
            let mut fault = blame.driver(error);
            if fault.kind == FaultKind::ConnectionLost {
                fault.kind = FaultKind::Unreachable;
            }
            fault.what = format!("{place}: {}", fault.what);
            if std::env::var_os("PGOPTIONS").is_some() {
                fault.remedy = format!("{}; the environment sets PGOPTIONS, which the driver passes on: unset it", fault.remedy);
            }
            fault
        }
    }
}

/// The TLS library's errors come wrapped as input errors of the socket.
fn is_tls_error(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::InvalidData
}

fn tls_fault(blame: Blame<'_>, to: &PostgresConnection, text: &str) -> Fault {
    let place = place(to);
    let (what, remedy) = if text.contains("does not support TLS") {
        (format!("{place} does not offer TLS"), "turn TLS on at the server (ssl = on, with a certificate); plaintext is never tried".to_owned())
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

    fn to(host: &str, tls: TlsMode) -> PostgresConnection {
        PostgresConnection {
            host: host.to_owned(),
            port: 5432,
            database: "d".to_owned(),
            user: "u".to_owned(),
            password: Some("CANARY-pw".into()),
            tls,
            root_cert: None,
            search_path: Vec::new(),
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
        for host in ["/var/run/postgresql", "localhost", "127.0.0.1", "::1"] {
            assert!(options(Side::Source, &to(host, TlsMode::Off)).is_ok(), "{host}");
        }
    }
}

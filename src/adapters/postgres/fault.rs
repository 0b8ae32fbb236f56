//! Errors of the driver and the server, in plain words: SQLSTATE to kind, message and remedy.
//!
//! The server's text is neutralised and cut; where it would quote data (class 22, raised exceptions) only what kind of
//! error it was is told. No detail, hint or context of the server is shown: they hold rows.

use crate::domain::side::Side;
use crate::domain::text::shown;
use crate::ports::database::{Fault, FaultKind};
use sqlx::postgres::PgDatabaseError;

/// Columns of a server's message that are shown.
const MESSAGE_WIDTH: usize = 200;

/// Who an error is about: a side, and the query where there is one.
#[derive(Debug, Clone, Copy)]
pub struct Blame<'a> {
    /// Which side.
    pub side: Side,
    /// The query's name.
    pub query: Option<&'a str>,
}

impl<'a> Blame<'a> {
    /// The side itself.
    pub const fn side(side: Side) -> Self {
        Self { side, query: None }
    }

    /// A query of the side.
    pub const fn query(side: Side, name: &'a str) -> Self {
        Self { side, query: Some(name) }
    }

    /// A fault in own words.
    pub fn fault(&self, kind: FaultKind, what: impl Into<String>, remedy: impl Into<String>) -> Fault {
        Fault { side: self.side, kind, query: self.query.map(str::to_owned), what: what.into(), remedy: remedy.into() }
    }

    /// A driver's error.
    pub fn driver(&self, error: &sqlx::Error) -> Fault {
        match error {
            sqlx::Error::Database(inner) => match inner.try_downcast_ref::<PgDatabaseError>() {
                Some(server) => self.server(server),
                None => self.fault(FaultKind::Failed, shown(inner.message(), MESSAGE_WIDTH), ""),
            },
            sqlx::Error::Io(io) => self.lost(&io.kind().to_string()),
            sqlx::Error::Tls(inner) => self.fault(FaultKind::Tls, format!("TLS failed: {}", shown(&inner.to_string(), MESSAGE_WIDTH)), TLS_REMEDY),
            sqlx::Error::Protocol(text) => self.lost(&format!("the server's answer cannot be read: {}", shown(text, MESSAGE_WIDTH))),
            other => self.fault(FaultKind::Failed, format!("the driver refused: {}", shown(&other.to_string(), MESSAGE_WIDTH)), ""),
        }
    }

    /// The connection ended half-way.
    pub fn lost(&self, how: &str) -> Fault {
        self.fault(
            FaultKind::ConnectionLost,
            format!("the connection was lost ({how})"),
            "run it again; if it repeats, look at the network, a proxy or pooler in between, and the server's log",
        )
    }

    /// An error the server reported, with its SQLSTATE.
    fn server(&self, error: &PgDatabaseError) -> Fault {
        let code = error.code();
        let (kind, remedy) = meaning(code, error.message());
        let grant = (kind == FaultKind::PermissionDenied).then(|| grant(error.message())).flatten();
        self.fault(kind, format!("{} ({code})", words(kind, code, error.message())), grant.unwrap_or_else(|| remedy.to_owned()))
    }
}

/// The SQL that gives what the server says is denied.
fn grant(message: &str) -> Option<String> {
    let (what, name) = message.strip_prefix("permission denied for ")?.split_once(' ')?;
    let name = shown(name, 80);
    match what {
        "schema" => Some(format!("GRANT USAGE ON SCHEMA {name} TO the role (and SELECT on its tables)")),
        "table" | "view" => Some(format!("GRANT SELECT ON {name} TO the role")),
        "function" => Some(format!("GRANT EXECUTE ON FUNCTION {name} TO the role, or take the call out")),
        _ => None,
    }
}

/// What to do when TLS fails.
pub const TLS_REMEDY: &str =
    "set root_cert to the server's CA, connect by the name in its certificate, and turn TLS on at the server (ssl = on); plaintext is never tried";

/// The SQLSTATE of a driver's error.
pub fn sqlstate(error: &sqlx::Error) -> Option<String> {
    error.as_database_error().and_then(sqlx::error::DatabaseError::code).map(std::borrow::Cow::into_owned)
}

/// SQLSTATE to kind and remedy.
fn meaning(code: &str, message: &str) -> (FaultKind, &'static str) {
    let class = code.get(..2).unwrap_or_default();
    match code {
        "42P01" => (FaultKind::NoSuchTable, "correct the name in the query, name its schema, or add the schema to search_path"),
        "3F000" => (FaultKind::NoSuchTable, "correct the schema's name in the query"),
        "42703" => (FaultKind::NoSuchColumn, "correct the column in the query"),
        "42501" => (FaultKind::PermissionDenied, "GRANT USAGE on its schema and SELECT on the table to this role"),
        "25006" => (FaultKind::Refused, "only a SELECT that writes nothing may run; remove what writes"),
        "0A000" => (FaultKind::Refused, "only one plain SELECT, VALUES, TABLE or WITH … SELECT may run"),
        // The server's grammar judges what stands after DECLARE … CURSOR FOR: no SELECT is a syntax error at its first word.
        "42601" => (FaultKind::InvalidQuery, "correct the query; it must be one SELECT"),
        "57014" if message.contains("timeout") => (FaultKind::Timeout, "narrow the query, add an index, or raise the statement timeout"),
        "57014" => (FaultKind::Cancelled, "run it again"),
        "55P03" => (FaultKind::Timeout, "another session holds a lock on a table read here (a migration?); run it again when it is done"),
        "25P03" | "25P04" => (FaultKind::Timeout, "the snapshot was held too long without a query; run it again"),
        "57P01" | "57P02" | "57P05" => (FaultKind::ConnectionLost, "the server ended this session; run it again"),
        "57P03" => (FaultKind::Unreachable, "the server is starting up or shutting down; run it again"),
        "3D000" => (FaultKind::Unreachable, "correct the database's name in dualrun.toml"),
        "40001" => (FaultKind::ConnectionLost, "a standby replayed a conflicting change; read from the primary or raise max_standby_streaming_delay"),
        "53300" => (FaultKind::Unreachable, "the role or the server has no free connection; raise its CONNECTION LIMIT or lower max_streams"),
        "54000" | "53200" => (FaultKind::Limit, "the query asks for more memory than the server gives; narrow it"),
        _ => match class {
            "28" => (FaultKind::Authentication, "check the user, its password and pg_hba.conf"),
            "08" => (FaultKind::ConnectionLost, "run it again; look at the network and the server's log"),
            "42" => (FaultKind::InvalidQuery, "correct the query"),
            "53" => (FaultKind::Limit, "the server is out of a resource; look at its log"),
            "25" => (FaultKind::Refused, "a query may not touch the transaction it runs in"),
            _ => (FaultKind::Failed, "correct the query or the data it met"),
        },
    }
}

/// The message without data: names of tables and columns are wanted, values are not.
fn words(kind: FaultKind, code: &str, message: &str) -> String {
    let class = code.get(..2).unwrap_or_default();
    match kind {
        FaultKind::Failed if class == "P0" => "a function the query calls raised an exception".to_owned(),
        FaultKind::Failed if matches!(class, "22" | "23" | "XX") => shown(&without_values(message), MESSAGE_WIDTH),
        _ => shown(message, MESSAGE_WIDTH),
    }
}

/// Cuts at the first colon that begins a quoted value and blanks what stands in quotes.
fn without_values(message: &str) -> String {
    let mut out = String::with_capacity(message.len());
    for (i, piece) in message.split('"').enumerate() {
        match i % 2 {
            0 => out.push_str(piece),
            _ => out.push_str("\"…\""),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_in_messages_are_blanked() {
        assert_eq!(without_values("invalid input syntax for type integer: \"CANARY\""), "invalid input syntax for type integer: \"…\"");
        assert_eq!(words(FaultKind::Failed, "P0001", "CANARY"), "a function the query calls raised an exception");
        assert!(words(FaultKind::NoSuchTable, "42P01", "relation \"a\u{1b}[2J\" does not exist").contains("\\u{1b}"));
    }

    #[test]
    fn a_timeout_is_no_cancel() {
        assert_eq!(meaning("57014", "canceling statement due to statement timeout").0, FaultKind::Timeout);
        assert_eq!(meaning("57014", "canceling statement due to user request").0, FaultKind::Cancelled);
        assert_eq!(meaning("28P01", "").0, FaultKind::Authentication);
    }
}

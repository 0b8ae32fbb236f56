//! Errors of the driver and the server, in plain words: the server's number to kind, message and remedy.
//!
//! The server's text is neutralised and cut; where it would quote data only what kind of error it was is told.

use crate::domain::side::Side;
use crate::domain::text::shown;
use crate::ports::database::{Fault, FaultKind};
use sqlx::mysql::MySqlDatabaseError;

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
            sqlx::Error::Database(inner) => match inner.try_downcast_ref::<MySqlDatabaseError>() {
                Some(server) => self.server(server),
                None => self.fault(FaultKind::Failed, shown(inner.message(), MESSAGE_WIDTH), ""),
            },
            sqlx::Error::Io(io) => self.lost(&io.kind().to_string()),
            sqlx::Error::Tls(inner) => self.fault(FaultKind::Tls, format!("TLS failed: {}", shown(&inner.to_string(), MESSAGE_WIDTH)), TLS_REMEDY),
            sqlx::Error::Protocol(text) => self.lost(&format!("the server's answer cannot be read: {}", shown(text, MESSAGE_WIDTH))),
            sqlx::Error::RowNotFound => self.lost("the server's answer is empty"),
            other => self.fault(FaultKind::Failed, format!("the driver refused: {}", shown(&other.to_string(), MESSAGE_WIDTH)), "report this"),
        }
    }

    /// The connection ended half-way.
    pub fn lost(&self, how: &str) -> Fault {
        self.fault(
            FaultKind::ConnectionLost,
            format!("the connection was lost ({how})"),
            "run it again; if it repeats, look at the network, a proxy in between, and the server's log",
        )
    }

    /// An error the server reported, with its number.
    fn server(&self, error: &MySqlDatabaseError) -> Fault {
        let number = error.number();
        let (kind, remedy) = meaning(number);
        let grant = (kind == FaultKind::PermissionDenied).then(|| grant(error.message())).flatten();
        self.fault(kind, format!("{} ({number})", words(kind, error.message())), grant.unwrap_or_else(|| remedy.to_owned()))
    }
}

/// What to do when TLS fails.
pub const TLS_REMEDY: &str = "set root_cert to the server's CA, connect by the name in its certificate, and turn TLS on at the server (ssl_cert, ssl_key); plaintext is never tried";

/// The number of a server's error.
pub fn number(error: &sqlx::Error) -> Option<u16> {
    error.as_database_error().and_then(|e| e.try_downcast_ref::<MySqlDatabaseError>()).map(MySqlDatabaseError::number)
}

/// The SQL that gives what the server says is denied: `SELECT command denied to user 'u'@'h' for table 'x'`.
fn grant(message: &str) -> Option<String> {
    let (command, rest) = message.split_once(" command denied to user ")?;
    let user = shown(rest.split(" for ").next()?, 80);
    let on = rest.split_once(" for table ").map_or("the table", |(_, table)| table);
    let on = shown(on.trim_matches('\''), 80);
    (command == "SELECT").then(|| {
        format!("correct the name (a table that is not there looks the same to an account without rights), or GRANT SELECT ON {on} TO {user}")
    })
}

/// The server's number to kind and remedy. MariaDB and MySQL share those below 1900 and part ways above.
const fn meaning(number: u16) -> (FaultKind, &'static str) {
    match number {
        1045 | 1698 | 1130 | 1862 | 3118 | 4151 => (
            FaultKind::Authentication,
            "check user, password and the host the account is made for ('user'@'host'), and that it is not locked or expired",
        ),
        1049 => (FaultKind::Unreachable, "correct the database's name in dualrun.toml"),
        1040 | 1203 | 1226 => {
            (FaultKind::Unreachable, "the account or the server has no free connection: raise max_connections or the account's limit, or wait")
        }
        1129 => (FaultKind::Unreachable, "the server blocks this host after failed connections: run FLUSH HOSTS there (mariadb-admin flush-hosts)"),
        1053 | 1927 | 4031 => (FaultKind::ConnectionLost, "the server ended this session; run it again"),
        2006 | 2013 | 1152 | 1158 | 1159 | 1160 | 1161 | 1184 => {
            (FaultKind::ConnectionLost, "run it again; look at the network and the server's log")
        }
        1227 => (FaultKind::PermissionDenied, "give the account the privilege the server names, or take out what needs it"),
        1044 | 1142 | 1143 | 1345 | 1356 | 1449 => (FaultKind::PermissionDenied, "GRANT SELECT on the table to this account"),
        1370 => (
            FaultKind::PermissionDenied,
            "correct the function's name, or take the call out; a function with its maker's rights is refused in any case",
        ),
        1146 | 1109 | 1051 | 1932 => (FaultKind::NoSuchTable, "correct the name in the query, or name its database: db.table"),
        1054 => {
            (FaultKind::NoSuchColumn, "correct the column in the query; text stands in 'single quotes', since \"double quotes\" name a column here")
        }
        1792 | 1290 | 1836 => (FaultKind::Refused, "only a SELECT that writes nothing may run; remove what writes"),
        1295 => (FaultKind::Refused, "only one plain SELECT, VALUES, TABLE or WITH … SELECT may run"),
        1055 | 1140 => {
            (FaultKind::InvalidQuery, "name each plain column in GROUP BY, or put it into an aggregate: the server would pick any row of the group")
        }
        1064 | 1149 | 4161 => (FaultKind::InvalidQuery, "correct the query; it must be one SELECT"),
        1052
        | 1056..=1066
        | 1111
        | 1172
        | 1221
        | 1222
        | 1235
        | 1241
        | 1242
        | 1247
        | 1248
        | 1250
        | 1253
        | 1267
        | 1270
        | 1271
        | 1305
        | 1318
        | 1582
        | 1583
        | 1630 => (FaultKind::InvalidQuery, "correct the query"),
        1969 | 3024 => (FaultKind::Timeout, "narrow the query, add an index, or raise statement_timeout"),
        1205 | 3572 => (FaultKind::Timeout, "another session holds a lock on a table read here (a migration?); run it again when it is done"),
        1317 => (FaultKind::Cancelled, "run it again"),
        1412 => (FaultKind::Damaged, "run it again when nobody truncates or alters that table"),
        1194 | 1195 | 1034 | 1035 | 145 | 126 => (FaultKind::Damaged, "the table is damaged; have it checked and repaired at the server"),
        1114 | 1038 | 1037 | 1041 | 1104 | 1153 | 3170 | 3636 => (FaultKind::Limit, "the query asks for more than the server gives; narrow it"),
        1568 | 1179 | 1192 | 1223 => (FaultKind::Refused, "a query may not touch the transaction it runs in"),
        _ => (FaultKind::Failed, "correct the query or the data it met"),
    }
}

/// The message without data: names of tables and columns are wanted, values are not.
fn words(kind: FaultKind, message: &str) -> String {
    match kind {
        FaultKind::Failed => shown(&without_values(message), MESSAGE_WIDTH),
        _ => shown(message, MESSAGE_WIDTH),
    }
}

/// Blanks what stands in single quotes.
pub fn without_values(message: &str) -> String {
    let mut out = String::with_capacity(message.len());
    for (i, piece) in message.split('\'').enumerate() {
        out.push_str(if i % 2 == 0 { piece } else { "'…'" });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_in_messages_are_blanked() {
        assert_eq!(without_values("DOUBLE value is out of range in 'exp(CANARY)'"), "DOUBLE value is out of range in '…'");
        assert!(words(FaultKind::NoSuchTable, "Table 'a\u{1b}[2J' doesn't exist").contains("\\u{1b}"));
    }

    #[test]
    fn a_denied_select_names_the_grant() {
        let told = grant("SELECT command denied to user 'reader'@'localhost' for table `d`.`secret`");
        assert!(told.is_some_and(|t| t.ends_with("GRANT SELECT ON `d`.`secret` TO 'reader'@'localhost'")));
        assert_eq!(grant("INSERT command denied to user 'reader'@'localhost' for table `d`.`t`"), None);
    }

    #[test]
    fn both_products_have_their_timeout() {
        assert_eq!((meaning(1969).0, meaning(3024).0), (FaultKind::Timeout, FaultKind::Timeout));
        assert_eq!((meaning(1317).0, meaning(1412).0, meaning(1045).0), (FaultKind::Cancelled, FaultKind::Damaged, FaultKind::Authentication));
    }
}

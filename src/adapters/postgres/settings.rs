//! The session's settings: pinned after connect whatever the role, the database or the environment says, read back,
//! and compared again by the tripwires.

use super::fault::Blame;
use super::literal::quote;
use crate::ports::connection::PostgresConnection;
use crate::ports::database::{Fault, FaultKind, Limits};
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Executor as _, Row as _};
use std::collections::BTreeMap;
use std::time::Duration;

/// Settings by name, as the server prints them.
pub type Settings = BTreeMap<String, String>;

/// Settings whose value is the same for every session. `transform_null_equals` and `row_security` change which rows a
/// query returns, the others how values are written or how long the server works for us.
const FIXED: [(&str, &str); 14] = [
    ("default_transaction_read_only", "on"),
    ("datestyle", "ISO, MDY"),
    ("intervalstyle", "iso_8601"),
    ("bytea_output", "hex"),
    ("extra_float_digits", "3"),
    ("timezone", "UTC"),
    ("standard_conforming_strings", "on"),
    ("lc_monetary", "C"),
    ("lc_numeric", "C"),
    ("lc_time", "C"),
    ("jit", "off"),
    ("transform_null_equals", "off"),
    ("row_security", "on"),
    ("role", "none"),
];

/// From this version on the server notices by itself that its client is gone.
const CHECKS_CLIENT_FROM: u32 = 140_000;

/// Pins every setting and reads it back; returns what the server printed.
pub async fn pin(connection: &mut PgConnection, blame: Blame<'_>, to: &PostgresConnection, limits: &Limits) -> Result<Settings, Fault> {
    pin_and_ask(connection, blame, to, limits, "").await.map(|(settings, _)| settings)
}

/// Pins, and asks under what is pinned, all in one message to the server; returns the settings and the rows of the question.
pub async fn pin_and_ask(
    connection: &mut PgConnection,
    blame: Blame<'_>,
    to: &PostgresConnection,
    limits: &Limits,
    question: &str,
) -> Result<(Settings, Vec<PgRow>), Fault> {
    let version = connection.server_version_num().unwrap_or(0);
    let wanted = wanted(to, limits, version);
    let mut set = Vec::with_capacity(wanted.len() + 1);
    for (name, value) in &wanted {
        let value = quote(name, value).map_err(|e| blame.fault(FaultKind::Failed, e.to_string(), "correct search_path in dualrun.toml"))?;
        set.push(format!("pg_catalog.set_config('{name}', {value}, false)"));
    }
    set.push(format!("pg_catalog.set_config('{ENCODING}', {WANTED_ENCODING}, false)"));
    let names: Vec<&str> = wanted.iter().map(|(n, _)| *n).chain([ENCODING, SERVER_ENCODING]).collect();
    let sql = format!("SELECT {}; {}; {question}", set.join(", "), reading(names.iter().copied()));
    let mut rows = connection.fetch_all(AssertSqlSafe(sql)).await.map_err(|e| blame.driver(&e))?;
    let answers = rows.split_off(rows.len().min(1 + names.len()));
    let found = pairs(rows.get(1..).unwrap_or_default()).map_err(|e| blame.driver(&e))?;
    let encoding = (ENCODING, client_encoding(&found).to_owned());
    for (name, value) in wanted.iter().chain([&encoding]) {
        let seen = found.get(*name).map_or("", String::as_str);
        if !same(value, seen) {
            let what = format!("the setting {name} could not be pinned: the server says {seen:?}");
            return Err(blame.fault(FaultKind::NotReadOnly, what, "connect to the server itself, not through a pooler that changes settings"));
        }
    }
    Ok((found, answers))
}

/// The query for settings of these names, which are our own words; its rows are for [`pairs`].
pub fn reading<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<String> = names.map(|n| format!("'{n}'")).collect();
    format!("SELECT n, pg_catalog.current_setting(n) FROM pg_catalog.unnest(ARRAY[{}]::text[]) AS n", names.join(", "))
}

/// Names and values of such rows.
pub fn pairs(rows: &[PgRow]) -> Result<Settings, sqlx::Error> {
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

/// UTF-8; but from a database without an encoding the bytes as they are, so that one bad text is an error of its row,
/// with its id, and not the end of the stream.
fn client_encoding(found: &Settings) -> &'static str {
    const NONE: &str = "SQL_ASCII";
    if found.get(SERVER_ENCODING).is_some_and(|e| e == NONE) { NONE } else { "UTF8" }
}

const ENCODING: &str = "client_encoding";
const SERVER_ENCODING: &str = "server_encoding";
/// The same as [`client_encoding`], by the server.
const WANTED_ENCODING: &str = "CASE pg_catalog.current_setting('server_encoding') WHEN 'SQL_ASCII' THEN 'SQL_ASCII' ELSE 'UTF8' END";

/// Names and values to set.
fn wanted(to: &PostgresConnection, limits: &Limits, version: u32) -> Vec<(&'static str, String)> {
    let mut all: Vec<(&'static str, String)> = FIXED.iter().map(|(n, v)| (*n, (*v).to_owned())).collect();
    all.push(("search_path", search_path(&to.search_path)));
    all.push(("statement_timeout", millis(limits.statement_timeout)));
    all.push(("lock_timeout", millis(limits.lock_timeout)));
    all.push(("idle_in_transaction_session_timeout", millis(limits.snapshot_budget)));
    if version >= CHECKS_CLIENT_FROM {
        all.push(("client_connection_check_interval", millis(Duration::from_secs(1))));
    }
    all
}

/// `pg_catalog` first and temporary tables last, so that nobody's table stands in for a system one.
fn search_path(schemas: &[String]) -> String {
    let quoted = schemas.iter().map(|s| format!("\"{}\"", s.replace('"', "\"\"")));
    std::iter::once("pg_catalog".to_owned()).chain(quoted).chain(std::iter::once("pg_temp".to_owned())).collect::<Vec<_>>().join(", ")
}

/// Zero would mean "no limit".
fn millis(time: Duration) -> String {
    let millis = i32::try_from(time.as_millis()).unwrap_or(i32::MAX).max(1);
    format!("{millis}ms")
}

/// Times are compared as milliseconds: the server prints `600000ms` as `10min`.
fn same(wanted: &str, seen: &str) -> bool {
    let number = |text: &str, factor: u64| text.parse::<u64>().ok().and_then(|n| n.checked_mul(factor));
    let time = |text: &str| -> Option<u64> {
        let at = text.find(|c: char| !c.is_ascii_digit())?;
        let (digits, unit) = text.split_at(at);
        let factor = match unit {
            "ms" => 1,
            "s" => 1000,
            "min" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return None,
        };
        number(digits, factor)
    };
    wanted == seen || (time(wanted).is_some() && time(wanted) == time(seen))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_the_same_in_any_unit() {
        assert!(same("600000ms", "10min") && same("2000ms", "2s") && same("1500ms", "1500ms"));
        assert!(!same("2000ms", "0") && !same("on", "off") && !same("1ms", "1s"));
    }

    #[test]
    fn schema_names_are_quoted() {
        assert_eq!(search_path(&["src".to_owned(), "a\"; x".to_owned()]), "pg_catalog, \"src\", \"a\"\"; x\", pg_temp");
    }
}

//! The session's settings: pinned after connect whatever the account or the server says, read back, and compared again by
//! the tripwires. Which of them a server has is asked of the server, so that MariaDB and MySQL need no tables of versions.

use super::ask;
use super::fault::Blame;
use super::literal::quote;
use crate::ports::connection::Mercy;
use crate::ports::database::{Fault, FaultKind, Limits};
use sqlx::AssertSqlSafe;
use sqlx::mysql::MySqlConnection;
use std::collections::BTreeMap;
use std::time::Duration;

/// Settings by name, as the server prints them.
pub type Settings = BTreeMap<String, String>;

/// What makes a doubtful query or value an error. `ALLOW_INVALID_DATES` lets a cast deliver `2026-02-31`, which is then an
/// error of its row, where the server would deliver NULL without it; for the same reason no NO_ZERO_DATE.
const SQL_MODE: &str =
    "ONLY_FULL_GROUP_BY,ANSI_QUOTES,STRICT_TRANS_TABLES,STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION";

/// The server drops us when we take nothing for so long, unless we pause for its sake.
const WRITE_TIMEOUT: Duration = Duration::from_mins(1);

/// A setting to pin.
struct Pin {
    name: &'static str,
    value: String,
    /// One of those with the same word must be there; empty: pinned where the server has it.
    must: &'static str,
}

/// In this order, since `character_set_connection` sets `collation_connection`.
fn pins(limits: &Limits, mercy: &Mercy) -> Vec<Pin> {
    let untaken = if mercy.watches() { limits.snapshot_budget.max(WRITE_TIMEOUT) } else { WRITE_TIMEOUT };
    let budget = seconds(limits.snapshot_budget);
    let lock = seconds(limits.lock_timeout);
    let millis = limits.statement_timeout.as_millis().clamp(1, u128::from(u32::MAX));
    let fixed = |name, value: &str, must| Pin { name, value: quote(value), must };
    let number = |name, value: String, must| Pin { name, value, must };
    vec![
        fixed("sql_mode", SQL_MODE, "sql_mode"),
        fixed("time_zone", "+00:00", "time_zone"),
        fixed("character_set_client", "utf8mb4", "character_set_client"),
        fixed("character_set_results", "utf8mb4", "character_set_results"),
        fixed("character_set_connection", "utf8mb4", "character_set_connection"),
        fixed("collation_connection", "utf8mb4_bin", "collation_connection"),
        fixed("autocommit", "ON", "autocommit"),
        fixed("completion_type", "NO_CHAIN", "completion_type"),
        fixed("tx_isolation", "REPEATABLE-READ", "isolation"),
        fixed("transaction_isolation", "REPEATABLE-READ", "isolation"),
        fixed("tx_read_only", "ON", "read_only"),
        fixed("transaction_read_only", "ON", "read_only"),
        number("max_statement_time", format!("{}.{:03}", millis / 1000, millis % 1000), "statement timeout"),
        number("max_execution_time", millis.to_string(), "statement timeout"),
        number("lock_wait_timeout", lock.clone(), "lock_wait_timeout"),
        number("innodb_lock_wait_timeout", lock, "innodb_lock_wait_timeout"),
        number("wait_timeout", budget.clone(), "wait_timeout"),
        number("idle_transaction_timeout", budget.clone(), ""),
        number("idle_readonly_transaction_timeout", budget, ""),
        number("net_write_timeout", seconds(untaken), "net_write_timeout"),
        // What would change or cut a result without a word.
        number("sql_select_limit", u64::MAX.to_string(), "sql_select_limit"),
        fixed("sql_auto_is_null", "OFF", ""),
        number("div_precision_increment", "20".to_owned(), "div_precision_increment"),
        number("group_concat_max_len", "16777216".to_owned(), "group_concat_max_len"),
        number("max_recursive_iterations", u32::MAX.to_string(), ""),
        number("cte_max_recursion_depth", u32::MAX.to_string(), ""),
        fixed("sql_notes", "OFF", "sql_notes"),
        fixed("lc_time_names", "en_US", "lc_time_names"),
        number("default_week_format", "0".to_owned(), ""),
        fixed("old_mode", "", ""),
        fixed("query_cache_type", "OFF", ""),
    ]
}

/// Pins every setting the server has in one statement, reads it back and returns what the server printed.
pub async fn pin(connection: &mut MySqlConnection, blame: Blame<'_>, limits: &Limits, mercy: &Mercy) -> Result<Settings, Fault> {
    let wanted = pins(limits, mercy);
    let known = read(connection, blame, &wanted.iter().map(|p| p.name).collect::<Vec<_>>()).await?;
    let kept = kept(&wanted, &known)
        .map_err(|lacking| blame.fault(FaultKind::NotReadOnly, format!("the server has no setting for {lacking}"), "read from a newer server"))?;
    let set = kept.iter().map(|p| format!("@@session.{} = {}", p.name, p.value)).collect::<Vec<_>>().join(", ");
    ask::run(connection, AssertSqlSafe(format!("SET {set}"))).await.map_err(|e| blame.driver(&e))?;
    let found = read(connection, blame, &kept.iter().map(|p| p.name).collect::<Vec<_>>()).await?;
    for pin in kept {
        let seen = found.get(pin.name).map_or("", String::as_str);
        if !same(pin.value.trim_matches('\''), seen) {
            let what = format!("the setting {} could not be pinned: the server says {seen:?}", pin.name);
            return Err(blame.fault(FaultKind::NotReadOnly, what, "connect to the server itself, not through a proxy that changes settings"));
        }
    }
    Ok(found)
}

/// The pins a server has; or the word of those it must have one of, and has none.
fn kept<'a>(wanted: &'a [Pin], known: &Settings) -> Result<Vec<&'a Pin>, &'static str> {
    let kept: Vec<&Pin> = wanted.iter().filter(|p| known.contains_key(p.name)).collect();
    match wanted.iter().find(|p| !p.must.is_empty() && !kept.iter().any(|k| k.must == p.must)) {
        Some(lacking) => Err(lacking.must),
        None => Ok(kept),
    }
}

/// Reads settings by name; those the server does not have are left out.
pub async fn read(connection: &mut MySqlConnection, blame: Blame<'_>, names: &[&str]) -> Result<Settings, Fault> {
    let list = names.iter().map(|n| quote(n)).collect::<Vec<_>>().join(", ");
    let sql = AssertSqlSafe(format!("SHOW SESSION VARIABLES WHERE Variable_name IN ({list})"));
    let rows = ask::rows(connection, sql).await.map_err(|e| blame.driver(&e))?;
    Ok(rows.iter().map(|row| (row.text(0).to_ascii_lowercase(), row.text(1).to_owned())).collect())
}

/// Whole seconds, at least one: nought would mean "no limit", or none at all.
fn seconds(time: Duration) -> String {
    time.as_millis().div_ceil(1000).clamp(1, 31_536_000).to_string()
}

/// Numbers by value (`600.000` and `600.000000`), lists of words in any order, the rest by letter.
fn same(wanted: &str, seen: &str) -> bool {
    let number = |text: &str| {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        (!whole.is_empty() && digits(whole) && digits(fraction)).then(|| (whole.to_owned(), fraction.trim_end_matches('0').to_owned()))
    };
    let words = |text: &str| {
        let mut words: Vec<String> = text.split(',').map(str::to_ascii_uppercase).collect();
        words.sort();
        words
    };
    (number(wanted).is_some() && number(wanted) == number(seen)) || words(wanted) == words(seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_the_same_in_any_form() {
        assert!(same("600.000", "600.000000") && same("0.300", "0.3") && same("2", "2") && same("A,B", "B,A") && same("on", "ON"));
        assert!(!same("600", "0") && !same("A", "A,B") && !same("", "A") && !same("2.5", "2"));
    }

    /// MySQL 8 and MariaDB name the same things differently; a server with neither name is refused.
    #[test]
    fn each_product_has_its_own_names() {
        let wanted = pins(&Limits::default(), &Mercy::default());
        let only =
            |without: &[&str]| wanted.iter().filter(|p| !without.contains(&p.name)).map(|p| (p.name.to_owned(), String::new())).collect::<Settings>();
        let mysql = only(&[
            "tx_isolation",
            "tx_read_only",
            "max_statement_time",
            "idle_transaction_timeout",
            "old_mode",
            "max_recursive_iterations",
            "query_cache_type",
        ]);
        let mariadb = only(&["transaction_isolation", "transaction_read_only", "max_execution_time", "cte_max_recursion_depth"]);
        for (known, timeout) in [(&mysql, "max_execution_time"), (&mariadb, "max_statement_time")] {
            let kept = kept(&wanted, known).unwrap();
            assert!(kept.len() == known.len() && kept.iter().any(|p| p.name == timeout));
        }
        for (without, lacking) in [
            (["max_statement_time", "max_execution_time"], "statement timeout"),
            (["tx_read_only", "transaction_read_only"], "read_only"),
            (["tx_isolation", "transaction_isolation"], "isolation"),
        ] {
            assert_eq!(kept(&wanted, &only(&without)).err(), Some(lacking));
        }
    }

    #[test]
    fn no_limit_is_nought() {
        assert_eq!(
            (seconds(Duration::from_millis(200)), seconds(Duration::ZERO), seconds(Duration::from_secs(2))),
            ("1".into(), "1".into(), "2".into())
        );
    }
}

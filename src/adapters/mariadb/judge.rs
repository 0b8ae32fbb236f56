//! Is it one read-only query? First our own look at the text; then the server's: it prepares the query, which takes one statement,
//! needs every table and column to be there and open to the account, and runs nothing.
//!
//! Preparing takes what writes as well, so the look at the text carries more here than on PostgreSQL: one statement
//! that begins as a query, no word that writes, locks or leaves the database, no comment the server executes, no function
//! of the block list. What hides in views and functions is left to the role, to [`super::reads`] and to READ ONLY.

use super::ask::no_panic;
use super::fault::{Blame, number};
use super::literal;
use super::reads;
use super::token::{Kind, Token, tokens};
use crate::domain::decode::{ResultColumn, Wire};
use crate::domain::text::shown;
use crate::ports::database::{Fault, FaultKind, Query};
use sqlx::mysql::{MySqlConnection, MySqlStatement};
use sqlx::{AssertSqlSafe, Column as _, Either, Executor as _, SqlSafeStr as _, Statement as _, TypeInfo as _};

/// Functions that wait, lock, write, read files or run programs; the loadable ones known for it among them.
const BLOCKED: [&str; 31] = [
    "sleep",
    "benchmark",
    "get_lock",
    "release_lock",
    "release_all_locks",
    "load_file",
    "nextval",
    "setval",
    "lastval",
    "last_insert_id",
    "uuid_short",
    "master_pos_wait",
    "master_gtid_wait",
    "source_pos_wait",
    "wait_for_executed_gtid_set",
    "wait_until_sql_thread_after_gtids",
    "wsrep_sync_wait_upto_gtid",
    "sys_exec",
    "sys_eval",
    "sys_bineval",
    "sys_get",
    "sys_set",
    "service_get_read_locks",
    "service_get_write_locks",
    "service_release_locks",
    "set_firewall_mode",
    "read_firewall_users",
    "read_firewall_whitelist",
    "load_rewrite_rules",
    "spider_direct_sql",
    "spider_bg_direct_sql",
];
/// Beginnings of such names.
const BLOCKED_PREFIXES: [&str; 8] = [
    "lib_mysqludf",
    "group_replication_",
    "asynchronous_connection_failover_",
    "keyring_",
    "audit_log_",
    "mysql_firewall_",
    "version_tokens_",
    "gen_dictionary_",
];

/// A query that passed: its text, and what it delivers.
#[derive(Debug, Clone)]
pub struct Judged {
    /// The SQL with literals in place of parameters, without its last semicolon.
    pub sql: String,
    /// What it delivers.
    pub columns: Vec<ResultColumn>,
}

/// Our own look at the text. Runs nothing and asks nobody.
pub fn look(query: &Query) -> Result<String, Fault> {
    let blame = Blame::query(query.side, &query.name);
    if query.sql.contains('\0') {
        return Err(blame.fault(FaultKind::Refused, "the query holds a NUL character", "remove it"));
    }
    // An editor's byte order mark is no part of the SQL.
    let filled = literal::fill(query.sql.trim_start_matches('\u{feff}'), &query.parameters)
        .map_err(|e| blame.fault(FaultKind::InvalidQuery, e.to_string(), "correct the :name, or give it a value in dualrun.toml"))?;
    let found: Vec<Token<'_>> = tokens(&filled).filter(|t| t.kind != Kind::Comment).collect();
    if found.iter().any(|t| t.kind == Kind::Unterminated) {
        return Err(blame.fault(FaultKind::InvalidQuery, "a quote or comment is opened and never closed", "close it"));
    }
    let end = statement_end(&found).and_then(|statement| refuse(statement).map(|()| statement.last().map_or(0, Token::end)));
    let end = end.map_err(|(what, remedy)| blame.fault(FaultKind::Refused, what, remedy))?;
    Ok(filled.get(..end).unwrap_or_default().to_owned())
}

/// What is wrong, and what to do.
type Refused = (String, &'static str);

/// The one statement's tokens, without semicolons at its end.
fn statement_end<'a, 'b>(found: &'b [Token<'a>]) -> Result<&'b [Token<'a>], Refused> {
    let last = found.iter().rposition(|t| t.kind != Kind::Semicolon);
    let Some(statement) = last.and_then(|at| found.get(..=at)) else {
        return Err(("the query is empty".to_owned(), "write one SELECT"));
    };
    if statement.iter().any(|t| t.kind == Kind::Semicolon) {
        return Err(("there is more than one statement".to_owned(), "write one SELECT only"));
    }
    Ok(statement)
}

fn refuse(statement: &[Token<'_>]) -> Result<(), Refused> {
    let first = statement.iter().find(|t| t.text != "(");
    if !["select", "with", "values", "table"].iter().any(|w| first.is_some_and(|t| t.is(w))) {
        let begins = shown(first.map_or("(", |t| t.text), 40);
        return Err((format!("it begins with {begins}, which is no query"), "only one SELECT, VALUES, TABLE or WITH … SELECT may run"));
    }
    if !balanced(statement) {
        return Err(("its brackets do not match".to_owned(), "correct the query"));
    }
    for (at, token) in statement.iter().enumerate() {
        let next = statement.get(at + 1);
        if let Some(refused) = sign(token).or_else(|| word(token, next)) {
            return Err(refused);
        }
    }
    match blocked_call(statement) {
        Some(name) => Err((format!("it calls {}, which has side effects", shown(&name, 60)), "take the call out; a query may only read")),
        None => Ok(()),
    }
}

/// The name of a blocked function that is called.
pub fn blocked_call(tokens: &[Token<'_>]) -> Option<String> {
    let called = |pair: &[Token<'_>]| match pair {
        [name, bracket] if bracket.text == "(" => name.name().filter(|n| is_blocked(n)),
        _ => None,
    };
    tokens.windows(2).find_map(called)
}

/// Signs that do something, or mean one thing here and another elsewhere.
fn sign(token: &Token<'_>) -> Option<Refused> {
    let (what, remedy) = match (token.kind, token.text) {
        (Kind::Executable, _) => (
            "it holds a comment that the server executes (/*! …, /*M! …) or takes as an order (/*+ …)",
            "write what is in it plainly, or take it out",
        ),
        (Kind::Sign, ":=") => ("it assigns to a variable", "take the assignment out; window functions count and add up rows"),
        (Kind::Sign, "{") => ("it holds a {, as in {oj …}, which hides what is read", "write what is in the braces plainly: LEFT JOIN, DATE '…'"),
        (Kind::Sign, "?") => ("it holds a ? for a value", "write parameters as :name"),
        (Kind::Sign, "||") => ("it holds ||, which joins texts on other servers and means OR on this one", "write CONCAT(…) or OR"),
        _ => return None,
    };
    Some((what.to_owned(), remedy))
}

/// Words that write, lock, or send rows elsewhere. All of them are reserved: unquoted they cannot be names.
fn word(token: &Token<'_>, next: Option<&Token<'_>>) -> Option<Refused> {
    const PLAIN: &str = "take it out; a query may only read";
    let followed_by = |words: &[&str]| next.is_some_and(|n| words.iter().any(|w| n.is(w)));
    let called = next.is_some_and(|n| n.text == "(");
    let what = if token.is("into") {
        "it writes INTO a file or a variable"
    } else if token.is("for") && followed_by(&["update", "share"]) || token.is("lock") && followed_by(&["in"]) {
        "it locks the rows it reads"
    } else if token.is("update") || token.is("delete") || (token.is("insert") || token.is("replace")) && !called {
        "it holds a word that writes"
    } else if token.is("procedure") {
        "it holds PROCEDURE"
    } else if token.is("next") && followed_by(&["value"]) {
        "it advances a sequence"
    } else {
        return None;
    };
    Some((format!("{what} ({})", token.text.to_ascii_uppercase()), PLAIN))
}

fn is_blocked(name: &str) -> bool {
    let plain = name.to_lowercase();
    BLOCKED.contains(&plain.as_str()) || BLOCKED_PREFIXES.iter().any(|p| plain.starts_with(p))
}

/// Whether each round bracket closes one that was opened.
fn balanced(statement: &[Token<'_>]) -> bool {
    let mut depth = 0usize;
    for token in statement.iter().filter(|t| t.kind == Kind::Sign) {
        match token.text {
            "(" => depth += 1,
            ")" if depth == 0 => return false,
            ")" => depth -= 1,
            _ => {}
        }
    }
    depth == 0
}

/// How the server's look ended.
#[derive(Debug)]
pub enum Refusal {
    /// It said no, and the transaction goes on.
    Said(Fault),
    /// The connection cannot be used any more.
    Broken(Fault),
}

/// "This command is not supported in the prepared statement protocol yet", and syntax errors.
const NOT_PREPARED: u16 = 1295;

/// The server's look.
pub async fn ask(connection: &mut MySqlConnection, query: &Query, sql: String) -> Result<Judged, Refusal> {
    let blame = Blame::query(query.side, &query.name);
    reads::check(connection, blame, &sql).await?;
    let prepared = no_panic(connection.prepare(AssertSqlSafe(sql.as_str()).into_sql_str())).await;
    let statement = match prepared {
        Ok(statement) => statement,
        Err(error) => {
            let mut fault = blame.driver(&error);
            if number(&error) == Some(NOT_PREPARED) {
                fault.kind = FaultKind::Refused;
            }
            return Err(if number(&error).is_some() { Refusal::Said(fault) } else { Refusal::Broken(fault) });
        }
    };
    let columns = described(blame, &statement).map_err(Refusal::Said)?;
    Ok(Judged { sql, columns })
}

fn described(blame: Blame<'_>, statement: &MySqlStatement) -> Result<Vec<ResultColumn>, Fault> {
    if !matches!(statement.parameters(), None | Some(Either::Right(0))) {
        return Err(blame.fault(FaultKind::Refused, "it holds a ? for a value", "write parameters as :name"));
    }
    let columns: Vec<ResultColumn> = statement
        .columns()
        .iter()
        .map(|column| ResultColumn {
            // Names with control or bidi characters are no contract columns; they arrive neutralised.
            name: shown(column.name(), 200),
            type_name: column.type_info().name().to_lowercase(),
            approximate: matches!(column.type_info().name(), "FLOAT" | "DOUBLE"),
            wire: Wire::Text,
        })
        .collect();
    if columns.is_empty() {
        return Err(blame.fault(FaultKind::InvalidQuery, "it delivers no column", "name the columns to read"));
    }
    Ok(columns)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::side::Side;
    use std::collections::BTreeMap;

    fn looked(sql: &str) -> Result<String, Fault> {
        look(&Query { side: Side::Source, entity: None, name: "source.probe".to_owned(), sql: sql.to_owned(), parameters: BTreeMap::new() })
    }

    #[test]
    fn what_reads_passes() {
        for sql in [
            "select 1",
            "\u{feff}(select `a` from t) union (select 'into' from `update`) ;; -- x",
            "with r as (select 1) select replace(a, 'x', 'y'), insert('abc', 1, 1, 'z') from r",
            "values (1), (2)",
            "select \"for update\", 'sleep(1)', `sleep`, extract(year from d) from t -- into outfile\n",
            "select a from t force index for join (i) where a > 0 # ;",
            "select sleep from t where lock_id in (1) and next_value = 1",
        ] {
            assert!(looked(sql).is_ok(), "{sql}: {:?}", looked(sql));
        }
    }

    #[test]
    fn what_does_more_is_refused_before_anything_is_sent() {
        for (sql, word) in [
            ("", "empty"),
            (" ; ", "empty"),
            ("select 1; select 2", "more than one"),
            ("insert into t values (1)", "begins with insert"),
            ("set statement max_statement_time=0 for select 1", "begins with set"),
            ("start transaction read write", "begins with start"),
            ("handler t open", "begins with handler"),
            ("select 1 into outfile '/tmp/x'", "INTO"),
            ("select 1 INTO @a", "INTO"),
            ("select 1 from t for update", "locks"),
            ("select 1 from t for share", "locks"),
            ("select 1 from t lock in share mode", "locks"),
            ("with c as (select 1) delete from t", "DELETE"),
            ("with c as (select 1) update t set a = 1", "UPDATE"),
            ("select 1 from t procedure analyse()", "PROCEDURE"),
            ("select next value for s", "sequence"),
            ("select @a := 1", "assigns"),
            ("select 1 /*! into outfile '/tmp/x' */", "executes"),
            ("select /*M!100000 sleep(1) */", "executes"),
            ("select /*+ SET_VAR(sql_mode='') */ 1", "order"),
            ("select * from {oj t left join u on t.a = u.a}", "{oj"),
            ("select {d '2026-01-01'}", "{"),
            ("select ?", "?"),
            ("select a || b", "||"),
            ("select SLEEP (1)", "SLEEP"),
            ("select `sleep`/**/(1)", "sleep"),
            ("select db.\"get_lock\"('a', 1)", "get_lock"),
            ("select release_all_locks()", "release_all_locks"),
            ("select load_file('/etc/passwd')", "load_file"),
            ("select sys_exec('id')", "sys_exec"),
            ("select master_gtid_wait('0-1-1')", "master_gtid_wait"),
            ("select 1e5into outfile '/tmp/x'", "INTO"),
            ("select 1.5into outfile '/tmp/x'", "INTO"),
            ("select 'a'into outfile '/tmp/x'", "INTO"),
            ("select \"a\\\" into outfile '/tmp/x' -- \"", "INTO"),
            ("select (1", "brackets"),
            ("select 1)", "brackets"),
            ("select 1\0", "NUL"),
        ] {
            let fault = looked(sql).expect_err(sql);
            assert!(fault.kind == FaultKind::Refused && fault.what.contains(word) && !fault.remedy.is_empty(), "{sql}: {fault}");
        }
        assert_eq!(looked("select 'a").expect_err("open").kind, FaultKind::InvalidQuery);
    }
}

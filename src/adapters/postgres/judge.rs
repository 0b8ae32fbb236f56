//! Is it one read-only query? First our own look, for early and plain words; then the server's: the text is prepared as
//! `DECLARE … CURSOR FOR <text>`, whose grammar takes one SELECT, VALUES, TABLE or WITH and nothing that writes.
//!
//! What the server lets through and we do not want are side-effect *functions* inside a SELECT: the block list. It sees
//! names in the text only; functions called by functions are left to the role and the tripwires.

use super::fault::{Blame, sqlstate};
use super::form;
use super::literal;
use super::savepoint;
use super::token::{Kind, Token, tokens};
use crate::domain::decode::{ResultColumn, Wire};
use crate::domain::text::shown;
use crate::ports::database::{Fault, FaultKind, Query};
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgConnection, PgStatement, PgTypeInfo, PgTypeKind};
use sqlx::{AssertSqlSafe, Column as _, Executor as _, Row as _, SqlSafeStr as _, Statement as _, TypeInfo as _};

/// Functions that act on the server or other sessions, write, or run SQL given as text.
const BLOCKED: [&str; 27] = [
    "pg_terminate_backend",
    "pg_cancel_backend",
    "pg_reload_conf",
    "pg_rotate_logfile",
    "pg_promote",
    "pg_stat_file",
    "pg_notify",
    "set_config",
    "setval",
    "nextval",
    "pg_switch_wal",
    "pg_export_snapshot",
    "pg_import_system_collations",
    "pg_prewarm",
    "pg_start_backup",
    "pg_stop_backup",
    "pg_current_xact_id",
    "pg_current_logfile",
    "txid_current",
    "loread",
    "lowrite",
    "connectby",
    "ts_stat",
    "ts_rewrite",
    "gin_clean_pending_list",
    "pg_stat_statements_reset",
    "pg_nextoid",
];
/// Beginnings of such names.
const BLOCKED_PREFIXES: [&str; 29] = [
    "lo_",
    "dblink",
    "pg_advisory",
    "pg_try_advisory",
    "pg_logical_",
    "pg_replication_",
    "pg_create_",
    "pg_drop_",
    "pg_copy_",
    "pg_sync_",
    "pg_read_",
    "pg_ls_",
    "pg_file_",
    "pg_backup_",
    "pg_log_",
    "pg_wal_replay_",
    "pg_stat_reset",
    "pg_restore_",
    "pg_clear_",
    "query_to_xml",
    "cursor_to_xml",
    "table_to_xml",
    "schema_to_xml",
    "database_to_xml",
    "crosstab",
    "brin_",
    "binary_upgrade_",
    "postgres_fdw_",
    "heap_force_",
];

/// A query that passed: its text as it may stand in brackets, its columns, and how each is printed.
#[derive(Debug, Clone)]
pub struct Judged {
    /// The SQL with literals in place of parameters, without its last semicolon.
    pub sql: String,
    /// What it delivers.
    pub columns: Vec<ResultColumn>,
    /// Types as the driver knows them, one a column; of a domain what it is made of.
    pub types: Vec<PgTypeInfo>,
    /// The form the server sends each column in.
    pub sent: Vec<Wire>,
}

impl Judged {
    /// The forms columns are printed from before they are handed on; text for those that are handed on as they come.
    pub fn printed(&self) -> Vec<Wire> {
        let is_printed = |(sent, column): (&Wire, &ResultColumn)| if *sent == column.wire { Wire::Text } else { *sent };
        self.sent.iter().zip(&self.columns).map(is_printed).collect()
    }
}

/// Our own look at the text. Runs nothing and asks nobody.
pub fn look(query: &Query) -> Result<String, Fault> {
    let blame = Blame::query(query.side, &query.name);
    let refused = |what: &str, remedy: &str| Err(blame.fault(FaultKind::Refused, what, remedy));
    if query.sql.contains('\0') {
        return refused("the query holds a NUL character", "remove it");
    }
    // An editor's byte order mark is no part of the SQL.
    let filled = literal::fill(query.sql.trim_start_matches('\u{feff}'), &query.parameters)
        .map_err(|e| blame.fault(FaultKind::InvalidQuery, e.to_string(), "correct the :name, or give it a value in dualrun.toml"))?;
    let found: Vec<Token<'_>> = tokens(&filled).filter(|t| t.kind != Kind::Comment).collect();
    if found.iter().any(|t| t.kind == Kind::Unterminated) {
        return Err(blame.fault(FaultKind::InvalidQuery, "a quote or comment is opened and never closed", "close it"));
    }
    let last = found.iter().rposition(|t| t.kind != Kind::Semicolon);
    let Some(statement) = last.and_then(|at| found.get(..=at)) else {
        return refused("the query is empty", "write one SELECT");
    };
    if statement.iter().any(|t| t.kind == Kind::Semicolon) {
        return refused("there is more than one statement", "write one SELECT only");
    }
    let first = statement.iter().find(|t| t.text != "(").map_or("", |t| t.text);
    if !["select", "with", "values", "table"].iter().any(|w| first.eq_ignore_ascii_case(w)) {
        return refused(
            &format!("it begins with {}, which is no query", shown(first, 40)),
            "only one SELECT, VALUES, TABLE or WITH … SELECT may run",
        );
    }
    if !balanced(statement) {
        return refused("its brackets do not match", "correct the query");
    }
    if let Some(name) = statement.windows(2).find_map(blocked) {
        return refused(&format!("it calls {}, which has side effects", shown(&name, 60)), "take the call out; a query may only read");
    }
    let end = statement.last().map_or(0, Token::end);
    Ok(filled.get(..end).unwrap_or_default().to_owned())
}

/// Whether each round bracket closes one that was opened: the query is put into brackets of ours.
fn balanced(statement: &[Token<'_>]) -> bool {
    let mut depth = 0usize;
    for token in statement {
        match token.text {
            "(" => depth += 1,
            ")" if depth == 0 => return false,
            ")" => depth -= 1,
            _ => {}
        }
    }
    depth == 0
}

/// The name of a blocked function that is called here.
fn blocked(pair: &[Token<'_>]) -> Option<String> {
    let [name, bracket] = pair else { return None };
    if bracket.text != "(" {
        return None;
    }
    let plain = match name.kind {
        Kind::Word => name.text.to_ascii_lowercase(),
        // Escapes in a name serve nobody here but to hide it.
        Kind::QuotedName if !name.text.starts_with('"') => return Some(name.text.to_owned()),
        Kind::QuotedName => name.text.trim_matches('"').to_owned(),
        _ => return None,
    };
    (BLOCKED.contains(&plain.as_str()) || BLOCKED_PREFIXES.iter().any(|p| plain.starts_with(p))).then_some(plain)
}

/// How the server's look ended.
#[derive(Debug)]
pub enum Refusal {
    /// It said no, and the transaction goes on.
    Said(Fault),
    /// The connection cannot be used any more.
    Broken(Fault),
}

/// The server's look, inside the session's savepoint, so that a refusal does not end the transaction. `number` makes the cursor's name.
pub async fn ask(connection: &mut PgConnection, query: &Query, sql: String, number: u64) -> Result<Judged, Refusal> {
    let blame = Blame::query(query.side, &query.name);
    let broken = |e: sqlx::Error| Refusal::Broken(blame.driver(&e));
    match declare(connection, &sql, number).await {
        Ok(statement) => {
            // In one message with the end of the cursor.
            let end = format!("{}CLOSE dualrun_{number}; {}", borrowing(&sql), savepoint::RENEW);
            let borrowed = connection.fetch_all(AssertSqlSafe(end)).await.map_err(broken)?;
            if let Some(row) = borrowed.first() {
                let name: String = row.try_get(0).map_err(broken)?;
                let what = format!("it calls {}, which runs with rights that are not the role's own", shown(&name, 80));
                return Err(Refusal::Said(blame.fault(FaultKind::Refused, what, "take the call out; a query may only do what its role may")));
            }
            described(query, sql, &statement).map_err(Refusal::Said)
        }
        Err(error) => {
            let fault = explain(blame, &error, &sql, number);
            match connection.execute(savepoint::BACK).await {
                Ok(_) => Err(Refusal::Said(fault)),
                Err(_) => Err(Refusal::Broken(fault)),
            }
        }
    }
}

/// Asks for a function called by name that is SECURITY DEFINER, or of a language without bounds: it could write where neither the role nor
/// a tripwire stops it. What such a function is called by (another function, a view) is left to the role. Empty where none is called.
fn borrowing(sql: &str) -> String {
    let found: Vec<Token<'_>> = tokens(sql).filter(|t| t.kind != Kind::Comment).collect();
    let called = found
        .windows(2)
        .filter(|pair| matches!(pair, [name, bracket] if bracket.text == "(" && matches!(name.kind, Kind::Word | Kind::QuotedName)))
        .filter_map(|pair| pair.first().map(|name| name.text.trim_matches('"').to_lowercase()));
    // No name holds a NUL: the query itself was refused for one.
    let called: Vec<String> = called.filter_map(|name| literal::quote("function", &name).ok()).collect();
    if called.is_empty() {
        return String::new();
    }
    format!(
        "SELECT n.nspname || '.' || p.proname FROM pg_catalog.pg_proc p \
         JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace JOIN pg_catalog.pg_language l ON l.oid = p.prolang \
         WHERE pg_catalog.lower(p.proname::text) IN ({}) AND n.nspname NOT IN ('pg_catalog', 'information_schema') \
         AND (p.prosecdef OR (NOT l.lanpltrusted AND l.lanname NOT IN ('internal', 'c'))) ORDER BY 1 LIMIT 1; ",
        called.join(", ")
    )
}

fn declare_prefix(number: u64) -> String {
    format!("DECLARE dualrun_{number} NO SCROLL CURSOR FOR ")
}

async fn declare(connection: &mut PgConnection, sql: &str, number: u64) -> Result<PgStatement, sqlx::Error> {
    let declare = AssertSqlSafe(format!("{}{sql}", declare_prefix(number)));
    sqlx::query(declare).persistent(false).execute(&mut *connection).await?;
    connection.prepare(AssertSqlSafe(format!("FETCH FORWARD 0 FROM dualrun_{number}")).into_sql_str()).await
}

/// The server's error, with the line of the query it points at.
fn explain(blame: Blame<'_>, error: &sqlx::Error, sql: &str, number: u64) -> Fault {
    let mut fault = blame.driver(error);
    let position = error
        .as_database_error()
        .and_then(|e| e.try_downcast_ref::<sqlx::postgres::PgDatabaseError>())
        .and_then(sqlx::postgres::PgDatabaseError::position);
    if let Some(sqlx::postgres::PgErrorPosition::Original(at)) = position {
        let before = at.saturating_sub(1).saturating_sub(declare_prefix(number).chars().count());
        let line = 1 + sql.chars().take(before).filter(|c| *c == '\n').count();
        if sql.contains('\n') {
            fault.what = format!("{} at line {line}", fault.what);
        }
    }
    if sqlstate(error).as_deref() == Some("42601") && fault.what.contains("INTO") {
        fault.kind = FaultKind::Refused;
    }
    fault
}

fn described(query: &Query, sql: String, statement: &PgStatement) -> Result<Judged, Fault> {
    let blame = Blame::query(query.side, &query.name);
    let mut columns = Vec::with_capacity(statement.columns().len());
    let mut types = Vec::with_capacity(columns.capacity());
    let mut sent = Vec::with_capacity(columns.capacity());
    for column in statement.columns() {
        let base = base_type(column.type_info());
        if base.oid() == Some(MONEY) {
            let name = shown(column.name(), 60);
            return Err(blame.fault(
                FaultKind::Refused,
                format!("the column {name} is of type money, whose text depends on the server's locale"),
                format!("write {name}::numeric AS {name}"),
            ));
        }
        // Names with control or bidi characters are no contract columns; they arrive neutralised.
        let name = shown(column.name(), 200);
        let wire = form::wire(query.entity, &name, base);
        sent.push(wire);
        columns.push(ResultColumn {
            wire: form::read_as(query.entity, &name, wire),
            name,
            type_name: shown(column.type_info().name(), 80).to_lowercase(),
            approximate: matches!(base.name(), "FLOAT4" | "FLOAT8"),
        });
        types.push(base.clone());
    }
    if columns.is_empty() {
        return Err(blame.fault(FaultKind::InvalidQuery, "it delivers no column", "name the columns to read"));
    }
    Ok(Judged { sql, columns, types, sent })
}

/// The type `money`.
const MONEY: Oid = Oid(790);

/// What a domain is made of.
fn base_type(mut info: &PgTypeInfo) -> &PgTypeInfo {
    while let PgTypeKind::Domain(base) = info.kind() {
        info = base;
    }
    info
}

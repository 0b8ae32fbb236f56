//! What a query names and the server does not judge: tables that are not in the snapshot, and functions that run with
//! rights that are not the account's own.

use super::ask::{self, Answer};
use super::fault::{Blame, number};
use super::judge::{Refusal, blocked_call};
use super::literal::quote;
use super::token::{Kind, Token, tokens};
use crate::domain::text::shown;
use crate::ports::database::{Fault, FaultKind};
use sqlx::AssertSqlSafe;
use sqlx::mysql::MySqlConnection;
use std::collections::BTreeSet;

/// Engines whose tables a consistent snapshot holds, and SEQUENCE, whose rows are always the same.
pub const SNAPSHOT_ENGINES: &str = "'InnoDB', 'ROCKSDB', 'SEQUENCE'";
/// The server's own databases hold no billing.
pub const SYSTEM: &str = "'information_schema', 'performance_schema', 'mysql', 'sys'";
/// Views within views that are followed.
const DEPTH: usize = 8;

/// Refuses a query that reads what is not in the snapshot, or calls what runs with borrowed rights.
pub async fn check(connection: &mut MySqlConnection, blame: Blame<'_>, sql: &str) -> Result<(), Refusal> {
    let mut texts = vec![sql.to_owned()];
    let mut seen = BTreeSet::new();
    for _ in 0..DEPTH {
        let named: Vec<TableName> = texts.iter().flat_map(|t| tables(t)).filter(|t| seen.insert(t.clone())).collect();
        let called: BTreeSet<String> = texts.iter().flat_map(|t| functions(t)).collect();
        functions_are_own(connection, blame, &called).await?;
        texts = tables_are_in_the_snapshot(connection, blame, &named).await?;
        if texts.is_empty() {
            return Ok(());
        }
    }
    Err(Refusal::Said(blame.fault(FaultKind::Refused, format!("it reads views within views, more than {DEPTH} deep"), "read from the tables")))
}

/// A table as a query names it: its database, where it says so, and its name.
type TableName = (Option<String>, String);

/// Engines of the tables, and the texts of the views among them. One small question a table: asked for by name alone, the
/// server opens no other, and a server may hold tens of thousands.
async fn tables_are_in_the_snapshot(connection: &mut MySqlConnection, blame: Blame<'_>, named: &[TableName]) -> Result<Vec<String>, Refusal> {
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let current = asked(connection, blame, "SELECT COALESCE(DATABASE(), '')".to_owned()).await?;
    let current = current.first().map_or("", |r| r.text(0)).to_owned();
    let mut views = Vec::new();
    for (database, table) in named {
        let place = format!("table_schema = {} AND table_name = {}", quote(database.as_ref().unwrap_or(&current)), quote(table));
        let sql = format!(
            "SELECT table_schema, table_name, table_type, COALESCE(engine, ''), COALESCE(engine IN ({SNAPSHOT_ENGINES}), 0) \
             FROM information_schema.tables WHERE {place} AND table_schema NOT IN ({SYSTEM})"
        );
        for row in &asked(connection, blame, sql).await? {
            let name = shown(&format!("{}.{}", row.text(0), row.text(1)), 80);
            if row.text(2).ends_with("VIEW") {
                let told = asked(connection, blame, format!("SELECT view_definition FROM information_schema.views WHERE {place}")).await?;
                views.push(view(blame, &name, told.first().map_or("", |r| r.text(0)))?);
            } else if row.text(4) != "1" {
                let engine = shown(row.text(3), 30);
                let what = format!("it reads {name}, a table of the engine {engine}, which no snapshot holds: it may change while it is read");
                let remedy = format!("ALTER TABLE {name} ENGINE = InnoDB, at the server");
                return Err(Refusal::Said(blame.fault(FaultKind::Refused, what, remedy)));
            }
        }
    }
    Ok(views)
}

/// The text of a view, looked at as the query itself was.
fn view(blame: Blame<'_>, name: &str, text: &str) -> Result<String, Refusal> {
    let refused = |what: String, remedy: String| Err(Refusal::Said(blame.fault(FaultKind::Refused, what, remedy)));
    if text.is_empty() {
        let what = format!("the view {name} does not show what it reads, so whether that is in the snapshot is not known");
        return refused(what, format!("GRANT SHOW VIEW ON {name} to this account; it shows the view's text and nothing more"));
    }
    let inside: Vec<Token<'_>> = tokens(text).filter(|t| t.kind != Kind::Comment).collect();
    if let Some(function) = blocked_call(&inside) {
        let what = format!("the view {name} calls {}, which has side effects", shown(&function, 60));
        return refused(what, "read from its tables; a query may only read".to_owned());
    }
    Ok(text.to_owned())
}

/// Stored functions called by name: one with its maker's rights could write or lock where neither the account nor READ ONLY
/// stops it; one that says it modifies data is no part of a query.
async fn functions_are_own(connection: &mut MySqlConnection, blame: Blame<'_>, called: &BTreeSet<String>) -> Result<(), Refusal> {
    if called.is_empty() {
        return Ok(());
    }
    let names = called.iter().map(|n| quote(n)).collect::<Vec<_>>().join(", ");
    let sql = format!(
        "SELECT routine_schema, routine_name, security_type FROM information_schema.routines WHERE routine_type = 'FUNCTION' AND routine_name IN ({names}) \
         AND routine_schema <> 'sys' AND (security_type <> 'INVOKER' OR sql_data_access = 'MODIFIES SQL DATA') LIMIT 1"
    );
    let found = asked(connection, blame, sql).await?;
    let Some(row) = found.first() else { return Ok(()) };
    let name = shown(&format!("{}.{}", row.text(0), row.text(1)), 80);
    let why = if row.text(2) == "INVOKER" { "says that it modifies data" } else { "runs with rights that are not the account's own" };
    let remedy = "take the call out, or make the function SQL SECURITY INVOKER and READS SQL DATA; a query may only do what its account may";
    Err(Refusal::Said(blame.fault(FaultKind::Refused, format!("it calls {name}, which {why}"), remedy)))
}

async fn asked(connection: &mut MySqlConnection, blame: Blame<'_>, sql: String) -> Result<Vec<Answer>, Refusal> {
    let refusal = |error: &sqlx::Error, fault: Fault| if number(error).is_some() { Refusal::Said(fault) } else { Refusal::Broken(fault) };
    ask::rows(connection, AssertSqlSafe(sql)).await.map_err(|e| refusal(&e, blame.driver(&e)))
}

/// Names that are called as functions, each by its last part.
fn functions(sql: &str) -> BTreeSet<String> {
    let found: Vec<Token<'_>> = tokens(sql).filter(|t| t.kind != Kind::Comment).collect();
    found.windows(2).filter_map(|pair| pair.first().filter(|_| pair.get(1).is_some_and(|b| b.text == "(")).and_then(Token::name)).collect()
}

/// One level of brackets: whether a table's name is awaited, and whether a comma awaits the next.
#[derive(Default, Clone, Copy)]
struct Level {
    awaited: bool,
    in_list: bool,
}

/// Names that stand where tables do: after FROM, JOIN or TABLE, and after the commas of such a list. A name that only looks
/// like one (`extract(year from d)`) is no harm: there is hardly a table of its name.
fn tables(sql: &str) -> Vec<TableName> {
    let found: Vec<Token<'_>> = tokens(sql).filter(|t| t.kind != Kind::Comment).collect();
    let mut levels = vec![Level::default()];
    let mut names = Vec::new();
    let mut at = 0;
    while let Some(token) = found.get(at) {
        at += 1;
        let Some(level) = levels.last_mut() else { break };
        if token.text == "(" {
            // Lists of tables may stand in brackets of their own.
            let inner = *level;
            level.awaited = false;
            levels.push(inner);
        } else if token.text == ")" {
            levels.pop();
        } else if token.text == "," {
            level.awaited = level.in_list;
        } else if ["FROM", "JOIN", "STRAIGHT_JOIN", "TABLE"].iter().any(|w| token.is(w)) {
            *level = Level { awaited: true, in_list: true };
        } else if ["SELECT", "WHERE", "GROUP", "ORDER", "HAVING", "LIMIT", "UNION", "EXCEPT", "INTERSECT", "WINDOW"].iter().any(|w| token.is(w)) {
            *level = Level::default();
        } else if level.awaited && !token.is("LATERAL") {
            level.awaited = false;
            let second = found.get(at).filter(|t| t.text == ".").and_then(|_| found.get(at + 1)).and_then(Token::name);
            names.extend(token.name().map(|first| match second {
                Some(table) => (Some(first), table),
                None => (None, first),
            }));
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_found_where_they_stand() {
        let name = |text: &str| match text.split_once('.') {
            Some((d, t)) => (Some(d.to_owned()), t.to_owned()),
            None => (None, text.to_owned()),
        };
        for (sql, wanted) in [
            ("select a, b from t", &["t"][..]),
            ("select a from `d`.`t x` as y join \"u\" on (a = b and c in (select d from v)), w where x = 1, z", &["d.t x", "u", "v", "w"]),
            ("select (select max(a) from x), b from (select 1 from y, z) q, p order by a, b", &["x", "y", "z", "p"]),
            ("select a from (t, u), (v join w using (id))", &["t", "u", "v", "w"]),
            ("with r as (select 1 from t) select * from r union select * from u limit 1, 2", &["t", "r", "u"]),
            ("table t", &["t"]),
            ("select 'from x' /* from y */", &[]),
        ] {
            assert_eq!(tables(sql), wanted.iter().map(|w| name(w)).collect::<Vec<_>>(), "{sql}");
        }
    }

    #[test]
    fn functions_are_found_by_their_last_name() {
        let found = functions("select d.f (1), `g`(2), h, max(i) from t where a in (1)");
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["f", "g", "in", "max"]);
    }
}

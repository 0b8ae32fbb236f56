//! Columns that are one and the same text in every row (`'CAD' as currency`): what the server's plan says so of is not sent with
//! each row, but once, by the plan.

use super::judge::Judged;
use super::savepoint;
use crate::domain::contract::Entity;
use crate::domain::decode::Wire;
use crate::ports::database::Query;
use serde_json::Value;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Executor as _, Row as _};

/// The text of each column that has but one, in the query's own order; all `None` where nothing is gained or the server says nothing. An
/// error is one of the connection.
pub async fn of(connection: &mut PgConnection, query: &Query, judged: &Judged) -> Result<Vec<Option<String>>, sqlx::Error> {
    let unknown = vec![None; judged.columns.len()];
    // Catalogues are small: there, another round trip costs more.
    if !matches!(query.entity, Some(Entity::Usage | Entity::Invoices | Entity::InvoiceLines)) || !judged.sql.contains('\'') {
        return Ok(unknown);
    }
    let plan = format!("EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) {}", judged.sql);
    let Ok(row) = connection.fetch_one(AssertSqlSafe(plan)).await else {
        // What is wrong with it, its rows will tell.
        connection.execute(savepoint::BACK).await?;
        return Ok(unknown);
    };
    // Of a database without an encoding it may hold what is no text: such columns are sent as ever.
    let Ok(plan) = row.try_get_unchecked::<String, _>(0) else { return Ok(unknown) };
    let Some(texts) = serde_json::from_str(&plan).ok().and_then(|plan| texts(&plan)) else { return Ok(unknown) };
    let fits = texts.len() == judged.columns.len() && texts.iter().any(Option::is_none);
    let as_text = |(text, sent): (Option<String>, &Wire)| text.filter(|_| *sent == Wire::Text);
    Ok(if fits { texts.into_iter().zip(&judged.sent).map(as_text).collect() } else { unknown })
}

/// Nodes that make their own columns. Those that pass on what comes from below (Sort, Limit, Gather, Unique) show a literal that is
/// none there: grouping sets have made it NULL in some rows.
const MAKERS: [&str; 10] = [
    "Seq Scan",
    "Index Scan",
    "Index Only Scan",
    "Bitmap Heap Scan",
    "Subquery Scan",
    "Function Scan",
    "CTE Scan",
    "Hash Join",
    "Merge Join",
    "Nested Loop",
];

/// The constants among what the topmost node of a plan puts out. Only there, and only bare: what it takes from a node below stands in
/// brackets, and there may be several of those (`UNION ALL`), each with a constant of its own.
fn texts(plan: &Value) -> Option<Vec<Option<String>>> {
    let top = plan.get(0)?.get("Plan")?;
    if !MAKERS.contains(&top.get("Node Type")?.as_str()?) {
        return None;
    }
    let output = top.get("Output")?.as_array()?;
    Some(output.iter().map(|column| literal(column.as_str()?)).collect())
}

/// The text of a literal without anything in it that would have to be escaped.
fn literal(column: &str) -> Option<String> {
    let text = column.strip_prefix('\'')?.strip_suffix("'::text")?;
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b" _-.:/".contains(&b)).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_a_bare_literal_of_the_topmost_node_is_a_constant() {
        let plan = |output: Value| json!([{ "Plan": { "Node Type": "Seq Scan", "Output": output, "Plans": [{ "Output": ["'x'::text"] }] } }]);
        let of = |column: &str| texts(&plan(json!([column]))).unwrap().remove(0);
        assert_eq!(of("'CAD'::text"), Some("CAD".to_owned()));
        assert_eq!(of("''::text"), Some(String::new()));
        for other in [
            "('CAD'::text)",
            "'CAD'::character varying",
            "'2025-01-01'::date",
            "'it''s'::text",
            "E'a\\\\b'::text",
            "NULL::text",
            "u.metric",
            "'a'::text || 'b'::text",
            "('a'::text || 'b'::text)",
            "'a'::text || u.x::text || 'b'::text",
        ] {
            assert_eq!(of(other), None, "{other}");
        }
        for passes_on in ["Append", "Sort", "Limit", "Gather", "Unique", "Aggregate"] {
            assert_eq!(texts(&json!([{ "Plan": { "Node Type": passes_on, "Output": ["'x'::text"], "Plans": [] } }])), None, "{passes_on}");
        }
    }
}

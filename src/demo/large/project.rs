//! The `dualrun.toml` of a large book. Its queries read one run's months only: a large book has many.

use super::{LargeBook, LargeTable};
use crate::demo::project_text::{PostgresPlace, sql_name, sqlite_lines, toml_text};
use crate::domain::contract::Entity;
use crate::domain::side::Side;
use std::fmt::Write as _;

const SERVICE: &str = r#"currency = "CAD"
time_zone = "America/Toronto"
usage_from = "source"
basis = "draft_first"
tolerance = "0"
"#;
const SOURCE: &str = r#"key = "uuid"
active = ["active"]
billable = ["paid"]
left_out = { void = "void" }
ends = "inclusive"
round_per = "invoice"
round_mode = "half_up"
tax_per = "invoice"
"#;
const TARGET: &str = r#"key = "text"
key_normaliser = "uuid"
active = ["3_progress"]
ended = ["6_churn"]
inactive = ["4_paused"]
billable = ["draft", "posted"]
left_out = { cancel = "void" }
ends = "exclusive"
proration = "day"
round_per = "invoice"
round_mode = "half_up"
tax_per = "invoice"
"#;

/// For `source.db` and `target.db` beside it.
pub fn large_toml_sqlite(book: &LargeBook) -> String {
    large_toml(book, &sqlite_lines)
}

/// For two PostgreSQL databases filled by [`write_sql`](super::write_sql).
pub fn large_toml_postgres(book: &LargeBook, place: &PostgresPlace) -> String {
    large_toml(book, &|side| place.lines(side))
}

fn large_toml(book: &LargeBook, reach: &dyn Fn(Side) -> String) -> String {
    let months: Vec<String> = book.months().map(|m| m.to_string()).collect();
    let mut out = format!("# book period: {}\n", months.last().map_or("", String::as_str));
    let _ = writeln!(out, "# generated: {} subscriptions, {} months, seed {}", book.subscriptions(), months.len(), book.seed());
    let _ = write!(out, "\n[service]\nname = {}\n{SERVICE}", toml_text(LargeBook::SERVICE));
    for side in Side::BOTH {
        let profile = if side == Side::Source { SOURCE } else { TARGET };
        let _ = write!(out, "\n[{side}]\n{}{profile}\n[{side}.queries]\n", reach(side));
        for table in LargeTable::all(side) {
            let _ = writeln!(out, "{} = {}", table.entity, toml_text(&query(&table)));
        }
    }
    out
}

fn query(table: &LargeTable) -> String {
    let columns: Vec<String> = table.names().into_iter().map(sql_name).collect();
    let filter = match table.entity {
        Entity::Usage => " where occurred_at >= :period_start_at and occurred_at < :period_end_at",
        Entity::Invoices => " where coalesce(period_start, issued_on) >= :period_start and coalesce(period_start, issued_on) < :period_end",
        _ => "",
    };
    format!("select {} from {}{filter}", columns.join(", "), table.entity)
}

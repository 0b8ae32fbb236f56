//! A book as a script for `psql`: typed columns where every value fits, text where one does not.

use super::book::{Book, Table};
use super::project_text::sql_name;
use crate::domain::contract::ColumnKind;
use crate::domain::side::Side;
use std::fmt::Write as _;

/// The script that creates and fills one side's tables (`psql -v ON_ERROR_STOP=1 -f`). It fails where a table is already there.
pub fn book_to_postgres_sql(book: &Book, side: Side) -> String {
    let mut out = String::from("\\set ON_ERROR_STOP on\nset client_encoding = 'UTF8';\nbegin;\n");
    for table in book.tables(side) {
        push_table(&mut out, table);
    }
    for (name, columns) in book.empty_tables(side) {
        let columns: Vec<String> = columns.iter().map(|c| format!("{} text", sql_name(c))).collect();
        let _ = writeln!(out, "create table {} ({});", sql_name(&name), columns.join(", "));
    }
    out.push_str("commit;\nanalyze;\n");
    out
}

fn push_table(out: &mut String, table: &Table) {
    let typed = |(at, name): (usize, &String)| format!("{} {}", sql_name(name), column_type(table, at, name));
    let columns: Vec<String> = table.columns.iter().enumerate().map(typed).collect();
    let names: Vec<String> = table.columns.iter().map(|c| sql_name(c)).collect();
    let _ = writeln!(out, "create table {} ({});", table.entity, columns.join(", "));
    let _ = writeln!(out, "copy {} ({}) from stdin;", table.entity, names.join(", "));
    for row in &table.rows {
        for (at, field) in row.iter().enumerate() {
            if at > 0 {
                out.push('\t');
            }
            push_copy_field(out, field.as_deref());
        }
        out.push('\n');
    }
    out.push_str("\\.\n");
}

/// A field in COPY's text format.
pub fn push_copy_field(out: &mut String, field: Option<&str>) {
    let Some(text) = field else { return out.push_str("\\N") };
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            other => out.push(other),
        }
    }
}

/// SELECT on everything for the role that reads, when the server has such a role (`psql` runs it).
pub fn grant_select(reader: &str) -> String {
    let literal = reader.replace('\'', "''");
    format!(
        "select format('grant usage on schema public to %I; grant select on all tables in schema public to %I', rolname, rolname)\n  \
         from pg_roles where rolname = '{literal}' \\gexec\n"
    )
}

fn column_type(table: &Table, at: usize, name: &str) -> &'static str {
    let kind = table.entity.columns().iter().find(|c| c.name == name).map(|c| c.kind);
    let all = |fits: fn(&str) -> bool| table.rows.iter().filter_map(|r| r.get(at)?.as_deref()).all(fits);
    match kind {
        Some(ColumnKind::Number) if all(is_numeric) => "numeric",
        Some(ColumnKind::Bool) if all(|v| matches!(v, "true" | "false")) => "boolean",
        Some(ColumnKind::Time) if all(is_date) => "date",
        Some(ColumnKind::Time) if all(is_instant) => "timestamptz",
        _ => "text",
    }
}

/// What `numeric` takes and prints back with the same digits; NaN and the infinities are numbers there.
fn is_numeric(value: &str) -> bool {
    if matches!(value, "NaN" | "Infinity" | "-Infinity") {
        return true;
    }
    let digits = value.strip_prefix('-').unwrap_or(value);
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    plain(whole) && plain(decimals) && (whole == "0" || !whole.starts_with('0'))
}

fn is_date(value: &str) -> bool {
    value.len() == 10 && value.parse::<chrono::NaiveDate>().is_ok()
}

/// An instant with its offset and no more than the six decimals the server keeps.
fn is_instant(value: &str) -> bool {
    let decimals = value.split_once('.').map_or(0, |(_, rest)| rest.bytes().take_while(u8::is_ascii_digit).count());
    decimals <= 6 && chrono::DateTime::parse_from_rfc3339(value).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_prints_back_is_typed() {
        assert!(["0", "-20.00", "0.0075", "1234567890123456789012345678901234567890.12", "NaN"].into_iter().all(is_numeric));
        assert!(["", " 7", "007", "1e3", ".5", "5.", "+1", "1,0"].into_iter().all(|v| !is_numeric(v)));
        assert!(is_date("2026-05-01") && !is_date("2026-5-1") && !is_date("2026-05-01T00:00:00Z") && !is_date("infinity"));
        assert!(is_instant("2026-05-31T23:00:00-04:00") && !is_instant("2026-05-31T23:00:00") && !is_instant("2026-05-01T03:59:59.9999999Z"));
    }

    #[test]
    fn copy_text_is_escaped() {
        let mut out = String::new();
        push_copy_field(&mut out, Some("a\\N\tb\nc\r"));
        push_copy_field(&mut out, None);
        assert_eq!(out, "a\\\\N\\tb\\nc\\r\\N");
    }
}

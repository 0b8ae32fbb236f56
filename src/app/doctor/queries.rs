//! Judging mapped queries: does the server accept it, and does it deliver the contract's columns?

use super::{of_fault, push_new};
use crate::domain::contract::ColumnKind;
use crate::domain::decode::{Layout, LayoutError, ResultColumn};
use crate::domain::text::shown;
use crate::ports::database::{DoctorFinding, FaultKind, Query, Session, Severity};

/// Judges each query on its server. A lost connection ends it: the rest could only say the same.
pub(super) async fn judge(session: &mut dyn Session, queries: &[Query], findings: &mut Vec<DoctorFinding>) {
    for query in queries {
        match session.judge(query).await {
            Ok(columns) => delivered(query, &columns, findings),
            Err(fault) => {
                let gone = matches!(fault.kind, FaultKind::ConnectionLost | FaultKind::Cancelled);
                let mut finding = of_fault(&fault);
                if fault.query.is_none() {
                    finding.message = format!("{}: {}", query.name, finding.message);
                }
                if gone {
                    return push_new(findings, finding);
                }
                findings.push(finding);
            }
        }
    }
}

fn delivered(query: &Query, columns: &[ResultColumn], findings: &mut Vec<DoctorFinding>) {
    let mut add = |severity, code: &str, message: String, remedy: String| {
        findings.push(DoctorFinding { severity, side: Some(query.side), code: code.to_owned(), message, remedy });
    };
    let Some(entity) = query.entity else {
        return add(Severity::Info, "query_ok", format!("{}: accepted", query.name), String::new());
    };
    match Layout::new(entity, columns) {
        Ok(_) => add(Severity::Info, "query_ok", format!("{}: accepted, {} columns", query.name, columns.len()), String::new()),
        Err(LayoutError::Missing { columns: missing, .. }) => {
            let names = missing.join(", ");
            add(
                Severity::Error,
                "missing_column",
                format!("{}: delivers no {names}", query.name),
                format!("select it: … AS {}", missing_name(&missing)),
            );
        }
        Err(error @ LayoutError::Twice { .. }) => {
            add(Severity::Error, "column_twice", format!("{}: {error}", query.name), "select each name once".to_owned());
        }
    }
    for column in columns {
        let name = shown(&column.name, 60);
        match entity.columns().iter().find(|c| c.name == column.name) {
            None => {
                let nearest =
                    entity.columns().iter().filter(|c| !columns.iter().any(|d| d.name == c.name)).map(|c| c.name).collect::<Vec<_>>().join(", ");
                let remedy = if nearest.is_empty() { String::new() } else { format!("if it is meant as one of {nearest}, name it so") };
                add(Severity::Info, "extra_column", format!("{}: {name} is no column of {entity} and is ignored", query.name), remedy);
            }
            Some(spec) if column.approximate && spec.kind == ColumnKind::Number => {
                let kind = shown(&column.type_name, 40);
                let message = format!("{}: {name} is {kind}, a binary float: its digits are not exact", query.name);
                add(
                    Severity::Warning,
                    "approximate_number",
                    message,
                    format!("deliver it as numeric: CAST({name} AS numeric), rounded as your application rounds"),
                );
            }
            Some(spec) if clashes(spec.kind, &column.type_name) => {
                let kind = shown(&column.type_name, 40);
                let message = format!("{}: {name} is {kind}, and the contract wants {}", query.name, wanted(spec.kind));
                add(Severity::Error, "wrong_kind", message, format!("deliver {} AS {name}", wanted(spec.kind)));
            }
            Some(_) => {}
        }
    }
}

/// Server types no value of which is of the contract's kind. Text always may be; what a server does not name is not judged.
fn clashes(kind: ColumnKind, type_name: &str) -> bool {
    const NEVER_TEXT: [&str; 1] = ["bytea"];
    const STRUCTURED: [&str; 6] = ["bytea", "json", "jsonb", "uuid", "interval", "time"];
    const TIMES: [&str; 3] = ["date", "timestamp", "timestamptz"];
    const NUMBERS: [&str; 7] = ["numeric", "int2", "int4", "int8", "float4", "float8", "money"];
    let is = |types: &[&str]| types.contains(&type_name);
    match kind {
        ColumnKind::Text | ColumnKind::Key => is(&NEVER_TEXT),
        ColumnKind::Number => is(&STRUCTURED) || is(&TIMES) || is(&["bool", "money"]),
        ColumnKind::Time => is(&STRUCTURED) || is(&NUMBERS) || is(&["bool"]),
        ColumnKind::Bool => is(&STRUCTURED) || is(&TIMES) || is(&["numeric", "float4", "float8", "money"]),
    }
}

const fn wanted(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Text => "text",
        ColumnKind::Key => "an id",
        ColumnKind::Number => "an exact number",
        ColumnKind::Time => "a date or timestamp",
        ColumnKind::Bool => "true or false",
    }
}

fn missing_name(missing: &[&'static str]) -> &'static str {
    missing.first().copied().unwrap_or("…").split(' ').next().unwrap_or("…")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::contract::Entity;
    use crate::domain::decode::Wire;
    use crate::domain::side::Side;

    fn column(name: &str, approximate: bool) -> ResultColumn {
        ResultColumn { name: name.to_owned(), type_name: if approximate { "float8" } else { "numeric" }.to_owned(), approximate, wire: Wire::Text }
    }

    fn codes(columns: &[ResultColumn]) -> Vec<String> {
        let query = Query {
            side: Side::Target,
            entity: Some(Entity::Plans),
            name: "target.plans".to_owned(),
            sql: String::new(),
            parameters: std::collections::BTreeMap::new(),
        };
        let mut findings = Vec::new();
        delivered(&query, columns, &mut findings);
        findings.into_iter().map(|f| f.code).collect()
    }

    #[test]
    fn columns_are_held_against_the_contract() {
        let whole = [column("id", false), column("currency", false), column("flat_price", false)];
        assert_eq!(codes(&whole), ["query_ok"]);
        assert_eq!(codes(&whole[..2]), ["missing_column"]);
        assert_eq!(
            codes(&[column("id", false), column("currency", false), column("flat_price", true), column("colour", false)]),
            ["query_ok", "approximate_number", "extra_column"]
        );
        let dated = ResultColumn { type_name: "date".to_owned(), ..column("flat_price", false) };
        assert_eq!(codes(&[column("id", false), column("currency", false), dated]), ["query_ok", "wrong_kind"]);
        assert_eq!(codes(&[column("id", false), column("id", false), column("currency", false), column("flat_price", false)])[0], "column_twice");
    }
}

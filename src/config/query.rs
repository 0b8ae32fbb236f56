//! `[source.queries]`: per entity the operator's SQL, inline or in a file, and its typed parameters.

use super::document::{At, Findings, read_text};
use super::keys::{PERIOD_PARAMETERS, QUERY};
use super::nearest::nearest;
use super::placeholders::scan;
use super::secret::is_path;
use super::section::Value;
use super::section::home_of;
use super::shape::{integer, kind_of};
use crate::domain::contract::Entity;
use crate::domain::text::shown;
use crate::ports::database::Parameter;
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};

/// One query of a side, as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryText {
    /// The SQL, without blanks around it.
    pub sql: String,
    /// The file it came from, as written in the configuration.
    pub file: Option<PathBuf>,
    /// The query's own parameters.
    pub parameters: BTreeMap<String, Parameter>,
}

/// Reads all queries of a side.
pub(super) fn queries(value: &Value<'_>, title: &str, dir: &Path, findings: &mut Findings<'_>) -> BTreeMap<Entity, QueryText> {
    let Some(table) = value.get_ref().as_table() else {
        findings.at(
            &value.span(),
            format!("[{title}] is {} where a section belongs", kind_of(value)),
            format!("write [{title}] on a line of its own, its queries below"),
        );
        return BTreeMap::new();
    };
    let mut queries = BTreeMap::new();
    for (name, value) in table {
        let Some(entity) = Entity::named(name.get_ref()) else {
            findings.at(&name.span(), format!("unknown entity \"{}\" in [{title}]", shown(name.get_ref(), 40)), entity_advice(name.get_ref()));
            continue;
        };
        let reader = Reader { name: format!("{title}.{entity}"), gives: format!("the columns of {entity}"), dir, shared: &BTreeMap::new() };
        if let Some(query) = reader.query(value, findings) {
            queries.insert(entity, query);
        }
    }
    if table.is_empty() {
        findings.missing(&value.span(), format!("[{title}] maps nothing"), "write at least one query: invoices = \"select …\"");
    }
    queries
}

/// Reads queries under names of the operator's own, in the order of their names.
pub(super) fn named(value: &Value<'_>, title: &str, dir: &Path, findings: &mut Findings<'_>) -> Vec<(String, QueryText)> {
    let Some(table) = value.get_ref().as_table() else {
        let instead = format!("write [{title}] on a line of its own, its queries below");
        findings.at(&value.span(), format!("[{title}] is {} where a section belongs", kind_of(value)), instead);
        return Vec::new();
    };
    let mut queries = Vec::new();
    for (name, value) in table {
        let shown_name = shown(name.get_ref(), 60);
        if name.get_ref().trim().is_empty() {
            findings.at(&name.span(), format!("[{title}] has a query without a name"), "write \"no payment token\" = \"select count(*) from …\"");
            continue;
        }
        let reader = Reader { name: format!("{title}.{shown_name}"), gives: "one row: how many".to_owned(), dir, shared: &BTreeMap::new() };
        if let Some(query) = reader.query(value, findings) {
            queries.push((name.get_ref().to_string(), query));
        }
    }
    queries
}

/// Reads one query of a name and of what it gives, for messages. Of the shared parameters it gets those it uses.
pub(super) fn one(
    value: &Value<'_>,
    (name, gives): (&str, &str),
    dir: &Path,
    shared: &BTreeMap<String, Parameter>,
    findings: &mut Findings<'_>,
) -> Option<QueryText> {
    Reader { name: name.to_owned(), gives: gives.to_owned(), dir, shared }.query(value, findings)
}

/// What to write in place of an unknown entity.
fn entity_advice(name: &str) -> String {
    let all = Entity::ALL.map(Entity::word).join(", ");
    match (nearest(name, Entity::ALL.map(Entity::word)), home_of(name)) {
        // A key of the side that was written below the queries' header.
        (_, Some(home)) => format!("write it in {home}"),
        (Some(near), None) => format!("write {near}; known: {all}"),
        (None, None) => format!("known: {all}"),
    }
}

/// Parameters that several queries share, written in one table.
pub(super) fn shared(value: &Value<'_>, title: &str, dir: &Path, findings: &mut Findings<'_>) -> BTreeMap<String, Parameter> {
    Reader { name: title.to_owned(), gives: String::new(), dir, shared: &BTreeMap::new() }.parameters(value, findings)
}

struct Reader<'a> {
    /// As messages name it: `source.queries.invoices`.
    name: String,
    /// What its query gives, for messages.
    gives: String,
    dir: &'a Path,
    /// Parameters it may use beside its own.
    shared: &'a BTreeMap<String, Parameter>,
}

impl Reader<'_> {
    fn query(&self, value: &Value<'_>, findings: &mut Findings<'_>) -> Option<QueryText> {
        match value.get_ref() {
            DeValue::String(sql) => self.checked(sql, None, BTreeMap::new(), &findings.place(&value.span()), findings),
            DeValue::Table(table) => self.of_table(table, &value.span(), findings),
            _ => {
                let instead = format!("write {} = \"select …\" or {{ file = \"sql/{}.sql\" }}", self.entity(), self.entity());
                findings.at(&value.span(), format!("{} is {} where SQL belongs", self.name, kind_of(value)), instead);
                None
            }
        }
    }

    fn of_table(&self, table: &DeTable<'_>, span: &Range<usize>, findings: &mut Findings<'_>) -> Option<QueryText> {
        for (key, _) in table {
            if !QUERY.contains(&key.get_ref().as_ref()) {
                let instead = nearest(key.get_ref(), QUERY).map_or_else(|| format!("known here: {}", QUERY.join(", ")), |n| format!("write {n}"));
                findings.at(&key.span(), format!("unknown key \"{}\" in {}", shown(key.get_ref(), 40), self.name), instead);
            }
        }
        let parameters = table.get("parameters").map_or_else(BTreeMap::new, |p| self.parameters(p, findings));
        match (table.get("sql"), table.get("file")) {
            (Some(sql), None) => {
                let at = findings.place(&sql.span());
                let text = sql.get_ref().as_str().or_else(|| self.not_text("sql", sql, findings))?;
                self.checked(text, None, parameters, &at, findings)
            }
            (None, Some(file)) => {
                let written = file.get_ref().as_str().or_else(|| self.not_text("file", file, findings))?;
                self.of_file(written, &file.span(), parameters, findings)
            }
            _ => {
                findings.at(
                    span,
                    format!("{} does not name exactly one of sql and file", self.name),
                    format!("write {{ file = \"sql/{}.sql\" }}", self.entity()),
                );
                None
            }
        }
    }

    fn not_text(&self, key: &str, value: &Value<'_>, findings: &mut Findings<'_>) -> Option<&'static str> {
        findings.at(
            &value.span(),
            format!("{} {key} is {} where text belongs", self.name, kind_of(value)),
            format!("write it in quotes: {key} = \"…\""),
        );
        None
    }

    fn of_file(&self, written: &str, span: &Range<usize>, parameters: BTreeMap<String, Parameter>, findings: &mut Findings<'_>) -> Option<QueryText> {
        if !is_path(written) {
            findings.at(span, format!("{} file is empty or holds a NUL character", self.name), format!("write file = \"sql/{}.sql\"", self.entity()));
            return None;
        }
        let path = self.dir.join(written);
        match read_text(&path) {
            Ok(sql) => self.checked(&sql, Some(written.into()), parameters, &At { file: path, line: 1, column: 1 }, findings),
            // A bad byte is told where it stands; an absent file where it is named.
            Err(problem) if problem.line > 0 => {
                findings.push(problem);
                None
            }
            Err(problem) => {
                findings.at(
                    span,
                    format!("{}: file {} {}", self.name, shown(written, 100), problem.what),
                    "write a path relative to dualrun.toml, or make the file",
                );
                None
            }
        }
    }

    /// Judges the SQL as far as its text tells: something is there, and every parameter has a value.
    fn checked(
        &self,
        sql: &str,
        file: Option<PathBuf>,
        mut parameters: BTreeMap<String, Parameter>,
        at: &At,
        findings: &mut Findings<'_>,
    ) -> Option<QueryText> {
        let found = scan(sql);
        for (name, _) in &found.names {
            if let Some(value) = self.shared.get(name) {
                parameters.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
        let fault = if found.empty {
            Some((format!("{} is empty", self.name), format!("write a SELECT that gives {}", self.gives)))
        } else if sql.contains('\0') {
            Some((format!("{} holds a NUL character", self.name), "remove it".to_owned()))
        } else {
            None
        };
        if let Some((what, instead)) = fault {
            findings.push(at.problem(what, instead));
            return None;
        }
        let mut told: Vec<&str> = Vec::new();
        for (name, span) in &found.names {
            let known = PERIOD_PARAMETERS.contains(&name.as_str()) || parameters.contains_key(name);
            if !known && !told.contains(&name.as_str()) {
                told.push(name);
                let place = if file.is_some() { At::byte(&at.file, sql, span.start) } else { at.clone() };
                findings.push(
                    place.problem(format!("{} uses :{}, which has no value", self.name, shown(name, 40)), missing_parameter(name, &parameters)),
                );
            }
        }
        Some(QueryText { sql: sql.trim().to_owned(), file, parameters })
    }

    fn parameters(&self, value: &Value<'_>, findings: &mut Findings<'_>) -> BTreeMap<String, Parameter> {
        let Some(table) = value.get_ref().as_table() else {
            findings.at(
                &value.span(),
                format!("{} parameters is {} where a table belongs", self.name, kind_of(value)),
                "write parameters = { company = 1, since = 2026-01-01 }",
            );
            return BTreeMap::new();
        };
        let mut parameters = BTreeMap::new();
        for (name, value) in table {
            let shown_name = shown(name.get_ref(), 40);
            if PERIOD_PARAMETERS.contains(&name.get_ref().as_ref()) {
                findings.at(
                    &name.span(),
                    format!("{} parameter {shown_name} is set by dualrun", self.name),
                    "leave it out, or give yours another name",
                );
            } else if !is_name(name.get_ref()) {
                findings.at(&name.span(), format!("{} parameter \"{shown_name}\" is no name", self.name), "write letters, digits and underscores");
            }
            match parameter(value) {
                // Kept under any name, so that its use is not reported as well.
                Ok(parameter) => drop(parameters.insert(name.get_ref().to_string(), parameter)),
                Err(instead) => {
                    findings.at(&value.span(), format!("{} parameter {shown_name} is {}", self.name, kind_of(value)), instead);
                    parameters.insert(name.get_ref().to_string(), Parameter::Integer(0));
                }
            }
        }
        parameters
    }

    fn entity(&self) -> &str {
        self.name.rsplit('.').next().unwrap_or_default()
    }
}

fn missing_parameter(name: &str, parameters: &BTreeMap<String, Parameter>) -> String {
    let known = PERIOD_PARAMETERS.into_iter().chain(parameters.keys().map(String::as_str));
    let near = nearest(name, known).map_or_else(String::new, |near| format!("write :{near}, or "));
    format!("{near}add parameters = {{ {} = … }}; always there: :{}", shown(name, 40), PERIOD_PARAMETERS.join(", :"))
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// A parameter of the type its TOML value has, or what to write instead.
fn parameter(value: &Value<'_>) -> Result<Parameter, String> {
    match value.get_ref() {
        DeValue::String(text) if text.contains('\0') => Err("remove the NUL character".to_owned()),
        DeValue::String(text) => Ok(Parameter::Text(text.to_string())),
        DeValue::Integer(_) => integer(value).map(Parameter::Integer).ok_or_else(|| "write a whole number of 64 bits, or text".to_owned()),
        DeValue::Float(float) => Err(format!("write it as text and cast it in the SQL: \"{}\"", shown(float.as_str(), 40))),
        DeValue::Datetime(moment) => {
            let text = moment.to_string();
            let instant = || DateTime::parse_from_rfc3339(&text).map(|at| Parameter::Instant(at.with_timezone(&Utc)));
            let day = || text.parse::<NaiveDate>().map(Parameter::Date);
            day().or_else(|_| instant()).map_err(|_| "write a day, 2026-01-01, or a moment with its offset, 2026-01-01T00:00:00Z".to_owned())
        }
        _ => Err("write a date, a whole number or text".to_owned()),
    }
}

//! `[inertness]`: the queries of the target that count what could bill, send or charge. A preset's and the operator's own; an own
//! check takes the place of the preset's of the same name.

use super::document::Findings;
use super::keys::INERTNESS;
use super::preset;
use super::query;
use super::section::{Section, Value};
use crate::domain::side::Side;
use crate::domain::text::shown;
use crate::ports::database::{Parameter, Query};
use std::collections::BTreeMap;
use std::path::Path;

/// One check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Its name, for people.
    pub name: String,
    /// One row: how many, and where there is a second column, an example. Or a row for each, with its `subscription_id`.
    pub sql: String,
    /// Its parameters.
    pub parameters: BTreeMap<String, Parameter>,
}

impl Check {
    /// As the target is asked.
    pub fn query(&self) -> Query {
        let name = format!("inertness \"{}\"", shown(&self.name, 60));
        Query { side: Side::Target, entity: None, name, sql: self.sql.clone(), parameters: self.parameters.clone() }
    }
}

/// Reads the section; none where it is not written.
pub(super) fn inertness(value: Option<&Value<'_>>, service: &str, dir: &Path, findings: &mut Findings<'_>) -> Vec<Check> {
    let Some(section) = value.and_then(|v| Section::checked(v, "[inertness]".to_owned(), INERTNESS, findings)) else { return Vec::new() };
    let mut checks = section.text("preset").map_or_else(Vec::new, |p| preset::checks(p, service));
    let own = section.value("checks").map(|value| query::named(value, "inertness.checks", dir, findings)).unwrap_or_default();
    for (name, text) in own {
        let check = Check { sql: text.sql, parameters: text.parameters, name };
        match checks.iter_mut().find(|c| c.name == check.name) {
            Some(presets) => *presets = check,
            None => checks.push(check),
        }
    }
    if checks.is_empty() {
        let instead = "write preset = \"odoo19\", or [inertness.checks] with \"mail queue empty\" = \"select count(*) from …\"";
        findings.missing(&section.span, "[inertness] checks nothing", instead);
    }
    checks
}

/// BLAKE3 in hex over names, SQL and parameters, in their order, and over which of them end with the first flip: what was looked at
/// with other checks proves nothing now.
pub(super) fn digest(checks: &[Check], ends_with_flip: &[String]) -> String {
    let mut hasher = blake3::Hasher::new_derive_key("dualrun inertness checks v1");
    let mut part = |part: &String| {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    };
    for check in checks {
        let parameters = serde_json::to_string(&check.parameters).unwrap_or_default();
        [&check.name, &check.sql, &parameters].into_iter().for_each(&mut part);
    }
    ends_with_flip.iter().for_each(part);
    hasher.finalize().to_hex().to_string()
}

//! `[[operators]]`: the people who may act and sign. Two entries that are one person would make two sign-offs of one.

use super::document::Findings;
use super::keys::OPERATOR;
use super::section::{Section, Value};
use super::shape::kind_of;
use crate::domain::person::{Operator, folded};
use crate::domain::text::shown;
use std::collections::BTreeMap;

/// Reads all operators.
pub(super) fn operators(value: Option<&Value<'_>>, findings: &mut Findings<'_>) -> Vec<Operator> {
    let Some(value) = value else { return Vec::new() };
    let Some(list) = value.get_ref().as_array() else {
        findings.at(
            &value.span(),
            format!("operators is {} where a list of sections belongs", kind_of(value)),
            "write [[operators]] on a line of its own, one for each person",
        );
        return Vec::new();
    };
    let mut seen: BTreeMap<(&str, String), usize> = BTreeMap::new();
    let mut operators = Vec::new();
    for (number, item) in (1..).zip(list.iter()) {
        let Some(section) = Section::checked(item, format!("[[operators]] {number}"), OPERATOR, findings) else { continue };
        for key in ["id", "ssh_principal"] {
            let Some(text) = section.text(key) else { continue };
            if let Some(first) = seen.insert((key, folded(text)), number) {
                let what = format!("{} {key} \"{}\" is the same person as [[operators]] {first}", section.title, shown(text, 40));
                findings.at(&section.span_of(key), what, "give each person one entry; case, width and blanks do not tell people apart");
            }
        }
        if let Some(operator) = operator(&section) {
            operators.push(operator);
        }
    }
    operators
}

fn operator(section: &Section<'_, '_>) -> Option<Operator> {
    let id = section.text("id")?.trim().to_owned();
    let name = section.text("name").map_or_else(|| id.clone(), |n| n.trim().to_owned());
    let roles = section.words("roles").into_iter().map(|(role, _)| role.to_owned()).collect();
    Some(Operator { id, name, roles, ssh_principal: section.text("ssh_principal").map(|p| p.trim().to_owned()) })
}

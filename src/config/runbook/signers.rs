//! Who signs a stage: two people at least, and such as there are.

use super::keys;
use crate::config::document::Findings;
use crate::config::section::Section;
use crate::domain::person::{ANYBODY, Operator};
use crate::domain::text::shown;

/// The roles, as written.
pub(super) fn signers(section: &Section<'_, '_>, title: &str, operators: &[Operator], findings: &mut Findings<'_>) -> Option<Vec<String>> {
    if !section.names("signers") {
        return Some(vec![ANYBODY.to_owned(), ANYBODY.to_owned()]);
    }
    section.value("signers")?;
    let roles: Vec<String> = section.words("signers").into_iter().map(|(role, _)| role.trim().to_owned()).collect();
    let span = section.span_of("signers");
    if roles.len() < 2 {
        let what = format!("{title} is signed by {}, where two different people must", if roles.is_empty() { "nobody" } else { "one person" });
        findings.at(&span, what, super::example(keys::STAGE, "signers"));
        return None;
    }
    if operators.is_empty() || can_sign(&roles, operators) {
        return Some(roles);
    }
    let wanted = roles.iter().map(|role| shown(role, 40)).collect::<Vec<_>>().join(", ");
    let what = format!("{title} can never be signed: no {} different people of [[operators]] have the roles {wanted}", roles.len());
    findings.at(&span, what, "give operators in dualrun.toml these roles, or name other roles here");
    None
}

/// Whether each role can have a person of its own.
fn can_sign(roles: &[String], operators: &[Operator]) -> bool {
    let mut taken: Vec<Option<usize>> = vec![None; operators.len()];
    (0..roles.len()).all(|role| find(role, roles, operators, &mut taken, &mut vec![false; operators.len()]))
}

/// Gives a role a person, moving others to somebody else where that helps.
fn find(role: usize, roles: &[String], operators: &[Operator], taken: &mut [Option<usize>], asked: &mut [bool]) -> bool {
    for person in 0..operators.len() {
        let (Some(operator), Some(wanted)) = (operators.get(person), roles.get(role)) else { continue };
        if asked.get(person).copied().unwrap_or(true) || !operator.may_sign_as(wanted) {
            continue;
        }
        asked.iter_mut().skip(person).take(1).for_each(|a| *a = true);
        let free = match taken.get(person).copied().flatten() {
            None => true,
            Some(other) => find(other, roles, operators, taken, asked),
        };
        if free {
            taken.iter_mut().skip(person).take(1).for_each(|t| *t = Some(role));
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_needs_a_person_of_its_own() {
        let person = |id: &str, roles: &[&str]| Operator {
            id: id.to_owned(),
            name: id.to_owned(),
            roles: roles.iter().map(|r| (*r).to_owned()).collect(),
            ssh_principal: None,
        };
        let people = [person("ana", &["finance", "engineering"]), person("ben", &["finance"])];
        let can = |roles: &[&str]| can_sign(&roles.iter().map(|r| (*r).to_owned()).collect::<Vec<_>>(), &people);
        // Ana must leave finance to Ben.
        assert!(can(&["finance", "engineering"]) && can(&["any", "Finance "]) && can(&["any", "any"]));
        assert!(!can(&["engineering", "engineering"]) && !can(&["any", "any", "any"]) && !can(&["legal", "any"]));
    }
}

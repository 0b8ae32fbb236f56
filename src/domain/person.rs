//! People: those who may act and sign, and whether two names are one person's.

use super::text::is_hidden;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

/// One of the people who may act and sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operator {
    /// Who: unique after [`folded`].
    pub id: String,
    /// The name shown.
    pub name: String,
    /// What the person may sign as.
    pub roles: Vec<String>,
    /// The principal of the person's SSH key.
    pub ssh_principal: Option<String>,
}

/// The role that is anybody's.
pub const ANYBODY: &str = "any";

impl Operator {
    /// Whether the person may sign in a role; roles are told apart as names are.
    pub fn may_sign_as(&self, role: &str) -> bool {
        role == ANYBODY || self.roles.iter().any(|own| folded(own) == folded(role))
    }
}

/// The same name but for its spelling. A second person must have another.
pub fn same_person(a: &str, b: &str) -> bool {
    folded(a) == folded(b)
}

/// A name as it is compared: NFKC, case folded, without blanks around, doubled blanks or characters nobody sees. `Ana`, `ana ` and
/// `ＡＮＡ` are one person.
pub fn folded(name: &str) -> String {
    let seen: String = name.chars().filter(|c| !is_hidden(*c) || c.is_whitespace()).collect();
    // Upper then lower case folds what lower case alone leaves apart (ß and ss, final sigma).
    let folded: String = seen.nfkc().collect::<String>().to_uppercase().to_lowercase().nfkc().collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_spelling_is_not_another_person() {
        for other in ["ana", " Ana ", "ANA\t", "a\u{200b}na", "ＡＮＡ"] {
            assert!(same_person("Ana", other), "{other:?}");
        }
        assert!(same_person("Ana  Groß", "ana GROSS") && same_person("σίγμας", "ΣΊΓΜΑΣ"));
        assert!(!same_person("ana", "anna") && !same_person("ana b", "anab"));
    }
}

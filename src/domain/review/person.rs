//! Whether two names are one person's.

use crate::domain::text::is_hidden;

/// The same name but for case, blanks and characters nobody sees. A second person must have another.
pub fn same_person(a: &str, b: &str) -> bool {
    folded(a) == folded(b)
}

/// Upper case first: some letters only become one that way.
fn folded(name: &str) -> String {
    let seen: String = name.chars().filter(|c| !is_hidden(*c) || c.is_whitespace()).collect();
    seen.split_whitespace().collect::<Vec<_>>().join(" ").to_uppercase().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_spelling_is_not_another_person() {
        for other in ["ana", " Ana ", "ANA\t", "a\u{200b}na"] {
            assert!(same_person("Ana", other), "{other:?}");
        }
        assert!(same_person("Ana  Groß", "ana GROSS"));
        assert!(!same_person("ana", "anna") && !same_person("ana b", "anab"));
    }
}

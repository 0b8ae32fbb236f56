//! What the word being typed into a filter could become: the words of its language, and behind a colon what is known to stand there.

use super::filter::quote;

/// What is known behind each name, in the order it is offered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known(pub Vec<(&'static str, Vec<String>)>);

/// A word it could become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The word.
    pub word: String,
    /// Whether it is whole: then a blank follows it.
    pub whole: bool,
}

/// Offers at most.
const MOST: usize = 12;

/// The word that ends at a cursor: where it begins, in characters, and what it is so far. Blanks in quotes part nothing.
fn word_at(text: &str, cursor: usize) -> (usize, String) {
    let (mut from, mut quoted) = (0, false);
    let before: Vec<char> = text.chars().take(cursor).collect();
    for (at, c) in before.iter().enumerate() {
        match c {
            '"' => quoted = !quoted,
            c if c.is_whitespace() && !quoted => from = at + 1,
            _ => {}
        }
    }
    (from, before[from..].iter().collect())
}

/// What the word at a cursor could become; nothing where it is whole already, or is free text.
pub fn offers(text: &str, cursor: usize, known: &Known) -> Vec<Offer> {
    let (_, word) = word_at(text, cursor);
    let Some((name, value)) = word.split_once(':') else {
        let names = known.0.iter().map(|(name, _)| *name).filter(|name| name.starts_with(&word.to_ascii_lowercase()) && !word.is_empty());
        return names.map(|name| Offer { word: format!("{name}:"), whole: false }).collect();
    };
    let Some((name, values)) = known.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) else { return Vec::new() };
    // Several words for one thing are parted by commas: the last one is completed.
    let (done, part) = value.rsplit_once(',').map_or((String::new(), value), |(done, part)| (format!("{done},"), part));
    let part = part.trim_matches('"').to_lowercase();
    let (first, then): (Vec<&String>, Vec<&String>) =
        values.iter().filter(|v| v.to_lowercase().contains(&part)).partition(|v| v.to_lowercase().starts_with(&part));
    let fits = first.into_iter().chain(then).filter(|v| v.to_lowercase() != part);
    // A bound is only begun by its sign.
    fits.take(MOST).map(|v| Offer { word: format!("{name}:{done}{}", quote(v)), whole: !matches!(v.as_str(), ">" | "<") }).collect()
}

/// The text with the word at the cursor become that, and where the cursor stands then.
pub fn taken(text: &str, cursor: usize, offer: &Offer) -> (String, usize) {
    let (from, _) = word_at(text, cursor);
    let chars: Vec<char> = text.chars().collect();
    let blank = if offer.whole && chars.get(cursor).is_none_or(|c| !c.is_whitespace()) { " " } else { "" };
    let word = format!("{}{blank}", offer.word);
    let cursor = cursor.min(chars.len());
    let text: String = chars[..from].iter().copied().chain(word.chars()).chain(chars[cursor..].iter().copied()).collect();
    (text, from + word.chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        let words = |all: &[&str]| all.iter().map(|w| (*w).to_owned()).collect();
        Known(vec![
            ("verdict", words(&["match", "delta", "duplicate", "missing_in_source"])),
            ("money", words(&[">", "<"])),
            ("plan", words(&["Large", "Extra large"])),
        ])
    }

    fn offered(text: &str) -> Vec<String> {
        offers(text, text.chars().count(), &known()).into_iter().map(|o| o.word).collect()
    }

    #[test]
    fn names_then_what_stands_behind_them() {
        assert_eq!(offered("ve"), ["verdict:"]);
        assert_eq!(offered("x verdict:d"), ["verdict:delta", "verdict:duplicate"]);
        assert_eq!(offered("verdict:delta,mis"), ["verdict:delta,missing_in_source"]);
        assert_eq!(offered("plan:lar"), ["plan:Large", "plan:\"Extra large\""]);
        assert!(offered("verdict:delta").is_empty() && offered("acme").is_empty() && offered("").is_empty() && offered("\"ve").is_empty());
    }

    #[test]
    fn what_is_taken_stands_in_place_of_the_word() {
        let take = |text: &str, cursor| taken(text, cursor, offers(text, cursor, &known()).first().unwrap());
        assert_eq!(take("ve", 2), ("verdict:".to_owned(), 8));
        assert_eq!(take("verdict:de money:>1", 10), ("verdict:delta money:>1".to_owned(), 13));
        assert_eq!(take("plan:ex", 7), ("plan:\"Extra large\" ".to_owned(), 19));
        assert_eq!(take("money:", 6), ("money:>".to_owned(), 7));
    }
}

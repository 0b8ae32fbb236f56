//! Ids that are not unique, and ids that only look alike.

use super::codes;
use super::notices::Notices;
use crate::domain::contract::Entity;
use crate::domain::finding::About;
use crate::domain::key::{Key, KeyKind, KeyNormaliser, KeyRef};
use crate::domain::side::Side;
use crate::domain::text::is_hidden;
use crate::ledger::books::Books;
use crate::ledger::interned::KeyId;
use std::borrow::Cow;
use std::collections::HashMap;
use unicode_normalization::UnicodeNormalization;

pub(super) fn check(books: &Books, side: Side, notices: &mut Notices) {
    for (entity, id) in &books.catalogue(side).repeated {
        match entity {
            Entity::Subscriptions => notices.note(&codes::DUPLICATE_SUBSCRIPTION, side, id.as_str(), None),
            Entity::Plans => notices.note(&codes::DUPLICATE_PLAN, side, id.as_str(), None),
            Entity::Charges => notices.note(&codes::DUPLICATE_CHARGE, side, id.as_str(), None),
            _ => notices.note(&codes::DUPLICATE_CUSTOMER, side, id.as_str(), None),
        }
    }
    let subscriptions = &books.catalogue(side).subscriptions;
    let looks = Looks::of(books, subscriptions.ids(), |id| subscriptions.has(id));
    for (look, odd) in &looks.odd {
        let plain = looks.plain(look);
        if odd.len() + usize::from(plain.is_some()) > 1 {
            for id in odd.iter().copied().chain(plain) {
                notices.note(&codes::LOOKALIKE, side, books.keys.get(id).to_key().as_str(), None);
            }
        }
    }
}

/// Source keys that have no partner but a near twin in the target.
pub(super) fn across(books: &Books, notices: &mut Notices) {
    let (source, target) = (&books.source.subscriptions, &books.target.subscriptions);
    let twins = Looks::of(books, target.ids().filter(|id| !source.has(*id)), |id| target.has(id) && !source.has(id));
    for id in source.ids().filter(|id| !target.has(*id)) {
        let key = books.keys.get(id).to_key();
        let look = look(key.as_str());
        if twins.odd.contains_key(look.as_ref()) || twins.plain(&look).is_some() {
            notices.note(&codes::LOOKALIKE_ACROSS, About::Both, key.as_str(), None);
        }
    }
}

/// Keys by how they look. Most look as they are written and need no entry: they are found among the keys.
struct Looks<'a, F> {
    books: &'a Books,
    odd: HashMap<String, Vec<KeyId>>,
    is_one: F,
}

impl<'a, F: Fn(KeyId) -> bool> Looks<'a, F> {
    fn of(books: &'a Books, ids: impl Iterator<Item = KeyId>, is_one: F) -> Self {
        let mut odd: HashMap<String, Vec<KeyId>> = HashMap::new();
        for id in ids {
            // A UUID in its plain form looks like itself.
            let KeyRef::Text(text) = books.keys.get(id) else { continue };
            let look = look(text);
            if look != text {
                odd.entry(look.into_owned()).or_default().push(id);
            }
        }
        Self { books, odd, is_one }
    }

    /// The key that is written as it looks.
    fn plain(&self, look: &str) -> Option<KeyId> {
        self.books.keys.find(KeyRef::stored(look)).filter(|id| (self.is_one)(*id))
    }
}

/// How an id looks to a person: without case, blanks, invisible characters and Unicode form; all forms of a UUID look the same.
fn look(id: &str) -> Cow<'_, str> {
    if let Ok(uuid) = Key::normalised(id, KeyKind::Uuid, KeyNormaliser::None) {
        return Cow::Owned(uuid.as_str().to_owned());
    }
    if id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_') {
        return Cow::Borrowed(id);
    }
    let visible = |c: &char| !c.is_whitespace() && !is_hidden(*c);
    Cow::Owned(id.nfkc().filter(visible).flat_map(char::to_lowercase).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_takes_for_one_id_looks_the_same() {
        for (one, other) in [
            ("{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}", "a0eebc999c0b4ef8bb6d6bb9bd380a11"),
            ("SUB-32", "sub-32"),
            ("sub-33 ", "sub-33"),
            ("sub\u{200b}-11", "sub-11"),
            ("caf\u{e9}", "cafe\u{301}"),
            ("sub\u{200d}-11\u{fe0f}", "sub-11"),
        ] {
            assert_eq!(look(one), look(other), "{one:?} {other:?}");
        }
        for (one, other) in [("010", "10"), ("10", "1e1"), ("_x", "-x")] {
            assert_ne!(look(one), look(other), "{one:?} {other:?}");
        }
    }
}

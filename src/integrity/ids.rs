//! Ids that are not unique, and ids that only look alike.

use super::codes;
use super::notices::Notices;
use crate::domain::contract::Entity;
use crate::domain::finding::About;
use crate::domain::key::{Key, KeyKind, KeyNormaliser};
use crate::domain::rounding::to_minor;
use crate::domain::side::Side;
use crate::domain::text::is_hidden;
use crate::ledger::documents::Bucket;
use crate::ledger::scope::Slot;
use crate::reconcile::month::Books;
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};
use unicode_normalization::UnicodeNormalization;

pub(super) fn check(books: &Books, side: Side, slot: Slot, notices: &mut Notices) {
    let profile = books.profile.side(side);
    let mut told = HashSet::new();
    let counted = |b: Bucket| matches!(b, Bucket::Linked | Bucket::Unlinked);
    for header in books.documents(side).in_slot(slot).filter(|h| h.repeated && counted(h.bucket)) {
        if told.insert(header.invoice.id.as_str()) {
            let money = to_minor(header.invoice.subtotal, header.invoice.currency, profile.round_mode).ok();
            notices.note(&codes::DUPLICATE_ID, side, header.invoice.id.as_str(), money);
        }
    }
    for (entity, id) in &books.catalogue(side).repeated {
        match entity {
            Entity::Subscriptions => notices.note(&codes::DUPLICATE_SUBSCRIPTION, side, id.as_str(), None),
            Entity::Plans => notices.note(&codes::DUPLICATE_PLAN, side, id.as_str(), None),
            Entity::Charges => notices.note(&codes::DUPLICATE_CHARGE, side, id.as_str(), None),
            _ => notices.note(&codes::DUPLICATE_CUSTOMER, side, id.as_str(), None),
        }
    }
    let keys = books.catalogue(side).subscriptions.keys();
    let mut looks: HashMap<Cow<'_, str>, Vec<&Key>> = HashMap::with_capacity(keys.len());
    for key in keys {
        looks.entry(look(key.as_str())).or_default().push(key);
    }
    for key in looks.into_values().filter(|alike| alike.len() > 1).flatten() {
        notices.note(&codes::LOOKALIKE, side, key.as_str(), None);
    }
}

/// Source keys that have no partner but a near twin in the target.
pub(super) fn across(books: &Books, notices: &mut Notices) {
    let (source, target) = (&books.source.subscriptions, &books.target.subscriptions);
    let lonely: BTreeSet<&Key> = source.keys().filter(|k| !target.contains_key(*k)).collect();
    if lonely.is_empty() {
        return;
    }
    let twins: HashSet<Cow<'_, str>> = target.keys().filter(|k| !source.contains_key(*k)).map(|k| look(k.as_str())).collect();
    for key in lonely.into_iter().filter(|k| twins.contains(&look(k.as_str()))) {
        notices.note(&codes::LOOKALIKE_ACROSS, About::Both, key.as_str(), None);
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

//! The status words of a side, each with one meaning.

use super::document::Findings;
use super::section::Section;
use crate::domain::profile::{DocumentState, SubscriptionState, Vocabulary};
use crate::domain::text::shown;
use std::collections::BTreeMap;
use std::ops::Range;

/// Words that mean "known, and not billing" where `inactive` is not written.
pub const USUAL_INACTIVE: [&str; 7] = ["paused", "on_hold", "suspended", "pending", "draft", "inactive", "trialing_paused"];

/// Words collected so far: meaning and the key that gave it.
struct Words<M> {
    meanings: BTreeMap<String, M>,
    keys: BTreeMap<String, &'static str>,
}

impl<M: Copy + PartialEq> Words<M> {
    const fn new() -> Self {
        Self { meanings: BTreeMap::new(), keys: BTreeMap::new() }
    }

    fn add(&mut self, (word, span): (&str, Range<usize>), meaning: M, key: &'static str, title: &str, findings: &mut Findings<'_>) {
        if let Some(other) = self.meanings.get(word).filter(|m| **m != meaning).and_then(|_| self.keys.get(word)) {
            let what = format!("{title} status word \"{}\" is listed as {other} and as {key}", shown(word, 40));
            findings.at(&span, what, "list it once: a word has one meaning");
            return;
        }
        self.meanings.insert(word.to_owned(), meaning);
        self.keys.insert(word.to_owned(), key);
    }
}

/// Reads a side's vocabulary.
pub(super) fn vocabulary(section: &Section<'_, '_>, findings: &mut Findings<'_>) -> Vocabulary {
    Vocabulary { subscriptions: subscriptions(section, findings), documents: documents(section, findings) }
}

fn subscriptions(section: &Section<'_, '_>, findings: &mut Findings<'_>) -> BTreeMap<String, SubscriptionState> {
    let mut words = Words::new();
    let keys = [("active", SubscriptionState::Active), ("ended", SubscriptionState::Ended), ("inactive", SubscriptionState::Inactive)];
    for (key, meaning) in keys {
        for word in section.words(key) {
            words.add(word, meaning, key, &section.title, findings);
        }
    }
    if !section.names("inactive") {
        for word in USUAL_INACTIVE {
            words.meanings.entry(word.to_owned()).or_insert(SubscriptionState::Inactive);
        }
    }
    words.meanings
}

fn documents(section: &Section<'_, '_>, findings: &mut Findings<'_>) -> BTreeMap<String, DocumentState> {
    let mut words = Words::new();
    for word in section.words("billable") {
        words.add(word, DocumentState::Billable, "billable", &section.title, findings);
    }
    for (word, meaning) in section.value("left_out").and_then(|v| v.get_ref().as_table()).into_iter().flatten() {
        let state = if meaning.get_ref().as_str() == Some("void") { DocumentState::Void } else { DocumentState::Draft };
        words.add((word.get_ref(), word.span()), state, "left_out", &section.title, findings);
    }
    words.meanings
}

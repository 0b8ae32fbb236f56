//! The journal's entries and the chain they form: each entry bound to the one before it by blake3 over an unambiguous encoding.
//!
//! Order is by `seq`, never by the clock: a clock that went back is journalled as it was. Following the chain finds every edit,
//! insertion, deletion and reordering. It cannot find that the newest entries were cut off, nor that somebody rebuilt the
//! whole chain: for that an older head must be kept elsewhere, which is why reports print it.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Separates these hashes from all others, and names the encoding.
const DOMAIN: &str = "dualrun journal entry v1";
/// `previous` of the first entry.
pub const NO_HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// The first entry of every journal.
pub const FIRST_KIND: &str = "workspace_created";

/// One entry of the journal. Each holds the hash of the one before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalEntry {
    /// From 1, without gaps.
    pub seq: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub actor: String,
    /// What kind: `workspace_created`, `run_started`, `run_complete`, `config_adopted` …
    pub kind: String,
    /// Facts, as canonical JSON.
    pub facts: String,
    /// Hash of the entry before, hex; 64 noughts for the first.
    pub previous: String,
    /// blake3 over the domain word, all fields above, hex.
    pub hash: String,
}

/// Head of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalHead {
    /// Entries.
    pub length: i64,
    /// Hash of the last.
    pub hash: String,
}

impl JournalHead {
    /// That of a journal before its first entry.
    pub fn before_all() -> Self {
        Self { length: 0, hash: NO_HASH.to_owned() }
    }
}

impl JournalEntry {
    /// Hash over the domain word and every field, each with its length before it.
    pub fn hash_of(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        let (seq, at) = (self.seq.to_string(), instant(self.at));
        for field in [DOMAIN, &seq, &at, &self.actor, &self.kind, &self.facts, &self.previous] {
            hasher.update(&(field.len() as u64).to_le_bytes());
            hasher.update(field.as_bytes());
        }
        hasher.finalize().to_hex().to_string()
    }

    /// Whether it is whole and comes right after a head; else what is wrong with it.
    pub fn follows(&self, before: &JournalHead) -> Result<(), &'static str> {
        if self.seq != before.length + 1 {
            return Err("an entry before it is missing");
        }
        if self.previous != before.hash {
            return Err("it does not follow the entry before it");
        }
        if self.hash != self.hash_of() {
            return Err("it was changed after it was written");
        }
        if self.seq == 1 && self.kind != FIRST_KIND {
            return Err("a journal begins with workspace_created");
        }
        Ok(())
    }
}

/// An instant as it is stored: UTC, nine decimals.
pub fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Nanos, true)
}

/// Reads what [`instant`] wrote.
pub fn parse_instant(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|t| t.with_timezone(&Utc))
}

/// JSON with its keys in byte order and no white space, whatever order the caller wrote them in.
pub fn canonical(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort_unstable();
            let parts: Vec<String> = keys.iter().map(|k| format!("{}:{}", Value::from(k.as_str()), canonical(&map[*k]))).collect();
            format!("{{{}}}", parts.join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        plain => plain.to_string(),
    }
}

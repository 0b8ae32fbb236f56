//! Seals: 64 bits of blake3 stored beside what they cover, so that a bent file gives an error or the right number, never
//! another number. Against chance, not against people: who may write the file can seal again. Against them stands the
//! journal, whose entries hold the digest of each run.

use super::fault;
use crate::ports::workspace::StoreError;

const DOMAIN: &str = "dualrun seal v1";

/// Gathers values in a fixed order; absent and empty differ.
#[derive(Debug)]
pub(super) struct Seal(blake3::Hasher);

impl Seal {
    /// Of a kind of record: `row`, `run`.
    pub fn of(kind: &str) -> Self {
        Self(blake3::Hasher::new()).text(Some(DOMAIN)).text(Some(kind))
    }

    /// A number.
    pub fn number(mut self, n: Option<i64>) -> Self {
        self.0.update(&[u8::from(n.is_some())]);
        self.0.update(&n.unwrap_or(0).to_le_bytes());
        self
    }

    /// A text.
    pub fn text(self, text: Option<&str>) -> Self {
        self.bytes(text.map(str::as_bytes))
    }

    /// Bytes.
    pub fn bytes(mut self, bytes: Option<&[u8]>) -> Self {
        self = self.number(bytes.map(|b| i64::try_from(b.len()).unwrap_or(i64::MAX)));
        self.0.update(bytes.unwrap_or_default());
        self
    }

    /// The seal.
    pub fn value(self) -> i64 {
        let hash = self.0.finalize();
        let first = hash.as_bytes().first_chunk::<8>().copied().unwrap_or_default();
        i64::from_le_bytes(first)
    }
}

/// The seal of a text that belongs to a run.
pub(super) fn of_text(kind: &str, run: i64, place: i64, text: &str) -> i64 {
    Seal::of(kind).number(Some(run)).number(Some(place)).text(Some(text)).value()
}

/// Compares what is stored with what was sealed.
pub(super) fn check(what: impl FnOnce() -> String, stored: i64, now: i64) -> Result<(), StoreError> {
    if stored == now { Ok(()) } else { Err(fault::damaged(format!("{} is not what was written", what()))) }
}

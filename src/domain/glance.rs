//! What a row that differs tells of its neighbours, and nothing else of it: all of a large book are held at once.

use super::money::Money;
use super::period::Period;
use super::row::ReconRow;
use super::text::Untrusted;

/// 128 bits of a text's blake3 digest: two texts with one do not happen, and it is shorter than most of them.
pub type TextDigest = [u8; 16];

/// The digest of a text, as it is stored and not as it is shown.
pub fn text_digest(text: &Untrusted) -> TextDigest {
    let mut first = TextDigest::default();
    first.copy_from_slice(&blake3::hash(text.raw().as_bytes()).as_bytes()[..16]);
    first
}

/// A row that differs, at a glance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glance {
    /// Of its key.
    pub key: TextDigest,
    /// Of its customer as it is listed, where it has one.
    pub customer: Option<TextDigest>,
    /// Whether it is of a subscription or an order.
    pub is_linked: bool,
    /// Its period.
    pub period: Period,
    /// What the source billed.
    pub actual: Option<Money>,
    /// What the target would bill.
    pub expected: Option<Money>,
}

impl Glance {
    /// At a row.
    pub fn at(row: &ReconRow) -> Self {
        Self {
            key: text_digest(&row.key),
            customer: (!row.customer.raw().is_empty()).then(|| text_digest(&row.customer)),
            is_linked: !row.subject.is_unlinked(),
            period: row.period,
            actual: row.actual,
            expected: row.expected,
        }
    }
}

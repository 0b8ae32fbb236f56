//! Digests of inputs and results. Records are hashed one by one over length-prefixed canonical fields and added up modulo 2^256,
//! so that neither the order of rows nor the kind of database changes them. No clock, run number or server name goes in.

use super::month::Books;
use crate::domain::exact::Exact;
use crate::domain::key::Key;
use crate::domain::money::Money;
use crate::domain::row::ReconRow;
use crate::domain::run::{Digests, RunRequest};
use crate::domain::side::Side;
use crate::ledger::scope::Slot;

/// A multiset of records as one number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SetDigest {
    words: [u64; 4],
    count: u64,
}

impl SetDigest {
    /// Adds a record.
    pub fn add(&mut self, record: &Record) {
        let hash = record.0.finalize();
        let mut carry = false;
        for (word, bytes) in self.words.iter_mut().zip(hash.as_bytes().chunks_exact(8)) {
            let mut eight = [0u8; 8];
            eight.copy_from_slice(bytes);
            let (sum, over) = word.overflowing_add(u64::from_le_bytes(eight));
            let (sum, over_again) = sum.overflowing_add(u64::from(carry));
            *word = sum;
            carry = over || over_again;
        }
        self.count += 1;
    }

    /// Hex over the sum and the count.
    pub fn hex(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"dualrun set 1");
        for word in self.words {
            hasher.update(&word.to_le_bytes());
        }
        hasher.update(&self.count.to_le_bytes());
        hasher.finalize().to_hex().to_string()
    }
}

/// One record on its way into a digest.
#[derive(Debug)]
pub struct Record(blake3::Hasher);

impl Record {
    /// A record of a kind.
    pub fn of(kind: &str) -> Self {
        Self(blake3::Hasher::new()).text(kind)
    }

    /// A field of text.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        self.0.update(&(text.len() as u64).to_le_bytes());
        self.0.update(text.as_bytes());
        self
    }

    /// A field that may be absent.
    #[must_use]
    pub fn maybe<T: std::fmt::Display>(self, value: Option<T>) -> Self {
        match value {
            None => self.text("\u{0}"),
            Some(v) => self.text(&v.to_string()),
        }
    }

    /// An exact number, by value.
    #[must_use]
    pub fn number(self, value: Exact) -> Self {
        self.text(&value.to_string())
    }

    #[must_use]
    fn money(self, value: Option<Money>) -> Self {
        self.maybe(value.map(|m| format!("{m} {}", m.currency)))
    }
}

/// The digest of one side's inputs to a month.
pub fn side_inputs(books: &Books, side: Side, slot: Slot) -> SetDigest {
    let mut set = SetDigest::default();
    let catalogue = books.catalogue(side);
    for customer in catalogue.customers.values() {
        set.add(&Record::of("customer").text(&customer.id).text(customer.name.raw()).maybe(customer.region.as_deref()));
    }
    for (id, terms) in &catalogue.plans {
        let p = &terms.plan;
        set.add(&Record::of("plan").text(id).text(p.currency.code()).maybe(Some(p.interval.months)).number(p.flat_price).maybe(Some(p.active)));
        for c in &terms.charges {
            let record = Record::of("charge").text(id).text(&c.metric).text(&c.model_word).number(c.included).number(c.package_size);
            set.add(&record.maybe(c.unit_price).maybe(c.minimum).maybe(c.maximum));
        }
    }
    for subscription in catalogue.subscriptions.values().flatten().filter(|s| books.scope.wants(&s.key)) {
        let s = subscription;
        let record = Record::of("subscription").text(s.key.as_str()).text(&s.customer_id).text(&s.plan_id).text(s.status.word());
        let record = record.maybe(Some(s.started_on)).maybe(s.ended_on).maybe(s.trial_end).number(s.quantity).maybe(s.price_override);
        set.add(&record.number(s.discount_percent).maybe(Some(s.grid.anchor())).maybe(s.currency));
    }
    for t in &catalogue.taxes {
        let record = Record::of("tax").number(t.rate).maybe(t.region.as_deref()).maybe(t.customer_id.as_deref()).maybe(t.valid_from);
        set.add(&record.maybe(t.valid_until).maybe(Some(t.exempt)));
    }
    for (order, keys) in &catalogue.orders {
        set.add(&Record::of("order").text(order.as_str()).text(&keys.iter().map(Key::as_str).collect::<Vec<_>>().join("\u{1f}")));
    }
    documents(books, side, slot, &mut set);
    if books.profile.usage_from == side {
        usage(books, slot, &mut set);
    }
    set
}

fn documents(books: &Books, side: Side, slot: Slot, set: &mut SetDigest) {
    for header in books.documents(side).in_slot(slot) {
        let i = &header.invoice;
        let record = Record::of("document").text(&i.id).maybe(i.subscription.as_ref().map(Key::as_str)).text(header.bucket.word());
        let record = record.maybe(Some(i.day)).text(i.currency.code()).number(i.subtotal).maybe(i.tax);
        set.add(&header.lines.iter().fold(record, |r, l| r.maybe(l.subscription.as_ref().map(Key::as_str)).number(l.amount)));
    }
}

fn usage(books: &Books, slot: Slot, set: &mut SetDigest) {
    for key in books.usage.keys() {
        match books.usage.of(key, slot) {
            None => set.add(&Record::of("unreadable usage").text(key.as_str())),
            Some(sums) => sums.iter().for_each(|(metric, q)| set.add(&Record::of("usage").text(key.as_str()).text(metric).number(*q))),
        }
    }
}

/// The record of a row.
pub fn row(row: &ReconRow) -> Record {
    let record = Record::of("row").text(row.subject.word()).text(row.key.raw()).text(&row.period.to_string()).text(row.verdict.word());
    let record = record.maybe(row.basis.map(crate::domain::verdict::Basis::word)).money(row.actual).money(row.expected).money(row.delta);
    let record = record.maybe(row.exact_delta).money(row.actual_tax).money(row.expected_tax).money(row.rated).money(row.drafted);
    row.documents.iter().fold(record, |r, d| r.text(d.side.word()).text(d.id.raw()).money(Some(d.net)).money(d.tax))
}

/// All digests of a month.
pub fn digests(request: &RunRequest, source: &SetDigest, target: &SetDigest, rows: &SetDigest) -> Digests {
    let mut only = request.only.clone();
    only.sort();
    let run = Record::of("dualrun run 1")
        .text(&request.service)
        .text(&request.month.to_string())
        .text(&request.config_digest)
        .text(&only.join("\u{1f}"))
        .text(&source.hex())
        .text(&target.hex())
        .text(&rows.hex());
    Digests { source: source.hex(), target: target.hex(), run: run.0.finalize().to_hex().to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_does_not_matter_and_count_does() {
        let (mut a, mut b, mut twice) = (SetDigest::default(), SetDigest::default(), SetDigest::default());
        for text in ["x", "y", "z"] {
            a.add(&Record::of(text));
        }
        for text in ["z", "x", "y"] {
            b.add(&Record::of(text));
            twice.add(&Record::of(text));
            twice.add(&Record::of(text));
        }
        assert_eq!(a.hex(), b.hex());
        assert_ne!(a.hex(), twice.hex());
    }
}

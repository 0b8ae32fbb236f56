//! Digests of inputs and results over canonical records: neither the order of rows nor the kind of database changes them. What
//! comes in no order (a catalogue) is hashed record by record and added up modulo 2^256; what is judged key by key is hashed in
//! the order of the keys. No clock, run number or server name goes in.

use super::cell::{Cell, Held};
use crate::domain::decode::When;
use crate::domain::exact::Exact;
use crate::domain::key::{Key, UUID_TEXT};
use crate::domain::money::Money;
use crate::domain::pack::{Bent, Pen};
use crate::domain::row::ReconRow;
use crate::domain::run::{Digests, RunRequest};
use crate::domain::side::Side;
use crate::domain::text::Untrusted;
use crate::ledger::books::Books;
use crate::ledger::documents::Bucket;
use crate::ledger::posting::DigestDocument;
use std::io::Write as _;

/// A multiset of records as one number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SetDigest {
    words: [u64; 4],
    count: u64,
}

impl SetDigest {
    /// Adds a record.
    pub fn add(&mut self, record: &Record) {
        let hash = record.hash();
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
pub struct Record(Vec<u8>);

impl Record {
    /// A record of a kind.
    pub fn of(kind: &str) -> Self {
        Self(Vec::with_capacity(256)).text(kind)
    }

    /// A field of text.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        self.0.extend_from_slice(&(text.len() as u64).to_le_bytes());
        self.0.extend_from_slice(text.as_bytes());
        self
    }

    /// A field that may be absent.
    #[must_use]
    pub fn maybe<T: std::fmt::Display>(self, value: Option<T>) -> Self {
        match value {
            None => self.text("\u{0}"),
            Some(value) => self.shown(value),
        }
    }

    /// An exact number, by value.
    #[must_use]
    pub fn number(self, value: Exact) -> Self {
        self.shown(value)
    }

    /// A field of what is shown.
    fn shown(mut self, value: impl std::fmt::Display) -> Self {
        let start = self.0.len();
        self.0.extend_from_slice(&[0; 8]);
        // A list of bytes takes everything.
        let _ = write!(self.0, "{value}");
        let length = (self.0.len() - start - 8) as u64;
        self.0[start..start + 8].copy_from_slice(&length.to_le_bytes());
        self
    }

    fn hash(&self) -> blake3::Hash {
        blake3::hash(&self.0)
    }
}

/// What a side sells, and to whom.
pub fn catalogue(books: &Books, side: Side) -> Result<SetDigest, Bent> {
    let mut set = SetDigest::default();
    let catalogue = books.catalogue(side);
    for customer in catalogue.customers.iter() {
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
    let (mut buffer, mut customer) = ([0; UUID_TEXT], [0; UUID_TEXT]);
    for (_, s) in catalogue.all(&books.keys).filter(|(_, s)| books.scope.wants(s.key)) {
        let record = Record::of("subscription").text(s.key.as_str(&mut buffer)).text(s.customer_id.as_str(&mut customer));
        let record = record.text(s.plan_id).text(s.status.word());
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
    said(&mut set, books, side)?;
    Ok(set)
}

/// What a side says beside its catalogue, where it maps any of it.
fn said(set: &mut SetDigest, books: &Books, side: Side) -> Result<(), Bent> {
    let catalogue = books.catalogue(side);
    for p in &catalogue.prices {
        let record = Record::of("price").text(&p.plan_id).maybe(p.metric.as_deref()).number(p.price);
        set.add(&record.maybe(p.valid_from).maybe(p.valid_until));
    }
    for r in &catalogue.dossiers.rates {
        set.add(&Record::of("exchange_rate").text(r.from.code()).text(r.to.code()).maybe(Some(r.valid_from)).number(r.rate));
    }
    let mut buffer = [0; UUID_TEXT];
    for key in catalogue.dossiers.keys().filter(|key| books.scope.wants(*key)) {
        let evidence = catalogue.dossiers.of(key)?;
        let key = key.as_str(&mut buffer);
        for d in &evidence.discounts {
            let record = Record::of("discount").text(key).maybe(Some(d.position)).text(d.code.raw()).text(d.kind.word()).number(d.value);
            set.add(&record.maybe(d.valid_from).maybe(d.valid_until));
        }
        for e in &evidence.events {
            let record = Record::of("event").text(key).text(e.word.raw()).maybe(e.from.as_ref().map(Untrusted::raw));
            let record = record.maybe(e.to.as_ref().map(Untrusted::raw)).maybe(Some(e.day));
            set.add(&match e.at {
                When::Day(_) => record,
                When::At(at) => record.maybe(Some(at)),
            });
        }
    }
    Ok(())
}

/// Records one after another, in an order that hangs on nothing but the records: that of their keys.
#[derive(Debug)]
pub struct Sequence {
    hasher: blake3::Hasher,
    /// What does not fill a [`GATHERED`] yet.
    held: Vec<u8>,
}

/// Bytes that are hashed at once. Multiples of it only: they fill the hash's lanes, and what is cut elsewhere costs several times as much.
const GATHERED: usize = 16 << 10;

impl Sequence {
    /// Of a kind of records.
    pub fn of(kind: &str) -> Self {
        Self { hasher: blake3::Hasher::new(), held: kind.as_bytes().to_vec() }
    }

    /// Takes records as they were written.
    pub fn take(&mut self, written: &Pen) {
        let (first, rest) = written.bytes().split_at(written.bytes().len().min(GATHERED - self.held.len()));
        self.held.extend_from_slice(first);
        if self.held.len() == GATHERED {
            self.hasher.update(&self.held);
            self.held.clear();
            let (whole, rest) = rest.split_at(rest.len() / GATHERED * GATHERED);
            self.hasher.update(whole);
            self.held.extend_from_slice(rest);
        }
    }

    /// Hex over all of it.
    pub fn hex(mut self) -> String {
        self.hasher.update(&self.held);
        self.hasher.finalize().to_hex().to_string()
    }
}

/// Writes what was read of a key in one month on one side: documents first, then usage where that side meters it. Nothing is
/// written where there is nothing.
pub fn inputs(pen: &mut Pen, books: &Books, cell: &Cell<'_>, side: Side) {
    let held = cell.documents(side);
    let sums = if books.profile.usage_from == side && cell.usage.any { Some(cell.usage.sums()) } else { None };
    if held.parts.is_empty() && held.marks.is_empty() && sums.is_none() {
        return;
    }
    let key = cell.known.key.raw();
    pen.text(key);
    documents(pen, held, Some(key));
    match sums {
        None => pen.byte(0),
        Some(None) => pen.byte(1),
        Some(Some(sums)) => {
            pen.byte(2);
            pen.whole(sums.len() as u64);
            for (metric, sum) in sums {
                pen.text(metric);
                pen.canonical(*sum);
            }
        }
    }
}

/// Writes documents that name no subscription.
pub fn unlinked_inputs(pen: &mut Pen, held: &Held<'_>) {
    documents(pen, held, None);
}

fn documents(pen: &mut Pen, held: &Held<'_>, key: Option<&str>) {
    let bucket = if key.is_some() { Bucket::Linked } else { Bucket::Unlinked }.word();
    let whole = held.parts.iter().filter_map(|p| Some((&p.document, p.whole?)));
    pen.whole(whole.clone().count() as u64);
    for (d, w) in whole {
        let document = DigestDocument { id: d.id.raw(), key, bucket, day: w.day, currency: d.net.currency, subtotal: w.subtotal, tax: w.tax };
        document.write(pen);
    }
    pen.whole(held.marks.len() as u64);
    for mark in &held.marks {
        pen.blob(mark);
    }
}

/// Writes a row.
pub fn row(pen: &mut Pen, row: &ReconRow) {
    pen.text(row.subject.word());
    pen.text(row.key.raw());
    pen.day(row.period.start);
    pen.day(row.period.end);
    pen.text(row.verdict.word());
    pen.text(row.basis.map_or("", crate::domain::verdict::Basis::word));
    for money in [row.actual, row.expected, row.delta, row.actual_tax, row.expected_tax, row.rated, row.drafted] {
        pen.flag(money.is_some());
        if let Some(money) = money {
            write_money(pen, money);
        }
    }
    pen.flag(row.exact_delta.is_some());
    if let Some(delta) = row.exact_delta {
        pen.canonical(delta);
    }
    pen.whole(row.documents.len() as u64);
    for d in &row.documents {
        pen.text(d.side.word());
        pen.text(d.id.raw());
        write_money(pen, d.net);
        pen.flag(d.tax.is_some());
        if let Some(tax) = d.tax {
            write_money(pen, tax);
        }
    }
}

fn write_money(pen: &mut Pen, money: Money) {
    pen.signed(money.minor);
    pen.currency(money.currency);
}

/// Digests of one side: its catalogue and what moved in the month.
pub fn side(catalogue: &SetDigest, moved: Sequence) -> String {
    Record::of("side 2").text(&catalogue.hex()).text(&moved.hex()).hash().to_hex().to_string()
}

/// All digests of a month. `source` and `target` are those of the sides.
pub fn digests(request: &RunRequest, source: String, target: String, rows: Sequence) -> Digests {
    let mut only = request.only.clone();
    only.sort();
    let run = Record::of("dualrun run 2")
        .text(&request.service)
        .text(&request.month.to_string())
        .text(&request.config_digest)
        .text(&only.join("\u{1f}"))
        .text(&source)
        .text(&target)
        .text(&rows.hex());
    Digests { source, target, run: run.hash().to_hex().to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_records_are_cut_changes_nothing() {
        let bytes: Vec<u8> = (0..100_000u32).map(|n| n.to_le_bytes()[0] ^ n.to_le_bytes()[1]).collect();
        let whole = blake3::hash(&[b"kind", bytes.as_slice()].concat()).to_hex().to_string();
        for size in [1, 7, GATHERED - 4, GATHERED, 3 * GATHERED + 1, bytes.len()] {
            let mut sequence = Sequence::of("kind");
            for chunk in bytes.chunks(size) {
                let mut pen = Pen::default();
                for byte in chunk {
                    pen.byte(*byte);
                }
                sequence.take(&pen);
            }
            assert_eq!(sequence.hex(), whole, "chunks of {size}");
        }
    }

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

//! One side's invoices and credit notes: read, bucketed, and their money attributed to keys and periods.

use super::errors::RowErrors;
use super::parts::{Part, net_of, split};
use super::repeated::settle_repeated;
use super::scope::{Scope, Slot};
use crate::domain::currency::Currency;
use crate::domain::decode::{Reason, Row, RowError};
use crate::domain::exact::Exact;
use crate::domain::key::Key;
use crate::domain::profile::{DocumentState, SideProfile};
use crate::domain::records::{DocumentStatus, Invoice, InvoiceLine};
use crate::domain::text::Untrusted;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Where a document read was put. Each is in exactly one bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Bucket {
    /// Its period was not asked for.
    OtherPeriod,
    /// Cancelled, by the vocabulary.
    Void,
    /// Not issued, by the vocabulary.
    Draft,
    /// Of nothing.
    Zero,
    /// Status NULL or not in the vocabulary.
    UnknownStatus,
    /// Counts, and names no subscription.
    Unlinked,
    /// Counts, and names at least one.
    Linked,
    /// Counts, but its money cannot be told (tax-inclusive without a tax, overflow).
    Unreadable,
}

impl Bucket {
    /// The word in reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::OtherPeriod => "other_period",
            Self::Void => "void",
            Self::Draft => "draft",
            Self::Zero => "zero",
            Self::UnknownStatus => "unknown_status",
            Self::Unlinked => "unlinked",
            Self::Linked => "linked",
            Self::Unreadable => "unreadable",
        }
    }
}

/// A document with its lines.
#[derive(Debug, Clone)]
pub struct Header {
    /// The header.
    pub invoice: Invoice,
    /// Its lines: in the order read, then in their own.
    pub lines: Vec<InvoiceLine>,
    /// The same id was read before or after.
    pub repeated: bool,
    /// The slots of the periods its money falls into, ascending: its own, and those its lines name.
    pub slots: Vec<Slot>,
    /// Where it was put.
    pub bucket: Bucket,
}

/// All documents of a side.
#[derive(Debug, Clone, Default)]
pub struct DocumentLedger {
    /// Headers, in the order read; those with one id in their own.
    pub headers: Vec<Header>,
    /// Headers read, readable or not.
    pub read: u64,
    /// Lines read.
    pub lines_read: u64,
    /// Whether the side maps lines: only then can a header be without them.
    pub has_lines: bool,
    /// Lines whose document was not read.
    pub stray_lines: Vec<Untrusted>,
    /// What could not be read.
    pub errors: RowErrors,
    by_id: HashMap<String, usize>,
    broken: HashSet<String>,
    /// Documents of which a line could not be read.
    torn: HashSet<String>,
    /// Documents whose parts do not add up to them: a bug, and nothing may be published.
    pub unbalanced: Vec<Untrusted>,
    unreadable: HashSet<(Key, Option<Slot>)>,
    unreadable_headers: u64,
    parts: HashMap<Key, Vec<(Slot, Part)>>,
    unlinked: Vec<(Slot, Part)>,
}

/// Stray lines kept for listing.
const STRAYS: usize = 100_000;

impl DocumentLedger {
    /// An empty one; `has_lines` where the side maps invoice lines.
    pub fn new(has_lines: bool) -> Self {
        Self { has_lines, ..Self::default() }
    }

    /// Takes a header.
    pub fn push_header(&mut self, row: &Row<'_>, default_currency: Option<Currency>, scope: &Scope) {
        self.read += 1;
        match Invoice::read(row, default_currency) {
            Ok(invoice) => {
                let at = self.headers.len();
                let mut repeated = false;
                match self.by_id.get(&invoice.id) {
                    Some(first) => {
                        repeated = true;
                        if let Some(header) = self.headers.get_mut(*first) {
                            header.repeated = true;
                        }
                    }
                    None => {
                        self.by_id.insert(invoice.id.clone(), at);
                    }
                }
                self.headers.push(Header { invoice, lines: Vec::new(), repeated, slots: Vec::new(), bucket: Bucket::OtherPeriod });
            }
            Err(bad) => {
                self.unreadable_headers += 1;
                if let Some(id) = bad.id {
                    self.broken.insert(id);
                }
                if let Some(key) = bad.subscription {
                    // A document of a period that was not asked for spoils nothing that was.
                    match bad.day.map(|day| scope.slot_of(&key, day)) {
                        Some(None) => {}
                        slot => {
                            self.unreadable.insert((key, slot.flatten()));
                        }
                    }
                }
                self.errors.push(*bad.error);
            }
        }
    }

    /// Takes a line. All headers must have been taken before.
    pub fn push_line(&mut self, row: &Row<'_>) {
        self.lines_read += 1;
        match InvoiceLine::read(row) {
            Ok(line) => match self.by_id.get(&line.invoice_id).and_then(|at| self.headers.get_mut(*at)) {
                Some(header) => header.lines.push(line),
                None => {
                    if self.broken.contains(&line.invoice_id) {
                        if let Some(key) = line.subscription {
                            self.unreadable.insert((key, None));
                        }
                    } else if self.stray_lines.len() < STRAYS {
                        self.stray_lines.push(Untrusted::new(line.invoice_id));
                    }
                }
            },
            Err(bad) => {
                self.unreadable.extend(bad.subscription.map(|k| (k, None)));
                self.torn.extend(bad.invoice_id);
                self.errors.push(*bad.error);
            }
        }
    }

    /// Puts every document in its bucket and attributes the money of those that count. Call once, after the last row.
    /// `expand` gives the subscriptions an id stands for: itself, or the deployments of an order.
    pub fn settle(&mut self, scope: &Scope, profile: &SideProfile, expand: &dyn Fn(&Key) -> Vec<Key>) {
        let resolve = |key: &Key| match expand(key).as_slice() {
            [only] => only.clone(),
            _ => key.clone(),
        };
        let mut headers = std::mem::take(&mut self.headers);
        settle_repeated(&mut headers, profile);
        for (at, header) in headers.iter_mut().enumerate() {
            header.lines.sort();
            header.slots = slots_of(header, scope, &resolve);
            if self.torn.contains(&header.invoice.id) {
                self.unreadable.extend(keys_of(header).map(|k| (k.clone(), None)));
            }
            header.bucket = self.place(at, header, scope, profile, &resolve);
        }
        self.headers = headers;
        // An order that cannot be read leaves none of its deployments known.
        let unreadable = std::mem::take(&mut self.unreadable);
        self.unreadable = unreadable.into_iter().flat_map(|(key, slot)| expand(&key).into_iter().map(move |k| (k, slot))).collect();
    }

    fn place(&mut self, at: usize, header: &Header, scope: &Scope, profile: &SideProfile, resolve: &dyn Fn(&Key) -> Key) -> Bucket {
        if header.slots.is_empty() {
            return Bucket::OtherPeriod;
        }
        match header.invoice.status {
            DocumentStatus::Unknown => return Bucket::UnknownStatus,
            DocumentStatus::Known(DocumentState::Void) => return Bucket::Void,
            DocumentStatus::Known(DocumentState::Draft) => return Bucket::Draft,
            DocumentStatus::Known(DocumentState::Billable) => {}
        }
        if profile.leave_out_zero && header.invoice.subtotal.is_zero() {
            return Bucket::Zero;
        }
        match split(at, header, scope, profile, resolve) {
            Ok(parts) => {
                if !adds_up(header, &parts, profile) {
                    self.unbalanced.push(Untrusted::new(header.invoice.id.as_str()));
                }
                let linked = parts.iter().any(|p| p.key.is_some());
                for part in parts {
                    match (&part.key, part.slot) {
                        // Almost every key has one document: a list grown by itself begins with room for four.
                        (Some(key), Some(slot)) => self.parts.entry(key.clone()).or_insert_with(|| Vec::with_capacity(1)).push((slot, part)),
                        (None, Some(slot)) => self.unlinked.push((slot, part)),
                        // A period that was not asked for.
                        (_, None) => {}
                    }
                }
                if linked { Bucket::Linked } else { Bucket::Unlinked }
            }
            Err(reason) => {
                self.spoil(header, profile, reason, resolve);
                Bucket::Unreadable
            }
        }
    }

    fn spoil(&mut self, header: &Header, profile: &SideProfile, reason: Reason, resolve: &dyn Fn(&Key) -> Key) {
        for key in keys_of(header).map(resolve) {
            self.unreadable.extend(header.slots.iter().map(|slot| (key.clone(), Some(*slot))));
        }
        self.errors.push(RowError {
            side: profile.side,
            entity: crate::domain::contract::Entity::Invoices,
            id: crate::domain::text::shown(&header.invoice.id, 120),
            column: if reason == Reason::Missing { "tax" } else { "subtotal" }.to_owned(),
            raw: header.invoice.subtotal.to_string(),
            reason,
        });
    }

    /// The parts of a key in a slot, in byte order of the document's id.
    pub fn of(&self, key: &Key, slot: Slot) -> Vec<&Part> {
        let mut found: Vec<&Part> = self.parts.get(key).into_iter().flatten().filter(|(s, _)| *s == slot).map(|(_, p)| p).collect();
        found.sort_by(|a, b| a.document.id.cmp(&b.document.id));
        found
    }

    /// Money without a subscription in a slot, in byte order of the document's id.
    pub fn unlinked(&self, slot: Slot) -> Vec<&Part> {
        let mut found: Vec<&Part> = self.unlinked.iter().filter(|(s, _)| *s == slot).map(|(_, p)| p).collect();
        found.sort_by(|a, b| a.document.id.cmp(&b.document.id));
        found
    }

    /// True when a document of a key and slot could not be read.
    pub fn is_unreadable(&self, key: &Key, slot: Slot) -> bool {
        !self.unreadable.is_empty() && (self.unreadable.contains(&(key.clone(), Some(slot))) || self.unreadable.contains(&(key.clone(), None)))
    }

    /// Rounded money of counted documents in a slot, by currency, in minor units: what its rows must add up to.
    pub fn minor_in(&self, slot: Slot) -> BTreeMap<Currency, i128> {
        let mut out: BTreeMap<Currency, i128> = BTreeMap::new();
        for (_, part) in self.parts.values().flatten().chain(&self.unlinked).filter(|(s, _)| *s == slot) {
            *out.entry(part.document.net.currency).or_default() += i128::from(part.document.net.minor);
        }
        out
    }

    /// Whether a document names somebody, in whatever period.
    pub fn names(&self, key: &Key) -> bool {
        self.parts.contains_key(key) || self.headers.iter().any(|h| keys_of(h).any(|k| k == key)) || self.unreadable.iter().any(|(k, _)| k == key)
    }

    /// Everybody a document names, readable or not.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        self.parts.keys().chain(self.unreadable.iter().map(|(k, _)| k))
    }

    /// Documents with money in a slot.
    pub fn in_slot(&self, slot: Slot) -> impl Iterator<Item = &Header> {
        self.headers.iter().filter(move |h| h.slots.contains(&slot))
    }

    /// Documents by bucket, seen from a slot: what falls elsewhere is `other_period`. `read` is the sum of all others.
    pub fn buckets(&self, slot: Slot) -> BTreeMap<String, u64> {
        let mut out: BTreeMap<String, u64> =
            ["other_period", "void", "draft", "zero", "unlinked", "linked"].iter().map(|w| ((*w).to_owned(), 0)).collect();
        for header in &self.headers {
            let bucket = if header.slots.contains(&slot) { header.bucket } else { Bucket::OtherPeriod };
            *out.entry(bucket.word().to_owned()).or_default() += 1;
        }
        if self.unreadable_headers > 0 {
            *out.entry(Bucket::Unreadable.word().to_owned()).or_default() += self.unreadable_headers;
        }
        out.insert("read".to_owned(), self.read);
        out
    }
}

fn keys_of(header: &Header) -> impl Iterator<Item = &Key> {
    header.invoice.subscription.iter().chain(header.lines.iter().filter_map(|l| l.subscription.as_ref()))
}

/// The slots a document's own day and its lines' days fall into.
fn slots_of(header: &Header, scope: &Scope, resolve: &dyn Fn(&Key) -> Key) -> Vec<Slot> {
    let day = header.invoice.day;
    let own = match header.invoice.subscription.as_ref().map(resolve) {
        Some(key) => scope.slot_of(&key, day),
        None => scope.calendar_slot(day),
    };
    let by_lines = header.lines.iter().filter_map(|l| scope.slot_of(&resolve(l.subscription.as_ref()?), l.day.unwrap_or(day)));
    let mut slots: Vec<Slot> = own.into_iter().chain(by_lines).collect();
    slots.sort_unstable();
    slots.dedup();
    slots
}

fn adds_up(header: &Header, parts: &[Part], profile: &SideProfile) -> bool {
    let sum = parts.iter().try_fold(Exact::ZERO, |sum, part| sum.add(part.document.exact));
    matches!((sum, net_of(header, profile)), (Ok(sum), Ok((net, _))) if sum == net)
}

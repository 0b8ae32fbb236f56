//! One side's invoices and credit notes: read, bucketed, and their money attributed to keys and periods. Nothing of them is held:
//! each goes on its way to the part of the book where its key is judged.

use super::ahead::Ahead;
use super::books::{Books, Party};
use super::errors::RowErrors;
use super::movements::{self, Kind, Piles};
use super::parts::{Part, net_of, split, whole};
use super::posting;
use super::scope::Slot;
use crate::domain::contract::Entity;
use crate::domain::contract::columns::invoices;
use crate::domain::currency::Currency;
use crate::domain::decode::{Reason, Row, RowError};
use crate::domain::exact::Exact;
use crate::domain::key::{Key, KeyRef};
use crate::domain::money::Money;
use crate::domain::pack::{Bent, Pen};
use crate::domain::profile::{DocumentState, SideProfile};
use crate::domain::records::{DocumentKind, DocumentStatus, Invoice, InvoiceLine};
use crate::domain::side::Side;
use crate::domain::text::Untrusted;
use std::collections::{BTreeMap, HashSet};
use std::hash::BuildHasher;

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
    const ALL: [Self; 8] =
        [Self::OtherPeriod, Self::Void, Self::Draft, Self::Zero, Self::UnknownStatus, Self::Unlinked, Self::Linked, Self::Unreadable];

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
pub struct Header<'a> {
    /// The header.
    pub invoice: Invoice<'a>,
    /// Whom its header names.
    pub party: Option<Party<'a>>,
    /// Its lines, in their own order.
    pub lines: Vec<InvoiceLine<'a>>,
    /// The slot of its own day.
    pub own_slot: Option<Slot>,
    /// The slots its lines name beside it, ascending.
    pub more_slots: Vec<Slot>,
    /// Where it was put.
    pub bucket: Bucket,
}

impl<'a> Header<'a> {
    /// A document that is not placed yet.
    pub fn new(invoice: Invoice<'a>, lines: Vec<InvoiceLine<'a>>, books: &'a Books, side: Side) -> Self {
        let party = invoice.subscription.map(|key| books.resolve(side, key));
        Self::of_party(invoice, party, lines, books, side)
    }

    /// The same where it is known whom it names.
    fn of_party(invoice: Invoice<'a>, party: Option<Party<'a>>, lines: Vec<InvoiceLine<'a>>, books: &'a Books, side: Side) -> Self {
        let scope = &books.scope;
        let own_slot = party.map_or_else(|| scope.calendar_slot(invoice.day), |p| scope.slot_of(p.id, invoice.day));
        let mut more_slots: Vec<Slot> = lines
            .iter()
            .filter_map(|l| scope.slot_of(books.resolve(side, l.subscription?).id, l.day.unwrap_or(invoice.day)))
            .filter(|slot| Some(*slot) != own_slot)
            .collect();
        more_slots.sort_unstable();
        more_slots.dedup();
        Self { invoice, party, lines, own_slot, more_slots, bucket: Bucket::OtherPeriod }
    }

    /// The slots of the periods its money falls into: its own, and those its lines name.
    pub fn slots(&self) -> impl Iterator<Item = Slot> + '_ {
        self.own_slot.into_iter().chain(self.more_slots.iter().copied())
    }

    /// Every key it names, as written.
    pub fn keys(&self) -> impl Iterator<Item = KeyRef<'a>> + '_ {
        self.invoice.subscription.into_iter().chain(self.lines.iter().filter_map(|l| l.subscription))
    }
}

/// Looks at documents as they pass.
pub trait Onlooker {
    /// A document that falls into a period asked for.
    fn document(&mut self, books: &Books, header: &Header<'_>);
    /// Money without a subscription, in a period asked for.
    fn unlinked(&mut self, slot: Slot, document: &str, net: Money);
}

/// All documents of a side, as they pass.
#[derive(Debug)]
pub struct Documents {
    side: Side,
    /// Headers read, readable or not.
    pub read: u64,
    /// Lines whose document was not read.
    pub stray_lines: Vec<Untrusted>,
    /// What could not be read.
    pub errors: RowErrors,
    /// Documents whose parts do not add up to them: a bug, and nothing may be published.
    pub unbalanced: Vec<Untrusted>,
    /// Records for the parts of the book.
    pub piles: Piles,
    /// 64 bits of each document's id, to find those that came twice.
    pub prints: Piles,
    /// By slot and bucket.
    buckets: Vec<[u64; 8]>,
    /// Rounded money of counted documents by slot.
    minor: Vec<BTreeMap<Currency, i128>>,
    /// Of it, what has no subscription.
    unlinked: Vec<BTreeMap<Currency, i128>>,
    unreadable_headers: u64,
    /// Headers put into a bucket.
    posted: u64,
    /// Of the keys asked for by name, those a document names.
    named: HashSet<Key>,
    serial: u64,
    ahead: Ahead,
    pen: Pen,
    scratch: String,
    hasher: hashbrown::DefaultHashBuilder,
}

/// Parts of the fingerprints of ids.
pub const PRINTS: usize = 64;
/// Bytes of them that are held in memory: they are few and small.
const PRINTS_BOUND: usize = 256 << 10;

impl Documents {
    /// None yet.
    pub fn new(side: Side, books: &Books) -> Self {
        let months = books.scope.len();
        Self {
            side,
            read: 0,
            stray_lines: Vec::new(),
            errors: RowErrors::default(),
            unbalanced: Vec::new(),
            piles: Piles::new(books.parts() + 1),
            prints: Piles::bounded(PRINTS, PRINTS_BOUND),
            buckets: vec![[0; 8]; months],
            minor: vec![BTreeMap::new(); months],
            unlinked: vec![BTreeMap::new(); months],
            unreadable_headers: 0,
            posted: 0,
            named: HashSet::new(),
            serial: 0,
            ahead: Ahead::default(),
            pen: Pen::default(),
            scratch: String::new(),
            hasher: hashbrown::DefaultHashBuilder::default(),
        }
    }

    /// Looks over headers of a side without lines that are about to be taken.
    pub fn look_ahead<'a>(&mut self, rows: impl Iterator<Item = Row<'a>>, books: &Books) {
        self.ahead.look(rows, invoices::SUBSCRIPTION_ID, books);
    }

    /// Takes a header of a side without lines.
    pub fn push(&mut self, row: &Row<'_>, books: &Books, look: &mut impl Onlooker) {
        self.read += 1;
        self.ahead.step();
        let mut scratch = std::mem::take(&mut self.scratch);
        match Invoice::read(row, books.profile.currency, &mut scratch) {
            Ok(invoice) => {
                let party = invoice.subscription.map(|key| match books.deployments(self.side, key) {
                    Some([only]) => books.party(only.as_ref()),
                    _ => self.ahead.party(key, books),
                });
                self.post(Header::of_party(invoice, party, Vec::new(), books, self.side), books, look);
            }
            Err(bad) => {
                self.spoil_header(bad.subscription.as_ref(), bad.day, books);
                self.errors.push(*bad.error);
            }
        }
        self.scratch = scratch;
    }

    /// Notes that a header cannot be read: whose money that makes unknown, and in which period.
    pub fn spoil_header(&mut self, key: Option<&Key>, day: Option<chrono::NaiveDate>, books: &Books) {
        self.unreadable_headers += 1;
        let Some(key) = key else { return };
        let id = books.resolve(self.side, key.as_ref()).id;
        // A document of a period that was not asked for spoils nothing that was.
        match day.map(|day| books.scope.slot_of(id, day)) {
            Some(None) => {}
            slot => self.spoil(key.as_ref(), slot.flatten(), books),
        }
    }

    /// Leaves the money of a key unknown, in a period or in all of them. An order that cannot be read leaves none of its
    /// deployments known.
    pub fn spoil(&mut self, key: KeyRef<'_>, slot: Option<Slot>, books: &Books) {
        self.note_name(key, books);
        match books.deployments(self.side, key) {
            Some(deployments) => {
                for one in deployments {
                    self.lay_spoiled(books.party(one.as_ref()), slot, books);
                }
            }
            None => self.lay_spoiled(books.party(key), slot, books),
        }
    }

    fn lay_spoiled(&mut self, party: Party<'_>, slot: Option<Slot>, books: &Books) {
        movements::begin(&mut self.pen, books, Kind::Spoiled, party, slot);
        self.piles.lay(books.part_of(party), &self.pen);
    }

    fn note_name(&mut self, key: KeyRef<'_>, books: &Books) {
        if !books.scope.is_full() && books.scope.wants(key) {
            self.named.insert(key.to_key());
        }
    }

    /// Puts a document in its bucket and its money on the way.
    pub fn post(&mut self, mut header: Header<'_>, books: &Books, look: &mut impl Onlooker) {
        self.posted += 1;
        let print = self.hasher.hash_one(header.invoice.id);
        self.pen.clear();
        self.pen.whole(print);
        self.prints.lay(usize::try_from(print >> 58).unwrap_or(0), &self.pen);
        if !books.scope.is_full() {
            for key in header.keys() {
                self.note_name(key, books);
                if let Some(party) = header.party {
                    self.note_name(party.key, books);
                }
            }
        }
        header.bucket = self.place(&header, books, look);
        for slot in header.slots() {
            if let Some(n) = self.buckets.get_mut(usize::from(slot)).and_then(|b| b.get_mut(header.bucket as usize)) {
                *n += 1;
            }
        }
        if header.bucket != Bucket::OtherPeriod {
            look.document(books, &header);
            self.mark(&header, books);
        }
    }

    fn place(&mut self, header: &Header<'_>, books: &Books, look: &mut impl Onlooker) -> Bucket {
        if header.slots().next().is_none() {
            return Bucket::OtherPeriod;
        }
        match header.invoice.status {
            DocumentStatus::Unknown => return Bucket::UnknownStatus,
            DocumentStatus::Known(DocumentState::Void) => return Bucket::Void,
            DocumentStatus::Known(DocumentState::Draft) => return Bucket::Draft,
            DocumentStatus::Known(DocumentState::Billable) => {}
        }
        let profile = books.profile.side(self.side);
        if profile.leave_out_zero && header.invoice.subtotal.is_zero() {
            return Bucket::Zero;
        }
        if header.lines.is_empty() {
            return match whole(header, header.own_slot, profile) {
                Ok(part) => {
                    let linked = part.party.is_some();
                    self.lay(header, &part, None, books, look);
                    if linked { Bucket::Linked } else { Bucket::Unlinked }
                }
                Err(reason) => self.refuse(header, profile, reason, books),
            };
        }
        match split(header, books, profile) {
            Ok(parts) => {
                if !adds_up(header, &parts, profile) {
                    self.unbalanced.push(Untrusted::new(header.invoice.id));
                }
                self.serial += 1;
                for part in &parts {
                    self.lay(header, part, Some(self.serial), books, look);
                }
                if parts.iter().any(|p| p.party.is_some()) { Bucket::Linked } else { Bucket::Unlinked }
            }
            Err(reason) => self.refuse(header, profile, reason, books),
        }
    }

    /// Money that cannot be told.
    fn refuse(&mut self, header: &Header<'_>, profile: &SideProfile, reason: Reason, books: &Books) -> Bucket {
        for key in header.keys().collect::<Vec<_>>() {
            for slot in header.slots() {
                self.spoil(key, Some(slot), books);
            }
        }
        self.errors.push(RowError {
            side: self.side,
            entity: Entity::Invoices,
            id: crate::domain::text::shown(header.invoice.id, 120),
            column: if reason == Reason::Missing && profile.tax_inclusive { "tax" } else { "subtotal" }.to_owned(),
            raw: header.invoice.subtotal.to_string(),
            reason,
        });
        Bucket::Unreadable
    }

    /// Sends a part on its way. A part of a period that was not asked for goes nowhere.
    fn lay(&mut self, header: &Header<'_>, part: &Part<'_>, serial: Option<u64>, books: &Books, look: &mut impl Onlooker) {
        let Some(slot) = part.slot else { return };
        add(&mut self.minor, slot, part.net);
        let place = if let Some(party) = part.party {
            movements::begin(&mut self.pen, books, Kind::Document, party, Some(slot));
            books.part_of(party)
        } else {
            add(&mut self.unlinked, slot, part.net);
            look.unlinked(slot, header.invoice.id, part.net);
            movements::begin_unlinked(&mut self.pen, Kind::Document, header.invoice.id, slot);
            books.part_at(header.invoice.id)
        };
        posting::write(&mut self.pen, header, part, serial);
        self.piles.lay(place, &self.pen);
    }

    /// Notes what the digest and the look at overlaps need of a document that is not told by its one part.
    fn mark(&mut self, header: &Header<'_>, books: &Books) {
        let counted = matches!(header.bucket, Bucket::Linked | Bucket::Unlinked);
        if counted && header.lines.is_empty() {
            return;
        }
        for slot in header.slots() {
            let place = if let Some(party) = header.party {
                movements::begin(&mut self.pen, books, Kind::Mark, party, Some(slot));
                books.part_of(party)
            } else {
                movements::begin_unlinked(&mut self.pen, Kind::Mark, header.invoice.id, slot);
                books.part_at(header.invoice.id)
            };
            posting::write_mark(&mut self.pen, header);
            self.piles.lay(place, &self.pen);
            if let (Bucket::Linked, Some(party), Some((start, Some(end))), DocumentKind::Charge) =
                (header.bucket, header.party, header.invoice.covers, header.invoice.kind)
            {
                movements::begin(&mut self.pen, books, Kind::Cover, party, Some(slot));
                posting::write_cover(&mut self.pen, header.invoice.id, crate::domain::period::Period { start, end });
                self.piles.lay(books.part_of(party), &self.pen);
            }
        }
    }

    /// Whether the hash of a document's id is among `prints`.
    pub fn is_among(&self, prints: &HashSet<u64>, id: &str) -> bool {
        !prints.is_empty() && prints.contains(&self.hasher.hash_one(id))
    }

    /// Rounded money of counted documents in a slot, by currency, in minor units: what its rows must add up to.
    pub fn minor_in(&self, slot: Slot) -> &BTreeMap<Currency, i128> {
        static NONE: BTreeMap<Currency, i128> = BTreeMap::new();
        self.minor.get(usize::from(slot)).unwrap_or(&NONE)
    }

    /// The part of it that has no subscription.
    pub fn unlinked_in(&self, slot: Slot) -> &BTreeMap<Currency, i128> {
        static NONE: BTreeMap<Currency, i128> = BTreeMap::new();
        self.unlinked.get(usize::from(slot)).unwrap_or(&NONE)
    }

    /// Whether a document names a key that was asked for by name, in whatever period.
    pub fn names(&self, key: &Key) -> bool {
        self.named.contains(key)
    }

    /// Documents by bucket, seen from a slot: what falls elsewhere is `other_period`. `read` is the sum of all others.
    pub fn buckets(&self, slot: Slot) -> BTreeMap<String, u64> {
        let counts = self.buckets.get(usize::from(slot)).copied().unwrap_or_default();
        let placed: u64 = counts.iter().sum();
        let always = [Bucket::OtherPeriod, Bucket::Void, Bucket::Draft, Bucket::Zero, Bucket::Unlinked, Bucket::Linked];
        let mut out: BTreeMap<String, u64> = always.iter().map(|b| (b.word().to_owned(), 0)).collect();
        for (bucket, n) in Bucket::ALL.iter().zip(counts).filter(|(_, n)| *n > 0) {
            out.insert(bucket.word().to_owned(), n);
        }
        if self.unreadable_headers > 0 {
            *out.entry(Bucket::Unreadable.word().to_owned()).or_default() += self.unreadable_headers;
        }
        out.insert(Bucket::OtherPeriod.word().to_owned(), self.posted.saturating_sub(placed));
        out.insert("read".to_owned(), self.read);
        out
    }
}

fn add(sums: &mut [BTreeMap<Currency, i128>], slot: Slot, net: Money) {
    if let Some(sum) = sums.get_mut(usize::from(slot)) {
        *sum.entry(net.currency).or_default() += i128::from(net.minor);
    }
}

fn adds_up(header: &Header<'_>, parts: &[Part<'_>], profile: &SideProfile) -> bool {
    let sum = parts.iter().try_fold(Exact::ZERO, |sum, part| sum.add(part.exact));
    matches!((sum, net_of(header, profile)), (Ok(sum), Ok((net, _))) if sum == net)
}

/// Hashes that occur more than once in a pile of them.
pub fn twice(pile: &[u8]) -> Result<Vec<u64>, Bent> {
    let mut seen: HashSet<u64, hashbrown::DefaultHashBuilder> = HashSet::default();
    let mut found = Vec::new();
    for record in movements::records(pile) {
        let print = record?.1.number()?;
        if !seen.insert(print) {
            found.push(print);
        }
    }
    Ok(found)
}

//! Documents, usage and what could not be read of them, on their way to the part of the book where they are judged.
//!
//! Each is a few bytes in the pile of its part. What the piles hold beyond a bound goes to a scratch file (the caller's): memory
//! grows with the keys of a part and not with rows or periods.

use super::books::{Books, Party};
use super::scope::Slot;
use crate::domain::key::UUID_TEXT;
use crate::domain::pack::{Bent, Cut, Pen, put_size};

/// Bytes all piles of one stream hold in memory at most, about …
const BOUND: usize = 1 << 20;
/// … unless there are so many that little of each would go to the scratch file at once.
const OF_ONE: usize = 1 << 10;

/// Piles of records, one a part.
#[derive(Debug, Default)]
pub struct Piles {
    piles: Vec<Vec<u8>>,
    bytes: usize,
    bound: usize,
}

impl Piles {
    /// So many, empty.
    pub fn new(parts: usize) -> Self {
        Self::bounded(parts, BOUND.max(parts * OF_ONE))
    }

    /// The same, holding at most so many bytes, about.
    pub fn bounded(parts: usize, bound: usize) -> Self {
        Self { piles: vec![Vec::new(); parts], bytes: 0, bound }
    }

    /// Lays a record on a pile.
    #[inline]
    pub fn lay(&mut self, part: usize, record: &Pen) {
        let Some(pile) = self.piles.get_mut(part) else { return };
        let before = pile.len();
        put_size(pile, record.bytes().len());
        pile.extend_from_slice(record.bytes());
        self.bytes += pile.len() - before;
    }

    /// Whether the piles hold more than they should.
    pub const fn is_full(&self) -> bool {
        self.bytes >= self.bound
    }

    /// Hands all piles that hold anything to a taker, by their parts, and empties them.
    pub fn drain<E>(&mut self, take: impl FnOnce(&[(usize, &[u8])]) -> Result<(), E>) -> Result<(), E> {
        let held: Vec<(usize, &[u8])> = self.piles.iter().map(Vec::as_slice).enumerate().filter(|(_, pile)| !pile.is_empty()).collect();
        take(&held)?;
        self.piles.iter_mut().for_each(Vec::clear);
        self.bytes = 0;
        Ok(())
    }

    /// The pile of a part; it is empty afterwards.
    pub fn take(&mut self, part: usize) -> Vec<u8> {
        self.piles.get_mut(part).map(std::mem::take).unwrap_or_default()
    }
}

/// The records of a pile, each with the place in it where it ends.
pub fn records(pile: &[u8]) -> impl Iterator<Item = Result<(usize, Cut<'_>), Bent>> {
    let mut rest = Cut::new(pile);
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let record = rest.size().and_then(|n| rest.bytes(n));
        Some(record.map(|bytes| (pile.len() - rest.rest().len(), Cut::new(bytes))))
    })
}

/// What a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A document's part, with the facts of its document.
    Document,
    /// A document that has no part of its own here, for the digest of what was read.
    Mark,
    /// A document's covered days, where it has no part in its own key's pile.
    Cover,
    /// A document of the key could not be read.
    Spoiled,
    /// A usage record.
    Usage,
    /// A usage record of the key could not be read.
    SpoiledUsage,
    /// A usage record that a side's own zone puts into another period.
    MovedUsage,
}

const KINDS: [Kind; 7] = [Kind::Document, Kind::Mark, Kind::Cover, Kind::Spoiled, Kind::Usage, Kind::SpoiledUsage, Kind::MovedUsage];

/// Whose pile entry it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner<'a> {
    /// A key of the catalogues, by its rank.
    Known(u32),
    /// A key no catalogue names.
    Stranger(&'a str),
    /// Money without a subscription: the document itself, by its id.
    Nobody(&'a str),
}

/// The head of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head<'a> {
    /// What it is.
    pub kind: Kind,
    /// Whose.
    pub owner: Owner<'a>,
    /// Of which period; `None` is every one.
    pub slot: Option<Slot>,
}

const STRANGER: u8 = 0x10;
const NOBODY: u8 = 0x20;
const EVERY: u8 = 0x40;

/// Begins a record.
pub fn begin(pen: &mut Pen, books: &Books, kind: Kind, party: Party<'_>, slot: Option<Slot>) {
    pen.clear();
    let every = if slot.is_none() { EVERY } else { 0 };
    if let Some(id) = party.id {
        pen.byte(kind as u8 | every);
        pen.whole(u64::from(books.rank(id)));
    } else {
        pen.byte(kind as u8 | every | STRANGER);
        pen.text(party.key.as_str(&mut [0; UUID_TEXT]));
    }
    if let Some(slot) = slot {
        pen.whole(u64::from(slot));
    }
}

/// Begins a record of a document without a subscription.
pub fn begin_unlinked(pen: &mut Pen, kind: Kind, id: &str, slot: Slot) {
    pen.clear();
    pen.byte(kind as u8 | NOBODY);
    pen.text(id);
    pen.whole(u64::from(slot));
}

/// Reads the head of a record; the cut is left at what follows.
#[inline]
pub fn head<'a>(record: &mut Cut<'a>) -> Result<Head<'a>, Bent> {
    let first = record.byte()?;
    let kind = KINDS.get(usize::from(first & 0x0F)).copied().ok_or(Bent("a record of no kind"))?;
    let owner = match first & (STRANGER | NOBODY) {
        0 => Owner::Known(u32::try_from(record.number()?).map_err(|_| OUTSIDE)?),
        STRANGER => Owner::Stranger(record.text()?),
        _ => Owner::Nobody(record.text()?),
    };
    let slot = if first & EVERY == 0 { Some(Slot::try_from(record.number()?).map_err(|_| OUTSIDE)?) } else { None };
    Ok(Head { kind, owner, slot })
}

/// A record of a key or month that is none of the part's.
pub const OUTSIDE: Bent = Bent("a record stands in another part than its own");

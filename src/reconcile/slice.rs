//! A part of the book with all its movements, laid out by key and month.

use super::cell::{Cell, Held};
use super::known::Known;
use crate::domain::key::{KeyRef, UUID_TEXT};
use crate::domain::pack::{Bent, Cut};
use crate::domain::side::Side;
use crate::ledger::books::{Books, Party};
use crate::ledger::interned::Texts;
use crate::ledger::movements::{self, Kind, OUTSIDE, Owner};
use crate::ledger::scope::Slot;
use std::cmp::Ordering;
use std::collections::HashMap;

/// The piles of one part: what the streams laid there.
#[derive(Debug, Default)]
pub struct Movements {
    /// Of the source's documents.
    pub source: Vec<u8>,
    /// Of the target's documents.
    pub target: Vec<u8>,
    /// Of usage.
    pub usage: Vec<u8>,
}

/// Whom or what rows of a part are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About<'a> {
    /// A key.
    Party(Party<'a>),
    /// Documents without a subscription, by their id.
    Unlinked(&'a str),
}

impl About<'_> {
    fn order(&self, other: &About<'_>, books: &Books) -> Ordering {
        let (mut a, mut b) = ([0; UUID_TEXT], [0; UUID_TEXT]);
        let by_text = match (self, other) {
            (Self::Party(x), About::Party(y)) => x.key.order(y.key),
            _ => self.text(&mut a).cmp(other.text(&mut b)),
        };
        by_text.then_with(|| self.late(books).cmp(&other.late(books)))
    }

    /// The text of the key, or the document's id.
    pub fn text<'b>(&'b self, buffer: &'b mut [u8; UUID_TEXT]) -> &'b str {
        match self {
            Self::Party(party) => party.key.as_str(buffer),
            Self::Unlinked(id) => id,
        }
    }

    /// Of one text, by the period's first day: calendar months before those that start later, a key before a document.
    pub fn late(&self, books: &Books) -> u8 {
        match self {
            Self::Party(party) if books.scope.grid(party.id).is_calendar() => 0,
            Self::Unlinked(_) => 1,
            Self::Party(_) => 2,
        }
    }
}

/// A record: which pile it is in, what it is, and where its facts begin.
#[derive(Debug, Clone, Copy)]
struct Entry {
    pile: u8,
    kind: Kind,
    at: u32,
    end: u32,
}

/// A part of the book, ready to be judged key by key.
#[derive(Debug)]
pub struct Slice<'a> {
    books: &'a Books,
    metrics: &'a Texts,
    piles: [&'a [u8]; 3],
    months: usize,
    abouts: Vec<(About<'a>, u32)>,
    starts: Vec<u32>,
    entries: Vec<Entry>,
}

const TOO_LARGE: Bent = Bent("a part of the book does not fit");

/// Finds the place of an owner among those of the part.
struct Places<'a> {
    first: u32,
    /// Keys of the catalogues in it.
    keys: u32,
    known: HashMap<u32, u32>,
    texts: HashMap<(bool, &'a str), u32>,
    abouts: Vec<(About<'a>, u32)>,
}

impl<'a> Places<'a> {
    fn of(&mut self, owner: Owner<'a>) -> Result<u32, Bent> {
        let (is_key, text) = match owner {
            Owner::Known(rank) if self.known.is_empty() => {
                return rank.checked_sub(self.first).filter(|place| *place < self.keys).ok_or(OUTSIDE);
            }
            Owner::Known(rank) => return self.known.get(&rank).copied().ok_or(OUTSIDE),
            Owner::Stranger(text) => (true, text),
            Owner::Nobody(text) => (false, text),
        };
        if let Some(place) = self.texts.get(&(is_key, text)) {
            return Ok(*place);
        }
        let place = u32::try_from(self.abouts.len()).map_err(|_| TOO_LARGE)?;
        let about = if is_key { About::Party(Party { key: KeyRef::stored(text), id: None }) } else { About::Unlinked(text) };
        self.abouts.push((about, place));
        self.texts.insert((is_key, text), place);
        Ok(place)
    }
}

impl<'a> Slice<'a> {
    /// Lays a part out. `part` is a number below [`Books::parts`], or [`Books::together`].
    pub fn new(books: &'a Books, metrics: &'a Texts, part: usize, movements: &'a Movements) -> Result<Self, Bent> {
        let mut places = Places { first: 0, keys: 0, known: HashMap::new(), texts: HashMap::new(), abouts: Vec::new() };
        if part == books.together() {
            for (place, key) in (0u32..).zip(books.all_together()) {
                let party = books.party(key.as_ref());
                match party.id {
                    Some(id) => drop(places.known.insert(books.rank(id), place)),
                    None => drop(places.texts.insert((true, key.as_str()), place)),
                }
                places.abouts.push((About::Party(party), place));
            }
        } else {
            let (keys, first) = books.keys_of(part);
            places.first = first;
            let all = (0u32..).zip(keys).filter(|(_, id)| !books.any_together() || !books.is_together(books.keys.get(**id)));
            places.abouts = all.map(|(place, id)| (About::Party(Party { key: books.keys.get(*id), id: Some(*id) }), place)).collect();
            if places.abouts.len() < keys.len() {
                // Those judged together left gaps: places are told one by one.
                for (place, (_, own)) in (0u32..).zip(&mut places.abouts) {
                    places.known.insert(first + *own, place);
                    *own = place;
                }
            }
        }
        places.keys = u32::try_from(places.abouts.len()).map_err(|_| TOO_LARGE)?;
        let months = books.scope.len();
        let piles = [movements.source.as_slice(), movements.target.as_slice(), movements.usage.as_slice()];
        let mut met: Vec<(u32, Entry)> = Vec::new();
        for (pile, bytes) in (0u8..).zip(piles) {
            u32::try_from(bytes.len()).map_err(|_| TOO_LARGE)?;
            for record in movements::records(bytes) {
                let (end, mut record) = record?;
                let head = movements::head(&mut record)?;
                let place = places.of(head.owner)? as usize;
                let offset = |at: usize| u32::try_from(at).map_err(|_| TOO_LARGE);
                let entry = Entry { pile, kind: head.kind, at: offset(end - record.rest().len())?, end: offset(end)? };
                let slots = match head.slot {
                    Some(slot) if usize::from(slot) < months => usize::from(slot)..usize::from(slot) + 1,
                    Some(_) => return Err(OUTSIDE),
                    None => 0..months,
                };
                for slot in slots {
                    met.push((offset(place * months + slot)?, entry));
                }
            }
        }
        let Places { mut abouts, .. } = places;
        let buckets = abouts.len() * months;
        let (starts, entries) = by_bucket(&met, buckets);
        abouts.sort_by(|a, b| a.0.order(&b.0, books));
        Ok(Self { books, metrics, piles, months, abouts, starts, entries })
    }

    /// Whom and what the part is about, in byte order.
    pub fn abouts(&self) -> impl Iterator<Item = (About<'a>, u32)> + '_ {
        self.abouts.iter().copied()
    }

    /// Everything of one place in one month.
    pub fn cell<'k>(&self, known: &'k Known<'k>, place: u32, slot: Slot) -> Result<Cell<'k>, Bent>
    where
        'a: 'k,
    {
        let mut cell = Cell::new(known, self.books.scope.period(known.party.id, slot));
        for entry in self.entries(place, slot) {
            let mut record = self.record(entry);
            match entry.kind {
                Kind::Usage => cell.usage.take(&mut record, self.metrics)?,
                Kind::SpoiledUsage => cell.usage.spoil(),
                Kind::MovedUsage => cell.usage.take_moved(&mut record, self.metrics)?,
                kind => {
                    let (side, held) = if entry.pile == 0 { (Side::Source, &mut cell.actual) } else { (Side::Target, &mut cell.drafts) };
                    held.take(kind, &mut record, side)?;
                }
            }
        }
        cell.settle();
        Ok(cell)
    }

    /// Documents without a subscription, of one id in one month.
    pub fn unlinked(&self, place: u32, slot: Slot) -> Result<[Held<'a>; 2], Bent> {
        let mut both = [Held::default(), Held::default()];
        for entry in self.entries(place, slot) {
            let (side, held) = if entry.pile == 0 { (Side::Source, 0) } else { (Side::Target, 1) };
            both[held].take(entry.kind, &mut self.record(entry), side)?;
        }
        both.iter_mut().for_each(Held::settle);
        Ok(both)
    }

    fn entries(&self, place: u32, slot: Slot) -> &[Entry] {
        let bucket = place as usize * self.months + usize::from(slot);
        match (self.starts.get(bucket), self.starts.get(bucket + 1)) {
            (Some(start), Some(end)) => &self.entries[*start as usize..*end as usize],
            _ => &[],
        }
    }

    /// The facts of a record.
    fn record(&self, entry: &Entry) -> Cut<'a> {
        let pile = self.piles[usize::from(entry.pile)];
        Cut::new(&pile[entry.at as usize..entry.end as usize])
    }
}

/// Entries in order of their buckets, those of one bucket as they came, and where each bucket begins.
fn by_bucket(met: &[(u32, Entry)], buckets: usize) -> (Vec<u32>, Vec<Entry>) {
    let mut starts = vec![0u32; buckets + 1];
    for (bucket, _) in met {
        starts[*bucket as usize + 1] += 1;
    }
    for at in 1..starts.len() {
        starts[at] += starts[at - 1];
    }
    let mut next = starts.clone();
    let mut entries = met.first().map_or_else(Vec::new, |(_, any)| vec![*any; met.len()]);
    for (bucket, entry) in met {
        let at = &mut next[*bucket as usize];
        entries[*at as usize] = *entry;
        *at += 1;
    }
    (starts, entries)
}

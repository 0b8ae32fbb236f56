//! Usage records on their way to the part of the book where they are added up.

use super::adding::{Added, Addend, Adding};
use super::ahead::Ahead;
use super::books::{Books, Party};
use super::errors::RowErrors;
use super::interned::Texts;
use super::movements::{self, Kind, Piles};
use super::scope::Slot;
use super::summing::SumCount;
use crate::domain::contract::columns::usage as columns;
use crate::domain::decode::{Reason, Row};
use crate::domain::exact::Exact;
use crate::domain::key::{Key, KeyRef};
use crate::domain::pack::{Bent, Cut, Pen};
use crate::domain::period::Zone;
use crate::domain::records::Usage;
use crate::domain::side::Side;
use chrono::{Datelike, Days, NaiveDate};
use std::collections::HashSet;

/// A quantity beyond this is an error of its row: with it, price arithmetic could leave 128 bits.
const MOST: Exact = Exact::whole(1_000_000_000_000_000);

/// Decimals beyond which a sum is not taken: with them and [`MOST`], no sum of sums leaves 128 bits, and each is written with the
/// decimals that adding up its records would have.
const MOST_DECIMALS: u8 = 12;

/// All usage of a run, as it passes.
#[derive(Debug)]
pub struct UsageStream {
    /// Records for the parts of the book.
    pub piles: Piles,
    /// What is metered, by the numbers the records name.
    pub metrics: Texts,
    /// Records read.
    pub read: u64,
    /// Records of a period asked for that carry no name of their event, and so count as they are.
    pub in_period: u64,
    /// Records of another period.
    pub other_period: u64,
    /// Records that could not be read.
    pub unreadable: u64,
    /// What could not be read.
    pub errors: RowErrors,
    /// The sums its records make, where they are to be counted.
    pub sums: Option<SumCount>,
    /// Whether the server would make them by days: then records that are added up here are of one of them.
    pub sums_are_of_days: bool,
    /// Of the keys asked for by name, those that used something.
    named: HashSet<Key>,
    pen: Pen,
    scratch: String,
    /// The metric read last.
    metric: u32,
    ahead: Ahead,
    adding: Adding,
    /// The first day that is told by a number, before every window.
    first_day: i32,
    /// Zones by which sides put usage into periods otherwise than it is rated.
    zones: Vec<(Side, Zone)>,
}

/// Days before the first month asked for that may have a record: those of anchored periods.
const BEFORE: i32 = 400;
/// Sums that are laid between two looks at how full the piles are.
const AT_ONCE: usize = 16 << 10;

impl UsageStream {
    /// None yet.
    pub fn new(books: &Books) -> Self {
        Self {
            piles: Piles::new(books.parts() + 1),
            metrics: Texts::default(),
            read: 0,
            in_period: 0,
            other_period: 0,
            unreadable: 0,
            errors: RowErrors::default(),
            sums: None,
            sums_are_of_days: false,
            named: HashSet::new(),
            pen: Pen::default(),
            scratch: String::new(),
            metric: 0,
            ahead: Ahead::default(),
            adding: Adding::new(books.keys.len()),
            first_day: books.scope.month(0).first_day().num_days_from_ce() - BEFORE,
            zones: books.profile.usage_zones().collect(),
        }
    }

    /// Looks over rows that are about to be taken.
    pub fn look_ahead<'a>(&mut self, rows: impl Iterator<Item = Row<'a>>, books: &Books) {
        self.ahead.look(rows, columns::SUBSCRIPTION_ID, books);
    }

    /// Takes a row.
    pub fn push(&mut self, row: &Row<'_>, books: &Books) {
        self.read += 1;
        self.ahead.step();
        let mut scratch = std::mem::take(&mut self.scratch);
        match Usage::read(row, &mut scratch) {
            Ok(usage) => self.take(row, &usage, 1, books),
            Err(bad) => {
                self.unreadable += 1;
                if let Some(key) = &bad.key {
                    self.spoil(key.as_ref(), bad.day, books);
                }
                self.errors.push(*bad.error);
            }
        }
        self.scratch = scratch;
    }

    /// Takes a sum of so many records, as if each of them had come. False where records may be among them that would be told one by
    /// one: then nothing of the stream counts, and they are to be read themselves.
    #[must_use]
    pub fn push_sum(&mut self, row: &Row<'_>, records: u64, books: &Books) -> bool {
        self.ahead.step();
        let mut scratch = std::mem::take(&mut self.scratch);
        let taken = match Usage::read(row, &mut scratch) {
            Ok(sum) if !sum.quantity.is_negative() && sum.quantity <= MOST && sum.quantity.decimals().is_some_and(|d| d <= MOST_DECIMALS) => {
                self.read += records;
                self.take(row, &sum, records, books);
                true
            }
            _ => false,
        };
        self.scratch = scratch;
        taken
    }

    /// Takes a quantity of so many records.
    fn take(&mut self, row: &Row<'_>, usage: &Usage<'_>, records: u64, books: &Books) {
        let party = self.ahead.party(usage.key, books);
        self.note_name(usage.key, books);
        let slot = books.scope.slot_of(party.id, usage.day);
        if !self.zones.is_empty() {
            self.lay_moved(row, usage, (party, slot), books);
        }
        let Some(slot) = slot else {
            self.other_period += records;
            self.note_sum(row, usage, party);
            return;
        };
        if usage.quantity.is_negative() || usage.quantity > MOST {
            self.note_sum(row, usage, party);
            let reason = if usage.quantity.is_negative() { Reason::Negative } else { Reason::TooManyDigits };
            self.errors.push(*row.error(&row.display_id(&[columns::IDEMPOTENCY_KEY, columns::SUBSCRIPTION_ID]), columns::QUANTITY, reason));
            self.unreadable += 1;
            self.lay_spoiled(party, Some(slot), books);
            return;
        }
        let period_end = || books.scope.grid(party.id).period_of(usage.day).end;
        let late = usage.ingested_on.filter(|day| *day >= period_end());
        self.meet(usage.metric);
        if usage.idempotency_key.is_none() {
            self.in_period += records;
        }
        if usage.idempotency_key.is_none()
            && late.is_none()
            && let Some(one) = self.addend(party, slot, usage)
        {
            match self.adding.add(one) {
                Added::Joined if self.sums_are_of_days => return,
                Added::Joined | Added::Began(None) => {}
                Added::Began(Some(before)) => self.lay_sum(before, books),
            }
            self.note_sum(row, usage, party);
            return;
        }
        self.note_sum(row, usage, party);
        let recorded = Recorded { metric: self.metric, quantity: usage.quantity, name: usage.idempotency_key, late };
        self.lay(party, slot, &recorded, books);
    }

    /// Gives the metric of a record its number.
    fn meet(&mut self, metric: &str) {
        if self.metrics.is_empty() || self.metrics.get(self.metric) != metric {
            self.metric = self.metrics.intern(metric);
        }
    }

    /// Lays what a side's own zone puts into another period: in the period it leaves and in the one it comes into.
    fn lay_moved(&mut self, row: &Row<'_>, usage: &Usage<'_>, (party, slot): (Party<'_>, Option<Slot>), books: &Books) {
        // No zone's day is more than two from another's. What no catalogue names is not rated.
        let near = |day: Option<NaiveDate>| day.map(|day| books.scope.slot_of(party.id, day));
        let stays = [usage.day.checked_sub_days(FAR), usage.day.checked_add_days(FAR)].into_iter().all(|day| near(day) == Some(slot));
        if stays || party.id.is_none() || usage.quantity.is_zero() || usage.quantity.is_negative() || usage.quantity > MOST {
            return;
        }
        let Some(at) = Usage::moment(row) else { return };
        for n in 0..self.zones.len() {
            let (side, zone) = self.zones[n];
            let there = books.scope.slot_of(party.id, zone.day_of(at));
            for (slot, comes) in [(slot, false), (there, true)].into_iter().filter(|_| there != slot) {
                let Some(slot) = slot else { continue };
                self.meet(usage.metric);
                movements::begin(&mut self.pen, books, Kind::MovedUsage, party, Some(slot));
                put_moved(&mut self.pen, &Moved { side, metric: self.metric, quantity: usage.quantity, comes, name: usage.idempotency_key });
                self.piles.lay(books.part_of(party), &self.pen);
            }
        }
    }

    /// A record that adds up with others: where the server's sums are counted, with those of its day, which make one of them; else with
    /// those of its period.
    #[inline]
    fn addend(&self, party: Party<'_>, slot: Slot, usage: &Usage<'_>) -> Option<Addend> {
        let when = if self.sums.is_some() { u16::try_from(usage.day.num_days_from_ce() - self.first_day).ok()? } else { slot };
        Addend::new(party.id?, when, self.metric, usage.quantity)
    }

    /// Counts the sum of the server's that a record belongs to.
    fn note_sum(&mut self, row: &Row<'_>, usage: &Usage<'_>, party: Party<'_>) {
        if let Some(sums) = &mut self.sums {
            sums.note(party, usage.metric, row.bytes(columns::PERIOD_START).unwrap_or_default());
        }
    }

    fn lay_sum(&mut self, sum: Addend, books: &Books) {
        let party = Party { key: books.keys.get(sum.key), id: Some(sum.key) };
        let slot = if self.sums.is_some() {
            let day = NaiveDate::from_num_days_from_ce_opt(self.first_day + i32::from(sum.when));
            day.and_then(|day| books.scope.slot_of(party.id, day))
        } else {
            Some(sum.when)
        };
        // It came from a day of a period that is asked for.
        let Some(slot) = slot else { return };
        self.lay(party, slot, &Recorded { metric: sum.metric(), quantity: sum.quantity(), name: None, late: None }, books);
    }

    fn lay(&mut self, party: Party<'_>, slot: Slot, recorded: &Recorded<'_>, books: &Books) {
        movements::begin(&mut self.pen, books, Kind::Usage, party, Some(slot));
        let pen = &mut self.pen;
        pen.byte(if recorded.name.is_some() { NAMED } else { 0 } | if recorded.late.is_some() { LATE } else { 0 });
        pen.whole(u64::from(recorded.metric));
        pen.exact(recorded.quantity);
        if let Some(name) = recorded.name {
            pen.text(name);
        }
        if let Some(day) = recorded.late {
            pen.day(day);
        }
        self.piles.lay(books.part_of(party), &self.pen);
    }

    /// Lays some of the sums that were not laid yet; false after the last. To be called when all rows were taken, until it is.
    pub fn lay_rest(&mut self, books: &Books) -> bool {
        for sum in self.adding.rest(AT_ONCE) {
            self.lay_sum(sum, books);
        }
        !self.adding.is_over()
    }

    /// Leaves the usage of a key unknown, in the period of a day or in all of them.
    fn spoil(&mut self, key: KeyRef<'_>, day: Option<NaiveDate>, books: &Books) {
        self.note_name(key, books);
        let party = books.party(key);
        match day.map(|day| books.scope.slot_of(party.id, day)) {
            None => self.lay_spoiled(party, None, books),
            Some(None) => {}
            Some(slot) => self.lay_spoiled(party, slot, books),
        }
    }

    fn lay_spoiled(&mut self, party: Party<'_>, slot: Option<Slot>, books: &Books) {
        movements::begin(&mut self.pen, books, Kind::SpoiledUsage, party, slot);
        self.piles.lay(books.part_of(party), &self.pen);
    }

    fn note_name(&mut self, key: KeyRef<'_>, books: &Books) {
        if !books.scope.is_full() && books.scope.wants(key) {
            self.named.insert(key.to_key());
        }
    }

    /// Whether a key that was asked for by name used anything, in whatever period.
    pub fn names(&self, key: &Key) -> bool {
        self.named.contains(key)
    }
}

/// A usage record that a side's own zone puts into another period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved<'a> {
    /// Whose zone.
    pub side: Side,
    /// What was metered.
    pub metric: u32,
    /// How much.
    pub quantity: Exact,
    /// Whether it comes into the period it is laid in, or leaves it.
    pub comes: bool,
    /// What names the event, where it carries a name.
    pub name: Option<&'a str>,
}

fn put_moved(pen: &mut Pen, moved: &Moved<'_>) {
    pen.flag(moved.side == Side::Source);
    pen.flag(moved.comes);
    pen.whole(u64::from(moved.metric));
    pen.exact(moved.quantity);
    pen.maybe_text(moved.name);
}

/// Reads one.
pub(crate) fn read_moved<'a>(record: &mut Cut<'a>) -> Result<Moved<'a>, Bent> {
    let side = if record.flag()? { Side::Source } else { Side::Target };
    let comes = record.flag()?;
    let metric = u32::try_from(record.number()?).map_err(|_| movements::OUTSIDE)?;
    Ok(Moved { side, metric, quantity: record.exact()?, comes, name: record.maybe_text()? })
}

/// Days two zones' days of one moment are apart at most.
const FAR: Days = Days::new(2);

const NAMED: u8 = 1;
const LATE: u8 = 2;

/// A usage record where it is added up.
#[derive(Debug, Clone, Copy)]
pub struct Recorded<'a> {
    /// What was metered.
    pub metric: u32,
    /// How much.
    pub quantity: Exact,
    /// What names the event, where it carries a name.
    pub name: Option<&'a str>,
    /// The day it arrived, where that is after its period.
    pub late: Option<NaiveDate>,
}

/// Reads what a stream wrote.
pub(crate) fn read<'a>(record: &mut Cut<'a>) -> Result<Recorded<'a>, Bent> {
    let flags = record.byte()?;
    let metric = u32::try_from(record.number()?).map_err(|_| movements::OUTSIDE)?;
    let quantity = record.exact()?;
    let name = if flags & NAMED != 0 { Some(record.text()?) } else { None };
    let late = if flags & LATE != 0 { Some(record.day()?) } else { None };
    Ok(Recorded { metric, quantity, name, late })
}

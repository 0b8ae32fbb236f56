//! The rows of a run that do not match, ranked by what people sort them by: at stake, delta, verdict.
//!
//! Nearly all rows of a run match, and all of those stand alike in these three sorts: nothing at stake, no delta, the verdict
//! `match`. Only the others are ranked, so that the first page of what differs most is found without reading the run through.
//! Rows are gathered while a run is written and ranked some ten thousand at a time, each time a segment of its own: memory
//! stays bounded, and a reader walks all segments at once.

use super::columns::place;
use super::fault;
use super::seal::{self, Seal};
use crate::domain::pack::{Bent, Cut, put, put_signed, put_size};
use crate::domain::verdict::Verdict;
use crate::ports::workspace::{SortColumn, StoreError};
use sqlx::SqliteConnection;

/// The first byte of every entry of the table.
const VERSION: u8 = 1;
/// Ranks of one entry of the table: little enough to be read for a few of them.
const CHUNK: usize = 1024;
/// The sorts that are ranked.
const SORTS: [SortColumn; 3] = [SortColumn::AtStake, SortColumn::Delta, SortColumn::Verdict];

const VERDICT: u8 = 0b111;
const NOTHING_AT_STAKE: u8 = 1 << 3;
const NO_DELTA: u8 = 1 << 4;

/// A place in a sort: the value, then the row's number. An absent value comes first.
pub(super) type Key = (Option<i64>, i64);

/// A ranked row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rank {
    pub value: Option<i64>,
    pub seq: i64,
    marks: u8,
}

impl Rank {
    const fn key(&self) -> Key {
        (self.value, self.seq)
    }

    /// Its verdict's code.
    pub const fn verdict(&self) -> u8 {
        self.marks & VERDICT
    }

    /// Whether it stands among the matches in that sort.
    pub const fn is_nought_in(&self, sort: SortColumn) -> bool {
        match sort {
            SortColumn::AtStake => self.marks & NOTHING_AT_STAKE != 0,
            SortColumn::Delta => self.marks & NO_DELTA != 0,
            _ => false,
        }
    }
}

/// A row that does not match, as it is gathered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Differing {
    /// Its number in the run, or before that is known its place from nought among rows that come together.
    seq: u32,
    verdict: u8,
    at_stake: i64,
    delta: Option<i64>,
}

impl Differing {
    /// A row, if it does not match.
    pub fn of(place: u32, verdict: Verdict, at_stake: i64, delta: Option<i64>) -> Option<Self> {
        let differs = verdict != Verdict::Match || at_stake != 0 || delta != Some(0);
        differs.then(|| Self { seq: place, verdict: verdict.code(), at_stake, delta })
    }

    fn value(&self, sort: SortColumn) -> Option<i64> {
        match sort {
            SortColumn::AtStake => Some(self.at_stake),
            SortColumn::Delta => self.delta,
            _ => Some(i64::from(self.verdict)),
        }
    }

    fn marks(&self) -> u8 {
        let mark = |set, mark| if set { mark } else { 0 };
        self.verdict | mark(self.at_stake == 0, NOTHING_AT_STAKE) | mark(self.delta == Some(0), NO_DELTA)
    }
}

/// Ranks of one time: in which entries of the table they begin, and how many they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Segment {
    first: i64,
    ranks: usize,
}

/// The ranks of a run being written.
#[derive(Debug, Default)]
pub(super) struct Ranking {
    gathered: Vec<Differing>,
    segments: [Vec<Segment>; SORTS.len()],
    stored: i64,
}

impl Ranking {
    /// Takes rows in that do not match, of some that come together and begin with the number `first`.
    pub fn add(&mut self, first: u32, differing: Vec<Differing>) {
        self.gathered.extend(differing.into_iter().map(|d| Differing { seq: first + d.seq, ..d }));
    }

    /// Rows gathered and not yet ranked.
    pub fn gathered(&self) -> usize {
        self.gathered.len()
    }

    /// Ranks what is gathered: numbered entries for the table.
    pub fn rank(&mut self) -> Vec<(i64, Vec<u8>)> {
        let mut entries = Vec::new();
        for (sort, segments) in SORTS.into_iter().zip(&mut self.segments) {
            let mut keys: Vec<(Key, u8)> = self.gathered.iter().map(|d| ((d.value(sort), i64::from(d.seq)), d.marks())).collect();
            keys.retain(|((value, _), _)| *value != Some(0));
            keys.sort_unstable();
            if !keys.is_empty() {
                segments.push(Segment { first: self.stored + 1, ranks: keys.len() });
            }
            for chunk in keys.chunks(CHUNK) {
                self.stored += 1;
                entries.push((self.stored, packed(chunk)));
            }
        }
        self.gathered = Vec::new();
        entries
    }

    /// The entry 0: what the others are.
    pub fn directory(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        for segments in &self.segments {
            put_size(&mut out, segments.len());
            for segment in segments {
                put_signed(&mut out, segment.first);
                put_size(&mut out, segment.ranks);
            }
        }
        out
    }
}

/// Ranks in order: how many have no value, then each row, with what its value is above the one before.
fn packed(ranks: &[(Key, u8)]) -> Vec<u8> {
    let mut out = vec![VERSION];
    put_size(&mut out, ranks.len());
    put_size(&mut out, ranks.iter().filter(|((value, _), _)| value.is_none()).count());
    let mut before = i64::MIN;
    for ((value, seq), marks) in ranks {
        out.push(*marks);
        put_signed(&mut out, *seq);
        if let Some(value) = value {
            put(&mut out, value.wrapping_sub(before).cast_unsigned());
            before = *value;
        }
    }
    out
}

fn unpacked(body: &[u8]) -> Result<Vec<Rank>, Bent> {
    let mut cut = Cut::new(body);
    if cut.byte()? != VERSION {
        return Err(Bent("its form is unknown"));
    }
    let (count, without) = (cut.count()?, cut.size()?);
    let mut ranks = Vec::with_capacity(count);
    let mut before = i64::MIN;
    for i in 0..count {
        let (marks, seq) = (cut.byte()?, cut.signed()?);
        let mut value = None;
        if i >= without {
            before = before.wrapping_add(cut.number()?.cast_signed());
            value = Some(before);
        }
        ranks.push(Rank { value, seq, marks });
    }
    cut.end()?;
    Ok(ranks)
}

fn directory(body: &[u8]) -> Result<[Vec<Segment>; SORTS.len()], Bent> {
    let mut cut = Cut::new(body);
    if cut.byte()? != VERSION {
        return Err(Bent("its form is unknown"));
    }
    let mut all = [const { Vec::new() }; SORTS.len()];
    for segments in &mut all {
        for _ in 0..cut.count()? {
            segments.push(Segment { first: cut.signed()?, ranks: cut.size()? });
        }
    }
    cut.end()?;
    Ok(all)
}

/// The seal of an entry of the table.
pub(super) fn seal_of(place: i64, body: &[u8]) -> i64 {
    Seal::of("ranks").number(Some(place)).bytes(Some(body)).value()
}

async fn entry<T>(conn: &mut SqliteConnection, run: i64, n: i64, read: impl FnOnce(&[u8]) -> Result<T, Bent>) -> Result<T, StoreError> {
    let place = place(run, n);
    let found: Option<(Vec<u8>, i64)> =
        sqlx::query_as("SELECT body, seal FROM ranks WHERE place = ?1").bind(place).fetch_optional(conn).await.map_err(fault::store)?;
    let what = || format!("rank entry {n} of run {run}");
    let (body, stored) = found.ok_or_else(|| fault::damaged(format!("{} is missing", what())))?;
    seal::check(what, stored, seal_of(place, &body))?;
    read(&body).map_err(|Bent(why)| fault::damaged(format!("{}: {why}", what())))
}

/// The ranks of a run in one sort.
#[derive(Debug)]
pub(super) struct Ranks {
    run: i64,
    segments: Vec<Open>,
}

/// A segment and the entry of it that was read last.
#[derive(Debug)]
struct Open {
    segment: Segment,
    read: Option<(usize, Vec<Rank>)>,
}

impl Ranks {
    /// Those of a sort that is ranked.
    pub async fn of(conn: &mut SqliteConnection, run: i64, sort: SortColumn) -> Result<Self, StoreError> {
        let all = entry(conn, run, 0, directory).await?;
        let found = SORTS.iter().zip(all).find(|(s, _)| **s == sort).map(|(_, segments)| segments);
        Ok(Self { run, segments: found.unwrap_or_default().into_iter().map(|segment| Open { segment, read: None }).collect() })
    }

    /// Whether a sort is ranked.
    pub fn have(sort: SortColumn) -> bool {
        SORTS.contains(&sort)
    }

    /// At most `limit` ranks from `from` on and before `to` that are wanted; from the last on where not ascending.
    pub async fn between(
        &mut self,
        conn: &mut SqliteConnection,
        (from, to): (Key, Key),
        ascending: bool,
        limit: usize,
        wanted: impl Fn(&Rank) -> bool,
    ) -> Result<Vec<Rank>, StoreError> {
        let run = self.run;
        let mut heads = Vec::new();
        for open in &mut self.segments {
            let (first, end) = (open.first_from(conn, run, from).await?, open.first_from(conn, run, to).await?);
            if first < end {
                let at = if ascending { first } else { end - 1 };
                heads.push((open.at(conn, run, at).await?, at, first..end, open));
            }
        }
        let mut found = Vec::new();
        while found.len() < limit && !heads.is_empty() {
            let next = (0..heads.len()).min_by(|a, b| {
                let order = heads[*a].0.key().cmp(&heads[*b].0.key());
                if ascending { order } else { order.reverse() }
            });
            let Some(next) = next else { break };
            let (rank, at, range, open) = &mut heads[next];
            if wanted(rank) {
                found.push(*rank);
            }
            let onward = if ascending { Some(*at + 1) } else { at.checked_sub(1) }.filter(|at| range.contains(at));
            match onward {
                Some(onward) => (*rank, *at) = (open.at(conn, run, onward).await?, onward),
                None => drop(heads.swap_remove(next)),
            }
        }
        Ok(found)
    }
}

impl Open {
    async fn at(&mut self, conn: &mut SqliteConnection, run: i64, at: usize) -> Result<Rank, StoreError> {
        let number = at / CHUNK;
        if self.read.as_ref().is_none_or(|(n, _)| *n != number) {
            let n = i64::try_from(number).unwrap_or(i64::MAX).saturating_add(self.segment.first);
            self.read = Some((number, entry(conn, run, n, unpacked).await?));
        }
        let rank = self.read.as_ref().and_then(|(_, ranks)| ranks.get(at % CHUNK)).copied();
        rank.ok_or_else(|| fault::damaged(format!("a rank of run {run} is missing")))
    }

    /// Where the first rank is that is not before the key.
    async fn first_from(&mut self, conn: &mut SqliteConnection, run: i64, key: Key) -> Result<usize, StoreError> {
        let (mut low, mut high) = (0, self.segment.ranks);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.at(conn, run, middle).await?.key() < key {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }
}

//! A run on its way into blocks and ranks: rows are packed into bundles where they are made, and bundles are numbered and ranked
//! one after another.

use super::block::Monies;
use super::columns::place;
use super::glances;
use super::insert::Entry;
use super::pack::Packer;
use super::ranks::{Differing, Ranking};
use super::sums::Sums;
use super::{fault, runs};
use crate::domain::evidence::Evidence;
use crate::domain::glance::Glance;
use crate::domain::period::Period;
use crate::domain::row::ReconRow;
use crate::ports::workspace::{RowBundle, StoreError};
use std::any::Any;

/// A row's place in the order of a run.
#[derive(Debug, Clone, Default)]
struct Place {
    key: String,
    period: Option<Period>,
}

impl Place {
    fn of(row: &ReconRow) -> Self {
        Self { key: row.key.raw().to_owned(), period: Some(row.period) }
    }

    /// An error where a row of that key and period would come too late.
    fn then(&self, key: &str, period: Period) -> Result<(), StoreError> {
        let days = |p: Period| (p.start, p.end);
        if self.key.as_str().cmp(key).then_with(|| self.period.map(days).cmp(&Some(days(period)))).is_gt() {
            let key = crate::domain::text::shown(key, 60);
            return Err(fault::damaged(format!("rows out of order: {key:?} {period} came too late")));
        }
        Ok(())
    }
}

/// Rows packed into a block that has no number yet.
#[derive(Debug, Default)]
pub(super) struct Bundle {
    packer: Packer,
    first: Place,
    last: Place,
    differing: Vec<Differing>,
    /// What the rows that differ tell of each other.
    glances: Vec<u8>,
    sums: Sums,
    /// What is kept beside rows, by their place from nought.
    evidence: Vec<(u32, String)>,
    /// Why a row was not taken: then none of the others may count for the whole.
    refused: Option<StoreError>,
}

impl RowBundle for Bundle {
    fn another(&self) -> Box<dyn RowBundle> {
        Box::new(Self::default())
    }

    fn take(&mut self, row: &ReconRow, evidence: Option<&Evidence>) -> Result<(), StoreError> {
        let key = row.key.raw();
        if self.packer.rows() == 0 {
            (self.first, self.last) = (Place::of(row), Place::of(row));
        } else {
            self.last.then(key, row.period).inspect_err(|why| self.refused = Some(why.clone()))?;
            key.clone_into(&mut self.last.key);
            self.last.period = Some(row.period);
        }
        let monies = Monies::of(row);
        let (amounts, at_stake) = (monies.amounts(), monies.at_stake());
        self.sums.add(row.verdict, &amounts, at_stake);
        let place = u32::try_from(self.packer.rows()).unwrap_or(u32::MAX);
        self.differing.extend(Differing::of(place, row.verdict, at_stake, amounts.delta));
        if row.verdict.differs() {
            glances::put(&mut self.glances, &Glance::at(row));
        }
        if let Some(evidence) = evidence {
            let body = runs::json(evidence).inspect_err(|why| self.refused = Some(why.clone()))?;
            self.evidence.push((place, body));
        }
        self.packer.push(row, &monies);
        Ok(())
    }

    fn rows(&self) -> u64 {
        self.packer.rows() as u64
    }

    fn is_full(&self) -> bool {
        self.packer.is_full()
    }
}

/// What is packed of a run and not yet taken away.
#[derive(Debug)]
pub(super) struct Packing {
    run: i64,
    ranking: Ranking,
    sums: Sums,
    rows: u32,
    last: Place,
}

impl Packing {
    /// Nothing yet.
    pub fn of(run: i64) -> Self {
        Self { run, ranking: Ranking::default(), sums: Sums::default(), rows: 0, last: Place::default() }
    }

    /// Takes the next bundle in: its block and what is kept beside its rows; nothing where it is empty.
    pub fn take(&mut self, bundle: Box<dyn RowBundle>) -> Result<Vec<Entry>, StoreError> {
        let bundle: Box<dyn Any> = bundle;
        let foreign = |_| fault::unavailable("rows of another store cannot be taken", "this is a bug in dualrun: please report it");
        let Bundle { mut packer, first, last, differing, glances, sums, evidence, refused } = *bundle.downcast::<Bundle>().map_err(foreign)?;
        refused.map_or(Ok(()), Err)?;
        let Some(period) = first.period else { return Ok(Vec::new()) };
        self.last.then(&first.key, period)?;
        let full = || fault::unavailable("a run has more rows than fit", "reconcile a part of them at a time");
        let (before, rows) = (self.rows, u32::try_from(packer.rows()).map_err(|_| full())?);
        self.rows = before.checked_add(rows).ok_or_else(full)?;
        self.last = last;
        self.sums.absorb(sums);
        self.ranking.add(before + 1, differing);
        let of = |row: u32| place(self.run, i64::from(before) + 1 + i64::from(row));
        let block = Entry::block(of(0), i64::from(rows), packer.take());
        let glances = (!glances.is_empty()).then(|| Entry::glances(of(0), glances));
        Ok(std::iter::once(block).chain(glances).chain(evidence.into_iter().map(|(row, body)| Entry::evidence(of(row), body))).collect())
    }

    /// Rows that do not match and are not ranked yet.
    pub fn unranked(&self) -> usize {
        self.ranking.gathered()
    }

    /// Ranks those.
    pub fn ranks(&mut self) -> Vec<Entry> {
        let run = self.run;
        self.ranking.rank().into_iter().map(|(n, body)| Entry::ranks(place(run, n), body)).collect()
    }

    /// What the last row left to do.
    pub fn end(&mut self) -> Vec<Entry> {
        let mut entries = self.ranks();
        entries.push(Entry::ranks(place(self.run, 0), self.ranking.directory()));
        entries
    }

    /// What the rows come to.
    pub const fn sums(&self) -> &Sums {
        &self.sums
    }
}

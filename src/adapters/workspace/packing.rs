//! A run on its way into blocks and ranks.

use super::block::Monies;
use super::columns::place;
use super::fault;
use super::insert::Entry;
use super::pack::Packer;
use super::ranks::Ranking;
use super::sums::Sums;
use crate::domain::period::Period;
use crate::domain::row::ReconRow;
use crate::ports::workspace::StoreError;

/// What is packed of a run and not yet taken away.
#[derive(Debug)]
pub(super) struct Packing {
    run: i64,
    packer: Packer,
    ranking: Ranking,
    sums: Sums,
    rows: u32,
    last: Option<(String, Period)>,
}

impl Packing {
    /// Nothing yet.
    pub fn of(run: i64) -> Self {
        Self { run, packer: Packer::default(), ranking: Ranking::default(), sums: Sums::default(), rows: 0, last: None }
    }

    /// Takes the next row in, which must not be before the last one.
    pub fn take(&mut self, row: &ReconRow) -> Result<(), StoreError> {
        let key = row.key.raw();
        let (last, period) = self.last.get_or_insert_with(|| (String::new(), row.period));
        let order = last.as_str().cmp(key).then_with(|| (period.start, period.end).cmp(&(row.period.start, row.period.end)));
        if order.is_gt() {
            return Err(fault::damaged(format!("rows out of order: {:?} {} came too late", row.key, row.period)));
        }
        *period = row.period;
        key.clone_into(last);
        let full = || fault::unavailable("a run has more rows than fit", "reconcile a part of them at a time");
        self.rows = self.rows.checked_add(1).ok_or_else(full)?;
        let monies = Monies::of(row);
        let (amounts, at_stake) = (monies.amounts(), monies.at_stake());
        self.sums.add(row.verdict, &amounts, at_stake);
        self.ranking.add(self.rows, row.verdict, at_stake, amounts.delta);
        self.packer.push(row, &monies);
        Ok(())
    }

    /// Whether the block should be taken.
    pub fn is_full(&self) -> bool {
        self.packer.is_full()
    }

    /// The block of the rows since the last one, sealed.
    pub fn block(&mut self) -> Entry {
        let rows = i64::try_from(self.packer.rows()).unwrap_or(i64::MAX);
        Entry::block(place(self.run, i64::from(self.rows) + 1 - rows), rows, self.packer.take())
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

    /// All that was not taken yet, after the last row.
    pub fn end(&mut self) -> Vec<Entry> {
        let mut entries = self.ranks();
        entries.push(Entry::ranks(place(self.run, 0), self.ranking.directory()));
        if self.packer.rows() > 0 {
            entries.push(self.block());
        }
        entries
    }

    /// What the rows come to.
    pub const fn sums(&self) -> &Sums {
        &self.sums
    }
}

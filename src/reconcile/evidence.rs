//! What is kept beside a row that differs: what either side says of its subscriptions, and usage that came late or again.

use super::cell::Cell;
use crate::domain::evidence::{Evidence, LateUsage, MovedUsage, SideEvidence};
use crate::domain::exact::Exact;
use crate::domain::pack::Bent;
use crate::domain::period::Zone;
use crate::domain::row::ReconRow;
use crate::domain::side::Side;
use crate::ledger::books::Books;
use crate::ledger::evidence::order;
use std::collections::BTreeMap;

/// The evidence beside a row made of some cells; `None` where there is none, or where the row does not differ.
pub fn evidence<'c, 'a: 'c>(books: &Books, row: &ReconRow, cells: impl Iterator<Item = &'c Cell<'a>>) -> Result<Option<Evidence>, Bent> {
    if !row.verdict.differs() {
        return Ok(None);
    }
    let mut all = Evidence::default();
    let (mut late, mut repeated, mut moved, mut subscriptions) = (Sums::default(), Sums::default(), Sums::default(), 0);
    for cell in cells {
        for (side, said) in [(Side::Source, &mut all.source), (Side::Target, &mut all.target)] {
            let dossiers = &books.catalogue(side).dossiers;
            if !dossiers.is_empty() {
                let SideEvidence { discounts, events } = dossiers.of(cell.known.party.key)?;
                said.discounts.extend(discounts);
                said.events.extend(events);
            }
        }
        for record in &cell.usage.late {
            late.add((record.metric, record.ingested_on), record.quantity);
        }
        subscriptions += 1;
        for record in &cell.usage.moved {
            moved.add((record.side, record.metric, record.comes), record.quantity);
        }
        for record in &cell.usage.repeated {
            repeated.add(record.metric, record.quantity);
        }
    }
    order(&mut all.source);
    order(&mut all.target);
    all.late = late.all(|(metric, arrived_on), quantity| LateUsage { metric: metric.to_owned(), arrived_on, quantity });
    all.repeated = repeated.all(|metric, quantity| (metric.to_owned(), quantity));
    let zone = |side| books.profile.side(side).usage_zone.map_or("", Zone::name).to_owned();
    // Of a row of several subscriptions it is not told whose usage was rated; at the edge of what was read, not all that may come in was.
    let moved = if subscriptions == 1 && books.scope.is_inner(row.period) { moved } else { Sums::default() };
    all.moved = moved.all(|(side, metric, comes), quantity| MovedUsage { side, zone: zone(side), metric: metric.to_owned(), comes, quantity });
    Ok(Some(all).filter(|all| !all.is_empty()))
}

/// Quantities added up by what they are of. What does not fit into a sum begins another.
struct Sums<K>(BTreeMap<K, Vec<Exact>>);

impl<K> Default for Sums<K> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K: Ord> Sums<K> {
    fn add(&mut self, of: K, quantity: Exact) {
        let sums = self.0.entry(of).or_default();
        match sums.last_mut().map(|sum| (sum.add(quantity), sum)) {
            Some((Ok(total), sum)) => *sum = total,
            _ => sums.push(quantity),
        }
    }

    fn all<T>(self, made: impl Fn(K, Exact) -> T) -> Vec<T>
    where
        K: Copy,
    {
        self.0.into_iter().flat_map(|(of, sums)| sums.into_iter().map(move |sum| (of, sum))).map(|(of, sum)| made(of, sum)).collect()
    }
}

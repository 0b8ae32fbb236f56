//! Blocks on their way into the file, of all runs being written: gathered to a lot, and one lot stored while the next is
//! gathered. So what waits to be stored is bounded for all runs together, and who computes rows waits only for a slow disk.

use super::insert::{self, Entry};
use super::keeper::{Keeper, Slot};
use super::{fault, runs};
use crate::ports::workspace::StoreError;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use tokio::task::JoinHandle;

/// Bytes that are stored together, in one transaction, at least …
const LOT: usize = 1 << 20;
/// … and at most: so many are gathered while the disk takes its time, as it does now and then for all it was given, before anybody waits.
const MOST: usize = 3 << 20;

/// A run as its writer and the lots both know it.
#[derive(Debug)]
pub(super) struct Written {
    run: i64,
    /// Why the run is not whole: from then on nothing more of it is stored.
    refused: OnceLock<StoreError>,
}

impl Written {
    pub fn new(run: i64) -> Self {
        Self { run, refused: OnceLock::new() }
    }

    /// What stands against going on, if anything does.
    pub fn check(&self) -> Result<(), StoreError> {
        self.refused.get().map_or(Ok(()), |why| Err(why.clone()))
    }

    /// Keeps the first refusal.
    pub fn refuse(&self, why: StoreError) {
        // An earlier one stands.
        drop(self.refused.set(why));
    }
}

/// What says that nobody writes the run any more.
pub(super) fn stopped() -> StoreError {
    fault::unavailable("writing was stopped", "start the run again")
}

/// A transaction under way.
type Storing = JoinHandle<Result<(), StoreError>>;

/// The lot being gathered and the one being stored.
#[derive(Debug, Default)]
pub(super) struct Lots {
    gathered: Vec<(Arc<Written>, Entry)>,
    bytes: usize,
    storing: Option<(Vec<Arc<Written>>, Storing)>,
}

impl Lots {
    /// Takes entries of a run in, and begins to store where there are enough.
    pub async fn gather(&mut self, keeper: &Arc<Keeper>, of: &Arc<Written>, entries: Vec<Entry>) {
        self.bytes += entries.iter().map(Entry::bytes).sum::<usize>();
        self.gathered.extend(entries.into_iter().map(|e| (Arc::clone(of), e)));
        let is_free = || self.storing.as_ref().is_none_or(|(_, work)| work.is_finished());
        if self.bytes >= MOST || self.bytes >= LOT && is_free() {
            self.store(keeper).await;
        }
    }

    /// Begins to store what is gathered, once the lot before it is stored.
    pub async fn store(&mut self, keeper: &Arc<Keeper>) {
        self.stored().await;
        let mut by_run: BTreeMap<i64, (Arc<Written>, Vec<Entry>)> = BTreeMap::new();
        for (of, entry) in self.gathered.drain(..).filter(|(of, _)| of.check().is_ok()) {
            by_run.entry(of.run).or_insert_with(|| (of, Vec::new())).1.push(entry);
        }
        self.bytes = 0;
        if by_run.is_empty() {
            return;
        }
        let whose = by_run.values().map(|(of, _)| Arc::clone(of)).collect();
        let entries: Vec<(i64, Vec<Entry>)> = by_run.into_values().map(|(of, entries)| (of.run, entries)).collect();
        let keeper = Arc::clone(keeper);
        let work = async move {
            let mut slot = keeper.slot().await;
            let result = store_entries(&keeper, &mut slot, entries).await;
            slot.settle(result)
        };
        self.storing = Some((whose, tokio::spawn(work)));
    }

    /// Waits for the lot under way. Its runs are told when it could not be stored.
    pub async fn stored(&mut self) {
        let Some((whose, work)) = &mut self.storing else { return };
        if let Err(why) = work.await.unwrap_or_else(|_| Err(stopped())) {
            for of in whose {
                of.refuse(why.clone());
            }
        }
        self.storing = None;
    }
}

/// Entries of a run that was dropped and recovered meanwhile are not stored: nobody would ever take them away.
async fn store_entries(keeper: &Keeper, slot: &mut Slot, entries: Vec<(i64, Vec<Entry>)>) -> Result<(), StoreError> {
    let mut tx = slot.begin_part(keeper).await?;
    for (run, entries) in entries {
        if runs::is_running(&mut tx, run).await? {
            insert::entries(&mut tx, entries).await?;
        }
    }
    tx.commit().await.map_err(fault::store)
}

//! The thread that packs rows and has them stored, for all runs being written: who computes rows only hands them over.
//!
//! What is under way is bounded for all runs together: rows handed over and not yet packed, packed blocks not yet stored (one
//! lot is stored while the next is packed), and the rows that do not match, before they are ranked. Each run has one block
//! being filled beside.

use super::insert::{self, Entry};
use super::keeper::{Keeper, Slot};
use super::packing::Packing;
use super::sums::Sums;
use super::{fault, runs};
use crate::domain::row::ReconRow;
use crate::ports::workspace::StoreError;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::task::JoinHandle;

/// Rows that may wait to be packed.
const ROOM: u32 = 2_048;
/// Packed bytes that are stored together, in one transaction.
const LOT: usize = 1 << 20;
/// Rows that do not match and are not ranked yet, of all runs.
const UNRANKED: usize = 1 << 16;

/// The way to the thread; it ends with the last of these.
#[derive(Debug)]
pub(super) struct Press {
    orders: mpsc::UnboundedSender<Order>,
    room: Arc<Semaphore>,
    spent: Spent,
}

/// Packed rows on the way back: they are freed where they were made, which costs the allocator far less.
type Spent = Arc<Mutex<Vec<Vec<ReconRow>>>>;

/// A run as the thread and its writer both know it. It holds the keeper, and so the lock, as long as anything of the run is
/// under way.
#[derive(Debug)]
pub(super) struct Written {
    pub keeper: Arc<Keeper>,
    pub run: i64,
    /// Why the run is not whole: from then on nothing more of it is stored.
    refused: OnceLock<StoreError>,
}

impl Written {
    pub fn new(keeper: Arc<Keeper>, run: i64) -> Self {
        Self { keeper, run, refused: OnceLock::new() }
    }

    /// What stands against going on, if anything does.
    pub fn check(&self) -> Result<(), StoreError> {
        self.refused.get().map_or(Ok(()), |why| Err(why.clone()))
    }
}

#[derive(Debug)]
enum Order {
    /// Pack these.
    Rows(Arc<Written>, Vec<ReconRow>, OwnedSemaphorePermit),
    /// Store all of the run, and say what it came to.
    Finish(Arc<Written>, oneshot::Sender<Result<Sums, StoreError>>),
    /// Forget the run: nothing more of it is stored after the answer.
    Forget(Arc<Written>, Option<oneshot::Sender<()>>),
}

fn stopped() -> StoreError {
    fault::unavailable("writing was stopped", "start the run again")
}

impl Press {
    /// Starts the thread; to be called where a runtime is.
    pub fn start() -> Result<Self, StoreError> {
        let (orders, mut ordered) = mpsc::unbounded_channel();
        let spent = Spent::default();
        let mut bed = Bed { handle: Handle::current(), runs: BTreeMap::new(), lot: Vec::new(), bytes: 0, storing: None, spent: Arc::clone(&spent) };
        let work = move || {
            while let Some(order) = ordered.blocking_recv() {
                bed.follow(order);
            }
        };
        std::thread::Builder::new().name("dualrun-press".to_owned()).spawn(work).map_err(|e| fault::io("starting a thread", &e))?;
        Ok(Self { orders, room: Arc::new(Semaphore::new(ROOM as usize)), spent })
    }

    /// Hands rows over, once there is room for them.
    pub async fn rows(&self, of: &Arc<Written>, rows: Vec<ReconRow>) -> Result<(), StoreError> {
        // More rows than there is room for at all wait until nothing else is there.
        let room = u32::try_from(rows.len()).unwrap_or(ROOM).min(ROOM);
        let permit = Arc::clone(&self.room).acquire_many_owned(room).await.map_err(|_| stopped())?;
        self.take_back();
        of.check()?;
        self.orders.send(Order::Rows(Arc::clone(of), rows, permit)).map_err(|_| stopped())
    }

    fn take_back(&self) {
        drop(std::mem::take(&mut *self.spent.lock().unwrap_or_else(PoisonError::into_inner)));
    }

    /// Waits until a run is stored.
    pub async fn finish(&self, of: &Arc<Written>) -> Result<Sums, StoreError> {
        let (tell, told) = oneshot::channel();
        self.orders.send(Order::Finish(Arc::clone(of), tell)).map_err(|_| stopped())?;
        let sums = told.await.map_err(|_| stopped())?;
        self.take_back();
        sums
    }

    /// Waits until nothing of a run is under way any more.
    pub async fn abandon(&self, of: &Arc<Written>) {
        let (tell, told) = oneshot::channel();
        if self.orders.send(Order::Forget(Arc::clone(of), Some(tell))).is_ok() {
            // A thread that is gone has nothing under way either.
            drop(told.await);
        }
    }

    /// Lets a run go that nobody writes any more.
    pub fn forget(&self, of: &Arc<Written>) {
        drop(self.orders.send(Order::Forget(Arc::clone(of), None)));
    }
}

/// What the thread works on.
#[derive(Debug)]
struct Bed {
    handle: Handle,
    runs: BTreeMap<i64, (Arc<Written>, Packing)>,
    /// Packed and not yet on the way into the file.
    lot: Vec<(Arc<Written>, Entry)>,
    bytes: usize,
    /// The lot that is being stored meanwhile.
    storing: Storing,
    spent: Spent,
}

impl Bed {
    /// Whoever waits for an answer gets it when nothing here holds the run, and so the lock, any more.
    fn follow(&mut self, order: Order) {
        match order {
            Order::Rows(of, rows, room) => {
                self.pack(&of, &rows);
                self.spent.lock().unwrap_or_else(PoisonError::into_inner).push(rows);
                drop(room);
            }
            Order::Finish(of, answer) => {
                let sums = self.finish(&of);
                drop(of);
                // Who asked may have gone: then nobody publishes the run, and it is recovered.
                drop(answer.send(sums));
            }
            Order::Forget(of, answer) => {
                self.runs.remove(&of.run);
                self.lot.retain(|(w, _)| w.run != of.run);
                self.bytes = self.lot.iter().map(|(_, e)| e.bytes()).sum();
                self.stored();
                drop(of);
                if let Some(answer) = answer {
                    let _ = answer.send(());
                }
            }
        }
    }

    fn pack(&mut self, of: &Arc<Written>, rows: &[ReconRow]) {
        if of.check().is_err() {
            return;
        }
        let (_, packing) = self.runs.entry(of.run).or_insert_with(|| (Arc::clone(of), Packing::of(of.run)));
        for row in rows {
            if let Err(why) = packing.take(row) {
                drop(of.refused.set(why));
                self.runs.remove(&of.run);
                return;
            }
            if packing.is_full() {
                let entry = packing.block();
                self.bytes += entry.bytes();
                self.lot.push((Arc::clone(of), entry));
                if self.bytes >= LOT {
                    store(&self.handle, &mut self.storing, &mut self.lot);
                    self.bytes = 0;
                }
            }
        }
        if self.runs.values().map(|(_, p)| p.unranked()).sum::<usize>() >= UNRANKED {
            for (of, packing) in self.runs.values_mut() {
                let entries = packing.ranks();
                self.bytes += entries.iter().map(Entry::bytes).sum::<usize>();
                self.lot.extend(entries.into_iter().map(|e| (Arc::clone(of), e)));
            }
        }
    }

    fn finish(&mut self, of: &Arc<Written>) -> Result<Sums, StoreError> {
        of.check()?;
        let mut packing = self.runs.remove(&of.run).map_or_else(|| Packing::of(of.run), |(_, packing)| packing);
        self.lot.extend(packing.end().into_iter().map(|e| (Arc::clone(of), e)));
        store(&self.handle, &mut self.storing, &mut self.lot);
        self.bytes = 0;
        self.stored();
        of.check()?;
        Ok(packing.sums())
    }

    /// Waits for the lot under way.
    fn stored(&mut self) {
        wait(&self.handle, &mut self.storing);
    }
}

/// A lot on the way into the file, and whose it is.
type Storing = Option<(Vec<Arc<Written>>, JoinHandle<Result<(), StoreError>>)>;

/// Begins to store a lot, once the one before it is stored.
fn store(handle: &Handle, storing: &mut Storing, lot: &mut Vec<(Arc<Written>, Entry)>) {
    wait(handle, storing);
    let mut by_run: BTreeMap<i64, (Arc<Written>, Vec<Entry>)> = BTreeMap::new();
    for (of, entry) in lot.drain(..) {
        by_run.entry(of.run).or_insert_with(|| (of, Vec::new())).1.push(entry);
    }
    let Some((first, _)) = by_run.values().next() else { return };
    let keeper = Arc::clone(&first.keeper);
    let whose = by_run.values().map(|(of, _)| Arc::clone(of)).collect();
    let entries: Vec<(i64, Vec<Entry>)> = by_run.into_values().map(|(of, entries)| (of.run, entries)).collect();
    let work = async move {
        let mut slot = keeper.slot().await;
        let result = store_entries(&keeper, &mut slot, entries).await;
        slot.settle(result)
    };
    *storing = Some((whose, handle.spawn(work)));
}

fn wait(handle: &Handle, storing: &mut Storing) {
    let Some((whose, work)) = storing.take() else { return };
    if let Err(why) = handle.block_on(work).unwrap_or_else(|_| Err(stopped())) {
        for of in whose {
            drop(of.refused.set(why.clone()));
        }
    }
}

/// Entries of a run that was dropped and recovered meanwhile are not stored: nobody would ever take them away.
async fn store_entries(keeper: &Keeper, slot: &mut Slot, entries: Vec<(i64, Vec<Entry>)>) -> Result<(), StoreError> {
    let mut tx = slot.begin(keeper).await?;
    for (run, entries) in entries {
        if runs::is_running(&mut tx, run).await? {
            insert::entries(&mut tx, entries).await?;
        }
    }
    tx.commit().await.map_err(fault::store)
}

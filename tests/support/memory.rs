//! A workspace in memory: what the engines handed over, for tests that compare rows and have no use for a file.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use dualrun::domain::decode::RowError;
use dualrun::domain::evidence::{Evidence, Shelf};
use dualrun::domain::explanation::Explanation;
use dualrun::domain::finding::Finding;
use dualrun::domain::gate::{GateAct, GateDeed};
use dualrun::domain::glance::Glance;
use dualrun::domain::import::{Delivery, Import, ImportRequest, Inertness, MappedId, Staged};
use dualrun::domain::period::Period;
use dualrun::domain::review::{Act, ReviewTally, Standing, Subject};
use dualrun::domain::row::ReconRow;
use dualrun::domain::run::{Run, RunRequest, RunState, SnapshotInfo};
use dualrun::domain::shadow::RecordId;
use dualrun::domain::side::Side;
use dualrun::ports::clock::Clock;
use dualrun::ports::explanations::{Explanations, ExplanationsWriter};
use dualrun::ports::gates::{Gates, GatesWriter};
use dualrun::ports::reviews::{Reviews, ReviewsWriter};
use dualrun::ports::scratch::Scratch;
use dualrun::ports::staging::{ImportEnd, StageChange, Staging, StagingWriter};
use dualrun::ports::workspace::{
    FilterTotals, JournalEntry, JournalHead, PageRequest, RowBundle, RowDetail, RowFilter, RowLine, RowPage, RunEnd, RunWriter, StoreError, Taking,
    Workspace, WorkspaceDoor, WorkspaceWriter,
};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Scratch in memory.
#[derive(Default)]
struct Heap(BTreeMap<usize, Vec<u8>>);

impl Scratch for Heap {
    fn write(&mut self, piles: &[(usize, &[u8])]) -> Result<(), StoreError> {
        for (pile, bytes) in piles {
            self.0.entry(*pile).or_default().extend_from_slice(bytes);
        }
        Ok(())
    }
    fn read(&mut self, pile: usize) -> Result<Vec<u8>, StoreError> {
        Ok(self.0.get(&pile).cloned().unwrap_or_default())
    }
}

/// A clock that stands still.
#[derive(Debug)]
pub struct Noon;

impl Clock for Noon {
    fn now(&self) -> DateTime<Utc> {
        "2026-06-10T12:00:00Z".parse().expect("a moment")
    }
}

/// What a run left behind.
#[derive(Debug, Clone)]
pub struct Kept {
    pub run: Run,
    pub rows: Vec<ReconRow>,
    /// What is kept beside rows, by their place in `rows`.
    pub evidence: BTreeMap<usize, Evidence>,
    pub shelves: BTreeMap<Side, Shelf>,
    /// Why rows differ, by their place in `rows`.
    pub explanations: BTreeMap<i64, Explanation>,
    pub findings: Vec<Finding>,
    pub rejected: Vec<RowError>,
}

/// The memory; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Memory(Arc<Mutex<Vec<Kept>>>, Arc<Mutex<Vec<Inertness>>>, Arc<AtomicI64>);

impl Memory {
    /// All runs so far.
    pub fn kept(&self) -> Vec<Kept> {
        self.0.lock().expect("memory").clone()
    }

    fn of(&self, run: i64) -> Result<Kept, StoreError> {
        self.kept().into_iter().find(|k| k.run.id == run).ok_or_else(|| StoreError::Absent { what: format!("run {run}") })
    }
}

fn unused<T>() -> Result<T, StoreError> {
    Err(StoreError::Absent { what: "this in a memory".to_owned() })
}

#[async_trait]
impl WorkspaceDoor for Memory {
    fn scratch(&self) -> Result<Box<dyn Scratch>, StoreError> {
        Ok(Box::new(Heap::default()))
    }
    async fn read(&self) -> Result<Option<Arc<dyn Workspace>>, StoreError> {
        Ok(Some(Arc::new(self.clone())))
    }
    async fn write(&self, _: &str, _: &str, _: Duration) -> Result<Arc<dyn WorkspaceWriter>, StoreError> {
        Ok(Arc::new(self.clone()))
    }
}

#[async_trait]
impl Workspace for Memory {
    async fn runs(&self, _: usize) -> Result<Vec<Run>, StoreError> {
        Ok(self.kept().into_iter().map(|k| k.run).rev().collect())
    }
    async fn run(&self, _: i64) -> Result<Run, StoreError> {
        unused()
    }
    async fn newest_runs(&self, _: &str) -> Result<Vec<Run>, StoreError> {
        unused()
    }
    async fn current_runs(&self) -> Result<Vec<Run>, StoreError> {
        let counts = |run: &Run| run.is_full() && run.state == RunState::Complete;
        let newest: BTreeMap<_, _> = self.kept().into_iter().filter(|k| counts(&k.run)).map(|k| (k.run.request.month, k.run)).collect();
        Ok(newest.into_values().collect())
    }
    async fn page(&self, _: &PageRequest) -> Result<RowPage, StoreError> {
        Ok(RowPage::default())
    }
    async fn each_row(&self, _: i64, _: &RowFilter, _: Taking<'_>) -> Result<(), StoreError> {
        unused()
    }
    async fn totals(&self, _: i64, _: &RowFilter) -> Result<FilterTotals, StoreError> {
        unused()
    }
    async fn detail(&self, _: i64, _: i64) -> Result<RowDetail, StoreError> {
        unused()
    }
    async fn find(&self, _: i64, _: &str, _: Option<Period>) -> Result<Option<RowLine>, StoreError> {
        unused()
    }
    async fn findings(&self, _: i64) -> Result<Vec<Finding>, StoreError> {
        unused()
    }
    async fn rejected(&self, _: i64, _: usize) -> Result<Vec<RowError>, StoreError> {
        unused()
    }
    async fn journal(&self, _: usize) -> Result<Vec<JournalEntry>, StoreError> {
        unused()
    }
    async fn journal_head(&self) -> Result<JournalHead, StoreError> {
        unused()
    }
    async fn verify_journal(&self) -> Result<JournalHead, StoreError> {
        unused()
    }
    async fn adopted_config(&self) -> Result<Option<String>, StoreError> {
        Ok(None)
    }
    async fn config_adopters(&self) -> Result<Vec<String>, StoreError> {
        Ok(Vec::new())
    }
}

/// A memory is asked for rows and what is kept beside them directly.
#[async_trait]
impl Explanations for Memory {
    async fn shelf(&self, run: i64, side: Side) -> Result<Shelf, StoreError> {
        Ok(self.of(run)?.shelves.remove(&side).unwrap_or_default())
    }
    async fn evidence(&self, run: i64, seq: i64) -> Result<Option<Evidence>, StoreError> {
        Ok(usize::try_from(seq).ok().and_then(|at| self.of(run).ok()?.evidence.remove(&at)))
    }
    async fn differing(&self, run: i64) -> Result<Vec<i64>, StoreError> {
        Ok((0..).zip(self.of(run)?.rows).filter(|(_, row)| row.verdict.differs()).map(|(seq, _)| seq).collect())
    }
    async fn glances(&self, run: i64) -> Result<Vec<Glance>, StoreError> {
        Ok(self.of(run)?.rows.iter().filter(|row| row.verdict.differs()).map(Glance::at).collect())
    }

    async fn rows_at(&self, run: i64, seqs: &[i64]) -> Result<Vec<(i64, ReconRow, Option<Evidence>)>, StoreError> {
        let Kept { rows, mut evidence, .. } = self.of(run)?;
        let numbered = (0..).zip(rows.into_iter().enumerate()).filter(|(seq, _)| seqs.contains(seq));
        Ok(numbered.map(|(seq, (at, row))| (seq, row, evidence.remove(&at))).collect())
    }
    async fn whole_rows(&self, run: i64, after: Option<i64>, limit: usize) -> Result<Vec<(i64, ReconRow)>, StoreError> {
        let rows = (0..).zip(self.of(run)?.rows).filter(|(seq, _)| after.is_none_or(|a| *seq > a));
        Ok(rows.take(limit).collect())
    }
    async fn explanation(&self, run: i64, seq: i64) -> Result<Option<Explanation>, StoreError> {
        Ok(self.of(run)?.explanations.remove(&seq))
    }
    async fn explanations(&self, _: i64, _: Option<i64>, _: usize) -> Result<Vec<(i64, Explanation)>, StoreError> {
        unused()
    }
    async fn clusters(&self, _: i64) -> Result<Option<String>, StoreError> {
        unused()
    }
}

#[async_trait]
impl ExplanationsWriter for Memory {
    async fn explained(&self, run: i64, _: bool, rows: &[(i64, Explanation)]) -> Result<(), StoreError> {
        let mut kept = self.0.lock().expect("memory");
        let of = kept.iter_mut().find(|k| k.run.id == run);
        of.expect("an ended run").explanations.extend(rows.iter().cloned());
        Ok(())
    }
    async fn keep_clusters(&self, _: i64, _: &str) -> Result<(), StoreError> {
        Ok(())
    }
}

/// Nobody decides on what is in a memory: that is tested on the real file.
#[async_trait]
impl Reviews for Memory {
    async fn acts(&self, _: &str) -> Result<Vec<Act>, StoreError> {
        Ok(Vec::new())
    }
    async fn subjects(&self, _: &str) -> Result<Vec<(i64, Subject)>, StoreError> {
        Ok(Vec::new())
    }
    async fn acts_on(&self, _: &str, _: &str) -> Result<Vec<Act>, StoreError> {
        Ok(Vec::new())
    }
    async fn standing(&self, _: i64, _: i64) -> Result<Option<Standing>, StoreError> {
        Ok(None)
    }
    async fn review(&self, _: i64) -> Result<Option<ReviewTally>, StoreError> {
        Ok(None)
    }
}

#[async_trait]
impl ReviewsWriter for Memory {
    async fn decide(&self, _: &Act) -> Result<Act, StoreError> {
        unused()
    }
    async fn keep_review(&self, _: i64, _: &[(i64, Standing)], _: &ReviewTally) -> Result<(), StoreError> {
        unused()
    }
}

/// A memory keeps looks at inertness, and nothing of imports: those are tested on the real file.
#[async_trait]
impl Gates for Memory {
    async fn gate_acts(&self, _: &str) -> Result<Vec<GateAct>, StoreError> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl GatesWriter for Memory {
    async fn gate_act(&self, _: &str, _: &str, _: &GateDeed, _: Option<i64>) -> Result<GateAct, StoreError> {
        unused()
    }
}

#[async_trait]
impl Staging for Memory {
    async fn imports(&self, _: &str, _: usize) -> Result<Vec<Import>, StoreError> {
        Ok(Vec::new())
    }
    async fn staged(&self, _: &str) -> Result<BTreeMap<RecordId, Staged>, StoreError> {
        Ok(BTreeMap::new())
    }
    async fn deliveries(&self, _: &str) -> Result<BTreeMap<RecordId, Delivery>, StoreError> {
        Ok(BTreeMap::new())
    }
    async fn mapping(&self, _: &str) -> Result<Vec<MappedId>, StoreError> {
        Ok(Vec::new())
    }
    async fn inertness(&self, _: &str) -> Result<Option<Inertness>, StoreError> {
        Ok(self.1.lock().expect("memory").last().cloned())
    }
}

#[async_trait]
impl StagingWriter for Memory {
    async fn begin_import(&self, _: &ImportRequest) -> Result<Import, StoreError> {
        unused()
    }
    async fn stage(&self, _: &Import, _: StageChange<'_>) -> Result<(), StoreError> {
        unused()
    }
    async fn note_deliveries(&self, _: &str, _: &[Delivery]) -> Result<(), StoreError> {
        unused()
    }
    async fn map_ids(&self, _: &str, _: &[MappedId]) -> Result<(), StoreError> {
        unused()
    }
    async fn end_import(&self, _: &Import, _: &ImportEnd) -> Result<Import, StoreError> {
        unused()
    }
    async fn note_inertness(&self, _: &str, _: &str, inertness: &Inertness) -> Result<(), StoreError> {
        self.1.lock().expect("memory").push(inertness.clone());
        Ok(())
    }
    async fn settle_parked(&self, _: &str, _: &str, _: &str, _: &[Delivery]) -> Result<(), StoreError> {
        unused()
    }
}

#[async_trait]
impl WorkspaceWriter for Memory {
    async fn begin(&self, request: &RunRequest) -> Result<Box<dyn RunWriter>, StoreError> {
        let run = Run {
            id: self.2.fetch_add(1, Ordering::Relaxed) + 1,
            request: request.clone(),
            state: RunState::Running,
            started_at: Noon.now(),
            finished_at: None,
            tally: dualrun::domain::run::Tally::default(),
            digests: dualrun::domain::run::Digests::default(),
            snapshots: Vec::new(),
            failure: None,
            recheck: None,
            current: false,
        };
        let kept = Kept {
            run,
            rows: Vec::new(),
            evidence: BTreeMap::new(),
            shelves: BTreeMap::new(),
            explanations: BTreeMap::new(),
            findings: Vec::new(),
            rejected: Vec::new(),
        };
        Ok(Box::new(Writing { memory: self.clone(), kept }))
    }
    async fn append(&self, _: &str, _: &str, _: &str) -> Result<JournalEntry, StoreError> {
        unused()
    }
    async fn adopt_config(&self, _: &str, _: &str) -> Result<(), StoreError> {
        Ok(())
    }
    fn recovered(&self) -> &[i64] {
        &[]
    }
}

#[derive(Default)]
struct Rows(Vec<(ReconRow, Option<Evidence>)>);

impl RowBundle for Rows {
    fn another(&self) -> Box<dyn RowBundle> {
        Box::new(Self::default())
    }
    fn take(&mut self, row: &ReconRow, evidence: Option<&Evidence>) -> Result<(), StoreError> {
        self.0.push((row.clone(), evidence.cloned()));
        Ok(())
    }
    fn rows(&self) -> u64 {
        self.0.len() as u64
    }
    fn is_full(&self) -> bool {
        self.0.len() >= 64
    }
}

struct Writing {
    memory: Memory,
    kept: Kept,
}

#[async_trait]
impl RunWriter for Writing {
    fn id(&self) -> i64 {
        self.kept.run.id
    }
    async fn snapshots(&mut self, snapshots: &[SnapshotInfo]) -> Result<(), StoreError> {
        self.kept.run.snapshots = snapshots.to_vec();
        Ok(())
    }
    async fn shelf(&mut self, side: Side, shelf: &Shelf) -> Result<(), StoreError> {
        self.kept.shelves.insert(side, shelf.clone());
        Ok(())
    }
    fn bundle(&self) -> Box<dyn RowBundle> {
        Box::new(Rows::default())
    }
    async fn rows(&mut self, bundle: Box<dyn RowBundle>) -> Result<(), StoreError> {
        let bundle: Box<dyn std::any::Any> = bundle;
        for (row, evidence) in bundle.downcast::<Rows>().expect("rows of this store").0 {
            self.kept.evidence.extend(evidence.map(|evidence| (self.kept.rows.len(), evidence)));
            self.kept.rows.push(row);
        }
        Ok(())
    }
    async fn finish(mut self: Box<Self>, end: RunEnd) -> Result<Run, StoreError> {
        self.kept.run.state = end.state;
        self.kept.run.tally = end.tally;
        self.kept.run.digests = end.digests;
        self.kept.findings = end.findings;
        self.kept.rejected = end.rejected;
        self.kept.run.current = self.kept.run.counts_as_evidence();
        let run = self.kept.run.clone();
        self.memory.0.lock().expect("memory").push(self.kept);
        Ok(run)
    }
    async fn abandon(mut self: Box<Self>, state: RunState, why: &str) -> Result<Run, StoreError> {
        self.kept.run.state = state;
        self.kept.run.failure = Some(why.to_owned());
        let run = self.kept.run.clone();
        self.memory.0.lock().expect("memory").push(self.kept);
        Ok(run)
    }
}

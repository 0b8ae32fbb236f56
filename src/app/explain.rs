//! Explaining the rows of a stored run: from what the run kept, so that it can be done again without a database.

mod agreeing;
pub mod beside;
pub mod export;
mod fixes;
mod rows;
mod since;
mod usage;

pub use fixes::fixes;
pub use since::{Walk, run_before};
pub use usage::UsageLook;

use super::error::AppError;
use super::progress::{Observer, Progress};
use crate::domain::currency::Currency;
use crate::domain::evidence::{Evidence, Shelf};
use crate::domain::explanation::Explanation;
use crate::domain::glance::{Glance, TextDigest, text_digest};
use crate::domain::period::Month;
use crate::domain::profile::ServiceProfile;
use crate::domain::row::ReconRow;
use crate::domain::run::Run;
use crate::domain::side::Side;
use crate::domain::text::Untrusted;
use crate::domain::together::Together;
use crate::domain::verdict::Verdict;
pub use crate::explain::calibrate::{Calibration, calibrate, stripped};
pub use crate::explain::together::Gathering;
use crate::explain::{Around, Billed, Case, Company, Fit, Population, Rules, explain_with_fits};
use crate::ports::workspace::{PageFrom, PageRequest, RowFilter, Sort, StoreError, Workspace, WorkspaceWriter};
use agreeing::WhatAgrees;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

/// Lines of rows read at once.
const PAGE: usize = 1_000;
/// Rows explained between two looks at the store: each is held whole, with its explanation and all that would close it.
const AT_ONCE: usize = 256;
/// Explanations written in one turn of the store, at least: a turn is several waits for its thread.
const WRITTEN_AT_ONCE: usize = 1_024;
/// Months on either side in which a key's amounts are compared.
const MONTHS: i32 = 6;

/// What keys that differ came to in the months around, oldest first; and which months were compared.
#[derive(Debug, Default)]
pub struct History {
    /// Keys by their digest, in order, each as often as it is billed, and what it came to: many keys differ, and their texts would be most
    /// of the memory.
    billed: Vec<(TextDigest, Billed)>,
    compared: Vec<Month>,
    /// By run: what its rows that differ say of each other. They are read for the history anyway.
    companies: BTreeMap<i64, Arc<Company>>,
}

/// What rows of a run are explained with.
pub struct Explainer {
    run: i64,
    rules: Rules,
    profile: Arc<ServiceProfile>,
    source: Arc<Shelf>,
    target: Arc<Shelf>,
    history: Arc<History>,
    company: Arc<Company>,
    agreeing: Arc<WhatAgrees>,
    population: Population,
}

impl Explainer {
    /// Reads what a run sold.
    pub async fn open<W: Workspace + ?Sized>(store: &W, run: &Run, profile: &ServiceProfile, history: Arc<History>) -> Result<Self, StoreError> {
        let (source, target) = (store.shelf(run.id, Side::Source).await?, store.shelf(run.id, Side::Target).await?);
        let rows = differ(run);
        let company = match history.companies.get(&run.id) {
            Some(company) => Arc::clone(company),
            None => Arc::new(company(store, run.id, &store.glances(run.id).await?).await?),
        };
        let agreeing = Arc::new(WhatAgrees::of(store, run.id, [&source, &target], profile).await?);
        let (source, target) = (Arc::new(source), Arc::new(target));
        let (rules, profile) = (Rules::new(profile.clone()), Arc::new(profile.clone()));
        Ok(Self { run: run.id, rules, profile, source, target, history, company, agreeing, population: Population { rows } })
    }

    /// The same with nothing of the source's catalogue, rules and other periods: what is left to say by amounts alone.
    #[must_use]
    pub fn without_evidence(&self) -> Self {
        let bare = Arc::new(Shelf { terms: self.target.terms.clone(), ..Shelf::default() });
        let (source, target) = (Arc::clone(&bare), bare);
        let (rules, profile, company) = (self.rules.without_evidence(), Arc::clone(&self.profile), Arc::default());
        Self {
            run: self.run,
            rules,
            profile,
            source,
            target,
            history: Arc::default(),
            company,
            agreeing: Arc::default(),
            population: self.population,
        }
    }

    /// Explains a row; `None` where it has no delta.
    pub fn one(&self, row: &ReconRow, evidence: Option<&Evidence>) -> Option<Explanation> {
        self.with_fits(row, evidence).map(|(told, _)| told)
    }

    fn with_fits(&self, row: &ReconRow, evidence: Option<&Evidence>) -> Option<(Explanation, Vec<Fit>)> {
        let nothing = Evidence::default();
        let history = self.history.of(&row.key);
        let (scaled, group) = (self.company.scale_of(row), self.company.group_of(row));
        let agreeing = self.agreeing.of_row(row);
        let around = Around { history: &history, compared: &self.history.compared, agreeing, scaled, group };
        let case = Case::new(row, evidence.unwrap_or(&nothing), [&self.source, &self.target], &self.rules, around)?;
        Some(explain_with_fits(&case, self.population))
    }
}

/// All rows of a run that differ, explained page by page in stored order.
pub struct Pass<'s, W: ?Sized> {
    store: &'s W,
    explainer: Arc<Explainer>,
    /// Numbers of the rows that are still to be read, ascending.
    seqs: VecDeque<i64>,
}

/// A row with its explanation.
#[derive(Debug)]
pub struct Told {
    /// Its number.
    pub seq: i64,
    /// The row.
    pub row: ReconRow,
    /// Why it differs.
    pub explanation: Explanation,
    /// All that closes its delta.
    pub fits: Vec<Fit>,
    /// What was kept beside it.
    pub evidence: Option<Evidence>,
}

impl<'s, W: Workspace + ?Sized> Pass<'s, W> {
    /// From the first.
    pub async fn new(store: &'s W, explainer: Explainer) -> Result<Self, StoreError> {
        let seqs = store.differing(explainer.run).await?.into();
        Ok(Self { store, explainer: Arc::new(explainer), seqs })
    }

    /// The next page; `None` after the last.
    pub async fn next(&mut self, cancel: &CancellationToken) -> Result<Option<Vec<Told>>, AppError> {
        if self.seqs.is_empty() {
            return Ok(None);
        }
        if cancel.is_cancelled() {
            return Err(AppError::Stopped("explaining; the run stands, its causes are not told".to_owned()));
        }
        let page: Vec<i64> = self.seqs.drain(..self.seqs.len().min(AT_ONCE)).collect();
        let rows = self.store.rows_at(self.explainer.run, &page).await?;
        if let Some((seq, ..)) = rows.iter().find(|(_, row, _)| !row.verdict.differs()) {
            let what = format!("row {seq} of run {} is ranked as what it is not", self.explainer.run);
            return Err(StoreError::Damaged { what }.into());
        }
        Ok(Some(told(&self.explainer, rows).await?))
    }
}

/// What the rows of a run that differ say of each other.
async fn company<W: Workspace + ?Sized>(store: &W, run: i64, glances: &[Glance]) -> Result<Company, StoreError> {
    let mut company = Company::default();
    for glance in glances {
        company.add(glance);
    }
    company.settle();
    for currency in company.scaled() {
        if any_agrees(store, run, currency).await? {
            company.agrees(currency);
        }
    }
    Ok(company)
}

/// Whether a row of a currency agrees in more than nought, wherever it stands in the run. Rows of nought agree whatever the factor.
async fn any_agrees<W: Workspace + ?Sized>(store: &W, run: i64, currency: Currency) -> Result<bool, StoreError> {
    let verdicts = vec![Verdict::Match, Verdict::WithinTolerance];
    let filter = RowFilter { verdicts, currency: Some(currency), ..RowFilter::default() };
    let mut from = PageFrom::Start;
    loop {
        let page = store.page(&PageRequest { run, filter: filter.clone(), sort: Sort::default(), from, limit: PAGE }).await?;
        if page.rows.iter().any(|(_, line)| line.actual.is_some_and(|a| a != 0)) {
            return Ok(true);
        }
        match page.rows.last() {
            Some((cursor, _)) if page.more_after => from = PageFrom::After(cursor.clone()),
            _ => return Ok(false),
        }
    }
}

/// How many rows of a run differ.
fn differ(run: &Run) -> u64 {
    Verdict::ALL.into_iter().filter(|v| v.differs()).map(|v| run.tally.counts.of(v)).sum()
}

/// Explains a page, beside what waits for the store.
async fn told(explainer: &Arc<Explainer>, rows: Vec<(i64, ReconRow, Option<Evidence>)>) -> Result<Vec<Told>, AppError> {
    let explainer = Arc::clone(explainer);
    let told = move |(seq, row, evidence): (i64, ReconRow, Option<Evidence>)| {
        let (explanation, fits) = explainer.with_fits(&row, evidence.as_ref())?;
        Some(Told { seq, row, explanation, fits, evidence })
    };
    let all = spawn_blocking(move || rows.into_iter().filter_map(told).collect());
    all.await.map_err(|e| AppError::Bug(format!("explaining ended: {e}")))
}

/// Explains a run and keeps what was found: each explanation with its row, and what they come to together.
pub async fn explain_run(
    store: &dyn WorkspaceWriter,
    run: &Run,
    (profile, history): (&ServiceProfile, &Arc<History>),
    observer: &Arc<dyn Observer>,
    cancel: &CancellationToken,
) -> Result<Together, AppError> {
    observer.hear(Progress::Phase(format!("explaining {}", run.request.month)));
    let explainer = Explainer::open(store, run, profile, Arc::clone(history)).await?;
    let mut pass = Pass::new(store, explainer).await?;
    let mut gathering = Gathering::default();
    let (mut kept, mut first) = (Vec::new(), true);
    let mut page = pass.next(cancel).await?;
    while let Some(rows) = page {
        for told in &rows {
            gathering.add(&told.row, &told.explanation, &told.fits);
        }
        kept.extend(rows.into_iter().map(|told| (told.seq, told.explanation)));
        if kept.len() < WRITTEN_AT_ONCE {
            page = pass.next(cancel).await?;
            continue;
        }
        // The next page is read and explained while these are written.
        let (next, written) = tokio::join!(pass.next(cancel), store.explained(run.id, first, &kept));
        written?;
        page = next?;
        kept.clear();
        first = false;
    }
    if !kept.is_empty() {
        store.explained(run.id, first, &kept).await?;
    }
    let together = gathering.finish();
    let text = serde_json::to_string(&together).map_err(|e| AppError::Bug(format!("the causes of a run cannot be written: {e}")))?;
    store.keep_clusters(run.id, &text).await?;
    Ok(together)
}

/// What the explanations of a run come to together, where they were kept.
pub async fn together<W: Workspace + ?Sized>(store: &W, run: i64) -> Result<Option<Together>, StoreError> {
    let Some(text) = store.clusters(run).await? else { return Ok(None) };
    serde_json::from_str(&text).map(Some).map_err(|e| StoreError::Damaged { what: format!("the causes of run {run}: {e}") })
}

impl History {
    /// What keys that differ came to in the current runs near some months. Nothing where there is but one.
    pub async fn near<W: Workspace + ?Sized>(store: &W, runs: &[Run]) -> Result<Self, AppError> {
        let near =
            |r: &Run| runs.iter().any(|of| r.request.service == of.request.service && r.request.month.months_since(of.request.month).abs() <= MONTHS);
        let mut current: Vec<Run> = store.current_runs().await?.into_iter().filter(near).collect();
        current.sort_by_key(|r| r.request.month);
        let compared = current.iter().map(|r| r.request.month).collect();
        // One run has nothing beside it.
        if current.len() < 2 {
            return Ok(Self { compared, ..Self::default() });
        }
        // All of it at once, and sorted where it stands: of a large book it is most of what explaining holds.
        let room = current.iter().map(differ).sum::<u64>();
        let explained: Vec<i64> = runs.iter().map(|run| run.id).collect();
        let mut billed: Vec<(TextDigest, Billed)> = Vec::with_capacity(usize::try_from(room).unwrap_or(0));
        let mut companies = BTreeMap::new();
        for run in &current {
            let glances = store.glances(run.id).await?;
            if explained.contains(&run.id) {
                companies.insert(run.id, Arc::new(company(store, run.id, &glances).await?));
            }
            billed.extend(glances.into_iter().map(|Glance { key, period, actual, expected, .. }| (key, Billed { period, actual, expected })));
        }
        billed.sort_unstable_by_key(|(key, billed)| (*key, billed.period.start));
        Ok(Self { billed, compared, companies })
    }

    /// What a key came to, oldest period first.
    fn of(&self, key: &Untrusted) -> Vec<Billed> {
        let key = text_digest(key);
        let from = self.billed.partition_point(|(known, _)| *known < key);
        self.billed[from..].iter().take_while(|(known, _)| *known == key).map(|(_, billed)| *billed).collect()
    }
}

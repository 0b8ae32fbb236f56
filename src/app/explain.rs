//! Explaining the rows of a stored run: from what the run kept, so that it can be done again without a database.

mod fixes;
mod rows;
mod since;
mod usage;

pub use fixes::fixes;
pub use since::{Walk, run_before};
pub use usage::UsageLook;

use super::error::AppError;
use super::progress::{Observer, Progress};
use crate::domain::evidence::{Evidence, Shelf};
use crate::domain::explanation::Explanation;
use crate::domain::money::Money;
use crate::domain::profile::ServiceProfile;
use crate::domain::row::ReconRow;
use crate::domain::run::Run;
use crate::domain::side::Side;
use crate::domain::text::Untrusted;
use crate::domain::together::Together;
use crate::domain::verdict::Verdict;
pub use crate::explain::calibrate::{Calibration, calibrate, stripped};
pub use crate::explain::together::Gathering;
use crate::explain::{Billed, Case, Fit, Population, Rules, explain_with_fits};
use crate::ports::workspace::{PageFrom, PageRequest, RowFilter, Sort, StoreError, Workspace, WorkspaceWriter};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

/// Rows explained between two looks at the store.
const PAGE: usize = 2_000;
/// Months on either side in which a key's amounts are compared.
const MONTHS: i32 = 6;
/// Periods a shift must hold in: with fewer runs there is nothing to compare.
const PERIODS: usize = 3;

/// What keys that differ came to in the months around, oldest first.
#[derive(Debug, Default)]
pub struct History(HashMap<Untrusted, Vec<Billed>>);

/// What rows of a run are explained with.
pub struct Explainer {
    run: i64,
    rules: Rules,
    profile: Arc<ServiceProfile>,
    source: Arc<Shelf>,
    target: Arc<Shelf>,
    history: Arc<History>,
    population: Population,
}

impl Explainer {
    /// Reads what a run sold.
    pub async fn open<W: Workspace + ?Sized>(store: &W, run: &Run, profile: &ServiceProfile, history: Arc<History>) -> Result<Self, StoreError> {
        let (source, target) = (store.shelf(run.id, Side::Source).await?, store.shelf(run.id, Side::Target).await?);
        let rows = Verdict::ALL.into_iter().filter(|v| v.differs()).map(|v| run.tally.counts.of(v)).sum();
        let (source, target) = (Arc::new(source), Arc::new(target));
        let (rules, profile) = (Rules::new(profile.clone()), Arc::new(profile.clone()));
        Ok(Self { run: run.id, rules, profile, source, target, history, population: Population { rows } })
    }

    /// The same with nothing of the source's catalogue and of other periods: what is left to say by amounts alone.
    #[must_use]
    pub fn without_evidence(&self) -> Self {
        let bare = Arc::new(Shelf { terms: self.target.terms.clone(), prices: Vec::new() });
        let (source, target) = (Arc::clone(&bare), bare);
        let (rules, profile) = (self.rules.clone(), Arc::clone(&self.profile));
        Self { run: self.run, rules, profile, source, target, history: Arc::default(), population: self.population }
    }

    /// Explains a row; `None` where it has no delta.
    pub fn one(&self, row: &ReconRow, evidence: Option<&Evidence>) -> Option<Explanation> {
        self.with_fits(row, evidence).map(|(told, _)| told)
    }

    fn with_fits(&self, row: &ReconRow, evidence: Option<&Evidence>) -> Option<(Explanation, Vec<Fit>)> {
        let nothing = Evidence::default();
        let history = self.history.0.get(&row.key).map_or(&[][..], Vec::as_slice);
        let case = Case::new(row, evidence.unwrap_or(&nothing), [&self.source, &self.target], &self.rules, history)?;
        Some(explain_with_fits(&case, self.population))
    }
}

/// All rows of a run that differ, explained page by page in stored order.
pub struct Pass<'s, W: ?Sized> {
    store: &'s W,
    explainer: Arc<Explainer>,
    after: Option<i64>,
    is_over: bool,
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
}

impl<'s, W: Workspace + ?Sized> Pass<'s, W> {
    /// From the first.
    pub fn new(store: &'s W, explainer: Explainer) -> Self {
        Self { store, explainer: Arc::new(explainer), after: None, is_over: false }
    }

    /// The next page; `None` after the last.
    pub async fn next(&mut self, cancel: &CancellationToken) -> Result<Option<Vec<Told>>, AppError> {
        if self.is_over {
            return Ok(None);
        }
        if cancel.is_cancelled() {
            return Err(AppError::Stopped("explaining; the run stands, its causes are not told".to_owned()));
        }
        let rows = self.store.differing(self.explainer.run, self.after, PAGE).await?;
        self.after = rows.last().map(|(seq, ..)| *seq);
        self.is_over = rows.len() < PAGE;
        Ok(Some(told(&self.explainer, rows).await?))
    }
}

/// Explains a page on as many threads as there are halves of it.
async fn told(explainer: &Arc<Explainer>, mut rows: Vec<(i64, ReconRow, Option<Evidence>)>) -> Result<Vec<Told>, AppError> {
    let rest = rows.split_off(rows.len() / 2);
    let half = |rows: Vec<(i64, ReconRow, Option<Evidence>)>| {
        let explainer = Arc::clone(explainer);
        spawn_blocking(move || {
            let told = |(seq, row, evidence): (i64, ReconRow, Option<Evidence>)| {
                let (explanation, fits) = explainer.with_fits(&row, evidence.as_ref())?;
                Some(Told { seq, row, explanation, fits })
            };
            rows.into_iter().filter_map(told).collect::<Vec<_>>()
        })
    };
    let (first, second) = (half(rows), half(rest));
    let ended = |e: tokio::task::JoinError| AppError::Bug(format!("explaining ended: {e}"));
    let mut all = first.await.map_err(ended)?;
    all.extend(second.await.map_err(ended)?);
    Ok(all)
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
    let mut pass = Pass::new(store, explainer);
    let mut gathering = Gathering::default();
    let mut first = true;
    while let Some(rows) = pass.next(cancel).await? {
        for told in &rows {
            gathering.add(&told.row, &told.explanation, &told.fits);
        }
        let kept: Vec<(i64, Explanation)> = rows.into_iter().map(|told| (told.seq, told.explanation)).collect();
        store.explained(run.id, std::mem::take(&mut first), &kept).await?;
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
    /// What keys that differ came to in the current runs near some months. Nothing where there are too few runs to compare.
    pub async fn near<W: Workspace + ?Sized>(store: &W, runs: &[Run]) -> Result<Self, StoreError> {
        let near =
            |r: &Run| runs.iter().any(|of| r.request.service == of.request.service && r.request.month.months_since(of.request.month).abs() <= MONTHS);
        let mut current: Vec<Run> = store.current_runs().await?.into_iter().filter(near).collect();
        current.sort_by_key(|r| r.request.month);
        let mut history = Self::default();
        if current.len() < PERIODS {
            return Ok(history);
        }
        let verdicts: Vec<Verdict> = Verdict::ALL.into_iter().filter(|v| v.differs()).collect();
        for run in current {
            let filter = RowFilter { verdicts: verdicts.clone(), ..RowFilter::default() };
            let mut from = PageFrom::Start;
            loop {
                let page = store.page(&PageRequest { run: run.id, filter: filter.clone(), sort: Sort::default(), from, limit: PAGE }).await?;
                for (_, line) in &page.rows {
                    let money = |minor: Option<i64>, currency| minor.zip(currency).map(|(minor, currency)| Money::new(minor, currency));
                    let (actual, expected) = (money(line.actual, line.actual_currency), money(line.expected, line.expected_currency));
                    history.0.entry(line.key.clone()).or_default().push(Billed { period: line.period, actual, expected });
                }
                match page.rows.last() {
                    Some((cursor, _)) if page.more_after => from = PageFrom::After(cursor.clone()),
                    _ => break,
                }
            }
        }
        Ok(history)
    }
}

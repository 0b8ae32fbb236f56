//! Which rows of a run agree, of the plans of which something may be told: what is said of a whole plan is held against them.

use super::PAGE;
use crate::domain::evidence::Shelf;
use crate::domain::profile::ServiceProfile;
use crate::domain::row::ReconRow;
use crate::domain::verdict::Verdict;
use crate::explain::{Agreeing, may_differ};
use crate::ports::workspace::{PageFrom, PageRequest, RowFilter, Sort, StoreError, Workspace};
use std::collections::{BTreeMap, BTreeSet};

/// Rows kept of a plan, each of another amount: of one amount, one says as much as many.
const KEPT: usize = 4;
/// Pages of rows that agree looked through at least, so that plans have rows of several amounts.
const LEAST: usize = 5;
/// Pages looked through at most: a plan of which none agrees by then is one whose rows differ.
const MOST: usize = 100;
/// Rows looked at whole.
const WHOLE: usize = 200;

/// Rows that agree, by the target's plan.
#[derive(Debug, Default)]
pub(super) struct WhatAgrees(BTreeMap<String, Vec<Agreeing>>);

impl WhatAgrees {
    /// Looks for them. Where the catalogues say the same and the sides round alike, there is nothing to look for.
    pub async fn of<W: Workspace + ?Sized>(store: &W, run: i64, [source, target]: [&Shelf; 2], profile: &ServiceProfile) -> Result<Self, StoreError> {
        // Rows are listed under the name of their plan, or its id where it has none.
        let named = |t: &crate::domain::row::Terms| if t.plan.name.raw().is_empty() { t.plan.id.clone() } else { t.plan.name.raw().to_owned() };
        let may_differ = target.terms.iter().filter(|t| may_differ(t, &source.terms, profile));
        let mut wanted: BTreeMap<String, BTreeSet<i64>> = may_differ.map(|t| (named(t), BTreeSet::new())).collect();
        let mut agreeing: BTreeMap<String, Vec<Agreeing>> = BTreeMap::new();
        let seqs = chosen(store, run, &mut wanted).await?;
        for (_, row, _) in store.rows_at(run, &seqs).await? {
            if let Some(row) = Agreeing::of(&row) {
                agreeing.entry(row.plan_id().to_owned()).or_default().push(row);
            }
        }
        Ok(Self(agreeing))
    }

    /// Those of a row's plan.
    pub fn of_row(&self, row: &ReconRow) -> &[Agreeing] {
        row.inputs.first().and_then(|inputs| self.0.get(&inputs.plan_id)).map_or(&[], Vec::as_slice)
    }
}

/// The numbers of some rows that agree, of each plan that is wanted.
async fn chosen<W: Workspace + ?Sized>(store: &W, run: i64, wanted: &mut BTreeMap<String, BTreeSet<i64>>) -> Result<Vec<i64>, StoreError> {
    let mut seqs = Vec::new();
    let filter = RowFilter { verdicts: vec![Verdict::Match], ..RowFilter::default() };
    let mut from = PageFrom::Start;
    for pages in 0..MOST {
        let is_enough = pages >= LEAST && wanted.values().all(|amounts| !amounts.is_empty());
        if wanted.is_empty() || is_enough || seqs.len() >= WHOLE {
            break;
        }
        let page = store.page(&PageRequest { run, filter: filter.clone(), sort: Sort::default(), from, limit: PAGE }).await?;
        for (_, line) in &page.rows {
            let Some((amounts, actual)) = wanted.get_mut(line.plan.raw()).zip(line.actual.filter(|a| *a != 0)) else { continue };
            if amounts.len() < KEPT && seqs.len() < WHOLE && amounts.insert(actual) {
                seqs.push(line.seq);
            }
        }
        match page.rows.last() {
            Some((cursor, _)) if page.more_after => from = PageFrom::After(cursor.clone()),
            _ => break,
        }
    }
    Ok(seqs)
}

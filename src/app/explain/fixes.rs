//! Which few corrections would close most of a run, and what each would do: all rows of the run are read once for each of them.

use super::{Explainer, PAGE, Pass};
use crate::app::error::AppError;
use crate::domain::evidence::Evidence;
use crate::domain::fixes::{Chosen, Effect, Fix, Fixes, Standing};
use crate::domain::row::ReconRow;
use crate::domain::run::{Run, RunState};
use crate::explain::fixes::{Corrected, Proposals, Round};
use crate::ports::workspace::Workspace;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

/// Corrections of a set: after a few, each closes little.
const SET: usize = 5;
/// Corrections that are tried on all rows.
const TRIED: usize = 64;
/// Others that are told.
const OTHERS: usize = 20;

/// Finds the set: the correction that closes most money, then the next on what it leaves.
pub async fn fixes<W: Workspace + ?Sized>(store: &W, run: &Run, explainer: Explainer, cancel: &CancellationToken) -> Result<Fixes, AppError> {
    let shelves = [Arc::clone(&explainer.source), Arc::clone(&explainer.target)];
    let (target, profile) = (Arc::clone(&explainer.target), Arc::clone(&explainer.profile));
    let mut proposals = Proposals::new(shelves, Arc::clone(&profile));
    let mut pass = Pass::new(store, explainer).await?;
    while let Some(rows) = pass.next(cancel).await? {
        for told in &rows {
            proposals.add(&told.row, told.evidence.as_ref(), &told.explanation);
        }
    }
    let proposed = proposals.len();
    let mut left: Vec<(Fix, Effect)> = proposals.best(TRIED).into_iter().map(|fix| (fix, Effect::default())).collect();
    // Of an incomplete run a change may be one that could not be read.
    if run.state != RunState::Complete {
        left.retain(|(fix, _)| !matches!(fix, Fix::Changes { .. }));
    }
    let tried = left.len();
    let before = Standing::of(run);
    let (mut corrected, mut after) = (Corrected::nothing(target, profile), before.clone());
    let mut chosen = Vec::new();
    while chosen.len() < SET && !left.is_empty() {
        let fixes: Vec<Fix> = left.iter().map(|(fix, _)| fix.clone()).collect();
        let effects = weighed(store, run.id, Arc::new(Round::new(corrected.clone(), &fixes)), cancel).await?;
        if chosen.is_empty() {
            left.iter_mut().zip(&effects).for_each(|((_, alone), effect)| alone.clone_from(effect));
        }
        let helps = effects.iter().enumerate().filter(|(_, effect)| effect.helps());
        let Some((best, _)) = helps.max_by_key(|(at, effect)| (effect.closes(), effect.gained(), Reverse(effect.untold), Reverse(*at))) else {
            break;
        };
        let (fix, alone) = left.remove(best);
        let marginal = effects.into_iter().nth(best).unwrap_or_default();
        corrected = corrected.with(&fix);
        after = after.after(&marginal);
        chosen.push(Chosen { fix, alone, marginal, after: after.clone() });
    }
    left.sort_by_key(|(_, effect)| Reverse((effect.closes(), effect.gained())));
    left.truncate(OTHERS);
    Ok(Fixes { before, chosen, others: left, proposed, tried })
}

/// What each try of a round does to all rows of a run. One page is read while the one before it is weighed.
async fn weighed<W: Workspace + ?Sized>(store: &W, run: i64, round: Arc<Round>, cancel: &CancellationToken) -> Result<Vec<Effect>, AppError> {
    let mut all = round.nothing();
    let mut weighing = None;
    let mut after = None;
    loop {
        if cancel.is_cancelled() {
            return Err(AppError::Stopped("weighing corrections; nothing was written".to_owned()));
        }
        let rows = store.whole_rows(run, after, PAGE).await?;
        let is_last = rows.len() < PAGE;
        after = rows.last().map(|(seq, _)| *seq);
        let evidence = if round.asks_evidence() { beside(store, run, &rows).await? } else { BTreeMap::new() };
        let round = Arc::clone(&round);
        let next = spawn_blocking(move || of_page(&round, &rows, &evidence));
        if let Some(ended) = weighing.replace(next) {
            absorb(&mut all, joined(ended).await?);
        }
        if is_last {
            break;
        }
    }
    if let Some(ended) = weighing {
        absorb(&mut all, joined(ended).await?);
    }
    Ok(all)
}

/// What was kept beside the rows of a page that differ, by their numbers.
async fn beside<W: Workspace + ?Sized>(store: &W, run: i64, rows: &[(i64, ReconRow)]) -> Result<BTreeMap<i64, Evidence>, AppError> {
    let differ: Vec<i64> = rows.iter().filter(|(_, row)| row.verdict.differs()).map(|(seq, _)| *seq).collect();
    let kept = store.rows_at(run, &differ).await?;
    Ok(kept.into_iter().filter_map(|(seq, _, evidence)| Some((seq, evidence?))).collect())
}

fn of_page(round: &Round, rows: &[(i64, ReconRow)], evidence: &BTreeMap<i64, Evidence>) -> Vec<Effect> {
    let mut effects = round.nothing();
    for (seq, row) in rows {
        round.weigh(row, evidence.get(seq), &mut effects);
    }
    effects
}

async fn joined(weighing: tokio::task::JoinHandle<Vec<Effect>>) -> Result<Vec<Effect>, AppError> {
    weighing.await.map_err(|e| AppError::Bug(format!("weighing corrections ended: {e}")))
}

fn absorb(all: &mut [Effect], of_page: Vec<Effect>) {
    all.iter_mut().zip(of_page).for_each(|(all, one)| all.absorb(one));
}

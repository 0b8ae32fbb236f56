//! The figures metrics are taken from, as the workspace has them now.

use super::months::stood;
use crate::app::explain::together;
use crate::app::flip::standing_in;
use crate::app::project::Project;
use crate::app::standing::imports;
use crate::domain::currency::Currency;
use crate::domain::exact::Exact;
use crate::domain::gate::{Figures, MonthFigures, MonthStanding, MonthStood};
use crate::domain::import::ImportStanding;
use crate::domain::money::Money;
use crate::domain::period::Month;
use crate::domain::review::{ReviewTally, Sum};
use crate::domain::run::{Run, RunState, newest_compared};
use crate::domain::verdict::Verdict;
use crate::ports::workspace::{StoreError, Workspace};
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// Runs looked through for the newest that looked at a whole month.
const LOOKED_THROUGH: usize = 1_000;

/// Figures, and what they stand on.
#[derive(Debug, Default)]
pub(super) struct Taken {
    pub figures: Figures,
    /// Digest of the run of the newest month.
    pub run: Option<String>,
    /// How each month stood, by its first day.
    pub months: BTreeMap<NaiveDate, MonthStood>,
}

/// Takes them.
pub(super) async fn figures(project: &Project) -> Result<Taken, StoreError> {
    let Some(store) = project.door.read().await? else { return Ok(Taken::default()) };
    let store = store.as_ref();
    let service = &project.profile.service;
    let current = current(store, service).await?;
    let deliveries = store.deliveries(service).await?;
    let imports = imports(store, service, &deliveries).await?;
    let mut figures = Figures { rejected: rejected(project, store).await?, inertness: inertness(project, store).await?, ..Figures::default() };
    let newest = newest_compared(&current).map(|run| run.id);
    let (mut digest, mut months, now) = (None, BTreeMap::new(), project.clock.now());
    for run in &current {
        let tally = store.review(run.id).await?.map(|tally| tally.at(now));
        figures.months.push(standing(run, tally.as_ref(), is_of_now(project, run)));
        months.insert(run.request.month.first_day(), stood(store, run, now).await?);
        if Some(run.id) == newest {
            figures.newest = Some(month(project, store, run, tally.as_ref(), &imports).await?);
            digest = Some(run.digests.run.clone());
            // A month after it in which nothing was compared hides none before it.
            break;
        }
    }
    Ok(Taken { figures, run: digest, months })
}

/// Whether a run is of the configuration as it is now, and of the databases as they are named now.
fn is_of_now(project: &Project, run: &Run) -> bool {
    run.request.config_digest == project.config_digest && project.gates.place.elsewhere(run).is_none()
}

/// The month queries are asked over: the one compared last, else this one.
pub(super) async fn month_asked(project: &Project) -> Result<Month, StoreError> {
    let this = Month::of(project.profile.zone.day_of(project.clock.now()));
    let Some(store) = project.door.read().await? else { return Ok(this) };
    let current = current(store.as_ref(), &project.profile.service).await?;
    Ok(newest_compared(&current).map_or(this, |run| run.request.month))
}

/// Runs that count, oldest month first.
async fn current(store: &dyn Workspace, service: &str) -> Result<Vec<Run>, StoreError> {
    let mut runs = store.current_runs().await?;
    runs.retain(|run| run.request.service == service && run.counts_as_evidence());
    runs.sort_by_key(|run| run.request.month);
    Ok(runs)
}

async fn rejected(project: &Project, store: &dyn Workspace) -> Result<Option<(u64, i64)>, StoreError> {
    let runs = store.runs(LOOKED_THROUGH).await?;
    // What other databases let be read says nothing about these.
    let here = |run: &Run| run.request.service == project.profile.service && project.gates.place.elsewhere(run).is_none();
    let ended = |run: &&Run| here(run) && run.is_full() && matches!(run.state, RunState::Complete | RunState::Incomplete);
    Ok(runs.iter().find(ended).map(|run| (run.tally.rejected, run.id)))
}

async fn inertness(project: &Project, store: &dyn Workspace) -> Result<Option<(chrono::DateTime<chrono::Utc>, u64)>, StoreError> {
    let look = store.inertness(&project.profile.service).await?;
    let flipped = standing_in(store, &project.profile.service).await?.flipped().digest();
    // A look with other checks, or with none, or while others were flipped, proves nothing now.
    let look = look.filter(|look| look.digest == project.import.inertness_digest && look.flipped == flipped && !look.checks.is_empty());
    Ok(look.map(|look| (look.at, u64::try_from(look.broken().count()).unwrap_or(u64::MAX))))
}

fn standing(run: &Run, tally: Option<&ReviewTally>, is_fresh: bool) -> MonthStanding {
    let counts = &run.tally.counts;
    let differing = counts.total() - counts.of(Verdict::Match) - counts.of(Verdict::WithinTolerance);
    let open = tally.map_or(differing, |tally| tally.open.all().rows + tally.resolved.all().rows);
    let month = run.request.month;
    MonthStanding { first: month.first_day(), end: month.plus(1).first_day(), rows: counts.total(), open, is_fresh }
}

async fn month(
    project: &Project,
    store: &dyn Workspace,
    run: &Run,
    tally: Option<&ReviewTally>,
    imports: &ImportStanding,
) -> Result<MonthFigures, StoreError> {
    let counts = &run.tally.counts;
    let hundred = Exact::whole(100);
    let part = |covered: i64, invoiced: i64| Exact::ratio(covered.into(), invoiced.into()).and_then(|part| part.mul(hundred)).ok();
    let covered = run.tally.money.iter().filter(|(_, m)| m.invoiced > 0);
    let acted_since = imports.acted.as_ref().is_some_and(|import| import.finished_at.is_none_or(|at| at > run.started_at));
    Ok(MonthFigures {
        run: run.id,
        at: run.finished_at.unwrap_or(run.started_at),
        is_fresh: is_of_now(project, run) && !acted_since,
        matching: counts.of(Verdict::Match),
        compared: counts.total() - counts.of(Verdict::Unlinked),
        unexplained: unexplained(store, run, tally).await?,
        coverage: covered.filter_map(|(currency, m)| Some((*currency, part(m.covered, m.invoiced)?))).collect(),
    })
}

/// Σ |delta| of rows with no confirmed cause and no waiver. Where nobody decided anything, what the explainer did not confirm; where
/// it never looked, everything.
async fn unexplained(store: &dyn Workspace, run: &Run, tally: Option<&ReviewTally>) -> Result<BTreeMap<Currency, Exact>, StoreError> {
    let mut minor: BTreeMap<Currency, i64> = run.tally.money.keys().map(|currency| (*currency, 0)).collect();
    match (tally, together(store, run.id).await?) {
        (Some(tally), _) => {
            let mut left = Sum::default();
            // That a row is mended is shown by the run that finds it so, and not by being said.
            left.absorb(&tally.open.compared);
            left.absorb(&tally.resolved.compared);
            minor.extend(left.gross());
        }
        (None, Some(together)) => minor.extend(together.unexplained.iter().map(|apart| (apart.currency, apart.gross))),
        (None, None) => minor.extend(run.tally.money.iter().map(|(currency, money)| (*currency, money.gross))),
    }
    Ok(minor.into_iter().filter_map(|(currency, sum)| Some((currency, Money::new(sum, currency).exact().ok()?))).collect())
}

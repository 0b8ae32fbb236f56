//! Hypercare: the first invoices of a wave as they came; and completing the flip.

use super::billing::{of_source, of_target};
use super::candidates::rows_of;
use super::plan::today;
use super::{Standing, WaveState, keep, setup, standing_in, wave_of, writer};
use crate::app::error::AppError;
use crate::app::progress::{Observer, Progress};
use crate::app::project::Project;
use crate::app::reconcile::reread;
use crate::domain::flip::{FlipDeed, FlipPack, Look};
use crate::domain::money::Money;
use crate::domain::period::Month;
use crate::domain::run::RunState;
use crate::domain::text::shown;
use crate::flip::{Actual, captured, care};
use crate::ports::workspace::{RowLine, WorkspaceWriter};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// A look at first invoices that was kept.
#[derive(Debug, Clone)]
pub struct Cared {
    /// The look.
    pub look: Look,
    /// The flip as it stands now.
    pub standing: Standing,
}

/// Reads the first invoices of a wave and holds each against what was expected.
pub async fn hypercare(
    project: &Project,
    number: u32,
    wait: Duration,
    observer: Arc<dyn Observer>,
    cancel: CancellationToken,
) -> Result<Cared, AppError> {
    let setup = setup(project)?;
    let store = writer(project, wait).await?;
    let standing = standing_in(store.as_ref(), &project.profile.service).await?;
    let wave = wave_of(&standing, number)?;
    if !matches!(wave.state(), WaveState::Applying | WaveState::Applied | WaveState::Clean) {
        let state = wave.state().word().replace('_', " ");
        return Err(AppError::Usage(format!("wave {number} is {state}: it has no first invoices")));
    }
    let rows = first_periods((project, store.as_ref()), &wave.pack, &observer, &cancel).await?;
    observer.hear(Progress::Phase("looking for captured payments".to_owned()));
    let target = of_target(project, setup, &cancel).await?;
    let actual = |id: &str| wave.pack.line(id).map_or(Actual::Nothing, |line| billed(rows.get(id), line.expected.period.start));
    let lines = care(&wave.pack, &setup.rules, today(project), actual);
    let (band_amount, band_percent) = (setup.rules.band_amount, setup.rules.band_percent);
    let look = Look { wave: number, on: today(project), snapshot: target.snapshot.snapshot.clone(), band_amount, band_percent, lines };
    if let Some(payment) = captured(wave, &target.payments, project.profile.zone).filter(|_| wave.no_return.is_none()) {
        keep(store.as_ref(), project, FlipDeed::PointOfNoReturn { wave: number, payment }, None).await?;
    }
    keep(store.as_ref(), project, FlipDeed::Looked(Box::new(look.clone())), None).await?;
    Ok(Cared { look, standing: standing_in(store.as_ref(), &project.profile.service).await? })
}

/// What was read of a subscription's first period.
type FirstRow = Result<RowLine, String>;

/// The rows of the first periods, month by month, over fresh snapshots.
async fn first_periods(
    (project, store): (&Project, &dyn WorkspaceWriter),
    pack: &FlipPack,
    observer: &Arc<dyn Observer>,
    cancel: &CancellationToken,
) -> Result<BTreeMap<String, FirstRow>, AppError> {
    let mut months: BTreeMap<Month, Vec<String>> = BTreeMap::new();
    for line in &pack.lines {
        months.entry(Month::of(line.expected.period.start)).or_default().push(line.subscription.clone());
    }
    let mut out = BTreeMap::new();
    for (month, subscriptions) in months {
        observer.hear(Progress::Phase(format!("reading the first invoices of {month}")));
        let run = reread(project, (month, subscriptions), store, observer, cancel).await?;
        let unread = (run.state != RunState::Complete).then(|| format!("{} rows of {month} cannot be read", run.tally.rejected));
        for (subscription, rows) in rows_of(store, run.id).await? {
            let row = match (&unread, rows.len()) {
                (Some(why), _) => Err(why.clone()),
                (None, 1) => rows.into_iter().next().ok_or_else(String::new),
                (None, n) => Err(format!("{month} has {n} rows of it")),
            };
            out.insert(subscription, row);
        }
    }
    Ok(out)
}

/// What the target's own documents of the first period come to.
fn billed(row: Option<&FirstRow>, from: chrono::NaiveDate) -> Actual {
    match row {
        None => Actual::Nothing,
        Some(Err(why)) => Actual::Unknown(why.clone()),
        Some(Ok(row)) if row.period.start != from => Actual::Unknown(format!("its period begins on {}", row.period.start)),
        Some(Ok(row)) => match (row.drafted, row.expected_currency) {
            (Some(minor), Some(currency)) => Actual::Billed(Money::new(minor, currency)),
            (Some(_), None) => Actual::Unknown("its documents have no currency".to_owned()),
            (None, _) => Actual::Nothing,
        },
    }
}

/// Completes the flip: every wave is clean, and the source bills nobody any more.
pub async fn complete(project: &Project, reason: &str, wait: Duration, cancel: CancellationToken) -> Result<Standing, AppError> {
    let setup = setup(project)?;
    let source = of_source(project, setup, &cancel).await?;
    let store = writer(project, wait).await?;
    let standing = standing_in(store.as_ref(), &project.profile.service).await?;
    let mut why = standing.incomplete();
    let billing: Vec<&String> = source.of.iter().filter(|(_, b)| b.billing != Some(false)).map(|(id, _)| id).collect();
    if let [first, rest @ ..] = billing.as_slice() {
        let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
        why.push(format!("the source bills {}{more}, or does not say that it does not", shown(first, 60)));
    }
    // What the source does not say of somebody it billed is no answer.
    let flipped = standing.waves.values().filter(|wave| wave.state() != WaveState::BackedOut).flat_map(|wave| &wave.pack.lines);
    let silent = flipped.map(|line| &line.subscription).find(|id| !source.of.contains_key(*id));
    why.extend(silent.map(|id| format!("the source does not say whether it bills {}", shown(id, 60))));
    if !why.is_empty() {
        return Err(AppError::Changed(format!("not complete: {}", why.join("; "))));
    }
    keep(store.as_ref(), project, FlipDeed::Completed { reason: reason.trim().to_owned() }, Some(standing.seen)).await?;
    Ok(standing_in(store.as_ref(), &project.profile.service).await?)
}

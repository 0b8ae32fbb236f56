//! Reading what an import carries over, from one snapshot of each side, and inertness from the target's.

use crate::app::error::AppError;
use crate::app::inertness::{Look, Watch};
use crate::app::parameters;
use crate::app::progress::{Observer, Progress};
use crate::app::project::Project;
use crate::app::read::drain;
use crate::domain::decode::Row;
use crate::domain::period::Month;
use crate::domain::run::SnapshotInfo;
use crate::domain::shadow::CARRIED;
use crate::domain::side::Side;
use crate::import::Holding;
use crate::ports::database::Session;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Both sides.
pub(super) struct Sides {
    pub source: Holding,
    pub target: Holding,
    pub look: Look,
    /// Source first.
    pub snapshots: Vec<SnapshotInfo>,
}

/// The target alone.
pub(super) struct TargetNow {
    pub holding: Holding,
    pub look: Look,
}

/// Reads both sides. Nothing of it counts before this returned well: both transactions ended with every tripwire holding.
/// What the target is seen to be able to do is kept at once where it should not be.
pub(super) async fn read_sides(watch: &Watch<'_>, observer: &Arc<dyn Observer>, cancel: &CancellationToken) -> Result<Sides, AppError> {
    let project = watch.project;
    observer.hear(Progress::Phase("connecting".to_owned()));
    let (source, target) = tokio::join!(project.source.database.open(&project.limits, cancel), project.target.database.open(&project.limits, cancel));
    let (mut source, mut target) = match (source, target) {
        (Ok(s), Ok(t)) => (s, t),
        (Err(fault), other) | (other, Err(fault)) => {
            if let Ok(session) = other {
                let _ = session.close().await;
            }
            return Err(fault.into());
        }
    };
    let snapshots = vec![source.info().clone(), target.info().clone()];
    observer.hear(Progress::Phase("reading both sides".to_owned()));
    let of_target = async {
        let look = watch.look(target.as_mut()).await?;
        Ok::<_, AppError>((read(project, Side::Target, target.as_mut(), observer).await?, look))
    };
    let (from_source, from_target) = tokio::join!(read(project, Side::Source, source.as_mut(), observer), of_target);
    let (holding, (target_holding, look)) = (from_source?, from_target?);
    let (source, target) = tokio::join!(source.close(), target.close());
    source?;
    target?;
    watch.settle(&look).await?;
    Ok(Sides { source: holding, target: target_holding, look, snapshots })
}

/// Reads the target again, over a snapshot of its own. A look that holds is left to the caller to settle.
pub(super) async fn read_target(watch: &Watch<'_>, observer: &Arc<dyn Observer>, cancel: &CancellationToken) -> Result<TargetNow, AppError> {
    let mut session = watch.project.target.database.open(&watch.project.limits, cancel).await?;
    let look = watch.look(session.as_mut()).await?;
    let holding = read(watch.project, Side::Target, session.as_mut(), observer).await?;
    session.close().await?;
    Ok(TargetNow { holding, look })
}

/// Looks whether the target is inert, and reads nothing else there.
pub(super) async fn look_at_target(watch: &Watch<'_>, cancel: &CancellationToken) -> Result<(), AppError> {
    let mut session = watch.project.target.database.open(&watch.project.limits, cancel).await?;
    let look = watch.look(session.as_mut()).await?;
    session.close().await?;
    watch.settle(&look).await
}

async fn read(project: &Project, side: Side, session: &mut dyn Session, observer: &Arc<dyn Observer>) -> Result<Holding, AppError> {
    let month = Month::of(project.profile.zone.day_of(project.clock.now()));
    let days = parameters::window(month, month);
    let mut holding = Holding::default();
    for entity in CARRIED {
        let Some(query) = project.side(side).queries.get(&entity) else { continue };
        let query = parameters::over(query, days, project.profile.zone);
        holding.mapped(entity);
        drain(session, &query, entity, &project.profile, observer, |row: &Row<'_>| holding.push(entity, row)).await?;
    }
    holding.settle();
    Ok(holding)
}

//! One check, made: asked, and judged by the judge of its kind.

use super::{Asking, Made, asking, figures, jobs, keep, setup};
use crate::app::error::AppError;
use crate::app::project::{CheckSetup, Project};
use crate::domain::gate::{Check, CheckKind, FileSeen, ManualCheck, Outcome, SqlCheck, SqlOn, StandsOn};
use crate::domain::period::Month;
use crate::domain::side::Side;
use crate::gates::checks::{self, Attestation, Clock, Judged};
use crate::ports::files::Files;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Makes a check. Only a workspace that cannot be read is an error; whatever else goes wrong is what the check came to.
pub(super) async fn make(
    project: &Project,
    setup: &CheckSetup,
    (stage, check): (&str, &Check),
    cancel: &CancellationToken,
) -> Result<(Judged, StandsOn), AppError> {
    let mut stands_on = StandsOn::default();
    if !check.kind.asks().is_empty() {
        stands_on.place = project.gates.place.told();
    }
    let clock = Clock { now: project.clock.now(), max_age_seconds: check.max_age_seconds };
    let judged = match &check.kind {
        CheckKind::Sql(sql) => of_sql(project, setup, (&format!("{stage}/{}", check.id), sql), &mut stands_on, cancel).await?,
        CheckKind::Command(command) => {
            let ran = setup.runner.run(command, cancel).await;
            stands_on.files.extend(ran.program.clone());
            checks::command(&ran)
        }
        CheckKind::Tests(tests) => checks::tests(tests, &read(setup, &tests.files, &mut stands_on).await, &clock),
        CheckKind::Log(log) => checks::log(log, &read(setup, &log.files, &mut stands_on).await, &clock),
        CheckKind::Metric(metric) => {
            let taken = figures::figures(project).await?;
            stands_on.run = taken.run;
            let used = checks::months_of(&metric.metric, &taken.figures).into_iter();
            stands_on.months = used.filter_map(|first| Some((Month::of(first).to_string(), taken.months.get(&first)?.digest()))).collect();
            checks::metric(metric, &taken.figures, &clock)
        }
        CheckKind::Schedule(schedule) => {
            let month = figures::month_asked(project).await?;
            let source = jobs::jobs(project, Side::Source, month, cancel).await;
            let target = jobs::jobs(project, Side::Target, month, cancel).await;
            stands_on.snapshots.extend(source.snapshot.into_iter().chain(target.snapshot));
            checks::schedule(schedule, &source.seen, &target.seen).through(source.writable_role || target.writable_role)
        }
        CheckKind::Manual(_) => Judged::new(Outcome::NotRun, "a person must say so — dualrun gates attest"),
    };
    Ok((judged, stands_on))
}

async fn of_sql(
    project: &Project,
    setup: &CheckSetup,
    (name, check): (&str, &SqlCheck),
    stands_on: &mut StandsOn,
    cancel: &CancellationToken,
) -> Result<Judged, AppError> {
    let database = match check.on {
        SqlOn::Source => &project.source.database,
        SqlOn::Target => &project.target.database,
        SqlOn::Workspace => &setup.workspace,
    };
    if check.on == SqlOn::Workspace && project.door.read().await?.is_none() {
        return Ok(Judged::new(Outcome::Inconclusive, "there is no workspace yet — dualrun reconcile makes it"));
    }
    let query = asking::query_of(name, check, project, figures::month_asked(project).await?);
    let asked = asking::ask(database.as_ref(), &project.limits, &query, cancel).await;
    stands_on.snapshots.extend(asked.snapshot);
    Ok(checks::sql(&check.expects, &asked.seen).through(asked.writable_role))
}

/// Files as evidence; what they are stands in what the evidence stands on.
async fn read(setup: &CheckSetup, patterns: &[String], stands_on: &mut StandsOn) -> Result<Vec<FileSeen>, String> {
    let (files, patterns): (Arc<dyn Files>, Vec<String>) = (Arc::clone(&setup.files), patterns.to_vec());
    let looked = tokio::task::spawn_blocking(move || {
        let matched: BTreeMap<String, Vec<String>> =
            patterns.iter().filter_map(|pattern| Some((pattern.clone(), files.names(pattern).ok()?))).collect();
        (matched, files.matching(&patterns))
    });
    let (matched, read) = looked.await.map_err(|e| e.to_string())?;
    stands_on.matched = matched;
    let read = read?;
    stands_on.files.extend(read.iter().map(|file| (file.path.clone(), file.digest.clone())));
    Ok(read)
}

/// Keeps a person's word on a manual check, with the digest of what is attached. `attached` is a path as it stands.
pub async fn attest(
    project: &Project,
    (stage, check): (&str, &Check),
    (note, holds, attached): (&str, bool, Option<&Path>),
    asking: Asking<'_>,
) -> Result<Made, AppError> {
    let CheckKind::Manual(manual) = &check.kind else {
        return Err(AppError::Usage(format!("{stage}/{} is made by dualrun itself — dualrun gates run {stage}/{}", check.id, check.id)));
    };
    let ManualCheck { attachment, .. } = manual;
    if *attachment && attached.is_none() && holds {
        return Err(AppError::Usage(format!("{stage}/{} wants a file — add --attach FILE", check.id)));
    }
    if note.trim().is_empty() {
        return Err(AppError::Usage("the note is empty — say what was looked at and found".to_owned()));
    }
    let file = attached.map(|path| setup(project)?.files.one(path).map_err(AppError::Usage)).transpose()?;
    let mut stands_on = StandsOn::default();
    let attachment = file.map(|file| (file.path, file.digest));
    stands_on.files.extend(attachment.clone());
    let judged = checks::manual(manual, &Attestation { note: note.trim().to_owned(), holds, attachment });
    keep(project, (stage, check), asking, (judged, stands_on)).await
}

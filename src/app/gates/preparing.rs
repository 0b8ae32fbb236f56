//! Whether the checks can be made at all: SQL is prepared on its server, programs are looked for. Nothing runs, nothing is kept.

use super::asking::{is_invalid, query_of};
use super::selection::Chosen;
use super::{figures, setup};
use crate::app::error::AppError;
use crate::app::project::{CheckSetup, Project};
use crate::domain::gate::{CheckKind, Outcome, SqlOn};
use crate::ports::database::{Database, Fault, FaultKind, Session};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// A check that could be looked at before it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// Its stage.
    pub stage: String,
    /// Its id.
    pub check: String,
    /// `pass` where it can be made, `invalid` where not as it is written, `error` where nobody could be asked.
    pub outcome: Outcome,
    /// What was found, or what is wrong.
    pub what: String,
}

/// Looks at SQL and command checks.
pub async fn prepare(project: &Project, chosen: &[Chosen<'_>], cancel: &CancellationToken) -> Result<Vec<Prepared>, AppError> {
    let setup = setup(project)?;
    let month = figures::month_asked(project).await?;
    let is_new = project.door.read().await?.is_none();
    let mut sessions: BTreeMap<&str, Result<Box<dyn Session>, Fault>> = BTreeMap::new();
    let mut all = Vec::new();
    for Chosen { stage, check } in chosen {
        let prepared = match &check.kind {
            CheckKind::Sql(sql) if sql.on == SqlOn::Workspace && is_new => {
                (Outcome::NotRun, "there is no workspace yet — dualrun reconcile makes it".to_owned())
            }
            CheckKind::Sql(sql) => {
                let (word, database) = database(project, setup, sql.on);
                // A session that was lost is opened anew for the next check.
                if !matches!(sessions.get(word), Some(Ok(_))) {
                    sessions.insert(word, database.open(&project.limits, cancel).await);
                }
                let query = query_of(&format!("{}/{}", stage.id, check.id), sql, project, month);
                let judged = match sessions.get_mut(word) {
                    Some(Ok(session)) => session.judge(&query).await,
                    Some(Err(fault)) => Err(fault.clone()),
                    None => continue,
                };
                let is_lost = matches!(&judged, Err(f) if matches!(f.kind, FaultKind::ConnectionLost | FaultKind::Cancelled));
                if is_lost {
                    sessions.remove(word);
                }
                match judged {
                    Ok(columns) => (Outcome::Pass, format!("{word} accepts it, {} columns", columns.len())),
                    Err(fault) if is_invalid(fault.kind) => (Outcome::Invalid, format!("invalid SQL: {}{}", fault.what, after(&fault.remedy))),
                    Err(fault) => (Outcome::Error, format!("{}{}", fault.what, after(&fault.remedy))),
                }
            }
            CheckKind::Command(command) => match setup.runner.resolve(command) {
                Ok((path, _)) => (Outcome::Pass, path),
                Err(why) => (Outcome::Invalid, why),
            },
            _ => continue,
        };
        all.push(Prepared { stage: stage.id.clone(), check: check.id.clone(), outcome: prepared.0, what: prepared.1 });
    }
    for session in sessions.into_values().flatten() {
        session.close().await?;
    }
    Ok(all)
}

fn database<'a>(project: &'a Project, setup: &'a CheckSetup, on: SqlOn) -> (&'static str, &'a Arc<dyn Database>) {
    match on {
        SqlOn::Source => ("source", &project.source.database),
        SqlOn::Target => ("target", &project.target.database),
        SqlOn::Workspace => ("workspace", &setup.workspace),
    }
}

fn after(remedy: &str) -> String {
    if remedy.is_empty() { String::new() } else { format!(" — {remedy}") }
}

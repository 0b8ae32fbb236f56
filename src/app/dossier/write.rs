//! Writing a dossier: what the workspace holds of a service, row by row, and what that stands on.

use super::pen::Pen;
use super::readme;
use crate::app::error::AppError;
use crate::app::gates::{GateSetup, Outside, evidence_files, gated};
use crate::domain::dossier::{Decision, FORM, KeptEvidence, KeptExplanation, KeptRow, Manifest, Stand, file};
use crate::domain::review::{Act, Subject};
use crate::domain::run::{Run, newest_compared};
use crate::domain::side::Side;
use crate::ports::dossier::DossierSink;
use crate::ports::workspace::{PageFrom, PageRequest, RowFilter, Sort, Workspace};
use chrono::{DateTime, Utc};
use serde_json::json;
use std::collections::BTreeMap;
use tokio_util::sync::CancellationToken;

/// Rows in memory at a time.
const PAGE: usize = 1_000;

/// What a dossier is made of beside the workspace.
pub struct Contents<'a> {
    /// The service.
    pub service: &'a str,
    /// Who has it made.
    pub actor: &'a str,
    /// What gates stand on, as it is configured.
    pub gates: &'a GateSetup,
    /// What gates stand on beside.
    pub outside: &'a dyn Outside,
    /// Part of the invoiced money that must be reconciled, in ten-thousandths.
    pub coverage_floor: i64,
    /// Digest of the checks of inertness.
    pub inertness_digest: &'a str,
    /// Files taken as they are, by their names in [`file`]: the configuration's, the runbook's and the signers'.
    pub texts: &'a [(&'static str, Vec<u8>)],
    /// Now.
    pub now: DateTime<Utc>,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Its manifest.
    pub manifest: Manifest,
    /// Rows of its runs.
    pub rows: u64,
}

/// Writes every file; publishing is the caller's. Where somebody acted meanwhile, it fails: a dossier is of one moment.
pub async fn write(
    store: &dyn Workspace,
    contents: &Contents<'_>,
    sink: &mut dyn DossierSink,
    cancel: &CancellationToken,
) -> Result<Written, AppError> {
    let before = store.verify_journal().await?;
    let mut pen = Pen::new(sink);
    pen.whole(file::README, readme::TEXT.as_bytes())?;
    for (name, bytes) in contents.texts {
        pen.whole(name, bytes)?;
    }
    let mut runs = store.current_runs().await?;
    runs.retain(|run| run.request.service == contents.service);
    if runs.is_empty() {
        return Err(AppError::Usage("no run counts yet, and a dossier without one proves nothing — dualrun reconcile".to_owned()));
    }
    stand(store, contents, &runs, &mut pen).await?;
    decisions(store, contents.service, &mut pen).await?;
    let mut rows = 0;
    for run in &runs {
        rows += of_run(store, run, &mut pen, cancel).await?;
    }
    journal(store, &mut pen).await?;
    if store.journal_head().await? != before {
        return Err(AppError::Changed("somebody acted while the dossier was written: nothing was kept — write it again".to_owned()));
    }
    let mut manifest = Manifest {
        form: FORM.to_owned(),
        service: contents.service.to_owned(),
        made_at: contents.now,
        made_by: contents.actor.to_owned(),
        program: contents.gates.program.clone(),
        journal: before,
        files: pen.files()?,
        digest: String::new(),
    };
    manifest.digest = manifest.digest_of_all();
    let text = manifest.text().map_err(|e| AppError::Bug(format!("writing the manifest: {e}")))?;
    pen.whole(file::MANIFEST, text.as_bytes())?;
    pen.files()?;
    Ok(Written { manifest, rows })
}

/// Runbook, acts, how the gates stand, and on what.
async fn stand(store: &dyn Workspace, contents: &Contents<'_>, runs: &[Run], pen: &mut Pen<'_>) -> Result<(), AppError> {
    let Contents { service, gates, outside, .. } = *contents;
    let acts = store.gate_acts(service).await?;
    let run = newest_compared(runs);
    pen.value(
        file::STAND,
        &Stand {
            config: gates.config.clone(),
            configuration: gates.configuration.clone(),
            coverage_floor: contents.coverage_floor,
            inertness_digest: contents.inertness_digest.to_owned(),
            operators: gates.operators.clone(),
            program: gates.program.clone(),
            runs: runs.iter().map(|run| run.id).collect(),
            gated_by: run.map(|run| run.id),
            files: evidence_files(&acts, outside),
        },
    )?;
    pen.begin(file::GATE_ACTS)?;
    for act in &acts {
        pen.line(act)?;
    }
    if let Some(runbook) = &gates.runbook {
        pen.value(file::RUNBOOK, runbook)?;
    }
    if let Some(gated) = gated(store, service, (gates, outside), run, contents.now).await? {
        pen.value(file::GATES, &json!({ "standing": gated.standing, "blockers": gated.blockers }))?;
    }
    Ok(())
}

async fn decisions(store: &dyn Workspace, service: &str, pen: &mut Pen<'_>) -> Result<(), AppError> {
    let mut subjects: BTreeMap<i64, Vec<Subject>> = BTreeMap::new();
    for (act, subject) in store.subjects(service).await? {
        subjects.entry(act).or_default().push(subject);
    }
    pen.begin(file::REVIEWS)?;
    for act in store.acts(service).await? {
        let subjects = subjects.remove(&act.id).unwrap_or_default();
        pen.line(&Decision { act: Act { subjects: Vec::new(), ..act }, subjects })?;
    }
    Ok(())
}

/// A run's files; gives its rows.
async fn of_run(store: &dyn Workspace, run: &Run, pen: &mut Pen<'_>, cancel: &CancellationToken) -> Result<u64, AppError> {
    let name = |of: &str| file::of_run(run.id, of);
    pen.value(&name(file::RUN), run)?;
    pen.begin(&name(file::FINDINGS))?;
    for finding in store.findings(run.id).await? {
        pen.line(&finding)?;
    }
    pen.begin(&name(file::REJECTED))?;
    for error in store.rejected(run.id, usize::MAX).await? {
        pen.line(&error)?;
    }
    pen.begin(&name(file::TERMS))?;
    for terms in store.shelf(run.id, Side::Target).await?.terms {
        pen.line(&terms)?;
    }
    pen.begin(&name(file::ROWS))?;
    let rows = rows(store, run.id, pen, cancel).await?;
    pen.begin(&name(file::EXPLANATIONS))?;
    let mut after = None;
    loop {
        let page = store.explanations(run.id, after, PAGE).await?;
        let is_last = page.len() < PAGE;
        for (seq, explanation) in page {
            after = Some(seq);
            pen.line(&KeptExplanation { seq, explanation })?;
        }
        if is_last {
            break;
        }
    }
    pen.begin(&name(file::EVIDENCE))?;
    for page in store.differing(run.id).await?.chunks(PAGE) {
        for (seq, _, evidence) in store.rows_at(run.id, page).await? {
            if let Some(evidence) = evidence {
                pen.line(&KeptEvidence { seq, evidence })?;
            }
        }
    }
    Ok(rows)
}

/// Rows as they are kept, each with what people made of it.
async fn rows(store: &dyn Workspace, run: i64, pen: &mut Pen<'_>, cancel: &CancellationToken) -> Result<u64, AppError> {
    let (mut after, mut from, mut count) = (None, PageFrom::Start, 0);
    loop {
        if cancel.is_cancelled() {
            return Err(AppError::Stopped("writing the dossier; nothing was kept".to_owned()));
        }
        let whole = store.whole_rows(run, after, PAGE).await?;
        let request = PageRequest { run, filter: RowFilter::default(), sort: Sort::default(), from, limit: PAGE };
        let lines = store.page(&request).await?.rows;
        if whole.len() != lines.len() || whole.iter().zip(&lines).any(|((seq, _), (_, line))| *seq != line.seq) {
            return Err(AppError::Changed(format!("the rows of run #{run} changed while they were read — write the dossier again")));
        }
        let is_last = whole.len() < PAGE;
        from = lines.last().map_or(PageFrom::Start, |(cursor, _)| PageFrom::After(cursor.clone()));
        for ((seq, mut row), (_, line)) in whole.into_iter().zip(lines) {
            (after, count) = (Some(seq), count + 1);
            row.review = line.review;
            pen.line(&KeptRow { seq, row })?;
        }
        if is_last {
            return Ok(count);
        }
    }
}

async fn journal(store: &dyn Workspace, pen: &mut Pen<'_>) -> Result<(), AppError> {
    pen.begin(file::JOURNAL)?;
    let mut after = 0;
    loop {
        let page = store.journal_after(after, PAGE).await?;
        let is_last = page.len() < PAGE;
        for entry in page {
            after = entry.seq;
            pen.line(&entry)?;
        }
        if is_last {
            return Ok(());
        }
    }
}

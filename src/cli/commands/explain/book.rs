//! `explain --calibrate --book`: a book that somebody else labelled, compared like any other.

use super::key_of;
use crate::app::explain::{Calibration, Explainer, History, Pass, Told};
use crate::app::reconcile::{ReconcileOptions, reconcile};
use crate::cli::context::{Context, opened};
use crate::cli::error::CliError;
use crate::cli::{DemoBook, DemoPlan, progress, signals};
use crate::domain::explanation::{Cause, Certainty, Explanation};
use crate::domain::text::{Untrusted, shown};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// What a label says of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Label {
    /// The cause; `None` lies outside the taxonomy and must come out unexplained.
    cause: Option<Cause>,
    /// Whether its row was met.
    met: bool,
}

type Labels = HashMap<(String, Untrusted), Label>;

/// Builds the book in a private directory, compares all its months and holds the explanations against the labels.
pub async fn calibrate(context: &Context, folder: &Path) -> Result<Calibration, CliError> {
    let cancel = signals::cancel_on_signal();
    let temporary = tempfile::Builder::new().prefix("dualrun-book-").tempdir();
    let temporary = temporary.map_err(|e| CliError::Usage(format!("no temporary directory: {e}")))?;
    let dir = temporary.path().join("project");
    let plan = DemoPlan { book: DemoBook::Folder(folder.to_owned()), bad: false, dir: Some(dir.clone()), as_sql: None };
    let built = context.wiring.demo(&plan).await?;
    let context = context.in_dir(dir);
    let settings = context.settings()?;
    let project = context.project(&settings)?;
    let mut labels = read(&folder.join("labels.csv"), |id| key_of(&settings, id))?;
    let options = ReconcileOptions { months: built.months, only: Vec::new(), dry_run: false, recheck: false, wait: Duration::from_secs(5) };
    let runs = reconcile(&project, &options, progress::observer(context.global.quiet), cancel.clone()).await?;
    let store = opened(project.door.as_ref()).await?;
    let mut sum = Calibration::default();
    let history = Arc::new(History::near(store.as_ref(), &runs).await?);
    for run in &runs {
        let explainer = Explainer::open(store.as_ref(), run, &settings.service, Arc::clone(&history)).await?;
        let bare = explainer.without_evidence();
        let mut pass = Pass::new(store.as_ref(), explainer);
        while let Some(rows) = pass.next(&cancel).await? {
            for Told { row, explanation: told, .. } in &rows {
                let Some(label) = labels.get_mut(&(row.period.to_string(), row.key.clone())) else { continue };
                label.met = true;
                count(&mut sum, label.cause, told);
                let without = bare.one(&crate::app::explain::stripped(row), None);
                let confirmed = label.cause.is_some() && without.is_some_and(|t| t.certainty == Certainty::Confirmed);
                sum.without_evidence_confirmed += u64::from(confirmed);
            }
        }
    }
    // A labelled row that does not differ, or is not there: a known cause that was not named, or noise that was left alone.
    for label in labels.values().filter(|l| !l.met) {
        sum.injected += u64::from(label.cause.is_some());
        sum.noise_rows += u64::from(label.cause.is_none());
    }
    Ok(sum)
}

fn count(sum: &mut Calibration, cause: Option<Cause>, told: &Explanation) {
    if let Some(cause) = cause {
        sum.injected += 1;
        let first = told.hypotheses.first().map(|h| h.causes.as_slice());
        sum.named_first += u64::from(first == Some(&[cause]));
    } else {
        sum.noise_rows += 1;
        sum.noise_explained += u64::from(told.certainty != Certainty::Unexplained);
    }
}

/// Reads the labels. A column that is missing, or a row without period and id, is an error with its line.
fn read(file: &Path, key: impl Fn(&str) -> Untrusted) -> Result<Labels, CliError> {
    let wrong = |what: String| CliError::Usage(format!("{}: {what}", shown(&file.to_string_lossy(), 200)));
    let mut reader = csv::Reader::from_path(file).map_err(|e| wrong(e.to_string()))?;
    let headers = reader.headers().map_err(|e| wrong(e.to_string()))?.clone();
    let place = |name: &str| headers.iter().position(|h| h.trim() == name).ok_or_else(|| wrong(format!("no column {name}")));
    let (period, id, cause) = (place("period")?, place("subscription_id")?, place("cause")?);
    let mut labels = Labels::new();
    for (number, record) in (2u64..).zip(reader.records()) {
        let record = record.map_err(|e| wrong(e.to_string()))?;
        let field = |at: usize| record.get(at).map_or("", str::trim);
        if field(period).is_empty() || field(id).is_empty() {
            return Err(wrong(format!("line {number} has no period or no subscription_id")));
        }
        let label = Label { cause: Cause::named(field(cause)), met: false };
        labels.insert((field(period).to_owned(), key(field(id))), label);
    }
    Ok(labels)
}

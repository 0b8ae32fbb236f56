//! `explain --calibrate --book`: a book that somebody else labelled, compared like any other.

use super::key_of;
use crate::app::explain::{Calibration, Explainer, History, Pass, Told};
use crate::app::reconcile::{ReconcileOptions, reconcile};
use crate::cli::commands::out;
use crate::cli::context::{Context, opened};
use crate::cli::error::CliError;
use crate::cli::{DemoBook, DemoPlan, progress, signals};
use crate::domain::explanation::{Cause, Certainty, Explanation};
use crate::domain::period::Month;
use crate::domain::text::{Untrusted, shown};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Labels that did not come out, told to people.
const TOLD: usize = 40;
/// What a document with no subscription is labelled: it has no row with a delta, and nothing to explain.
const UNLINKED: [&str; 4] = ["s1", "unlinked", "no subscription", "no_subscription"];

/// What a label says of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Label {
    /// The cause, or two; `None` lies outside the taxonomy and must come out unexplained.
    causes: Option<Vec<Cause>>,
    /// Whether the row was told right, and what; `None` where it was not met.
    told: Option<(bool, String)>,
}

/// By the month a period begins in, and the key.
type Labels = BTreeMap<(Month, Untrusted), Label>;

/// Builds the book in a private directory, compares its months and those of its labels, and holds the explanations against the labels.
pub async fn calibrate(context: &Context, folder: &Path) -> Result<Calibration, CliError> {
    let cancel = signals::cancel_on_signal();
    let temporary = tempfile::Builder::new().prefix("dualrun-book-").tempdir();
    let temporary = temporary.map_err(|e| CliError::Usage(format!("no temporary directory: {e}")))?;
    let dir = temporary.path().join("project");
    let plan = DemoPlan { book: DemoBook::Folder(folder.to_owned()), bad: false, dir: Some(dir.clone()), as_sql: None };
    let built = context.wiring.demo(&plan).await?;
    let (context, quiet) = (context.in_dir(dir), context.global.quiet);
    let settings = context.settings()?;
    let project = context.project(&settings)?;
    let mut labels = read(&folder.join("labels.csv"), |id| key_of(&settings, id))?;
    let months: BTreeSet<Month> = built.months.into_iter().chain(labels.keys().map(|(month, _)| *month)).collect();
    let options =
        ReconcileOptions { months: months.into_iter().collect(), only: Vec::new(), dry_run: false, recheck: false, wait: Duration::from_secs(5) };
    let runs = reconcile(&project, &options, progress::observer(quiet), cancel.clone()).await?;
    let store = opened(project.door.as_ref()).await?;
    let mut sum = Calibration::default();
    let history = Arc::new(History::near(store.as_ref(), &runs).await?);
    for run in &runs {
        let explainer = Explainer::open(store.as_ref(), run, &settings.service, Arc::clone(&history)).await?;
        let bare = explainer.without_evidence();
        let mut pass = Pass::new(store.as_ref(), explainer).await?;
        while let Some(rows) = pass.next(&cancel).await? {
            for Told { row, explanation: told, .. } in &rows {
                let Some(label) = labels.get_mut(&(Month::of(row.period.start), row.key.clone())) else { continue };
                count(&mut sum, label, told);
                let without = bare.one(&crate::app::explain::stripped(row), None);
                let confirmed = label.causes.is_some() && without.is_some_and(|t| t.certainty == Certainty::Confirmed);
                sum.without_evidence_confirmed += u64::from(confirmed);
            }
        }
    }
    // A labelled row that does not differ, or is not there: a known cause that was not named, or noise that was left alone.
    for label in labels.values().filter(|l| l.told.is_none()) {
        sum.injected += u64::from(label.causes.is_some());
        sum.noise_rows += u64::from(label.causes.is_none());
    }
    if !quiet {
        misses(&labels);
    }
    Ok(sum)
}

fn count(sum: &mut Calibration, label: &mut Label, told: &Explanation) {
    let is_right = match &label.causes {
        Some(causes) => is_named(causes, told),
        None => told.certainty == Certainty::Unexplained,
    };
    let of_taxonomy = label.causes.is_some();
    sum.injected += u64::from(of_taxonomy);
    sum.named_first += u64::from(of_taxonomy && is_right);
    sum.noise_rows += u64::from(!of_taxonomy);
    sum.noise_explained += u64::from(!of_taxonomy && !is_right);
    label.told = Some((is_right, told.label().unwrap_or_else(|| Certainty::Unexplained.word().to_owned())));
}

/// Whether the first hypothesis is the labelled cause; of two, in either order.
fn is_named(causes: &[Cause], told: &Explanation) -> bool {
    let sorted = |causes: &[Cause]| causes.iter().copied().collect::<BTreeSet<_>>();
    told.hypotheses.first().is_some_and(|first| sorted(&first.causes) == sorted(causes))
}

/// Says which labels did not come out, and as what.
fn misses(labels: &Labels) {
    let wrong = labels.iter().filter_map(|((month, key), label)| {
        let (is_right, told) = label.told.clone().unwrap_or_else(|| (label.causes.is_none(), "nothing: it does not differ".to_owned()));
        let words = label.causes.as_ref().map(|causes| causes.iter().map(|c| c.word()).collect::<Vec<_>>().join(" + "));
        let words = words.unwrap_or_else(|| "outside the taxonomy".to_owned());
        (!is_right).then(|| format!("{month} {}: labelled {words}; told {}", key.shown(60), shown(&told, 80)))
    });
    for line in wrong.take(TOLD) {
        out::say(&line);
    }
}

/// Reads the labels. A column that is missing, or a row without period and id, is an error with its line. Several lines of one row are
/// several causes of it.
fn read(file: &Path, key: impl Fn(&str) -> Untrusted) -> Result<Labels, CliError> {
    let wrong = |what: String| CliError::Usage(format!("{}: {what}", shown(&file.to_string_lossy(), 200)));
    // Words with a comma in a last column that is not read are nothing to stop at; a line that ends too early is.
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(file).map_err(|e| wrong(e.to_string()))?;
    let headers = reader.headers().map_err(|e| wrong(e.to_string()))?.clone();
    let is = |header: &str, name: &str| header.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}').eq_ignore_ascii_case(name);
    let place = |name: &str| {
        headers.iter().position(|h| is(h, name)).ok_or_else(|| {
            wrong(format!("no column {name}: its first line names period, subscription_id, cause and parameters, with commas between"))
        })
    };
    let (period, id, cause) = (place("period")?, place("subscription_id")?, place("cause")?);
    let mut labels = Labels::new();
    for (number, record) in (2u64..).zip(reader.records()) {
        let record = record.map_err(|e| wrong(e.to_string()))?;
        let field = |at: usize| record.get(at).map_or("", str::trim);
        if record.len() <= period.max(id).max(cause) {
            return Err(wrong(format!("line {number} ends before its cause")));
        }
        if UNLINKED.iter().any(|word| field(cause).eq_ignore_ascii_case(word)) {
            continue;
        }
        // A day within the month names the month: a row of an anchored period begins on one.
        let month = field(period).get(..7).and_then(Month::parse);
        let month = month.ok_or_else(|| wrong(format!("line {number}: {} is no period; write 2026-05", shown(field(period), 30))))?;
        if field(id).is_empty() {
            return Err(wrong(format!("line {number} has no subscription_id")));
        }
        let causes: Option<Vec<Cause>> = field(cause).split(['+', ';', '&']).map(Cause::named).collect();
        match labels.entry((month, key(field(id)))) {
            std::collections::btree_map::Entry::Vacant(free) => {
                free.insert(Label { causes, told: None });
            }
            std::collections::btree_map::Entry::Occupied(mut held) => {
                let known = held.get_mut();
                known.causes = known.causes.take().zip(causes).map(|(a, b)| [a, b].concat());
            }
        }
    }
    if labels.is_empty() {
        return Err(wrong("no label of a subscription in it: nothing could be measured".to_owned()));
    }
    Ok(labels)
}

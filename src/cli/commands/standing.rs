//! What several commands ask of stored runs: which is meant, its worst rows, its exit code, how the months stand.

use crate::app::flip::fold;
use crate::app::gates::gated;
use crate::app::review::Touched;
use crate::app::standing::{Assessment, Gated, Standing, assess, imports};
use crate::app::told::reviewed;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::gate_setup;
use crate::cli::{Exit, out, period};
use crate::config::Settings;
use crate::domain::finding::{Finding, Weight};
use crate::domain::gate::Glass;
use crate::domain::import::{ImportStanding, Inertness};
use crate::domain::key::Key;
use crate::domain::period::Month;
use crate::domain::run::{Run, RunState};
use crate::domain::text::shown;
use crate::domain::told::ReviewFacts;
use crate::domain::verdict::Verdict;
use crate::ports::workspace::{JournalHead, PageFrom, PageRequest, RowFilter, RowLine, Sort, SortColumn, Workspace};
use crate::present::{money, numbers};
use crate::report::review;
use crate::report::text;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Rows shown after a reconciliation.
const WORST: usize = 15;

/// The run of a service that is asked for: by number, else the current one of the period, else of the newest month that has one.
pub async fn chosen(store: &dyn Workspace, settings: &Settings, wanted: (Option<i64>, Option<&str>), now: DateTime<Utc>) -> Result<Run, CliError> {
    let service = &settings.service.service;
    let (id, period) = wanted;
    if let Some(id) = id {
        let run = store.run(id).await?;
        if run.request.service == *service {
            return Ok(run);
        }
        let (of, own) = (shown(&run.request.service, 60), shown(service, 60));
        return Err(CliError::Usage(format!("run #{id} is of service {of}, this configuration of {own} — dualrun status lists its runs")));
    }
    let mut current: Vec<Run> = store.current_runs().await?.into_iter().filter(|r| r.request.service == *service).collect();
    let run = match period {
        None => current.pop(),
        Some(text) => {
            let month = period::month(text, settings.service.zone, now).map_err(CliError::Usage)?;
            current.into_iter().find(|r| r.request.month == month)
        }
    };
    run.ok_or_else(|| CliError::Usage("no complete run to report — dualrun reconcile makes one, --run N reports any other".to_owned()))
}

/// Clean only where everything was read, something was compared, every row matches and nothing blocks.
pub fn exit_of(run: &Run, findings: &[Finding]) -> Exit {
    let counts = &run.tally.counts;
    let clean = counts.of(Verdict::Match) + counts.of(Verdict::WithinTolerance);
    if run.state != RunState::Complete {
        Exit::Incomplete
    } else if counts.total() == 0 || counts.total() != clean || findings.iter().any(|f| f.weight == Weight::Blocking) {
        Exit::Differences
    } else {
        Exit::Clean
    }
}

/// The rows with most money at stake that do not match, as a table under a blank line; empty where all match.
pub async fn worst_rows(store: &dyn Workspace, run: &Run) -> Result<Vec<String>, CliError> {
    let differing: Vec<Verdict> = Verdict::ALL.into_iter().filter(|v| !matches!(v, Verdict::Match | Verdict::WithinTolerance)).collect();
    let all: u64 = differing.iter().map(|v| run.tally.counts.of(*v)).sum();
    if all == 0 || !matches!(run.state, RunState::Complete | RunState::Incomplete) {
        return Ok(Vec::new());
    }
    let filter = RowFilter { verdicts: differing, ..RowFilter::default() };
    let sort = Sort { column: SortColumn::AtStake, descending: true };
    let page = store.page(&PageRequest { run: run.id, filter, sort, from: PageFrom::Start, limit: WORST }).await?;
    let rows: Vec<_> = page.rows.into_iter().map(|(_, row)| row).collect();
    let columns = text::columns(&rows, out::width());
    let mut lines = vec![String::new(), text::heading(&columns)];
    lines.extend(rows.iter().map(|row| text::line(row, &columns)));
    let left = all.saturating_sub(u64::try_from(rows.len()).unwrap_or(u64::MAX));
    if left > 0 {
        lines.push(format!("and {} with no more money at stake", numbers::counted(left, "row", "rows")));
    }
    Ok(lines)
}

/// A month that has runs.
pub struct MonthRuns {
    /// Which.
    pub month: Month,
    /// The run that counts.
    pub current: Option<Run>,
    /// The newest, whatever its state.
    pub newest: Option<Run>,
    /// The newest that looked at the whole month, whatever its state.
    pub newest_full: Option<Run>,
}

/// Every month that has runs, and what is known of the newest of them.
#[derive(Default)]
pub struct Months {
    /// Newest month first.
    pub all: Vec<MonthRuns>,
    /// Findings of the newest month's current run (of its newest, where none counts).
    pub findings: Vec<Finding>,
    /// What was decided of each month's current run, by its number.
    pub reviews: BTreeMap<i64, ReviewFacts>,
    /// Head of the journal.
    pub journal: Option<JournalHead>,
    /// Digest of the configuration last adopted.
    pub adopted: Option<String>,
    /// Where the imports stand.
    pub imports: ImportStanding,
    /// The newest look at inertness.
    pub inertness: Option<Inertness>,
    /// How the runbook's gates stand, by the newest month's current run; `None` where there is no runbook.
    pub gates: Option<Gated>,
    /// Whether a wave was flipped and not brought back.
    pub has_flipped: bool,
}

/// Runs looked through for each month's newest; older ones only matter where they are current.
const RUNS_LOOKED_AT: usize = 1_000;

impl Months {
    /// Reads those of a service; none where there is no workspace yet.
    pub async fn load(context: &Context, settings: &Settings) -> Result<Self, CliError> {
        let (service, today) = (settings.service.service.as_str(), context.today(settings));
        let Some(store) = context.wiring.door(&settings.dir).read().await? else { return Ok(Self::default()) };
        let mut months: BTreeMap<Month, MonthRuns> = BTreeMap::new();
        let empty = |month| MonthRuns { month, current: None, newest: None, newest_full: None };
        let of_service = |run: &Run| run.request.service == service;
        for run in store.runs(RUNS_LOOKED_AT).await?.into_iter().filter(of_service) {
            let month = run.request.month;
            let entry = months.entry(month).or_insert_with(|| empty(month));
            if run.is_full() && entry.newest_full.is_none() {
                entry.newest_full = Some(run.clone());
            }
            entry.newest.get_or_insert(run);
        }
        for run in store.current_runs().await?.into_iter().filter(of_service) {
            let month = run.request.month;
            months.entry(month).or_insert_with(|| empty(month)).current = Some(run);
        }
        let all: Vec<MonthRuns> = months.into_values().rev().collect();
        let deliveries = store.deliveries(service).await?;
        let mut months = Self {
            all,
            findings: Vec::new(),
            reviews: BTreeMap::new(),
            journal: Some(store.journal_head().await?),
            adopted: store.adopted_config().await?,
            imports: imports(store.as_ref(), service, &deliveries).await?,
            inertness: store.inertness(service).await?,
            gates: None,
            has_flipped: fold(&store.gate_acts(service).await?).has_flipped(),
        };
        if let Some(run) = months.newest().and_then(MonthRuns::telling).map(|r| r.id) {
            months.findings = store.findings(run).await?;
        }
        let (setup, outside) = (gate_setup(settings), context.wiring.outside(settings));
        let current = months.newest().and_then(|m| m.current.as_ref());
        months.gates = gated(store.as_ref(), service, (&setup, outside.as_ref()), current, context.now()).await?;
        for run in months.all.iter().filter_map(|m| m.current.as_ref()) {
            months.reviews.extend(reviewed(store.as_ref(), run, today).await?.map(|review| (run.id, review)));
        }
        Ok(months)
    }

    /// Every breaking of the glass that ever counted.
    pub fn glass_ever(&self) -> &[Glass] {
        self.gates.as_ref().map_or(&[], |gated| &gated.standing.glass_ever)
    }

    /// The newest month that anything was compared in: a month without a row hides none before it.
    pub fn newest(&self) -> Option<&MonthRuns> {
        let compared = |m: &&MonthRuns| m.current.as_ref().is_some_and(|r| r.tally.counts.total() > 0);
        self.all.iter().find(compared).or_else(|| self.all.first())
    }
}

impl MonthRuns {
    /// The run that tells how the month stands.
    pub fn telling(&self) -> Option<&Run> {
        self.current.as_ref().or(self.newest.as_ref())
    }
}

/// What blocks the flip, by the newest month.
pub fn assessed(months: &Months, settings: &Settings) -> Assessment {
    let newest = months.newest();
    assess(&Standing {
        // A newer month that could not be read holds the flip of an older one, too.
        latest: months
            .all
            .iter()
            .filter_map(|m| m.newest_full.as_ref())
            .filter(|r| newest.is_none_or(|m| r.request.month >= m.month))
            .max_by_key(|r| r.id),
        current: newest.and_then(|m| m.current.as_ref()),
        findings: &months.findings,
        review: newest.and_then(|m| m.current.as_ref()).and_then(|run| months.reviews.get(&run.id)?.tally.as_ref()),
        imports: &months.imports,
        inertness: months.inertness.as_ref(),
        inertness_digest: &settings.inertness_digest,
        is_checked: !settings.inertness.is_empty(),
        config_digest: &settings.digest,
        coverage_floor: settings.coverage_floor,
        gates: months.gates.as_ref(),
        has_flipped: months.has_flipped,
    })
}

/// The row of a key as typed: as the service writes keys, or letter by letter where that finds none.
pub async fn row_of(store: &dyn Workspace, settings: &Settings, run: &Run, typed: &str) -> Result<RowLine, CliError> {
    let profile = &settings.service.source;
    if let Ok(key) = Key::normalised(typed, profile.key, profile.key_normaliser)
        && let Some(line) = store.find(run.id, key.as_str(), None).await?
    {
        return Ok(line);
    }
    let line = store.find(run.id, typed, None).await?;
    let (key, id, month) = (shown(typed, 60), run.id, run.request.month);
    line.ok_or_else(|| CliError::Usage(format!("{key} has no row in run #{id} of {month} — check the id, letter by letter")))
}

/// What a decision touches: rows, money, the largest of them.
pub fn touched_lines(run: &Run, touched: &Touched) -> Vec<String> {
    let amounts: Vec<String> = touched.sum.money.iter().map(|(c, (net, _))| format!("{} {c}", money::signed(*net, *c))).collect();
    let at_stake = money::list(touched.at_stake.iter().map(|(currency, sum)| (*currency, *sum)));
    let rows = numbers::counted(touched.sum.rows, "row", "rows");
    let mut lines = vec![format!("run #{} · {} · {rows} {} · {at_stake} at stake", run.id, run.request.month, amounts.join(", "))];
    if touched.other_amount > 0 {
        lines.push(format!("{} of the filter differ by another amount and stay open", numbers::counted(touched.other_amount, "row", "rows")));
    }
    if touched.incomparable > 0 {
        lines.push(format!("{} cannot be compared and cannot be decided on", numbers::counted(touched.incomparable, "row", "rows")));
    }
    if !touched.largest.is_empty() {
        let columns = text::columns(&touched.largest, out::width());
        lines.push(text::heading(&columns));
        lines.extend(touched.largest.iter().map(|row| text::line(row, &columns)));
    }
    lines
}

/// The same for machines.
pub fn touched_object(run: &Run, touched: &Touched) -> Value {
    let row = |line: &RowLine| {
        let currency = line.actual_currency.or(line.expected_currency);
        let text = |minor: Option<i64>| minor.zip(currency).map(|(minor, currency)| money::plain(minor, currency));
        json!({ "key": line.key, "customer": line.customer, "plan": line.plan, "verdict": line.verdict, "cause": line.cause, "currency": currency, "actual": text(line.actual), "delta": text(line.delta) })
    };
    let mut object = review::sum_object(&touched.sum);
    object["run"] = run.id.into();
    object["period"] = run.request.month.to_string().into();
    object["other_amount"] = touched.other_amount.into();
    object["incomparable"] = touched.incomparable.into();
    object["largest"] = touched.largest.iter().map(row).collect();
    object
}

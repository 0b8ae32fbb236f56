//! The stages of the way and what blocks each, from what the workspace knows.

use super::{Gated, GatesStanding, Glass, Outcome};
use crate::domain::currency::Currency;
use crate::domain::finding::{Finding, Weight};
use crate::domain::import::{ImportStanding, Inertness};
use crate::domain::review::{ReviewTally, Sum};
use crate::domain::run::{Run, RunState};
use crate::domain::verdict::Verdict;
use serde::Serialize;
use std::collections::BTreeMap;

/// The stages of the operator's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Both databases reached, roles proven read-only.
    Connect,
    /// The data itself is sound and the revenue covered.
    Integrity,
    /// Shadows staged and loaded.
    Import,
    /// Both sides compared.
    Reconcile,
    /// Every difference decided.
    Review,
    /// Runbook held, two people signed.
    Gates,
    /// Cut over.
    Flip,
}

impl Stage {
    /// All of them, in order.
    pub const ALL: [Self; 7] = [Self::Connect, Self::Integrity, Self::Import, Self::Reconcile, Self::Review, Self::Gates, Self::Flip];

    /// Its name for people.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Connect => "Connect",
            Self::Integrity => "Integrity",
            Self::Import => "Import",
            Self::Reconcile => "Reconcile",
            Self::Review => "Review",
            Self::Gates => "Gates",
            Self::Flip => "Flip",
        }
    }
}

/// What is known when the way is assessed.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'a> {
    /// The newest run that looked at the whole month, whatever its state.
    pub latest: Option<&'a Run>,
    /// The newest run of the month that counts.
    pub current: Option<&'a Run>,
    /// Findings of the current run (of the latest, where none counts).
    pub findings: &'a [Finding],
    /// How the rows of the current run stand by people's decisions; `None` where nothing was decided.
    pub review: Option<&'a ReviewTally>,
    /// Where the imports stand.
    pub imports: &'a ImportStanding,
    /// The newest look at inertness.
    pub inertness: Option<&'a Inertness>,
    /// The digest of the checks of inertness as they are configured now.
    pub inertness_digest: &'a str,
    /// Whether any check of inertness is configured.
    pub is_checked: bool,
    /// The digest of the configuration as it is now.
    pub config_digest: &'a str,
    /// Coverage the service wants at least, in ten-thousandths.
    pub coverage_floor: i64,
    /// How the runbook's gates stand; `None` where there is no runbook.
    pub gates: Option<&'a Gated>,
    /// Digest of the subscriptions that are flipped, empty where none is: a look at inertness leaves theirs out, and only one that left
    /// out these proves anything now.
    pub flipped: &'a str,
}

/// A stage and how it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StageState {
    /// Which.
    pub stage: Stage,
    /// How it stands.
    pub outcome: Outcome,
    /// In a few words: `2 match · 4 delta`.
    pub summary: String,
}

/// One thing that blocks the flip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Blocker {
    /// At which stage.
    pub stage: Stage,
    /// What is missing or wrong.
    pub what: String,
    /// Money at stake, minor units by currency.
    pub money: Vec<(Currency, i64)>,
    /// What to do, with the key or command that does it.
    pub remedy: String,
    /// Who answers for it: a person, a role or a team, where that is said.
    pub owner: Option<String>,
}

/// Stages and blockers together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Assessment {
    /// All stages, in order.
    pub stages: Vec<StageState>,
    /// What blocks, most urgent stage first.
    pub blockers: Vec<Blocker>,
    /// Broken glass: two people opened the flip although it is blocked.
    pub glass: Option<Glass>,
}

impl Assessment {
    /// Whether the flip may happen: nothing blocks it, or the glass is broken.
    pub fn opens(&self) -> bool {
        let holds = self.blockers.is_empty() && self.stages.iter().filter(|s| s.stage != Stage::Flip).all(|s| s.outcome.opens());
        holds || self.glass.is_some()
    }
}

/// Assesses the way.
pub fn assess(standing: &Standing<'_>) -> Assessment {
    let mut blockers = Vec::new();
    let mut stages = vec![
        connect(standing, &mut blockers),
        integrity(standing, &mut blockers),
        super::staging::import(standing, &mut blockers),
        reconcile(standing, &mut blockers),
        review(standing, &mut blockers),
        gates(standing, &mut blockers),
    ];
    let worst = Outcome::worst(stages.iter().map(|s| s.outcome));
    let glass = standing.gates.and_then(|gated| gated.standing.glass.clone().filter(|glass| covers(glass, &gated.standing, &blockers)));
    let summary = match &glass {
        _ if worst.opens() => "every gate holds".to_owned(),
        Some(glass) => format!("GLASS BROKEN by {} ({} reasons)", glass.people().join(" and "), blockers.len()),
        None => format!("BLOCKED ({} reasons)", blockers.len()),
    };
    stages.push(StageState { stage: Stage::Flip, outcome: if worst.opens() { Outcome::NotRun } else { Outcome::Fail }, summary });
    Assessment { stages, blockers, glass }
}

/// The money behind each reason that has any, by its words.
pub fn stakes<'b>(blockers: impl IntoIterator<Item = &'b Blocker>) -> BTreeMap<String, BTreeMap<Currency, i64>> {
    let mut stakes: BTreeMap<String, BTreeMap<Currency, i64>> = BTreeMap::new();
    for blocker in blockers {
        for (currency, minor) in &blocker.money {
            let of = stakes.entry(blocker.what.clone()).or_default().entry(*currency).or_default();
            *of = of.saturating_add(minor.saturating_abs());
        }
    }
    stakes
}

/// Whether what blocks now is what two people opened the glass for: anything else that blocks by now, the same for more money, and every
/// no of which they did not know, is none of it. What is missing of the runbook is.
fn covers(glass: &Glass, gates: &GatesStanding, blockers: &[Blocker]) -> bool {
    let agreed = |what: &String, currency: &Currency| glass.terms.stakes.get(what).and_then(|of| of.get(currency)).copied().unwrap_or(0);
    let others = || blockers.iter().filter(|b| b.stage != Stage::Gates);
    if stakes(others()).iter().any(|(what, of)| of.iter().any(|(currency, minor)| *minor > agreed(what, currency))) {
        return false;
    }
    let known = |what: &String| glass.terms.blockers.contains(what);
    let no = gates.stages.iter().flat_map(|s| s.refused.iter().map(|(who, why)| format!("{}: {who} said no: {why}", s.id)));
    others().all(|b| known(&b.what)) && no.into_iter().all(|no| known(&no))
}

fn gates(standing: &Standing<'_>, blockers: &mut Vec<Blocker>) -> StageState {
    let Some(gated) = standing.gates else {
        return not_run(Stage::Gates, "no runbook", "write runbook.toml beside dualrun.toml: dualrun init shows one", blockers);
    };
    let (passed, all) = (gated.standing.passed(), gated.standing.stages.len());
    blockers.extend(gated.blockers.iter().cloned());
    state(Stage::Gates, gated.standing.outcome, format!("{passed} of {all} stages"))
}

pub(super) fn state(stage: Stage, outcome: Outcome, summary: impl Into<String>) -> StageState {
    StageState { stage, outcome, summary: summary.into() }
}

pub(super) fn block(stage: Stage, what: impl Into<String>, remedy: &str) -> Blocker {
    Blocker { stage, what: what.into(), money: Vec::new(), remedy: remedy.to_owned(), owner: None }
}

pub(super) fn not_run(stage: Stage, summary: &str, remedy: &str, blockers: &mut Vec<Blocker>) -> StageState {
    blockers.push(block(stage, summary, remedy));
    state(stage, Outcome::NotRun, summary)
}

fn connect(standing: &Standing<'_>, blockers: &mut Vec<Blocker>) -> StageState {
    let Some(run) = standing.current.or(standing.latest).filter(|r| !r.snapshots.is_empty()) else {
        return not_run(Stage::Connect, "not reached yet", "dualrun doctor, then reconcile (r)", blockers);
    };
    let writable: Vec<&str> = run.snapshots.iter().filter(|s| s.writable_role).map(|s| s.side.word()).collect();
    if writable.is_empty() {
        state(Stage::Connect, Outcome::Pass, "both read-only")
    } else {
        let what = format!("{} read with a role that can write", writable.join(" and "));
        blockers.push(block(Stage::Connect, what.clone(), "give dualrun a role with SELECT only, then reconcile again"));
        state(Stage::Connect, Outcome::Fail, what)
    }
}

fn integrity(standing: &Standing<'_>, blockers: &mut Vec<Blocker>) -> StageState {
    let Some(run) = standing.current.or(standing.latest).filter(|r| matches!(r.state, RunState::Complete | RunState::Incomplete)) else {
        return not_run(Stage::Integrity, "not checked yet", "reconcile (r)", blockers);
    };
    for finding in standing.findings.iter().filter(|f| f.weight == Weight::Blocking) {
        let mut blocker =
            block(Stage::Integrity, format!("{} {}: {}", finding.count, finding.code.replace('_', " "), finding.message), &finding.remedy);
        blocker.money = finding.money.iter().map(|(c, m)| (*c, *m)).collect();
        blockers.push(blocker);
    }
    let blocking = standing.findings.iter().filter(|f| f.weight == Weight::Blocking).count();
    let warnings = standing.findings.iter().filter(|f| f.weight == Weight::Warning).count();
    let mut summary = Vec::new();
    let mut outcome = if blocking == 0 { Outcome::Pass } else { Outcome::Fail };
    for (currency, totals) in &run.tally.money {
        let Some(coverage) = totals.coverage() else {
            blockers.push(block(
                Stage::Integrity,
                format!("nothing was invoiced in {currency}: coverage is not known"),
                "check the month and the queries",
            ));
            outcome = outcome.max(Outcome::Inconclusive);
            summary.push(format!("nothing invoiced in {currency}"));
            continue;
        };
        if coverage >= standing.coverage_floor {
            continue;
        }
        let part = format!("{}.{:02} %", coverage / 100, coverage % 100);
        let what = format!("coverage {part} of the money invoiced in {currency}");
        let mut blocker = block(Stage::Integrity, what, "link the unlinked documents, or agree a lower floor (service.coverage_floor)");
        blocker.money = vec![(*currency, totals.invoiced - totals.covered)];
        blockers.push(blocker);
        summary.push(format!("{currency} covered {part}"));
        outcome = Outcome::Fail;
    }
    if blocking > 0 {
        summary.push(format!("{blocking} blocking"));
    }
    match warnings {
        0 => {}
        1 => summary.push("1 warning".to_owned()),
        n => summary.push(format!("{n} warnings")),
    }
    if standing.current.is_none() {
        // What a run that counts for nothing found is told; that it found nothing proves nothing.
        outcome = outcome.max(Outcome::Inconclusive);
        summary.push(format!("from run #{}, which counts for nothing", run.id));
    }
    state(Stage::Integrity, outcome, if summary.is_empty() { "nothing found".to_owned() } else { summary.join(" · ") })
}

fn reconcile(standing: &Standing<'_>, blockers: &mut Vec<Blocker>) -> StageState {
    let Some(run) = standing.current else {
        let (outcome, what) = match standing.latest.map(|r| r.state) {
            None => (Outcome::NotRun, "never run".to_owned()),
            Some(RunState::Running) => (Outcome::NotRun, "running now".to_owned()),
            Some(s) => (Outcome::Inconclusive, format!("last run {}: it counts for nothing", s.word())),
        };
        blockers.push(block(Stage::Reconcile, what.clone(), "reconcile the whole month (r)"));
        return state(Stage::Reconcile, outcome, what);
    };
    let counts = &run.tally.counts;
    // Match and delta always; the others where there are any.
    let told = |v: &Verdict| matches!(v, Verdict::Match | Verdict::Delta) || counts.of(*v) > 0;
    let words = Verdict::ALL.into_iter().filter(|v| *v != Verdict::Unlinked).filter(told);
    let summary = words.map(|v| format!("{} {}", counts.of(v), v.word().replace('_', " "))).collect::<Vec<_>>().join(" · ");
    if run.request.config_digest != standing.config_digest {
        blockers.push(block(Stage::Reconcile, "the configuration changed since the run", "reconcile again (r)"));
        return state(Stage::Reconcile, Outcome::Stale, format!("{summary} · stale"));
    }
    if let Some(import) = standing.imports.acted.as_ref().filter(|i| i.finished_at.is_none_or(|at| at > run.started_at)) {
        let what = format!("import #{} acted on the target since the run", import.id);
        blockers.push(block(Stage::Reconcile, what, "reconcile again (r)"));
        return state(Stage::Reconcile, Outcome::Stale, format!("{summary} · stale"));
    }
    if let Some(newer) = standing.latest.filter(|l| {
        let is_newer = l.id > run.id || l.request.month > run.request.month;
        is_newer && matches!(l.state, RunState::Incomplete | RunState::Failed)
    }) {
        blockers.push(block(
            Stage::Reconcile,
            if newer.state == RunState::Failed {
                format!("run #{} after it failed: {}", newer.id, newer.failure.as_deref().unwrap_or("no reason kept"))
            } else {
                format!("run #{} after it could not read every row", newer.id)
            },
            "mend what it says (7), reconcile again (r)",
        ));
        return state(Stage::Reconcile, Outcome::Stale, format!("{summary} · stale"));
    }
    let open: u64 = counts.total() - counts.of(Verdict::Match) - counts.of(Verdict::WithinTolerance) - counts.of(Verdict::Unlinked);
    if counts.total() == 0 {
        blockers.push(block(Stage::Reconcile, "no row at all: an empty run proves nothing", "check the month and the queries"));
        return state(Stage::Reconcile, Outcome::Inconclusive, "no rows");
    }
    if open == 0 {
        return state(Stage::Reconcile, Outcome::Pass, summary);
    }
    // What two people accepted is told apart: it blocks no more, and it never is a match.
    let waived = standing.review.map_or(0, |review| review.waived.compared.rows);
    let summary = if waived > 0 { format!("{summary} · {waived} of them waived") } else { summary };
    if waived == open {
        return state(Stage::Reconcile, Outcome::Waived, summary);
    }
    let what = if waived > 0 {
        format!("{} rows do not match and are not waived", open.saturating_sub(waived))
    } else {
        format!("{open} rows do not match")
    };
    let mut blocker = block(Stage::Reconcile, what, "open Reconcile (3), worst first");
    blocker.money = match standing.review.filter(|_| waived > 0) {
        Some(review) => {
            let mut left = Sum::default();
            for apart in [&review.open, &review.explained, &review.resolved] {
                left.absorb(&apart.compared);
            }
            left.gross().filter(|(_, gross)| *gross != 0).collect()
        }
        None => run.tally.money.iter().filter(|(_, m)| m.gross != 0).map(|(c, m)| (*c, m.gross)).collect(),
    };
    blockers.push(blocker);
    state(Stage::Reconcile, Outcome::Fail, summary)
}

fn review(standing: &Standing<'_>, blockers: &mut Vec<Blocker>) -> StageState {
    let Some(run) = standing.current else {
        return not_run(Stage::Review, "nothing to review yet", "reconcile first (r)", blockers);
    };
    let unlinked = standing.review.map_or_else(|| run.tally.counts.of(Verdict::Unlinked), |review| review.open.unlinked.rows);
    let waived = standing.review.map(|review| review.waived.all()).unwrap_or_default();
    let told = if waived.rows > 0 { format!(" · {} waived", waived.rows) } else { String::new() };
    if unlinked == 0 {
        let outcome = if waived.rows > 0 { Outcome::Waived } else { Outcome::Pass };
        return state(Stage::Review, outcome, format!("nothing open{told}"));
    }
    let mut blocker = block(Stage::Review, format!("{unlinked} unlinked documents nobody decided on"), "open Reconcile (3), filter verdict:unlinked");
    blocker.money = match standing.review {
        Some(review) => review.open.unlinked.gross().collect(),
        None => run.tally.money.iter().filter(|(_, m)| m.unlinked != 0).map(|(c, m)| (*c, m.unlinked)).collect(),
    };
    blockers.push(blocker);
    state(Stage::Review, Outcome::Fail, format!("{unlinked} unlinked open{told}"))
}

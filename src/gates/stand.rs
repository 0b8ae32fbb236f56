//! How the runbook's gates stand: folded from its acts, by what they stand on now. Fails closed: whatever is not known to hold shuts.

mod barred;
mod blocked;
mod checks;
mod fold;
mod seals;
mod seats;

pub use crate::domain::gate::Glass;
pub use barred::barred;
pub use seals::signature_rule;

use super::Blocker;
use crate::domain::gate::{
    Binding, BreakGlass, CheckStanding, Forbidden, GateAct, Outcome, Part, Place, Runbook, RunbookStage, Seat, Signed, Void, digest_of,
};
use crate::domain::money::Money;
use crate::domain::person::Operator;
use crate::domain::run::Run;
use crate::domain::side::Side;
use chrono::{DateTime, TimeDelta, Utc};
use fold::Folded;
use serde::Serialize;
use std::collections::BTreeMap;

/// Digests of what evidence and sign-offs stand on, as they are now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bases {
    /// The configuration that decides numbers, as evidence names it.
    pub config: String,
    /// The whole configuration a sign-off is bound to: that, and floors, checks of inertness and people.
    pub configuration: String,
    /// The source's inputs of the run that counts; `None` where none does.
    pub source: Option<String>,
    /// The target's.
    pub target: Option<String>,
    /// The run.
    pub run: Option<String>,
    /// What people decided about its rows.
    pub review: String,
    /// This program.
    pub program: String,
    /// Digest of all that the project would act on; `None` only in a dossier of before it was kept.
    pub place: Option<String>,
    /// Where each side's database is, in words.
    pub databases: BTreeMap<Side, String>,
    /// How each month stands that evidence names.
    pub months: BTreeMap<String, String>,
    /// Why the newest run does not count here: it read other databases.
    pub elsewhere: Option<String>,
}

impl Bases {
    /// Whether broken glass is of here and now: of what is acted on, and of the configuration.
    pub fn is_of(&self, glass: &BreakGlass) -> bool {
        glass.place == self.place && glass.configuration.as_ref() == Some(&self.configuration)
    }

    /// Those of a place and of the run of the newest month. A run that counts for nothing, or that read other databases, is none.
    pub fn of(place: Option<&Place>, run: Option<&Run>) -> Self {
        let counting = run.filter(|run| run.counts_as_evidence());
        let elsewhere = counting.zip(place).and_then(|(run, place)| place.elsewhere(run));
        let digests = counting.filter(|_| elsewhere.is_none()).map(|run| &run.digests);
        Self {
            source: digests.map(|of| of.source.clone()),
            target: digests.map(|of| of.target.clone()),
            run: digests.map(|of| of.run.clone()),
            place: place.map(Place::digest),
            databases: place.map(Place::told).unwrap_or_default(),
            elsewhere,
            ..Self::default()
        }
    }
}

/// What is known when the gates are looked at.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The runbook.
    pub runbook: &'a Runbook,
    /// Every act of the service, oldest first.
    pub acts: &'a [GateAct],
    /// Now.
    pub now: DateTime<Utc>,
    /// What everything stands on.
    pub bases: &'a Bases,
    /// Files that evidence stands on, with their digests now. One that cannot be read is not here.
    pub files: &'a BTreeMap<String, String>,
    /// Names that the patterns of evidence match now.
    pub matched: &'a BTreeMap<String, Vec<String>>,
    /// The people who may sign.
    pub operators: &'a [Operator],
    /// People whose sign-off does not count now, each with why.
    pub barred: &'a [(String, String)],
    /// Signatures by the number of their act: whether they hold, else why not. One that was not looked at does not hold.
    pub signatures: &'a BTreeMap<i64, Result<(), String>>,
}

/// How a stage stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StageStanding {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What must be so.
    pub requires: Vec<String>,
    /// What must not be done before, and where.
    pub forbids: Vec<Forbidden>,
    /// How to go back.
    pub back_out: Vec<String>,
    /// Whether its gate is open.
    pub outcome: Outcome,
    /// In a few words.
    pub summary: String,
    /// Its checks in each of its environments.
    pub checks: Vec<CheckStanding>,
    /// The seats of those who sign.
    pub seats: Vec<Seat>,
    /// Sign-offs that do not count, with why.
    pub void: Vec<Void>,
    /// Who said no, and why.
    pub refused: Vec<(String, String)>,
    /// Up to when the gate stays shut although everything else holds, and why.
    pub shut_until: Option<(DateTime<Utc>, String)>,
    /// Whether all its checks hold and the stage before it passed: it can be signed.
    pub ready: bool,
    /// What a sign-off is bound to now.
    pub binding: Binding,
}

/// What one person made and a second has not agreed to yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// The number of its act.
    pub act: i64,
    /// Who made it.
    pub by: String,
    /// What it would do.
    pub what: String,
    /// On what terms: until when, why, and of the glass for how many reasons.
    pub terms: String,
    /// What of the glass blocked when it was broken, a sentence each.
    pub reasons: Vec<String>,
    /// The money it says is at stake; nothing of a check.
    pub money: Vec<Money>,
}

/// How all of it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GatesStanding {
    /// The runbook's name.
    pub runbook: String,
    /// Its stages, in order.
    pub stages: Vec<StageStanding>,
    /// The worst of them; of none it is `inconclusive`.
    pub outcome: Outcome,
    /// Broken glass that counts now.
    pub glass: Option<Glass>,
    /// Every breaking of the glass that ever counted: it is told in every later report.
    pub glass_ever: Vec<Glass>,
    /// What waits for a second person.
    pub waiting: Vec<Waiting>,
}

/// How the gates stand, and what is missing to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gated {
    /// How they stand.
    pub standing: GatesStanding,
    /// What is missing, in the order of the stages.
    pub blockers: Vec<Blocker>,
}

/// Looks at the gates.
pub fn look(known: &Known<'_>) -> Gated {
    let standing = stand(known);
    let blockers = blocked::blocked(known, &standing);
    Gated { standing, blockers }
}

/// Every breaking of the glass that ever counted, oldest first.
pub fn glass_ever(acts: &[GateAct], operators: &[Operator]) -> Vec<Glass> {
    // Told whatever the runbook asks by now, and however it is vouched for.
    Folded::of(acts, operators, &|_, _| true).glass()
}

/// Folds acts to how the gates stand.
pub fn stand(known: &Known<'_>) -> GatesStanding {
    let folded = Folded::of(known.acts, known.operators, &|act, about| seals::vouched(known, act, about));
    let all = checks::all(known, &folded);
    let mut stages: Vec<StageStanding> = Vec::with_capacity(known.runbook.stages.len());
    for stage in &known.runbook.stages {
        let before = stages.last().filter(|before| !before.outcome.opens());
        let standing = stage_standing(known, &folded, stage, &all, before);
        stages.push(standing);
    }
    let outcome = Outcome::worst(stages.iter().map(|s| s.outcome));
    let glass_ever = glass_ever(known.acts, known.operators);
    let is_here = |g: &Glass| known.bases.is_of(&g.terms);
    let counts = |g: &&Glass| g.at <= known.now && known.now < g.terms.expires && is_here(g) && !folded.is_withdrawn(g.act);
    let glass = folded.glass().iter().rfind(counts).cloned();
    GatesStanding { runbook: known.runbook.name.clone(), stages, outcome, glass, glass_ever, waiting: folded.waiting(known.now) }
}

impl GatesStanding {
    /// Stages that passed.
    pub fn passed(&self) -> usize {
        self.stages.iter().filter(|s| s.outcome.opens()).count()
    }

    /// The stage of an id.
    pub fn stage(&self, id: &str) -> Option<&StageStanding> {
        self.stages.iter().find(|s| s.id == id)
    }

    /// One digest of everything the flip stands on: of all stages' bindings and of who signed them.
    pub fn certificate(&self) -> String {
        let stages: Vec<(&str, String, Vec<Option<i64>>)> = self
            .stages
            .iter()
            .map(|s| (s.id.as_str(), s.binding.digest(), s.seats.iter().map(|seat| seat.signed.as_ref().map(|by| by.act)).collect()))
            .collect();
        digest_of("certificate v1", &(stages, self.glass.as_ref().map(|g| g.act)))
    }
}

fn stage_standing(
    known: &Known<'_>,
    folded: &Folded<'_>,
    stage: &RunbookStage,
    all: &BTreeMap<String, Vec<CheckStanding>>,
    before: Option<&StageStanding>,
) -> StageStanding {
    let checks = all.get(&stage.id).cloned().unwrap_or_default();
    let of_checks = Outcome::worst(checks.iter().filter(|c| !c.observe_only).map(|c| c.outcome));
    let reopened = reopened(stage, all);
    let ready = of_checks.opens() && before.is_none() && reopened.is_none();
    let binding = binding(known, stage, &checks);
    let (seats, void) = seats::of(known, folded, stage, &binding);
    let refused = folded.refused(&stage.id, &known.runbook.environment);
    let last_sign = seats.iter().filter_map(|seat| seat.signed.as_ref()).map(|by| by.at).max();
    let is_signed = seats.len() >= 2 && seats.iter().all(|seat| seat.signed.is_some());
    let shut_until = shut_until(stage, last_sign.filter(|_| is_signed), known.now);
    let mut standing = StageStanding {
        id: stage.id.clone(),
        title: stage.title.clone(),
        requires: stage.requires.clone(),
        forbids: stage.forbids.clone(),
        back_out: stage.back_out.clone(),
        outcome: of_checks,
        summary: String::new(),
        checks,
        seats,
        void,
        refused,
        shut_until,
        ready,
        binding,
    };
    let worse: Vec<(Outcome, String)> = [
        reopened.map(|by| (Outcome::Fail, format!("opened again: {by}"))),
        standing.refused.first().map(|(who, why)| (Outcome::Fail, format!("no-go by {who}: {why}"))),
        before.map(|before| (Outcome::NotRun, format!("waits for {}", before.id))),
        (of_checks.opens() && !is_signed).then(|| (Outcome::NotRun, format!("{} of {} signed", standing.filled(), standing.seats.len()))),
        standing.shut_until.as_ref().map(|(until, why)| (Outcome::NotRun, format!("{why} until {}", until.format("%Y-%m-%d %H:%MZ")))),
    ]
    .into_iter()
    .flatten()
    .collect();
    let (held, counted) = standing.held();
    let mut words = vec![format!("{held} of {counted} checks hold")];
    words.extend(worse.iter().map(|(_, word)| word.clone()));
    standing.outcome = worse.iter().fold(of_checks, |worst, (outcome, _)| worst.max(*outcome));
    standing.summary =
        if standing.outcome.opens() { format!("{}, signed by {}", words.join(" · "), standing.signers()) } else { words.join(" · ") };
    standing
}

impl StageStanding {
    /// Seats that somebody sits in.
    pub fn filled(&self) -> usize {
        self.seats.iter().filter(|seat| seat.signed.is_some()).count()
    }

    /// Checks that hold, of those that count.
    pub fn held(&self) -> (usize, usize) {
        let counted = self.checks.iter().filter(|c| !c.observe_only);
        (counted.clone().filter(|c| c.outcome.opens()).count(), counted.count())
    }

    fn signers(&self) -> String {
        let names: Vec<String> = self.seats.iter().filter_map(|seat| seat.signed.as_ref()).map(Signed::told).collect();
        names.join(" and ")
    }
}

/// The first check that opens the stage again: one that was made and does not pass.
fn reopened(stage: &RunbookStage, all: &BTreeMap<String, Vec<CheckStanding>>) -> Option<String> {
    let of = |name: &String| {
        let (stage, check) = name.split_once('/')?;
        all.get(stage)?.iter().find(|c| c.check == check && !matches!(c.outcome, Outcome::NotRun) && !c.outcome.opens())
    };
    stage.reopened_by.iter().find_map(|name| Some(format!("{name} is {}", of(name)?.outcome.word())))
}

fn shut_until(stage: &RunbookStage, signed_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<(DateTime<Utc>, String)> {
    let frozen = stage.freezes.iter().filter(|f| f.from <= now && now < f.until).max_by_key(|f| f.until);
    let frozen = frozen.map(|f| (f.until, format!("frozen ({})", f.why)));
    let waits = signed_at.map(|at| {
        let wait = i64::try_from(stage.wait_seconds).ok().and_then(TimeDelta::try_seconds);
        // A wait that no calendar holds never ends.
        wait.and_then(|wait| at.checked_add_signed(wait)).unwrap_or(DateTime::<Utc>::MAX_UTC)
    });
    let waits = waits.filter(|until| now < *until).map(|until| (until, "waits after the last sign-off".to_owned()));
    frozen.into_iter().chain(waits).max_by_key(|(until, _)| *until)
}

/// What a sign-off of a stage is bound to.
fn binding(known: &Known<'_>, stage: &RunbookStage, checks: &[CheckStanding]) -> Binding {
    let bases = known.bases;
    let evidence: Vec<(&str, &str, Option<&str>)> =
        checks.iter().map(|c| (c.environment.as_str(), c.check.as_str(), c.evidence.as_deref())).collect();
    let whole = checks.iter().all(|c| c.evidence.is_some());
    let parts = [
        (Part::Gate, Some(stage.digest())),
        (Part::Configuration, Some(bases.configuration.clone())),
        (Part::SourceInputs, bases.source.clone()),
        (Part::TargetInputs, bases.target.clone()),
        (Part::Run, bases.run.clone()),
        (Part::Review, Some(bases.review.clone())),
        (Part::Evidence, whole.then(|| digest_of("stage evidence v1", &evidence))),
        (Part::Place, bases.place.clone()),
        (Part::Program, Some(bases.program.clone())),
    ];
    Binding(parts.into_iter().filter_map(|(part, digest)| Some((part, digest.filter(|d| !d.is_empty())?))).collect())
}

//! A runbook of two stages, four people, and acts about it.

use chrono::{DateTime, TimeDelta, Utc};
use dualrun::domain::exact::Exact;
use dualrun::domain::gate::{
    Bound, Check, CheckEvidence, CheckKind, GateAct, GateDeed, Metric, MetricCheck, Outcome, Runbook, RunbookStage, Seal, SignOff, SignatureRule,
    StandsOn,
};
use dualrun::domain::person::Operator;
use dualrun::gates::{Bases, Gated, GatesStanding, Known, look};
use std::collections::BTreeMap;

pub const PEOPLE: [(&str, &str); 4] = [("ana", "finance"), ("ben", "engineering"), ("cleo", "finance"), ("dov", "engineering")];
pub const HERE: &str = "production";

/// Noon of the first day.
pub fn noon() -> DateTime<Utc> {
    "2026-06-01T12:00:00Z".parse().unwrap()
}

pub fn check(id: &str) -> Check {
    let bound = Bound { at_least: None, at_most: Some(Exact::whole(0)) };
    let kind = CheckKind::Metric(MetricCheck { metric: Metric::RejectedRows, bound });
    Check { id: id.to_owned(), title: id.to_owned(), owner: None, observe_only: false, max_age_seconds: 3_600, kind }
}

pub fn stage(id: &str, checks: &[&str]) -> RunbookStage {
    RunbookStage {
        id: id.to_owned(),
        title: id.to_owned(),
        requires: Vec::new(),
        environments: vec![HERE.to_owned()],
        checks: checks.iter().map(|id| check(id)).collect(),
        signers: vec!["finance".to_owned(), "engineering".to_owned()],
        signature: SignatureRule::Attested,
        forbids: Vec::new(),
        reopened_by: Vec::new(),
        back_out: Vec::new(),
        wait_seconds: 0,
        expires_seconds: None,
        freezes: Vec::new(),
    }
}

/// What gates stand on, with a clock of its own.
pub struct Book {
    pub runbook: Runbook,
    pub acts: Vec<GateAct>,
    pub now: DateTime<Utc>,
    pub bases: Bases,
    pub files: BTreeMap<String, String>,
    pub matched: BTreeMap<String, Vec<String>>,
    pub operators: Vec<Operator>,
    pub barred: Vec<(String, String)>,
    pub signatures: BTreeMap<i64, Result<(), String>>,
}

impl Book {
    pub fn new() -> Self {
        let of = |(id, role): &(&str, &str)| Operator {
            id: (*id).to_owned(),
            name: (*id).to_owned(),
            roles: vec![(*role).to_owned()],
            ssh_principal: Some(format!("{id}@example.org")),
        };
        let digest = |text: &str| Some(text.to_owned());
        Self {
            runbook: Runbook { name: "two".to_owned(), environment: HERE.to_owned(), stages: vec![stage("one", &["a", "b"]), stage("two", &["c"])] },
            acts: Vec::new(),
            now: noon(),
            bases: Bases {
                config: "c1".to_owned(),
                configuration: "C1".to_owned(),
                source: digest("s1"),
                target: digest("t1"),
                run: digest("r1"),
                review: "w1".to_owned(),
                program: "dualrun 1".to_owned(),
                place: digest("p1"),
                ..Bases::default()
            },
            files: BTreeMap::new(),
            matched: BTreeMap::new(),
            operators: PEOPLE.iter().map(of).collect(),
            barred: Vec::new(),
            signatures: BTreeMap::new(),
        }
    }

    pub fn look(&self) -> Gated {
        let Self { runbook, acts, now, bases, files, matched, operators, barred, signatures } = self;
        look(&Known { runbook, acts, now: *now, bases, files, matched, operators, barred, signatures })
    }

    pub fn act(&mut self, actor: &str, deed: GateDeed) -> i64 {
        let id = i64::try_from(self.acts.len()).unwrap() + 1;
        self.acts.push(GateAct { id, service: "s".to_owned(), at: self.now, actor: actor.to_owned(), deed });
        id
    }

    pub fn evidence(&self, stage: &str, check: &str, outcome: Outcome) -> CheckEvidence {
        let digest = self.runbook.stage(stage).and_then(|s| s.check(check)).map(Check::digest).unwrap_or_default();
        let (config, program, run) = (self.bases.config.clone(), self.bases.program.clone(), self.bases.run.clone());
        CheckEvidence {
            stage: stage.to_owned(),
            check: check.to_owned(),
            environment: HERE.to_owned(),
            outcome,
            summary: outcome.word().to_owned(),
            observed: Vec::new(),
            stands_on: StandsOn { check: digest, config, program, run, ..StandsOn::default() },
        }
    }

    pub fn observe(&mut self, stage: &str, check: &str, outcome: Outcome) -> i64 {
        let evidence = self.evidence(stage, check, outcome);
        self.act("ci", GateDeed::Observe(Box::new(evidence)))
    }

    /// Signs what stands there now.
    pub fn sign(&mut self, person: &str, role: &str, stage: &str) -> i64 {
        let standing = self.look().standing;
        self.sign_seen(person, role, stage, &standing)
    }

    pub fn sign_seen(&mut self, person: &str, role: &str, stage: &str, seen: &GatesStanding) -> i64 {
        let binding = seen.stage(stage).unwrap().binding.clone();
        let sign = SignOff { stage: stage.to_owned(), environment: HERE.to_owned(), role: role.to_owned(), binding, seal: Seal::Attested };
        self.act(person, GateDeed::Sign(Box::new(sign)))
    }

    pub fn pass_all(&mut self) {
        for (stage, check) in [("one", "a"), ("one", "b"), ("two", "c")] {
            self.observe(stage, check, Outcome::Pass);
        }
    }

    /// Everything holds and is signed.
    pub fn green() -> Self {
        let mut book = Self::new();
        book.pass_all();
        for stage in ["one", "two"] {
            book.sign("ana", "finance", stage);
            book.sign("ben", "engineering", stage);
        }
        assert!(book.is_open(), "{:#?}", book.look().blockers);
        book
    }

    pub fn is_open(&self) -> bool {
        let gated = self.look();
        let open = gated.standing.outcome.opens();
        assert_eq!(open, gated.blockers.is_empty(), "what is open is not blocked: {:?}", gated.blockers);
        open
    }

    pub fn outcome(&self, stage: &str) -> Outcome {
        self.look().standing.stage(stage).unwrap().outcome
    }

    pub fn later(&mut self, seconds: i64) {
        self.now += TimeDelta::seconds(seconds);
    }
}

//! Waves over the known dual run, at every point of their way; and a runbook with the people who sign it.

use super::fake_workspace::{cad, day, now};
use chrono::TimeDelta;
use dualrun::app::gates::GateSetup;
use dualrun::domain::exact::Exact;
use dualrun::domain::flip::{
    Begun, CareLine, CareState, Change, Content, Direction, Expected, FlipDeed, FlipPack, FlipPlan, FlipRules, LeftOut, Look, PackLine, Payment,
    Point, Seen, Step, Told,
};
use dualrun::domain::gate::{
    Bound, Check, CheckEvidence, CheckKind, DatabasePlace, Forbidden, GateAct, GateDeed, LoaderPlace, ManualCheck, Metric, MetricCheck, Outcome,
    Place, Runbook, RunbookStage, SignatureRule, StandsOn,
};
use dualrun::domain::period::{Month, Period};
use dualrun::domain::person::Operator;
use dualrun::domain::run::DatabaseKind;
use dualrun::domain::side::Side;
use dualrun::domain::text::Untrusted;

const CANARY: &str = "sub-1004";
const SECOND: [&str; 2] = ["sub-1001", "sub-1002"];

fn line(id: &str, minor: i64) -> PackLine {
    let period = Period { start: day("2026-06-01"), end: day("2026-07-01") };
    let change = |content| Change { subscription: id.to_owned(), target_id: format!("T-{id}"), content };
    PackLine {
        subscription: id.to_owned(),
        customer: Untrusted::new("Acme Ltd"),
        plan: Untrusted::new("Large"),
        billed_through: period.start,
        expected: Expected { period, bill_on: period.end, net: cad(minor), tax: None },
        changes: vec![
            change(Content::SwitchOff { billed_through: period.start }),
            change(Content::LinkCharge { plan: "NC-1".to_owned(), metrics: vec!["cpu_seconds".to_owned()] }),
            change(Content::Confirm { first_period_start: period.start, first_bill_day: period.end }),
            change(Content::AttachPayment { customer: "cust-1".to_owned() }),
        ],
    }
}

fn waves() -> Vec<FlipPack> {
    let second = SECOND.iter().zip([20_000, 5_000]).map(|(id, minor)| line(id, minor)).collect();
    vec![
        FlipPack { wave: 1, from: "canary".to_owned(), lines: vec![line(CANARY, 20_000)] },
        FlipPack { wave: 2, from: "wave".to_owned(), lines: second },
    ]
}

/// Two waves, and two subscriptions in none.
pub fn plan() -> FlipDeed {
    let left = |id: &str, why: &str| LeftOut { subscription: id.to_owned(), why: vec![why.to_owned()] };
    FlipDeed::Planned(Box::new(FlipPlan {
        month: Month::parse("2026-05").unwrap(),
        run: 14,
        run_digest: "run".to_owned(),
        config_digest: "config-1".to_owned(),
        flip_digest: "flip".to_owned(),
        rules: FlipRules::default(),
        waves: waves(),
        left_out: vec![left("sub-1003", "its newest month differs by +45.87 CAD"), left("sub-1005", "the source does not bill it")],
    }))
}

/// The first wave begun in that direction.
pub fn begun(direction: Direction) -> FlipDeed {
    let pack = waves().remove(0);
    let begun = Begun { wave: 1, direction, pack: pack.digest(), phrase: pack.phrase(direction), certificate: None, run: Some(15), place: None };
    FlipDeed::Begun(Box::new(begun))
}

/// Some of its steps sent and read back in that direction.
pub fn steps(direction: Direction, steps: &[Step]) -> Vec<FlipDeed> {
    let of = |step: Step| Point { wave: 1, direction, step, subscriptions: vec![CANARY.to_owned()] };
    let deeds = |step: &Step| {
        [
            FlipDeed::Sending(of(*step)),
            FlipDeed::Answered { of: of(*step), told: vec![Told::Applied] },
            FlipDeed::ReadBack { of: of(*step), seen: vec![Seen::There] },
        ]
    };
    steps.iter().flat_map(deeds).collect()
}

/// The whole first wave brought there.
pub fn whole(direction: Direction) -> Vec<FlipDeed> {
    let mut order = Step::ALL.to_vec();
    if direction == Direction::Back {
        order.reverse();
    }
    let mut deeds = vec![begun(direction)];
    deeds.extend(steps(direction, &order));
    deeds.push(FlipDeed::Ended { wave: 1, direction });
    deeds
}

/// A look at the first invoice of the first wave.
pub fn looked(actual: i64, state: CareState) -> FlipDeed {
    let lines =
        vec![CareLine { subscription: CANARY.to_owned(), bill_on: day("2026-07-01"), expected: cad(20_000), actual: Some(cad(actual)), state }];
    FlipDeed::Looked(Box::new(Look {
        wave: 1,
        on: day("2026-07-01"),
        snapshot: "s".to_owned(),
        band_amount: Exact::ZERO,
        band_percent: Exact::ZERO,
        lines,
    }))
}

pub fn no_return() -> FlipDeed {
    let payment = Payment { subscription: CANARY.to_owned(), on: Some(day("2026-07-02")), amount: None };
    FlipDeed::PointOfNoReturn { wave: 1, payment }
}

/// As acts, an hour apart, the last an hour ago.
pub fn acts(deeds: Vec<FlipDeed>) -> Vec<GateAct> {
    let last = i64::try_from(deeds.len()).unwrap();
    let act = |(n, deed): (i64, FlipDeed)| GateAct {
        id: n,
        service: "nexacloud".to_owned(),
        at: now() - TimeDelta::hours(last - n + 1),
        actor: "ben".to_owned(),
        deed: GateDeed::Flip(Box::new(deed)),
    };
    (1..).zip(deeds).map(act).collect()
}

/// Evidence that both checks of the first stage pass, as the runbook asks them.
pub fn proven(gates: &GateSetup, run: &str) -> Vec<GateAct> {
    let stage = &gates.runbook.as_ref().unwrap().stages[0];
    let act = |(id, check): (i64, &Check)| {
        let stands_on = StandsOn {
            check: check.digest(),
            config: gates.config.clone(),
            program: gates.program.clone(),
            run: Some(run.to_owned()),
            place: gates.place.told(),
            ..StandsOn::default()
        };
        let evidence = CheckEvidence {
            stage: stage.id.clone(),
            check: check.id.clone(),
            environment: "production".to_owned(),
            outcome: Outcome::Pass,
            summary: "as it must be".to_owned(),
            observed: vec!["0 rows could not be read".to_owned()],
            stands_on,
        };
        let deed = GateDeed::Observe(Box::new(evidence));
        GateAct { id, service: "nexacloud".to_owned(), at: now() - TimeDelta::minutes(20), actor: "ben".to_owned(), deed }
    };
    (1..).zip(&stage.checks).map(act).collect()
}

fn check(id: &str, title: &str, kind: CheckKind) -> Check {
    Check { id: id.to_owned(), title: title.to_owned(), owner: None, observe_only: false, max_age_seconds: 3_600, kind }
}

/// The databases of the run, and the programs that would change them.
fn place() -> Place {
    let database =
        |side: Side, kind, user: &str| (side, DatabasePlace { kind, at: format!("{side}.db"), user: user.to_owned(), schemas: Vec::new() });
    let argv = vec!["./load.py".to_owned(), "--live".to_owned()];
    let loader = LoaderPlace::Command { argv, env: Vec::new(), files: [("./load.py".to_owned(), "d".to_owned())].into() };
    Place {
        databases: [database(Side::Source, DatabaseKind::Postgres, "dualrun_ro"), database(Side::Target, DatabaseKind::Sqlite, "")].into(),
        loaders: [(Side::Source, LoaderPlace::Pack { dir: "packs".to_owned() }), (Side::Target, loader)].into(),
        ..Place::default()
    }
}

/// A runbook of two stages, and two people who sign.
pub fn gates(signature: SignatureRule) -> GateSetup {
    let bound = Bound { at_least: None, at_most: Some(Exact::whole(0)) };
    let rejected = || CheckKind::Metric(MetricCheck { metric: Metric::RejectedRows, bound: bound.clone() });
    let manual = ManualCheck { statement: "support knows what to say to customers".to_owned(), attachment: false };
    let stage = |id: &str, title: &str, checks: Vec<Check>| RunbookStage {
        id: id.to_owned(),
        title: title.to_owned(),
        requires: vec!["the source's own data is sound, and all of it was read".to_owned()],
        environments: vec!["production".to_owned()],
        checks,
        signers: vec!["finance".to_owned(), "engineering".to_owned()],
        signature,
        forbids: vec![Forbidden { action: "switch any schedule".to_owned(), environments: vec!["production".to_owned()] }],
        reopened_by: Vec::new(),
        back_out: vec!["nothing was changed yet: nothing to undo".to_owned()],
        wait_seconds: 0,
        expires_seconds: None,
        freezes: Vec::new(),
    };
    let stages = vec![
        stage(
            "truth",
            "The source tells the truth",
            vec![check("rejected-rows", "every row was read", rejected()), check("support", "support is ready", CheckKind::Manual(manual))],
        ),
        stage("go-live", "Go live", vec![check("again", "still every row was read", rejected())]),
    ];
    let person = |id: &str, role: &str| Operator { id: id.to_owned(), name: id.to_owned(), roles: vec![role.to_owned()], ssh_principal: None };
    GateSetup {
        runbook: Some(Runbook { name: "nexacloud".to_owned(), environment: "production".to_owned(), stages }),
        operators: vec![person("ana", "finance"), person("ben", "engineering")],
        config: "config-1".to_owned(),
        configuration: "whole-1".to_owned(),
        program: "test".to_owned(),
        place: place(),
    }
}

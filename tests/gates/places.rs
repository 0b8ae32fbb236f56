//! Evidence and sign-offs are of the databases, months and files they were made on.

use crate::book::{Book, HERE, check};
use chrono::{DateTime, Utc};
use dualrun::domain::gate::{
    CheckEvidence, CheckKind, CheckStanding, DatabasePlace, Expectation, GateDeed, LogCheck, Outcome, Part, Place, SqlCheck, SqlOn, StandsOn,
};
use dualrun::domain::period::Month;
use dualrun::domain::profile::BasisRule;
use dualrun::domain::run::{DatabaseKind, Digests, Run, RunRequest, RunState, SnapshotInfo, Tally};
use dualrun::domain::side::Side;
use dualrun::gates::Bases;
use std::collections::BTreeMap;

fn databases(source: &str) -> BTreeMap<Side, String> {
    [(Side::Source, format!("postgres ro@{source}/app")), (Side::Target, "postgres ro@odoo/erp".to_owned())].into()
}

/// The first check of the first stage asks the source; the stage asks in staging, too.
fn asking() -> Book {
    let mut book = Book::new();
    let (sql, parameters, expects) = ("select 1".to_owned(), BTreeMap::new(), Expectation::NoRows);
    book.runbook.stages[0].checks[0].kind = CheckKind::Sql(SqlCheck { on: SqlOn::Source, sql, parameters, expects });
    book.runbook.stages[0].environments = vec!["staging".to_owned(), HERE.to_owned()];
    book.bases.databases = databases("app");
    book
}

fn observe(book: &mut Book, environment: &str, change: impl FnOnce(&mut StandsOn)) {
    let evidence = book.evidence("one", "a", Outcome::Pass);
    let mut evidence = CheckEvidence { environment: environment.to_owned(), ..evidence };
    change(&mut evidence.stands_on);
    book.act("ci", GateDeed::Observe(Box::new(evidence)));
}

fn standing(book: &Book, environment: &str) -> CheckStanding {
    let standing = book.look().standing;
    standing.stage("one").unwrap().checks.iter().find(|c| c.check == "a" && c.environment == environment).unwrap().clone()
}

#[test]
fn evidence_is_of_the_database_it_was_observed_at() {
    let mut book = asking();
    observe(&mut book, HERE, |on| on.place = databases("app"));
    assert_eq!(standing(&book, HERE).outcome, Outcome::Pass);
    book.bases.databases = databases("copy");
    let moved = standing(&book, HERE);
    assert_eq!((moved.outcome, moved.why.as_str()), (Outcome::Stale, "observed at postgres ro@app/app, and the source is postgres ro@copy/app now"));
    // The side that is not asked may be another.
    let mut book = asking();
    observe(&mut book, HERE, |on| {
        on.place = [(Side::Source, databases("app")[&Side::Source].clone()), (Side::Target, "elsewhere".to_owned())].into();
    });
    assert_eq!(standing(&book, HERE).outcome, Outcome::Pass);
    // Evidence of before places were kept says nothing about these.
    observe(&mut book, HERE, |_| ());
    let old = standing(&book, HERE);
    assert!(old.outcome == Outcome::Stale && old.why.contains("not kept where it was observed"), "{old:?}");
}

#[test]
fn an_environment_is_more_than_a_label() {
    let mut book = asking();
    observe(&mut book, "staging", |on| on.place = databases("app"));
    let label = standing(&book, "staging");
    assert_eq!(label.outcome, Outcome::Invalid);
    assert!(label.why.starts_with("observed at the databases of production"), "{label:?}");
    observe(&mut book, "staging", |on| on.place = databases("staging"));
    assert_eq!(standing(&book, "staging").outcome, Outcome::Pass);
    observe(&mut book, "staging", |_| ());
    assert_eq!(standing(&book, "staging").outcome, Outcome::Stale, "nobody knows where that was");
}

#[test]
fn a_sign_off_of_before_places_were_kept_counts_no_more_and_says_why() {
    let mut book = Book::green();
    for act in &mut book.acts {
        if let GateDeed::Sign(sign) = &mut act.deed {
            sign.binding.0.remove(&Part::Place);
        }
    }
    assert!(!book.is_open());
    let void = book.look().standing.stage("one").unwrap().void.clone();
    assert_eq!(void.len(), 2);
    assert!(void.iter().all(|v| v.why == format!("changed since: {}", Part::Place.word())), "{void:?}");
    // As it was read then it is read now: JSON without the part.
    let old = r#"{"deed":"observe","stage":"s","check":"c","environment":"p","outcome":"pass","summary":"","observed":[],
        "stands_on":{"check":"","config":"","program":"","run":null,"snapshots":[],"files":{}}}"#;
    let GateDeed::Observe(evidence) = serde_json::from_str(old).unwrap() else { panic!("{old}") };
    assert_eq!(evidence.stands_on, StandsOn::default());
    assert!(!serde_json::to_string(&evidence).unwrap().contains("months"), "and written as it was");
}

#[test]
fn a_metric_is_of_every_month_it_used() {
    let months = |may: &str| BTreeMap::from([("2026-04".to_owned(), "april".to_owned()), ("2026-05".to_owned(), may.to_owned())]);
    let mut book = Book::new();
    book.bases.months = months("may");
    observe(&mut book, HERE, |on| on.months = BTreeMap::from([("2026-04".to_owned(), "april".to_owned())]));
    assert_eq!(standing(&book, HERE).outcome, Outcome::Pass);
    book.bases.months = months("may, run again");
    assert_eq!(standing(&book, HERE).outcome, Outcome::Pass, "a month it did not use");
    book.bases.months.insert("2026-04".to_owned(), "april, a waiver over".to_owned());
    let stale = standing(&book, HERE);
    assert!(stale.outcome == Outcome::Stale && stale.why.starts_with("2026-04 stands otherwise since"), "{stale:?}");
    book.bases.months.clear();
    assert_eq!(standing(&book, HERE).outcome, Outcome::Stale, "a month without a run that counts");
}

#[test]
fn a_file_that_comes_later_is_part_of_what_is_judged() {
    let mut book = Book::new();
    let pattern = "logs/*.log".to_owned();
    let names = |names: &[&str]| BTreeMap::from([("logs/*.log".to_owned(), names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>())]);
    let log = CheckKind::Log(LogCheck { files: vec![pattern], events: vec!["x".to_owned()] });
    book.runbook.stages[0].checks[0] = dualrun::domain::gate::Check { kind: log, ..check("a") };
    book.matched = names(&["logs/a.log"]);
    observe(&mut book, HERE, |on| on.matched = names(&["logs/a.log"]));
    assert_eq!(standing(&book, HERE).outcome, Outcome::Pass);
    for (now, why) in [
        (names(&["logs/a.log", "logs/b.log"]), "logs/b.log came since, which logs/*.log names"),
        (names(&[]), "logs/a.log is gone since"),
        (BTreeMap::new(), "it cannot be told which files logs/*.log names now"),
    ] {
        book.matched = now;
        let stale = standing(&book, HERE);
        assert_eq!((stale.outcome, stale.why.as_str()), (Outcome::Stale, why));
    }
    book.matched = names(&["logs/a.log"]);
    observe(&mut book, HERE, |_| ());
    assert!(standing(&book, HERE).why.contains("not kept which files"), "evidence of before names were kept");
}

/// A run that counts, of a source at a place.
pub fn run_at(place: &str) -> Run {
    let at: DateTime<Utc> = crate::book::noon();
    let snapshot = SnapshotInfo {
        side: Side::Source,
        kind: DatabaseKind::Postgres,
        server: "PostgreSQL 15".to_owned(),
        place: place.to_owned(),
        transport: "local socket".to_owned(),
        snapshot: "s".to_owned(),
        server_clock: at,
        local_clock: at,
        writable_role: false,
    };
    let request = RunRequest {
        service: "s".to_owned(),
        month: Month::parse("2026-05").unwrap(),
        only: Vec::new(),
        dry_run: false,
        recheck_of: None,
        basis: BasisRule::DraftFirst,
        actor: "ci".to_owned(),
        program: "dualrun 1".to_owned(),
        config_digest: "c1".to_owned(),
    };
    Run {
        id: 7,
        request,
        state: RunState::Complete,
        started_at: at,
        finished_at: Some(at),
        tally: Tally::default(),
        digests: Digests { source: "s".to_owned(), target: "t".to_owned(), run: "r".to_owned() },
        snapshots: vec![snapshot],
        failure: None,
        recheck: None,
        current: true,
    }
}

#[test]
fn a_reconciliation_of_other_databases_counts_for_nothing_here() {
    let at = |at: &str| DatabasePlace { kind: DatabaseKind::Postgres, at: at.to_owned(), user: "ro".to_owned(), schemas: Vec::new() };
    let place = Place { databases: [(Side::Source, at("app:5432/app"))].into(), ..Place::default() };
    assert_eq!(Bases::of(Some(&place), Some(&run_at("app:5432/app"))).run.as_deref(), Some("r"));
    let away = Bases::of(Some(&place), Some(&run_at("staging:5432/app")));
    assert_eq!((&away.run, &away.source, &away.target), (&None, &None, &None));
    let mut book = Book::green();
    book.bases =
        Bases { config: book.bases.config.clone(), configuration: book.bases.configuration.clone(), program: book.bases.program.clone(), ..away };
    assert!(!book.is_open());
    let first = &book.look().blockers[0];
    assert_eq!(first.what, "run #7 read the source at postgres staging:5432/app, and it is postgres ro@app:5432/app now");
    assert!(first.remedy.contains("dualrun reconcile"), "{first:?}");
}

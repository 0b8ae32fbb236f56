//! The rules, one by one.

use crate::book::{Book, HERE, noon, stage};
use crate::places::run_at;
use chrono::TimeDelta;
use dualrun::app::standing::{Standing, assess};
use dualrun::domain::currency::Currency;
use dualrun::domain::finding::{About, Finding, Weight};
use dualrun::domain::gate::{BreakGlass, Freeze, GateDeed, Outcome, Part, Seal, SignatureRule};
use dualrun::domain::import::ImportStanding;
use dualrun::gates::{Gated, stakes};
use std::collections::BTreeMap;

#[test]
fn an_empty_runbook_and_an_empty_stage_prove_nothing() {
    let mut book = Book::new();
    book.runbook.stages.clear();
    let gated = book.look();
    assert_eq!(gated.standing.outcome, Outcome::Inconclusive);
    assert_eq!(gated.blockers.len(), 1);
    book.runbook.stages = vec![stage("one", &[])];
    book.sign("ana", "finance", "one");
    book.sign("ben", "engineering", "one");
    assert!(!book.is_open());
    assert_eq!(book.outcome("one"), Outcome::Inconclusive);
}

#[test]
fn checks_that_are_only_observed_neither_open_nor_shut() {
    let mut book = Book::new();
    book.runbook.stages[0].checks[1].observe_only = true;
    book.pass_all();
    book.observe("one", "b", Outcome::Fail);
    for stage in ["one", "two"] {
        book.sign("ana", "finance", stage);
        book.sign("ben", "engineering", stage);
    }
    assert!(book.is_open());
    book.runbook.stages[0].checks.remove(0);
    assert_eq!(book.outcome("one"), Outcome::Inconclusive, "a stage of observed checks only proves nothing");
}

#[test]
fn any_change_voids_a_sign_off_and_is_named() {
    type Change = fn(&mut Book);
    let changes: [(Part, Change); 9] = [
        (Part::Gate, |b| b.runbook.stages[1].requires.push("more".to_owned())),
        (Part::Configuration, |b| b.bases.configuration = "C2".to_owned()),
        (Part::SourceInputs, |b| b.bases.source = Some("s2".to_owned())),
        (Part::TargetInputs, |b| b.bases.target = Some("t2".to_owned())),
        (Part::Run, |b| b.bases.run = None),
        (Part::Review, |b| b.bases.review = "w2".to_owned()),
        (Part::Evidence, |b| {
            b.observe("two", "c", Outcome::Waived);
        }),
        (Part::Place, |b| b.bases.place = Some("p2".to_owned())),
        (Part::Program, |b| b.bases.program = "dualrun 2".to_owned()),
    ];
    for (part, change) in changes {
        let mut book = Book::green();
        change(&mut book);
        assert!(!book.is_open(), "{part:?}");
        let standing = book.look().standing;
        let void = &standing.stage("two").unwrap().void;
        assert_eq!(void.len(), 2, "{part:?}: {void:?}");
        assert!(void.iter().all(|v| v.why.contains(part.word())), "{part:?}: {void:?}");
    }
}

#[test]
fn the_same_evidence_over_another_snapshot_keeps_the_sign_offs() {
    let mut book = Book::green();
    book.later(600);
    let mut evidence = book.evidence("two", "c", Outcome::Pass);
    evidence.stands_on.snapshots = vec!["another".to_owned()];
    book.act("ci", GateDeed::Observe(Box::new(evidence)));
    assert!(book.is_open());
}

#[test]
fn evidence_goes_stale_by_age_and_by_what_it_stands_on() {
    let mut book = Book::green();
    book.later(3_600);
    assert!(book.is_open());
    book.later(1);
    assert_eq!(book.look().standing.stage("one").unwrap().checks[0].outcome, Outcome::Stale);

    let mut book = Book::new();
    let mut evidence = book.evidence("one", "a", Outcome::Pass);
    evidence.stands_on.files.insert("report.xml".to_owned(), "d1".to_owned());
    book.act("ci", GateDeed::Observe(Box::new(evidence)));
    let of = |book: &Book| book.look().standing.stage("one").unwrap().checks[0].clone();
    assert_eq!(of(&book).outcome, Outcome::Stale, "a file nobody can read is not the one that was read");
    book.files.insert("report.xml".to_owned(), "d1".to_owned());
    assert_eq!(of(&book).outcome, Outcome::Pass);
    book.now = noon() - TimeDelta::seconds(1);
    assert_eq!(of(&book).outcome, Outcome::Invalid, "evidence of the future");
}

#[test]
fn two_different_people_sign_each_in_a_role_of_theirs() {
    let mut book = Book::new();
    book.pass_all();
    book.sign("ana", "finance", "one");
    book.sign(" ANA", "engineering", "one");
    assert_eq!(book.look().standing.stage("one").unwrap().filled(), 0, "the last word of one person, in a role she does not have");
    book.sign("ana", "finance", "one");
    book.sign("cleo", "finance", "one");
    assert_eq!(book.look().standing.stage("one").unwrap().filled(), 1, "two of finance are not engineering");
    book.sign("eve", "engineering", "one");
    assert_eq!(book.look().standing.stage("one").unwrap().filled(), 1, "eve is nobody");
    book.sign("dov", "engineering", "one");
    assert_eq!(book.outcome("one"), Outcome::Pass);
    book.barred = vec![("Dov".to_owned(), "edited".to_owned())];
    assert_eq!(book.outcome("one"), Outcome::NotRun);
}

#[test]
fn a_no_is_lifted_only_by_who_said_it() {
    let mut book = Book::green();
    let no = book.act("cleo", GateDeed::NoGo { stage: "one".to_owned(), environment: HERE.to_owned(), reason: "not yet".to_owned() });
    assert_eq!(book.outcome("one"), Outcome::Fail);
    assert_eq!(book.outcome("two"), Outcome::NotRun, "the next stage waits");
    book.act("ana", GateDeed::Withdraw { act: no, reason: "I disagree".to_owned() });
    assert!(!book.is_open());
    book.act("cleo", GateDeed::Withdraw { act: no, reason: "settled".to_owned() });
    assert!(book.is_open());
}

#[test]
fn a_waiver_of_a_check_takes_two_people_and_is_about_one_piece_of_evidence() {
    let mut book = Book::new();
    book.pass_all();
    book.observe("one", "a", Outcome::Fail);
    let evidence = book.look().standing.stage("one").unwrap().checks[0].evidence.clone().unwrap();
    let expires = noon() + TimeDelta::minutes(30);
    let waive = GateDeed::WaiveCheck {
        stage: "one".to_owned(),
        check: "a".to_owned(),
        environment: HERE.to_owned(),
        evidence,
        reason: "known".to_owned(),
        expires,
        seal: Seal::Attested,
    };
    let outcome = |book: &Book| book.look().standing.stage("one").unwrap().checks[0].outcome;
    let id = book.act("ana", waive);
    assert!(book.look().blockers[0].remedy.contains(&format!("gates confirm {id}")), "{:?}", book.look().blockers);
    book.act("Ana ", GateDeed::confirm(id));
    book.act("eve", GateDeed::confirm(id));
    assert_eq!(outcome(&book), Outcome::Fail, "herself, and nobody");
    book.act("ben", GateDeed::confirm(id));
    assert_eq!(outcome(&book), Outcome::Waived);
    assert!(book.look().standing.waiting.is_empty());
    book.later(1_800);
    assert_eq!(outcome(&book), Outcome::Fail, "it expired");
    book.later(-1_800);
    let mut other = book.evidence("one", "a", Outcome::Fail);
    other.summary = "worse".to_owned();
    book.act("ci", GateDeed::Observe(Box::new(other)));
    assert_eq!(outcome(&book), Outcome::Fail, "it was about what was seen then");
}

#[test]
fn gates_wait_freeze_expire_and_open_again() {
    let mut book = Book::green();
    book.runbook.stages[1].wait_seconds = 60;
    book.sign("ana", "finance", "two");
    book.sign("ben", "engineering", "two");
    assert_eq!(book.outcome("two"), Outcome::NotRun);
    book.later(60);
    assert!(book.is_open());
    book.runbook.stages[1].expires_seconds = Some(100);
    book.sign("ana", "finance", "two");
    book.sign("ben", "engineering", "two");
    book.later(100);
    assert!(book.is_open());
    book.later(1);
    assert!(!book.is_open());

    let mut book = Book::green();
    book.runbook.stages[1].freezes = vec![Freeze { from: noon(), until: noon() + TimeDelta::hours(1), why: "month end".to_owned() }];
    book.sign("ana", "finance", "two");
    book.sign("ben", "engineering", "two");
    assert!(!book.is_open());
    assert!(book.look().standing.stage("two").unwrap().summary.contains("month end"));

    let mut book = Book::green();
    book.runbook.stages[0].reopened_by = vec!["two/c".to_owned()];
    book.sign("ana", "finance", "one");
    book.sign("ben", "engineering", "one");
    assert_eq!(book.outcome("one"), Outcome::Pass);
    book.observe("two", "c", Outcome::Fail);
    assert_eq!(book.outcome("one"), Outcome::Fail);
}

#[test]
fn a_name_alone_is_no_signature_where_one_is_asked_for() {
    let mut book = Book::new();
    book.runbook.stages[0].signature = SignatureRule::Signed;
    book.pass_all();
    let id = book.sign("ana", "finance", "one");
    book.sign("ben", "engineering", "one");
    assert_eq!(book.look().standing.stage("one").unwrap().filled(), 0);
    let seal = |principal: &str| Seal::Ssh { principal: principal.to_owned(), fingerprint: "SHA256:x".to_owned(), signature: "…".to_owned() };
    let put = |book: &mut Book, principal: &str| {
        if let GateDeed::Sign(sign) = &mut book.acts[usize::try_from(id).unwrap() - 1].deed {
            sign.seal = seal(principal);
        }
    };
    put(&mut book, "ana@example.org");
    assert_eq!(book.look().standing.stage("one").unwrap().filled(), 0, "nobody looked at the signature");
    book.signatures.insert(id, Err("another key".to_owned()));
    assert_eq!(book.look().standing.stage("one").unwrap().filled(), 0);
    book.signatures.insert(id, Ok(()));
    assert_eq!(book.look().standing.stage("one").unwrap().filled(), 1);
    put(&mut book, "ben@example.org");
    assert_eq!(book.look().standing.stage("one").unwrap().filled(), 0, "a principal that is another's");
}

/// The glass, to be broken here and now for an hour.
fn glass(book: &Book, blockers: &[String], stakes: BTreeMap<String, BTreeMap<Currency, i64>>) -> GateDeed {
    GateDeed::BreakGlass(Box::new(BreakGlass {
        reason: "the source dies tonight".to_owned(),
        blockers: blockers.to_vec(),
        stakes,
        configuration: Some(book.bases.configuration.clone()),
        place: book.bases.place.clone(),
        exposure: Vec::new(),
        expires: noon() + TimeDelta::hours(1),
        seal: Seal::Attested,
    }))
}

#[test]
fn broken_glass_takes_two_operators_ends_and_is_never_forgotten() {
    let mut book = Book::new();
    let broken = glass(&book, &[], BTreeMap::new());
    let id = book.act("ana", broken);
    for other in ["ana", "eve"] {
        book.act(other, GateDeed::confirm(id));
        assert!(book.look().standing.glass.is_none(), "{other}");
    }
    book.act("ben", GateDeed::confirm(id));
    assert_eq!(book.look().standing.glass.unwrap().confirmed_by, "ben");
    assert!(!book.is_open(), "the gates stay shut: only the flip is open");
    book.later(3_600);
    let standing = book.look().standing;
    assert!(standing.glass.is_none() && standing.glass_ever.len() == 1);
}

/// Nothing but a runbook.
fn standing<'a>(imports: &'a ImportStanding, gated: &'a Gated) -> Standing<'a> {
    Standing {
        latest: None,
        current: None,
        findings: &[],
        review: None,
        imports,
        inertness: None,
        inertness_digest: "",
        is_checked: true,
        config_digest: "",
        coverage_floor: 0,
        gates: Some(gated),
        flipped: "",
    }
}

#[test]
fn the_same_words_for_more_money_are_another_reason() {
    let cad = Currency::known("CAD").unwrap();
    let finding = |minor: i64| Finding {
        code: "negative_amount".to_owned(),
        side: About::Source,
        weight: Weight::Blocking,
        count: 3,
        ids: Vec::new(),
        money: [(cad, minor)].into(),
        message: "m".to_owned(),
        remedy: "r".to_owned(),
    };
    let mut book = Book::green();
    let (imports, run) = (ImportStanding::default(), run_at("db"));
    let assessed = |book: &Book, minor: i64| {
        let (gated, findings) = (book.look(), [finding(minor)]);
        assess(&Standing { current: Some(&run), findings: &findings, ..standing(&imports, &gated) })
    };
    let blockers = assessed(&book, 500).blockers;
    let words: Vec<String> = blockers.iter().map(|b| b.what.clone()).collect();
    let broken = glass(&book, &words, stakes(&blockers));
    let id = book.act("ana", broken);
    book.act("ben", GateDeed::confirm(id));
    for (minor, opens) in [(500, true), (499, true), (-500, true), (501, false), (i64::MIN, false)] {
        assert_eq!(assessed(&book, minor).opens(), opens, "{minor}");
    }
}

#[test]
fn broken_glass_opens_what_it_was_broken_for_and_nothing_else() {
    let mut book = Book::green();
    let imports = ImportStanding::default();
    let assessed = |book: &Book| {
        let gated = book.look();
        assess(&standing(&imports, &gated))
    };
    let blockers: Vec<String> = assessed(&book).blockers.into_iter().map(|b| b.what).collect();
    assert!(blockers.len() > 3 && !assessed(&book).opens());
    let mut break_it = |blockers: &[String]| {
        let broken = glass(&book, blockers, BTreeMap::new());
        let id = book.act("ana", broken);
        book.act("ben", GateDeed::confirm(id));
        assessed(&book).opens()
    };
    assert!(!break_it(&blockers[1..]), "something else blocks by now");
    assert!(break_it(&blockers));
    let here = book.bases.place.replace("by another loader".to_owned());
    assert!(!assessed(&book).opens(), "what changes the target is another by now");
    book.bases.place = here;
    assert!(assessed(&book).opens());
    book.act("cleo", GateDeed::NoGo { stage: "one".to_owned(), environment: HERE.to_owned(), reason: "wait".to_owned() });
    assert!(!assessed(&book).opens(), "nobody knew of that no");
}

//! What opens a gate that does not hold is vouched for as a sign-off is: by a name where that will do, else by a signature that holds.

use crate::book::{Book, HERE, noon};
use chrono::TimeDelta;
use dualrun::domain::gate::{BreakGlass, GateDeed, Outcome, Seal, SignatureRule};
use std::collections::BTreeMap;

fn key(principal: &str, fingerprint: &str) -> Seal {
    Seal::Ssh { principal: principal.to_owned(), fingerprint: fingerprint.to_owned(), signature: "…".to_owned() }
}

fn ana() -> Seal {
    key("ana@example.org", "SHA256:a")
}

fn ben() -> Seal {
    key("ben@example.org", "SHA256:b")
}

/// A check that fails in a stage that asks for signatures.
fn failing() -> Book {
    let mut book = Book::new();
    book.runbook.stages[0].signature = SignatureRule::Signed;
    book.pass_all();
    book.observe("one", "a", Outcome::Fail);
    book
}

fn waive(book: &mut Book, seal: Seal) -> i64 {
    let evidence = book.look().standing.stage("one").unwrap().checks[0].evidence.clone().unwrap();
    let (stage, check, environment) = ("one".to_owned(), "a".to_owned(), HERE.to_owned());
    let deed = GateDeed::WaiveCheck { stage, check, environment, evidence, reason: "known".to_owned(), expires: noon() + TimeDelta::hours(1), seal };
    sealed(book, "ana", deed)
}

/// An act, its signature looked at and found good.
fn sealed(book: &mut Book, actor: &str, deed: GateDeed) -> i64 {
    let id = book.act(actor, deed);
    book.signatures.insert(id, Ok(()));
    id
}

fn digest(book: &Book, id: i64) -> String {
    book.acts[usize::try_from(id).unwrap() - 1].deed.digest()
}

fn agree(book: &mut Book, id: i64, of: String, seal: Seal) -> i64 {
    sealed(book, "ben", GateDeed::Confirm { act: id, of, seal })
}

fn standing(book: &Book) -> (Outcome, String) {
    let check = book.look().standing.stage("one").unwrap().checks[0].clone();
    (check.outcome, check.why)
}

#[test]
fn a_waiver_by_name_alone_counts_only_where_names_will_do() {
    let mut book = failing();
    let id = waive(&mut book, Seal::Attested);
    assert!(book.look().standing.waiting.is_empty(), "nobody is asked to agree to what counts for nothing");
    book.act("ben", GateDeed::confirm(id));
    assert_eq!(standing(&book).0, Outcome::Fail);
    book.runbook.stages[0].signature = SignatureRule::Attested;
    let (outcome, why) = standing(&book);
    assert_eq!(outcome, Outcome::Waived);
    assert!(why.contains("by ana (attested) and ben (attested)"), "{why}");
}

#[test]
fn a_signed_waiver_takes_a_signed_agreement_to_that_very_waiver() {
    let mut book = failing();
    let id = waive(&mut book, ana());
    assert_eq!(book.look().standing.waiting.len(), 1);
    let of = digest(&book, id);
    book.act("ben", GateDeed::confirm(id));
    assert_eq!(standing(&book).0, Outcome::Fail, "by name");
    agree(&mut book, id, "of another".to_owned(), ben());
    assert_eq!(standing(&book).0, Outcome::Fail, "to another");
    agree(&mut book, id, of.clone(), ana());
    assert_eq!(standing(&book).0, Outcome::Fail, "with a principal that is not ben's");
    agree(&mut book, id, of.clone(), key("ben@example.org", "SHA256:a"));
    assert_eq!(standing(&book).0, Outcome::Fail, "two people with one key");
    let last = agree(&mut book, id, of, ben());
    assert_eq!(standing(&book), (Outcome::Waived, "waived until 2026-06-01 by ana and ben: known".to_owned()));
    book.signatures.insert(last, Err("a key that was taken out".to_owned()));
    assert_eq!(standing(&book).0, Outcome::Fail, "its signature holds no more");
    book.signatures.insert(last, Ok(()));
    book.signatures.remove(&id);
    assert_eq!(standing(&book).0, Outcome::Fail, "nobody looked at the first");
}

#[test]
fn the_glass_is_vouched_for_as_the_strictest_stage_asks() {
    let mut book = failing();
    let (place, configuration) = (book.bases.place.clone(), Some(book.bases.configuration.clone()));
    let terms = |seal| {
        let (reason, expires) = ("tonight".to_owned(), noon() + TimeDelta::hours(1));
        let (blockers, stakes, exposure) = (vec!["x".to_owned()], BTreeMap::new(), Vec::new());
        GateDeed::BreakGlass(Box::new(BreakGlass {
            reason,
            blockers,
            stakes,
            configuration: configuration.clone(),
            place: place.clone(),
            exposure,
            expires,
            seal,
        }))
    };
    let by_name = book.act("ana", terms(Seal::Attested));
    book.act("ben", GateDeed::confirm(by_name));
    let standing = book.look().standing;
    assert!(standing.glass.is_none());
    assert_eq!(standing.glass_ever.len(), 1, "that it was tried is told in every report");
    assert_eq!(standing.glass_ever[0].people(), ["ana (attested)", "ben (attested)"]);
    let signed = sealed(&mut book, "ana", terms(ana()));
    let of = digest(&book, signed);
    agree(&mut book, signed, of, ben());
    assert_eq!(book.look().standing.glass.unwrap().people(), ["ana", "ben"]);
}

#[test]
fn what_is_signed_says_all_of_it_and_no_name_adds_a_line() {
    let mut book = failing();
    let id = waive(&mut book, ana());
    let deed = book.acts[usize::try_from(id).unwrap() - 1].deed.clone();
    let message = deed.message("s", "ana\nstage \"other\"").unwrap();
    assert_eq!(message.lines().count(), 9, "{message}");
    assert!(message.starts_with("dualrun waiver of a check v1\nservice \"s\"\nstage \"one\"\ncheck \"a\"\n"), "{message}");
    let agreement = GateDeed::Confirm { act: id, of: deed.digest(), seal: Seal::Attested };
    assert!(agreement.message("s", "ben").unwrap().contains(&deed.digest()));
    // What was kept before there were seals is read, and written as it was.
    let old = r#"{"deed":"confirm","act":5}"#;
    let read: GateDeed = serde_json::from_str(old).unwrap();
    assert_eq!((&read, serde_json::to_string(&read).unwrap().as_str()), (&GateDeed::confirm(5), old));
}
